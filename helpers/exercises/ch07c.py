"""Case C, the rep who left: reference answers, known mistakes, recall and terms."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import data
from helpers.exercises import Exercise, Mistake, Prediction, Question, Term, causes, computed

YEAR_BEFORE = ["2024Q3", "2024Q4", "2025Q1", "2025Q2"]
HALF_AFTER = ["2025Q3", "2025Q4"]


def _rep() -> pd.Series:
    reps = data.read("reps")
    return reps[reps["name"] == "Wang Sheng"].iloc[0]


def _case() -> str:
    return causes.accounts_of("C")[0]


def _touches(*, since: bool) -> pd.DataFrame:
    """Return our touches with the account of the case, since the rep left or until then."""
    touches = data.read("touches")
    return touches[
        (touches["account_id"] == _case()) & ((touches["date"] > _rep()["left"]) == since)
    ]


# 7c.1 ------------------------------------------------------------------------------------------


SUCCESSOR_MINUTES = Exercise(
    "7c.1",
    "How many minutes in all did we spend with Ruiheng from 1 July to 31 December 2025?",
    unit="minutes",
    tolerance=0,
    answer=lambda: _touches(since=True)["minutes"].sum(),
    mistakes=[
        Mistake(
            lambda: len(_touches(since=True)),
            "That counts the touches; each of them took some minutes: add those up.",
        ),
        Mistake(
            lambda: _touches(since=False)["minutes"].sum(),
            "Those are Wang Sheng's minutes, up to the day he left: turn the comparison round.",
        ),
        Mistake(
            lambda: _touches(since=True)["minutes"].sum() + _touches(since=False)["minutes"].sum(),
            "You added the time of Wang Sheng; keep what comes after his last day.",
        ),
        Mistake(
            lambda: _touches(since=True)["minutes"].sum() / 60,
            "That is in hours; the question asks for minutes.",
        ),
        Mistake(
            lambda: _touches(since=True)["minutes"].mean(),
            "That is the mean of a touch; the question asks for all of them together.",
        ),
        Mistake(
            lambda: data.read("touches").loc[lambda t: t["date"] > _rep()["left"], "minutes"].sum(),
            "Those are the minutes with all accounts; keep Ruiheng's.",
        ),
        Mistake(
            lambda: data.read("touches")["minutes"].sum(),
            "Those are all minutes with all accounts; keep Ruiheng's, after his last day.",
        ),
    ],
    insight="After so much talk somebody knew that it was the price. The word in a file is only as "
    "good as the conversation behind it.",
    hints=(
        "touches has one row per visit, call or e-mail: keep account_id == case_c.",
        "Keep the rows with date > left.",
        "Add up the column minutes.",
    ),
    minutes=2,
)

# 7c.2 ------------------------------------------------------------------------------------------


def _frame() -> pd.DataFrame:
    """Return the regular accounts: before, after, last quarter (% of months), whose, visit."""
    orders, accounts = data.read("orders"), data.read("accounts")
    assignments, rep = data.read("assignments"), _rep()
    month, quarter = orders["date"].dt.to_period("M"), orders["date"].dt.to_period("Q").astype(str)
    months = pd.crosstab(orders["account_id"], quarter, values=month, aggfunc="nunique")
    months = 100 * months.fillna(0) / 3
    bought = months[YEAR_BEFORE] > 0
    regular = months.index[(bought.sum(axis="columns") >= 3) & bought["2025Q2"]]
    table = pd.DataFrame(
        {
            "before": months[YEAR_BEFORE].mean(axis="columns"),
            "after": months[HALF_AFTER].mean(axis="columns"),
            "last": months["2025Q4"],
        }
    ).loc[regular]
    with_him = (assignments["rep_id"] == rep["rep_id"]) & (assignments["end"] == rep["left"])
    table["his"] = table.index.isin(assignments.loc[with_him, "account_id"])
    moved = table.index.isin(assignments.loc[assignments["end"] >= "2024-07-01", "account_id"])
    own = table.index.isin(accounts.loc[accounts["relation"] == "internal", "account_id"])
    table = table[~own & (table["his"] | ~moved)]
    handed = assignments[assignments["start"] == rep["left"] + pd.Timedelta(days=1)]
    visit = handed.set_index("account_id")["handover_visit"].reindex(table.index)
    return table.assign(visit=visit.eq(True))


def _study(*, with_case: bool = False) -> pd.DataFrame:
    table = computed(_frame)
    return table if with_case else table.drop(_case(), errors="ignore")


def _change(rows: pd.DataFrame, after: str = "after", how: str = "mean") -> float:
    return (rows[after] - rows["before"]).agg(how)


def _visit_gap(*, with_case: bool = False, after: str = "after", how: str = "mean") -> float:
    """Return how much better the visited held than the others of his, in points."""
    his = _study(with_case=with_case).query("his")
    return _change(his[his["visit"]], after, how) - _change(his[~his["visit"]], after, how)


def _visited(column: str, visit: bool = True) -> float:
    his = _study().query("his")
    return his.loc[his["visit"] == visit, column].mean()


def _still_orders(visit: bool) -> float:
    his = _study().query("his")
    return (his.loc[his["visit"] == visit, "last"] > 0).mean()


def _visit_range() -> tuple[float, float]:
    """Return between what 95 of 100 draws of other accounts lie, in points."""
    his = _study().query("his")
    change, rng = his["after"] - his["before"], np.random.default_rng(0)
    drawn = [
        rng.choice(change[his["visit"] == visit], (2000, int((his["visit"] == visit).sum())))
        for visit in (True, False)
    ]
    low, high = np.quantile(drawn[0].mean(axis=1) - drawn[1].mean(axis=1), [0.025, 0.975])
    return round(float(low)) + 0.0, round(float(high)) + 0.0  # no "-0"


VISIT_GAP = Exercise(
    "7c.2",
    "Difference in differences within Wang Sheng's portfolio: the change of those handed over with "
    "a visit, less the change of those without",
    unit="points",
    tolerance=0.5,
    answer=_visit_gap,
    mistakes=[
        Mistake(
            lambda: _visited("after") - _visited("after", False),
            "That compares the half-years after; part of it was there before. Take the changes.",
        ),
        Mistake(
            lambda: -_visit_gap(),
            "Right size, wrong sign: the visited come first, the others are subtracted.",
        ),
        Mistake(
            lambda: _visited("after") - _visited("before"),
            "That is the change of the visited alone; what would it have been without a visit?",
        ),
        Mistake(
            lambda: _visited("after", False) - _visited("before", False),
            "That is the change of those without a visit; subtract it from that of the visited.",
        ),
        Mistake(
            lambda: _change(_study().query("his")) - _change(_study().query("not his")),
            "That is the figure of the cell above, his against those who kept their rep; this "
            "question stays within his portfolio.",
        ),
        Mistake(
            lambda: 100 * (_still_orders(True) - _still_orders(False)),
            "That compares who still ordered in the last quarter; compare the change, from before "
            "to after.",
        ),
        Mistake(
            lambda: _visit_gap(how="sum"),
            "That adds up the changes, and the groups differ in size: take the mean of each.",
        ),
        Mistake(
            lambda: _change(_study().query("his")),
            "That is the change of his accounts all together; split them by `visit`.",
        ),
        Mistake(
            lambda: _visited("before") - _visited("before", False),
            "That compares the year before; take the change, after less before.",
        ),
        Mistake(
            lambda: _visit_gap() / 100,
            "That is a share; before and after are in %, so the answer is in points.",
        ),
        Mistake(
            lambda: _visit_gap(with_case=True),
            "Ruiheng is among them: the account that raised the question must not answer it.",
        ),
        Mistake(
            lambda: _visit_gap(after="last"),
            "You took the last quarter for the half-year after: the column `after` holds both.",
        ),
    ],
    insight=lambda gap: (
        "Same rep, same products, same list, same day: what differed was whether he came along. "
        "And chance? Of 100 draws of other accounts, 95 lie between "
        "{:+.0f} and {:+.0f} points.".format(*computed(_visit_range))
    ),
    hints=(
        "mine has one row per account, with the columns before, after and visit.",
        "mine.groupby('visit')[['before', 'after']].mean() gives the four means.",
        "After less before for each row, then the row True less the row False.",
    ),
    minutes=4,
)

# 7c.3 ------------------------------------------------------------------------------------------


DIAGNOSIS = causes.diagnosis(
    "7c.3",
    case="C",
    against={
        "unstable quality": "They rated our quality above most in spring, and no bad batch knows "
        "on which day a rep leaves. Whose accounts fell, and which of them?",
        "lack of innovation": "They asked for nothing that we do not make. And what we make was "
        "the same for those of his accounts that stayed.",
        "weak service": "They rated our service above the others, and met our man until June. "
        "What ended then, and did it end for those whom he had introduced as well?",
        "a rival's offer": "He did go to a rival, who may well have called. But the rival could "
        "call on all his accounts, and those introduced to his successor stayed more often.",
        "short-termism": "Nobody at the top gave two answers here, and no terms were changed. Look "
        "at who stopped ordering, and when.",
        "not ours": "Ruiheng is open, its people are all there, and it still answers the phone: it "
        "buys elsewhere.",
    },
    insight="Ruiheng did not buy from Lanhe; it bought from Wang Sheng. Those who had met a second "
    "face of ours stayed more often, on the same price list: so much for 'price'.",
    hints=(
        "Which findings would you also see if the cause were another? They say nothing.",
        "Look at the second test: the same rep left, and only some of his accounts did.",
    ),
    minutes=5,
)

# 7c.4 ------------------------------------------------------------------------------------------


MEMO = Exercise(
    "7c.4",
    "A memo to Mr Zhang: why Ruiheng left, how sure we are, what it cost, what to do",
    form="a memo",
    min_words=80,
    rubric={
        "the cause, and what speaks against 'price'": (
            "price", "cause", "reason", "because", "价格", "原因",
        ),
        "the comparison behind it, and how sure it makes us": (
            "compar", "difference", "others", "interval", "between", "sure", "assum", "doubt",
            "对照", "双重差分",
        ),
        "the money: margin lost, chance and cost of winning back": (
            "yuan", "margin", "win back", "win-back", "cost", "元", "毛利",
        ),
        "the rule for handing over from now on, and for which accounts": (
            "visit", "hand over", "handover", "hand-over", "second", "introduc", "交接", "拜访",
        ),
    },
    minutes=6,
)  # fmt: skip

EXERCISES = [SUCCESSOR_MINUTES, VISIT_GAP, DIAGNOSIS, MEMO]

PREDICTIONS = [
    Prediction(
        "07c.stayed",
        "Of ten regular accounts that Wang Sheng handed over without a visit, how many still "
        "ordered in the last quarter of 2025?",
        unit="of ten accounts",
        low=0,
        high=10,
    ),
]

RECALL = [
    Question(
        "Difference in differences: what is subtracted from what?",
        "The comparison group's change from the group's own change",
        "The comparison group's change stands for what would have happened anyway: season, market, "
        "prices.",
        choices=(
            "The comparison group's level from the group's level, both after",
            "The comparison group's change from the group's own change",
            "The group's level before from its level after",
        ),
    ),
    Question(
        "What must we believe for that subtraction to be fair?",
        "Without the event, both groups would have moved alike",
        "Levels may differ; movements may not. The quarters before can make it doubtful, and never "
        "prove it.",
        choices=(
            "Both groups have the same level before",
            "Both groups have the same number of accounts",
            "Without the event, both groups would have moved alike",
        ),
    ),
    Question(
        "Why is Ruiheng left out of the test?",
        "It made us look, so it would be found guilty in advance",
        "We looked at his portfolio because Ruiheng was lost. Counted in, it proves what it asked.",
        choices=(
            "It is too small to matter",
            "It made us look, so it would be found guilty in advance",
            "It was a customer for too short a time",
        ),
    ),
    Question(
        "A group falls from 70 to 50, its comparison group from 60 to 55. The difference in "
        "differences, in points?",
        -15,
        "(50 − 70) − (55 − 60) = −20 + 5 = −15.",
        unit="points",
        tolerance=0.01,
    ),
    Question(
        "You draw accounts again, with replacement, 2,000 times. What does the range of the "
        "results tell?",
        "How far chance in who was in the group moves the figure",
        "It does not tell whether the comparison was fair: a wrong comparison may have a narrow "
        "range.",
        choices=(
            "Whether the comparison group was well chosen",
            "How far chance in who was in the group moves the figure",
            "In which range each single account lies",
        ),
    ),
    Question(
        "From chapter 05: most of the top spenders with a letter bought. What is missing to judge "
        "the letter?",
        "How many of those without a letter bought",
        "The same thought as here: an effect is a difference to those whom it did not reach.",
        choices=(
            "How much the letter cost",
            "How many of those without a letter bought",
            "How many letters were sent",
        ),
    ),
]

TERMS = [
    Term(
        "difference in differences", "双重差分", "shuāngchóng chāfēn",
        "a group's change less the change of a comparison group over the same time",
    ),
    Term(
        "comparison group", "比较组", "bǐjiàozǔ",
        "those whom the event did not reach; they stand for what would have happened anyway",
    ),
    Term(
        "parallel trends", "平行趋势", "píngxíng qūshì",
        "the assumption that, without the event, both groups would have moved alike",
    ),
    Term(
        "resampling (bootstrap)", "自助法", "zìzhùfǎ",
        "drawing cases again, with replacement, to see how far chance moves a figure",
    ),
    Term(
        "handover", "客户交接", "kèhù jiāojiē",
        "passing an account from one rep to the next; with a visit, the two go together",
    ),
]  # fmt: skip
