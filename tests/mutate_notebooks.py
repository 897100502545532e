"""Break a copy of every notebook on purpose, and see whether the tests notice.

    python tests/mutate_notebooks.py [--only 03] [--seed 1]

Three kinds of harm: in each cell that shows something, another digit in its stored output; a cell
left out, as it stands and with the counts run on as after a refresh; an operator or a constant
changed in a function of helpers/ that the notebook uses. A row tells how many were noticed (of
how many), then come those that were not. Not run by pytest: it takes some twenty minutes.
"""

import argparse
import ast
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE_DROPS, PROSE_DROPS, BREAKS = 3, 2, 2  # per notebook
TESTS_OF = {  # beside nbval: the tests that look at a module of helpers/
    "segments": ["segments", "rfm", "standing", "survey_outcomes"],
    "churn": ["churn"],
    "lifecycle": ["lifecycle", "management"],
    "charts": ["charts"],
    "data": ["data"],
    "panels": ["panels"],
    "lessons": ["lessons", "answers", "boards", "report"],
}
SWAPS = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*",
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
}  # fmt: skip


def copy_of_the_tree(folder: Path) -> Path:
    """Copy what git knows or would know, and see that a test there uses the helpers there."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(listed, cwd=ROOT, text=True).split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


class Copy:
    """A copy of the tree, and the tests run in it."""

    def __init__(self, folder: Path):
        self.folder = copy_of_the_tree(folder)
        self.env = os.environ | {
            "PYTHONPATH": str(folder),  # stands before the tree that the environment points to
            "PYTHONDONTWRITEBYTECODE": "1",
            "COURSE_WORK": str(folder / "work"),
        }
        self.env.pop("COURSE_SEED", None)
        where = [sys.executable, "-c", "import helpers.data as d; print(d.ROOT)"]
        found = subprocess.check_output(where, cwd=tempfile.gettempdir(), env=self.env, text=True)
        assert Path(found.strip()) == folder, "the copy's helpers must be the ones that are tested"

    def failed(self, *words: str) -> set[str]:
        """Return the names of the tests that fail, "" among them where none could be run."""
        report = self.folder / "report.xml"
        report.unlink(missing_ok=True)
        shutil.rmtree(self.folder / "work", ignore_errors=True)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, f"--junitxml={report}", *words],
            cwd=self.folder, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode not in (0, 1, 5):  # 5: no such test
            return {""}
        cases = ElementTree.parse(report).iter("testcase")
        return {
            case.get("name")
            for case in cases
            if case.find("failure") is not None or case.find("error") is not None
        }

    def nbval(self, path: Path) -> set[str]:
        config = f"--nbval-sanitize-with={self.folder / 'tests' / 'nbval_sanitize.cfg'}"
        return self.failed(
            "--nbval", "--nbval-current-env", "--nbval-cell-timeout=120", config, str(path)
        )

    def contract(self, path: Path) -> set[str]:
        return self.failed("tests/test_notebooks.py", "tests/test_companions.py", "-x", "-k",
                           f"{path.stem} or {path.stem.split('_')[0]} or idea or concept")  # fmt: skip


# ---- (a) another digit -----------------------------------------------------------------------------


def sanitised() -> re.Pattern:
    """What nbval may not compare: pictures, addresses in memory, ids of styled tables."""
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "tests" / "nbval_sanitize.cfg", encoding="utf-8")
    return re.compile("|".join(f"(?:{config[part]['regex']})" for part in config.sections()))


def places(cell: dict) -> list[tuple[dict, str, int]]:
    """Every digit in what a cell shows: the holder of the text, its key, where it stands."""
    found, hidden = [], sanitised()
    for output in cell["outputs"]:
        holders = [(output, "text")] if "text" in output else []
        holders += [(output["data"], kind) for kind in output.get("data", {}) if "text" in kind]
        for holder, key in holders:
            text = "".join(holder[key])
            spans = [match.span() for match in hidden.finditer(text)]
            spans += [match.span() for match in re.finditer(r"<style.*?</style>", text, re.S)]
            found += [
                (holder, key, match.start())
                for match in re.finditer(r"\d", text)
                if not any(start <= match.start() < end for start, end in spans)
            ]
    return found


def with_other_digits(notebook: dict, dice: random.Random) -> dict[str, str]:
    """Change one digit in each cell that shows one; return nbval's name of the cell → where."""
    changed = {}
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(code):
        if "nbval-ignore-output" in cell["metadata"].get("tags", []) or not places(cell):
            continue
        holder, key, at = dice.choice(places(cell))
        text = "".join(holder[key])
        digit = dice.choice([d for d in "0123456789" if d != text[at]])
        holder[key] = text[:at] + digit + text[at + 1 :]
        changed[f"Cell {number}"] = f"{cell['id']}, {key}: …{text[max(0, at - 30) : at + 20]!r}…"
    return changed


# ---- (b) a cell left out ---------------------------------------------------------------------------


def without(notebook: dict, cell: dict, *, run_on: bool) -> dict:
    """The notebook less one cell; `run_on` numbers the rest as a refresh would."""
    less = json.loads(json.dumps(notebook))
    less["cells"] = [each for each in less["cells"] if each["id"] != cell["id"]]
    if run_on:
        code = (each for each in less["cells"] if each["cell_type"] == "code")
        for number, each in enumerate(code, 1):
            each["execution_count"] = number
            for output in each["outputs"]:
                if "execution_count" in output:
                    output["execution_count"] = number
    return less


# ---- (c) a broken helper ---------------------------------------------------------------------------


def used_functions(path: Path, folder: Path) -> list[tuple[Path, str]]:
    """The functions of helpers/ that a notebook calls by name, and where each is defined.

    A companion calls `check`: what it uses are the reference answers of its chapter.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    chapter = path.name.split("_")[0]
    answers = folder / "helpers" / "exercises" / f"ch{chapter}.py"
    if path.parent.name == "instructor" and chapter != "00":
        return [(answers, node.name) for node in functions(answers)]
    called = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if isinstance(node.func.value, ast.Name):
                called.setdefault(node.func.value.id, set()).add(node.func.attr)
    found = []
    for module in ("data", "segments", "churn", "lifecycle", "charts", "panels"):
        home = folder / "helpers" / module
        files = [home.with_suffix(".py")] if not home.is_dir() else sorted(home.glob("*.py"))
        for file in files:
            names = {node.name for node in functions(file)} & called.get(module, set())
            found += [(file, name) for name in sorted(names)]
    return found


def functions(file: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def breaks(file: Path, name: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, text instead) for each operator and number in a function's body."""
    source = file.read_text(encoding="utf-8")
    lines = source.splitlines(keepends=True)
    (function,) = (node for node in functions(file) if node.name == name)

    def at(line: int, column: int) -> int:
        before = lines[line - 1].encode()[:column].decode()
        return sum(map(len, lines[: line - 1])) + len(before)

    for node in (each for statement in function.body for each in ast.walk(statement)):
        if isinstance(node, ast.BinOp):
            sides = node.left, node.op, node.right
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            sides = node.left, node.ops[0], node.comparators[0]
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            span = at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)
            yield *span, str(node.value + 1)
            continue
        else:
            continue
        left, operator, right = sides
        if type(operator) in SWAPS:
            start = at(left.end_lineno, left.end_col_offset)
            between = source[start : at(right.lineno, right.col_offset)]
            sign = re.search(r"<=|>=|==|!=|[-+*/<>]", between)
            if sign:
                yield start + sign.start(), start + sign.end(), SWAPS[type(operator)]


@contextmanager
def changed(file: Path, text: str) -> Iterator[None]:
    before = file.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")


# ---- one notebook ----------------------------------------------------------------------------------


def try_digits(copy: Copy, path: Path, dice: random.Random) -> tuple[int, list[str]]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    harmed = with_other_digits(notebook, dice)
    with changed(path, json.dumps(notebook, ensure_ascii=False)):
        noticed = copy.nbval(path)
    return len(harmed), [where for name, where in harmed.items() if name not in noticed]


def try_drops(copy: Copy, path: Path, dice: random.Random, kind: str, *, run_on: bool):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == kind]
    chosen = dice.sample(cells, min(len(cells), CODE_DROPS if kind == "code" else PROSE_DROPS))
    unnoticed = []
    for cell in chosen:
        with changed(path, json.dumps(without(notebook, cell, run_on=run_on), ensure_ascii=False)):
            if not copy.contract(path) and (kind == "markdown" or not copy.nbval(path)):
                role = cell["metadata"].get("course", {})
                unnoticed.append(f"{cell['id']} {role or ''} {''.join(cell['source'])[:70]!r}")
    return len(chosen), unnoticed


def try_breaks(copy: Copy, path: Path, dice: random.Random) -> tuple[int, list[str]]:
    used = used_functions(path, copy.folder)
    possible = [(file, name, *each) for file, name in used for each in breaks(file, name)]
    unnoticed = []
    chosen = dice.sample(possible, min(len(possible), BREAKS))
    for file, name, start, end, instead in chosen:
        source = file.read_text(encoding="utf-8")
        with changed(file, source[:start] + instead + source[end:]):
            tests = [
                f"tests/test_{test}.py"
                for module in file.relative_to(copy.folder).with_suffix("").parts
                for test in TESTS_OF.get(module, [])
            ]
            if copy.nbval(path) or copy.contract(path) or (tests and copy.failed("-x", *tests)):
                continue
        line = source.count("\n", 0, start) + 1
        unnoticed.append(
            f"{file.stem}.{name}, line {line}: {source[start:end]} became {instead} in "
            f"{source.splitlines()[line - 1].strip()!r}"
        )
    return len(chosen), unnoticed


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--only", default="", help="part of the notebook's path")
    words.add_argument("--seed", type=int, default=1)
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        copy = Copy(Path(folder).resolve())
        totals = {}
        for path in sorted(copy.folder.glob("notebooks/**/*.ipynb")):
            short = str(path.relative_to(copy.folder / "notebooks"))
            if chosen.only not in short:
                continue
            dice = random.Random(f"{chosen.seed} {short}")
            assert not copy.nbval(path), f"{short} must pass before it is harmed"
            results = {
                "digit": try_digits(copy, path, dice),
                "code cell": try_drops(copy, path, dice, "code", run_on=False),
                "code cell, run on": try_drops(copy, path, dice, "code", run_on=True),
                "prose cell": try_drops(copy, path, dice, "markdown", run_on=False),
                "helper": try_breaks(copy, path, dice),
            }
            row = [f"{kind} {n - len(left)} of {n}" for kind, (n, left) in results.items()]
            print(f"{short}: {'; '.join(row)}", flush=True)
            for kind, (n, left) in results.items():
                noticed, tried = totals.get(kind, (0, 0))
                totals[kind] = noticed + n - len(left), tried + n
                for each in left:
                    print(f"    {kind}: {each}", flush=True)
    print("In all:", "; ".join(f"{kind} {n} of {of}" for kind, (n, of) in totals.items()))


if __name__ == "__main__":
    main()
