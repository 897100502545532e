"""The hand-out: what students get, what they do not, and that a newer one takes nothing away."""

import json
import os
import re
import subprocess
import sys
import zipfile

import pytest

import course
from helpers import data, lessons
from tools import environment, handout
from tools.environment import ROOT, Stop

# In a hand-out's own process: its folder is the course, the packages are ours.
IN_ITS_WORLD = """
import json, sys
from helpers import data, lessons
from helpers.data import CourseError
orders = data.load("orders")
said = {"world": data.world(), "orders": len(orders), "refused": []}
for ask in (lambda: data.load("truth"), lambda: lessons.solution("3.1"),
            lambda: lessons.mistakes("3.1")):
    try:
        ask()
    except CourseError as refusal:
        said["refused"].append(str(refusal))
customers = orders.loc[orders["date"].dt.year == 2025, "account_id"].nunique()
said["right"] = lessons.check("3.1", customers).status
said["mistake"] = lessons.check("3.1", len(data.load("accounts"))).status
said["case"] = lessons.check("7a.3", "unstable quality").status
print(json.dumps(said))
"""
OPENED = """
from tools import environment, opening
environment.PYTHON, opening.run_quietly = "", lambda *args, **kwargs: None  # signs the copies
opening.settle_number([])
print([path.name for path in opening.copy_chapters(opening.ROOT / "notebooks", opening.WORK)])
"""


@pytest.fixture
def unpacked(tmp_path):
    """A way to make a hand-out and unpack it: always over the one before, in a hard place."""
    place = tmp_path / "我的 course"

    def make(*words):
        handout.main([*words, "--out", str(tmp_path / "out" / "class.zip")])
        with zipfile.ZipFile(tmp_path / "out" / "class.zip") as archive:
            archive.extractall(place)
        return place / handout.FOLDER

    return make


def python(tree, program, **variables):
    """Run a program in a hand-out's folder as the course does there; return what it prints."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    env |= {"PYTHONPATH": str(tree), "COURSE_CACHE": str(tree.parent / "cache")} | variables
    command = [sys.executable, "-P", "-c", program]
    done = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_hand_out_teaches_and_marks_but_does_not_tell(unpacked):
    tree = unpacked("3", "07a")
    names = {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}
    chapters = {name for name in names if name.endswith(".ipynb")}
    assert {name[:13] for name in chapters} == {"notebooks/00_", "notebooks/03_", "notebooks/07a"}
    lessons = {name[18:-3] for name in names if name.startswith("helpers/exercises/ch")}
    assert lessons == {"ch00", "ch03", "ch07a"}
    assert not [name for name in names if name.startswith(("tests", "notebooks/instructor"))]
    assert "casedata/truth.csv" not in names and "casedata/orders.csv" in names
    assert "For instructors" not in (tree / "README.md").read_text(encoding="utf-8")

    said = json.loads(python(tree, IN_ITS_WORLD))
    assert (said["world"], said["right"], said["mistake"]) == (
        "seed 2025",
        "right",
        "known mistake",
    )
    assert said["case"] == "right"  # the truth is there for checks
    assert len(said["refused"]) == 3 and all("instructor" in each for each in said["refused"])
    assert json.loads((tree / "work" / "progress.json").read_text())["worlds"]["seed 2025"]


@pytest.mark.parametrize("command", ["test", "mark", "handout", "present", "refresh", "world"])
def test_instructors_commands_are_refused_in_a_sentence(tmp_path, monkeypatch, command):
    (tmp_path / "HANDOUT").write_text("2025\n")
    monkeypatch.setattr(course, "HANDOUT_MARK", tmp_path / "HANDOUT")
    said = course.main([command])
    assert said == f"`{command}` is not part of a hand-out, it is your instructor's: you have " + (
        "open, doctor."
    )


def test_the_folder_holds_all_that_opening_needs(unpacked, tmp_path):
    """Up to the packages: without a network the set-up says so, in its own words."""
    tree = unpacked("00")
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text('#!/bin/sh\n[ "$1" = --version ] || { echo dns error >&2; exit 1; }\n')
    uv.chmod(0o755)
    path = f"{uv.parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PATH": path, "COURSE_WORK": str(tree / "work")}

    def run(word):
        command = [environment.base_python(), str(tree / "course.py"), word]
        return subprocess.run(command, env=env, capture_output=True, text=True)

    assert run("--no-browser").stderr.strip() == environment.NO_NETWORK
    assert "OK    the data of the course is complete" in run("doctor").stdout


def test_a_newer_course_over_an_older_one_keeps_answers_progress_and_number(unpacked, tmp_path):
    (tmp_path / "list.csv").write_text("学号,姓名\n001,张三\n002,李四\n", encoding="gb18030")
    tree = unpacked("03", "--students", str(tmp_path / "list.csv"))
    number = (tree / handout.MARK).read_text().split()[0]
    mine = tree / "work" / "03_segmentation.ipynb"
    (tree / "work").mkdir()
    (tree / "work" / "number.txt").write_text(number)
    assert "03_segmentation.ipynb" in python(tree, OPENED)
    mine.write_text(mine.read_text(encoding="utf-8").replace("= ...", "= 287"), encoding="utf-8")
    (tree / "work" / "progress.json").write_text('{"schema": 1, "worlds": {}}')
    kept = {path: path.read_bytes() for path in (tree / "work").rglob("*") if path.is_file()}
    del kept[tree / "work" / ".shipped.json"]

    with zipfile.ZipFile(tmp_path / "out" / "class.zip") as archive:
        assert not [name for name in archive.namelist() if "/work/" in name]
        shipped = archive.getinfo(f"{handout.FOLDER}/notebooks/03_segmentation.ipynb")
        assert shipped.external_attr >> 16 == 0o100444  # no answer gets where the newer one goes
    assert unpacked("03") == tree  # without numbers this time
    newer = tree / "notebooks" / "03_segmentation.ipynb"
    newer.write_text(newer.read_text(encoding="utf-8").replace("whom do we", "Whom do we"))
    assert python(tree, OPENED).endswith("\n['03_segmentation_new.ipynb']\n")
    assert {path: path.read_bytes() for path in kept} == kept
    said = json.loads(python(tree, IN_ITS_WORLD))
    assert said["world"] == f"seed {number}"
    made = next((tree.parent / "cache").glob("world-*"))
    assert (made / "truth.sealed").exists() and not (made / "truth.csv").exists()


def test_each_student_of_a_list_has_a_number_of_their_own(unpacked, tmp_path, monkeypatch, capsys):
    rows = [f"Student {n}" for n in range(40)]
    (tmp_path / "list.csv").write_text("\n".join(["name", *rows]))
    tree = unpacked("00", "--students", str(tmp_path / "list.csv"))
    listed = (tmp_path / "out" / "class-numbers.csv").read_text(encoding="utf-8-sig").splitlines()
    numbers = dict(line.split(",") for line in listed[1:])
    assert len(set(numbers.values())) == 40 == len(numbers)
    assert (tree / handout.MARK).read_text().split() == list(numbers.values())
    (tmp_path / "list.csv").write_text("\n".join(["name", *rows[::-1], "One more"]))
    again = handout.give_numbers(handout.read_list(tmp_path / "list.csv"))
    assert [str(number) for number in again[:-1]] == list(numbers.values())[::-1]

    # A folder of its own asks for the number, once, and takes none that is not of this class.
    from tools import opening

    monkeypatch.setattr(opening, "ROOT", tree)
    monkeypatch.setattr(opening, "WORK", tree / "work")
    with pytest.raises(Stop, match="--number"):
        opening.settle_number([])
    answers = iter(["7", numbers["Student 3"]])
    monkeypatch.setattr(opening.sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("builtins.input", lambda prompt: next(answers))
    opening.settle_number([])
    assert "7 is not a number of this class" in capsys.readouterr().out
    assert (tree / "work" / "number.txt").read_text() == numbers["Student 3"]
    opening.settle_number([])  # does not ask again
    opening.settle_number(["--number", numbers["Student 4"]])
    assert (tree / "work" / "number.txt").read_text() == numbers["Student 4"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name\nA\nB\nA\n", "has A twice"),
        ("name\n", "lists nobody"),
        ("name,number\nA,7\nB,7\n", "theirs alone"),
        ("name,number\nA,x7\n", "must be whole"),
    ],
)
def test_a_list_that_will_not_do_is_refused(tmp_path, text, sentence):
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(Stop, match=sentence):
        handout.main(["--students", str(tmp_path / "list.csv"), "--out", str(tmp_path / "x.zip")])
    assert not (tmp_path / "x.zip").exists()


def test_a_chapter_that_does_not_exist_is_said():
    with pytest.raises(Stop, match="no chapter 33: choose from 00, 01"):
        handout.chosen(["33"])
    assert handout.chosen(["3"]) == ["00", "03"]
    assert str(ROOT / "casedata" / "truth.csv") not in map(str, handout.files(["03"]))


def test_what_nbgrader_marks_asks_the_same_checks(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "_current", None)
    handout.main(["03", "--nbgrader", str(tmp_path)])
    source = (tmp_path / "source" / "03" / "03_segmentation.ipynb").read_text(encoding="utf-8")
    cells = [cell for cell in json.loads(source)["cells"] if "nbgrader" in cell["metadata"]]
    *tests, memo = cells
    marked = [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells]
    assert marked == [f"exercise-3-{n}" for n in range(1, 9)]
    assert memo["metadata"]["nbgrader"]["solution"] and "BEGIN SOLUTION" in memo["source"]
    for number, cell in enumerate(tests, 1):
        name = re.search(r'check\("[\d.]+", (\w+)\)', cell["source"])[1]
        exec(cell["source"], {name: lessons.solution(f"3.{number}")})
        with pytest.raises(AssertionError):
            exec(cell["source"], {name: ...})
