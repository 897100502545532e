"""Judges answers that came as plain data, by the references of the world in use."""

import contextlib
import re

import pandas as pd

from helpers.exercises import Exercise, computed
from helpers.lessons import differences, feedback
from tools.marking.running import Outcome
from tools.marking.submissions import Notebook, part

MEMO_LENGTH = 30_000  # a spreadsheet's cell holds little more
VALUES_SHOWN = 8


class Unreadable(ValueError):
    """An answer that holds nothing to judge; the text says what it is."""


def judged(exercise: Exercise, notebook: Notebook, outcome: Outcome, seed: int) -> dict[str, str]:
    """Return what is to be said of one exercise: its status, the answer itself, the reason."""
    record = part(part(notebook.progress, "worlds"), f"seed {seed}")
    tries = part(part(record, "exercises"), exercise.id).get("tries")
    row = {"tries": str(tries) if isinstance(tries, int) else ""}
    given, sure = outcome.answers.get(exercise.id), None
    if given is None and (commit := committed(exercise.id, notebook, record)):
        given, sure = {"kind": "one", "value": commit[0]}, commit[1]
    if given is None:
        return row | absent(exercise.id, notebook, outcome)
    try:
        answer = revived(given)
    except Unreadable as said:
        return row | {"status": "wrong", "said": str(said)}
    if answer is ...:
        return row | {"status": "not tried"}
    if exercise.form == "a memo":
        return row | of_memo(answer, exercise)
    reference = computed(exercise.answer)
    try:
        status, said = feedback.judge(answer, exercise, reference)
    except Exception as error:  # an answer so odd that judging it fails is not right
        status, said = "wrong", f"It could not be judged ({type(error).__name__}): look yourself."
    said = "" if status == "right" else said
    if sure is not None:
        miss = 1 - sure / 100 if status == "right" else sure / 100
        said = f"{said} {sure:g} % sure: {100 * (1 - miss**2):.0f} of 100 points.".strip()
    return row | {"status": status, "said": said, "answer": shown(answer)}


def of_memo(answer: object, exercise: Exercise) -> dict[str, str]:
    """Return a memo for its reader, and which points of the rubric its words touch."""
    text = answer if isinstance(answer, str) else shown(answer)
    gaps = differences.memo_gaps(text, exercise)
    touched = [point for point in exercise.points() if point not in gaps]
    status = "incomplete" if gaps else "complete"
    said = f"Still to come: {'; '.join(gaps)}." if gaps else ""
    memo = text[:MEMO_LENGTH]
    return {"status": status, "said": said, "memo": memo, "touches": "; ".join(touched)}


def committed(exercise_id: str, notebook: Notebook, record: dict) -> tuple[str, float] | None:
    """Return the diagnosis on a board, and its certainty, or None.

    The last in the progress file that was handed in, else what the notebook's stored output says
    was committed: both are the student's word, as any answer is.
    """
    commits = part(part(record, "boards"), exercise_id).get("commits")
    with contextlib.suppress(TypeError, LookupError, ValueError, OverflowError):
        last = commits[-1]
        return str(last["diagnosis"]), min(100.0, max(0.0, float(last["certainty"])))
    return notebook.diagnoses.get(exercise_id)


def absent(exercise_id: str, notebook: Notebook, outcome: Outcome) -> dict[str, str]:
    """Return why there is no answer: no commit, a cell that stopped, or no such cell."""
    asks = re.compile(rf"""\b(check|diagnosis)\(\s*["']{re.escape(exercise_id)}["']""")
    for number, source in enumerate(notebook.cells):
        if found := asks.search(source):
            if number in outcome.stopped:
                return {"status": "stopped", "said": f"Its cell: {outcome.stopped[number]}"}
            if found[1] == "diagnosis":
                said = "Nothing is committed, or progress.json was not handed in."
                return {"status": "not tried", "said": said}
    return {"status": "missing", "said": f'No cell checks it: check("{exercise_id}", …).'}


def revived(told: dict) -> object:
    """Return an answer told as plain data as the object that a student's own check gets.

    `...` stands for none. Raises Unreadable for what is no answer, or was made up.
    """
    try:
        match told:
            case {"kind": "blank"}:
                return ...
            case {"kind": "one", "value": value}:
                return _one(value)
            case {"kind": "list", "values": values}:
                return list(map(_one, values))
            case {"kind": "set", "values": values}:
                return set(map(_one, values))
            case {"kind": "dict", "keys": keys, "values": values}:
                return dict(zip(map(_one, keys), map(_one, values), strict=True))
            case {"kind": "Series" | "DataFrame" as kind, "index": index, "columns": columns}:
                levels = [pd.Index([*map(_one, values)], name=_one(name)) for name, values in index]
                rows = pd.MultiIndex.from_arrays(levels) if len(levels) > 1 else levels[0]
                found = [pd.Series([*map(_one, v)], rows, name=_one(name)) for name, v in columns]
                return found[0] if kind == "Series" else pd.concat(found, axis=1)
    except Unreadable:
        raise
    except Exception:
        raise Unreadable("The answer could not be read.") from None
    raise Unreadable(str(told.get("said", "The answer could not be read."))[:300])


def _one(value: object) -> object:
    match value:
        case {"odd": name}:
            raise Unreadable(f"The answer is {str(name)[:60]}.")
        case {"date": date}:
            return pd.Timestamp(date)
        case {"tuple": values}:
            return tuple(map(_one, values))
    return value if isinstance(value, (str, float, int)) else None


def shown(answer: object) -> str:
    """Return an answer in a few words, for whoever reads the CSV."""
    if isinstance(answer, (pd.Series, pd.DataFrame, dict)):
        return f"{type(answer).__name__} of {len(answer)} rows"
    values = list(answer) if isinstance(answer, (list, set)) else [answer]
    texts = [
        f"{each:g}" if isinstance(each, float) else str(each) for each in values[:VALUES_SHOWN]
    ]
    more = f" … ({len(values)})" if len(values) > VALUES_SHOWN else ""
    return ", ".join(texts)[:200] + more
