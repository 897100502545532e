"""Marks what students handed in: `python3 course.py mark FOLDER`, into one CSV.

Every notebook runs apart (`apart`), with time and memory limited; what comes back is its answers
as plain data. They are judged here, by the marker's own references, in the world that the class
list gives the student (`--students`), or the class (`--seed`), or that the notebook names. What a
notebook prints, what it makes of `check` and what its progress file claims count for nothing.

A notebook that has not changed is not run again. The CSV may be edited: `mark`, `comment` and
columns of your own are never written to.
"""

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd

from helpers import data
from helpers import exercises as registry
from helpers.exercises import Exercise, computed
from helpers.lessons import differences, feedback
from tools.environment import FONT_CACHE, ROOT, Stop
from tools.handout import read_list
from tools.submissions import CHAPTER_FILES, Notebook, collect, part, read
from tools.tables import read_rows, write_table

CELL_S = 20  # a cell that takes longer is ended, and the notebook run again without it
NOTEBOOK_S = 90
RUNS = 4
TOLD_BYTES = 8_000_000
COPIES = 3  # of a chapter by one student: more are not run
MEMO_LENGTH = 30_000  # a spreadsheet's cell holds little more
OURS = ["student", "exercise", "status", "tries", "answer", "said", "memo", "touches", "world"]
OURS += ["note", "file", "version"]
YOURS = ["mark", "comment"]
APART = Path(__file__).with_name("apart.py")
SHIPPED = {stem.split("_")[0]: path for stem, path in CHAPTER_FILES.items()}


@dataclass
class Task:
    """What one student handed in for one chapter, copies and all, and the world it is marked in."""

    copies: list[Notebook]
    seed: int
    note: str

    @property
    def student(self) -> str:
        return self.copies[0].student

    @property
    def chapter(self) -> str:
        return "" if self.copies[0].fault else self.copies[0].chapter

    def exercises(self) -> list[Exercise]:
        return registry.of_chapter(self.chapter, "EXERCISES") if self.chapter else []

    def version(self) -> str:
        """Return a mark of all that decides the outcome; a letter first, for spreadsheets' sake."""
        said = [[each.cells, each.diagnoses, each.progress] for each in self.copies]
        text = json.dumps([said, self.seed, self.note, _course_version()], sort_keys=True)
        return "v" + hashlib.sha256(text.encode()).hexdigest()[:15]


@dataclass
class Outcome:
    """What running a notebook brought: answers as plain data, and what did not end well."""

    answers: dict[str, dict] = field(default_factory=dict)
    stopped: dict[int, str] = field(default_factory=dict)  # cell -> why
    walls: bool | None = None


def main(words: list[str]) -> None:
    """Mark what the words name: a line for each notebook, and the CSV written after each."""
    arguments = _parser().parse_args(words)
    students = read_list(arguments.students) if arguments.students else []
    if arguments.chapter and arguments.chapter not in SHIPPED:
        raise Stop(f"There is no chapter {arguments.chapter}: choose from {', '.join(SHIPPED)}.")
    notebooks = collect(arguments.folder, students)
    if arguments.chapter:
        notebooks = [each for each in notebooks if each.fault or each.chapter == arguments.chapter]
    if not notebooks:
        raise Stop(f"{arguments.folder} holds no such notebook: name the folder handed in.")
    ledger = Ledger(arguments.out or _beside(arguments.folder))
    todo, walls = [], set()
    for task in tasks_of(notebooks, students, arguments.seed):
        if arguments.again or not ledger.holds(task):
            todo.append(task)
    hidden = [ROOT, Path.home(), arguments.folder]
    for task, outcomes in run_all(todo, hidden=hidden):
        rows = rows_of(task, outcomes)
        walls |= {outcome.walls for outcome in outcomes}
        ledger.put(rows)
        ledger.write()
        right = sum(row["status"] in ("right", "complete") for row in rows)
        print(f"{task.student}  {task.chapter or '-'}  {right} of {len(rows)} right", flush=True)
    ledger.write()
    print(
        f"{ledger.path}: {len(ledger.rows)} lines. New or changed since the last run: {len(todo)}."
    )
    if False in walls:
        print(
            "This system allows no walls around a notebook: each had limits, and what it asked of "
            "Python was refused. Mark work of people you do not know in a virtual machine."
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="course.py mark", description="Mark the notebooks that students handed in."
    )
    parser.add_argument("folder", type=Path, help="what was handed in: a folder, or a zip")
    parser.add_argument("--chapter", help="only this chapter, such as 03")
    parser.add_argument("--students", type=Path, help="the class list with a number for each")
    parser.add_argument("--seed", type=int, help="the number of the class's world")
    parser.add_argument("--out", type=Path, help="the CSV; else FOLDER-marks.csv beside it")
    parser.add_argument("--again", action="store_true", help="run unchanged notebooks too")
    return parser


def _beside(folder: Path) -> Path:
    return folder.resolve().with_name(f"{folder.resolve().stem}-marks.csv")


@cache
def _course_version() -> str:
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("helpers/**/*.py"), *ROOT.glob("casedata/generate/**/*.py")]):
        digest.update(path.read_bytes())
    digest.update(APART.read_bytes() + Path(__file__).read_bytes())
    return digest.hexdigest()


def tasks_of(notebooks: list[Notebook], students: list[dict], seed: int | None) -> list[Task]:
    """Return what is to be marked, by world, so that few worlds are in memory at a time."""
    groups: dict[tuple[str, str], list[Notebook]] = {}
    for each in sorted(notebooks, key=lambda notebook: -notebook.modified):
        what = each.file if each.fault else each.chapter
        groups.setdefault((each.student, what), []).append(each)
    tasks = []
    for copies in groups.values():
        world, note = world_of(copies[0], students, seed)
        left_out = f"{len(copies)} copies, the newest {COPIES} run" if len(copies) > COPIES else ""
        tasks.append(Task(copies[:COPIES], world, "; ".join(filter(None, [note, left_out]))))
    return sorted(tasks, key=lambda task: (task.seed, task.student, task.chapter))


def world_of(notebook: Notebook, students: list[dict], seed: int | None) -> tuple[int, str]:
    """Return the number of the world to mark a notebook in, and what is to be said about it."""
    named = notebook.worlds()
    listed = [row for row in students if next(iter(row.values())) == notebook.student]
    note = "not on the class list" if students and not listed else ""
    number = listed[0].get("number", "") if listed else ""
    if re.fullmatch(r"\d{1,9}", number) or seed is not None:
        world = int(number) if number else seed
        if named and world not in named:
            note = f"worked in world {named[0]}, not in {world}"
        return world, note
    if len(named) == 1:
        if named[0] != data.COMMITTED_SEED:
            note = "; ".join(filter(None, [note, "world as the notebook says"]))
        return named[0], note
    return data.COMMITTED_SEED, "names several worlds" if named else note


# ---- running -------------------------------------------------------------------------------------

_processes: set[subprocess.Popen] = set()


def run_all(tasks: list[Task], *, hidden: list[Path]) -> Iterator[tuple[Task, list[Outcome]]]:
    """Run the notebooks of all tasks, a few at a time; yield each task in its world, in order."""
    kept_out = [str(path.resolve()) for path in hidden]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            waiting = []
            for task in tasks:
                data.use_world(task.seed)  # which makes it, where it is not there yet
                world = data.world_folder()
                runs = [
                    pool.submit(outcome_of, each, world, task.seed, kept_out)
                    for each in task.copies
                ]
                waiting.append((task, runs))
            for task, runs in waiting:
                if data.world() != f"seed {task.seed}":
                    data.use_world(task.seed)
                    registry._computed.cache_clear()
                yield task, [run.result() for run in runs]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(_processes):
                kill(process)
            raise


def outcome_of(notebook: Notebook, world: Path, seed: int, hidden: list[str]) -> Outcome:
    """Run a notebook, again without the cell that ended it if one did."""
    outcome = Outcome()
    if notebook.fault:
        return outcome
    if notebook.cells == untouched(notebook.chapter):
        blank = {"kind": "blank"}
        exercises = registry.of_chapter(notebook.chapter, "EXERCISES")
        outcome.answers = {exercise.id: blank for exercise in exercises}
        return outcome
    skipped: set[int] = set()
    task = {"cells": notebook.cells, "seed": seed, "cell_s": CELL_S, "hidden": hidden}
    for _ in range(RUNS):
        last, done = None, False
        for fact in run_apart(task | {"skipped": sorted(skipped)}, world):
            last, done = fact.get("cell", last), fact.get("done", done)
            outcome.walls = fact.get("walls", outcome.walls)
            outcome.answers |= part(fact, "taken")
            if "raised" in fact:
                outcome.stopped[fact["raised"]] = str(fact.get("said", ""))[:300]
        if last is None:
            raise Stop(
                "Python could not be started apart from the rest: run `python3 course.py doctor`, "
                "and let every user of this machine read the folder .venv."
            )
        if done or not isinstance(last, int):
            break
        outcome.stopped[last] = "it took too long or too much, or ended Python"
        skipped.add(last)
    return outcome


@cache
def untouched(chapter: str) -> list[str]:
    return read(Notebook("", ""), SHIPPED[chapter].read_bytes()).cells


def run_apart(task: dict, world: Path) -> list[dict]:
    """Run cells in a process and a folder of their own; return what it told, believing nothing."""
    with tempfile.TemporaryDirectory(prefix="mark-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary).resolve()
        folder.chmod(0o755)
        furnish(folder, task, world)
        process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", str(APART), str(folder)],
            env=surroundings(folder / "work"),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _processes.add(process)
        watch = threading.Timer(NOTEBOOK_S, kill, [process])
        watch.start()
        try:
            told = process.stdout.read(TOLD_BYTES)
        finally:
            watch.cancel()
            kill(process)
            process.wait()
            process.stdout.close()
            _processes.discard(process)
    facts = []
    for line in told.splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            facts.append(json.loads(line))
    return [fact for fact in facts if isinstance(fact, dict)]


def kill(process: subprocess.Popen) -> None:
    """End a process and those that it started."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def furnish(folder: Path, task: dict, world: Path) -> None:
    """Put into a folder what a notebook needs to run, and nothing that tells an answer."""

    def not_for_strangers(_: str, names: list[str]) -> set[str]:
        told = [name for name in names if re.match(r"ch\d\d|causes|HANDOUT", name)]
        return {*told, "truth.csv", "generate"}

    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=not_for_strangers)
    shutil.copytree(world, folder / "casedata", ignore=not_for_strangers)
    (folder / "fonts").mkdir()
    for path in FONT_CACHE.glob("fontlist*"):
        shutil.copy(path, folder / "fonts")
    (folder / "work").mkdir()
    (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
    for path in folder.rglob("*"):
        path.chmod(0o755)  # a world's folder, or all that root makes, may be its owner's alone


def surroundings(work: Path) -> dict[str, str]:
    """Return the variables of a run: none of the marker's own, which may hold secrets."""
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    needed = {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}
    own = {name: str(work) for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "COURSE_WORK")}
    drawing = {"MPLBACKEND": "agg", "MPLCONFIGDIR": str(work / "matplotlib")}
    return needed | own | one_thread | drawing | {"PYTHONDONTWRITEBYTECODE": "1"}


# ---- judging -------------------------------------------------------------------------------------


def rows_of(task: Task, outcomes: list[Outcome]) -> list[dict[str, str]]:
    """Return the lines of the CSV for what a student handed in for a chapter."""
    common = {"student": task.student, "world": str(task.seed), "version": task.version()}
    if fault := task.copies[0].fault:
        file = task.copies[0].file
        return [
            common | {"exercise": "(none)", "status": "not marked", "said": fault, "file": file}
        ]
    tried = [sum(known.get("kind") != "blank" for known in told(o)) for o in outcomes]
    best = tried.index(max(tried))
    notebook, outcome = task.copies[best], outcomes[best]
    others = [each.file for each in task.copies if each is not notebook]
    note = "; ".join(filter(None, [task.note, *(f"not marked: {file}" for file in others)]))
    common |= {"file": notebook.file, "note": note}
    return [
        common | {"exercise": f"Exercise {exercise.id}"} | judged(exercise, notebook, outcome, task)
        for exercise in task.exercises()
    ]


def told(outcome: Outcome) -> list[dict]:
    return [answer for answer in outcome.answers.values() if isinstance(answer, dict)]


def judged(exercise: Exercise, notebook: Notebook, outcome: Outcome, task: Task) -> dict[str, str]:
    """Return what is to be said of one answer: status, the answer itself, and the reason."""
    record = part(part(notebook.progress, "worlds"), f"seed {task.seed}")
    tries = part(part(record, "exercises"), exercise.id).get("tries")
    row = {"tries": str(tries) if isinstance(tries, int) else ""}
    given, sure = outcome.answers.get(exercise.id), None
    if given is None and (commit := committed(exercise, notebook, record)):
        given, sure = {"kind": "one", "value": commit[0]}, commit[1]
    if given is None:
        return row | absent(exercise, notebook, outcome)
    try:
        answer = revived(given)
        if answer is ...:
            return row | {"status": "not tried"}
        reference = None if exercise.form == "a memo" else computed(exercise.answer)
        status, said = feedback.judge(answer, exercise, reference)
    except Unreadable as reason:
        return row | {"status": "wrong", "said": str(reason)}
    if exercise.form == "a memo":
        text = str(answer)
        touched = exercise.points().keys() - set(differences.memo_gaps(text, exercise))
        points = [point for point in exercise.points() if point in touched]
        status = {"right": "complete", "wrong": "incomplete"}[status]
        row |= {"memo": text[:MEMO_LENGTH], "touches": "; ".join(points)}
    else:
        row["answer"] = shown(given)
    if sure is not None:
        miss = 1 - sure / 100 if status == "right" else sure / 100
        said += f" {sure:g} % sure: {100 * (1 - miss**2):.0f} of 100 points."
    return row | {"status": status, "said": said if status != "right" or sure else ""}


def committed(exercise: Exercise, notebook: Notebook, record: dict) -> tuple[str, float] | None:
    """Return the diagnosis on a board and its certainty: the last in the progress file handed in,
    else what the notebook's stored output says was committed. Either is the student's word."""
    commits = part(part(record, "boards"), exercise.id).get("commits")
    with contextlib.suppress(TypeError, KeyError, IndexError, ValueError):
        return str(commits[-1]["diagnosis"]), min(100.0, max(0.0, float(commits[-1]["certainty"])))
    return notebook.diagnoses.get(exercise.id)


def absent(exercise: Exercise, notebook: Notebook, outcome: Outcome) -> dict[str, str]:
    """Return why there is no answer: no board, a cell that stopped, or no such cell."""
    asks = re.compile(rf"""\b(check|diagnosis)\(\s*["']{re.escape(exercise.id)}["']""")
    for number, source in enumerate(notebook.cells):
        if found := asks.search(source):
            if number in outcome.stopped:
                return {"status": "stopped", "said": f"Its cell: {outcome.stopped[number]}"}
            if found[1] == "diagnosis":
                return {
                    "status": "not tried",
                    "said": "No commit: progress.json was not handed in?",
                }
    return {"status": "missing", "said": f'No cell checks it: check("{exercise.id}", …).'}


class Unreadable(ValueError):
    """An answer that holds nothing to judge; the text says what it is."""


def revived(told: dict) -> object:
    """Return an answer that was told as plain data as the object that a student's check gets."""

    def one(value: object) -> object:
        if isinstance(value, dict):
            if "odd" in value:
                raise Unreadable(f"The answer is {value['odd']}.")
            if "date" in value:
                return pd.Timestamp(value["date"])
            return tuple(map(one, value["tuple"]))
        return value if isinstance(value, (str, float, int, bool)) else None

    def several(values: list) -> list:
        return list(map(one, values))

    try:
        match told["kind"]:
            case "blank":
                return ...
            case "one":
                return one(told["value"])
            case "list":
                return several(told["values"])
            case "set":
                return set(several(told["values"]))
            case "dict":
                return dict(zip(several(told["keys"]), several(told["values"]), strict=True))
            case "Series" | "DataFrame" as kind:
                levels = [
                    pd.Index(several(values), name=one(name)) for name, values in told["index"]
                ]
                index = pd.MultiIndex.from_arrays(levels) if len(levels) > 1 else levels[0]
                columns = [pd.Series(several(v), index, name=one(n)) for n, v in told["columns"]]
                return columns[0] if kind == "Series" else pd.concat(columns, axis=1)
            case _:
                raise Unreadable(str(told["said"])[:300])
    except Unreadable:
        raise
    except Exception:
        raise Unreadable("The answer could not be read.") from None


def shown(told: dict) -> str:
    """Return an answer in a few words, for whoever reads the CSV."""
    values = told.get("values", [told.get("value")])
    if "columns" in told:
        return f"{told['kind']} of {len(told['index'][0][1])} rows"
    text = ", ".join(
        f"{value:g}" if isinstance(value, float) else str(value) for value in values[:8]
    )
    return text[:200] + (f" … ({len(values)})" if len(values) > 8 else "")


# ---- the CSV -------------------------------------------------------------------------------------


class Ledger:
    """The CSV: lines by student and exercise; what is not ours in it is kept as it is."""

    def __init__(self, path: Path):
        self.path, self.columns = path, [*OURS[:3], *YOURS, *OURS[3:]]
        self.rows: dict[tuple[str, str], dict[str, str]] = {}
        self.old = 0  # so many lines stay in the order that the reader gave them
        if not path.exists():
            return
        header, *lines = read_rows(path) or [[]]
        if missing := {"student", "exercise", "version"} - set(header):
            raise Stop(
                f"{path} has no column {missing.pop()}: it is not a CSV of marks, or was changed "
                "beyond knowing. Move it away, or name another with --out."
            )
        self.columns = header + [name for name in OURS if name not in header]
        for line in lines:
            row = dict(zip(header, line, strict=False))
            if row.get("exercise") != "(none)" or any(row.get(name) for name in self._yours()):
                self.rows[self._key(row)] = row
        self.old = len(self.rows)

    def _yours(self) -> list[str]:
        return [name for name in self.columns if name not in OURS]

    @staticmethod
    def _key(row: dict[str, str]) -> tuple[str, str]:
        exercise = row["exercise"]
        return row["student"], row.get("file", "") if exercise == "(none)" else exercise

    def holds(self, task: Task) -> bool:
        """Tell whether the lines of a task are there, from the same notebook in the same world."""
        keys = [(task.student, f"Exercise {exercise.id}") for exercise in task.exercises()]
        keys = keys or [(task.student, task.copies[0].file)]
        return all(self.rows.get(key, {}).get("version") == task.version() for key in keys)

    def put(self, rows: list[dict[str, str]]) -> None:
        """Write our columns of these lines, and no other."""
        for row in rows:
            old = self.rows.get(self._key(row), {})
            fresh = dict.fromkeys(OURS, "") | {name: safe(text) for name, text in row.items()}
            if old.get("version", fresh["version"]) != fresh["version"] and old.get("mark"):
                fresh["note"] = "; ".join(filter(None, [fresh["note"], "changed since your mark"]))
            self.rows[self._key(row)] = old | fresh

    def write(self) -> None:
        def place(row: dict[str, str]) -> list:
            numbers = [
                int(part) if part.isdigit() else 0 for part in re.split(r"(\d+)", row["exercise"])
            ]
            return [row["student"], numbers, row["exercise"]]

        lines = list(self.rows.values())
        write_table(
            self.path, self.columns, lines[: self.old] + sorted(lines[self.old :], key=place)
        )


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    risky = text[:1] in ("=", "+", "-", "@", "\t", "\r") and not re.fullmatch(
        r"[-+]?[\d.e+-]+", text
    )
    return f"'{text}" if risky else text


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Stop, data.CourseError) as stop:
        sys.exit(str(stop))
    except KeyboardInterrupt:
        sys.exit("\nStopped: the same command goes on from here.")
