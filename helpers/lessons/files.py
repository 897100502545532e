"""Write the student's files: whole or not at all, one notebook at a time, none written over."""

import errno
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write(path: Path, text: str, *, aside: str = "") -> str:
    """Write beside the file, then put it in its place: whoever is killed here leaves the old one.

    With `aside`, what stood there is kept under that name and the first number that is free: the
    name is returned. A link stays a link: what it leads to is written.
    """
    path = Path(os.path.realpath(path))
    part, kept, number = path.with_name(f".{path.name}.part"), path, 1
    try:
        with open(part, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if aside:
            while os.path.lexists(kept := path.with_name(f"{aside}-{number}{path.suffix}")):
                number += 1
            _replace(path, kept)
        _replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)  # half a file takes room where there is none
        raise
    return kept.name


def _replace(source: Path, target: Path) -> None:
    for pause_s in (0.02, 0.05, 0):  # on Windows a reader may hold the old file for a moment
        try:
            return os.replace(source, target)
        except PermissionError:
            if not pause_s:
                raise
            time.sleep(pause_s)


def explain(error: OSError) -> tuple[str, str]:
    """Return what kept a file from being written, and what to do about it."""
    why = error.strerror or str(error)
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        why = "a file is in the place of a folder"
    if error.filename:
        name = Path(os.fsdecode(error.filename)).name
        why += f": {name.removeprefix('.').removesuffix('.part')}"
    first = "make room there" if error.errno in NO_ROOM else "put that right"
    return why, f"{first}, or name another folder in COURSE_WORK"


@contextmanager
def locked(folder: Path, *, wait_s: float) -> Iterator[None]:
    """Hold the folder's lock, one of the operating system: it ends with the process, never stale.

    Makes the folder where there is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_s
    with open(folder / ".progress.lock", "a+b") as file:
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
