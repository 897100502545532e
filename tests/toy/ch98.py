"""A toy chapter: one exercise of each form, and one whose reference cannot be computed."""

import pandas as pd

from helpers import data
from helpers.exercises import Claim, Exercise, Mistake, Prediction, Question, Term

PROFIT = pd.Series({"K1": 1200.0, "K2": 350.5, "K3": -80.0}, name="profit").rename_axis(
    "account_id"
)
CALLS = []


def _share() -> float:
    CALLS.append(data.world())
    return 78.42 if data.world() == "seed 2025" else 61.0


def _broken() -> float:
    raise data.CourseError("orders.csv is cut off at line 12.")


EXERCISES = [
    Exercise(
        "98.1",
        "Share of revenue that the top fifth bring",
        unit="%",
        answer=_share,
        mistakes=[
            Mistake(lambda: 20.0, "That is the share of customers, not of revenue."),
            Mistake(lambda: 61.0, "That is the share of all three years."),
        ],
        insight=lambda share: f"{share:.0f} % is a lot.",
        hints=("Sort.", "Add up.", "Divide."),
    ),
    Exercise(
        "98.2",
        "Does 80/20 hold?",
        form="a choice",
        answer=lambda: "holds only if it is revenue",
        choices=("holds", "holds only if it is revenue", "not supported"),
        mistakes=[Mistake(lambda: "holds", "For revenue it does. And for profit?")],
    ),
    Exercise(
        "98.3",
        "Which accounts lose money?",
        form="a set of ids",
        key="account_id",
        answer=lambda: ["K3", "K1", "K2"],
        mistakes=[Mistake(lambda: ["K1", "K2"], "These earn money: mind the sign.")],
    ),
    Exercise(
        "98.4",
        "The three largest, the largest first",
        form="a list of ids",
        key="account_id",
        given=lambda: PROFIT.sort_index(ascending=data.world() == "seed 2025").index.tolist(),
        answer=lambda: list(PROFIT.index),
        mistakes=[Mistake(lambda: ["K3", "K2", "K1"], "Ascending for descending.")],
    ),
    Exercise("98.5", "Profit by account", form="a Series", unit="yuan", answer=lambda: PROFIT),
    Exercise(
        "98.6",
        "Profit and tier by account",
        form="a table",
        key="account_id",
        unit="yuan",
        given=lambda: {"tiers": ["A", "B"]},
        answer=lambda: PROFIT.reset_index().assign(tier=["A", "B", "D"]),
        mistakes=[
            Mistake(
                lambda: PROFIT.reset_index().assign(tier=["D", "B", "A"]), "D is the small end."
            )
        ],
    ),
    Exercise(
        "98.7",
        "A memo to Mr Zhang",
        form="a memo",
        min_words=8,
        rubric={"names an account": ("K1", "K2"), "says what it costs": ("yuan", "元")},
    ),
    Exercise("98.8", "Cannot be computed", answer=_broken),
    Exercise("98.9", "How many accounts?", answer=lambda: 3),
    Exercise("98.10", "Who is lost? (Nobody.)", form="a set of ids", answer=lambda: []),
]

RECALL = [
    Question("What is on top?", "profit", "It is a whale.", choices=("revenue", "profit")),
    Question("How many sell?", lambda: 40, "Count them.", tolerance=2),
    Question("What curve is it?", "whale curve", "It dives.", also=("profit curve",)),
]

TERMS = [
    Term("whale curve", "鲸鱼曲线", "jīng yú qū xiàn", "profit added up, the best customer first"),
    Term("long tail", "长尾", "cháng wěi", "many small ones together"),
]

CLAIMS = [
    Claim(
        "T3",
        "20 % bring 80 %",
        answer=lambda: (_share(), f"The top fifth bring {_share():.0f} %."),
        evidence="0.73 on average in one study.",
        verdict=lambda share: "holds" if share > 70 else "not supported",
        would_change="a longer period",
    ),
    Claim("T4", "cannot be computed", _broken, "none", "holds", "data"),
]

PREDICTIONS = [
    Prediction("98.top", "Of 100 yuan, how many?", unit="yuan", low=0, high=100),
    Prediction("98.who", "Who is it?", choices=("the large", "the small")),
]
