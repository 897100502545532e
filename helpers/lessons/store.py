"""Keep a student's progress: one JSON file, never half written, never overwritten blindly.

The file is `progress.json` in the folder that COURSE_WORK names, else in `work/` beside the course.
A change is a function that edits the record of a world. It is applied to what the file holds at
that moment, under a lock, so that two notebooks lose nothing of each other; the new file replaces
the old one in one step. What cannot be saved (a full or read-only disk) is kept in memory, said,
and tried again with the next change and when the notebook closes. There is no second place to look.
"""

import atexit
import json
from collections.abc import Callable
from pathlib import Path

from helpers import data
from helpers.data import work_folder
from helpers.lessons import files

SCHEMA = 1
SECTIONS = ("exercises", "predictions", "recall")
COUNTS = ("tries", "hints")
MOST_BYTES = 64_000_000  # a student's years are a hundredth of that
_unsaved: list[tuple[str, Callable[[dict], None]]] = []


class Broken(ValueError):
    """The file is not a progress file."""


def worlds() -> tuple[dict[str, dict], str]:
    """The record of each world worked in, with changes that are still only in memory.

    And a sentence where the file could not be read.
    """
    fault = ""
    try:
        state = _load()
    except (OSError, Broken) as error:
        why = files.explain(error)[0] if isinstance(error, OSError) else "it is damaged"
        state, fault = _new(), f"{_path()} could not be read ({why})."
    _apply(state)
    _record(state, str(data.world()))
    return state["worlds"], fault


def read() -> dict:
    """The record of the loaded world."""
    return worlds()[0][str(data.world())]


def update(change: Callable[[dict], None]) -> str:
    """Apply a change to the loaded world's record and save it; a sentence if that went amiss."""
    _unsaved.append((str(data.world()), change))
    return _save(wait_s=0.25)


def _save(*, wait_s: float) -> str:
    try:
        with files.locked(work_folder(), wait_s=wait_s):
            try:
                state, aside = _load(), ""
            except Broken:
                state, aside = _new(), "progress.broken"
            _apply(state)
            kept = files.write(_path(), json.dumps(state, indent=1), aside=aside)
    except OSError as error:
        why, remedy = files.explain(error)
        return (
            f"Your progress could not be saved in {work_folder()} ({why}); it is kept in memory "
            f"while this notebook is open: {remedy}."
        )
    _unsaved.clear()
    if aside:
        return f"Your progress file could not be read: it is kept as {kept}, and a new one begun."
    return ""


@atexit.register
def _last_try() -> None:
    if _unsaved:
        _save(wait_s=2)


def _path() -> Path:
    return work_folder() / "progress.json"


def _new() -> dict:
    return {"schema": SCHEMA, "worlds": {}}


def _record(state: dict, world: str) -> dict:
    return state["worlds"].setdefault(world, {section: {} for section in SECTIONS})


def _apply(state: dict) -> None:
    for world, change in _unsaved:
        change(_record(state, world))


def _load() -> dict:
    try:
        path = _path()
        if path.is_dir() or path.stat().st_size > MOST_BYTES:
            raise Broken
        state = json.loads(path.read_bytes())
        if state["schema"] > SCHEMA:
            raise OSError("a newer version of the course wrote it")
        entries = [
            entry
            for record in state["worlds"].values()
            for section in SECTIONS
            for entry in record[section].values()
        ]
        counts = [entry.get(count, 0) for entry in entries for count in COUNTS]
        if not all(isinstance(count, int) and count >= 0 for count in counts):
            raise Broken
    except FileNotFoundError:
        return _new()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Broken from error
    return state
