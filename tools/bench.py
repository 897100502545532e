"""Measures the course's speed and prints one table: figure, budget, verdict.

`python3 course.py bench` measures all; `python3 course.py bench imports worlds` what is named.
A new measurement is a function that yields `Row`s, named in MEASUREMENTS. Where a budget is a
ratio, both sides are measured in the same run, so that it means the same on any machine.
"""

import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import nbformat

from tools.benching import growth, peers
from tools.benching.table import NotMeasured, Row
from tools.environment import ROOT, base_python, child_env
from tools.testing import NBVAL, TWO_NOTEBOOKS_AT_A_TIME

QUIET = 1.5  # processes that want a core: above it, figures are no more than a hint
BARE_IMPORTS = "import pandas, matplotlib.pyplot"
COURSE_IMPORTS = (
    f"{BARE_IMPORTS}; from helpers import data, segments, charts; from helpers.lessons import check"
)
FLOOR_IMPORTS = "import pandas, matplotlib.pyplot, ipywidgets"
MAKE_WORLD = """
import json, resource, sys, time
from casedata.generate import make_world
started = time.perf_counter()
make_world(2025, members=int(sys.argv[1]))
seconds = time.perf_counter() - started
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20]))
"""


def imports() -> Iterator[Row]:
    """Time what the helpers add to the two packages that every notebook imports anyway."""
    bare, course = [], []
    for _ in range(7):  # the quickest counts: whatever else the machine does only adds
        bare.append(_seconds([sys.executable, "-c", BARE_IMPORTS]))
        course.append(_seconds([sys.executable, "-c", COURSE_IMPORTS]))
    yield Row("import pandas and matplotlib", min(bare), "s")
    yield Row("helpers on top of these", min(course) - min(bare), "s", 0.15)


def worlds() -> Iterator[Row]:
    """Time the generator, without writing; its peak memory includes Python and pandas."""
    for members, seconds_limit, gib_limit in ((8_000, 5, None), (1_000_000, 60, 4)):
        seconds, gib = json.loads(_output([sys.executable, "-c", MAKE_WORLD, str(members)]))
        yield Row(f"a world of {members:,} members", seconds, "s", seconds_limit)
        yield Row(f"a world of {members:,} members, peak memory", gib, "GiB", gib_limit)


def notebooks() -> Iterator[Row]:
    """Time all notebooks, run and compared, against as many that only import.

    The longest is read against one of those, run in the same way.
    """
    chapters = sorted(ROOT.glob("notebooks/**/*.ipynb"))
    with TemporaryDirectory(prefix="course-bench-") as folder:
        for number in range(len(chapters)):
            cells = [nbformat.v4.new_code_cell(FLOOR_IMPORTS, execution_count=1)]
            nbformat.write(nbformat.v4.new_notebook(cells=cells), f"{folder}/{number}.ipynb")
        _run_notebooks(Path(folder))  # what only the first run pays is nobody's figure
        floor_s, floor_each = _run_notebooks(Path(folder))
    all_s, each = _run_notebooks(ROOT / "notebooks")
    one_floor = statistics.mean(floor_each.values())
    longest = max(each, key=each.get)
    yield Row(f"{len(chapters)} notebooks that only import", floor_s, "s")
    yield Row(f"{len(chapters)} notebooks of the course", all_s, "s")
    yield Row("  against the first", all_s / floor_s, "x", 2)
    yield Row(f"the longest, {longest}, against one", each[longest] / one_floor, "x", 4)


def panel() -> Iterator[Row]:
    """Time a key press to the painted picture: each panel beside plain `interact`."""
    from tools.benching import panel

    for name, milliseconds in panel.measure().items():
        slow = statistics.quantiles(milliseconds, n=20)[-1]
        limit = None if name == "interact" else 100
        yield Row(f"key press to picture, 95th percentile, {name}", slow, "ms", limit)


def opening_warm() -> Iterator[Row]:
    """Time from the command to a lesson on screen with its kernel ready, on a second day."""
    with TemporaryDirectory(prefix="course-bench-") as work:
        _seconds_to_first_lesson(ROOT, work=Path(work))
        seconds = _seconds_to_first_lesson(ROOT, work=Path(work))
        yield Row("first lesson on screen, warm", seconds, "s", 8)


def opening_cold() -> Iterator[Row]:
    """Time the same from a fresh copy, downloads included; needs the Internet."""
    with TemporaryDirectory(prefix="course-bench-") as folder:
        tree = Path(folder) / "course"
        ignored = shutil.ignore_patterns(".*", "__pycache__", "work")
        shutil.copytree(ROOT, tree, ignore=ignored)
        caches = {"UV_CACHE_DIR": f"{folder}/uv", "PIP_CACHE_DIR": f"{folder}/pip"}
        seconds = _seconds_to_first_lesson(tree, work=tree / "work", **caches)
        yield Row("first lesson on screen, cold", seconds, "s", 60)


def _seconds(command: list[str]) -> float:
    """Return how long a command takes."""
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started


def _output(command: list[str]) -> str:
    """Return what a command prints."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _run_notebooks(folder: Path) -> tuple[float, dict[str, float]]:
    """Run a folder of notebooks as the tests do; return seconds in all and for each."""
    with TemporaryDirectory(prefix="course-bench-") as reports:
        report = Path(reports) / "report.xml"
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command = [*pytest, *NBVAL, *TWO_NOTEBOOKS_AT_A_TIME, f"--junitxml={report}", str(folder)]
        started = time.perf_counter()
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        seconds = time.perf_counter() - started
        if run.returncode:
            print(run.stdout, file=sys.stderr)
            raise NotMeasured("notebooks fail: mend them before they are measured")
        each: dict[str, float] = {}
        for cell in ElementTree.parse(report).iter("testcase"):
            notebook = cell.get("classname") or cell.get("name")
            each[notebook] = each.get(notebook, 0) + float(cell.get("time"))
    return seconds, each


def _seconds_to_first_lesson(tree: Path, *, work: Path, **variables: str) -> float:
    """Run `course.py` in a folder and drive a browser until a lesson stands there, kernel idle."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = time.perf_counter()
        course = subprocess.Popen(
            [base_python(), "-u", str(tree / "course.py"), "--no-browser"],
            stdout=subprocess.PIPE,
            text=True,
            env=child_env(work=work) | variables,
        )
        try:
            address = next(filter(None, (re.search(r"http://\S+", line) for line in course.stdout)))
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page()
            page.goto(address.group())
            page.wait_for_selector(".jp-NotebookPanel .jp-RenderedMarkdown h1")
            page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
            return time.perf_counter() - started
        finally:
            course.terminate()
            course.communicate()


MEASUREMENTS: dict[str, Callable[[], Iterator[Row]]] = {
    "imports": imports,
    "worlds": worlds,
    "rfm": peers.rfm,
    "lifetime": peers.lifetime,
    "cohorts": peers.cohorts,
    "survival": peers.survival,
    "fits": peers.fits,
    "growth": growth.growth,
    "notebooks": notebooks,
    "panel": panel,
    "warm": opening_warm,
    "cold": opening_cold,
}


def machine() -> str:
    """Return what the figures are worth: the day, the machine, and how busy it is."""
    words = [f"{date.today():%Y-%m-%d}", f"Python {platform.python_version()}"]
    words.append(f"{os.cpu_count()} cores")
    if hasattr(os, "sysconf") and hasattr(os, "getloadavg"):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        load = os.getloadavg()[0]
        words += [f"{memory:.0f} GiB", f"load {load:.1f}{' (BUSY)' if load > QUIET else ''}"]
    return ", ".join(words)


def main(names: list[str]) -> None:
    """Print the rows of the measurements named, or of all; one that fails costs no other."""
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        sys.exit(f"There is nothing called {unknown[0]} to measure: {', '.join(MEASUREMENTS)}.")
    print(machine())
    print(f"{'measured':<66} {'figure':>8} {'':<4} {'budget':>8}", flush=True)
    failed = []
    for name in names or MEASUREMENTS:
        try:
            for row in MEASUREMENTS[name]():
                print(row, flush=True)
        except Exception as failure:
            why = textwrap.shorten(f"{type(failure).__name__}: {failure}", 160)
            print(Row(name, None, note=f"FAILED: {why}"), flush=True)
            failed.append(name)
    if failed:
        sys.exit(f"Could not be measured: {', '.join(failed)}.")


if __name__ == "__main__":
    main(sys.argv[1:])
