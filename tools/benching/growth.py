"""Measures how the analysis functions grow with their tables, up to 10,000,000 rows: time, memory.

A new function of `helpers.segments`, `churn` or `lifecycle` needs its call in CALLS, or its name in
WITHOUT_ROWS; one that has neither is named in the table.
"""

import contextlib
import ctypes
import gc
import inspect
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from multiprocessing.connection import Connection

import numpy as np
import pandas as pd

from helpers import churn, lifecycle, segments
from tools.benching import peers
from tools.benching.table import Row

ROWS = (10_000, 100_000, 1_000_000, 10_000_000)
SECONDS = 240  # for one point; a function that takes longer is stopped and named
ROOM = 0.15  # of the power of the rows, above that of a plain sort (time) or of 1 (memory)
UNIT_BYTES = 2**10 if sys.platform != "darwin" else 1  # of ru_maxrss
END, START, MIDDLE = (pd.Timestamp(day) for day in ("2025-12-31", "2024-01-01", "2025-01-01"))

WITHOUT_ROWS = {
    "churn.best_spend": "numbers",
    "lifecycle.constant_value": "numbers",
    "lifecycle.fit_sbg": "one number for each period",
    "lifecycle.half_life": "a number",
    "lifecycle.matrix": "a row for each pair of stages",
    "lifecycle.project": "a row for each stage",
    "lifecycle.sbg_survival": "numbers",
    "lifecycle.steady_state": "a row for each stage",
}
"""What takes no table that could be long, and what it takes."""


class Tables:
    """Invented tables of `n` rows in all, a tenth as many customers; made when first asked for."""

    def __init__(self, n: int):
        self.n, self.rng = n, np.random.default_rng(4)

    def pick(self, *values: str) -> pd.Series:
        """Return a column of these words, drawn at random."""
        return pd.Series(np.array(values, dtype=object)[self.rng.integers(0, len(values), self.n)])

    def days(self) -> pd.Series:
        """Return a column of days, two years of them."""
        return pd.Series(END - pd.to_timedelta(self.rng.integers(0, 730, self.n), unit="D"))

    @cached_property
    def sales(self) -> pd.DataFrame:
        return pd.DataFrame(peers.sales(self.n // 10)).astype({"date": "datetime64[us]"})

    @cached_property
    def number(self) -> pd.Series:
        return pd.Series(self.rng.lognormal(10, 1.5, self.n))

    @cached_property
    def yes(self) -> pd.Series:
        return pd.Series(self.rng.random(self.n) < 0.3)

    @cached_property
    def account(self) -> pd.Series:
        return pd.Series(self.rng.integers(0, self.n // 10, self.n))

    @cached_property
    def orders(self) -> pd.DataFrame:
        table = pd.DataFrame({"account_id": self.account, "date": self.days()})
        table["sku"] = self.pick("S1", "S2", "S3")
        table["quantity"], table["unit_price"] = self.rng.integers(1, 9, self.n), 100.0
        late = pd.to_timedelta(self.rng.integers(1, 90, self.n), unit="D")
        table["paid"] = (table["date"] + late).where(table["date"] + late <= END)
        return table

    @cached_property
    def touches(self) -> pd.DataFrame:
        table = pd.DataFrame({"account_id": self.account, "date": self.days()})
        table["channel"], table["minutes"] = self.pick("visit", "call", "email"), 30
        notes = ("asked for a quotation", "the rival's new model", "all is well", "called back")
        return table.assign(note=self.pick(*notes))

    @cached_property
    def tickets(self) -> pd.DataFrame:
        kind = self.pick("return", "repair", "complaint", "inquiry")
        return pd.DataFrame({"account_id": self.account, "opened": self.days(), "kind": kind})

    @cached_property
    def contacts(self) -> pd.DataFrame:
        end = self.days().where(self.yes)
        return pd.DataFrame({"contact_id": self.number.index, "account_id": self.account}).assign(
            end=end
        )

    @cached_property
    def accounts(self) -> pd.DataFrame:
        opened = pd.to_datetime("2020-01-01") + pd.to_timedelta(self.number.index % 1000, unit="D")
        return pd.DataFrame({"account_id": self.number.index, "opened": opened})

    @cached_property
    def survey(self) -> pd.DataFrame:
        before = self.days() - pd.Timedelta(days=100)
        return pd.DataFrame({"respondent": self.account, "date": before})

    @cached_property
    def histories(self) -> pd.DataFrame:
        names = ["frequency", "recency", "T", "monetary_value"]
        return pd.DataFrame(peers.histories(self.n)).set_axis(names, axis="columns")

    @cached_property
    def stage(self) -> pd.Series:
        return self.pick(*lifecycle.STAGES)

    @cached_property
    def stage_before(self) -> pd.Series:
        return self.pick(*lifecycle.STAGES)

    @cached_property
    def tier(self) -> pd.Series:
        return self.number.pipe(segments.rank_tiers)

    @cached_property
    def signs(self) -> pd.DataFrame:
        return pd.DataFrame({"gap": self.yes, "basket": ~self.yes})


PRODUCTS = pd.DataFrame({"sku": ["S1", "S2", "S3"], "unit_cost": [40.0, 50.0, 60.0]})
RATES = pd.DataFrame({"yuan": 10.0}, index=pd.Index([
    "order_line", "visit", "call", "email", "return", "repair", "complaint", "inquiry",
], name="activity")).reset_index()  # fmt: skip
SALES = {"customer_id_col": "customer", "datetime_col": "date"}
BY_END = SALES | {"observation_period_end": END}
YUAN = {"monetary_value_col": "yuan"}
YEARS = {"before": (START, MIDDLE - pd.Timedelta(days=1)), "after": (MIDDLE, END)}
KEEPING = {"loss_rate": 0.3, "unavoidable": 0.05, "halving_spend": 9e3, "cost_of_a_loss": 4e4}
BG_NBD = lifecycle.Fit({"r": 0.8, "alpha": 8.0, "a": 1.0, "b": 3.0}, 0.0, 1)  # a = 1: the slow case
GAMMA_GAMMA = lifecycle.Fit({"p": 6.0, "q": 3.5, "gamma": 15.0}, 0.0, 1)

CALLS: dict[Callable, Callable[[Tables], tuple[tuple, dict]]] = {
    np.argsort: lambda t: ((t.number,), {}),  # the floor
    segments.account_profit: lambda t: (
        (t.orders, PRODUCTS, t.touches, t.tickets, RATES),
        {"cost_of_capital": 0.06, "start": MIDDLE, "end": END},
    ),
    segments.activity_amounts: lambda t: ((t.orders, t.touches, t.tickets), {}),
    segments.standing: lambda t: ((t.accounts, t.orders), {"as_of": END}),
    segments.survey_outcomes: lambda t: (
        (t.survey, t.contacts, t.sales.rename(columns={"customer": "member_id"}), t.orders),
        {"days": 90},
    ),
    segments.concentration_curve: lambda t: ((t.number,), {}),
    segments.top_share: lambda t: ((t.number,), {}),
    segments.rank_tiers: lambda t: ((t.number,), {}),
    segments.value_tiers: lambda t: ((t.number,), {}),
    segments.tier_summary: lambda t: (
        (pd.DataFrame({"tier": t.tier, "yuan": t.number}),),
        {"tier_col": "tier", "value_cols": ["yuan"]},
    ),
    segments.agreement: lambda t: ((t.tier, t.tier[::-1]), {}),
    segments.rfm: lambda t: ((t.sales,), BY_END | YUAN),
    segments.scores: lambda t: ((t.number,), {}),
    segments.purchase_cycle: lambda t: ((t.sales,), BY_END),
    segments.natural_breaks: lambda t: ((t.number,), {}),
    segments.allocate: lambda t: (
        (pd.DataFrame({"yuan": t.number, "hours": 1 + t.account % 9}),),
        {"value_col": "yuan", "limits": {"hours": t.n / 10}},
    ),
    churn.contract_losses: lambda t: (
        (pd.DataFrame({"customer": t.account, "end": t.orders["date"], "renewed": t.yes}),),
        {"customer_id_col": "customer", "start": START, "end": END},
    ),
    churn.silent_losses: lambda t: ((t.sales,), BY_END),
    churn.revenue_losses: lambda t: ((t.sales,), SALES | YUAN | YEARS),
    churn.loss_rate: lambda t: ((t.yes,), {"by": t.stage}),
    churn.wilson: lambda t: ((t.yes.astype(int), t.yes + 1), {}),
    churn.retention_triangle: lambda t: ((t.sales,), BY_END),
    churn.survival_curve: lambda t: ((t.number, t.yes), {}),
    churn.cost_of_keeping: lambda t: ((t.number,), KEEPING),
    lifecycle.stages: lambda t: ((t.sales,), BY_END | YUAN),
    lifecycle.transitions: lambda t: ((t.stage_before, t.stage), {}),
    lifecycle.points_liability: lambda t: (
        (
            t.sales.assign(points=9),
            t.sales[::10].assign(points=1).drop_duplicates("customer"),
        ),
        {"customer_id_col": "customer", "at": END, "point_cost": 0.05},
    ),
    lifecycle.lifetime_summary: lambda t: ((t.sales,), BY_END | YUAN),
    lifecycle.fit_bg_nbd: lambda t: ((t.histories,), {}),
    lifecycle.expected_purchases: lambda t: ((BG_NBD, t.histories), {"periods": 52}),
    lifecycle.chance_alive: lambda t: ((BG_NBD, t.histories), {}),
    lifecycle.fit_gamma_gamma: lambda t: ((t.histories,), {}),
    lifecycle.expected_spend: lambda t: ((GAMMA_GAMMA, t.histories), {}),
    lifecycle.warning_signs: lambda t: (
        (t.orders, t.tickets, t.contacts, t.touches), {"as_of": END},
    ),
    lifecycle.warning_score: lambda t: ((t.signs,), {}),
    lifecycle.care_dates: lambda t: (
        (pd.DataFrame({"last_touch": t.orders["date"], "tier": t.tier, "warned": t.yes}),),
        {"as_of": END, "every_days": {"platinum": 14, "gold": 30, "iron": 60, "lead": 90}},
    ),
}  # fmt: skip


def name_of(function: Callable) -> str:
    """Return the name by which chapters call it, such as "churn.wilson"."""
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def public_functions() -> list[Callable]:
    """Return all functions of the analysis modules that chapters may call."""
    return [
        function
        for module in (segments, churn, lifecycle)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    ]


def growth(sizes: tuple[int, ...] = ROWS) -> Iterator[Row]:
    """Yield for each function the power of the rows with which its time and memory grow.

    The power is that of the last hundredfold: at few rows what a call costs anyway covers it up.
    A plain sort is the floor: its power is above 1 too, as tables outgrow the processor's cache.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        yield Row("growth", None, note="measured where a process can be forked: Linux, macOS")
        return
    sorting, _ = measure(np.argsort, sizes)
    floor = slope(sorting, 1)
    yield Row(f"a plain sort: {_written(sorting, 1)} s", floor, "pow")
    for function in public_functions():
        name = name_of(function)
        if function not in CALLS:
            why = WITHOUT_ROWS.get(name, "NO CALL KNOWN: add one to tools/benching/growth.py")
            yield Row(name, None, note=f"no long table: takes {why}")
            continue
        points, trouble = measure(function, sizes)
        if trouble:
            yield Row(f"{name}, {sizes[len(points)]:,} rows", None, note=trouble)
        if len(points) > 1:
            time_limit = max(floor, 1) + ROOM
            yield Row(f"{name}: {_written(points, 1)} s", slope(points, 1), "pow", time_limit)
            yield Row(f"{name}: {_written(points, 2)} MiB", slope(points, 2), "pow", 1 + ROOM)


def _written(points: list[tuple], place: int) -> str:
    form = "{:.2g}" if place == 1 else "{:.0f}"
    return " ".join(form.format(point[place]) for point in points)


def slope(points: list[tuple], place: int) -> float:
    """Return the power with which what stands in this place grows with the rows, at the last."""
    rows, values = np.log([(point[0], max(point[place], 1e-6)) for point in points[-3:]]).T
    return float(np.polyfit(rows, values, 1)[0])


def measure(function: Callable, sizes: tuple[int, ...]) -> tuple[list[tuple], str]:
    """Return rows, seconds and MiB of a call at each size, up to the first trouble; and that.

    One process makes the tables, so that they are gone when it ends, whatever its end is. It forks
    another for the call, whose peak of memory begins anew.
    """

    def make_and_call(n: int, answer: Connection) -> None:
        args, keywords = CALLS[function](Tables(n))
        gc.collect()
        with contextlib.suppress(AttributeError, OSError):  # what was freed counts when taken again
            ctypes.CDLL(None).malloc_trim(0)
        answer.send(_answer_of(_call, function, args, keywords, within=SECONDS))

    points: list[tuple] = []
    for n in sizes:
        answer = _answer_of(make_and_call, n, within=None)
        if isinstance(answer, str):
            return points, answer
        points.append((n, *answer))
    return points, ""


def _answer_of(work: Callable, *args: object, within: float | None) -> tuple[float, float] | str:
    """Return what `work` sends from a process of its own, or in words why it sent nothing."""
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    child = fork.Process(target=work, args=(*args, there))
    child.start()
    there.close()
    try:
        return here.recv() if here.poll(within) else f"stopped after {within} s"
    except EOFError:
        child.join()
        return f"its process ended with {child.exitcode}: too little memory?"
    finally:
        child.kill()
        child.join()


def _call(function: Callable, args: tuple, keywords: dict, answer: Connection) -> None:
    """Call it, quick ones a few times, and send the quickest time and the memory on top.

    The time is the processor's, which other work on the machine changes little.
    """
    try:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        times: list[float] = []
        while not times or (sum(times) < 0.5 and len(times) < 5):
            started = time.process_time()
            function(*args, **keywords)
            times.append(time.process_time() - started)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer.send((min(times), (peak - before) * UNIT_BYTES / 2**20))
    except Exception as failure:
        answer.send(f"failed: {type(failure).__name__}: {failure}"[:160])
