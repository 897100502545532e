"""Case A, quality: reference answers, known mistakes, recall and terms."""

from __future__ import annotations

import pandas as pd

from helpers import data
from helpers.exercises import Exercise, Mistake, Prediction, Question, Term, computed
from helpers.exercises.causes import accounts_of, diagnosis

PERIOD = ("2024-08-15", "2025-06-30")
FAILED = ["return", "repair"]


def _scanners() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the order lines and the tickets for scanners, of all three years."""
    skus = data.read("products").query("line == 'scanners'")["sku"]
    orders, tickets = data.read("orders"), data.read("tickets")
    return orders[orders["sku"].isin(skus)], tickets[tickets["sku"].isin(skus)]


def _within(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame[frame[column].between(*PERIOD)]


# 7a.1 ------------------------------------------------------------------------------------------


def _of_case(*, every_line: bool = False) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what case A ordered and what came back from it in the period: lines, tickets."""
    sold, tickets = (data.read("orders"), data.read("tickets")) if every_line else _scanners()
    account = accounts_of("A")[0]
    sold, tickets = _within(sold, "date"), _within(tickets, "opened")
    sold, tickets = sold[sold["account_id"] == account], tickets[tickets["account_id"] == account]
    return sold, tickets[tickets["kind"].isin(FAILED)]


def _back(*, every_line: bool = False, kinds: list[str] = FAILED) -> float:
    """Return units back per 100 units ordered."""
    sold, back = _of_case(every_line=every_line)
    return 100 * back.loc[back["kind"].isin(kinds), "quantity"].sum() / sold["quantity"].sum()


def _back_of_all() -> float:
    sold, tickets = _scanners()
    back = _within(tickets[tickets["kind"].isin(FAILED)], "opened")
    return 100 * back["quantity"].sum() / _within(sold, "date")["quantity"].sum()


def _tickets_per_100() -> float:
    sold, back = _of_case()
    return 100 * len(back) / sold["quantity"].sum()


def _per_100_lines(*, tickets: bool = False) -> float:
    sold, back = _of_case()
    return 100 * (len(back) if tickets else back["quantity"].sum()) / len(sold)


def _one_filter_forgotten(of: str) -> float:
    """Return the rate when the rows of case A were kept in one frame only: not in `of`."""
    (sold, back), (all_sold, tickets) = _of_case(), _scanners()
    if of == "sold":
        sold = _within(all_sold, "date")
    else:
        back = _within(tickets[tickets["kind"].isin(FAILED)], "opened")
    return 100 * back["quantity"].sum() / sold["quantity"].sum()


CAME_BACK = Exercise(
    "7a.1",
    "Of 100 scanners that case A ordered from 15 August 2024 to 30 June 2025 (`sold`), how many "
    "came back in those days (`back`)? Units, per 100 units ordered.",
    unit="units per 100",
    tolerance=0.1,
    answer=_back,
    mistakes=[
        Mistake(
            lambda: _back() / 100,
            "That is the share of one unit; the question asks for units per 100.",
        ),
        Mistake(
            _tickets_per_100,
            "You counted tickets: one ticket may hold several units. Sum the quantity.",
        ),
        Mistake(
            _per_100_lines,
            "You divided by order lines: a line holds many units. Sum the quantity of both.",
        ),
        Mistake(
            lambda: _per_100_lines(tickets=True),
            "You counted rows, tickets over order lines. Sum the quantity of both.",
        ),
        Mistake(
            lambda: _of_case()[1]["quantity"].sum(),
            "That many units came back; now divide by the units ordered, times 100.",
        ),
        Mistake(
            lambda: 100 * 100 / _back(),
            "Turned round: units back over units ordered.",
        ),
        Mistake(
            lambda: _one_filter_forgotten("sold"),
            "Those units came back from case A, but you divided by what all accounts ordered.",
        ),
        Mistake(
            lambda: _one_filter_forgotten("back"),
            "You divided by what case A ordered, but those units came back from all accounts.",
        ),
        Mistake(
            lambda: _back(kinds=["return"]),
            "Those are the returns alone; a scanner in repair is not at work either.",
        ),
        Mistake(
            _back_of_all,
            "That is the rate of all accounts: keep the rows of case_a first.",
        ),
        Mistake(
            lambda: _back(every_line=True),
            "That counts every product; the question asks for scanners.",
        ),
    ],
    insight="A number without a peer says little: how many come back elsewhere?",
    hints=(
        "Keep the rows of case_a in both frames: sold[sold['account_id'] == case_a].",
        "Units stand in the column quantity, in both frames: take the sum.",
        "100 * units back / units ordered.",
    ),
    minutes=3,
)

# 7a.2 ------------------------------------------------------------------------------------------


BEFORE = ("2023-08-15", "2024-08-14")  # the year before the first bad batch
AFTER = ("2025-07-01", "2025-12-31")  # the half year after the last one


def _others(at_least: int = 5) -> pd.DataFrame:
    return computed(_others_of, at_least)


def _others_of(at_least: int) -> pd.DataFrame:
    """Return the chapter's frame `others`: dose, before and after (yuan a month) by account."""
    sold, tickets = _scanners()
    failed = tickets[tickets["kind"].isin(FAILED)]
    units = sold.groupby("batch")["quantity"].sum()
    rate = 100 * failed.groupby("batch")["quantity"].sum().reindex(units.index).fillna(0) / units
    is_bad = sold["batch"].isin(rate.index[(rate > 10) & (units >= 10)])
    got = sold.assign(bad=sold["quantity"].where(is_bad, 0))
    dose = _within(got, "date").groupby("account_id")[["bad", "quantity"]].sum()
    dose = dose[dose["quantity"] >= at_least].drop(index=accounts_of("A"), errors="ignore")
    table = pd.DataFrame({"dose": dose["bad"] / dose["quantity"]})
    for name, period, months in (("before", BEFORE, 12), ("after", AFTER, 6)):
        in_period = sold["date"].between(*period)
        yuan = (sold["quantity"] * sold["unit_price"])[in_period]
        table[name] = yuan.groupby(sold["account_id"]).sum() / months
    table = table.fillna(0)
    return table[table["before"] > 0]


def _halved(many: bool = True, *, half: float = 0.5) -> float:
    table = _others()
    group = table[table["dose"] > 0.4] if many else table[table["dose"] <= 0.1]
    return 100 * (group["after"] < half * group["before"]).mean()


def _of_all() -> float:
    table = _others()
    return 100 * ((table["dose"] > 0.4) & (table["after"] < table["before"] / 2)).mean()


HALVED = Exercise(
    "7a.2",
    "Of the accounts in `others` with a dose above 0.4, how many percent bought less than half as "
    "much a month after as before?",
    unit="%",
    answer=_halved,
    mistakes=[
        Mistake(
            lambda: _halved() / 100,
            "That is a share; the question asks for percent.",
        ),
        Mistake(
            lambda: _halved(many=False),
            "Those are the accounts that got hardly any: take the ones with a dose above 0.4.",
        ),
        Mistake(
            lambda: _halved(half=1),
            "That counts all who bought less; the question asks for less than half.",
        ),
        Mistake(
            lambda: _halved() / 100 * (_others()["dose"] > 0.4).sum(),
            "That is their number; the question asks for percent.",
        ),
        Mistake(
            _of_all,
            "You divided by all others: divide by those with a dose above 0.4 only.",
        ),
        Mistake(
            lambda: 100 * (_others()["after"] < _others()["before"] / 2).mean(),
            "That is the rate of all others, whatever their dose.",
        ),
        Mistake(
            lambda: 100 - _halved(),
            "Those are the accounts that kept at least half: turn the comparison round.",
        ),
    ],
    insight="Now it needs a comparison: how many halve their purchases who got hardly any?",
    hints=(
        "Filter first: many = others[others['dose'] > 0.4].",
        "Compare two columns of it: many['after'] < many['before'] / 2 gives True or False each.",
        "The mean of True and False is a share: times 100 for percent.",
    ),
    minutes=3,
)

# 7a.3 ------------------------------------------------------------------------------------------

DIAGNOSIS = diagnosis(
    "7a.3",
    case="A",
    against={
        "lack of innovation": "They never asked for anything new: they want what they bought, in "
        "working order.",
        "weak service": "Near, and part of it: the repairs are slow. But they are slow for all "
        "lines, and it is scanners above all that they gave up; and of the other accounts, those "
        "with many bad ones halved more often than those with hardly any.",
        "our rep left": "Look when the purchases fell, and whether the rep had changed by then.",
        "a rival's offer": "Another maker gets the orders now, until this stops, they say: the "
        "rival is where they went, not why.",
        "short-termism": "Nobody here gave two answers or squeezed them: terms and prices stood.",
        "not ours": "They still order from us, and the other lines hold up: the firm is neither "
        "closed nor without need.",
    },
    insight="The cause in the books of this world, too: bad batches of one line. And they are not "
    "gone: they buy less, and tell us why.",
    minutes=6,
    hints=(
        "Which findings would look the same under every cause? They count for nothing.",
        "Repairs were slow for all that they sent in. Did all lines fall alike?",
        "Ask of the other product lines: which cause would have spared them?",
    ),
)

# 7a.4 ------------------------------------------------------------------------------------------

MEMO = Exercise(
    "7a.4",
    "Write to Mr Zhang: cause and certainty, what it cost, what to do, which count to watch.",
    form="a memo",
    min_words=70,
    rubric={
        "names the cause and how sure you are": ("sure", "certain", "doubt", "%", "likely", "把握"),
        "rests on other accounts, not on this one alone": (
            "other account",
            "others",
            "peer",
            "dose",
            "batches",
            "剂量",
        ),
        "gives the loss and the cost of the remedy in yuan": ("yuan", "¥", "rmb", "元"),
        "says who watches which count, and when it rings": (
            "month",
            "limit",
            "alarm",
            "rate",
            "watch",
            "每月",
        ),
    },
    hints=(
        "Begin with the diagnosis and the doubt that remains.",
        "Two sums in yuan: what a year without these orders costs, what the remedy costs.",
        "End with the count that would have rung, and whose desk it belongs on.",
    ),
    minutes=6,
)

EXERCISES = [CAME_BACK, HALVED, DIAGNOSIS, MEMO]

PREDICTIONS = [
    Prediction(
        "07a.halved",
        "Of 100 accounts that got hardly any bad scanners, some halved their purchases anyway. Of "
        "100 accounts that got many, how many did?",
        unit="accounts",
    ),
]

RECALL = [
    Question(
        "A finding fits all seven hypotheses. What is it worth on the board?",
        choices=["Most of all", "As much as any other", "Nothing"],
        right="Nothing",
        because="It moves all of them alike, so the ranking stays where it was.",
    ),
    Question(
        "Why look at other accounts, when the case is about this one?",
        choices=[
            "One account's bad year can have any cause",
            "Other accounts buy more",
            "It is the custom",
        ],
        right="One account's bad year can have any cause",
        because="With others one can see whether those who got more of the cause show more of the "
        "effect.",
    ),
    Question(
        "Accounts with many bad scanners bought fewer scanners, but as many keyboards. What does "
        "the second half add?",
        choices=[
            "Nothing: keyboards did not fail",
            "They were not simply in trouble, or angry with all of us",
            "Keyboards are cheaper",
        ],
        right="They were not simply in trouble, or angry with all of us",
        because="A line that the cause cannot touch should not move: a negative control.",
    ),
    Question(
        "Case A still orders. Is it churn?",
        choices=[
            "No: an account that orders is no loss",
            "By silence no, by revenue yes",
            "Yes, by every definition",
        ],
        right="By silence no, by revenue yes",
        because="No list of lost accounts shows it; the yuan bought less do (exercise 6.1).",
    ),
    Question(
        "Repairs at case A are slow. Why is weak service not the first cause?",
        choices=[
            "Customers do not mind waiting",
            "All lines had slow repairs, but scanners fell far more",
            "Service is another department",
        ],
        right="All lines had slow repairs, but scanners fell far more",
        because="A cause that touches all alike cannot tell why one fell more.",
    ),
    Question(
        "From chapter 06: 3 of 10 small accounts left, and 27 of 90 large ones. Which rate is "
        "known better?",
        choices=["That of the 10", "That of the 90", "Both alike: 30 %"],
        right="That of the 90",
        because="The same rate, but a handful of accounts can be at 30 % by chance alone.",
    ),
]

TERMS = [
    Term("batch", "批次", "pīcì", "units made together, which share their faults"),
    Term("return rate", "退货率", "tuìhuòlǜ", "units that come back, per 100 delivered"),
    Term(
        "dose and response",
        "剂量与反应",
        "jìliàng yǔ fǎnyìng",
        "more of the cause should bring more of the effect",
    ),
    Term(
        "negative control",
        "阴性对照",
        "yīnxìng duìzhào",
        "something that the cause cannot touch, and that should not move",
    ),
    Term("hypothesis", "假设", "jiǎshè", "a cause that might be true, and is to be tested"),
    Term("product recall", "产品召回", "chǎnpǐn zhàohuí", "fetching back units before they fail"),
    Term(
        "control chart",
        "控制图",
        "kòngzhìtú",
        "a rate over time, with the limit that chance seldom passes",
    ),
    Term("win back", "赢回客户", "yínghuí kèhù", "to regain the business of a customer"),
]
