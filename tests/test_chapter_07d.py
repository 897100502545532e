"""Case D in worlds of several seeds: the sum is small, one contract is signed, the rule tells."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from test_companions import shown_by

from helpers import data
from helpers.churn import CAUSES
from helpers.exercises import causes
from helpers.panels.evidence_board import belief

mpl.use("Agg")
CHAPTER = Path(__file__).parents[1] / "notebooks" / "07d_case_terms.ipynb"
SEEDS = (data.COMMITTED_SEED, 88, 733)
DEPOSIT = ("quarterly", 0, 0.2)
# As the companion rates the findings, cause by cause in the order of CAUSES.
RATINGS = {
    "trial": [-1, 0, 0, 0, 0, 0, 0],
    "asked": [0, -1, 0, 0, 0, 0, 1],
    "yes, no": [0, 0, 1, 0, 0, 1, 0],
    "rival": [0, 0, 0, 0, -1, 0, 0],
    "reps": [0, 0, 0, -1, 0, 0, 0],
    "waiting": [0, 0, 1, 0, 0, 1, 0],
    "cost": [0, 0, 0, 0, 0, 1, -1],
    "others": [0, 0, 0, 0, 0, 1, 0],
}


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


def test_terms_are_a_small_sum_and_the_rating_tells_who_pays(shown):
    assert shown["worst"] < 0.12 * shown["brings"]
    late, rating = shown["late"]["paid late by, days"], shown["rating"]
    apart = late[f"{rating}, over 30 days"] - late[f"{rating}, up to 30 days"]
    assert late["D, up to 30 days"] - late["A, up to 30 days"] > 5 * abs(apart)
    short, long = (
        shown["late"].loc[f"{rating}, {term}"] for term in ("up to 30 days", "over 30 days")
    )
    assert long["low"] < short["high"]  # no threefold default to be seen
    assert shown["long_terms"] >= 5  # others no better have longer terms


def test_the_board_is_level_before_the_test_and_decided_after(shown):
    rated = pd.DataFrame(RATINGS, index=list(CAUSES)).T
    assert len(rated) == len(shown["findings"])
    before, after = belief(rated.iloc[:6]), belief(rated)
    assert before["short-termism"] == pytest.approx(before["weak service"])
    assert after.idxmax() == shown["cause"] and 0.8 < after.max() < 0.9
    assert list(shown["findings"].values())[2:6] == [9, 20, 1, 61]  # what the ratings rest on


def test_one_contract_is_signed_and_each_favourite_is_refused(shown):
    table = shown["table"]
    assert list(shown["signed"].index) == [DEPOSIT]
    assert not (table.loc[table.idxmax()] > 0).all(axis=1).any()
    assert table.idxmax().nunique() == 3
    rest = table.drop(DEPOSIT)
    assert not (rest >= table.loc[DEPOSIT]).all(axis=1).any()  # Pareto-efficient


def test_the_no_is_about_the_habit_and_a_rule_makes_it_small(shown):
    assert (shown["lines"].iloc[0] > 0).all()
    assert shown["lines"]["all who ask"].iloc[-1] < 0 < shown["habit_too"]
    assert shown["agreed"]["they want 3,000"] == []
    assert shown["agreed"]["the same, with the rule"] == ["quarterly"]


def test_the_rule_rings_for_the_case_and_more_often_where_deals_are_lost(shown):
    assert shown["ours"]["rings"]
    lost = shown["lost"]["rate"]
    assert lost["rule rings"] > lost["approver met"] + 0.1


def test_a_rival_in_the_diary_is_rare_and_no_prospect_has_won(shown):
    rates = shown["rates"]
    assert 0 < rates.loc["customers, a rival in the diary", "n"] < 60
    assert rates.loc["prospects", "rate"] == 0 < rates.loc["customers", "rate"]
