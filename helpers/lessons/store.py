"""Keep a student's progress: one JSON file, never half written, never overwritten blindly.

The file is `progress.json` in the folder that COURSE_WORK names, else in `work/` beside the course.
A change is a function that edits the record of a world. It is applied to what the file holds at
that moment, under a lock, so that two notebooks lose nothing of each other; the new file replaces
the old one in one step. What cannot be saved (a full or read-only disk) is kept in memory, said,
and tried again with the next change and when the notebook closes. There is no second place to look.
"""

import atexit
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from helpers import data
from helpers.data import work_folder

SCHEMA = 1
SECTIONS = ("exercises", "predictions", "recall")
COUNTS = ("tries", "hints")
_unsaved: list[tuple[str, Callable[[dict], None]]] = []


class Broken(ValueError):
    """The file is not a progress file."""


def worlds() -> dict[str, dict]:
    """The record of each world worked in, with changes that are still only in memory."""
    try:
        state = _load()
    except (OSError, Broken):
        state = _new()
    _apply(state)
    _record(state, str(data.world()))
    return state["worlds"]


def read() -> dict:
    """The record of the loaded world."""
    return worlds()[str(data.world())]


def update(change: Callable[[dict], None]) -> str:
    """Apply a change to the loaded world's record and save it; a sentence if that went amiss."""
    _unsaved.append((str(data.world()), change))
    return _save(wait_s=0.25)


def _save(*, wait_s: float) -> str:
    note = ""
    try:
        work_folder().mkdir(parents=True, exist_ok=True)
        with _lock(wait_s=wait_s):
            try:
                state = _load()
            except Broken:
                state, note = _new(), _set_aside()
            _apply(state)
            _write(state)
    except OSError as error:
        return (
            f"Your progress could not be saved in {work_folder()} ({error.strerror or error}); "
            "it is kept in memory while this notebook is open: make room there, or name another "
            "folder in COURSE_WORK."
        )
    _unsaved.clear()
    return note


@atexit.register
def _last_try() -> None:
    if _unsaved:
        _save(wait_s=2)


def _new() -> dict:
    return {"schema": SCHEMA, "worlds": {}}


def _record(state: dict, world: str) -> dict:
    return state["worlds"].setdefault(world, {section: {} for section in SECTIONS})


def _apply(state: dict) -> None:
    for world, change in _unsaved:
        change(_record(state, world))


def _load() -> dict:
    try:
        state = json.loads((work_folder() / "progress.json").read_text(encoding="utf-8"))
        if state["schema"] > SCHEMA:
            raise OSError("a newer version of the course wrote the file")
        entries = [
            entry
            for record in state["worlds"].values()
            for section in SECTIONS
            for entry in record[section].values()
        ]
        if not all(isinstance(entry.get(count, 0), int) for entry in entries for count in COUNTS):
            raise Broken
    except FileNotFoundError:
        return _new()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Broken from error
    return state


def _set_aside() -> str:
    path, number = work_folder() / "progress.json", 1
    while (aside := path.with_name(f"progress.broken-{number}.json")).exists():
        number += 1
    os.replace(path, aside)
    return f"Your progress file could not be read: it is kept as {aside.name}, and a new one begun."


def _write(state: dict) -> None:
    """Write beside the file, then put it in its place: whoever is killed here loses one change."""
    part = work_folder() / "progress.json.part"
    with open(part, "w", encoding="utf-8") as file:
        json.dump(state, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    for pause_s in (0.02, 0.05, 0):  # on Windows a reader may hold the old file for a moment
        try:
            return os.replace(part, work_folder() / "progress.json")
        except PermissionError:
            if not pause_s:
                raise
            time.sleep(pause_s)


@contextmanager
def _lock(*, wait_s: float) -> Iterator[None]:
    """A lock of the operating system: it ends with the process, so none is ever stale."""
    deadline = time.monotonic() + wait_s
    with open(work_folder() / ".progress.lock", "a+b") as file:
        while True:
            try:
                _try_lock(file)
                break
            except (BlockingIOError, PermissionError):
                if time.monotonic() > deadline:
                    raise TimeoutError("another notebook is saving for long") from None
                time.sleep(random.uniform(0.002, 0.01))
            except OSError:  # a file system without locks: better unlocked than unsaved
                break
        yield


try:
    import fcntl

    def _try_lock(file) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

except ImportError:  # Windows
    import msvcrt

    def _try_lock(file) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
