"""course.py bench: its table, what it says of what cannot be measured, and that it goes on."""

import os
import sys

import numpy as np
import pandas as pd
import pytest

from helpers import segments
from tools import bench, environment
from tools.benching import growth, peers
from tools.benching.table import NotMeasured, Row


@pytest.fixture
def only(monkeypatch):
    """Measure these things in place of the real ones, which take minutes."""

    def fails():
        yield Row("before the failure", 1.0, "s")
        raise RuntimeError("a cable\nis loose")

    def works():
        yield Row("start", 2.5, "s", 2)
        yield Row("goes on", 1.5, "s", 2, note="differs: share")

    monkeypatch.setattr(bench, "MEASUREMENTS", {"broken": fails, "whole": works})


def test_a_figure_stands_beside_its_budget(only, capsys):
    bench.main(["whole"])
    machine, head, over, ok = capsys.readouterr().out.splitlines()
    assert f"{os.cpu_count()} cores" in machine
    assert head.split() == ["measured", "figure", "budget"]
    assert over.split() == ["start", "2.50", "s", "2.00", "OVER"]
    assert ok.endswith("ok  differs: share")


def test_what_fails_is_named_and_the_rest_goes_on(only, capsys):
    with pytest.raises(SystemExit, match=r"^Could not be measured: broken\.$"):
        bench.main([])
    shown = capsys.readouterr().out
    assert "before the failure" in shown and "FAILED: RuntimeError: a cable is loose" in shown
    assert "goes on" in shown


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(SystemExit, match=r"nothing called rmf to measure: imports, worlds, rfm,"):
        bench.main(["rfm", "rmf"])


@pytest.fixture
def little(monkeypatch, tmp_path):
    """Few rows, a cache of its own, and an installer that has nothing to install from."""
    numbers = peers._numbers
    monkeypatch.setattr(peers, "_numbers", lambda folder: [numbers(folder, (300,))[0]] * 2)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    if not environment.find_uv():
        pytest.skip("there is no uv on this machine")


def test_a_peer_that_cannot_be_installed_is_named_and_the_others_race(little):
    rows = list(peers.race("RFM", "rfm", floors=("pandas", "polars"), peers=("lifetimes",)))
    shown = {row.what: row for row in rows}
    for name in ("polars", "lifetimes"):
        assert shown[f"RFM: {name}"].figure is None
        assert shown[f"RFM: {name}"].note.startswith("not installed: ")
        assert len(str(shown[f"RFM: {name}"]).splitlines()) == 1
    assert shown["RFM: course"].figure > 0
    [plain] = [row for row in rows if row.what.startswith("RFM: pandas")]
    assert plain.note == ""  # plain pandas, another way, has the same result
    assert [row.limit for row in rows if row.unit == "x"] == [1.2]


def test_a_peer_that_cannot_do_a_task_is_named_with_its_reason(little, monkeypatch):
    monkeypatch.setitem(peers.PEERS, "lifelines", [])  # as if it had an environment of its own
    monkeypatch.setattr(peers, "environment_of", lambda *_: sys.executable)
    rows = list(peers.race("RFM", "rfm", peers=("lifelines",)))
    assert rows[-1].note == "failed: AttributeError: 'Lifelines' object has no attribute 'rfm'"
    with pytest.raises(NotMeasured, match="failed: AttributeError"):
        list(peers.race("RFM", "no_task"))


def test_results_are_compared_cell_by_cell():
    own = {"customer": [1, 2], "T": [5.0, float("nan")], "name": ["a", "b"]}
    other = {"customer": [2, 1], "T": [float("nan"), 5.0], "name": ["x", "y"], "more": [1, 2]}
    assert peers.differing(own, other, 1e-6) == ""
    assert peers.differing(own, other | {"T": [0.0, 5.0]}, 1e-6) == "differs: T"
    assert peers.differing(own, {"customer": [1, 2], "score": [5, 5]}, 1e-6) == "defined otherwise"


def test_every_analysis_function_has_its_growth_measured_or_says_why_not():
    for function in growth.public_functions():
        assert (function in growth.CALLS) != (growth.name_of(function) in growth.WITHOUT_ROWS)


def test_every_call_works():
    tables = growth.Tables(2_000)
    for function, call in growth.CALLS.items():
        args, keywords = call(tables)
        function(*args, **keywords)


def test_growth_is_the_power_of_the_rows(monkeypatch):
    if "fork" not in growth.multiprocessing.get_all_start_methods():
        pytest.skip("no process can be forked here")
    assert growth.slope([(10, 3.0), (100, 300.0)], 1) == pytest.approx(2)

    def square(values: pd.Series) -> None:
        np.ones((len(values), len(values)))

    monkeypatch.setattr(growth, "public_functions", lambda: [square, segments.top_share])
    monkeypatch.setitem(growth.CALLS, square, lambda tables: ((tables.number,), {}))
    _, time, memory, *_ = growth.growth((1_000, 4_000, 8_000))
    assert memory.figure > 1.5 and memory.verdict == "OVER" and memory.unit == time.unit == "pow"


def test_what_takes_too_long_is_stopped_and_named(monkeypatch):
    if "fork" not in growth.multiprocessing.get_all_start_methods():
        pytest.skip("no process can be forked here")
    monkeypatch.setattr(growth, "SECONDS", 0.2)
    monkeypatch.setattr(growth, "public_functions", lambda: [growth.time.sleep])
    monkeypatch.setitem(growth.CALLS, growth.time.sleep, lambda tables: ((tables.n,), {}))
    *_, row = growth.growth((1_000, 2_000))
    assert row.figure is None and row.note == "stopped after 0.2 s"
