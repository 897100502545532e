"""Evidence boards: kept with the student's progress, and marked once a diagnosis is committed."""

from __future__ import annotations

import copy
from functools import partial

from helpers.exercises import find
from helpers.lessons import store
from helpers.lessons.cards import clean
from helpers.lessons.feedback import Feedback, check

KEPT = ("diagnosis", "certainty")  # of each commit


def board(exercise_id: str) -> dict:
    """What keeps the board of an exercise: `panels.evidence_board(findings, **board("7a.3"))`.

    Every rating is kept as it is made, every diagnosis as it is committed. Returns the panel's
    `state` (what was kept before) and `on_commit`, which returns a sentence where saving failed.
    """
    known = _kept(exercise_id)

    def keep(values: dict) -> str:
        nonlocal known
        before, known = known, copy.deepcopy(values)
        return store.update(partial(_merge, exercise_id, before, known))

    return {"state": copy.deepcopy(known), "on_commit": keep}


def diagnosis(exercise_id: str) -> Feedback:
    """Mark the diagnosis committed on the board of an exercise; never raises, keeps progress.

    Its certainty is marked too: of 100 points, 100 × (1 - miss²) are won, where miss is how far
    the certainty lay from the truth (Brier 1950). Nobody wins by claiming more than they know.
    """
    exercise, problem = find("EXERCISES", str(exercise_id))
    if exercise is None:
        return Feedback("not tried", "", clean(problem))
    try:
        last = _commits(_kept(exercise.id))[-1]
        named, sure = str(last["diagnosis"]), float(last["certainty"]) / 100
    except (IndexError, TypeError, ValueError):
        said = "Nothing is committed yet: choose a diagnosis on the board, say how sure you are, "
        return Feedback("not tried", exercise.id, f"{said}and press Commit. Then run this cell.")
    feedback = check(exercise.id, named)
    if feedback.status == "not tried":
        return feedback
    miss = 1 - sure if feedback.status == "right" else sure
    points = 100 * (1 - miss**2)
    said = f"You said “{named}” and were {100 * sure:.0f} % sure: {points:.0f} of 100 points."
    note = " ".join(filter(None, [said, feedback.note]))
    return Feedback(feedback.status, feedback.exercise, feedback.message, note)


def _merge(exercise_id: str, before: dict, after: dict, record: dict) -> None:
    """Put into the record what a board changed, and leave what other boards changed meanwhile.

    A chapter shows its board twice, and a student has two notebooks open: each board knows only
    its own moves.
    """
    boards = _part(record, "boards")
    kept = _part(boards, exercise_id)
    for name, value in after.items():
        old = before.get(name)
        if name == "ratings":
            for finding, row in value.items():
                known = old.get(finding) if isinstance(old, dict) else None
                known = known if isinstance(known, dict) else {}
                new = {each: rating for each, rating in row.items() if known.get(each) != rating}
                if new:
                    _part(_part(kept, "ratings"), finding).update(new)
        elif name == "commits":
            kept["commits"] = [*_commits(kept), *value[len(_commits(before)) :]]
        elif value != old:
            kept[name] = value


def _part(record: dict, name: str) -> dict:
    """The dict of that name in a record; a new one where there is none, or what is none."""
    if not isinstance(record.get(name), dict):
        record[name] = {}
    return record[name]


def _commits(kept: dict) -> list[dict]:
    """The commits of a board that was kept, without what is none."""
    commits = kept.get("commits")
    commits = commits if isinstance(commits, list) else []
    return [each for each in commits if isinstance(each, dict) and {*KEPT} <= {*each}]


def _kept(exercise_id: str) -> dict:
    boards = store.read().get("boards")
    kept = boards.get(exercise_id) if isinstance(boards, dict) else None
    return kept if isinstance(kept, dict) else {}
