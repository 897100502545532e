"""Security: data and progress are never executed or shown as a page, and nobody else gets in."""

import ast
import contextlib
import json
import os
import re
import tempfile
import time
import urllib.error
import urllib.request
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import browser
import ipywidgets
import pytest

from helpers import charts, data, lessons
from helpers.exercises import Prediction, Question
from helpers.lessons import cards, forms
from helpers.panels import base
from tools import handout, mark
from tools.environment import ROOT
from tools.marking import ledger, running

OURS = [
    path
    for part in ("course.py", "helpers/**/*.py", "casedata/**/*.py", "tools/**/*.py", "deploy/*.py")
    for path in sorted(ROOT.glob(part))
]
NOTEBOOKS = sorted(ROOT.glob("notebooks/**/*.ipynb"))


# ------------------------------------------------------------------ nothing is executed

# What would run a text, or make objects of a file that somebody else wrote.
BUILT_IN = {"eval", "exec", "compile", "__import__"}
MODULES = [
    "code",
    "cloudpickle",
    "dill",
    "imp",
    "joblib",
    "marshal",
    "pickle",
    "runpy",
    "shelve",
    "yaml",
]
ATTRIBUTES = {"import_module", "load_source", "popen", "read_hdf", "read_pickle", "run_module"}
ATTRIBUTES |= {"run_path", "spec_from_file_location", "system", "to_pickle"}
OPTIONS = {"shell", "allow_pickle"}

ALLOWED = {
    # Runs what a student handed in: in a process apart, behind walls.
    ("tools/marking/apart.py", "exec"),
    ("tools/marking/apart.py", "compile"),
    # A chapter's exercises: `chapters()` lists the names that there are.
    ("helpers/exercises/__init__.py", "import_module"),
}


def executing(tree: ast.AST):
    """Yield the name of all in a program that would execute a text, or objects from a file."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [getattr(node, "module", None) or "", *(each.name for each in node.names)]
            yield from (name for name in names if name.partition(".")[0] in MODULES)
        elif isinstance(node, ast.Name) and node.id in BUILT_IN:
            yield node.id
        elif isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
            yield node.attr
        elif isinstance(node, ast.Call):
            if getattr(node.func, "attr", "") in ("query", "eval"):  # pandas runs their text
                yield from ("query" for each in node.args if not isinstance(each, ast.Constant))
            for option in node.keywords:
                if option.arg in OPTIONS and getattr(option.value, "value", True) is not False:
                    yield option.arg


@pytest.mark.parametrize(
    "program",
    [
        "eval(text)",
        "from pickle import loads",
        "import yaml",
        "pd.read_pickle(path)",
        "np.load(path, allow_pickle=True)",
        "subprocess.run(words, shell=True)",
        "run = os.system",
        "frame.query(text)",
    ],
)
def test_what_executes_data_is_seen(program):
    assert list(executing(ast.parse(program)))


def test_no_text_from_data_or_progress_is_executed():
    found = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in OURS
        for name in executing(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == ALLOWED


# ------------------------------------------------------------------ nothing becomes a page


ACTING = {"applet", "base", "embed", "form", "frame", "iframe", "link", "meta", "object", "script"}
LEADING = {"action", "background", "data", "href", "src", "srcset", "xlink:href"}


class Page(HTMLParser):
    """Reads HTML, and notes what in it could act or reach out."""

    def __init__(self, html: str):
        super().__init__()
        self.acting: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag in ACTING:
            self.acting.append(tag)
        for name, value in attributes:
            place = re.sub(r"[\s\0]", "", value or "").lower()
            if name.startswith("on"):
                self.acting.append(name)
            if name in LEADING:
                kind = place.partition(":")[0] if ":" in place else ""
                if kind not in ("", "data") or place.startswith(("//", "data:text", "data:app")):
                    self.acting.append(place[:60])
            if "url(" in place or "expression(" in place:
                self.acting.append(place[:60])


@pytest.mark.parametrize(
    "html",
    [
        "<script>1</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='java\nscript:1'>",
        "<img src=//there/x.png>",
        "<p style='background:url(https://x)'>",
    ],
)
def test_what_acts_in_a_page_is_seen(html):
    assert Page(html).acting


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_notebooks_hold_nothing_that_acts(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert {*notebook["metadata"]} <= {"course", "kernelspec", "language_info"}  # no signature
    for cell in notebook["cells"]:
        shown = ["".join(cell["source"])] if cell["cell_type"] == "markdown" else []
        for output in cell.get("outputs", []):
            kinds = output.get("data", {})
            scripts = {kind for kind in kinds if "javascript" in kind or kind.startswith("applic")}
            assert not scripts - {"application/vnd.jupyter.widget-view+json"}, cell["id"]
            shown += [
                "".join(kinds[kind]) for kind in kinds if kind in ("text/html", "image/svg+xml")
            ]
        for html in shown:
            assert Page(html).acting == [], cell["id"]
            assert not re.search(r"\]\((javascript|vbscript|file):|@import", html, re.I), cell["id"]


NASTY = "<img src=x onerror=alert(1)><script>alert(2)</script>'\"&"


class NastyPanel(base.Panel):
    def draw(self, fig):
        pass

    def update(self, values):
        return NASTY


def html_of(shown) -> str:
    """All HTML that an object would show in a notebook, its widgets' too."""
    if isinstance(shown, ipywidgets.HTML):
        return shown.value
    if isinstance(shown, ipywidgets.Box):
        return "".join(map(html_of, shown.children))
    return shown._repr_html_() if hasattr(shown, "_repr_html_") else ""


def test_whatever_stands_in_data_or_progress_is_shown_as_text(toy):
    question = Question(NASTY, right=NASTY, because=NASTY)
    quiz, prompt = forms.Quiz("98", [question]), forms.Prompt(Prediction("98.x", NASTY))
    panel = NastyPanel({NASTY: base.choice(NASTY, [NASTY], NASTY)}, caption=NASTY)
    shown = [
        lessons.check(NASTY, 1),
        lessons.check("98.1", NASTY),
        lessons.hint(NASTY),
        lessons.predict(NASTY, NASTY),
        lessons.recall(NASTY),
        cards.Card(NASTY, [NASTY], items=[NASTY]),
        cards.Table(NASTY, [NASTY], [[NASTY]], NASTY),
        quiz.card(),
        quiz.answer(1, NASTY),
        *quiz.widgets(),
        *prompt.widgets(),
        panel._box,
    ]
    pages = [html_of(each) for each in shown]
    pages.append(charts.figure_html(b"", alt=NASTY, caption=NASTY, size=(1, 1)))
    assert sum("alert" in page for page in pages) >= 9
    for page in pages:
        # A panel's own picture mends itself when it is loaded.
        assert Page(page.replace(escape(base.MEND), "")).acting in ([], ["onload"]), page[-400:]
        assert NASTY not in page


def test_a_table_of_ones_own_holds_no_code_of_a_page(tmp_path, monkeypatch):
    """A notebook shows styled tables as they are; what a browser would act on stays outside."""
    monkeypatch.setattr(data, "_current", None)
    fields = [{"name": "name", "type": "string"}]
    file = tmp_path / "shops.csv"
    for harmless in ("a < b", "<3", "R&D", "=1"):
        file.write_text(f"name\n{harmless}\n", encoding="utf-8")
        assert data.read_csv(file, fields)["name"].tolist() == [harmless]
    for harmful in ("<script>", "</td>", "<IMG src=x>", "<!--"):
        file.write_text(f"name\ngood\n{harmful}\n", encoding="utf-8")
        with pytest.raises(data.CourseError, match=r"shops\.csv line 3: .*space after the <"):
            data.read_csv(file, fields)


def test_no_cell_of_a_table_for_instructors_is_a_formula(tmp_path):
    commands = [f"{first}cmd|' /C calc'!A0" for first in "=+-@＝＋－＠"]
    for command in commands + [f"{space}{command}" for space in "\t\r\n" for command in commands]:
        assert ledger.safe(command) == "'" + command
    assert ledger.safe("-3.5") == "-3.5" and ledger.safe("") == ""
    names = "\n".join(["name", "Ann", *commands])
    (tmp_path / "list.csv").write_text(names, encoding="utf-8")
    handout.main(["00", "--students", str(tmp_path / "list.csv"), "--out", str(tmp_path / "x")])
    lines = (tmp_path / "x-numbers.csv").read_text("utf-8-sig").splitlines()
    assert [line.rpartition(",")[0] for line in lines] == [
        "name",
        "Ann",
        *("'" + c for c in commands),
    ]


# ------------------------------------------------------------------ nobody else gets in


def course_processes(token: str) -> list[Path]:
    """The server that has this token, and its kernels."""
    return [
        process
        for process in Path("/proc").glob("[0-9]*")
        if f"JUPYTER_TOKEN={token}" in _read(process / "environ").split("\0")
    ]


def listening(processes: list[Path]) -> list[tuple[str, str]]:
    """Where processes listen: (table, address as the kernel writes it)."""
    sockets = set()
    for process in processes:
        with contextlib.suppress(OSError):  # it closes one, or ends
            sockets |= {os.readlink(each) for each in (process / "fd").iterdir()}
    lines = [
        (table, line.split())
        for table in ("tcp", "tcp6")
        for line in _read(Path("/proc/net", table)).splitlines()[1:]
    ]
    return [
        (table, fields[1].partition(":")[0])
        for table, fields in lines
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets
    ]


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def test_the_server_is_for_this_machine_and_its_token_alone(tmp_path):
    with browser.course(tmp_path) as address:
        home, _, token = re.fullmatch(
            r"(http://127\.0\.0\.1:\d+/)(\S+)\?token=(\w+)", address
        ).groups()
        authorised = {"Authorization": f"token {token}"}
        kernel = b'{"name": "python3"}'
        start = urllib.request.Request(f"{home}api/kernels", kernel, authorised, method="POST")
        urllib.request.urlopen(start, timeout=60).close()
        for path in ("api/contents", "api/kernels", "api/status"):
            for headers in ({}, {"Origin": "http://elsewhere.example"}):
                page = urllib.request.Request(home + path, headers=headers)
                with pytest.raises(urllib.error.HTTPError, match=r"40[34]") as refusal:
                    urllib.request.urlopen(page, timeout=30)
                assert not refusal.value.headers["Access-Control-Allow-Origin"]
        with urllib.request.urlopen(f"{home}files/progress.json", timeout=30) as page:
            assert "/login?" in page.url

        give_up = time.monotonic() + 60
        while len(found := listening(course_processes(token))) < 6:  # a kernel has five
            assert time.monotonic() < give_up
            time.sleep(0.1)
        assert set(found) == {("tcp", "0100007F")}
        assert not [
            each for each in Path("/proc").glob("[0-9]*") if token in _read(each / "cmdline")
        ]
        variables = _read(course_processes(token)[0] / "environ")
        runtime = re.search(r"JUPYTER_RUNTIME_DIR=([^\0]+)", variables)[1]
        assert Path(runtime).stat().st_mode & 0o077 == 0
        assert token not in (tmp_path / ".jupyter" / "server.log").read_text(encoding="utf-8")
    assert not Path(runtime).exists()


def test_settings_for_a_class_open_no_door():
    """What weakens a server is set in the trial alone, which is said to be for one machine."""
    doors = (
        r"allow_origin|allow_remote|disable_check|token|password|\bip\b|xsrf|0\.0\.0\.0|allow_all"
    )
    for name in ("class_config.py", "jupyter_server_config.py", "kubernetes.yaml"):
        assert not re.search(doors, (ROOT / "deploy" / name).read_text(encoding="utf-8")), name
    trial = (ROOT / "deploy" / "trial_config.py").read_text(encoding="utf-8")
    assert re.findall(r"http://([\d.]+):", trial) == ["127.0.0.1"] * 2


# ------------------------------------------------------------------ what is handed in stays in


@pytest.fixture
def sealed_world(tmp_path):
    """The world of a hand-out on this machine: its truth is out of sight, but readable."""
    world = tmp_path / "cache" / "world-2025"
    world.mkdir(parents=True)
    for path in data.COMMITTED.glob("*.*"):
        (world / path.name).write_bytes(path.read_bytes())
    data._seal(world / "truth.csv")
    return world


# Reads all that it can find about answers, and hands in what it found.
SPY = """
import os
found = []
for top in PLACES:
    for folder, _, names in os.walk(top):
        for name in names:
            if name.startswith(("truth.", "anothers.")):
                try:
                    open(os.path.join(folder, name), "rb").read()
                    found.append(name)
                except OSError:
                    pass
check("3.1", found)
"""


@pytest.mark.parametrize("walls", [True, False])
def test_no_notebook_reads_a_truth_or_another_notebook(sealed_world, walls, tmp_path, monkeypatch):
    if not walls:
        bare = tmp_path / "tools" / "apart.py"
        bare.parent.mkdir()
        text = running.APART.read_text(encoding="utf-8")
        bare.write_text(text.replace('sys.platform.startswith("linux")', "False"), "utf-8")
        monkeypatch.setattr(running, "APART", bare)
    outcomes = []

    def outcome_of(cells, **where):
        outcomes.append(running.outcome_of(cells, **where))
        return outcomes[-1]

    monkeypatch.setattr(mark, "outcome_of", outcome_of)
    monkeypatch.setattr(
        data, "_world_of_seed", lambda seed: data.World("seed 2025", sealed_world, "")
    )
    monkeypatch.setattr(data, "_current", None)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with tempfile.TemporaryDirectory(prefix="mark-") as another:  # that runs beside
        (Path(another) / "anothers.json").write_text("{}")
        cell = SPY.replace(
            "PLACES", repr([str(sealed_world), another, "../casedata", str(ROOT / "casedata")])
        )
        cells = [{"cell_type": "code", "source": [cell], "outputs": [], "metadata": {}}]
        handed_in = tmp_path / "handed in" / "Ann"
        handed_in.mkdir(parents=True)
        spying = {"cells": cells, "metadata": {"course": {"chapter": "03"}}}
        (handed_in / "03.ipynb").write_text(json.dumps(spying), encoding="utf-8")
        mark.main([str(handed_in.parent), "--out", str(tmp_path / "marks.csv")])
    (outcome,) = outcomes
    assert outcome.answers["3.1"] == {"kind": "list", "values": []}, outcome.stopped


def test_within_walls_processes_without_end_are_ended(monkeypatch):
    """Made past Python, whose own way to fork is refused."""
    monkeypatch.setattr(running, "CELL_S", 2)
    cell = "import ctypes\nlibc = ctypes.CDLL(None)\nwhile True: libc.fork()"
    where = {"world": data.COMMITTED, "seed": data.COMMITTED_SEED, "hidden": [], "given": {}}
    before = set(Path("/proc").glob("[0-9]*"))
    outcome = running.outcome_of([cell, 'check("3.1", 5)'], **where)
    if not outcome.walls:
        pytest.skip("this system allows no walls")
    assert outcome.answers["3.1"]["value"] == 5
    left = set(Path("/proc").glob("[0-9]*")) - before
    assert not [each for each in left if "apart.py" in _read(each / "cmdline")]
