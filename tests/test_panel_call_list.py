"""The panel of the call list: calls, saves, waste and profit, by rule and by number."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_panels import outputs, picture

from helpers import charts, panels
from helpers.data import CourseError
from helpers.panels.call_list import COSTS, Ranking


@pytest.fixture
def scored():
    """Ten customers; the three who left stand first by "good" and last by "bad"."""
    lost = np.array([True, True, True] + [False] * 7)
    return pd.DataFrame(
        {
            "account_id": [f"K{i}" for i in range(10)],
            "good": np.arange(10, 0, -1),
            "bad": np.arange(1, 11),
            "flat": 1.0,
            "lost": lost,
            "value": [1000.0, 6000.0, 3000.0, *[500.0] * 7],
        }
    )


@pytest.fixture
def panel(scored):
    rules = ["good", "bad", "flat"]
    return panels.call_list(scored, rules=rules, call_cost=100, save_rate=0.2, capacity=4)


def test_profit_is_what_the_saved_bring_less_what_the_calls_cost(panel):
    values = panel.values  # noqa: PD011 (a panel, no frame)
    assert values == {"rule": "good", "calls": 4, "cost": 100, "save": 20}
    assert panel._curve.get_ydata()[:5] == pytest.approx([0, 100, 1200, 1700, 1600])
    assert "Calling 4 of 10 customers, first those with the highest good: 3 would" in panel.text
    assert "(by lot: 1), a call saves 0.6 of them, 1 calls go to customers who stay" in panel.text
    assert "Profit: 1,600 yuan (by lot: 400 yuan)" in panel.text
    assert "Most is earned with 3 calls: 1,700 yuan." in panel.text
    assert panel._title.get_text() == "4 calls by good earn ¥1.60 k"
    assert panel._dot.get_xydata().tolist() == [[4, 1600]]
    assert panel._best.get_xydata().tolist() == [[3, 1700]]


def test_another_rule_other_costs_and_other_saves_move_the_line(panel):
    panel.controls["rule"].value = "bad"
    assert panel._title.get_text() == "4 calls by bad lose ¥400" and "−400 yuan" in panel.text
    assert "Most is earned with 10 calls: 1,000 yuan, more than the team can make." in panel.text
    panel.controls["cost"].value = 5000
    assert "not even the first call pays: call nobody" in panel.text
    panel.controls["rule"].value, panel.controls["cost"].value = "good", 0
    panel.controls["save"].value = 100
    assert panel._curve.get_ydata()[3:] == pytest.approx([10_000] * 8)
    panel.controls["calls"].value = 0
    assert "0 would leave" in panel.text and "Profit: 0 yuan" in panel.text


def test_equal_scores_are_called_in_no_order_at_all(panel):
    panel.controls["rule"].value = "flat"
    assert panel._curve.get_ydata() == pytest.approx(panel._by_lot.get_ydata())
    assert panel._by_lot.get_ydata() == pytest.approx(np.arange(11) * (2000 / 10 - 100))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 99)), min_size=1))
def test_it_agrees_with_the_mean_over_many_orders(rows):
    score, lost, value = (np.array(column) for column in zip(*rows, strict=True))
    ranking = Ranking(score, lost, value)
    k = len(rows) // 2
    above = np.sort(score)[::-1][k - 1] if k else 99
    sure, tied = score > above, score == above
    part = (k - sure.sum()) / tied.sum() if k else 0
    assert ranking.leavers[k] == pytest.approx(lost[sure].sum() + part * lost[tied].sum())
    at_stake = lost * value
    assert ranking.at_stake[k] == pytest.approx(at_stake[sure].sum() + part * at_stake[tied].sum())
    assert ranking.at_stake[-1] == pytest.approx(at_stake.sum())


def test_a_move_changes_the_picture_and_back(panel):
    first = picture(panel), panel.text
    panel.controls["calls"].value = 7
    assert picture(panel) != first[0]
    panel.controls["calls"].value = 4
    assert (picture(panel), panel.text) == first


def test_the_chosen_rule_stands_out_from_the_others(panel):
    panel.controls["rule"].value = "bad"
    shown = {rule: line.get_visible() for rule, line in panel._others.items()}
    assert shown == {"good": True, "bad": False, "flat": True}
    assert panel._others["good"].get_ydata()[4] == pytest.approx(1600)


@pytest.mark.parametrize("call_cost", [0, 408, 12_000])
def test_whatever_a_call_costs_all_lines_stay_in_the_picture(scored, call_cost):
    panel = panels.call_list(scored, rules=["good", "bad"], call_cost=call_cost, save_rate=0.5)
    assert sorted({*COSTS, call_cost}) == [cost for _, cost in panel.controls["cost"].options]
    for _, cost in panel.controls["cost"].options:
        panel.controls["cost"].value = cost
        low, high = panel._ax.get_ylim()
        lines = [panel._curve, panel._by_lot, *panel._others.values()]
        drawn = np.concatenate([line.get_ydata() for line in lines])
        assert low < drawn.min() <= drawn.max() < high
        assert picture(panel)


def test_everything_written_stands_within_the_picture(panel):
    whole, ax = panel._figure.bbox, panel._ax
    for rule in ("good", "bad", "flat"):
        panel.controls["rule"].value = rule
        for box in (ax.get_tightbbox(), panel._title.get_window_extent()):
            assert 0 <= box.x0 < box.x1 <= whole.width and 0 <= box.y0 < box.y1 <= whole.height
    below, names, above = (p.get_window_extent() for p in (ax, ax.get_legend(), panel._title))
    assert below.y1 < names.y0 and names.y1 < above.y0


def test_capacity_is_marked_and_may_be_left_out(scored):
    free = panels.call_list(scored, rules="good", call_cost=100, save_rate=0.2)
    assert free.controls["calls"].value == 10 and "team" not in free.text
    small = panels.call_list(scored, rules="good", call_cost=100, save_rate=0.2, capacity=99)
    assert small.controls["calls"].value == 10


def test_the_caller_keeps_the_frame(scored):
    before = scored.copy()
    panels.call_list(scored, rules=["good"], call_cost=100, save_rate=0.2)
    pd.testing.assert_frame_equal(scored, before)


def test_values_kept_come_back(scored):
    kept = []
    given = {"rules": ["good", "bad"], "call_cost": 100, "save_rate": 0.2, "capacity": 4}
    panel = panels.call_list(scored, **given, on_commit=kept.append)
    panel.controls["rule"].value, panel.controls["calls"].value = "bad", 9
    panel.commit.click()
    assert panels.call_list(scored, **given, state=kept[0]).text == panel.text


def test_the_stored_picture_says_what_it_shows(panel, monkeypatch):
    still, _ = outputs(panel, monkeypatch)
    assert "Solid line: profit by the number of customers called" in still["text/plain"]
    assert "alt=" in still["text/html"] and "Run this cell to move it" in still["text/plain"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns="lost"), "needs the column 'lost'"),
        (lambda f: f.drop(columns="good"), "needs the column 'good'"),
        (lambda f: f.rename(columns={"value": "yuan"}), "needs the column 'value'"),
        (lambda f: f.head(0), "There is no customer"),
        (lambda f: f.assign(good="high"), "'good' must hold numbers"),
        (lambda f: f.assign(value=f["value"].where(f["lost"])), "are missing"),
        (lambda f: f.assign(lost=pd.array([None] * 10, dtype="boolean")), "are missing"),
        (lambda f: f.assign(lost="yes"), "True or False"),
        (lambda f: f.assign(good=np.inf), "infinite"),
        (lambda f: "list", "scored is a table"),
    ],
)
def test_what_cannot_be_judged_is_said_in_one_sentence(scored, change, said):
    panel = panels.call_list(change(scored), rules=["good"], call_cost=100, save_rate=0.2)
    assert said in panel.text and picture(panel) is None
    assert all(control.disabled for control in panel.controls.values())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rules": []}, "at least one rule"),
        ({"call_cost": -1}, "call_cost"),
        ({"call_cost": "dear"}, "call_cost"),
        ({"save_rate": 20}, "save_rate"),
        ({"capacity": -3}, "capacity"),
    ],
)
def test_what_is_no_amount_is_refused(scored, given, said):
    with pytest.raises(CourseError, match=said):
        panels.call_list(scored, **{"rules": ["good"], "call_cost": 9, "save_rate": 0.2} | given)


def test_a_long_name_of_a_rule_leaves_room_for_the_finding(scored):
    rule = "the product of risk and of all margin of the last year"
    frame = scored.rename(columns={"good": rule})
    panel = panels.call_list(frame, rules=rule, call_cost=100, save_rate=0.2)
    assert panel._title.get_window_extent().x1 < panel._figure.bbox.width
    assert charts.yuan(panel._curve.get_ydata()[10]) in panel._title.get_text()
