"""Chapter 02, value and loyalty: reference answers, known mistakes, recall, terms and claims."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from helpers import data, segments
from helpers.exercises import Claim, Exercise, Mistake, Prediction, Question, Term, computed

PARTS = ["quality", "service", "price"]
HALF_YEAR = 182  # days
BUDGET = 100_000  # yuan


def _survey() -> pd.DataFrame:
    return data.read("survey")


def _weights(answers: pd.DataFrame, of: str = "overall", *, against: bool = False) -> pd.Series:
    """Return how far the column `of` moves with a point of each part (least squares).

    `against`: with a point by which we are ahead of the rival in each.
    """
    scores = answers[PARTS].to_numpy(dtype=float)
    if against:
        scores = scores - answers[[f"rival_{part}" for part in PARTS]].to_numpy()
    columns = np.column_stack([scores, np.ones(len(answers))])
    return pd.Series(np.linalg.lstsq(columns, answers[of], rcond=None)[0][:3], index=PARTS)


def _sorted_answers() -> pd.DataFrame:
    """Return the answers with what was bought, and the fields by words and by deeds."""
    tables = {name: data.read(name) for name in ("survey", "contacts", "purchases", "orders")}
    answers = segments.survey_outcomes(**tables, days=HALF_YEAR)
    satisfied = answers["overall"] >= 4
    return answers.assign(
        by_words=_field(satisfied, answers["intends_to_return"] >= 4),
        by_deeds=_field(satisfied, answers["bought"]),
    )


def _field(satisfied: pd.Series, loyal: pd.Series) -> np.ndarray:
    names = ["apostle", "mercenary", "hostage"]
    return np.select([satisfied & loyal, satisfied, loyal], names, "defector")


def _answers() -> pd.DataFrame:
    return computed(_sorted_answers)


def _members() -> pd.DataFrame:
    return _answers()[_answers()["respondent"].str.startswith("M")]


# 2.1 -------------------------------------------------------------------------------------------

LAYERS = {
    "architecture": "travellers",
    "keypads": "local drivers",
    "guide": "travellers",
    "solar": "environmentally minded",
}


def _layers(**moved: str) -> pd.Series:
    return pd.Series(LAYERS | moved, name="group").rename_axis("layer")


STATION = Exercise(
    "2.1",
    "For which group, first of all, is each layer of the filling station: architecture, keypads, "
    "guide, solar?",
    form="a Series",
    key="layer",
    unit="one of travellers, local drivers, environmentally minded",
    answer=_layers,
    mistakes=[
        Mistake(
            lambda: _layers(architecture="local drivers"),
            "Striking colours stop those who do not know the place. Locals know where it is.",
        ),
        Mistake(
            lambda: _layers(guide="local drivers"),
            "Who drives the same road every day needs no guide to it.",
        ),
        Mistake(
            lambda: _layers(keypads="travellers"),
            "A minute saved counts most for those who fill up here each week.",
        ),
        Mistake(
            lambda: _layers(architecture="local drivers", guide="local drivers"),
            "Who has never been here before must be stopped and shown the way: not the locals.",
        ),
        Mistake(
            lambda: _layers(solar="travellers"),
            "Solar panels neither stop nor guide anybody: for whom are they a reason of their own?",
        ),
        Mistake(
            lambda: (
                pd.Series(LAYERS, name="group")
                .map(dict.fromkeys(LAYERS.values(), "travellers"))
                .rename_axis("layer")
            ),
            "If all were for travellers, one could close the station to the others.",
        ),
    ],
    insight="Our reading; the courseware only says that the three value different layers. The shop "
    "is the one layer that all three use.",
    hints=(
        "Ask of each layer: who would miss it?",
        "One group passes once, one comes every week, one looks at the roof.",
        'Written as {"architecture": "travellers", …}, with the four names as keys.',
    ),
    minutes=3,
)

# 2.2 -------------------------------------------------------------------------------------------

NO_VALUE = Exercise(
    "2.2",
    "Move the scores from 1-5 to 0-4. For how many answers has (quality + service) / price no "
    "value, because the price is 0?",
    unit="answers",
    tolerance=0,
    answer=lambda: (_survey()["price"] == 1).sum(),
    mistakes=[
        Mistake(
            lambda: (_survey()["price"] == 0).sum(),
            "In the file scores run from 1 to 5: what becomes 0 after you take 1 off?",
        ),
        Mistake(
            lambda: (_survey()["price"] == 5).sum(),
            "5 becomes 4; you want the lowest score, which becomes 0.",
        ),
        Mistake(
            lambda: (_survey()[PARTS] == 1).any(axis=1).sum(),
            "That counts a 1 in any of the three; only the price stands below the line.",
        ),
        Mistake(
            lambda: (
                (_survey()["price"] == 1) & (_survey()["quality"] + _survey()["service"] > 2)
            ).sum(),
            "0 divided by 0 has no value either, but is not infinite: count where the price is 0.",
        ),
        Mistake(
            lambda: 100 * (_survey()["price"] == 1).mean(),
            "That is their share in percent; the question asks for the number of answers.",
        ),
    ],
    insight="A measure that hangs on where the scale begins tells of the form, not of the value.",
    hints=(
        "Which score in the file becomes 0 when 1 is taken off?",
        "survey['price'] == … is True or False for each answer: .sum().",
    ),
    minutes=2,
)

# 2.3 -------------------------------------------------------------------------------------------


def _share(weights: pd.Series, part: str = "service") -> float:
    return 100 * weights[part] / weights.sum()


SERVICE_WEIGHT = Exercise(
    "2.3",
    "Of the three weights together, how many percent does service get?",
    unit="%",
    answer=lambda: _share(_weights(_survey())),
    mistakes=[
        Mistake(
            lambda: 100 * _weights(_survey())["service"],
            "That is the weight itself, times 100: divide by the sum of the three.",
        ),
        Mistake(
            lambda: _share(_weights(_survey()), "quality"),
            "That is quality; the question asks for service.",
        ),
        Mistake(
            lambda: _share(_weights(_survey()), "price"),
            "That is price; the question asks for service.",
        ),
        Mistake(
            lambda: _share(_weights(_survey())) / 100,
            "That is a share, or the bare weight; the question asks for percent of the three.",
        ),
        Mistake(
            lambda: _share(_survey()[PARTS].mean()),
            "Those are the mean scores: how good we are, not how much it matters.",
        ),
    ],
    insight="Weights say what went along with satisfaction, not what would follow if we changed "
    "it: that takes a trial, as in chapter 05.",
    hints=(
        "weights has three entries: quality, service, price.",
        "One of them, divided by their sum, times 100.",
    ),
    minutes=2,
)

# 2.4 -------------------------------------------------------------------------------------------


def _crossed(answers: pd.DataFrame, words: str, deeds: str, *, of: str = "by_words") -> float:
    """Return how many percent of those in a field `of` one sorting are in both fields."""
    both = (answers["by_words"] == words) & (answers["by_deeds"] == deeds)
    return 100 * both.sum() / (answers[of] == (words if of == "by_words" else deeds)).sum()


APOSTLES = Exercise(
    "2.4",
    "Of the members who are apostles by words, how many percent are mercenaries by deeds?",
    unit="%",
    tolerance=0.5,
    answer=lambda: _crossed(_members(), "apostle", "mercenary"),
    mistakes=[
        Mistake(
            lambda: _crossed(_answers(), "apostle", "mercenary"),
            "Contacts are among these: keep the respondents that begin with M.",
        ),
        Mistake(
            lambda: _crossed(_members(), "apostle", "mercenary", of="by_deeds"),
            "That is the share of the mercenaries who had spoken as apostles: the other way round.",
        ),
        Mistake(
            lambda: _crossed(_members(), "apostle", "apostle"),
            "Those are the apostles who kept their word.",
        ),
        Mistake(
            lambda: 100 * (_members()["by_deeds"] == "mercenary").mean(),
            "That is the share of all members; the question asks of the apostles by words.",
        ),
        Mistake(
            lambda: (
                100
                * (
                    (_members()["by_words"] == "apostle") & (_members()["by_deeds"] == "mercenary")
                ).mean()
            ),
            "You divided by all members: divide by the apostles by words.",
        ),
        Mistake(
            lambda: (
                (_members()["by_words"] == "apostle") & (_members()["by_deeds"] == "mercenary")
            ).sum(),
            "That is their number; the question asks for percent.",
        ),
    ],
    insight="They were satisfied and promised to return. A forecast that adds up promises counts "
    "them all.",
    hints=(
        "answers has the columns respondent, by_words and by_deeds.",
        "Keep the members, then the apostles by words.",
        "Among these, the mean of by_deeds == 'mercenary', times 100.",
    ),
    minutes=3,
)

# 2.5 -------------------------------------------------------------------------------------------


def _by_side(words: str = "decider|approver", *, alone: bool = False) -> pd.DataFrame:
    """Return the mean satisfaction of those who hold a role (True) and of the others (False).

    alone: only of those who hold no other role.
    """
    people = data.read("contacts")[["contact_id", "account_id", "roles"]]
    said = _survey().merge(people, left_on="respondent", right_on="contact_id")
    roles = said["roles"].str
    said["signs"] = roles.fullmatch(words) if alone else roles.contains(words)
    return said.pivot_table(index="account_id", columns="signs", values="overall")


def _apart(sides: pd.DataFrame) -> float:
    return 100 * ((sides[True] >= 4) != (sides[False] >= 4)).mean()


TWO_SIDES = Exercise(
    "2.5",
    "Take the accounts of which deciders or approvers answered and others as well, and each "
    "side's mean `overall`. In how many percent of these accounts is one side satisfied (4 or "
    "more) and the other not?",
    unit="%",
    answer=lambda: _apart(_by_side().dropna()),
    mistakes=[
        Mistake(
            lambda: _apart(_by_side()),
            "Accounts of which only one side answered are among these: a missing score is not "
            "below 4. Drop them.",
        ),
        Mistake(
            lambda: 100 * (_by_side().dropna()[True] != _by_side().dropna()[False]).mean(),
            "That counts any difference, also 4 against 5: there both are satisfied.",
        ),
        Mistake(
            lambda: _apart(_by_side(words="decider").dropna()),
            "Those are deciders alone; approvers sign too (chapter 01).",
        ),
        Mistake(
            lambda: _apart(_by_side(alone=True).dropna()),
            "Many hold several roles: ask whether `roles` contains one of the two, not whether it "
            "is one of them.",
        ),
        Mistake(
            lambda: 100 - _apart(_by_side().dropna()),
            "In those accounts the two sides agree.",
        ),
        Mistake(
            lambda: 100 * (_by_side().dropna()[True] >= 4).mean(),
            "That is how often those who sign are satisfied; compare it with the other side, "
            "account by account.",
        ),
    ],
    insight=lambda apart: (
        f"Taken together, {100 * (_by_side().dropna()[True] >= 4).mean():.0f} % of the signing "
        f"sides are satisfied and {100 * (_by_side().dropna()[False] >= 4).mean():.0f} % of the "
        "others. The average hides whom you asked."
    ),
    hints=(
        "Merge survey and contacts: respondent is a contact_id. Then a column signs: "
        "roles.str.contains('decider|approver').",
        "pivot_table(index='account_id', columns='signs', values='overall') takes the means. "
        "Then dropna().",
        "Compare the two columns: (sides[True] >= 4) != (sides[False] >= 4).",
    ),
    minutes=8,
)

# 2.6 -------------------------------------------------------------------------------------------

PHASES = ["trust", "needs", "benefits", "closing"]


def _listening(touches: pd.DataFrame, phases=("trust", "needs")) -> float:
    share = touches.groupby("phase")["minutes"].sum() / touches["minutes"].sum()
    return 100 * share[list(phases)].sum()


def _mean_of_reps() -> float:
    """Return the mean of the reps' shares, each rep counting alike."""
    touches = _deal_touches()
    listening = touches[touches["phase"].isin(["trust", "needs"])]
    each = listening.groupby("rep_id")["minutes"].sum() / touches.groupby("rep_id")["minutes"].sum()
    return 100 * each.mean()


def _deal_touches() -> pd.DataFrame:
    touches = data.read("touches")
    return touches[touches["deal_id"].notna() & touches["phase"].isin(PHASES)]


LISTENING = Exercise(
    "2.6",
    "Of the minutes that go into deals, how many percent go into building trust and probing needs?",
    unit="%",
    tolerance=0.1,
    answer=lambda: _listening(_deal_touches()),
    mistakes=[
        Mistake(
            lambda: _listening(_deal_touches(), ("trust",)),
            "That is trust alone; needs count as well.",
        ),
        Mistake(
            lambda: _listening(data.read("touches")),
            "Service after the sale is among these minutes; keep the touches of deals.",
        ),
        Mistake(
            lambda: 100 * _deal_touches()["phase"].isin(["trust", "needs"]).mean(),
            "You counted touches; a visit takes longer than an e-mail: add up minutes.",
        ),
        Mistake(
            _mean_of_reps,
            "That is the mean of the reps' shares, each rep counting alike: add up the minutes "
            "first.",
        ),
        Mistake(
            lambda: _listening(_deal_touches(), ("benefits", "closing")),
            "Those are the other two phases: presenting and closing.",
        ),
    ],
    insight="The traditional profile gives them 30 %, the customer-led one 70 %. Which rep stands "
    "where, and what each wins, is the next picture.",
    hints=(
        "selling has the touches of deals, with phase and minutes.",
        "groupby('phase')['minutes'].sum(), divided by all minutes.",
        "Add trust and needs, times 100.",
    ),
    minutes=3,
)

# 2.7 -------------------------------------------------------------------------------------------


def _levers(*, weights: pd.Series | None = None) -> pd.DataFrame:
    """Return each part's yuan per point, weight, hostages in reach, apostles and yuan for each."""
    members, purchases = _members(), data.read("purchases")
    near = members[(members["overall"] == 3) & (members["intends_to_return"] >= 4)]
    spent = purchases[purchases["date"].dt.year == 2024].groupby("member_id")["amount"].sum()
    rate = data.read("cost_rates").set_index("activity")["yuan"]
    a_year = near["respondent"].map(spent).fillna(0).mean()
    costs = {"quality": rate["repair"], "service": rate["call"], "price": 0.05 * a_year}
    levers = pd.DataFrame({"yuan_per_point": pd.Series(costs)})
    levers["weight"] = _weights(members) if weights is None else weights
    levers["in_reach"] = (near[PARTS] <= 4).sum()
    levers["reached"] = np.minimum(BUDGET / levers["yuan_per_point"], levers["in_reach"])
    levers["apostles"] = levers["reached"] * levers["weight"]
    levers["yuan_per_apostle"] = levers["yuan_per_point"] / levers["weight"]
    return levers


def _best(column: str, *, by: str = "apostles", least: bool = False) -> float:
    levers = _levers()
    row = levers[by].idxmin() if least else levers[by].idxmax()
    return levers.loc[row, column]


PER_APOSTLE = Exercise(
    "2.7",
    "The money goes where it turns most hostages into apostles. How many yuan does one such "
    "apostle cost?",
    unit="yuan",
    relative=0.01,
    answer=lambda: _best("yuan_per_apostle"),
    mistakes=[
        Mistake(
            lambda: _best("yuan_per_point"),
            "That buys a point, not an apostle: only a part of the hostages, the weight, steps "
            "over.",
        ),
        Mistake(
            lambda: _best("yuan_per_point") * _best("weight"),
            "You multiplied: a small weight makes an apostle dearer, not cheaper.",
        ),
        Mistake(
            lambda: _best("yuan_per_apostle", by="yuan_per_point", least=True),
            "The cheapest point is not the cheapest apostle: how far does that point move a "
            "hostage?",
        ),
        Mistake(
            lambda: _best("apostles"),
            "That is how many apostles it makes; the question asks what one of them costs.",
        ),
        Mistake(
            lambda: BUDGET / (_best("in_reach") * _best("weight")),
            "You divided all the money by all who could step over: divide what is spent by those "
            "whom it reaches and moves.",
        ),
        Mistake(
            lambda: (
                _levers(weights=_weights(_survey()))
                .sort_values("apostles")["yuan_per_apostle"]
                .iloc[-1]
            ),
            "Those weights are the whole survey's: this section weighs the club's own answers.",
        ),
    ],
    insight=lambda yuan: (
        f"{_levers()['apostles'].idxmax().capitalize()}: about {_best('apostles'):.0f} apostles "
        f"for {_best('apostles') * yuan:,.0f} yuan. What a point takes is our guess: change it, "
        "and see when another lever wins."
    ),
    hints=(
        "Reached: 100,000 divided by the yuan per point, but no more than are in reach.",
        "Apostles: reached times weight. Take the lever with most of them.",
        "Yuan per apostle: what is spent (reached times yuan per point), divided by the apostles.",
    ),
    minutes=5,
)

# 2.8 -------------------------------------------------------------------------------------------

MEMO = Exercise(
    "2.8",
    "A memo to Mr Zhang, at least 80 words: where the 100,000 yuan go, if anywhere, what an "
    "apostle costs and brings, why the satisfied leave, and which assumption you would test first",
    form="a memo",
    min_words=80,
    rubric={
        "says where the money goes: quality, service or price": (
            "quality", "service", "price", "质量", "服务",
        ),
        "gives what an apostle costs and brings, in yuan": (
            "yuan", "¥", "元",
        ),
        "says why the satisfied leave, by what they did": (
            "rival", "bought", "silen", "behaviour", "behavior", "competitor", "竞争", "购买",
            "沉默",
        ),
        "names the assumption to test first": (
            "assum", "cost of a point", "test", "by lot", "not measured", "weight", "假设",
        ),
    },
    hints=(
        "Begin with the lever, what an apostle costs there, and what one brings.",
        "One sentence on why a satisfied customer may still leave, with a figure.",
        "End with the assumption whose change would turn your advice.",
    ),
    minutes=10,
)  # fmt: skip

EXERCISES = [
    STATION,
    NO_VALUE,
    SERVICE_WEIGHT,
    APOSTLES,
    TWO_SIDES,
    LISTENING,
    PER_APOSTLE,
    MEMO,
]

PREDICTIONS = [
    Prediction(
        "02.ratio",
        "Which goes along best with how satisfied people say they are?",
        choices=(
            "(quality + service) / price",
            "quality + service + price",
            "no difference to speak of",
        ),
    ),
    Prediction(
        "02.hostages",
        "Of 100 respondents, how many are not satisfied, and yet intend to return?",
        unit="respondents",
    ),
    Prediction(
        "02.words",
        "Of 100 members who do not say that they will return, how many buy within half a year?",
        unit="members",
    ),
    Prediction(
        "02.why",
        "Among satisfied members, what tells best who buys again in the next half-year?",
        choices=(
            "what we are worth to them",
            "what we are worth beside the rival",
            "what they say they will do",
            "how long ago they last bought",
        ),
    ),
]

RECALL = [
    Question(
        "Why does (quality + service) / price mislead with survey scores?",
        choices=[
            "It hangs on where the scale begins, and here 5 means cheap",
            "Surveys are never honest",
            "Price does not matter",
        ],
        right="It hangs on where the scale begins, and here 5 means cheap",
        because="A ratio needs a true zero, and the right way up.",
    ),
    Question(
        "A member buys the Studio Mouse: 'It says who I am.' Which level of value speaks?",
        choices=["survival", "physical", "emotional", "intellectual", "spiritual"],
        right="emotional",
        because="Self-expression and status stand there. Sell it by its resolution, and you sell "
        "to another customer.",
    ),
    Question(
        "Not satisfied, and stays. What are they called?",
        choices=["Mercenaries", "Hostages", "Apostles"],
        right="Hostages",
        because="Something other than liking holds them: habit, contract, no other shop in reach.",
    ),
    Question(
        "Loyalty, in the courseware's words, is …",
        choices=["what people feel", "what people say", "what people do"],
        right="what people do",
        because="What is bought again counts, not what is said.",
    ),
    Question(
        "A survey asks only how we did. What does it miss about who will leave?",
        choices=["How old the customer is", "What the rival is worth", "How many answered"],
        right="What the rival is worth",
        because="One leaves for something: value is judged against the other offer.",
    ),
    Question(
        "With weight 0 on price, what does a rival's discount do in the model?",
        choices=["It moves everybody", "It moves nobody", "It moves the satisfied"],
        right="It moves nobody",
        because="A discount works through the price score; without weight it adds nothing.",
    ),
    Question(
        "Letters took days; in 1971 one took seconds. Which of the three kinds of firm did that?",
        choices=["It does not know the need", "It serves the need", "It leads the need"],
        right="It leads the need",
        because="Nobody had asked for it. Serving lets a firm live, leading lets it win, say the "
        "slides.",
    ),
    Question(
        "KUHL means know me, understand me, help me, and …",
        choices=["love me", "lead me", "leave me"],
        right="lead me",
        because="The last step is to show what the customer did not know to ask for.",
    ),
    Question(
        "From chapter 01: customers who complained order more often later. Before you believe it?",
        choices=[
            "Compare customers of equal size",
            "Ask more customers",
            "Leave the complainers out",
        ],
        right="Compare customers of equal size",
        because="Large accounts complain more and stay longer: a confounder, as deal age was.",
    ),
]

TERMS = [
    Term("perception", "感知", "gǎnzhī", "what reaches the customer of what we do"),
    Term("perceived value", "感知价值", "gǎnzhī jiàzhí", "what it is worth to the customer"),
    Term("satisfaction", "满意度", "mǎnyìdù", "a judgement on the whole process, not its result"),
    Term("loyalty", "忠诚度", "zhōngchéngdù", "coming back: behaviour, not attitude"),
    Term("objective value", "客观价值", "kèguān jiàzhí", "cost of making, marketing and logistics"),
    Term("subjective value", "主观价值", "zhǔguān jiàzhí", "the meaning of a product to its user"),
    Term("apostle", "传道者", "chuándàozhě", "satisfied and loyal: brings others along"),
    Term("mercenary", "图利者", "túlìzhě", "satisfied, and gone for a better price"),
    Term("hostage", "囚禁者", "qiújìnzhě", "not satisfied, and held by something else"),
    Term("defector", "破坏者", "pòhuàizhě", "not satisfied and gone; some go loudly"),
    Term("available, affordable, a pleasure", "买得到/买得起/乐得买", "mǎidedào, mǎideqǐ, lède mǎi",
         "the three A's of getting a product bought"),
]  # fmt: skip

# Claims ----------------------------------------------------------------------------------------


def _satisfied_and_loyal() -> tuple[dict[str, float], str]:
    answers = _answers()
    satisfied, says = answers["overall"] >= 4, answers["intends_to_return"] >= 4
    figures = {
        "satisfied, did not buy": 100 * (~answers.loc[satisfied, "bought"]).mean(),
        "bought, not satisfied": 100 * (~satisfied[answers["bought"]]).mean(),
        "would return, not satisfied": 100 * (~satisfied[says]).mean(),
    }
    by_words = (answers["by_words"] == "hostage").sum()
    by_deeds = (answers["by_deeds"] == "hostage").sum()
    return figures, (
        f"{figures['satisfied, did not buy']:.0f} % of the satisfied bought nothing in the next "
        f"half-year. Of {len(answers):,} respondents {by_words:,} are hostages by words, "
        f"{figures['would return, not satisfied']:.0f} % of those who would return; {by_deeds:,} "
        f"are hostages by deeds, {figures['bought, not satisfied']:.0f} % of those who bought."
    )


def _both_halves(figures: dict[str, float]) -> str:
    first = figures["satisfied, did not buy"] >= 10
    second = figures["bought, not satisfied"] < 10
    if first and second:
        return "holds"
    if first:
        return (
            "holds only if one stops after its first half: the satisfied need not be loyal, but "
            "among the loyal there are hostages"
        )
    return "not supported"


def _order_of_weights() -> tuple[dict[str, dict], str]:
    survey = _survey()
    weights = {
        "satisfaction": _weights(survey),
        "the intention to return": _weights(survey, "intends_to_return"),
        "the discount it takes": _weights(survey, "switch_at_discount", against=True),
    }
    shares = {name: (100 * each / each.sum()).to_dict() for name, each in weights.items()}
    told = "; ".join(
        f"with {name} {share['service']:.0f}, {share['quality']:.0f} and {share['price']:.0f}"
        for name, share in shares.items()
    )
    price, spread = _price_in_the_panel()
    return shares, (
        f"Of 100 points of weight, service, quality and price get: {told}. In the panel a weight "
        f"of {price} in 10 for price comes nearest to what people said; how service and quality "
        f"share the rest moves the fit by {spread:.1f} points."
    )


def _price_in_the_panel() -> tuple[int, float]:
    """Return the weight of price (of 10) whose model comes nearest to the answers, and how far
    apart (percentage points) the best and the worst split of the other weights are there."""
    from helpers.panels import switching_share  # brings the widgets: only when asked

    survey, discounts = _survey(), np.arange(0, 51, 5)
    said = np.array([(survey["switch_at_discount"] <= discount).mean() for discount in discounts])
    settings = pd.DataFrame(
        [each for each in product(range(11), repeat=3) if sum(each) == 10], columns=PARTS
    )
    models = [switching_share(survey, dict(each)) for _, each in settings.iterrows()]
    settings["apart"] = 100 * np.abs(np.array(models) - said).mean(axis=1)
    fit = settings.groupby("price")["apart"].agg(["min", "max"])
    return int(fit["min"].idxmin()), np.ptp(fit.loc[fit["min"].idxmin()])


def _service_first(shares: dict[str, dict]) -> str:
    if any(share["price"] >= min(share["service"], share["quality"]) for share in shares.values()):
        return "not supported"
    if all(share["service"] > share["quality"] + 3 for share in shares.values()):
        return "holds"
    return (
        "holds only if it is about the last place: price weighs least, while service does not "
        "lead quality in every question"
    )


CLAIMS = [
    Claim(
        "T7",
        "Satisfied customers need not be loyal, but loyal ones are always satisfied.",
        answer=_satisfied_and_loyal,
        evidence=(
            "Jones & Sasser (Harvard Business Review 1995) name hostages: loyal, not satisfied; "
            "at Xerox totally satisfied customers were six times as likely to buy again as merely "
            "satisfied ones. Kumar, Pozza & Ganesh (Journal of Retailing 2013): satisfaction alone "
            "explains little of loyalty."
        ),
        verdict=_both_halves,
        would_change="what counts as loyal (words, one purchase, our part of all they buy), for "
        "how long, and where satisfied begins",
    ),
    Claim(
        "T9",
        "Service quality draws customers first, product second, price last; product and price can "
        "be copied, service cannot.",
        answer=_order_of_weights,
        evidence=(
            "No test of this order was looked up for this course. Zeithaml (Journal of Marketing "
            "1988) found that consumers mean four different things by value, so the order need "
            "not be the same for all."
        ),
        verdict=_service_first,
        would_change="another segment, a rival's move, or weights from an experiment instead of a "
        "survey; whether service can be copied is not in our data",
    ),
]
