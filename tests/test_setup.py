"""course.py: what it makes, what it refuses, and what it never touches."""

import ast
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest

import course
from tools import doctor, environment, opening

ROOT = Path(course.__file__).parent
NEEDED = ("course.py", "pyproject.toml", "uv.lock", "README.md", "tools")

# Stands in for uv: makes environments that hold next to nothing, fails and dawdles when told to.
PRETEND_UV = """#!{python}
import os, pathlib, subprocess, sys, time
if sys.argv[1] == "venv":
    subprocess.check_call([sys.executable, "-m", "venv", "--without-pip", sys.argv[-1]])
if sys.argv[1] == "sync":
    venv = pathlib.Path(os.environ["UV_PROJECT_ENVIRONMENT"])
    with open(venv.parent / "syncs", "a") as log:
        print(*sys.argv, "into", *sorted(path.name for path in venv.glob("left-by-*")), file=log)
    (venv / "left-by-uv").touch()
    (venv.parent / "syncing").touch()
    time.sleep(float(os.environ.get("UV_DAWDLES", 0)))
    if "UV_SAYS" in os.environ:
        sys.exit(os.environ["UV_SAYS"])
    fonts = next(venv.glob("lib/python*/site-packages")) / "matplotlib" / "font_manager.py"
    fonts.parent.mkdir(exist_ok=True)
    fonts.touch()
"""


def run(tree, *words, expect=0, **variables):
    """Run a tree's course.py from another folder, as a student's Python would; return its words."""
    command = [environment.base_python(), tree / "course.py", *words]
    env = os.environ | {"COURSE_WORK": str(tree / "work")} | variables
    done = subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A copy of the set-up, with the pretended uv and a `refresh` that does nothing."""
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    (tmp_path / "tools" / "refresh.py").write_text("print('refreshed')")
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(PRETEND_UV.format(python=environment.base_python()))
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", f"{uv.parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def syncs(tree):
    return (tree / "syncs").read_text().splitlines()


def test_an_old_python_gets_one_sentence(monkeypatch):
    ast.parse((ROOT / "course.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    assert course.main(["help"]).startswith(
        "The course needs Python 3.11 or newer and this is 3.10:"
    )


def test_an_unknown_command_is_answered_with_the_known_ones(tree):
    assert "choose open, test, world" in run(tree, "opne", expect=1)
    assert not (tree / ".venv").exists()


def test_a_copy_for_students_says_that_it_cannot_present(tree):
    (tree / "tools" / "presenting.py").unlink()
    assert "`present` is an instructor's command" in run(tree, "present", "3", expect=1)
    assert not (tree / ".venv").exists()


def test_a_second_run_does_nothing_and_a_changed_lock_is_installed(tree):
    assert "Setting up" in run(tree, "refresh")
    assert run(tree, "refresh") == "refreshed\n"
    with open(tree / "uv.lock", "a") as lock:
        lock.write("# changed\n")
    assert "Setting up" in run(tree, "refresh")
    assert [line.rpartition("into")[2] for line in syncs(tree)] == ["", " left-by-uv"]


def test_opening_after_a_test_keeps_the_test_tools(tree):
    (tree / "tools" / "bench.py").write_text("")
    run(tree, "bench")
    with open(tree / "uv.lock", "a") as lock:
        lock.write("# changed\n")
    run(tree, "refresh")
    assert all("--group dev" in line for line in syncs(tree))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_a_cut_off_run_leaves_is_not_trusted(tree, how):
    command = [environment.base_python(), str(tree / "course.py"), "refresh"]
    env = os.environ | {"UV_DAWDLES": "1"}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as first:
        while not (tree / "syncing").exists():
            time.sleep(0.02)
        first.send_signal(how)
    assert first.returncode != 0
    said = run(tree, "refresh")
    assert said.endswith("refreshed\n")
    if how == signal.SIGKILL:
        assert "waiting" in said  # for the installer that lived on
    assert [line.rpartition("into")[2] for line in syncs(tree)] == ["", ""]  # twice from nothing


def test_two_runs_at_once_make_one_environment(tree):
    command = [environment.base_python(), str(tree / "course.py"), "refresh"]
    env = os.environ | {"UV_DAWDLES": "1"}
    runs = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in "12"]
    said = sorted(process.communicate()[0] for process in runs)
    assert [process.returncode for process in runs] == [0, 0]
    assert said[0].startswith("Another run is setting up") and said[1].startswith("Setting up")
    assert len(syncs(tree)) == 1


def test_a_broken_or_moved_environment_is_made_anew(tree):
    run(tree, "refresh")
    (tree / ".venv" / "bin" / "python").unlink()
    assert "Setting up" in run(tree, "refresh")
    moved = tree.rename(tree.with_name("moved"))
    assert "Setting up" in run(moved, "refresh", PATH=f"{moved}/bin:{os.environ['PATH']}")
    assert [line.rpartition("into")[2] for line in syncs(moved)] == ["", "", ""]


@pytest.mark.parametrize(
    ("uv_says", "sentence"),
    [
        ("error: Failed to fetch: `x`\n  dns error: failed to lookup", environment.NO_NETWORK),
        ("failed to write: No space left on device (os error 28)", environment.DISK_FULL),
        ("Read-only file system (os error 30)", environment.NOT_WRITABLE),
        (
            "Failed to initialize cache at `/x/.cache/uv`: Permission denied (os error 13)",
            environment.NO_CACHE,
        ),
        ("something new", "Installing packages failed: delete the folder "),
    ],
)
def test_a_failed_installation_says_what_to_do(tree, uv_says, sentence):
    assert sentence in run(tree, "refresh", UV_SAYS=uv_says, expect=1)
    assert "Traceback" not in run(tree, "refresh", UV_SAYS=uv_says, expect=1)


@pytest.fixture(scope="module")
def course_tree(tmp_path_factory):
    """A real set-up, from packages this machine has fetched before, in a folder hard to spell."""
    tree = tmp_path_factory.mktemp("tree") / "课程 with spaces"
    for name in (*NEEDED, "helpers", "casedata", "requirements.txt"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        tree.mkdir(exist_ok=True)
        copy(ROOT / name, tree / name)
    (tree / "notebooks").mkdir()
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Start here")])
    nbformat.write(page, tree / "notebooks" / opening.FIRST_PAGE)
    uv = environment.find_uv()
    path = f"{uv.parent}{os.pathsep}" if uv else ""
    variables = {"PATH": path + os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    command = [environment.base_python(), tree / "course.py", "world", "--help"]
    for offline in ({}, {"UV_OFFLINE": "1"}):  # the second on a train
        done = subprocess.run(
            command, cwd="/", env=os.environ | variables | offline, capture_output=True, text=True
        )
        if environment.NO_NETWORK not in done.stderr:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    return tree


def test_the_environment_is_ready_for_a_lesson(course_tree):
    python = course_tree / environment.PYTHON.relative_to(ROOT)
    where = "import helpers, casedata; print(helpers.__file__, casedata.__file__)"
    said = subprocess.check_output([python, "-c", where], cwd="/", text=True)
    assert said.count(str(course_tree)) == 2
    compiled = course_tree.glob(".venv/lib/**/jupyterlab/__pycache__/labapp.*.pyc")
    assert list(compiled), "compiled although it never ran, so that the first opening is quick"
    assert list(course_tree.glob(".venv/matplotlib/fontlist*"))


def test_a_folder_in_chinese_is_found_where_the_system_knows_no_chinese(course_tree):
    """Before 3.13 Python reads lists of folders in the system's encoding, as on many a Windows."""
    legacy = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert run(course_tree, "world", "--help", **legacy).startswith("usage")  # and no set-up
    python = course_tree / environment.PYTHON.relative_to(ROOT)
    where = "import helpers; print(ascii(helpers.__file__))"
    env = os.environ | legacy | {"PYTHONUTF8": "1"}  # as for all that the course starts
    said = subprocess.check_output([python, "-c", where], cwd="/", env=env, text=True)
    assert said.strip() == ascii(str(course_tree / "helpers" / "__init__.py"))


def test_the_doctor_tells_a_sound_course_from_a_missing_table(course_tree):
    lines = run(course_tree, "doctor", expect=int(not doctor._has_browser())).splitlines()
    sound = [line for line in lines if not line.startswith("FAIL  a browser")]
    assert all(line.startswith("OK ") for line in sound) and len(sound) == 8
    orders = course_tree / "casedata" / "orders.csv"
    orders.rename(orders.with_suffix(".away"))
    try:
        said = run(course_tree, "doctor", expect=1)
    finally:
        orders.with_suffix(".away").rename(orders)
    assert "FAIL  the data of the course is complete: missing or damaged: orders.csv" in said


def test_the_course_opens_beside_a_taken_port_and_closes_with_ctrl_c(course_tree):
    other = course_tree / ".venv" / "share" / "jupyter" / "kernels" / "other"
    shutil.copytree(other.with_name("python3"), other)  # a kernel that is not for students
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        first_port = taken.getsockname()[1]
        start = f"import course; from tools import opening; opening.FIRST_PORT = {first_port}; "
        start += "raise SystemExit(course.main(['--no-browser']))"
        process = subprocess.Popen(
            [environment.base_python(), "-u", "-c", start],
            cwd=course_tree,
            env=os.environ | {"COURSE_WORK": str(course_tree / "work")},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            address = next(line.strip() for line in process.stdout if "http://" in line)
            base, _, token = address.partition("lab/tree/work/00_start_here.ipynb?token=")
            assert base.startswith("http://127.0.0.1:") and f":{first_port}/" not in base
            assert '"buildCheck": false' in ask(address)
            kernels = json.loads(ask(f"{base}api/kernelspecs?token={token}"))
            assert list(kernels["kernelspecs"]) == ["python3"]
            page = json.loads(ask(f"{base}api/contents/work/00_start_here.ipynb?token={token}"))
            assert page["content"]["cells"][0]["source"] == "# Start here"
            with pytest.raises(urllib.error.HTTPError, match="403"):
                ask(f"{base}api/contents")
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
    assert process.returncode == 0
    with pytest.raises(urllib.error.URLError):
        ask(base)


def ask(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read().decode()


@pytest.fixture
def chapters(tmp_path, monkeypatch):
    """A folder of shipped chapters, a work folder, and a way to ship an edition."""
    monkeypatch.setattr(opening, "run_quietly", lambda *args, **kwargs: None)  # signs the copies
    shipped, work = tmp_path / "notebooks", tmp_path / "work"
    shipped.mkdir()

    def ship(text):
        write_notebook(shipped / "03_x.ipynb", text)
        return [path.name for path in opening.copy_chapters(shipped, work)]

    return ship, work


def write_notebook(path, text, **metadata):
    cells = [nbformat.v4.new_markdown_cell(text, id="a")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)


def test_a_chapter_is_copied_once_and_an_unedited_copy_follows_the_course(chapters):
    ship, work = chapters
    assert ship("one") == ["03_x.ipynb"]
    assert ship("one") == []
    write_notebook(work / "03_x.ipynb", "one", kernel="started")  # opened and run, not edited
    assert ship("two") == ["03_x.ipynb"]
    assert "two" in (work / "03_x.ipynb").read_text()
    assert (work / "03_x.ipynb").unlink() is None and ship("two") == ["03_x.ipynb"]


def test_a_students_file_is_never_written_over(chapters, capsys):
    ship, work = chapters
    ship("one")
    write_notebook(work / "03_x.ipynb", "my answer")
    assert ship("one") == []
    assert ship("two") == ["03_x_new.ipynb"]
    assert "03_x.ipynb has a newer edition" in capsys.readouterr().out
    assert ship("two") == [] and capsys.readouterr().out == ""  # said once
    write_notebook(work / "03_x_new.ipynb", "my second answer")
    assert ship("three") == ["03_x_new2.ipynb"]
    (work / ".shipped.json").unlink()
    (work / "03_x.ipynb").write_text("{ half a file")
    assert ship("four") == ["03_x_new3.ipynb"]
    texts = [(work / name).read_text() for name in ("03_x.ipynb", "03_x_new.ipynb")]
    assert texts[0] == "{ half a file" and "my second answer" in texts[1]
