"""Measures the course's speed and prints one table: figure, budget, verdict.

`python3 course.py bench` measures all; `python3 course.py bench imports worlds` what is named.
A new measurement is a function that yields `Row`s, named in MEASUREMENTS. Where a budget is a
ratio, both sides are measured in the same run, so that it means the same on any machine.
"""

import json
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import nbformat

from tools.environment import ROOT, base_python, child_env
from tools.testing import NBVAL, TWO_NOTEBOOKS_AT_A_TIME

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


@dataclass(frozen=True)
class Row:
    """One figure beside its budget; `limit` None is a figure that others are to be read against."""

    what: str
    figure: float
    unit: str
    limit: float | None = None

    def __str__(self) -> str:
        limit = "" if self.limit is None else f"{self.limit:.2f}"
        verdict = "" if self.limit is None else "ok" if self.figure <= self.limit else "OVER"
        return f"{self.what:<58} {self.figure:>9.2f} {self.unit:<4} {limit:>8}  {verdict}"


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


def rfm() -> Iterator[Row]:
    """Time RFM with its scores, for 1,000,000 purchases of 100,000 customers, and plain pandas."""
    import pandas as pd

    from helpers import segments

    bought, end = _million_purchases()

    def by_pandas() -> None:
        table = bought.groupby("customer").agg(
            last=("date", "max"), f=("date", "size"), m=("yuan", "sum")
        )
        table["r"] = (end - table["last"]).dt.days
        for value, up in (("r", False), ("f", True), ("m", True)):
            rank = table[value].rank(method="first", ascending=up)
            table[f"{value}_score"] = pd.qcut(rank, 5, labels=False) + 1
        number = 100 * table["r_score"] + 10 * table["f_score"] + table["m_score"]
        table["segment"] = number.astype("str")

    def by_course() -> None:
        columns = {"customer_id_col": "customer", "datetime_col": "date"}
        segments.rfm(bought, **columns, monetary_value_col="yuan", observation_period_end=end)

    plain, course = _quickest(by_pandas, by_course)
    yield Row("RFM of 1,000,000 rows, plain pandas", plain, "s")
    yield Row("  segments.rfm against it", course / plain, "x", 1.2)


def cohorts() -> Iterator[Row]:
    """Time retention, silence and survival, for the same purchases, and plain pandas."""
    import numpy as np
    import pandas as pd

    from helpers import churn

    bought, end = _million_purchases()
    rng = np.random.default_rng(2)
    stays = pd.DataFrame({"days": rng.integers(1, 1500, len(bought))})
    stays["lost"] = rng.random(len(stays)) < 0.6

    def triangle_by_pandas() -> None:
        date = bought["date"]
        quarter = date.dt.year * 4 + date.dt.quarter
        active = pd.DataFrame({"customer": bought["customer"], "quarter": quarter})
        active = active.drop_duplicates()
        first = active.groupby("customer")["quarter"].transform("min")
        size = active.groupby([first, active["quarter"] - first]).size()
        table = size.unstack()  # noqa: PD010
        table.div(table[0], axis="index")

    def silence_by_pandas() -> None:
        visits = bought[["customer", "date"]].drop_duplicates().sort_values(["customer", "date"])
        gaps = visits.groupby("customer")["date"].diff().dt.days.groupby(visits["customer"])
        cycle = gaps.median().where(gaps.count() > 1)
        silence = (end - visits.groupby("customer")["date"].last()).dt.days
        (silence / cycle > 3).astype("boolean").where(cycle.notna())

    def survival_by_pandas() -> None:
        left = stays.groupby("days")["lost"].agg(["size", "sum"])
        at_risk, lost = len(stays) - left["size"].cumsum().shift(fill_value=0), left["sum"]
        survival = (1 - lost / at_risk).cumprod()[:-1]
        variance = (lost / (at_risk * (at_risk - lost))).cumsum()[:-1]
        spread = 1.96 * np.sqrt(variance) / np.log(survival)
        pd.DataFrame({"low": survival ** np.exp(-spread), "high": survival ** np.exp(spread)})

    columns = {"customer_id_col": "customer", "datetime_col": "date", "observation_period_end": end}
    for name, by_pandas, by_course in (
        (
            "retention_triangle",
            triangle_by_pandas,
            lambda: churn.retention_triangle(bought, **columns),
        ),
        ("silent_losses", silence_by_pandas, lambda: churn.silent_losses(bought, **columns)),
        (
            "survival_curve",
            survival_by_pandas,
            lambda: churn.survival_curve(stays["days"], stays["lost"]),
        ),
    ):
        plain, course = _quickest(by_pandas, by_course)
        yield Row(f"{name} of 1,000,000 rows, plain pandas", plain, "s")
        yield Row(f"  churn.{name} against it", course / plain, "x", 1.2)


def lifetime() -> Iterator[Row]:
    """Time the summary for lifetime value, for the same purchases, and plain pandas."""
    import pandas as pd

    from helpers import lifecycle

    bought, end = _million_purchases()

    def by_pandas() -> None:
        customer, date = bought["customer"], bought["date"]
        dates = date.groupby(customer)
        first, last = dates.min(), dates.max()
        days = bought[["customer", "date"]].drop_duplicates().groupby("customer").size()
        repeats = bought["yuan"].where(date > dates.transform("min"), 0).groupby(customer).sum()
        table = pd.DataFrame({"frequency": days - 1, "recency": (last - first).dt.days / 7})
        table["T"] = (end - first).dt.days / 7
        table["monetary_value"] = repeats / (days - 1).where(days > 1)

    def by_course() -> None:
        columns = {"customer_id_col": "customer", "datetime_col": "date"}
        lifecycle.lifetime_summary(
            bought, **columns, monetary_value_col="yuan", observation_period_end=end
        )

    plain, course = _quickest(by_pandas, by_course)
    yield Row("lifetime-value summary of 1,000,000 rows, plain pandas", plain, "s")
    yield Row("  lifecycle.lifetime_summary against it", course / plain, "x", 1.2)


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
    from tools import bench_panel

    for name, milliseconds in bench_panel.measure().items():
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


def _million_purchases() -> tuple:
    """Return 1,000,000 purchases of 100,000 customers in two years, and the last day."""
    import numpy as np
    import pandas as pd

    rng, end = np.random.default_rng(1), pd.Timestamp("2025-12-31")
    ago = pd.to_timedelta(rng.integers(0, 730, 1_000_000), unit="D")
    bought = pd.DataFrame({"customer": rng.integers(0, 100_000, len(ago)), "date": end - ago})
    return bought.assign(yuan=rng.gamma(2, 30, len(ago)).round(2)), end


def _quickest(*functions: Callable[[], None]) -> list[float]:
    """Return how long each takes, run in turn; the quickest counts: other work only adds."""
    seconds = [[] for _ in functions]
    for _ in range(7):
        for function, times in zip(functions, seconds, strict=True):
            started = time.perf_counter()
            function()
            times.append(time.perf_counter() - started)
    return [min(times) for times in seconds]


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
            sys.exit(f"{run.stdout}\nNotebooks fail: mend them before they are measured.")
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
    "rfm": rfm,
    "cohorts": cohorts,
    "lifetime": lifetime,
    "notebooks": notebooks,
    "panel": panel,
    "warm": opening_warm,
    "cold": opening_cold,
}


def main(names: list[str]) -> None:
    """Print the rows of the measurements named, or of all."""
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        sys.exit(f"There is nothing called {unknown[0]} to measure: {', '.join(MEASUREMENTS)}.")
    print(f"{'measured':<58} {'figure':>9} {'':<4} {'budget':>8}")
    for name in names or MEASUREMENTS:
        for row in MEASUREMENTS[name]():
            print(row, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
