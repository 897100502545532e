"""Runs notebooks apart, a process and a folder each, and reads what they tell."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tools.environment import FONT_CACHE, ROOT, Stop

CELL_S = 20  # a cell that takes longer is ended, and the notebook run again without it
NOTEBOOK_S = 90
RUNS = 4
TOLD_BYTES = 8_000_000
APART = Path(__file__).with_name("apart.py")
CANNOT_START = (
    "Python could not be started apart from the rest: run `python3 course.py doctor`, and let "
    "every user of this machine read the folder .venv."
)

_processes: set[subprocess.Popen] = set()


@dataclass
class Outcome:
    """What running a notebook brought: answers as plain data, and what did not end well."""

    answers: dict[str, dict] = field(default_factory=dict)
    stopped: dict[int, str] = field(default_factory=dict)  # cell -> why
    walls: bool = True


def side_by_side(calls: Iterable[Callable[[], object]]) -> Iterator:
    """Make the calls, a few at a time; yield their results in order. Ctrl-C ends what they run."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for waiting in [pool.submit(call) for call in calls]:
                yield waiting.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(_processes):
                _kill(process)
            raise


def outcome_of(
    cells: list[str], *, world: Path, seed: int, hidden: list[Path], given: dict[str, object]
) -> Outcome:
    """Run the cells of a notebook in a world, again without the cell that ended it if one did.

    `given` is what its exercises hand out there, as JSON.
    """
    outcome, skipped = Outcome(), set()
    task = {"cells": cells, "seed": seed, "cell_s": CELL_S, "hidden": [*map(str, hidden)]}
    task["given"] = given
    for _ in range(RUNS):
        last, done = None, False
        for fact in run_apart(task | {"skipped": sorted(skipped)}, world):
            match fact:  # what is not of these forms, a stranger made up
                case {"walls": bool(walls)} if last is None:
                    outcome.walls = walls
                case {"cell": int(last)}:
                    pass
                case {"raised": int(cell), "said": str(said)}:
                    outcome.stopped[cell] = said[:300]
                case {"taken": dict(answers)}:
                    outcome.answers |= {k: v for k, v in answers.items() if isinstance(v, dict)}
                case {"done": True}:
                    done = True
        if done:
            break
        if last is None:
            raise Stop(CANNOT_START)
        outcome.stopped[last] = "it took too long or too much, or ended Python"
        skipped.add(last)
    return outcome


def run_apart(task: dict, world: Path) -> list[object]:
    """Run cells in a process and a folder of their own; return what it told, line by line."""
    with tempfile.TemporaryDirectory(prefix="mark-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary).resolve()
        _furnish(folder, task, world)
        process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", str(APART), str(folder)],
            env=_surroundings(folder / "work"),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _processes.add(process)
        watch = threading.Timer(NOTEBOOK_S, _kill, [process])
        watch.start()
        try:
            told = process.stdout.read(TOLD_BYTES)
        finally:
            watch.cancel()
            _kill(process)
            process.wait()
            process.stdout.close()
            _processes.discard(process)
    facts = []
    for line in told.splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            facts.append(json.loads(line))
    return facts


def _kill(process: subprocess.Popen) -> None:
    """End a process and those that it started."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _furnish(folder: Path, task: dict, world: Path) -> None:
    """Put into a folder what a notebook needs to run, and nothing that tells an answer."""

    def left_out(_: str, names: list[str]) -> set[str]:
        lessons = [name for name in names if re.match(r"(ch\d\d.*|causes)\.", name)]
        truth = [name for name in names if name.startswith("truth.")]  # .sealed too
        return {*lessons, *truth, "HANDOUT", "generate"}

    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=left_out)
    shutil.copytree(world, folder / "casedata", ignore=left_out)
    (folder / "fonts").mkdir()
    for path in FONT_CACHE.glob("fontlist*"):
        shutil.copy(path, folder / "fonts")
    (folder / "work").mkdir()
    (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)  # root runs it as nobody, who must be able to read what root alone may


def _surroundings(work: Path) -> dict[str, str]:
    """Return the variables of a run: none of the marker's own, which may hold secrets."""
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    needed = {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}
    own = {name: str(work) for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "COURSE_WORK")}
    drawing = {"MPLBACKEND": "agg", "MPLCONFIGDIR": str(work / "matplotlib")}
    return needed | own | one_thread | drawing
