"""Say how an answer differs from the reference, both as `answers.read` gives them.

`difference` returns None when they agree, else one sentence that never gives the answer away.
"""

from __future__ import annotations

import math

from helpers.exercises import UNIT_TOLERANCE, Exercise
from helpers.lessons.answers import quote
from helpers.lessons.cards import number_text

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
        case "a number":
            return _number_difference(given, wanted, exercise)
        case "a choice":
            return _choice_difference(given, wanted, exercise)
        case "a set of ids" | "a list of ids":
            return _ids_difference(given, wanted, ordered=exercise.form == "a list of ids")
        case _:
            return _table_difference(given, wanted, exercise)


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
        missing = math.isnan(given), math.isnan(wanted)
        return all(missing) or abs(given - wanted) <= tolerance(wanted, exercise)
    if kinds == {str}:
        return fold(given) == fold(wanted)
    return given == wanted if kinds <= {float, bool} or len(kinds) == 1 else False


def fold(text: str) -> str:
    return " ".join(text.casefold().split()).strip(".。 ")


def factor_mistake(given: object, wanted: object, exercise: Exercise) -> str | None:
    """The reason if a number, or all wrong values of one column, are wrong by a telling factor."""
    if exercise.form == "a number":
        return _factor([(given, wanted)], exercise)
    if exercise.form != "a Series":
        return None
    (theirs,), (values,) = given.values(), wanted.values()
    wrong = [key for key in values if not same(theirs.get(key), values[key], exercise)]
    return _factor([(theirs.get(key), values[key]) for key in wrong], exercise)


def _factor(pairs: list[tuple[object, object]], exercise: Exercise) -> str | None:
    if not pairs or any(type(value) is not float for pair in pairs for value in pair):
        return None
    for unit, factor, reason in FACTORS:
        if unit in ("", exercise.unit) and all(
            same(given * factor, wanted, exercise) for given, wanted in pairs
        ):
            return reason
    return None


def _number_difference(given: float, wanted: float, exercise: Exercise) -> str | None:
    if same(given, wanted, exercise):
        return None
    if fault := _number_fault(given, wanted, exercise):
        return fault
    direction = "high" if given > wanted else "low"
    far = abs(wanted) < abs(given) / 2 or abs(given) < abs(wanted) / 2
    return f"That is {'much ' if far else ''}too {direction}."


def _number_fault(given: float, wanted: float, exercise: Exercise) -> str | None:
    """What a wrong number tells of its own fault: rounding, order of magnitude."""
    gap, allowed = abs(given - wanted), tolerance(wanted, exercise)
    if gap <= 0.05 * abs(wanted) and any(
        math.isclose(given, round(wanted, digits)) for digits in range(-6, 6)
    ):
        return "Very near: it looks rounded too far. Keep more digits and round at the end."
    if gap <= 5 * allowed:
        return f"Near, but outside the tolerance of {number_text(allowed, exercise.unit)}."
    for power in (1_000_000, 10_000, 1_000, 100, 10):
        for ratio, word in ((power, "large"), (1 / power, "small")):
            if wanted and math.isclose(given / wanted, ratio, rel_tol=0.01):
                return f"That is {power:,} times too {word}: look at the units."
    return None


def _choice_difference(given: str, wanted: str, exercise: Exercise) -> str | None:
    if fold(given) == fold(wanted):
        return None
    offered = [f'"{choice}"' for choice in exercise.choices]
    if offered and fold(given) not in map(fold, exercise.choices):
        return f"{quote(given)} is not among the choices: {', '.join(offered)}."
    return "That is one of the choices, but not the one that the data support."


def _ids_difference(given: list, wanted: list, *, ordered: bool) -> str | None:
    if set(given) != set(wanted):
        return f"The ids differ: {_which(set(given), set(wanted))}."
    if len(given) != len(set(given)):
        return "The ids are right, but some stand there more than once: keep each once."
    if not ordered or given == wanted:
        return None
    if given == wanted[::-1]:
        return "The ids are right, in the reverse order: ascending for descending."
    place = next(n for n, pair in enumerate(zip(given, wanted, strict=True), 1) if len({*pair}) > 1)
    return f"The ids are right, their order is not: look at place {place}."


def _which(given: set, wanted: set) -> str:
    """How many ids are too many (with one of them) and how many are missing."""
    surplus, missing = sorted(map(quote, given - wanted)), len(wanted - given)
    parts = [f"{len(surplus):,} too many (such as {surplus[0]})"] if surplus else []
    return " and ".join(parts + ([f"{missing:,} missing"] if missing else []))


def _table_difference(given: dict, wanted: dict, exercise: Exercise) -> str | None:
    for name, values in wanted.items():
        theirs = given[name]
        where = f"In the column {name}: " if len(wanted) > 1 else ""
        if theirs.keys().isdisjoint(values):
            return "None of its ids is known here: does its index (or first column) hold the ids?"
        if theirs.keys() != values.keys():
            return f"The rows differ: {_which(set(theirs), set(values))}."
        wrong = [key for key in values if not same(theirs[key], values[key], exercise)]
        pairs = [(theirs[key], values[key]) for key in wrong]
        if fault := _common_fault(pairs, exercise):
            return where + fault
        if wrong:
            example = f"at {quote(wrong[0])} you have {quote(theirs[wrong[0]])}"
            return f"{where}{len(wrong):,} of {len(values):,} values differ; {example}."
    return None


def _common_fault(pairs: list[tuple[object, object]], exercise: Exercise) -> str | None:
    """What is wrong with all values alike, if they are numbers: unit, sign, rounding, magnitude."""
    if len(pairs) < 2 or any(type(value) is not float for pair in pairs for value in pair):
        return None
    faults = {_number_fault(given, wanted, exercise) for given, wanted in pairs}
    return _factor(pairs, exercise) or (faults.pop() if len(faults) == 1 else None)


def memo_gaps(text: str, exercise: Exercise) -> list[str]:
    """What a memo still lacks: length, and points of the rubric that no word of it touches."""
    words = len(text.split()) + sum("\u4e00" <= char <= "\u9fff" for char in text)
    gaps = [f"{words} words of at least {exercise.min_words}"] if words < exercise.min_words else []
    lower = text.casefold()
    return gaps + [
        point
        for point, touches in (exercise.rubric or {}).items()
        if not any(word.casefold() in lower for word in touches)
    ]
