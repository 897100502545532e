"""Chapter 05, RFM and behaviour: reference answers, known mistakes, recall and terms."""

from __future__ import annotations

import pandas as pd

from helpers import data, segments
from helpers.exercises import Exercise, Mistake, Prediction, Question, Term, computed

CLUB = {"customer_id_col": "member_id", "datetime_col": "date"}
HELD_OUT = "autumn 2025"


def _year(year: int = 2025) -> pd.DataFrame:
    purchases = data.read("purchases")
    return purchases[purchases["date"].dt.year == year]


def _rfm_of(year: int) -> pd.DataFrame:
    table = segments.rfm(
        _year(year), **CLUB, monetary_value_col="amount", observation_period_end=f"{year}-12-31"
    )
    total = table[["r_score", "f_score", "m_score"]].sum(axis=1)
    table["band"] = pd.cut(total, [2, 6, 11, 15], labels=["low", "middle", "excellent"])
    return table


def _rfm(year: int = 2025) -> pd.DataFrame:
    return computed(_rfm_of, year)


# 5.1 -------------------------------------------------------------------------------------------


def _tidy_file() -> pd.DataFrame:
    """Return number and amount of each row of the raw file, readable."""
    raw = data.read("purchases_raw")
    text = raw["amount"].str.normalize("NFKC").str.replace(r"[^\d.\-]", "", regex=True)
    amount = pd.to_numeric(text.where(text.str.contains(r"\d", na=False)))
    return pd.DataFrame({"purchase_id": raw["purchase_id"].astype(int), "amount": amount})


def _tidy() -> pd.DataFrame:
    return computed(_tidy_file)


SENT_TWICE = Exercise(
    "5.1",
    "How many rows of `tidy` repeat an earlier row: the same purchase_id and the same amount?",
    unit="rows",
    tolerance=0,
    answer=lambda: _tidy().duplicated(["purchase_id", "amount"]).sum(),
    mistakes=[
        Mistake(
            lambda: data.read("purchases_raw").duplicated().sum(),
            "You looked in raw, where a copy may be spelt otherwise: compare what is tidy.",
        ),
        Mistake(
            lambda: data.read("purchases_raw").duplicated(["purchase_id", "amount"]).sum(),
            "You looked in raw, where the amount of a copy may be spelt otherwise: look in tidy.",
        ),
        Mistake(
            lambda: _tidy().duplicated("purchase_id").sum(),
            "That also counts sales taken back: same number, but the amount is negative.",
        ),
        Mistake(
            lambda: _tidy().duplicated(["purchase_id", "amount"], keep=False).sum(),
            "That counts the first of each pair too; only the later one is too many.",
        ),
        Mistake(
            lambda: (_tidy()["amount"] < 0).sum(),
            "Those are sales taken back, not rows sent in twice.",
        ),
    ],
    insight="Some copies look different and mean the same: whoever counts before tidying up misses "
    "them.",
    hints=(
        "duplicated(...) marks rows that repeat an earlier one.",
        "Give it the list of the two columns that must agree.",
        "True counts as 1: .sum().",
    ),
    minutes=2,
)

# 5.2 -------------------------------------------------------------------------------------------


def _silent(days: int = 90, *, by: str = "last_purchase") -> int:
    return int(((data.AS_OF - _rfm()[by]).dt.days > days).sum())


SILENT = Exercise(
    "5.2",
    "How many members who bought in 2025 made their last purchase more than 90 days before the end "
    "of the year?",
    unit="members",
    tolerance=0,
    answer=_silent,
    mistakes=[
        Mistake(
            lambda: _silent(89),
            "That counts those of exactly 90 days as well: more than 90 is > 90.",
        ),
        Mistake(
            lambda: _silent(by="first_purchase"),
            "You counted from the first purchase: recency looks at the last one.",
        ),
        Mistake(
            lambda: len(_rfm()) - _silent(),
            "Those are the ones who did buy in the last 90 days: turn the comparison round.",
        ),
        Mistake(
            lambda: ((data.AS_OF - _year()["date"]).dt.days > 90).sum(),
            "That counts purchases, and one member made many: take one row per member.",
        ),
        Mistake(
            lambda: _silent() + len(data.read("members")) - len(_rfm()),
            "You added members who bought nothing in 2025: they have no last purchase in it.",
        ),
        Mistake(
            lambda: _silent() / len(_rfm()),
            "That is their share, which .mean() gives; the question asks how many they are.",
        ),
        Mistake(
            lambda: 100 * _silent() / len(_rfm()),
            "That is their share in percent; the question asks how many they are.",
        ),
    ],
    insight="Silent, yes. Whether that is long depends on how often each of them used to come: "
    "section 3.",
    hints=(
        "by_hand has one row per member, and a column recency_days.",
        "Compare the column with 90; the result is True or False for each member.",
        "Count the True ones with .sum().",
    ),
    minutes=2,
)

# 5.3 -------------------------------------------------------------------------------------------


TOP_FIFTH = Exercise(
    "5.3",
    "How many percent of the club's sales of 2025 do the top fifth of the buying members bring?",
    unit="%",
    answer=lambda: 100 * segments.top_share(_rfm()["monetary"]),
    mistakes=[
        Mistake(
            lambda: 100 * _rfm()["monetary"].nlargest(20).sum() / _rfm()["monetary"].sum(),
            "Those are the 20 largest members; the top fifth is a share of their number.",
        ),
        Mistake(
            lambda: 100 * segments.top_share(_rfm()["n_purchases"]),
            "That is their share of the purchases; the question asks for yuan.",
        ),
        Mistake(
            lambda: (
                100
                * segments.top_share(data.read("purchases").groupby("member_id")["amount"].sum())
            ),
            "That is over all three years; the question asks for 2025.",
        ),
        Mistake(
            lambda: (
                100
                * segments.top_share(
                    pd.concat(
                        [
                            _rfm()["monetary"],
                            pd.Series(0.0, range(len(data.read("members")) - len(_rfm()))),
                        ]
                    )
                )
            ),
            "You counted members who bought nothing in 2025: the fifth is of those who bought.",
        ),
        Mistake(
            lambda: (
                100
                * _rfm().loc[_rfm()["band"] == "excellent", "monetary"].sum()
                / _rfm()["monetary"].sum()
            ),
            "That is the band 'excellent': it is cut by three scores, not by a fifth of the heads.",
        ),
    ],
    insight="Flatter than among the accounts of chapter 03: nobody buys a hundred mice for home.",
    hints=(
        "Chapter 03 had a helper for it: segments.top_share.",
        "It wants one value per member: rfm['monetary'].",
        "It gives a share; the question asks for percent.",
    ),
    minutes=3,
)

# 5.4 -------------------------------------------------------------------------------------------


def _cycles_at(end: str) -> pd.DataFrame:
    return segments.purchase_cycle(data.read("purchases"), **CLUB, observation_period_end=end)


def _cycles(end: str = "2025-12-31") -> pd.DataFrame:
    return computed(_cycles_at, end)


def _overlooked(end: str = "2025-12-31", *, cycles: float = 3, days: int = 90) -> int:
    table = _cycles(end)
    return int(((table["cycles_silent"] > cycles) & (table["silence_days"] <= days)).sum())


def _overlooked_and_those_at_three() -> int:
    table = _cycles()
    return int(((table["cycles_silent"] >= 3) & (table["silence_days"] <= 90)).sum())


def _overlooked_by_one_year() -> int:
    table = segments.purchase_cycle(_year(), **CLUB, observation_period_end="2025-12-31")
    return int(((table["cycles_silent"] > 3) & (table["silence_days"] <= 90)).sum())


OVERLOOKED = Exercise(
    "5.4",
    "On 31 December 2025, how many members have been silent for more than three of their own "
    "cycles, but not for more than 90 days?",
    unit="members",
    tolerance=0,
    answer=_overlooked,
    mistakes=[
        Mistake(
            lambda: _overlooked("2025-06-30"),
            "That is the end of June, as in the section; the question asks for 31 December.",
        ),
        Mistake(
            lambda: int((_cycles()["cycles_silent"] > 3).sum()),
            "Those are all who sleep by their own cycle; keep those silent for at most 90 days.",
        ),
        Mistake(
            lambda: int(
                ((_cycles()["cycles_silent"] > 3) & (_cycles()["silence_days"] > 90)).sum()
            ),
            "Those are asleep by both rules; you want those whom the 90 days overlook.",
        ),
        Mistake(
            lambda: int(
                ((_cycles()["cycles_silent"] <= 3) & (_cycles()["silence_days"] > 90)).sum()
            ),
            "The other way round: these are silent beyond 90 days, and within their own cycle.",
        ),
        Mistake(
            lambda: _overlooked(cycles=1),
            "More than one cycle of silence is nothing special; the rule here says three.",
        ),
        Mistake(
            _overlooked_and_those_at_three,
            "That counts those of exactly three cycles as well: more than three is > 3.",
        ),
        Mistake(
            lambda: _overlooked(days=89),
            "That leaves out those of exactly 90 days: 90 or less is <= 90.",
        ),
        Mistake(
            _overlooked_by_one_year,
            "You gave it the purchases of 2025 alone; a habit is told from all three years.",
        ),
    ],
    insight="They used to come every few weeks, so a card after 90 days comes late. Not all "
    "of them have gone: see the bar of the own cycle alone.",
    hints=(
        "Call segments.purchase_cycle as in the section, with observation_period_end=data.AS_OF.",
        "Two conditions in brackets, joined by &: cycles_silent > 3 and silence_days <= 90.",
        "Members without a cycle (NaN) drop out by themselves: NaN > 3 is False.",
    ),
    minutes=4,
)

# 5.5 -------------------------------------------------------------------------------------------


def _two_years() -> pd.DataFrame:
    bands = {
        str(year): _rfm(year).set_index("member_id")["band"].astype("object")
        for year in (2024, 2025)
    }
    return pd.DataFrame(bands).fillna("none")


def _newcomers(was: tuple[str, ...] = ("none",)) -> float:
    now = _two_years().query("`2025` == 'excellent'")
    return 100 * now["2024"].isin(was).mean()


NEWCOMERS = Exercise(
    "5.5",
    "Of the members who are excellent in 2025, how many percent did not buy at all in 2024?",
    unit="%",
    tolerance=0.5,
    answer=_newcomers,
    mistakes=[
        Mistake(
            lambda: _newcomers(("none", "low", "middle")),
            "Those are all who were not excellent in 2024; the question asks for the row 'none'.",
        ),
        Mistake(
            lambda: (
                100 * (_two_years()["2025"] == "excellent")[_two_years()["2024"] == "none"].mean()
            ),
            "That is the share of the row: of those who did not buy in 2024. Take the column as "
            "the whole.",
        ),
        Mistake(
            lambda: (
                100
                * ((_two_years()["2025"] == "excellent") & (_two_years()["2024"] == "none")).mean()
            ),
            "You divided by all members; the whole is the members excellent in 2025.",
        ),
        Mistake(
            lambda: (
                (_two_years()["2025"] == "excellent") & (_two_years()["2024"] == "none")
            ).sum(),
            "That is their number; divide by all who are excellent in 2025.",
        ),
        Mistake(
            lambda: _newcomers(("excellent",)),
            "Those were excellent before; you want those who bought nothing in 2024.",
        ),
        Mistake(
            lambda: (
                100 * (_two_years()["2025"] == "none")[_two_years()["2024"] == "excellent"].mean()
            ),
            "The years are swapped: these were excellent in 2024 and bought nothing in 2025.",
        ),
    ],
    insight="Many of them had only just joined: next year's best are not on this year's list. "
    "Segments want a date, and a next one.",
    hints=(
        "The column 'excellent' of the table holds all who are excellent in 2025.",
        "Its entry in the row 'none' are those who did not buy in 2024.",
        "Entry divided by the column's sum, times 100.",
    ),
    minutes=3,
)

# 5.6 -------------------------------------------------------------------------------------------

COLUMNS = ["recency_days", "n_purchases", "monetary"]

UNSCALED = Exercise(
    "5.6",
    "K-means on the raw columns, days and yuan as they are: which column decides the groups?",
    form="a choice",
    choices=tuple(COLUMNS),
    answer=lambda: _rfm()[COLUMNS].var().idxmax(),
    mistakes=[
        Mistake(
            lambda: "recency_days",
            "Days run over hundreds; another column runs over thousands, and then come squares.",
        ),
        Mistake(
            lambda: "n_purchases",
            "It has the smallest spread of the three: in the distance it hardly shows.",
        ),
    ],
    insight="Measure it in 万元 instead of yuan, and the groups change: nothing about the members "
    "did. That is why columns are scaled first.",
    hints=(
        "K-means adds squared differences over the columns.",
        "Which column has the largest spread? rfm[[...]].std() shows it.",
    ),
    minutes=2,
)

# 5.7 -------------------------------------------------------------------------------------------


def _launch() -> dict:
    """Return who knew us before the newest product came, and who bought it within a year."""
    products, purchases = data.read("products"), data.read("purchases")
    newest = products.loc[products["launched"].idxmax()]
    day = newest["launched"]
    before = purchases[purchases["date"] < day]
    year = purchases["date"].between(day, day + pd.Timedelta(days=364))
    buyers = set(purchases.loc[year & (purchases["sku"] == newest["sku"]), "member_id"])
    return {"before": before, "buyers": buyers, "known": set(before["member_id"])}


def _lift(sku: str = "HS03", *, whole: str = "known") -> float:
    launch = computed(_launch)
    owners = set(launch["before"].loc[launch["before"]["sku"] == sku, "member_id"])
    whole = launch["known"] if whole == "known" else set(data.read("members")["member_id"])
    rate = len(owners & launch["buyers"]) / len(owners)
    return rate / (len(whole & launch["buyers"]) / len(whole))


def _owners(sku: str = "HS03") -> set[str]:
    before = computed(_launch)["before"]
    return set(before.loc[before["sku"] == sku, "member_id"])


def _lift_of_line() -> float:
    products = data.read("products")
    before, buyers = computed(_launch)["before"], computed(_launch)["buyers"]
    line = products.loc[products["line"] == "headsets", "sku"]
    owners = before.loc[before["sku"].isin(line), "member_id"].drop_duplicates()
    return owners.isin(buyers).mean() / before["member_id"].drop_duplicates().isin(buyers).mean()


def _lift_by_purchases() -> float:
    before, buyers = computed(_launch)["before"], computed(_launch)["buyers"]
    bought = before.loc[before["sku"] == "HS03", "member_id"]
    return bought.isin(buyers).mean() / before["member_id"].drop_duplicates().isin(buyers).mean()


LIFT = Exercise(
    "5.7",
    "Lift of the newest product among members who had bought HS03 before it came",
    unit="times",
    tolerance=0.02,
    answer=_lift,
    mistakes=[
        Mistake(
            lambda: len(_owners() & computed(_launch)["buyers"]) / len(_owners()),
            "That is the share of them who bought; set it against the share of all known members.",
        ),
        Mistake(
            lambda: (
                len(_owners() & computed(_launch)["buyers"])
                / len(computed(_launch)["buyers"] & computed(_launch)["known"])
            ),
            "That is the share of HS03 owners among the buyers: turn the question round.",
        ),
        Mistake(
            lambda: _lift(whole="all"),
            "You compared with all members, those who joined later too; take those known by then.",
        ),
        Mistake(lambda: 1 / _lift(), "Upside down: theirs is divided by that of all."),
        Mistake(
            lambda: _lift() - 1,
            "That is how much likelier than all; lift is the ratio itself, 1 for as likely as all.",
        ),
        Mistake(
            _lift_of_line,
            "That is the line of headsets as a whole; keep the rows of the product HS03.",
        ),
        Mistake(
            _lift_by_purchases,
            "You counted purchases: who bought HS03 twice counts twice. Take each member once.",
        ),
    ],
    insight="Who bought the dear headset is the likelier to buy the dearest one. Is it the "
    "headset, or a member who buys a lot of everything? A lift alone cannot say.",
    hints=(
        "Take the member_id of the rows of `before` with sku HS03, each member once: "
        "drop_duplicates().",
        "What share of them is in `buyers`? .isin(buyers) says True or False.",
        "Divide by `base`, the share among all known members.",
    ),
    minutes=4,
)

# 5.8 -------------------------------------------------------------------------------------------


def _trial_of(campaign: str, assigned: str = "random", days: int = 30) -> pd.DataFrame:
    """Return the members of a campaign: mailed, margin after it, purchases in the year before.

    The margin is that of so many purchases at the mean, as in the chapter: half the noise.
    """
    mailings, purchases = data.read("mailings"), data.read("purchases")
    listed = mailings[(mailings["campaign"] == campaign) & (mailings["assigned"] == assigned)]
    day = listed["date"].iloc[0]
    before = purchases["date"].between(day - pd.Timedelta(days=365), day - pd.Timedelta(days=1))
    after = (purchases["date"] > day) & (purchases["date"] <= day + pd.Timedelta(days=days))
    trial = listed.set_index("member_id")[["mailed"]]
    trial["margin"] = purchases[after].groupby("member_id").size() * purchases["margin"].mean()
    trial["n_purchases"] = purchases[before].groupby("member_id").size()
    return trial.fillna({"margin": 0.0, "n_purchases": 0})


def _some(low: int = 1, high: int = 20, *, assigned: str = "random") -> pd.DataFrame:
    trial = computed(_trial_of, HELD_OUT, assigned)
    return trial[trial["n_purchases"].between(low, high)]


def _extra(members: pd.DataFrame) -> float:
    mean = members.groupby("mailed")["margin"].mean()
    return mean[True] - mean[False]


def _give_or_take(members: pd.DataFrame) -> float:
    """Return two standard errors of what a letter added, in yuan."""
    margin = members.groupby("mailed")["margin"]
    return 2 * (margin.var() / margin.size()).sum() ** 0.5


EXTRA = Exercise(
    "5.8",
    "Autumn 2025, the part drawn by lot, members with 1 to 20 purchases in the year before: by how "
    "many yuan did a letter change the margin of the 30 days after?",
    unit="yuan per letter",
    tolerance=0.06,
    answer=lambda: _extra(_some()),
    mistakes=[
        Mistake(
            lambda: _some().query("mailed")["margin"].mean(),
            "That is what the mailed brought; most of it would have come without a letter.",
        ),
        Mistake(
            lambda: _some().query("~mailed")["margin"].mean(),
            "That is what those without a letter brought: the half to compare with.",
        ),
        Mistake(
            lambda: 100 * _extra(_some()) / _some().query("~mailed")["margin"].mean(),
            "That is the change in percent; the question asks for yuan.",
        ),
        Mistake(
            lambda: _extra(_some(2, 19)),
            "You left out those with exactly 1 or 20 purchases: both ends belong.",
        ),
        Mistake(
            lambda: _extra(computed(_trial_of, HELD_OUT, "random")),
            "That is the whole trial; keep the members with 1 to 20 purchases.",
        ),
        Mistake(
            lambda: _extra(_some(assigned="chosen")),
            "That is the chosen part: there the mailed were the top spenders, so two kinds of "
            "people are compared.",
        ),
        Mistake(
            lambda: _extra(_some()) - 3,
            "You took off the cost of the letter; the question asks for the margin alone.",
        ),
        Mistake(
            lambda: (
                _some().query("mailed")["margin"].sum() - _some().query("~mailed")["margin"].sum()
            ),
            "Those are sums, and the two halves differ in number: compare means.",
        ),
    ],
    insight=lambda extra: (
        f"A letter costs 3 yuan, so a thousand of these letters "
        f"{'earn' if extra > 3 else 'lose'} about {abs(1000 * (extra - 3)):,.0f} yuan here. But "
        f"chance alone gives or takes {_give_or_take(_some()):.0f} yuan a letter: say so when you "
        "report it."
    ),
    hints=(
        "held_out has n_purchases, mailed and margin: between(1, 20) keeps the rows.",
        "groupby('mailed')['margin'].mean() gives the two means.",
        "What came because of the letter is one mean less the other.",
    ),
    minutes=4,
)

# 5.9 -------------------------------------------------------------------------------------------

MEMO = Exercise(
    "5.9",
    "A memo to Mr Zhang, at least 80 words: whom to write to next, what it should bring, on what "
    "evidence, and how you would know that you were wrong",
    form="a memo",
    min_words=80,
    rubric={
        "says who gets a letter, by a rule that a clerk could follow": (
            "purchases a",
            "purchases in",
            "rfm",
            "cycle",
            "band",
            "members with",
            "次",
            "会员",
        ),
        "gives the expected profit in yuan": ("yuan", "¥", "rmb", "元"),
        "rests on those who got no letter, not on what the mailed bought": (
            "without a letter",
            "without one",
            "not mailed",
            "no letter",
            "random",
            "by lot",
            "control",
            "anyway",
            "对照",
        ),
        "says how sure it is, and keeps some back to check": (
            "chance",
            "uncertain",
            "give or take",
            "±",
            "not sure",
            "to check",
            "keep back",
            "hold back",
            "不确定",
        ),
    },
    hints=(
        "Begin with the rule, and the number of letters per 1,000 members.",
        "Profit is letters × (extra margin − cost), with its give or take.",
        "End with the members whom you leave without a letter, by lot, to measure next time.",
    ),
    minutes=10,
)

EXERCISES = [
    SENT_TWICE,
    SILENT,
    TOP_FIFTH,
    OVERLOOKED,
    NEWCOMERS,
    UNSCALED,
    LIFT,
    EXTRA,
    MEMO,
]

PREDICTIONS = [
    Prediction(
        "05.faults",
        "Of 100 rows that the shops sent in, how many have at least one fault?",
        unit="rows",
    ),
    Prediction(
        "05.sleepers",
        "Of 100 members whom only the 90-day rule called asleep, how many bought again within half "
        "a year?",
        unit="members",
    ),
    Prediction(
        "05.stayed",
        "Of 100 members who were excellent in 2024, how many still were in 2025?",
        unit="members",
    ),
    Prediction(
        "05.moved",
        "Whom does a letter move most: who brings the largest extra margin per letter?",
        choices=(
            "those who buy most (more than 20 purchases a year)",
            "those in the middle (1 to 20 purchases)",
            "those who have stopped (none for a year)",
        ),
    ),
]

RECALL = [
    Question(
        "Two members with equal purchases get the F-scores 2 and 3. What went wrong?",
        choices=[
            "Nothing: fifths must be equally large",
            "The ranking broke ties by the order of the file",
            "One of them bought more yuan",
        ],
        right="The ranking broke ties by the order of the file",
        because="Equal customers must get equal scores; classes of equal size are worth less.",
    ),
    Question(
        "A member buys every 100 days and has been silent for 95. Asleep?",
        choices=[
            "Yes: more than 90 days",
            "No: less than one cycle of her own",
            "It depends on the average member",
        ],
        right="No: less than one cycle of her own",
        because="Silence is long or short only against the customer's own habit.",
    ),
    Question(
        "A line of a campaign report reads: the mailed bought for 80 yuan each. What is missing?",
        choices=[
            "What those without a letter bought",
            "The cost of the letter",
            "The number of letters",
        ],
        right="What those without a letter bought",
        because="The others would be nice too; only this says what came *because of* the letter.",
    ),
    Question(
        "Which data tell whether a letter works?",
        choices=[
            "The mailed before and after",
            "The top spenders mailed, the others not",
            "Mailed or not, drawn by lot",
        ],
        right="Mailed or not, drawn by lot",
        because="The lot makes two groups that differ in the letter alone.",
    ),
    Question(
        "K-means finds three groups on one sample, and three others on the next. What follows?",
        choices=[
            "Take more groups",
            "Do not build a policy on them",
            "Average the two",
        ],
        right="Do not build a policy on them",
        because="Groups that a fresh sample does not find again are in the sample, not in the "
        "market.",
    ),
    Question(
        "What does frequency count in RFM, and what in lifetime value (chapter 09)?",
        choices=[
            "The same",
            "All purchases; repeat purchases only",
            "Yuan; purchases",
        ],
        right="All purchases; repeat purchases only",
        because="Two traditions, one word: say which you mean.",
    ),
    Question(
        "From chapter 03: top 20 customers and top 20 % of customers. The same?",
        choices=["Yes", "Only with 100 customers", "Only with 20 customers"],
        right="Only with 100 customers",
        because="One is a number, the other a share: they meet where a fifth of all is 20.",
    ),
]

TERMS = [
    Term("RFM", "近度频度额度", "jìndù píndù édù", "recency, frequency, monetary value"),
    Term("recency", "近度", "jìndù", "days since the last purchase, at a stated day"),
    Term("frequency", "频度", "píndù", "number of purchases in a stated period"),
    Term(
        "monetary value",
        "额度",
        "édù",
        "what a customer spent, in total or each time",
    ),
    Term(
        "purchase cycle",
        "购买周期",
        "gòumǎi zhōuqī",
        "the usual time from one purchase to the next",
    ),
    Term(
        "sleeping customer", "沉睡客户", "chénshuì kèhù", "silent for long against their own cycle"
    ),
    Term(
        "segment migration",
        "客户迁移",
        "kèhù qiānyí",
        "how customers change class from year to year",
    ),
    Term("k-means", "K均值聚类", "K jūnzhí jùlèi", "groups around k centres, by distance"),
    Term(
        "look-alike", "相似客户", "xiāngsì kèhù", "a past customer whose early signs are the same"
    ),
    Term(
        "lift",
        "提升度",
        "tíshēngdù",
        "how many times likelier a purchase is in a group than in all",
    ),
    Term(
        "control group",
        "对照组",
        "duìzhàozǔ",
        "customers kept without the treatment, by lot, to measure what it adds",
    ),
]
