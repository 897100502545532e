"""Marking: honest work is judged rightly, and no notebook harms or fools its marker."""

import csv
import io
import json
import os
import shutil
import socket
import zipfile

import pytest

from helpers import data, lessons
from tools import mark
from tools.environment import ROOT, Stop
from tools.marking import running, submissions

FIRST = """
import numpy as np, os, shutil, socket, subprocess, sys, time
from helpers import data, lessons
from helpers.lessons import check, glossary, recall
orders = data.load("orders")
ordered = orders.loc[orders["date"].dt.year == 2025, "account_id"].nunique()
"""
RIGHT = 'check("3.1", ordered)'
WRONG = 'check("3.1", 12345)'


def notebook(*cells, chapter="03", outputs=()):
    cells = [
        {"cell_type": "code", "source": [cell], "outputs": list(outputs), "metadata": {}}
        for cell in (FIRST, *cells)
    ]
    return json.dumps({"cells": cells, "metadata": {"course": {"chapter": chapter}}})


# Told to the marker in the place of what a run tells.
LIES = r"""
{"taken": {"3.1": {"kind": "right", "status": "right"}, "3.2": 5}}
{"taken": {"3.3": {"kind": "list", "values": 5}, "3.8": {"kind": "one", "value": "\ud800"}}}
{"taken": {"3.4": {"kind": "one", "value": {"tuple": 3}}}}
{"raised": [1], "said": {}}
{"cell": "none"}
{"walls": {}}
[[[
null
"""
WRITE_LIES = """
for number in range(200):
    try: os.write(number, LIES.encode())
    except OSError: pass
"""

# What each student does, and what 3.1 is marked as.
STUDENTS = {
    "honest": (notebook(RIGHT), "right"),
    "mistaken": (notebook('check("3.1", len(data.load("accounts")))'), "known mistake"),
    "guessing": (notebook("for n in range(2000): check('3.1', n)", WRONG), "wrong"),
    "asking for the solution": (notebook('check("3.1", lessons.solution("3.1"))'), "stopped"),
    "redefining check": (
        notebook(
            "def check(*_): return lessons.Feedback('right', '3.1', '')\n"
            "lessons.check = lessons.feedback.judge = check",
            WRONG,
        ),
        "wrong",
    ),
    "writing what the marker reads": (notebook(f"LIES = {LIES!r}", WRITE_LIES, WRONG), "wrong"),
    "reading the truth": (
        notebook(
            f"for place in ('.', '..', {str(ROOT)!r}):\n"
            "    for name in ('casedata/truth.csv', 'casedata/generate/__init__.py',\n"
            "                 'helpers/exercises/ch03.py', 'notebooks/instructor'):\n"
            "        try: found = os.listdir(p) if os.path.isdir(p := place + '/' + name) else"
            " open(p).read()\n"
            "        except OSError: found = ''\n"
            "        if found: check('3.1', ordered)",
        ),
        "missing",
    ),
    "ending Python": (notebook("sys.exit()", "os._exit(0)", RIGHT), "right"),
    "looping": (
        notebook("while True:\n    try: time.sleep(9)\n    except BaseException: pass", RIGHT),
        "right",
    ),
    "taking all memory": (notebook("hoard = np.ones(1 << 29)", RIGHT), "right"),
    "talking without end": (notebook("for n in range(10**5): print('x' * 10**4)", RIGHT), "right"),
    "starting programs": (notebook("while True: os.fork()", "os.system('id')", RIGHT), "right"),
    "deleting": (
        notebook(
            "shutil.rmtree(CANARY)",
            "os.remove(CANARY + '/file')",
            "open(CANARY + '/file', 'w').write('gone')",
            "shutil.rmtree(data.ROOT)",
            RIGHT,
        ),
        "right",
    ),
    "calling home": (
        notebook(
            "try: socket.create_connection(('127.0.0.1', PORT), timeout=5)\n"
            "except OSError: check('3.1', ordered)"
        ),
        "right",
    ),
    "stumbling": (notebook("nothing_of_this_name", "half a (sentence", RIGHT), "right"),
    "using magics": (notebook("%matplotlib inline\n!pip list", "orders?", RIGHT), "right"),
    "renaming the cell": (notebook('probe("3.1", ordered)'), "missing"),
    "handing in a text": ("Dear teacher, the dog ate it.", "not marked"),
    "a strange answer": (notebook('check("3.1", print)'), "wrong"),
}


def read_marks(path):
    text = path.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    return {(row["student"], row["exercise"]): row for row in rows}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(running, "CELL_S", 5)
    monkeypatch.setattr(data, "_current", None)


@pytest.fixture
def handed_in(tmp_path):
    folder = tmp_path / "handed in 作业"
    folder.mkdir()
    return folder


def test_a_class_of_good_and_bad_students(handed_in, tmp_path, listening_port):
    canary = tmp_path / "precious"
    canary.mkdir()
    (canary / "file").write_text("here")
    ours = {path: path.read_bytes() for path in ROOT.glob("helpers/**/*.py")}
    for student, (content, _) in STUDENTS.items():
        content = content.replace("CANARY", f"'{canary}'").replace("PORT", str(listening_port))
        (handed_in / student).mkdir()
        (handed_in / student / "03_segmentation.ipynb").write_text(content, encoding="utf-8")
        (handed_in / student / ".ipynb_checkpoints").mkdir()
        (handed_in / student / ".ipynb_checkpoints" / "03-checkpoint.ipynb").write_text("{")
    mark.main([str(handed_in)])
    marks = read_marks(tmp_path / f"{handed_in.name}-marks.csv")
    found = {
        student: row["status"]
        for (student, exercise), row in marks.items()
        if exercise in ("Exercise 3.1", "(none)")
    }
    assert found == {student: status for student, (_, status) in STUDENTS.items()}
    assert {path: path.read_bytes() for path in ours} == ours
    assert (canary / "file").read_text() == "here"


@pytest.fixture
def listening_port():
    """A port that answers: whoever reaches it has a network."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def no_walls(monkeypatch, tmp_path):
    """Refusals alone, as on a system that lets nobody put up walls."""
    bare = tmp_path / "tools" / "apart.py"
    bare.parent.mkdir()
    bare.write_text(running.APART.read_text().replace('sys.platform.startswith("linux")', "False"))
    monkeypatch.setattr(running, "APART", bare)


def test_without_walls_python_is_refused_what_lies_outside(
    no_walls, handed_in, tmp_path, listening_port, capsys
):
    canary = tmp_path / "precious"
    canary.mkdir()
    (canary / "file").write_text("here")
    for student in ("reading the truth", "deleting", "calling home", "starting programs"):
        content = STUDENTS[student][0].replace("CANARY", f"'{canary}'")
        path = handed_in / f"{student}_03_segmentation.ipynb"
        path.write_text(content.replace("PORT", str(listening_port)))
    mark.main([str(handed_in), "--out", str(tmp_path / "marks.csv")])
    marks = read_marks(tmp_path / "marks.csv")
    assert (canary / "file").read_text() == "here"
    for (student, exercise), row in marks.items():
        assert exercise != "Exercise 3.1" or row["status"] == STUDENTS[student][1], student
    assert "This system allows no walls" in capsys.readouterr().out


def test_within_walls_code_that_is_not_pythons_gets_nowhere_either(listening_port, tmp_path):
    call = f"import socket; socket.create_connection(('127.0.0.1', {listening_port}), 5)"
    cell = f"""
import ctypes, os, sys
libc, call = ctypes.CDLL(None), {call!r}
reached = [
    ("disk", libc.creat({str(tmp_path / "new")!r}.encode(), 0o666) >= 0),
    ("course", libc.access({str(ROOT / "casedata")!r}.encode(), 0) == 0),
    ("network", libc.system(f'"{{sys.executable}}" -c "{{call}}"'.encode()) == 0),
    ("processes", libc.kill({os.getpid()}, 0) == 0),
    ("powers", libc.umount2(b"/usr", 2) == 0 or libc.setuid(0) == 0),
]
check("3.1", [name for name, done in reached if done])
"""
    where = {"world": data.COMMITTED, "seed": data.COMMITTED_SEED, "hidden": [], "given": {}}
    outcome = running.outcome_of([cell], **where)
    if not outcome.walls:
        pytest.skip("this system allows no walls")
    assert outcome.answers["3.1"] == {"kind": "list", "values": []}, outcome.stopped


def test_a_chapter_solved_in_a_world_of_its_own_is_right_there(handed_in, tmp_path):
    """From a platform's zip of zips, with names in Chinese as a Chinese Windows writes them."""
    (tmp_path / "list.csv").write_text("姓名,学号,number\n张三,1001,7\n李四,1002,88\n王五,1003,9\n")
    companion = (ROOT / "notebooks" / "instructor" / "07a_case_quality.ipynb").read_text("utf-8")
    solved = json.loads(companion)
    for cell in solved["cells"]:
        if cell["metadata"].get("course", {}).get("solution") == "7a.3":
            cell["source"] = 'diagnosis("7a.3")'
    board = {"commits": [{"diagnosis": "unstable quality", "certainty": 80}]}
    record = {"exercises": {"7a.1": {"tries": 3}}, "boards": {"7a.3": board}}
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("work/07a_case_quality.ipynb", json.dumps(solved))
        archive.writestr("work/progress.json", json.dumps({"worlds": {"seed 7": record}}))
    name = "张三_4711_assignsubmission_file_作业.zip".encode("gb18030")
    with zipfile.ZipFile(handed_in / "all.zip", "w") as archive:
        archive.writestr("x" * len(name), inner.getvalue())
        archive.writestr("1002_4712_assignsubmission_file_/07a_case_quality.ipynb", companion)
        archive.writestr("other_4713_assignsubmission_file_/essay.docx", "")
    zipped = (handed_in / "all.zip").read_bytes()
    (handed_in / "all.zip").write_bytes(zipped.replace(b"x" * len(name), name))
    mark.main(
        [str(handed_in), "--students", str(tmp_path / "list.csv"), "--out", str(tmp_path / "m.csv")]
    )
    marks = read_marks(tmp_path / "m.csv")
    mine = {exercise: row for (student, exercise), row in marks.items() if student == "张三"}
    assert [row["status"] for row in mine.values()] == ["right", "right", "right", "complete"]
    assert {row["world"] for row in mine.values()} == {"7"}
    assert mine["Exercise 7a.1"]["tries"] == "3"
    assert "80 % sure: 96 of 100 points" in mine["Exercise 7a.3"]["said"]
    assert "names the cause" in mine["Exercise 7a.4"]["touches"]
    theirs = [row for (student, _), row in marks.items() if student == "李四"]
    assert [row["status"] for row in theirs] == ["right", "right", "right", "complete"]
    assert {row["world"] for row in theirs} == {"88"}
    assert marks["王五", "(none)"]["said"] == "nothing was handed in"
    assert marks["other", "(none)"]["said"] == "no notebook was handed in"


def test_a_second_run_marks_what_is_new_and_keeps_what_the_instructor_wrote(
    handed_in, tmp_path, monkeypatch
):
    out = tmp_path / "marks.csv"
    for student in ("Ann", "Bob"):
        cell = f'check("3.8", """=SUM(1) {student}\nsecond, line;""")'
        (handed_in / f"{student}_03_segmentation.ipynb").write_text(notebook(RIGHT, cell))
    mark.main([str(handed_in), "--out", str(out)])
    marks = read_marks(out)
    assert marks["Ann", "Exercise 3.8"]["memo"].startswith("'=SUM(1) Ann\nsecond")
    rows = list(marks.values())
    for row in rows:
        row |= {"mark": "5", "seen by me": "ja", "status": "as I say"}
    with open(out, "w", encoding="gb18030", newline="") as file:  # a spreadsheet saves it its way
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)

    with monkeypatch.context() as nothing_runs:
        nothing_runs.setattr(running, "run_apart", None)
        mark.main([str(handed_in), "--out", str(out)])
    assert list(read_marks(out).values()) == rows
    (handed_in / "Bob_03_segmentation.ipynb").write_text(notebook(WRONG))
    mark.main([str(handed_in), "--out", str(out)])
    marks = read_marks(out)
    assert marks["Ann", "Exercise 3.1"]["status"] == "as I say"
    bob = marks["Bob", "Exercise 3.1"]
    assert (bob["status"], bob["mark"], bob["seen by me"]) == ("wrong", "5", "ja")
    assert bob["note"] == "changed since your mark"
    out.write_text("something,else\n1,2\n")
    with pytest.raises(Stop, match="not a CSV of marks"):
        mark.main([str(handed_in), "--out", str(out)])
    assert out.read_text() == "something,else\n1,2\n"


def test_of_two_copies_the_one_with_more_answers_is_marked(handed_in, tmp_path):
    (handed_in / "Ann").mkdir()
    shutil.copy(ROOT / "notebooks" / "03_segmentation.ipynb", handed_in / "Ann" / "03_x_new.ipynb")
    older = handed_in / "Ann" / "03_segmentation.ipynb"
    older.write_text(notebook(RIGHT))
    os.utime(older, (1, 1))
    mark.main([str(handed_in), "--out", str(tmp_path / "marks.csv")])
    row = read_marks(tmp_path / "marks.csv")["Ann", "Exercise 3.1"]
    assert (row["status"], row["file"]) == ("right", "Ann/03_segmentation.ipynb")
    assert row["note"] == "not marked: Ann/03_x_new.ipynb"


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("Zhang San_12345_assignsubmission_file_03_segmentation.ipynb", "Zhang San"),
        ("Zhang San_12345_assignsubmission_file_/03_segmentation.ipynb", "Zhang San"),
        ("sanzhang_LATE_12345_678910_03_segmentation-2.ipynb", "sanzhang"),
        ("03_segmentation_张三.ipynb", "张三"),
        ("张三/work/03_segmentation.ipynb", "张三"),
        ("2023010123_03_segmentation.ipynb", "2023010123"),
        ("03_segmentation.ipynb", "(no name)"),
    ],
)
def test_the_student_is_read_off_the_path(path, student):
    assert submissions.student_of(tuple(path.split("/")), []) == student


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        ("San Zhang_12345_assignsubmission_file_03_segmentation.ipynb", "Zhang San"),
        ("liwei_1234_5678_03_segmentation.ipynb", "Li Wei"),
        ("work of 2023002/03_segmentation.ipynb", "Li"),
        ("hand-in 王五 final.ipynb", "王五"),
    ],
)
def test_the_class_list_says_whose_it_is(path, listed):
    rows = [("Zhang San", "2023001"), ("Li", "2023002"), ("Li Wei", "2023003"), ("王五", "2023004")]
    students = [{"name": name, "student id": number} for name, number in rows]
    assert submissions.student_of(tuple(path.split("/")), students) == listed


def test_the_capstone_is_marked_in_the_world_of_the_number_typed_into_it(handed_in, tmp_path):
    """What its exercises hand out is drawn from the truth, which is not there where it runs."""
    solved = json.loads((ROOT / "notebooks/instructor/12_capstone.ipynb").read_text("utf-8"))
    first = next(cell for cell in solved["cells"] if cell["cell_type"] == "code")
    first["source"] = "".join(first["source"]).replace(
        "number = None", "my_number = 88\nnumber = my_number"
    )
    seven = next(
        cell for cell in solved["cells"]
        if cell["metadata"].get("course", {}).get("solution") == "12.7"
    )  # fmt: skip
    with data.in_world(88):
        seven["source"] = (
            f'check("12.7", {sorted(lessons.solution("12.7"))})'  # read off the ledger
        )
    (handed_in / "Zhao").mkdir()
    (handed_in / "Zhao" / "12_capstone.ipynb").write_text(json.dumps(solved), encoding="utf-8")
    mark.main([str(handed_in), "--out", str(tmp_path / "m.csv")])
    rows = read_marks(tmp_path / "m.csv").values()
    assert {row["world"] for row in rows} == {"88"}
    assert [row["status"] for row in rows] == ["right"] * 7 + ["complete"], [*rows]
