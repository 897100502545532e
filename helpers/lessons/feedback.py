"""Check an answer, give hints and what exercises hand out, for instructors the answers."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from helpers import exercises as registry
from helpers.data import CourseError, is_handout
from helpers.exercises import Exercise, computed
from helpers.lessons import answers, differences, store
from helpers.lessons.answers import Misread
from helpers.lessons.cards import Card, clean

TITLES = {
    "right": "✓ {id} Right",
    "known mistake": "↺ {id} A known mistake",
    "wrong": "✗ {id} Not yet",
    "not tried": "○ {id} Not tried yet",
}


@dataclass(frozen=True, repr=False)
class Feedback:
    """What `check` says. `status`: "not tried", "right", "known mistake" or "wrong"."""

    status: str
    exercise: str
    message: str
    note: str = ""

    def card(self) -> Card:
        kind = {"right": "right", "known mistake": "mistake", "wrong": "wrong"}
        title = " ".join(TITLES[self.status].format(id=self.exercise).split())  # or without an id
        return Card(title, (self.message, self.note), kind.get(self.status, "note"), live=True)

    def __repr__(self) -> str:
        return repr(self.card())

    def _repr_html_(self) -> str:
        return self.card()._repr_html_()


def check(
    exercise_id: str = "", answer: object = ..., *more: object, **unknown: object
) -> Feedback:
    """Judge an answer against the reference of the loaded world; never raises, keeps progress."""
    if not issubclass(type(exercise_id), str) or not exercise_id:
        return Feedback("not tried", "", 'The id comes first, in quotes: check("3.2", answer).')
    exercise_id = str.__str__(exercise_id)[:40].strip()
    if more or unknown:
        said = 'Two things are wanted, the id and the answer: check("3.2", answer).'
        comma = " A number is written without commas, 1234.5." if more else ""
        return Feedback("not tried", clean(exercise_id, 20), said + comma)
    try:
        return _check(exercise_id, answer)
    except Exception as error:
        kind = answers.name_of(error)
        said = f"This answer could not be judged ({kind}): show it to your teacher."
        return Feedback("not tried", clean(exercise_id, 20), said)


def _check(exercise_id: str, answer: object) -> Feedback:
    try:
        exercise, problem = registry.find("EXERCISES", exercise_id)
        if exercise is None:
            return Feedback("not tried", "", clean(problem))
        if said := answers.blank(answer):
            return Feedback("not tried", exercise.id, f"{said} Expected: {exercise.expected()}.")
        reference = None if exercise.form == "a memo" else computed(exercise.answer)
    except Exception as error:
        said = f"The reference answer cannot be computed here: {clean(error)}"
        return Feedback("not tried", clean(exercise_id, 20), said)
    status, message = judge(answer, exercise, reference)
    if status == "wrong" and exercise.hints:
        message += f' For a hint: hint("{exercise.id}").'
    note = store.update(_judged(exercise, status, answer))
    return Feedback(status, exercise.id, message, note)


def judge(answer: object, exercise: Exercise, reference: object) -> tuple[str, str]:
    """Return (status, message) for an answer that was tried."""
    try:
        given = answers.read(answer, exercise, reference)
    except Misread as said:
        return "wrong", str(said)
    if exercise.form == "a memo":
        gaps = differences.memo_gaps(given, exercise)
        if gaps:
            return "wrong", f"Not complete yet. Still to come: {'; '.join(gaps)}."
        return "right", "Complete, and kept. What it says is for your reader to judge."
    wanted = answers.read(reference, exercise, reference)
    said = differences.difference(given, wanted, exercise)
    if said is None:
        insight = exercise.insight(reference) if callable(exercise.insight) else exercise.insight
        return "right", insight
    for _, plain, reason in _known_mistakes(exercise, reference):
        if differences.is_mistake(given, plain, exercise):
            return "known mistake", reason
    if reason := differences.factor_mistake(given, wanted, exercise):
        return "known mistake", reason
    return "wrong", said


def _known_mistakes(exercise: Exercise, reference: object) -> list[tuple[object, object, str]]:
    """Return (wrong answer, the same as plain data, reason) of those that are wrong here."""
    wanted = answers.read(reference, exercise, reference)
    known = []
    for mistake in exercise.mistakes:
        try:
            value = computed(mistake.answer)
            plain = answers.read(value, exercise, reference)
        except Exception:  # a mistake that this world does not allow
            continue
        if differences.difference(plain, wanted, exercise) is not None:
            known.append((value, plain, mistake.reason))
    return known


def _judged(exercise: Exercise, status: str, answer: object):
    """Return the change that keeps a try: tries count until the first right answer."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    memo = _readable(answer) if exercise.form == "a memo" else ""

    def change(record: dict) -> None:
        entry = record["exercises"].setdefault(exercise.id, {})
        if "first_right" not in entry:
            entry["tries"] = entry.get("tries", 0) + 1
            if status == "right":
                entry["first_right"] = now
        entry["status"] = status
        if memo:
            entry["memo"] = memo

    return change


def _readable(memo: object) -> str:
    try:
        return answers.read_memo(memo)
    except Misread:
        return ""


def hint(exercise_id: str) -> Card:
    """Return the next hint of an exercise; after the last one, all of them again."""
    exercise, problem = registry.find("EXERCISES", str(exercise_id))
    if exercise is None:
        return Card(clean(problem))
    total = len(exercise.hints)
    used = store.read()["exercises"].get(exercise.id, {}).get("hints", 0)
    if used >= total:
        said = f"That was the last of {total} hints for {exercise.id}. Here they are again."
        return Card(
            said if total else f"There are no hints for {exercise.id}.", items=exercise.hints
        )

    def change(record: dict) -> None:
        record["exercises"].setdefault(exercise.id, {})["hints"] = used + 1

    note = store.update(change)
    return Card(f"Hint {used + 1} of {total} for {exercise.id}", (exercise.hints[used], note))


def given(exercise_id: str) -> object:
    """Return a fresh copy of what an exercise hands out in the loaded world."""
    exercise = _exercise(exercise_id)
    if exercise.given is None:
        raise CourseError(f"Exercise {exercise.id} hands out nothing: its question says it all.")
    return copy.deepcopy(computed(exercise.given))


def exercises() -> pd.DataFrame:
    """Return all exercises: chapter, exercise, question, form, unit, minutes."""
    rows = [
        (chapter, each.id, each.question, each.form, each.unit, each.minutes)
        for chapter, each in registry.everywhere("EXERCISES")
    ]
    return pd.DataFrame(
        rows, columns=["chapter", "exercise", "question", "form", "unit", "minutes"]
    )


def solution(exercise_id: str) -> object:
    """Return the reference answer of the loaded world (of a memo: the points it must touch)."""
    exercise = _for_instructors(exercise_id)
    if exercise.answer is None:
        return "\n".join(exercise.points())
    return copy.deepcopy(computed(exercise.answer))


def mistakes(exercise_id: str) -> list[tuple[object, str]]:
    """Return each known wrong answer of an exercise in the loaded world, with its reason."""
    exercise = _for_instructors(exercise_id)
    if not exercise.mistakes:
        return []
    known = _known_mistakes(exercise, computed(exercise.answer))
    return [(copy.deepcopy(value), reason) for value, _, reason in known]


def _for_instructors(exercise_id: str) -> Exercise:
    if is_handout():
        raise CourseError("Solutions are not part of a hand-out: ask your instructor.")
    return _exercise(exercise_id)


def _exercise(exercise_id: str) -> Exercise:
    exercise, problem = registry.find("EXERCISES", str(exercise_id))
    if exercise is None:
        raise CourseError(problem)
    return exercise
