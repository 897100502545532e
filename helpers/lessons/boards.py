"""Evidence boards: kept with the student's progress, and marked once a diagnosis is committed."""

from __future__ import annotations

import copy

from helpers.exercises import find
from helpers.lessons import store
from helpers.lessons.cards import clean
from helpers.lessons.feedback import Feedback, check


def board(exercise_id: str) -> dict:
    """What keeps the board of an exercise: `panels.evidence_board(findings, **board("7a.3"))`.

    Every rating is kept as it is made, every diagnosis as it is committed. Returns the panel's
    `state` (what was kept before) and `on_commit`, which returns a sentence where saving failed.
    """

    def keep(values: dict) -> str:
        kept = copy.deepcopy(values)

        def change(record: dict) -> None:
            record.setdefault("boards", {})[exercise_id] = kept

        return store.update(change)

    return {"state": _kept(exercise_id), "on_commit": keep}


def diagnosis(exercise_id: str) -> Feedback:
    """Mark the diagnosis committed on the board of an exercise; never raises, keeps progress.

    Its certainty is marked too: of 100 points, 100 × (1 - miss²) are won, where miss is how far
    the certainty lay from the truth (Brier 1950). Nobody wins by claiming more than they know.
    """
    exercise, problem = find("EXERCISES", str(exercise_id))
    if exercise is None:
        return Feedback("not tried", "", clean(problem))
    try:
        last = _kept(exercise.id)["commits"][-1]
        named, sure = str(last["diagnosis"]), float(last["certainty"]) / 100
    except (KeyError, IndexError, TypeError, ValueError):
        said = "Nothing is committed yet: choose a diagnosis on the board, say how sure you are, "
        return Feedback("not tried", exercise.id, f"{said}and press Commit. Then run this cell.")
    feedback = check(exercise.id, named)
    if feedback.status == "not tried":
        return feedback
    miss = 1 - sure if feedback.status == "right" else sure
    said = f"You said “{named}” and were {sure:.0%} sure: {100 * (1 - miss**2):.0f} of 100 points."
    note = " ".join(filter(None, [said, feedback.note]))
    return Feedback(feedback.status, feedback.exercise, feedback.message, note)


def _kept(exercise_id: str) -> dict:
    boards = store.read().get("boards")
    kept = boards.get(exercise_id) if isinstance(boards, dict) else None
    return kept if isinstance(kept, dict) else {}
