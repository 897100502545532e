"""Marks what students handed in: `python3 course.py mark FOLDER`, into one CSV.

Every notebook runs apart (`marking.apart`), with time and memory limited; what comes back is its
answers as plain data. They are judged here, by the marker's own references, in the world that the
class list gives the student (`--students`), or the class (`--seed`), or that the notebook names.
What it prints, what it makes of `check` and what its progress file claims count for nothing.

A notebook that has not changed is not run again. The CSV may be edited: `mark`, `comment` and
columns of your own are never written to.
"""

import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pandas as pd

from helpers import data
from helpers import exercises as registry
from helpers.exercises import Exercise
from tools.environment import ROOT, Parser, Stop, told_in_a_sentence, world_number
from tools.handout import chapter_name, read_list
from tools.marking.judging import judged
from tools.marking.ledger import NO_EXERCISE, Ledger
from tools.marking.running import Outcome, outcome_of, side_by_side
from tools.marking.submissions import CHAPTER_FILES, Notebook, collect, read

SAVE_EVERY_S = 5
COPIES = 3  # of a chapter by one student: more are not run
SHIPPED = {stem.split("_")[0]: path for stem, path in CHAPTER_FILES.items()}
NO_WALLS = (
    "This system allows no walls around a notebook: each had limits, and what it asked of Python "
    "outside its folder was refused. Mark strangers' work in a virtual machine."
)


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
    def exercises(self) -> list[Exercise]:
        first = self.copies[0]
        return [] if first.fault else registry.of_chapter(first.chapter, "EXERCISES")

    @property
    def version(self) -> str:
        """A mark of all that decides the outcome; a letter first, for spreadsheets' sake."""
        said = [[each.file, each.cells, each.diagnoses, each.progress] for each in self.copies]
        text = json.dumps([said, self.seed, self.note, _course_version()], sort_keys=True)
        return "v" + hashlib.sha256(text.encode()).hexdigest()[:15]


def main(words: list[str]) -> None:
    """Mark what the words name: a line for each notebook, and the CSV."""
    arguments = _parser().parse_args(words)
    folder = arguments.folder.resolve()
    students = read_list(arguments.students) if arguments.students else []
    if arguments.chapter not in (None, *SHIPPED):
        raise Stop(f"There is no chapter {arguments.chapter}: choose from {', '.join(SHIPPED)}.")
    notebooks = [
        each
        for each in collect(folder, students)
        if each.fault or arguments.chapter in (None, each.chapter)
    ]
    if not notebooks:
        raise Stop(f"{folder} holds nothing to mark: name the folder with what was handed in.")
    ledger = Ledger(arguments.out or folder.with_name(f"{folder.stem}-marks.csv"))
    todo = [
        task
        for task in tasks_of(notebooks, students, arguments.seed)
        if arguments.again or not is_marked(task, ledger)
    ]
    # With the folders of the notebooks that run beside.
    hidden = [ROOT, Path.home(), folder, Path(tempfile.gettempdir())]
    walls, saved = True, time.monotonic()
    ledger.write()  # or say now, and not after an hour, that it cannot be
    try:
        for task, outcomes in run_all(todo, hidden=hidden):
            rows = rows_of(task, outcomes)
            ledger.put(rows)
            walls = walls and all(outcome.walls for outcome in outcomes)
            right = sum(row["status"] in ("right", "complete") for row in rows)
            told = f"{right} of {len(rows)} right" if task.exercises else rows[0]["said"]
            print(f"{task.student}  {task.copies[0].chapter}  {told}", flush=True)
            if time.monotonic() > saved + SAVE_EVERY_S:
                ledger.write()
                saved = time.monotonic()
    finally:
        ledger.write()
    print(
        f"{ledger.path}: {len(ledger.rows)} lines. New or changed since the last run: {len(todo)}."
    )
    if not walls:
        print(NO_WALLS)


def _parser() -> Parser:
    parser = Parser(
        prog="course.py mark", description="Mark the notebooks that students handed in."
    )
    parser.add_argument("folder", type=Path, help="what was handed in: a folder, or a zip")
    parser.add_argument("--chapter", type=chapter_name, help="only this chapter, such as 03")
    parser.add_argument("--students", type=Path, help="the class list with a number for each")
    parser.add_argument("--seed", type=world_number, help="the number of the class's world")
    parser.add_argument("--out", type=Path, help="the CSV; else FOLDER-marks.csv beside it")
    parser.add_argument("--again", action="store_true", help="run unchanged notebooks too")
    return parser


@cache
def _course_version() -> str:
    digest = hashlib.sha256()
    for part in ("helpers", "casedata/generate", "tools/marking"):
        for path in sorted((ROOT / part).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_marked(task: Task, ledger: Ledger) -> bool:
    names = [f"Exercise {exercise.id}" for exercise in task.exercises]
    return ledger.holds(task.student, names, task.copies[0].file, task.version)


def tasks_of(notebooks: list[Notebook], students: list[dict], seed: int | None) -> list[Task]:
    """Return what is to be marked, by world, so that few worlds are in memory at a time."""
    groups: dict[tuple[str, str], list[Notebook]] = {}
    for each in sorted(notebooks, key=lambda notebook: -notebook.modified):
        what = each.file if each.fault else each.chapter
        groups.setdefault((each.student, what), []).append(each)
    tasks = []
    for copies in groups.values():
        world, note = world_of(copies[0], students, seed)
        more = f"{len(copies)} copies, the newest {COPIES} run" if len(copies) > COPIES else ""
        tasks.append(Task(copies[:COPIES], world, "; ".join(filter(None, [note, more]))))
    return sorted(tasks, key=lambda task: (task.seed, task.student, task.copies[0].chapter))


def world_of(notebook: Notebook, students: list[dict], seed: int | None) -> tuple[int, str]:
    """Return the number of the world to mark a notebook in, and what is to be said about it."""
    named = notebook.worlds()
    listed = [row for row in students if next(iter(row.values())) == notebook.student]
    number = listed[0].get("number", "") if listed else ""
    note = "not on the class list" if students and not listed else ""
    if number or seed is not None:
        world = int(number) if number else seed
        return world, f"worked in world {named[0]}" if named and world not in named else note
    world = named[0] if len(named) == 1 else data.COMMITTED_SEED
    if named and named != [data.COMMITTED_SEED]:
        said = "world as the notebook says" if len(named) == 1 else "names several worlds"
        note = "; ".join(filter(None, [note, said]))
    return world, note


def run_all(tasks: list[Task], *, hidden: list[Path]) -> Iterator[tuple[Task, list[Outcome]]]:
    """Run the notebooks of all tasks; yield each task, its world in use, with their outcomes."""

    def calls() -> Iterator[partial]:
        for task in tasks:
            where = {"seed": task.seed, "hidden": hidden}
            if task.exercises:
                data.use_world(task.seed)  # which makes it, where it is not there yet
                where["world"] = data.in_use().folder
                where["hidden"] = [*hidden, where["world"].parent]
                where["given"] = handed_out(task.exercises)
            yield from (partial(outcome_of_notebook, each, **where) for each in task.copies)

    results = side_by_side(calls())
    for task in tasks:
        outcomes = [next(results) for _ in task.copies]
        if task.exercises and data.world() != f"seed {task.seed}":
            data.use_world(task.seed)
            registry.forget()
        yield task, outcomes


def handed_out(exercises: list[registry.Exercise]) -> dict[str, object]:
    """Return what exercises hand out in the world in use, as JSON: lists, and tables by column.

    Where a notebook is run, the truth from which some of it is drawn is not at hand.
    """
    found = {each.id: registry.computed(each.given) for each in exercises if each.given}
    tables = {key: table for key, table in found.items() if isinstance(table, pd.DataFrame)}
    return found | {key: table.to_dict("list") for key, table in tables.items()}


def outcome_of_notebook(notebook: Notebook, **where: object) -> Outcome:
    if notebook.fault:
        return Outcome()
    if notebook.cells == untouched(notebook.chapter):
        exercises = registry.of_chapter(notebook.chapter, "EXERCISES")
        return Outcome({exercise.id: {"kind": "blank"} for exercise in exercises})
    return outcome_of(notebook.cells, **where)


@cache
def untouched(chapter: str) -> list[str]:
    return read(Notebook("", ""), SHIPPED[chapter].read_bytes()).cells


def rows_of(task: Task, outcomes: list[Outcome]) -> list[dict[str, str]]:
    """Return the lines of the CSV for a task: of several copies, for that with most answers."""
    tried = [sum(a.get("kind") != "blank" for a in each.answers.values()) for each in outcomes]
    best = tried.index(max(tried))
    notebook, outcome = task.copies[best], outcomes[best]
    others = [f"not marked: {each.file}" for each in task.copies if each is not notebook]
    common = {"student": task.student, "world": str(task.seed), "version": task.version}
    common |= {"file": notebook.file, "note": "; ".join(filter(None, [task.note, *others]))}
    if notebook.fault:
        fault = {"exercise": NO_EXERCISE, "status": "not marked", "said": notebook.fault}
        return [common | fault]
    return [
        common
        | {"exercise": f"Exercise {exercise.id}"}
        | judged(exercise, notebook, outcome, task.seed)
        for exercise in task.exercises
    ]


if __name__ == "__main__":
    try:
        with told_in_a_sentence():
            main(sys.argv[1:])
    except data.CourseError as fault:
        sys.exit(str(fault))
