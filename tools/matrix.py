"""Runs the notebooks and the tests on other Pythons and with other versions of the packages.

`python3 -m tools.matrix` tries every set of packages on every Python that can be had here;
`python3 -m tools.matrix 3.12 locked` what is named. The sets, each with the tests' own tools:

locked   what `course.py` installs
newest   the newest that pyproject.toml admits, and the newest of what those need in turn
oldest   the oldest that pyproject.toml admits, but the newest of what those need in turn;
         nothing is built from source, so it is the oldest that has a wheel for that Python

A Python is looked for on PATH, in pyenv's folder and among uv's own; none is fetched. Each pair
works on a copy of this folder, in an environment of its own. Left out are the tests that drive
JupyterLab in a browser and, but for `locked`, those of the set-up: it installs the lock always.

Only the locked packages must show what is stored, to the letter. With others a notebook must run
to its end, and the cells that show something else are listed, for a person to look at.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from xml.etree import ElementTree

from tools.environment import FONT_CACHE, PYTHON, ROOT, VENV, child_env, find_uv
from tools.testing import NBVAL, TWO_NOTEBOOKS_AT_A_TIME

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
RESOLVE = ["pip", "compile", "pyproject.toml", "--group=dev", "--only-binary=:all:"]
SETS = {
    "locked": ["export", "--frozen", "--no-emit-project", "--group=dev"],
    "newest": RESOLVE,
    "oldest": [*RESOLVE, "--resolution=lowest-direct"],
}
BROWSER, SET_UP = "--ignore=tests/test_browser.py", "--ignore=tests/test_setup.py"
FINISH = "from tools import environment; environment.finish_environment()"
VERSIONS = "import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))"
SHOWN = ("pandas", "numpy", "matplotlib", "jupyterlab", "ipywidgets")
HEADINGS = ("Python", "set", *SHOWN, "cells", "differ", "fail", "tests", "fail", "seconds")
ROW = "{:<7}{:<7}" + "{:>11}" * len(SHOWN) + "{:>8}" * 6
MOST_NAMED = 5
LOGS = Path(gettempdir()) / "course-matrix"


class Failed(Exception):
    """The last words of a command that failed."""


def find_python(uv: Path, version: str) -> str | None:
    """Return a Python of this version, or None; pyenv's own, since its stand-ins run only some."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    places = [*map(str, pyenv.glob(f"versions/{version}.*/bin")), os.environ["PATH"]]
    found = subprocess.run(
        [uv, "python", "find", "--system", "--no-project", "--no-python-downloads", version],
        env=os.environ | {"PATH": os.pathsep.join(places)},
        capture_output=True,
        text=True,
    )
    return found.stdout.strip() or None


class Copy:
    """A copy of this folder, in which commands run as the course's own do; `log` keeps all said."""

    def __init__(self, folder: Path, uv: Path, log: Path):
        self.tree, self.uv, self.log = folder / "course", uv, log
        left_out = shutil.ignore_patterns(".git", ".venv*", ".*_cache", "__pycache__", "work")
        shutil.copytree(ROOT, self.tree, ignore=left_out)
        self.python, venv, fonts = (
            self.tree / path.relative_to(ROOT) for path in (PYTHON, VENV, FONT_CACHE)
        )
        self.env = child_env(work=self.tree / "work") | {
            "MPLCONFIGDIR": str(fonts),
            "PATH": os.pathsep.join(
                [os.environ["PATH"], str(uv.parent)]
            ),  # a test exports the lock
            "UV_PROJECT_ENVIRONMENT": str(venv),
        }
        for name in ("CI", "COURSE_SEED"):  # the committed world; no test insists on a browser
            self.env.pop(name, None)

    def run(self, *command: object, codes: tuple[int, ...] = (0,)) -> str:
        """Run a command and return what it says; raise Failed for a code that is not expected."""
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.tree,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        with open(self.log, "a", encoding="utf-8") as log:
            print(*command, done.stdout, sep="\n", file=log)
        if done.returncode not in codes:
            raise Failed(" ".join(done.stdout[-400:].split()))
        return done.stdout

    def install(self, python: str, packages: str) -> None:
        """Make the environment of this copy with a set of packages."""
        listing = self.tree.with_name("packages.txt")
        self.run(self.uv, *SETS[packages], "--quiet", "--python", python, "-o", listing)
        self.run(self.uv, "venv", "--python", python, self.python.parent.parent)
        # --no-config: else the overrides in pyproject.toml put the newest in an old one's place.
        install = [self.uv, "pip", "install", "--no-config", "--python", self.python, "--no-deps"]
        self.run(*install, "--compile-bytecode", "-r", listing, "-e", ".")
        self.run(self.python, "-c", FINISH)

    def pytest(self, *words: object) -> dict[str, bool]:
        """Run pytest; return whether each test passed, the skipped left out."""
        report = self.tree.with_name("report.xml")
        report.unlink(missing_ok=True)
        command = [self.python, "-m", "pytest", "-q", *TWO_NOTEBOOKS_AT_A_TIME, *words]
        self.run(*command, f"--junitxml={report}", codes=(0, 1))
        return {
            f"{case.get('classname')}::{case.get('name')}": "failure" not in kinds
            and "error" not in kinds
            for case in ElementTree.parse(report).iter("testcase")
            if "skipped" not in (kinds := {child.tag for child in case})
        }


def failed(outcomes: dict[str, bool]) -> list[str]:
    """Return the names of those that did not pass."""
    return [name for name, passed in outcomes.items() if not passed]


def try_pair(copy: Copy, python: str, packages: str) -> tuple[list, list[str], list[str]]:
    """Return the figures of a pair's row, the names of what failed and of what only differs."""
    copy.install(python, packages)
    versions = copy.run(copy.python, "-c", VERSIONS, *SHOWN).split()
    cells = copy.pytest(*NBVAL, "notebooks")
    broken, differ = failed(cells), []
    if broken and packages != "locked":
        lax = failed(copy.pytest(*NBVAL, "--nbval-lax", "notebooks"))
        broken, differ = lax, [name for name in broken if name not in lax]
    tests = copy.pytest("tests", BROWSER, *([] if packages == "locked" else [SET_UP]))
    red = failed(tests)
    figures = [len(cells), len(differ), len(broken), len(tests), len(red)]
    return versions + figures, broken + red, differ


def main(words: list[str]) -> int:
    """Print a row for every pair, or for those that the words name; return 0 if none failed."""
    if unknown := [word for word in words if word not in (*PYTHONS, *SETS)]:
        sys.exit(f"There is no {unknown[0]} to try: choose from {', '.join((*PYTHONS, *SETS))}.")
    if (uv := find_uv()) is None:
        sys.exit("Trying other versions needs uv: run `python3 course.py` once, it fetches one.")
    LOGS.mkdir(exist_ok=True)
    print(ROW.format(*HEADINGS))
    all_well = True
    for version in [word for word in words if word in PYTHONS] or PYTHONS:
        python = find_python(uv, version)
        for packages in [word for word in words if word in SETS] or SETS:
            if python is None:
                print(f"{version:<7}{packages:<7}  there is no Python {version} on this machine")
                continue
            started, log = time.monotonic(), LOGS / f"{version}-{packages}.log"
            log.unlink(missing_ok=True)
            try:
                with TemporaryDirectory(prefix="course-matrix-") as folder:
                    row, wrong, differ = try_pair(Copy(Path(folder), uv, log), python, packages)
                seconds = f"{time.monotonic() - started:.0f}"
                print(ROW.format(version, packages, *row, seconds))
            except Failed as failure:
                print(f"{version:<7}{packages:<7}  {failure}")
                wrong, differ = [str(log)], []
            for kind, names in (("FAILED", wrong), ("differs", differ)):
                for name in names[:MOST_NAMED]:
                    print(f"  {kind:<8}{name}")
                if len(names) > MOST_NAMED:
                    print(f"  {kind:<8}and {len(names) - MOST_NAMED} more: {log}")
            all_well &= not wrong
    return int(not all_well)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
