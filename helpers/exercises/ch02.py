"""Chapter 02, value and loyalty: reference answers, known mistakes, recall, terms and claims."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import data
from helpers.exercises import Claim, Exercise, Mistake, Prediction, Question, Term, computed

PARTS = ["quality", "service", "price"]
HALF_YEAR = pd.Timedelta(days=182)
YUAN_PER_POINT = {"quality": 260, "service": 180, "price": 60}  # the chapter's assumption
BUDGET = 100_000


def _survey() -> pd.DataFrame:
    return data.read("survey")


def _is_member(survey: pd.DataFrame) -> pd.Series:
    return survey["respondent"].str.startswith("M")


def _weights(survey: pd.DataFrame | None = None, *, constant: bool = True) -> pd.Series:
    """Return how far `overall` moves with a point of each part (least squares)."""
    survey = _survey() if survey is None else survey
    columns = [survey[part] for part in PARTS] + [np.ones(len(survey))] * constant
    slopes = np.linalg.lstsq(np.column_stack(columns), survey["overall"], rcond=None)[0]
    return pd.Series(slopes[:3], index=PARTS)


def _answers_with_purchases() -> pd.DataFrame:
    """Return the answers with `bought`: whether they, or their account, bought in the half-year."""
    survey = _survey()
    people = data.read("contacts").set_index("contact_id")["account_id"]
    buyer = survey["respondent"].map(people).fillna(survey["respondent"])
    purchases = data.read("purchases").rename(columns={"member_id": "buyer"})
    orders = data.read("orders").rename(columns={"account_id": "buyer"})
    bought = pd.concat([purchases[["buyer", "date"]], orders[["buyer", "date"]]])
    asked = pd.DataFrame({"answer": survey.index, "buyer": buyer, "asked": survey["date"]})
    pairs = asked.merge(bought.drop_duplicates(), on="buyer")
    soon = (pairs["date"] > pairs["asked"]) & (pairs["date"] <= pairs["asked"] + HALF_YEAR)
    return survey.assign(bought=survey.index.isin(pairs.loc[soon, "answer"]))


def _answers() -> pd.DataFrame:
    return computed(_answers_with_purchases)


def _members() -> pd.DataFrame:
    return _answers()[_is_member(_answers())]


# 2.1 -------------------------------------------------------------------------------------------


def _product(sku: str = "MS04") -> pd.Series:
    return data.read("products").set_index("sku").loc[sku]


ABOVE_COST = Exercise(
    "2.1",
    "How many percent of the list price of the Kingfisher Studio Mouse (MS04) lie above its cost?",
    unit="%",
    tolerance=0.2,
    answer=lambda: 100 * (1 - _product()["unit_cost"] / _product()["list_price"]),
    mistakes=[
        Mistake(
            lambda: 100 * (_product()["list_price"] / _product()["unit_cost"] - 1),
            "You divided by the cost: that is the mark-up. The question asks of the list price.",
        ),
        Mistake(
            lambda: 100 * _product()["unit_cost"] / _product()["list_price"],
            "That is the part that the cost takes up; the question asks for the rest.",
        ),
        Mistake(
            lambda: 100 * (1 - _product("MS01")["unit_cost"] / _product("MS01")["list_price"]),
            "That is MS01; the question asks for MS04.",
        ),
        Mistake(
            lambda: _product()["list_price"] - _product()["unit_cost"],
            "Those are yuan; set them against the list price.",
        ),
    ],
    insight="The plainest mouse leaves half of that. Both move the same pointer: what is paid for "
    "beyond the cost is an effect on the person.",
    hints=(
        "products holds list_price and unit_cost: mice['sku'] == 'MS04'.",
        "Price less cost, divided by the price, times 100.",
    ),
    minutes=2,
)

# 2.2 -------------------------------------------------------------------------------------------

LEVELS = ("survival", "physical", "emotional", "intellectual", "spiritual")

SELF_EXPRESSION = Exercise(
    "2.2",
    "A member buys the Studio Mouse: 'It says who I am.' Which level of value speaks?",
    form="a choice",
    choices=LEVELS,
    answer=lambda: "emotional",
    mistakes=[
        Mistake(lambda: "survival", "Safety and convenience: the plain mouse has those as well."),
        Mistake(lambda: "physical", "Comfort in the hand would be physical; this is not the hand."),
        Mistake(
            lambda: "intellectual",
            "Quality and control would be intellectual: judged by the head. Who is 'I' here?",
        ),
        Mistake(
            lambda: "spiritual",
            "Near: look where the table puts self-expression and status.",
        ),
    ],
    insight="Self-expression and status stand on the emotional level. Sell it by its resolution, "
    "and you sell to another customer.",
    hints=(
        "Find self-expression in the table of levels.",
        "The sentence is about how others see the owner.",
    ),
    minutes=2,
)

# 2.3 -------------------------------------------------------------------------------------------

NO_VALUE = Exercise(
    "2.3",
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
            lambda: 100 * (_survey()["price"] == 1).mean(),
            "That is their share in percent; the question asks for the number of answers.",
        ),
    ],
    insight="Whether a scale begins at 0 or at 1 is the printer's choice. A measure of value that "
    "hangs on it measures the printer.",
    hints=(
        "Which score in the file becomes 0 when 1 is taken off?",
        "survey['price'] == … is True or False for each answer: .sum().",
    ),
    minutes=2,
)

# 2.4 -------------------------------------------------------------------------------------------


def _service_share(weights: pd.Series, part: str = "service") -> float:
    return 100 * weights[part] / weights.sum()


SERVICE_WEIGHT = Exercise(
    "2.4",
    "Of the three weights together, how many percent does service get?",
    unit="%",
    tolerance=0.5,
    answer=lambda: _service_share(_weights()),
    mistakes=[
        Mistake(
            lambda: 100 * _weights()["service"],
            "That is the weight itself, times 100: divide by the sum of the three.",
        ),
        Mistake(
            lambda: _service_share(_weights(), "quality"),
            "That is quality; the question asks for service.",
        ),
        Mistake(
            lambda: _service_share(_weights(), "price"),
            "That is price; the question asks for service.",
        ),
        Mistake(
            lambda: _service_share(_weights(_survey()[~_is_member(_survey())])),
            "Those are the contacts' answers alone; take the whole survey.",
        ),
        Mistake(
            lambda: _service_share(_weights()) / 100,
            "That is a share; the question asks for percent.",
        ),
    ],
    insight="Weights say what went along with satisfaction, not what would follow if we changed "
    "it: nobody drew service by lot.",
    hints=(
        "weights has three entries: quality, service, price.",
        "One of them, divided by their sum, times 100.",
    ),
    minutes=2,
)

# 2.5 -------------------------------------------------------------------------------------------


def _bought_anyway(members: pd.DataFrame, *, below: int = 4) -> float:
    return 100 * members.loc[members["intends_to_return"] < below, "bought"].mean()


ANYWAY = Exercise(
    "2.5",
    "Of the members who did not say that they would return (intends_to_return below 4), how many "
    "percent bought within half a year?",
    unit="%",
    tolerance=0.5,
    answer=lambda: _bought_anyway(_members()),
    mistakes=[
        Mistake(
            lambda: 100 - _bought_anyway(_members()),
            "Those are the ones who kept their word; you want those who bought.",
        ),
        Mistake(
            lambda: _bought_anyway(_answers()),
            "Contacts are among these: keep the respondents that begin with M.",
        ),
        Mistake(
            lambda: _bought_anyway(_members(), below=5),
            "You counted the 4s as not returning: below 4 means 1, 2 and 3.",
        ),
        Mistake(
            lambda: 100 * (_members().loc[_members()["bought"], "intends_to_return"] < 4).mean(),
            "That is the share of the buyers who had not promised: the other way round.",
        ),
        Mistake(
            lambda: 100 * _members().loc[_members()["intends_to_return"] >= 4, "bought"].mean(),
            "Those are the ones who said that they would return.",
        ),
    ],
    insight="Words lean the right way, and no more. Whoever counts promises counts promises.",
    hints=(
        "answers has the columns respondent, intends_to_return and bought.",
        "Two conditions: respondent begins with M, and intends_to_return < 4.",
        "The mean of bought, times 100.",
    ),
    minutes=3,
)

# 2.6 -------------------------------------------------------------------------------------------


def _by_role(*, words: str = "decider|approver", score: str = "share") -> tuple[float, float]:
    """Return satisfaction of the contacts who hold a role, and of the others."""
    survey = _survey().merge(
        data.read("contacts")[["contact_id", "roles"]], left_on="respondent", right_on="contact_id"
    )
    held = survey["roles"].str.contains(words)
    value = 100.0 * (survey["overall"] >= 4) if score == "share" else survey["overall"]
    return value[held].mean(), value[~held].mean()


WHO_IS_SATISFIED = Exercise(
    "2.6",
    "Of the answers by deciders and approvers, how many percent are satisfied (overall 4 or 5)?",
    unit="%",
    tolerance=0.2,
    answer=lambda: _by_role()[0],
    mistakes=[
        Mistake(
            lambda: _by_role()[1],
            "Those are the people who neither decide nor approve.",
        ),
        Mistake(
            lambda: _by_role(words="decider")[0],
            "Those are deciders; approvers count too (chapter 01: who signs).",
        ),
        Mistake(
            lambda: _by_role(words="user")[0],
            "Those are users; the question asks for those who decide or approve.",
        ),
        Mistake(
            lambda: 100 * (_survey()["overall"] >= 4).mean(),
            "Those are all answers, members of the club too.",
        ),
        Mistake(
            lambda: _by_role(score="mean")[0],
            "That is the mean score; the question asks for the share with 4 or 5, in percent.",
        ),
    ],
    insight=lambda share: (
        f"The others: {_by_role()[1]:.0f} %. A survey that the users fill in does not speak for "
        "those who sign."
    ),
    hints=(
        "Merge survey and contacts: respondent is a contact_id.",
        "roles contains 'decider' or 'approver': str.contains('decider|approver').",
        "Of these rows, the mean of overall >= 4, times 100.",
    ),
    minutes=4,
)

# 2.7 -------------------------------------------------------------------------------------------

PHASES = ["trust", "needs", "benefits", "closing"]


def _listening(touches: pd.DataFrame, phases=("trust", "needs")) -> float:
    share = touches.groupby("phase")["minutes"].sum() / touches["minutes"].sum()
    return 100 * share[list(phases)].sum()


def _deal_touches() -> pd.DataFrame:
    touches = data.read("touches")
    return touches[touches["deal_id"].notna() & touches["phase"].isin(PHASES)]


LISTENING = Exercise(
    "2.7",
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
            lambda: _listening(_deal_touches(), ("benefits", "closing")),
            "Those are the other two phases: presenting and closing.",
        ),
    ],
    insight="Between the two textbook profiles, 30 % and 70 %. Which reps stand where, and what "
    "they win, is the next table.",
    hints=(
        "selling has the touches of deals, with phase and minutes.",
        "groupby('phase')['minutes'].sum(), divided by all minutes.",
        "Add trust and needs, times 100.",
    ),
    minutes=3,
)

# 2.8 -------------------------------------------------------------------------------------------


def _moved(*, cap: bool = True) -> pd.Series:
    """Return how many hostages become apostles if the whole budget goes into one part."""
    survey, weights = _survey(), _weights()
    near = survey[(survey["overall"] == 3) & (survey["intends_to_return"] >= 4)]
    moved = {}
    for part in PARTS:
        reachable = (near[part] <= 4).sum() if cap else float("inf")
        moved[part] = weights[part] * min(BUDGET / YUAN_PER_POINT[part], reachable)
    return pd.Series(moved)


def _other_levers() -> list[str]:
    return [part for part in PARTS if part != _moved().idxmax()]


LEVER = Exercise(
    "2.8",
    "100,000 yuan into one of three: where does it turn most hostages into apostles?",
    form="a choice",
    choices=tuple(PARTS),
    answer=lambda: _moved().idxmax(),
    mistakes=[
        Mistake(
            lambda: _other_levers()[0],
            "Multiply: how many hostages the money reaches, times what a point moves.",
        ),
        Mistake(
            lambda: _other_levers()[1],
            "Cheap by the point, but can that many be reached, and how far does a point move them?",
        ),
    ],
    insight="The answer hangs on what a point costs, which nobody has measured: change the three "
    "figures, and see how far they must go before it turns.",
    hints=(
        "Hostages in reach: overall 3, intends_to_return 4 or 5, and that score below 5.",
        "Reached: the budget divided by the cost of a point, but no more than are in reach.",
        "Reached times the weight of that part: compare the three.",
    ),
    minutes=5,
)

# 2.9 -------------------------------------------------------------------------------------------

MEMO = Exercise(
    "2.9",
    "A memo to Mr Zhang, at least 80 words: where the 100,000 yuan go, what they move, why "
    "satisfaction is not loyalty, and which assumption you would test first",
    form="a memo",
    min_words=80,
    rubric={
        "says where the money goes: quality, service or price": (
            "quality", "service", "price", "质量", "服务",
        ),
        "gives what it moves, in customers or yuan": (
            "hostage", "apostle", "yuan", "¥", "customers", "元", "客户",
        ),
        "tells satisfaction from loyalty, words from behaviour": (
            "loyal", "bought", "behaviour", "behavior", "intend", "said", "忠诚",
        ),
        "names the assumption to test first": (
            "assum", "cost of a point", "test", "by lot", "not measured", "weight", "假设",
        ),
    },
    hints=(
        "Begin with the lever and the number of hostages that it moves.",
        "One sentence on why a satisfied customer may still leave, with a figure.",
        "End with the assumption whose change would turn your advice.",
    ),
    minutes=10,
)  # fmt: skip

EXERCISES = [
    ABOVE_COST,
    SELF_EXPRESSION,
    NO_VALUE,
    SERVICE_WEIGHT,
    ANYWAY,
    WHO_IS_SATISFIED,
    LISTENING,
    LEVER,
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
        "Of 100 members who say that they will return, how many buy within half a year?",
        unit="members",
    ),
]

RECALL = [
    Question(
        "A king offers his kingdom for a horse. What does that say about value?",
        choices=[
            "Horses were dear",
            "Value is an effect on a person at a moment",
            "He could not count",
        ],
        right="Value is an effect on a person at a moment",
        because="Same horse, same cost; another moment.",
    ),
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
        "With weight 0 on price, what does a rival's discount do in the model?",
        choices=["It moves everybody", "It moves nobody", "It moves the satisfied"],
        right="It moves nobody",
        because="A discount works through the price score; without weight it adds nothing.",
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
    return figures, (
        f"{figures['satisfied, did not buy']:.0f} % of the satisfied bought nothing in the next "
        f"half-year. Of those who did buy, {figures['bought, not satisfied']:.0f} % had not been "
        f"satisfied; of those who said they would, "
        f"{figures['would return, not satisfied']:.0f} %."
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


def _order_of_weights() -> tuple[dict[str, float], str]:
    weights = _weights()
    shares = {part: 100 * weights[part] / weights.sum() for part in PARTS}
    return shares, (
        f"Of what goes along with satisfaction, service weighs {shares['service']:.0f} %, quality "
        f"{shares['quality']:.0f} % and price {shares['price']:.0f} %."
    )


def _service_first(shares: dict[str, float]) -> str:
    service, quality, price = shares["service"], shares["quality"], shares["price"]
    if price >= min(service, quality):
        return "not supported"
    if service > quality + 3:
        return "holds"
    return (
        "holds only if it is about the last place: price weighs least, while service is not ahead "
        "of quality by more than a few points"
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
        would_change="what counts as loyal (words, one purchase, share of wallet) and for how long",
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
