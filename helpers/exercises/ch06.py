"""Chapter 06, churn: reference answers, known mistakes, recall, terms and claims."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers import churn, data, segments
from helpers.exercises import Claim, Exercise, Mistake, Prediction, Question, Term, computed

BUYER = {"customer_id_col": "account_id", "datetime_col": "date"}
GONE = {"least_days": 90, "without_cycle_days": 180}  # the rule at which chapter 06 arrives
LAST_DAY = "2025-12-31"
WATCHED_FROM = pd.Timestamp("2023-01-01")


def _accounts() -> pd.DataFrame:
    """Return the customers: all accounts but our own stores, which cannot leave us."""
    accounts = data.read("accounts")
    return accounts[accounts["relation"] != "internal"].set_index("account_id")


def _orders() -> pd.DataFrame:
    orders = data.read("orders")
    return orders[orders["account_id"].isin(_accounts().index)]


def _silent_by(day: str) -> pd.DataFrame:
    table = churn.silent_losses(_orders(), **BUYER, observation_period_end=day, **GONE)
    return table.rename(columns={"lost": "gone"}).astype({"gone": bool}).set_index("account_id")


def _silent(day: str = LAST_DAY) -> pd.DataFrame:
    return computed(_silent_by, day)


def _there() -> pd.DataFrame:
    """Return the accounts that were customers on 1 January 2025: lost a year later? which kind?"""
    before = _silent("2024-12-31")
    there = before.index[~before["gone"]]
    lost = _silent()["gone"].reindex(there)
    return _accounts().reindex(there)[["kind", "province"]].assign(lost=lost)


# 6.1 -------------------------------------------------------------------------------------------


def _two_years() -> pd.DataFrame:
    """Return the customers of 2024 with their change (yuan) and on how many lists each stands."""
    orders = _orders()
    table = churn.revenue_losses(
        orders.assign(yuan=orders["quantity"] * orders["unit_price"]),
        **BUYER,
        monetary_value_col="yuan",
        before=("2024-01-01", "2024-12-31"),
        after=("2025-01-01", LAST_DAY),
    ).set_index("account_id")
    ended = churn.contract_losses(
        data.read("contracts"), customer_id_col="account_id", start="2025-01-01", end=LAST_DAY
    )
    there = _there()
    lists = (
        table.index.isin(ended.loc[ended["lost"].fillna(False), "account_id"]).astype(int)
        + table.index.isin(there.index[there["lost"]])
        + (table["kind"] == "gone")
    )
    return table.assign(lists=lists)


def _less(*, lists: int | None = None) -> pd.DataFrame:
    table = computed(_two_years)
    return table[(table["change"] < 0) & (True if lists is None else table["lists"] == lists)]


def _part(some: pd.DataFrame) -> float:
    return 100 * some["change"].sum() / _less()["change"].sum()


def _yuan_insight(percent: float) -> str:
    table = computed(_two_years)
    gained = -100 * table.loc[table["change"] > 0, "change"].sum() / _less()["change"].sum()
    return (
        f"No list names the customers behind {percent:.0f} % of the lost yuan. Not all of that is "
        "churn: orders swing, and for every 100 yuan that some bought less, others bought "
        f"{gained:.0f} more."
    )


UNLISTED = Exercise(
    "6.1",
    "Of all that customers of 2024 bought less in 2025 (the negative changes, in yuan), how many "
    "percent are due to customers on none of the three lists?",
    unit="%",
    answer=lambda: _part(_less(lists=0)),
    mistakes=[
        Mistake(
            lambda: 100 - _part(_less(lists=0)),
            "That is the part of those who are on a list; the question asks for the others.",
        ),
        Mistake(
            lambda: 100 * len(_less(lists=0)) / len(_less()),
            "You counted customers; the question weighs yuan.",
        ),
        Mistake(
            lambda: 100 * (computed(_two_years)["lists"] == 0).mean(),
            "You counted customers, also those who bought more; the question weighs lost yuan.",
        ),
        Mistake(
            lambda: _part(_less().query("kind == 'less'")),
            "Some who bought less are on the list of contracts or of silence: keep on == 0.",
        ),
        Mistake(
            lambda: _part(_less().query("kind == 'gone'")),
            "Those are the gone, and they are on the list of revenue; take those on no list.",
        ),
        Mistake(
            lambda: 100 * _less(lists=0)["change"].sum() / computed(_two_years)["change"].sum(),
            "The whole is the net change, gains included: take negative changes alone.",
        ),
        Mistake(
            lambda: (
                100
                * computed(_two_years).query("lists == 0")["change"].sum()
                / computed(_two_years)["change"].sum()
            ),
            "You forgot to keep the negative changes: gains are netted with losses.",
        ),
        Mistake(
            lambda: _part(computed(_two_years).query("lists == 0")),
            "Those on no list include some who bought more: keep their negative changes alone.",
        ),
        Mistake(
            lambda: -100 * _less(lists=0)["change"].sum() / computed(_two_years)["before"].sum(),
            "The whole is all revenue of 2024; the question asks for a part of what was lost.",
        ),
        Mistake(
            lambda: _part(_less(lists=0)) / 100,
            "That is a share from 0 to 1; the question asks for percent.",
        ),
        Mistake(
            lambda: _less(lists=0)["change"].sum(),
            "Those are the yuan; set them against all yuan lost.",
        ),
        Mistake(
            lambda: -_less(lists=0)["change"].sum(),
            "Those are the yuan; set them against all yuan lost.",
        ),
    ],
    insight=_yuan_insight,
    hints=(
        "Keep the rows of by_revenue with change below 0.",
        "Who is on no list? ….map(on) == 0, of their account_id.",
        "The sum of change of these, divided by the sum over all who bought less, times 100.",
    ),
    minutes=4,
)

# 6.2 -------------------------------------------------------------------------------------------


def _worst_years() -> dict:
    """Return the chapter's thousand years of pure chance, and the provinces that they imitate."""
    there = _there()
    rates = churn.loss_rate(there["lost"], by=there["province"])
    n, rate = rates["n"].to_numpy(), there["lost"].mean()
    by_chance = np.random.default_rng(0).binomial(n, rate, size=(1000, len(n))) / n
    return {"rates": rates, "by_chance": by_chance, "rate": rate}


def _as_bad(*, columns: slice = slice(None)) -> float:
    years = computed(_worst_years)
    worst = years["by_chance"][:, columns].max(axis=1)
    return 100 * (worst >= years["rates"]["rate"].max()).mean()


def _worse() -> float:
    years = computed(_worst_years)
    return 100 * (years["by_chance"].max(axis=1) > years["rates"]["rate"].max()).mean()


ONE_PROVINCE = (
    "You watched one province, or each for itself. We picked ours because it was the worst of all: "
    "compare with the worst of each year."
)

BY_CHANCE = Exercise(
    "6.2",
    "In how many percent of the 1,000 years of pure chance was the worst province at least as bad "
    "as our worst one was in 2025?",
    unit="%",
    answer=_as_bad,
    mistakes=[
        Mistake(
            lambda: _as_bad(columns=slice(0, 1)),
            ONE_PROVINCE,
        ),
        Mistake(
            lambda: 100 - _as_bad(),
            "That is the share of years in which the worst was better than ours: turn it round.",
        ),
        Mistake(
            lambda: (
                100
                * (
                    computed(_worst_years)["by_chance"]
                    >= computed(_worst_years)["rates"]["rate"].max()
                ).mean()
            ),
            ONE_PROVINCE,
        ),
        Mistake(_worse, "At least as bad: years that tie with ours count as well, so >=."),
        Mistake(
            lambda: 100 * computed(_worst_years)["by_chance"].max(axis=1).mean(),
            "That is how bad the worst province is in an average year; the question asks how many "
            "of the years are as bad as ours.",
        ),
        Mistake(lambda: 10 * _as_bad(), "That is the number of years; you want percent of 1,000."),
        Mistake(lambda: _as_bad() / 100, "That is a share from 0 to 1; say it in percent."),
        Mistake(
            lambda: (
                100
                * (
                    computed(_worst_years)["by_chance"].min(axis=1)
                    <= computed(_worst_years)["rates"]["rate"].min()
                ).mean()
            ),
            "That compares the best provinces; the question is about the worst.",
        ),
    ],
    insight=lambda percent: (
        f"Where every customer is as likely to leave as the next, {percent:.0f} years in 100 bring "
        "a province that looks this bad. "
        + (
            "So the worst on the list is no finding yet: ask next year's data, not this year's rep."
            if percent > 5
            else "That is rare: this province deserves a visit, and next year's data a look."
        )
    ),
    hints=(
        "by_chance has a row per year and a column per province.",
        "The worst of each year: by_chance.max(axis=1).",
        "Compare with rates['rate'].max(); the mean of True and False is a share.",
    ),
    minutes=4,
)

# 6.3 -------------------------------------------------------------------------------------------

CLUB = {"customer_id_col": "member_id", "datetime_col": "date"}


def _triangle() -> pd.DataFrame:
    return churn.retention_triangle(
        data.read("purchases"), **CLUB, observation_period_end=data.AS_OF, counts=True
    )


def _share_after(quarters: int, *, base: str = "observed") -> float:
    counts = computed(_triangle)
    there = counts[quarters].notna() if base == "observed" else slice(None)
    return 100 * counts[quarters].sum() / counts.loc[there, 0].sum()


def _shares_after(quarters: int) -> pd.Series:
    return 100 * computed(_triangle)[quarters] / computed(_triangle)[0]


TWO_YEARS_ON = Exercise(
    "6.3",
    "Of the club members who can be judged by now, how many percent bought in the eighth quarter "
    "after their first, each member counting once?",
    unit="%",
    tolerance=0.2,
    answer=lambda: _share_after(8),
    mistakes=[
        Mistake(
            lambda: _share_after(8, base="all"),
            "You divided by all members, also those whose eighth quarter has not come yet: for "
            "them nothing is known.",
        ),
        Mistake(
            lambda: _shares_after(8).fillna(0).mean(),
            "Cohorts that have not got there count as zero with you: not yet observed is not zero.",
        ),
        Mistake(
            lambda: _shares_after(8).mean(),
            "Each cohort counts once that way, the small like the large: sum members first.",
        ),
        Mistake(
            lambda: _share_after(7),
            "That is the seventh quarter after the first: the columns begin at 0.",
        ),
        Mistake(
            lambda: _share_after(9),
            "That is the ninth quarter after the first: the columns count quarters since.",
        ),
        Mistake(lambda: computed(_triangle)[8].sum(), "That is their number; set it against all."),
        Mistake(lambda: _share_after(8) / 100, "That is a share from 0 to 1; say it in percent."),
    ],
    insight="Who fills the empty corner with zeros sees the young cohorts die and rings an alarm "
    "that no member has caused.",
    hints=(
        "counts[8] holds how many bought; NaN where that quarter is still to come.",
        "Which rows are known? known = counts[8].notna().",
        "Sum of counts[8] divided by the sum of counts[0] over the known rows.",
    ),
    minutes=3,
)

# 6.4 -------------------------------------------------------------------------------------------


def _stays() -> pd.DataFrame:
    """Return each account's years as a customer, its years when we began to watch, and if lost."""
    table = _silent().join(_accounts()[["opened", "kind"]])
    last = table["last_purchase"].where(table["gone"], data.AS_OF)
    table["years"] = (last - table["opened"]).dt.days / 365.25
    table["entry"] = ((WATCHED_FROM - table["opened"]).dt.days / 365.25).clip(lower=0)
    return table


def _of_kind(kind: str | None = "enterprise") -> pd.DataFrame:
    table = computed(_stays)
    return table if kind is None else table[table["kind"] == kind]


def _stay_for(years: float, table: pd.DataFrame, *, entry: bool = True) -> float:
    """Return the percent that stay for longer than `years`."""
    curve = churn.survival_curve(
        table["years"], table["gone"], entry=table["entry"] if entry else None
    )
    return 100 * float(curve.loc[curve["time"] <= years, "survival"].iloc[-1])


def _old_enough(years: float = 8) -> pd.Series:
    return _of_kind()["years"] > years


EIGHT_YEARS = Exercise(
    "6.4",
    "How many percent of the enterprises stay for more than eight years?",
    unit="%",
    tolerance=0.2,
    answer=lambda: _stay_for(8, _of_kind()),
    mistakes=[
        Mistake(
            lambda: _stay_for(8, _of_kind(), entry=False),
            "Without entry you count the years before 2023, in which nobody could be seen to "
            "leave: too rosy.",
        ),
        Mistake(
            lambda: 100 * _old_enough().mean(),
            "That is how many are over eight by now; of the younger, many are still on their way.",
        ),
        Mistake(
            lambda: 100 * _old_enough()[_of_kind()["gone"]].mean(),
            "That is a part of those who left; those still there belong to it as well.",
        ),
        Mistake(
            lambda: _stay_for(8, _of_kind(None)),
            "Those are all customers; keep the rows whose kind is enterprise.",
        ),
        Mistake(
            lambda: 100 - _stay_for(8, _of_kind()),
            "That is how many have left by then: turn it round.",
        ),
        Mistake(
            lambda: _stay_for(8, _of_kind()) / 100,
            "That is a share from 0 to 1; say it in percent.",
        ),
    ],
    insight="Many leave within a few years, as if nobody cared; and yet some stay for ten and "
    "more. An average length of stay hides both.",
    hints=(
        "Keep the enterprises: stays[stays['kind'] == 'enterprise'].",
        "churn.survival_curve(…['years'], …['gone'], entry=…['entry']) gives the curve.",
        "The survival in the last row whose time is 8 or less, times 100.",
    ),
    minutes=5,
)

# 6.5 -------------------------------------------------------------------------------------------


def _last_lines() -> pd.DataFrame:
    """Return what the gone ordered on their last day of orders, with the terms agreed."""
    silent = _silent()
    lines = _orders().merge(silent[["last_purchase", "gone"]], on="account_id")
    lines = lines[lines["gone"] & (lines["date"] == lines["last_purchase"])]
    return lines.assign(terms_days=lines["account_id"].map(_accounts()["terms_days"]))


def _gone_with(condition: Callable[[pd.DataFrame], pd.Series]) -> list[str]:
    lines = computed(_last_lines)
    return sorted(lines.loc[condition(lines), "account_id"].unique())


def _days(lines: pd.DataFrame, column: str) -> pd.Series:
    return (lines[column] - lines["date"]).dt.days


def _shortened() -> list[str]:
    return _gone_with(lambda lines: _days(lines, "due") < lines["terms_days"])


def _recorded_as_terms() -> list[str]:
    reason = _accounts()["loss_reason_recorded"].reindex(_silent().index)
    return _silent().index[_silent()["gone"] & (reason == "short_termism")].to_list()


def _terms_insight(ids: object) -> str:
    truth = data.read("truth").set_index("id")["cause"]
    recorded = _accounts()["loss_reason_recorded"]
    known = recorded[recorded.notna()]
    right = (known == truth.reindex(known.index)).mean()
    true = sum(truth[each] == "short_termism" for each in ids)
    written = sum(recorded[each] == "short_termism" for each in ids)
    return (
        "Only an invented world can tell: of these "
        f"{len(ids)}, {true} did leave over our changing terms; the reps wrote so for {written}. "
        f"Of all reasons recorded, {100 * right:.0f} % are right. A trace in a table has no "
        "feelings to spare."
    )


SHORTENED = Exercise(
    "6.5",
    "Which gone accounts were given less time to pay on their last day of orders than agreed?",
    form="a set of ids",
    key="account_id",
    answer=_shortened,
    mistakes=[
        Mistake(
            _recorded_as_terms,
            "Those are the accounts for which the rep wrote short_termism: look at due and date, "
            "not at the reason.",
        ),
        Mistake(
            lambda: _gone_with(lambda lines: _days(lines, "paid") < lines["terms_days"]),
            "You compared the day of payment with the terms; early payers are good customers. "
            "Take due.",
        ),
        Mistake(
            lambda: _gone_with(lambda lines: lines["paid"] > lines["due"]),
            "Those paid late; the question is about the time that we gave them.",
        ),
        Mistake(
            lambda: _gone_with(lambda lines: _days(lines, "due") <= lines["terms_days"]),
            "Exactly the time agreed is all right: less time is <, not <=.",
        ),
        Mistake(
            lambda: _gone_with(lambda lines: _days(lines, "due") >= lines["terms_days"]),
            "The other way round: these had all the time agreed. Less time is <.",
        ),
    ],
    insight=_terms_insight,
    hints=(
        "last_lines holds what the gone ordered on their last day, with terms_days.",
        "The time that they were given: (due - date).dt.days.",
        "Less than terms_days: keep those rows, and their account_id, each once.",
    ),
    minutes=5,
)

# 6.6 -------------------------------------------------------------------------------------------

BUS_COST, LOSS_COST = 180_000, 15_000  # yuan a year; yuan per household, as in the chapter


def _leaving(buses: int) -> float:
    return 56 + 64 / 2**buses


def _best_buses(loss_cost: float = 2 * LOSS_COST) -> int:
    """Return how many buses pay when each further one is asked for itself."""
    buses = 0
    while (_leaving(buses) - _leaving(buses + 1)) * loss_cost > BUS_COST:
        buses += 1
    return buses


def _buses_that_pay_in_all(loss_cost: float = 2 * LOSS_COST) -> int:
    buses = 1
    while (_leaving(0) - _leaving(buses + 1)) * loss_cost > BUS_COST * (buses + 1):
        buses += 1
    return buses


BUSES = Exercise(
    "6.6",
    "A household that leaves now costs 30,000 yuan. How many buses should the estate run?",
    unit="buses",
    tolerance=0,
    answer=_best_buses,
    mistakes=[
        Mistake(
            lambda: _best_buses(LOSS_COST),
            "That is the answer at 15,000 yuan a household: a loss is dearer now, so more may pay.",
        ),
        Mistake(
            lambda: _best_buses() + 1,
            "The last of them saves less than it costs: stop one earlier.",
        ),
        Mistake(
            _buses_that_pay_in_all,
            "All buses together still save more than they cost, but the last ones do not: ask "
            "each further bus for itself.",
        ),
        Mistake(
            lambda: 6,
            "That is where fewest leave. Fewest is not cheapest: set the buses' cost against it.",
        ),
    ],
    insight="A loss twice as dear buys one bus more, no further: halving runs out fast. And on "
    "the best day of the best timetable, households still move out.",
    hints=(
        "Begin with the column of households kept by each further bus.",
        "Times 30,000 yuan: what does each further bus save?",
        "Count the buses that save more than 180,000 yuan.",
    ),
    minutes=3,
)

# 6.7 -------------------------------------------------------------------------------------------

MEMO = Exercise(
    "6.7",
    "A memo to Mr Zhang, at least 80 words: how many customers we lost, and how much to spend on "
    "keeping, by group",
    form="a memo",
    min_words=80,
    rubric={
        "says how many were lost, and by which definition": (
            "silent",
            "silence",
            "contract",
            "revenue",
            "definition",
            "cycle",
            "沉默",
            "合同",
        ),
        "gives yuan per customer and year for at least one group": (
            "yuan per customer",
            "yuan a customer",
            "yuan each",
            "yuan for each",
            "yuan a year",
            "yuan per enterprise",
            "yuan an enterprise",
            "元",
        ),
        "says where to spend nothing more, and why": (
            "nothing",
            "no more",
            "not spend",
            "zero",
            "0 yuan",
            "不花",
        ),
        "says how sure it is, and what would change it": (
            "uncertain",
            "interval",
            "between",
            "range",
            "few customers",
            "assum",
            "not sure",
            "不确定",
        ),
    },
    hints=(
        "Begin with the number and its definition, then the yuan.",
        "The last table has the best spend at the lowest and the highest rate that fit the data.",
        "End with what you do not know, and how next quarter will tell.",
    ),
    minutes=8,
)

EXERCISES = [
    UNLISTED,
    BY_CHANCE,
    TWO_YEARS_ON,
    EIGHT_YEARS,
    SHORTENED,
    BUSES,
    MEMO,
]

PREDICTIONS = [
    Prediction(
        "06.lists",
        "Of 100 customers who stand on at least one of the three lists, how many stand on all "
        "three?",
        unit="customers",
    ),
    Prediction(
        "06.spread",
        "If every customer were as likely to leave as the next, how many points would the worst "
        "and the best of our provinces still lie apart in a usual year?",
        unit="points",
    ),
    Prediction(
        "06.half",
        "After how many years as a customer has half of our accounts left?",
        unit="years",
        high=20,
    ),
    Prediction(
        "06.agree",
        "Where the rep recorded a reason and the diary holds a clue: in how many of 100 cases do "
        "the two say the same?",
        unit="cases",
    ),
]

RECALL = [
    Question(
        "Revenue lost is counted by calendar year. When does a customer who stopped in March "
        "2025 count as gone?",
        choices=["In March 2025", "At the end of 2025", "At the end of 2026"],
        right="At the end of 2026",
        because="It bought in 2025, so only a whole year without it says gone. Slow, but sure.",
    ),
    Question(
        "The province with the highest churn has nine customers. What do you do first?",
        choices=[
            "Replace its rep",
            "Ask how far nine customers swing by chance",
            "Leave it out of the table",
        ],
        right="Ask how far nine customers swing by chance",
        because="Small groups swing most: chance alone carries them to the ends of the table.",
    ),
    Question(
        "A cell of the retention triangle lies in the future. What belongs in it?",
        choices=["0", "Nothing (NaN)", "The cohort's last value"],
        right="Nothing (NaN)",
        because="Not yet observed is not zero.",
    ),
    Question(
        "A customer of six years is still there. What does that tell a survival curve?",
        choices=[
            "Nothing, we do not know when it will leave",
            "That it stayed for at least six years",
            "That customers stay for six years",
        ],
        right="That it stayed for at least six years",
        because="That is censoring: part of an answer, and too good to be thrown away.",
    ),
    Question(
        "Records begin in 2023. From what age on could we have seen a customer of 2015 leave?",
        right=8,
        unit="years",
        tolerance=0.5,
        because="Before that, leavers never entered our files: to count its first eight years as "
        "survived makes everybody look loyal.",
    ),
    Question(
        "All the buses together save more than they cost. Run one more?",
        choices=[
            "Yes",
            "Only if that one saves more than it costs",
            "Only if nobody would leave any more",
        ],
        right="Only if that one saves more than it costs",
        because="The sum may be splendid and its last part a loss: decide at the margin.",
    ),
    Question(
        "From chapter 05: two members have been silent for 60 days. Are both asleep?",
        choices=[
            "Yes, or neither is",
            "It depends on each one's own cycle",
            "It depends on what they spent",
        ],
        right="It depends on each one's own cycle",
        because="Sixty days are nothing to one and an age to another.",
    ),
]

TERMS = [
    Term("churn", "客户流失", "kèhù liúshī", "customers lost, by a stated definition, in a period"),
    Term("churn rate", "流失率", "liúshī lǜ", "share of the customers at the start who are lost"),
    Term("retention", "客户保留", "kèhù bǎoliú", "share of the customers at the start who stay"),
    Term("cohort", "同期群", "tóngqī qún", "all whose first purchase lies in one period"),
    Term("survival curve", "生存曲线", "shēngcún qūxiàn", "share still there, by length of stay"),
    Term("censored", "删失", "shānshī", "still there when last seen: stayed at least so long"),
    Term(
        "late entry",
        "延迟进入",
        "yánchí jìnrù",
        "watched only from a later age on, so not at risk before",
    ),
    Term("funnel plot", "漏斗图", "lòudǒu tú", "rates by group size, with what chance allows"),
    Term("leaky bucket", "漏桶", "lòu tǒng", "a firm that wins at the top and loses at the bottom"),
    Term("marginal cost", "边际成本", "biānjì chéngběn", "what one more costs"),
    Term(
        "total quality management",
        "全面质量管理",
        "quánmiàn zhìliàng guǎnlǐ",
        "everybody answers for quality, at every step",
    ),
]

# Claims ----------------------------------------------------------------------------------------

KINDS = ["enterprise", "public body", "agent", "shop", "professional"]


def _profit_of_2025() -> pd.DataFrame:
    return segments.account_profit(
        _orders(),
        *map(data.read, ["products", "touches", "tickets", "cost_rates"]),
        cost_of_capital=data.finance("cost_of_capital"),
        start="2025-01-01",
        end=LAST_DAY,
    ).set_index("account_id")


def _win_cost(kind: str) -> float:
    return data.finance("acquisition_cost_" + kind.replace(" ", "_"))


def _brings(kind: str = "enterprise") -> float:
    """Return yuan a year that a customer of this kind brings, once served."""
    there = _there()
    ids = there.index[there["kind"] == kind]
    return float(computed(_profit_of_2025)["profit"].reindex(ids).fillna(0).mean())


def _win_against_keep() -> tuple[dict, str]:
    there, profit = _there(), computed(_profit_of_2025)
    serve = profit["cost_to_serve"].reindex(there.index).fillna(0).groupby(there["kind"])
    mean, median = serve.mean(), serve.median()
    ratio = pd.Series({kind: _win_cost(kind) / mean[kind] for kind in KINDS}).sort_values()
    usual = _win_cost("enterprise") / median["enterprise"]
    figures = {"lowest": ratio.iloc[0], "highest": ratio.iloc[-1], "usual_enterprise": usual}
    return figures, (
        "To win one costs, against serving one for a year (all accounts there at the start of "
        f"2025), from {ratio.iloc[0]:.1f} times ({ratio.index[0]}) to {ratio.iloc[-1]:.1f} times "
        f"({ratio.index[-1]}). Against the median enterprise, which we hardly visit, it is "
        f"{usual:.1f} times."
    )


def _five_times(figures: dict) -> str:
    if figures["lowest"] >= 4 and figures["highest"] <= 8:
        return "holds"
    return "holds only if one chooses whom to count, and what: no single number does"


def _from_the_returning() -> tuple[dict, str]:
    profit, orders = computed(_profit_of_2025)["profit"], _orders()
    old = orders.loc[orders["date"] < "2025-01-01", "account_id"].unique()
    accounts = profit[profit.index.isin(old)].sum() / profit.sum()
    purchases = data.read("purchases")
    year = purchases[purchases["date"].dt.year == 2025]
    known = year["member_id"].isin(purchases.loc[purchases["date"] < "2025-01-01", "member_id"])
    first = ~purchases.sort_values(["date", "purchase_id"]).duplicated("member_id")
    again = ~first.reindex(year.index)
    club = year.loc[known, "margin"].sum() / year["margin"].sum()
    repeat = year.loc[again, "margin"].sum() / year["margin"].sum()
    figures = {"accounts": accounts, "club": club, "repeat": repeat}
    dear = " (the new cost more than they brought)" if accounts > 1 else ""
    return figures, (
        f"Customers of earlier years brought {100 * accounts:.0f} % of the accounts' profit of "
        f"2025{dear} and {100 * club:.0f} % of the club's margin, with "
        f"{100 * known.mean():.0f} of 100 purchases. Count every purchase but a member's first, "
        f"and it is {100 * repeat:.0f} %."
    )


def _forty_to_eighty(figures: dict) -> str:
    inside = [0.4 <= share <= 0.8 for share in figures.values()]
    if all(inside):
        return "holds"
    if any(inside):
        return "holds only if one picks the definition of returning, and the business"
    return "not supported"


def _sixty_percent() -> tuple[dict, str]:
    there, purchases = _there(), data.read("purchases")
    year = purchases["date"].dt.year
    then, now = (set(purchases.loc[year == each, "member_id"]) for each in (2024, 2025))
    needed = {kind: 1 - _brings(kind) / _win_cost(kind) for kind in KINDS}
    worst, best = max(needed, key=needed.get), min(needed, key=needed.get)
    figures = {
        "accounts": 1 - there["lost"].mean(),
        "club": len(then & now) / len(then),
        "lowest_needed": needed[best],
        "highest_needed": needed[worst],
    }
    return figures, (
        f"Over 2025 we kept {100 * figures['accounts']:.0f} % of the accounts and "
        f"{100 * figures['club']:.0f} % of the members. Must it be 60 %? What winning one cost "
        f'comes back {_from_retention(needed[best])} with the kind "{best}", and '
        f'{_from_retention(needed[worst])} with the kind "{worst}".'
    )


def _from_retention(needed: float) -> str:
    if needed > 1:
        return "never (they cost more to serve than they bring)"
    return "within a year" if needed <= 0 else f"from a retention of {100 * needed:.0f} %"


CLAIMS = [
    Claim(
        "T1",
        "Winning a customer costs 5 (also told as 2 to 6, 5 to 8) times keeping one.",
        answer=_win_against_keep,
        evidence=(
            "The earliest attribution is TARP, late 1980s; Loyalty Myths lists it as myth no. 8; "
            "Harvard Business Review is reported as saying 5 to 25, depending on the study. We "
            "found no primary measurement: take it as unverified."
        ),
        verdict=_five_times,
        would_change="what counts as keeping: a call, all service, or an offer to a leaver",
    ),
    Claim(
        "T5",
        "Returning customers bring 40 to 80 % of the profit; of 100 cars sold, 65 go to old "
        "customers.",
        answer=_from_the_returning,
        evidence="None that we know of: the courseware gives no source for either figure.",
        verdict=_forty_to_eighty,
        would_change="the age of the firm: one that opened last month has no old customers",
    ),
    Claim(
        "T6",
        "A firm must keep at least 60 % of its old customers over one year to succeed.",
        answer=_sixty_percent,
        evidence=(
            "None that we know of. One firm cannot test a law about firms; it can compute its own "
            "threshold: margin a year ÷ churn must pay what winning costs."
        ),
        verdict="not supported as one number for all: each group has a threshold of its own",
        would_change="data of many firms, with what each kept and how each fared",
    ),
]
