"""Case D, payment terms: reference answers, known mistakes, recall and terms."""

from __future__ import annotations

import pandas as pd

from helpers import data
from helpers.exercises import Exercise, Mistake, Prediction, Question, Term
from helpers.exercises.causes import accounts_of, diagnosis

# 7d.1 ------------------------------------------------------------------------------------------


def _day(words: str) -> pd.Timestamp:
    """Return the day of the only note in the case's diary that has these words."""
    touches = data.read("touches")
    diary = touches[touches["account_id"].isin(accounts_of("D"))]
    return diary.loc[diary["note"].str.contains(words, regex=False), "date"].item()


ASKED, YES, NO = "asks to pay quarterly", "vice-president says yes", "general manager says no"
RIVAL = "small order with"


def _days(first: str, last: str) -> int:
    return (_day(last) - _day(first)).days


TWO_ANSWERS = Exercise(
    "7d.1",
    "How many days lie between the day on which we told them yes and the day on which we took it "
    "back?",
    unit="days",
    tolerance=0,
    answer=lambda: _days(YES, NO),
    mistakes=[
        Mistake(
            lambda: _days(YES, NO) + 1,
            "You counted both ends: from Monday to Tuesday is one day.",
        ),
        Mistake(
            lambda: _days(ASKED, NO),
            "That is counted from the day on which they asked; begin with our yes.",
        ),
        Mistake(
            lambda: _days(ASKED, YES),
            "That is how long they waited for the yes; the question is how long it stood.",
        ),
        Mistake(
            lambda: _days(YES, RIVAL),
            "That runs on to the note on the rival's order; end with our no.",
        ),
        Mistake(
            lambda: _days(NO, RIVAL),
            "That is the time from our no to the note on the rival's order.",
        ),
        Mistake(
            lambda: (data.AS_OF - _day(YES)).days,
            "That is how long ago we said yes, counted from today.",
        ),
        Mistake(
            lambda: (data.AS_OF - _day(NO)).days,
            "That is how long ago we said no, counted from today.",
        ),
    ],
    insight="So long did a promise of ours hold. They could plan with it, and then could not.",
    hints=(
        "The notes stand in the table above: find the row that says yes and the row that says no.",
        "Their dates are in the column date: take the later less the earlier.",
        "Take each date out of its row with .iloc[0], else pandas lines up the rows: "
        "(second - first).days.",
    ),
    minutes=2,
)

# 7d.2 ------------------------------------------------------------------------------------------


def _deal() -> pd.Series:
    deals = data.read("deals")
    return deals[deals["account_id"].isin(accounts_of("D"))].iloc[0]


def _rating() -> str:
    accounts = data.read("accounts").set_index("account_id")
    return accounts.loc[accounts_of("D")[0], "credit_rating"]


def _wait() -> tuple[float, float]:
    """Return how many days goods of 2026 wait for their money: paid monthly, paid quarterly."""
    day = pd.Series(pd.date_range("2026-01-01", "2026-12-31"))
    month, quarter = day + pd.offsets.MonthEnd(0), day + pd.offsets.QuarterEnd(0)
    return (month - day).dt.days.mean(), (quarter - day).dt.days.mean()


def _capital(days: float) -> float:
    return _deal()["value"] * days / 365 * data.finance("cost_of_capital")


def _default(times: float, *, rating: str | None = None) -> float:
    """Return the yuan never paid when the rating's share is multiplied."""
    return times * _deal()["value"] * data.finance(f"default_rate_{rating or _rating()}")


def _worst(*, rating: str | None = None) -> float:
    monthly, quarterly = _wait()
    return _capital(quarterly - monthly) + _default(quarterly / monthly - 1, rating=rating)


def _all_of_quarterly() -> float:
    monthly, quarterly = _wait()
    return _capital(quarterly) + _default(quarterly / monthly)


def _without_the_year() -> float:
    monthly, quarterly = _wait()
    return _capital(365 * (quarterly - monthly)) + _default(quarterly / monthly - 1)


def _all_days_of_quarterly() -> float:
    monthly, quarterly = _wait()
    return _capital(quarterly) + _default(quarterly / monthly - 1)


TERMS_IN_YUAN = Exercise(
    "7d.2",
    "What does quarterly payment cost us more than monthly payment on this deal, in 2026, as the "
    "pessimist reckons: capital on the longer wait, and a default that grows in step with it?",
    unit="yuan",
    relative=0.025,
    answer=_worst,
    mistakes=[
        Mistake(
            lambda: _capital(_wait()[1] - _wait()[0]),
            "That is the capital. The pessimist's default is missing.",
        ),
        Mistake(
            lambda: _default(_wait()[1] / _wait()[0] - 1),
            "That is the default. Our money costs something too, for the extra days.",
        ),
        Mistake(
            _all_of_quarterly,
            "That is all that quarterly payment costs. Monthly is not free: take its cost off.",
        ),
        Mistake(
            lambda: _capital(60) + _default(2),
            "You let all goods wait for a whole month or quarter. What is delivered on the last "
            "day waits for nothing: use the averages in wait.",
        ),
        Mistake(
            lambda: _capital(_wait()[1] - _wait()[0]) + _default(_wait()[1] / _wait()[0]),
            "Paid monthly, some of it is never paid either: only the growth of the default counts.",
        ),
        Mistake(
            lambda: _capital(_wait()[1] - _wait()[0]) + _default(1),
            "The capital is there. But value × rate is what is lost when paid monthly: by how much "
            "does it grow?",
        ),
        Mistake(
            _without_the_year,
            "The cost of capital is that of a whole year: take the extra days as a part of 365.",
        ),
        Mistake(
            _all_days_of_quarterly,
            "The default is right. Of the capital, only the extra days count: paid monthly, our "
            "money is out as well.",
        ),
        Mistake(
            lambda: _worst() / 4,
            "That is one quarter's cost; the question asks for the year.",
        ),
        Mistake(
            lambda: _worst(rating="C"),
            "That takes another rating's default: look theirs up in the file.",
        ),
    ],
    insight="The pessimist's sum. Keep it, and set it against what the deal brings.",
    hints=(
        "Extra days: wait['quarterly'] - wait['monthly'].",
        "Capital: value * extra days / 365 * data.finance('cost_of_capital'). Then the default.",
        "Default: value * rate is lost when paid monthly; paid quarterly, it is "
        "wait['quarterly'] / wait['monthly'] times that. Add only the difference.",
    ),
    minutes=5,
)

# 7d.3 ------------------------------------------------------------------------------------------

DIAGNOSIS = diagnosis(
    "7d.3",
    case="D",
    question="What keeps the deal of case D from being won?",
    against={
        "unstable quality": "The trial ended satisfied on every count: nothing failed, and "
        "they were ready to order.",
        "lack of innovation": "They asked for nothing that we do not make: terminals and "
        "scanners, from one hand.",
        "weak service": "Near: they wait for us. But our rep came, called and showed; what "
        "they wait for is a decision that he may not take.",
        "our rep left": "One rep began the deal and is there still; look at the diary.",
        "a rival's offer": "Look at the days: the order went to the rival after we took our "
        "word back, and it was small. That is where they turned, not why.",
        "not ours": "They neither close nor move, they need forty counters' worth, and their "
        "wish costs a small part of what the deal brings. This one is made at home.",
    },
    insight="So the books of this world say too: two managers, two answers, and no rule or sum "
    "on the table that both could look at. And the deal is open: the cause can be removed this "
    "week.",
    hints=(
        "Which came first: our no, or the rival's order?",
        "Is the sum in question large enough to lose the deal over?",
        "Do others like them have such terms with us? What does that say of our rule?",
    ),
    minutes=6,
)

# 7d.4 ------------------------------------------------------------------------------------------

MEMO = Exercise(
    "7d.4",
    "Write to Mr Zhang: one contract for this deal with its yuan, why all three sign it, the rule "
    "for who may promise terms, and what would show that you are wrong.",
    form="a memo",
    min_words=70,
    rubric={
        "names one contract: terms, price, deposit": ("quarterly", "monthly", "按季", "按月"),
        "gives the yuan: what it costs and what it brings": ("yuan", "¥", "rmb", "cny", "元"),
        "says who may promise terms to whom": (
            "rule",
            "promise",
            "rating",
            "rated",
            "规则",
            "等级",
        ),
        "says how sure you are, and what would prove you wrong": (
            "sure",
            "wrong",
            "unless",
            "assum",
            "doubt",
            "风险",
        ),
    },
    hints=(
        "Begin with the contract, in one sentence that could go to the customer tomorrow.",
        "Then three sums: what the terms cost us, what the deal brings, what the habit would cost.",
        "End with the rule, the day until which it must be decided, and your doubt.",
    ),
    minutes=6,
)

EXERCISES = [TWO_ANSWERS, TERMS_IN_YUAN, DIAGNOSIS, MEMO]

PREDICTIONS = [
    Prediction(
        "07d.cost",
        "What does quarterly instead of monthly payment cost us on this deal, in a year, if we "
        "are pessimistic?",
        unit="yuan",
        low=0,
        high=60_000,
    ),
    Prediction(
        "07d.sign",
        "Two terms, two prices, with or without a deposit: how many of the eight contracts will "
        "all three sign?",
        unit="of the eight",
        low=0,
        high=8,
    ),
]

RECALL = [
    Question(
        "Goods flow evenly and are paid at the end of each quarter. How long does their money wait "
        "on average?",
        choices=["About 90 days", "About 45 days", "About 15 days"],
        right="About 45 days",
        because="What is delivered on the first day waits for a quarter, on the last day for "
        "nothing: half of it on average.",
    ),
    Question(
        "The customer borrows at 12 %, we at 9 %. Which gift costs us less than it is worth to "
        "them?",
        choices=["A discount", "A longer term", "Both are worth what they cost"],
        right="A longer term",
        because="A yuan off the price is a yuan to both. A day of credit costs 9 % a year and "
        "saves 12 %.",
    ),
    Question(
        "A prospect places a small order with a rival. What does it prove?",
        choices=[
            "That the rival is cheaper",
            "That they need the goods and are able to buy them",
            "That the deal is lost",
        ],
        right="That they need the goods and are able to buy them",
        because="Price, size and reason stand nowhere. Ask; do not conclude.",
    ),
    Question(
        "All finished deals with prospects in our file were lost. Why?",
        choices=[
            "Prospects hardly ever buy",
            "Who buys is no longer listed as a prospect",
            "Reps neglect them",
        ],
        right="Who buys is no longer listed as a prospect",
        because="The winners have moved to another list: what is left was chosen by its result.",
    ),
    Question(
        "A contract is Pareto-efficient. What does that mean?",
        choices=[
            "Everybody signs it",
            "No other one is better for somebody and worse for nobody",
            "It splits the gain in equal parts",
        ],
        right="No other one is better for somebody and worse for nobody",
        because="It may still be unfair, or refused: whoever can walk away must gain as well.",
    ),
    Question(
        "From chapter 01: won deals ran longer, and in them more roles were met. What follows?",
        choices=[
            "Meeting more roles wins deals",
            "Running longer wins deals",
            "Compare deals of equal age before you believe either",
        ],
        right="Compare deals of equal age before you believe either",
        because="Age and roles grow together, so each may borrow the other's merit.",
    ),
]

TERMS = [
    Term(
        "payment terms",
        "付款条件",
        "fùkuǎn tiáojiàn",
        "when a customer pays, and how: a price in days",
    ),
    Term(
        "cost of capital",
        "资金成本",
        "zījīn chéngběn",
        "what a year's use of money costs the firm, as a share",
    ),
    Term("default", "违约", "wéiyuē", "a debt that is never paid"),
    Term("deposit", "定金", "dìngjīn", "a part of the price that is paid before delivery"),
    Term("precedent", "先例", "xiānlì", "a promise to one to which others will point"),
    Term(
        "payoff table",
        "收益表",
        "shōuyìbiǎo",
        "what each outcome is worth to each party, side by side",
    ),
    Term(
        "Pareto-efficient",
        "帕累托有效",
        "pàlèituō yǒuxiào",
        "nobody could be better off without another worse off",
    ),
    Term(
        "short-termism",
        "短期行为",
        "duǎnqī xíngwéi",
        "unsteady policy: the near aim of one manager today, of another tomorrow",
    ),
]
