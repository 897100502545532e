"""Say how an answer differs from the reference, both as `answers.read` gives them.

`difference` returns None when they agree, else one sentence that never gives the answer away.
"""

from __future__ import annotations

import math
import re

from helpers.exercises import UNIT_TOLERANCE, Exercise
from helpers.lessons.answers import fold, quote, unmarked

# Wrong by a factor, in any exercise: the unit ("" for all), what the answer must be multiplied by
# to be right, and what was probably done.
FACTORS = [
    ("%", 100, "That is a share between 0 and 1; the question asks for per cent."),
    ("share", 0.01, "That is in per cent; the question asks for a share between 0 and 1."),
    ("yuan", 1_000, "That is in thousands of yuan; the question asks for yuan."),
    ("yuan", 10_000, "That is in units of 10,000 yuan (万元); the question asks for yuan."),
    ("thousand yuan", 0.001, "That is in yuan; the question asks for thousands of yuan."),
    ("", -1, "The size is right, the sign is not: what was taken from what?"),
]


def difference(given: object, wanted: object, exercise: Exercise) -> str | None:
    """None if two answers that were read agree; else one sentence on what differs."""
    match exercise.form:
        case "a choice":
            return _choice_difference(given, wanted, exercise)
        case "a set of ids" | "a list of ids":
            return _ids_difference(given, wanted, ordered=exercise.form == "a list of ids")
        case _:
            return _table_difference(given, wanted, exercise)


def is_mistake(given: object, known: object, exercise: Exercise) -> bool:
    """Whether an answer is a known mistake: within the tolerance, and within a tenth of itself."""
    if difference(given, known, exercise) is not None:
        return False
    if exercise.form != "a number":
        return True
    (theirs,), (value,) = given[""].values(), known[""].values()
    return math.isclose(theirs, value, rel_tol=0.1, abs_tol=1e-9)


def factor_mistake(given: object, wanted: object, exercise: Exercise) -> str | None:
    """The reason if all that is wrong in numbers is wrong by one telling factor."""
    if exercise.form not in ("a number", "a Series", "a table"):
        return None
    if any(theirs.keys() != wanted[name].keys() for name, theirs in given.items()):
        return None
    pairs = [pair for name in wanted for pair in _wrong(given[name], wanted[name], exercise)]
    if not all(type(value) is float for _, *pair in pairs for value in pair):
        return None
    for unit, factor, reason in FACTORS:
        if unit in ("", exercise.unit) and all(
            same(factor * theirs, right, exercise) for _, theirs, right in pairs
        ):
            return reason
    return None


def tolerance(wanted: float, exercise: Exercise) -> float:
    """How far from `wanted` a number may lie and still be right."""
    if exercise.tolerance is not None:
        allowed = exercise.tolerance
    elif exercise.relative is not None:
        allowed = exercise.relative * abs(wanted)
    elif exercise.unit in UNIT_TOLERANCE:
        allowed = UNIT_TOLERANCE[exercise.unit]
    else:
        allowed = 0 if wanted == round(wanted) else 0.001 * abs(wanted)
    return allowed * (1 + 1e-9) + 1e-9 * abs(wanted)  # the edge itself is inside


def same(given: object, wanted: object, exercise: Exercise) -> bool:
    """Whether two plain values agree: numbers within the tolerance, texts whatever their case."""
    kinds = {type(given), type(wanted)}
    if kinds == {float}:
        if math.isnan(given) or math.isnan(wanted):
            return math.isnan(given) and math.isnan(wanted)
        return abs(given - wanted) <= tolerance(wanted, exercise)
    if kinds == {str}:
        return fold(given) == fold(wanted)
    return given == wanted if kinds <= {float, bool} or len(kinds) == 1 else False


def _choice_difference(given: str, wanted: str, exercise: Exercise) -> str | None:
    if fold(given) == fold(wanted):
        return None
    offered = [f'"{choice}"' for choice in exercise.choices]
    if offered and fold(given) not in map(fold, exercise.choices):
        return f"{quote(given)} is not among the choices: {', '.join(offered)}."
    return "That is one of the choices, but not the one that the data support."


def _ids_difference(given: list, wanted: list, *, ordered: bool) -> str | None:
    if not given and wanted:
        return "This is empty: no id is in it."
    if set(given) != set(wanted):
        return _not_ids(given, wanted) or f"The ids differ: {_which(set(given), set(wanted))}."
    if len(given) != len(set(given)):
        return "The ids are right, but some stand there more than once: keep each once."
    if not ordered or given == wanted:
        return None
    if given == wanted[::-1]:
        return "The ids are right, in the reverse order: ascending for descending."
    place = next(n for n, pair in enumerate(zip(given, wanted, strict=True), 1) if len({*pair}) > 1)
    return f"The ids are right, their order is not: look at place {place}."


def _not_ids(given: list, wanted: list) -> str:
    """What was given in the place of ids: a mask, row numbers, names; "" where they may be ids."""
    looks = {_look(each) for each in wanted}
    look = looks.pop() if len(looks) == 1 else ""
    like = f": an id looks like {look}" if "0" in look else ""  # without a digit it is the id
    kinds = {type(each) for each in given}
    if kinds == {bool}:
        return "These are true/false values: select rows with them, then take the column of ids."
    if kinds == {float}:
        return f"These are numbers, perhaps row labels; take the column of ids{like}."
    if given and like and not any(_look(each) == look for each in given):
        return f"These are not ids{like}."
    return ""


def _look(key: object) -> str:
    """The pattern of an id, "K0000" of "K0259"."""
    return re.sub(r"\d", "0", key) if type(key) is str else ""


def _which(given: set, wanted: set) -> str:
    """How many ids are too many (with one of them) and how many are missing."""
    parts = []
    if surplus := given - wanted:
        parts.append(f"{len(surplus):,} too many (such as {quote(min(surplus, key=str))})")
    if missing := wanted - given:
        parts.append(f"{len(missing):,} missing")
    return " and ".join(parts)


def _table_difference(given: dict, wanted: dict, exercise: Exercise) -> str | None:
    for name, values in wanted.items():
        theirs = given[name]
        if theirs.keys() != values.keys():
            if theirs.keys().isdisjoint(values):
                return "None of its ids is known here: do its index or first column hold the ids?"
            return f"The rows differ: {_which(set(theirs), set(values))}."
        wrong = _wrong(theirs, values, exercise)
        if not wrong:
            continue
        faults = {_fault(value, right, exercise) for _, value, right in wrong}
        fault = faults.pop() if len(faults) == 1 else ""
        if exercise.form == "a number":
            return fault
        where = f"In the column {name}: " if len(wanted) > 1 else ""
        key, value, _ = wrong[0]
        example = f"at {quote(key)} you have {quote(value)}. {fault}".rstrip()
        return f"{where}{len(wrong):,} of {len(values):,} values differ; {example}"
    return None


def _wrong(given: dict, wanted: dict, exercise: Exercise) -> list[tuple]:
    """(key, theirs, right) of the values in one column that do not agree."""
    return [
        (key, given[key], right)
        for key, right in wanted.items()
        if not same(given[key], right, exercise)
    ]


def _fault(given: object, wanted: object, exercise: Exercise) -> str:
    """What a wrong value tells of its own fault: rounding, order of magnitude, direction."""
    if type(wanted) is not float:
        return ""
    if type(given) is str:
        return "That is a text; a number is wanted."
    if type(given) is not float or math.isnan(given) or math.isnan(wanted):
        return ""
    if exercise.unit == "month":  # of the calendar: nothing to round, no order of magnitude
        return f"That is too {'late' if given > wanted else 'early'}."
    gap = abs(given - wanted)
    if gap <= 0.05 * abs(wanted) and any(
        math.isclose(given, round(wanted, digits)) for digits in range(-6, 6)
    ):
        return "Very near: it looks rounded too far. Keep more digits and round at the end."
    if gap <= 5 * tolerance(wanted, exercise):
        return f"Near, but outside the tolerance: {exercise.near}"
    for power in (1_000_000, 10_000, 1_000, 100, 10):
        for ratio, word in ((power, "large"), (1 / power, "small")):
            if wanted and math.isclose(given / wanted, ratio, rel_tol=0.01):
                return f"That is {power:,} times too {word}: look at the units."
    direction = "high" if given > wanted else "low"
    far = abs(wanted) < abs(given) / 2 or abs(given) < abs(wanted) / 2
    return f"That is {'much ' if far else ''}too {direction}."


def memo_gaps(text: str, exercise: Exercise) -> list[str]:
    """What a memo still lacks: length, and points of the rubric that no word of it touches."""
    words = len(text.split()) + sum("\u4e00" <= char <= "\u9fff" for char in text)
    short = words < exercise.min_words
    gaps = [f"{words} word{'s' * (words != 1)} of at least {exercise.min_words}"] if short else []
    lower = f" {' '.join(unmarked(text).split())} "  # a phrase may run over the end of a line
    return gaps + [
        point
        for point, touches in exercise.points().items()
        if not any(unmarked(word) in lower for word in touches)
    ]
