"""The panel of moves between stages: what one mended move is worth in five years."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_panels import outputs, picture

from helpers import charts, lifecycle, panels
from helpers.data import CourseError
from helpers.panels.stage_moves import PERIODS, Base, _apart

STATES = ["new", "old", "gone"]
RATES = pd.DataFrame(
    [[0.5, 0.3, 0.2], [0, 0.9, 0.1], [0, 0.01, 0.99]], index=STATES, columns=STATES
)
WORLD = {
    "start": {"new": 100, "old": 200, "gone": 50},
    "entering": {"new": 40},
    "value": {"new": 10, "old": 20, "gone": 0},
}


@pytest.fixture
def panel():
    return panels.stage_moves(RATES, **WORLD, costs={"old": 300})


def yuan(rates):
    """Yuan of the quarters 1 to 20, by a plain loop."""
    here, total = dict(WORLD["start"]), 0.0
    for _ in range(PERIODS):
        here = {
            to: sum(here[name] * rates.loc[name, to] for name in STATES)
            + WORLD["entering"].get(to, 0)
            for to in STATES
        }
        total += sum(here[name] * WORLD["value"][name] for name in STATES)
    return total


def test_the_gain_is_that_of_a_plain_loop(panel):
    panel.controls["from"].value, panel.controls["to"].value = "new", "old"
    panel.controls["points"].value = 10
    mended = RATES.copy()
    mended.loc["new", ["old", "gone"]] = [0.4, 0.1]
    gained = panel._base.gained(panel._base.after(panel._base.mended("new", "old", 10)[0]))
    assert gained[-1] == pytest.approx(yuan(mended) - yuan(RATES))
    assert gained[0] == 0 and len(gained) == PERIODS + 1
    assert "In each quarter 10 of 100 in new who would be gone go to old instead" in panel.text
    assert panel._title.get_text().startswith("10 of 100 from new to old: +¥")


def test_points_are_taken_from_those_who_would_be_worst_off(panel):
    base = panel._base
    assert base.worst == "gone"
    rates, share = base.mended("old", "old", 4)
    assert share == pytest.approx(0.04)
    assert rates[1].tolist() == pytest.approx([0, 0.94, 0.06])
    assert np.allclose(rates.sum(axis=1), 1) and base.rates.equals(RATES)  # nothing is changed
    rates, _ = base.mended("gone", "old", 5)  # winning back: from those who stay gone
    assert rates[2].tolist() == pytest.approx([0, 0.06, 0.94])


def test_no_more_is_taken_than_there_is(panel):
    panel.controls["from"].value, panel.controls["points"].value = "old", 20
    assert "10 of 100 in old" in panel.text and "all that there are" in panel.text
    assert panel._base.mended("old", "new", 20)[1] == pytest.approx(0.1)


def test_the_cost_is_counted_and_starts_where_it_is_said_to(panel):
    panel.controls["from"].value = "old"
    assert panel.controls["cost"].value == 300
    assert "costs ¥6.00 k" in panel.text  # 20 quarters
    panel.controls["from"].value = "new"
    assert panel.controls["cost"].value == 0
    assert panel._spent.get_ydata().max() == 0


def test_it_pays_up_to_the_gain_of_a_quarter(panel):
    panel.controls["from"].value = "old"
    gain = panel._base.gained(panel._base.after(panel._base.mended("old", "new", 5)[0]))[-1]
    panel.controls["to"].value = "new"
    assert f"It pays up to {charts.yuan(gain / PERIODS)} a quarter." in panel.text


def test_zero_points_change_nothing(panel):
    panel.controls["points"].value = 0
    for usual, after in zip(panel._before, panel._after, strict=True):
        assert after.get_ydata() == pytest.approx(usual.get_ydata())
    assert panel.text.startswith("Nobody of") and np.abs(panel._gain.get_ydata()).max() == 0


def test_it_names_the_state_whose_change_gains_most(panel):
    base = panel._base
    gains = {name: base.gained(base.after(base.mended(name, "old", 5)[0]))[-1] for name in STATES}
    panel.controls["to"].value = "old"
    assert f"most comes from {max(gains, key=gains.get)}:" in panel.text


def test_the_lines_are_the_projection(panel):
    usual = lifecycle.project(
        pd.Series(WORLD["start"]), RATES, periods=PERIODS, entering=WORLD["entering"]
    )
    drawn = {line.get_label(): line.get_ydata() for line in panel._after}
    assert set(drawn) == {"new", "old"}
    assert panel._before[1].get_ydata() == pytest.approx(usual["old"].to_numpy())
    rates, _ = panel._base.mended("new", "old", 10)
    slow = lifecycle.project(
        pd.Series(WORLD["start"]),
        pd.DataFrame(rates, STATES, STATES),
        periods=PERIODS,
        entering=WORLD["entering"],
    )
    assert panel._base.after(rates) == pytest.approx(slow.to_numpy())


def test_a_move_changes_the_picture_and_back(panel):
    first = picture(panel), panel.text
    panel.controls["points"].value = 12
    assert picture(panel) != first[0]
    panel.controls["points"].value = 5
    assert (picture(panel), panel.text) == first


def test_everything_written_stands_within_the_picture():
    names = list(lifecycle.STAGES)
    rates = pd.DataFrame(
        [[0.5, 0.3, 0, 0.03, 0.17], [0, 0.5, 0.2, 0.2, 0.1], [0, 0.3, 0.3, 0.3, 0.1],
         [0, 0.2, 0.2, 0.4, 0.2], [0, 0.01, 0, 0.01, 0.98]], index=names, columns=names,
    )  # fmt: skip
    panel = panels.stage_moves(
        rates,
        start=dict(zip(names, [125_000, 149_000, 59_000, 64_000, 350_000], strict=True)),
        entering={"identify": 61_000},
        value=dict(zip(names, [350, 475, 400, 170, 0], strict=True)),
    )
    for here, there, points in [("identify", "develop", 20), ("gone", "stable", 20)]:
        panel.controls["from"].value, panel.controls["to"].value = here, there
        panel.controls["points"].value = points
        words = [*panel._names, panel._title, panel._gain_text, panel._cost_text]
        boxes = [word.get_window_extent() for word in words]
        whole = panel._figure.bbox
        assert all(b.x0 >= 0 and b.x1 <= whole.width and b.y1 <= whole.height for b in boxes)
        named = sorted(boxes[:4], key=lambda box: box.y0)
        assert all(below.y1 <= above.y0 + 3 for below, above in pairwise(named))
    for ax in panel._figure.axes:
        box = ax.get_tightbbox()
        assert box.x0 >= 0 and box.y0 >= 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_labels_keep_their_order_and_their_distance(heights):
    heights = np.array(heights)
    placed = _apart(heights, 0.1)
    assert (placed >= -1e-9).all() and (placed <= 1 + 1e-9).all()
    order = np.argsort(heights, kind="stable")
    assert (np.diff(placed[order]) >= 0.1 - 1e-9).all()


def test_state_is_restored_and_kept():
    kept = []
    panel = panels.stage_moves(
        RATES, **WORLD, state={"from": "gone", "to": "old", "points": 2}, on_commit=kept.append
    )
    panel.commit.click()
    assert kept[0]["from"] == "gone" and kept[0]["points"] == 2


def test_it_displays_a_still_picture_with_its_words(panel, monkeypatch):
    still = outputs(panel, monkeypatch)[0]
    assert "customers by stage" in still["text/html"] and "old" in still["text/plain"]


def test_equal_values_take_the_later_state_for_the_worst():
    assert Base(RATES, **WORLD | {"value": dict.fromkeys(STATES, 1)}).worst == "gone"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start": {"newly": 5}}, "'newly'"),
        ({"value": {"new": 1, "old": 2}}, "'gone'"),
        ({"value": {"new": np.nan, "old": 2, "gone": 0}}, "missing or below"),
        ({"entering": {"new": -1}}, "missing or below"),
        ({"entering": 5}, "entering is a Series"),
        ({"costs": {"old": np.inf}}, "costs"),
    ],
)
def test_bad_input_is_told_in_one_sentence(change, words):
    with pytest.raises(CourseError, match=words) as told:
        panels.stage_moves(RATES, **WORLD | change)
    assert str(told.value).count("\n") == 0


def test_rates_that_are_none_are_refused():
    with pytest.raises(CourseError, match="square"):
        panels.stage_moves([[1.0]], **WORLD)
    with pytest.raises(CourseError, match="add up to 1"):
        panels.stage_moves(RATES * 2, **WORLD)
