"""The declarations agree with one another, and notebooks are compared as the course promises."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import environment, refresh, testing

ROOT = environment.ROOT
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKED = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
COURSE = next(package for package in LOCKED if package["name"] == DECLARED["project"]["name"])
VERSIONS = {(package["name"], package.get("version")) for package in LOCKED}


def name_and_bounds(entries):
    return {entry["name"]: entry["specifier"] for entry in entries}


def declared(requirements):
    return dict(re.fullmatch(r"([\w-]+)(.*)", entry).groups() for entry in requirements)


def group(name):
    """What a group declares, and what it declares by including another."""
    found = {}
    for entry in DECLARED["dependency-groups"][name]:
        found |= group(entry["include-group"]) if isinstance(entry, dict) else declared([entry])
    return found


def pins(listing):
    lines = (ROOT / listing).read_text(encoding="utf-8").splitlines()
    return {tuple(line.partition(" ;")[0].split("==")) for line in lines}


def test_the_lock_is_of_the_declared_packages():
    metadata = COURSE["metadata"]
    assert name_and_bounds(metadata["requires-dist"]) == declared(
        DECLARED["project"]["dependencies"]
    )
    for name in DECLARED["dependency-groups"]:
        assert name_and_bounds(metadata["requires-dev"][name]) == group(name)


def test_conda_and_pip_are_told_of_the_same_packages():
    conda = (ROOT / "environment.yml").read_text(encoding="utf-8")
    listed = declared(re.findall(r"- ([\w-]+>=[\d.]+)$", conda, re.MULTILINE))
    python = {"python": DECLARED["project"]["requires-python"]}
    assert listed == declared(DECLARED["project"]["dependencies"]) | python
    students, tests = pins("requirements.txt"), pins("requirements-dev.txt")
    assert students < tests <= VERSIONS
    assert declared(DECLARED["project"]["dependencies"]).keys() <= dict(students).keys()
    assert group("dev").keys() <= dict(tests).keys()
    assert "rfc3987-syntax" not in dict(tests)  # the package that makes JupyterLab slow


@pytest.mark.parametrize(
    ("listing", "group"), [("requirements.txt", "--no-group"), ("requirements-dev.txt", "--group")]
)
def test_the_lists_for_pip_are_exports_of_the_lock(listing, group):
    uv = environment.find_uv()
    if uv is None:
        pytest.skip("there is no uv on this machine to export the lock with")
    options = ["--frozen", "--no-hashes", "--no-emit-project", "--no-annotate", "--no-header"]
    export = [uv, "export", "--quiet", *options, group, "dev"]
    exported = subprocess.check_output(export, cwd=ROOT, text=True)
    assert exported == (ROOT / listing).read_text(encoding="utf-8")


@pytest.mark.parametrize("plugin", environment.LAB_SETTINGS)
def test_jupyterlab_knows_the_settings_that_are_made_for_it(plugin):
    extension, _, name = plugin.partition(":")
    jupyter = Path(sys.prefix) / "share" / "jupyter"
    homes = [jupyter / "lab" / "schemas", jupyter / "labextensions" / extension / "schemas"]
    (schema,) = filter(Path.exists, [home / extension / f"{name}.json" for home in homes])
    known = json.loads(schema.read_text())["properties"]
    assert environment.LAB_SETTINGS[plugin].keys() <= known.keys()


def printed(text):
    return [new_output("stream", name="stdout", text=text + "\n")]


# what the cell shows: (its source, its stored outputs, whether the comparison lets it pass)
CELLS = {
    "the same number": ("print(20 + 1)", printed("21"), True),
    "a changed number": ("print(20 + 2)", printed("21"), False),
    "a missing output": ("20 + 3", [], False),
    "a silenced output": ("20 + 3;", [], True),
    "a picture": (
        "print('data:image/png;base64,aa+/==')",
        printed("data:image/png;base64,b"),
        True,
    ),
    "an address": ("print('at 0x7f00d2a1c0')", printed("at 0x7fffd2a1c0"), True),
    "a styled table": ("print('#T_1a2b3 td')", printed("#T_fffff td"), True),
    "a new student": (
        "import os; print(os.listdir(os.environ['COURSE_WORK']), os.environ.get('COURSE_SEED'))",
        printed("[] None"),
        True,
    ),
}


def test_notebooks_are_compared_by_what_they_say(tmp_path, monkeypatch, capfd):
    for folder in ("notebooks", "tests"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "notebooks" / "conftest.py", tmp_path / "notebooks")
    (tmp_path / "tests" / "test_it.py").write_text("def test_it(): pass")
    cells = [
        new_code_cell(source, execution_count=number, outputs=outputs)
        for number, (source, outputs, _) in enumerate(CELLS.values(), start=1)
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "03_x.ipynb")
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    monkeypatch.setattr(testing, "PYTEST", [sys.executable, "-m", "pytest", "-rA"])
    monkeypatch.setenv("COURSE_SEED", "7")
    assert testing.run([]) == 1
    said = capfd.readouterr().out
    passed = {
        what: f"PASSED notebooks/03_x.ipynb::Cell {i}" in said for i, what in enumerate(CELLS)
    }
    assert passed == {what: right for what, (_, _, right) in CELLS.items()}
    assert re.search(r"Notebooks FAILED \(\d+ s\)\. Tests passed \(\d+ s\)\.\s*$", said)


def test_words_after_test_go_to_pytest_alone(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(testing, "PYTEST", [sys.executable, "-c", "import sys; print(sys.argv)"])
    assert testing.run(["-k", "churn"]) == 0
    said = capfd.readouterr().out
    assert "['-c', '-k', 'churn']" in said and "Notebooks" not in said


def test_a_refreshed_notebook_is_the_same_every_time(tmp_path, monkeypatch):
    monkeypatch.setattr(refresh, "ROOT", tmp_path)
    path = tmp_path / "notebooks" / "03_x.ipynb"
    path.parent.mkdir()
    source = "import os, ipywidgets, pandas as pd; print(os.environ.get('COURSE_SEED'))\n"
    source += "display(ipywidgets.IntSlider()); pd.DataFrame({'x': [1]}).style"
    cell = new_code_cell(source, id="a", metadata={"tags": ["t"], "scrolled": True})
    nbformat.write(new_notebook(cells=[cell]), path)
    monkeypatch.setenv("COURSE_SEED", "7")
    refresh.main(["03"])
    once = path.read_text(encoding="utf-8")
    refresh.main([])
    assert path.read_text(encoding="utf-8") == once
    assert once.endswith("}\n") and "T_00001" in once and "widget-view" not in once
    stored = json.loads(once)
    assert stored["metadata"] == refresh.NOTEBOOK_METADATA
    assert stored["cells"][0]["metadata"] == {"tags": ["t"]} and stored["cells"][0]["id"] == "a"
    assert stored["cells"][0]["outputs"][0]["text"] == ["None\n"]


def test_a_cell_that_fails_leaves_the_notebook_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(refresh, "ROOT", tmp_path)
    path = tmp_path / "03_x.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 / 0", id="a")]), path)
    before = path.read_bytes()
    with pytest.raises(SystemExit, match=r"03_x\.ipynb was left as it was"):
        refresh.refresh(path)
    assert path.read_bytes() == before
    with pytest.raises(SystemExit, match=r"^There is no chapter 99: choose from none yet\.$"):
        refresh.main(["99"])
