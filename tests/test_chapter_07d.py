"""Case D in worlds of several seeds: the sum is small, one contract is signed, the rule tells."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from test_companions import shown_by

from helpers import data
from helpers.exercises import causes

mpl.use("Agg")
CHAPTER = Path(__file__).parents[1] / "notebooks" / "07d_case_terms.ipynb"
SEEDS = (data.COMMITTED_SEED, 7, 88, 314, 12345, 4242)
DEPOSIT = ("quarterly", 0, 0.2)


@pytest.fixture(scope="module", params=SEEDS)
def shown(request):
    """Return the names that the chapter leaves behind in a world."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "_current", None)
        data.use_world(seed=request.param)
        namespace = {"__name__": "__main__"}
        for cell in json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                with redirect_stdout(io.StringIO()):
                    shown_by("".join(cell["source"]), namespace)
                plt.close("all")
        namespace["cause"] = causes.cause_of(causes.accounts_of("D")[0])
        yield namespace


def test_the_deal_is_open_and_waits_for_us(shown):
    assert shown["deal"]["result"] == "open"
    assert shown["cause"] == "short-termism"
    assert not (shown["orders"]["account_id"] == shown["case_d"]).any()
    met = shown["people"].set_index("roles")["touches"]
    assert met["approver"] == 0 < met["decider"]


def test_terms_are_a_small_sum_and_the_rating_tells_who_pays_late(shown):
    assert shown["worst"] < 0.12 * shown["brings"]
    assert shown["slip"]["D"] - shown["slip"]["A"] > 5 * abs(shown["apart"])
    assert shown["long_terms"] >= 5  # others no better have longer terms


def test_one_contract_is_signed_and_each_favourite_is_refused(shown):
    table = shown["table"]
    assert list(shown["signed"].index) == [DEPOSIT]
    assert not (table.loc[table.idxmax()] > 0).all(axis=1).any()
    assert table.idxmax().nunique() == 3
    rest = table.drop(DEPOSIT)
    assert not (rest >= table.loc[DEPOSIT]).all(axis=1).any()  # Pareto-efficient


def test_the_no_is_about_the_habit_and_a_rule_makes_it_small(shown):
    assert all(yuan[0] > 0 for yuan in shown["lines"].values())
    assert shown["lines"]["all who ask"][-1] < 0 < shown["habit_too"]
    assert shown["told"]["they want 3,000"] == []
    assert shown["told"]["the same, with the rule"] == ["quarterly, 0% off, 0% down"]


def test_the_rule_rings_for_the_case_and_more_often_where_deals_are_lost(shown):
    assert shown["ours"]["rings"]
    lost = shown["lost"]["rate"]
    assert lost["rule rings"] > lost["approver met"] + 0.1


def test_old_deals_are_not_dead(shown):
    rates = shown["rates"]
    assert rates["ran longer than ours"]["rate"] > rates["all"]["rate"]
    assert len(rates["a rival in the diary"]) and rates["a rival in the diary"]["n"] < 60
