"""Times the course's analysis beside the packages that others would take, on the same numbers.

Each peer has an environment of its own in the user's cache folder, made when first needed: the
course's lock knows nothing of them. One that cannot be installed is named, and the rest goes on.
"""

import contextlib
import hashlib
import json
import math
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import numpy as np

from helpers import data
from tools import environment
from tools.benching.contenders import END
from tools.benching.table import NotMeasured, Row

PEERS = {
    "polars": ["polars>=1.30,<3"],  # quick tables: a floor
    "duckdb": ["duckdb>=1.3,<3"],  # quick SQL: a floor
    "openretailscience": ["openretailscience>=0.48,<1"],  # RFM and cohorts
    "pymc-marketing": ["pymc-marketing>=0.19,<1"],  # RFM, lifetime-value summary, its models
    "lifetimes": ["lifetimes>=0.11,<0.12", "setuptools<81"],  # the summary and models; archived
}
"""What each peer's environment holds, beside NumPy. (lifelines is the course's own: chapter 06.)"""

FLOORS = ("pandas", "polars", "duckdb")
MINUTES = 5  # for one answer; who takes longer is stopped
CONTENDERS = Path(__file__).with_name("contenders.py")


def rfm() -> Iterator[Row]:
    """Time RFM with its scores."""
    peers = ("openretailscience", "pymc-marketing")
    yield from race("RFM, 1,000,000 rows", "rfm", floors=FLOORS, peers=peers)


def lifetime() -> Iterator[Row]:
    """Time the summary for lifetime value."""
    peers = ("pymc-marketing", "lifetimes")
    yield from race("lifetime-value summary, 1,000,000 rows", "summary", floors=FLOORS, peers=peers)


def cohorts() -> Iterator[Row]:
    """Time retention by cohort, and who has fallen silent."""
    peers = ("openretailscience",)
    yield from race("cohort table, 1,000,000 rows", "cohorts", floors=FLOORS, peers=peers)
    yield from race("silent customers, 1,000,000 rows", "silence", floors=("pandas",))


def survival() -> Iterator[Row]:
    """Time Kaplan and Meier's curve with its interval."""
    floors, peers = ("pandas",), ("lifelines",)
    yield from race("survival curve, 1,000,000 rows", "survival", floors=floors, peers=peers)


def fits() -> Iterator[Row]:
    """Time the fits of BG/NBD and gamma-gamma."""
    peers = ("lifetimes", "pymc-marketing")
    for title, task in (("BG/NBD fit", "bg_nbd"), ("gamma-gamma fit", "gamma_gamma")):
        yield from race(f"{title}, 100,000 customers", task, peers=peers, rounds=3, tolerance=0.02)


def race(
    title: str,
    task: str,
    *,
    floors: tuple[str, ...] = (),
    peers: tuple[str, ...] = (),
    rounds: int = 7,
    tolerance: float = 1e-6,
) -> Iterator[Row]:
    """Yield what each takes for a task, taking turns, and the course's time against theirs.

    The quickest of the rounds counts: whatever else the machine does only adds. Budgets: 1.2 times
    the fastest of `floors`, and faster than each of `peers`. Whose result differs from the course's
    in a column of the same name by more than `tolerance` (a share) has the column named.
    """
    rows, best, own = {}, {}, {}
    with contextlib.ExitStack() as stack:
        files = _numbers(Path(stack.enter_context(TemporaryDirectory(prefix="course-bench-"))))
        field: dict[str, Contender] = {}

        def drop(name: str, reason: NotMeasured) -> None:
            if name == "course":
                raise reason
            field.pop(name, None)
            best.pop(name, None)
            rows[name] = Row(f"{title}: {name}", None, note=str(reason))

        for name in ("course", *floors, *peers):
            try:
                field[name] = stack.enter_context(contextlib.closing(Contender(name, files)))
                answer = field[name].ask(task, "small")
                own = own or answer["columns"]
                note = differing(own, answer["columns"], tolerance)
                label = f"{title}: {name} {answer['version']}".strip()
                rows[name] = Row(label, math.inf, "s", note=note)
            except NotMeasured as reason:
                drop(name, reason)
        for _ in range(rounds):
            for name in list(field):
                try:
                    seconds = field[name].ask(task, "big")["seconds"]
                    best[name] = min(seconds, best.get(name, math.inf))
                except NotMeasured as reason:
                    drop(name, reason)
    for name, row in rows.items():
        yield Row(row.what, best[name], "s", note=row.note) if name in best else row
    if fastest := min(set(floors) & set(best), key=best.get, default=None):
        ratio = best["course"] / best[fastest]
        yield Row(f"  the course against the fastest, plain {fastest}", ratio, "x", 1.2)
    for name in peers:
        if name in best:
            yield Row(f"  the course against {name}", best["course"] / best[name], "x", 1)


def differing(own: dict, other: dict, tolerance: float) -> str:
    """Return in words in which columns another's result is not the course's."""
    keys = [name for name in ("customer", "cohort", "age", "time") if name in own]

    def cells(columns: dict, name: str) -> dict:
        places = zip(*(columns[key] for key in keys), strict=True) if keys else [()]
        return dict(zip(places, columns[name], strict=True))

    def same(one: object, two: object) -> bool:
        if not (isinstance(one, float | int) and isinstance(two, float | int)):
            return True  # names and dates: each has a form of its own
        both_missing = math.isnan(one) and math.isnan(two)
        return both_missing or math.isclose(one, two, rel_tol=tolerance, abs_tol=1e-9)

    shared = [name for name in own if name in other and name not in keys]
    if not shared:
        return "defined otherwise"
    pairs = {name: (cells(own, name), cells(other, name)) for name in shared}
    found = [
        name
        for name, (one, two) in pairs.items()
        if not all(same(one[place], two[place]) for place in one.keys() & two.keys())
    ]
    return f"differs: {', '.join(found)}" if found else ""


class Contender:
    """One contender in a process of its own, which waits to be asked."""

    def __init__(self, name: str, files: list[Path]):
        python = environment_of(name, PEERS[name]) if name in PEERS else sys.executable
        self._errors = TemporaryFile("w+", errors="replace")  # noqa: SIM115 (close() does)
        self._process = subprocess.Popen(
            [python, "-P", CONTENDERS, name, *files],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=environment.child_env() | {"PYTHONPATH": str(environment.ROOT)},
        )

    def ask(self, task: str, size: str) -> dict:
        """Return its answer; NotMeasured when it fails or takes too long."""
        stop = threading.Timer(60 * MINUTES, self._process.kill)
        stop.start()
        try:
            self._process.stdin.write(f"{task} {size}\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:
            line = ""
        if line:
            stop.cancel()
            return json.loads(line)
        if self._process.wait() == -signal.SIGKILL and not stop.is_alive():
            raise NotMeasured(f"stopped after {MINUTES} minutes")
        stop.cancel()
        self._errors.seek(0)
        said = self._errors.read().strip() or f"it ended with {self._process.returncode}"
        raise NotMeasured(f"failed: {said.splitlines()[-1]}")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()


def environment_of(name: str, requirements: list[str]) -> Path:
    """Return the Python of a peer's environment, making it first; NotMeasured with the reason."""
    wanted = [*requirements, "numpy", sys.version]
    mark = hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:8]
    folder = data._cache() / "peers" / f"{name}-{mark}"
    python = folder / environment.PYTHON.relative_to(environment.VENV)
    finished = folder / "finished"
    if finished.exists():
        return python
    uv = environment.find_uv()
    if uv is None:
        raise NotMeasured("not installed: uv is missing")
    shutil.rmtree(folder, ignore_errors=True)  # cut off, or half made
    print(f"Installing {name} into {folder} ...", file=sys.stderr, flush=True)
    base = environment.base_python()
    make = [uv, "venv", "-q", "--python", base, folder]
    fill = [uv, "pip", "install", "-q", "--compile-bytecode", "--python", python]
    for command in (make, [*fill, *requirements, "numpy"]):
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace")
        if done.returncode:
            raise NotMeasured(f"not installed: {reason(done.stderr)}")
    finished.touch()
    return python


def reason(complaint: str) -> str:
    """Return the sentence for a known trouble, or else the first line of the installer's."""
    for pattern, sentence in environment.REMEDIES.items():
        if re.search(pattern, complaint, re.IGNORECASE):
            return sentence
    return textwrap.shorten(re.sub(r"[×╰─▶│]", " ", complaint), 160)


def _numbers(folder: Path, sizes: tuple[int, ...] = (300, 100_000)) -> list[Path]:
    """Write the numbers that all work on, of few customers and of many; return the files."""
    files = []
    for customers in sizes:
        files.append(folder / f"{customers}.npz")
        np.savez(files[-1], **sales(customers), **stays(customers), **histories(customers))
    return files


def sales(customers: int) -> dict[str, np.ndarray]:
    """Return ten purchases for each customer, more or less, on days of two years up to END."""
    rng, rows = np.random.default_rng(1), 10 * customers
    ago = rng.integers(0, 730, rows)
    return {
        "customer": rng.integers(0, customers, rows),
        "date": np.datetime64(END, "D") - ago,
        "yuan": rng.gamma(2, 30, rows).round(2),
    }


def stays(customers: int) -> dict[str, np.ndarray]:
    """Return for ten times as many customers how many days they stayed, and if they were lost."""
    rng, rows = np.random.default_rng(2), 10 * customers
    return {"days": rng.integers(1, 1500, rows), "lost": rng.random(rows) < 0.6}


def histories(customers: int) -> dict[str, np.ndarray]:
    """Return what customers do who are as BG/NBD and gamma-gamma think them, in weeks and yuan."""
    rng = np.random.default_rng(3)
    rate, leaves = rng.gamma(0.8, 1 / 8, customers), rng.beta(1, 3, customers)
    age = rng.integers(20, 105, customers).astype(float)
    frequency, recency = np.zeros(customers), np.zeros(customers)
    alive = np.ones(customers, dtype=bool)
    while alive.any():
        following = recency + rng.exponential(1 / rate)
        alive &= following < age
        frequency[alive] += 1
        recency[alive] = following[alive]
        alive &= rng.random(customers) > leaves
    scale = rng.gamma(3.5, 1 / 15, customers)
    mean = rng.gamma(6 * np.maximum(frequency, 1)) / (scale * np.maximum(frequency, 1))
    spent = np.where(frequency > 0, mean, 0)
    names = ("fit_frequency", "fit_recency", "fit_T", "fit_monetary_value")
    return dict(zip(names, (frequency, recency, age, spent), strict=True))
