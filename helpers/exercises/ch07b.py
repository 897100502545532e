"""Case 07b, gone or moved: reference answers, known mistakes, recall and terms."""

from __future__ import annotations

import pandas as pd

from helpers import data
from helpers.exercises import Exercise, Mistake, Prediction, Question, Term, causes, computed

# 7b.1 ------------------------------------------------------------------------------------------


def _days() -> pd.Series:
    """Return the days on which case B ordered, each once, in order."""
    orders = data.read("orders")
    (case_b,) = causes.accounts_of("B")
    return orders.loc[orders["account_id"] == case_b, "date"].drop_duplicates().sort_values()


def _pauses() -> pd.Series:
    """Return the days from each order day to the next."""
    return _days().diff().dt.days


LONGEST_PAUSE = Exercise(
    "7b.1",
    "What was the longest pause between two of B's order days, before it fell silent?",
    unit="days",
    tolerance=0,
    answer=lambda: _pauses().max(),
    mistakes=[
        Mistake(
            lambda: (data.AS_OF - _days().max()).days,
            "That is the silence since the last order: the thing to judge, not the yardstick.",
        ),
        Mistake(
            lambda: _pauses().median(),
            "That is the usual pause; the question asks for the longest one.",
        ),
        Mistake(
            lambda: _pauses().mean(),
            "That is the mean pause; the question asks for the longest one.",
        ),
        Mistake(
            lambda: (_days().max() - _days().min()).days,
            "That is the time from the first order to the last; look at one order to the next.",
        ),
        Mistake(
            lambda: len(_days()),
            "That counts the order days; the question asks how long none came.",
        ),
        Mistake(
            lambda: (
                data.read("orders")["date"].drop_duplicates().sort_values().diff().dt.days.max()
            ),
            "Those are the order days of all customers: on nearly every day somebody orders. Take "
            "`mine`.",
        ),
        Mistake(
            lambda: (pd.Timestamp("2025-01-01") - _days().max()).days,
            "That is the time from its last order to New Year; look between its order days.",
        ),
    ],
    insight=lambda pause: (
        f"Since its last order {(data.AS_OF - _days().max()).days:,} days went by: "
        f"{(data.AS_OF - _days().max()).days / pause:.0f} times its longest pause. This clock has "
        "stopped."
    ),
    hints=(
        "One row of `mine` is an order line: drop_duplicates() leaves each day once.",
        "sort_values().diff() gives the time from each day to the next, .dt.days its days.",
        "The longest of them is .max().",
    ),
    minutes=2,
)

# 7b.2 ------------------------------------------------------------------------------------------


def _pairs() -> pd.DataFrame:
    """Return who left an account, with everybody of that name who later began at another."""
    contacts = data.read("contacts")
    leavers = contacts.dropna(subset="end")
    pairs = leavers.merge(contacts, on="name", suffixes=("", "_new"))
    elsewhere = pairs["account_id"] != pairs["account_id_new"]
    return pairs[elsewhere & (pairs["start_new"] > pairs["end"])]


def _same_phone() -> pd.Series:
    pairs = computed(_pairs)
    return pairs["phone"] == pairs["phone_new"]


def _in_any_order() -> int:
    """Return how many leavers' name and phone stand at another account, earlier ones too."""
    contacts = data.read("contacts")
    leavers = contacts.dropna(subset="end")
    met = leavers.merge(contacts, on=["name", "phone"], suffixes=("", "_new"))
    return int((met["account_id"] != met["account_id_new"]).sum())


def _with_themselves() -> int:
    """Return how many rows agree in name and phone before `pairs` leaves any out."""
    contacts = data.read("contacts")
    return len(contacts.dropna(subset="end").merge(contacts, on=["name", "phone"]))


MET_AGAIN = Exercise(
    "7b.2",
    "How many rows of `pairs` agree in the phone number too?",
    unit="pairs",
    tolerance=0,
    answer=lambda: _same_phone().sum(),
    mistakes=[
        Mistake(
            lambda: len(computed(_pairs)),
            "Those agree by name; most of them have another phone: another person.",
        ),
        Mistake(
            lambda: (~_same_phone()).sum(),
            "Those have another phone: the false matches. The question asks for the others.",
        ),
        Mistake(
            lambda: 100 * _same_phone().mean(),
            "That is their share in percent; the question asks how many they are.",
        ),
        Mistake(
            lambda: _same_phone().mean(),
            "That is their share, which .mean() gives; .sum() counts them.",
        ),
        Mistake(
            lambda: data.read("contacts")["phone"].duplicated(keep=False).sum(),
            "You counted rows of contacts whose phone stands there twice: each person twice.",
        ),
        Mistake(
            lambda: computed(_pairs)["phone_new"].nunique(),
            "Those are the different numbers in one column; compare the two columns, row by row.",
        ),
        Mistake(
            lambda: computed(_pairs)["phone"].isin(computed(_pairs)["phone_new"]).sum(),
            ".isin looks for the number anywhere in the other column; compare row by row, with ==.",
        ),
        Mistake(
            lambda: (
                _same_phone() & computed(_pairs)["account_id"].isin(causes.accounts_of("B"))
            ).sum(),
            "That is B's own; the question asks for all rows of `pairs`.",
        ),
        Mistake(
            _with_themselves,
            "Most of these are people beside their own row, at the same account: keep to `pairs`.",
        ),
        Mistake(
            _in_any_order,
            "Some of these began at the other account before they left this one: keep to `pairs`.",
        ),
    ],
    insight=lambda people: (
        f"{people:.0f} of {len(computed(_pairs))}: a name alone is right in "
        f"{100 * people / len(computed(_pairs)):.0f} % of the matches. Name and phone together do "
        "not agree by luck: and one of these people worked at B."
    ),
    hints=(
        "pairs has two columns to compare: phone (there) and phone_new (here).",
        "Compare them with ==; the result is True or False for each row.",
        "Count the True ones with .sum().",
    ),
    minutes=3,
)

# 7b.3 ------------------------------------------------------------------------------------------

DIAGNOSIS = causes.diagnosis(
    "7b.3",
    case="B",
    against={
        "a rival's offer": "A rival takes the orders and leaves the people. Who is left at B? And "
        "the record of the rep is a claim, not a finding: what backs it?",
        "our rep left": "Look into assignments and reps: the same person looked after B to the "
        "end, and is still with us.",
        "unstable quality": "Set its failed units beside those of its like. And do failed units "
        "empty all the desks within weeks?",
        "weak service": "Set the days that its repairs took beside those of its like. And would "
        "people whom we served badly buy from us again at their next post?",
        "lack of innovation": "Who finds our range dull buys elsewhere, and stays at the desk. "
        "What became of the desks?",
        "short-termism": "That would show in notes of broken promises and changed terms: find one "
        "in B's diary.",
    },
    insight="Not churn at all: the people went on, and so did their need of devices. Only our "
    "account number ended. That is not yet a reason to be content: see section 4.",
    hints=(
        "For each finding ask first: under which causes would I have seen it as well?",
        "What do the ends in contacts, all within weeks, fit, and what do they speak against?",
        "Where does B's head of office work today, and who sells to that account?",
    ),
    minutes=6,
)

# 7b.4 ------------------------------------------------------------------------------------------

MEMO = Exercise(
    "7b.4",
    "A memo to Mr Zhang, at least 70 words: what became of B, on what evidence, what to do, what "
    "it costs and brings, and how B is to be counted",
    form="a memo",
    min_words=70,
    rubric={
        "says that B moved and is not lost": (
            "moved",
            "merged",
            "not lost",
            "not churn",
            "合并",
            "搬",
        ),
        "rests on people, by name and phone, and not on the recorded reason": (
            "phone",
            "same person",
            "same people",
            "head of office",
            "电话",
        ),
        "sets the cost of a plan against what it can bring, in yuan": ("yuan", "¥", "rmb", "元"),
        "says how B counts in the loss statistics, or whose the credit is": (
            "loss rate",
            "statistic",
            "count",
            "credit",
            "commission",
            "流失率",
        ),
    },
    hints=(
        "Begin with the answer to his question: there is no rival to undercut.",
        "Set the cost of the visits beside the margin in the room that the branch has.",
        "End with a rule: who tells whom, the next time a customer's office closes?",
    ),
    minutes=6,
)

EXERCISES = [LONGEST_PAUSE, MET_AGAIN, DIAGNOSIS, MEMO]

PREDICTIONS = [
    Prediction(
        "07b.names",
        "Pair all who left an account with all of the same name who began at another one later. Of "
        "100 such pairs, how many have the same phone number too?",
        unit="pairs",
    ),
]

RECALL = [
    Question(
        "An account stops buying, and its people are all still there. Which cause is out?",
        choices=[
            "A rival's offer",
            "The office was closed",
            "Unstable quality",
        ],
        right="The office was closed",
        because="A closing takes the people. Who leaves for another supplier stays at the desk.",
    ),
    Question(
        "You compare 100,000 pairs of people; two strangers share a name once in 2,500. How many "
        "pairs agree by chance?",
        right=40,
        tolerance=0,
        unit="pairs",
        because="100,000 / 2,500. Many pairs make many coincidences, each of them rare.",
    ),
    Question(
        "Why does the phone number help so much more than the name?",
        choices=[
            "It is longer",
            "Two strangers hardly ever share one",
            "It is in two columns",
        ],
        right="Two strangers hardly ever share one",
        because="A key is as good as it is rare among strangers. A switchboard's number is no key.",
    ),
    Question(
        "A customer moved and is counted as lost, and as new where it arrived. Which is wrong?",
        choices=[
            "The customers lost",
            "The customers won",
            "Both",
        ],
        right="Both",
        because="One move, two errors: the firm looks worse at keeping and better at winning.",
    ),
    Question(
        "A person whom you know turns up at another account. What follows for the old account?",
        choices=[
            "It has moved",
            "It is lost",
            "Nothing yet: most such people just changed jobs",
        ],
        right="Nothing yet: most such people just changed jobs",
        because="Ask who is left there, and which account began to buy when the other stopped.",
    ),
    Question(
        "From chapter 01: one person leaves an account. How many roles go along?",
        choices=["One", "All that this person held", "None: roles belong to the account"],
        right="All that this person held",
        because="One person can hold several roles: see which of the six are left without anybody.",
    ),
]

TERMS = [
    Term(
        "record linkage",
        "记录关联",
        "jìlù guānlián",
        "finding the rows of two lists that speak of the same person",
    ),
    Term("false match", "误匹配", "wù pǐpèi", "two rows that agree in the key and are two people"),
    Term(
        "base rate", "基础比率", "jīchǔ bǐlǜ", "how often a thing happens to all, before one looks"
    ),
    Term("merger", "合并", "hébìng", "two offices or firms that become one"),
    Term(
        "loss statistics",
        "流失统计",
        "liúshī tǒngjì",
        "who is counted as lost, when and for what reason",
    ),
    Term("key contact", "关键联系人", "guānjiàn liánxìrén", "the person on whom an account hangs"),
    Term(
        "visit plan",
        "拜访计划",
        "bàifǎng jìhuà",
        "whom to visit, how often and how long, with its cost",
    ),
    Term("false alarm", "误报", "wùbào", "a warning after which nothing happened"),
]
