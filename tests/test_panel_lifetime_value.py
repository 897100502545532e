"""The lifetime value panel: sums by hand, where a slogan is true, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_panels import outputs, picture

from helpers import charts, lifecycle, panels
from helpers.data import CourseError
from helpers.panels.lifetime_value import SLOGANS, rise, value

POINTS, PERCENT, LOYALTY = SLOGANS
CUSTOMER = {"margin": 1000, "retention": 0.6, "discount_rate": 0.1, "acquisition_cost": 200}


@pytest.fixture
def panel():
    return panels.lifetime_value(**CUSTOMER)


def move(panel, **values):
    for name, amount in values.items():
        panel.controls[name].value = amount


def test_value_and_rise_by_hand():
    # 1000 × 1.1 / (1.1 − 0.6) = 2200; with 65 %: 1100 / 0.45 = 2444.4
    assert value(1000, 0.6, 0.1) == pytest.approx(2200)
    assert rise(SLOGANS[POINTS], 1000, 0.6, 0.1, 200) == pytest.approx(2244.4 / 2000 - 1, abs=1e-4)
    # 5 % of a churn of 40 % are 2 points: 1100 / 0.48
    assert rise(SLOGANS[PERCENT], 1000, 0.6, 0.1, 200) == pytest.approx(1100 / 0.48 / 2000 - 1.1)
    # 20 % more of 60 % is 72 %: 1100 / 0.38
    assert rise(SLOGANS[LOYALTY], 1000, 0.6, 0.1, 200) == pytest.approx(1100 / 0.38 / 2000 - 1.1)


def test_no_profit_has_no_percentage_and_more_than_all_cannot_stay():
    assert np.isnan(rise(SLOGANS[POINTS], 1000, 0.6, 0.1, 2200))
    assert np.isnan(rise(SLOGANS[POINTS], 1000, 0.6, 0.1, 5000))
    assert rise(SLOGANS[POINTS], 1000, 0.96, 0.1, 0) == math.inf
    assert np.isfinite(rise(SLOGANS[POINTS], 1000, 0.95, 0.1, 0))
    assert rise(SLOGANS[POINTS], 1000, 0.95, 0.0, 0) == math.inf  # for ever, undiscounted
    assert np.isfinite(rise(SLOGANS[PERCENT], 1000, 0.99, 0.0, 0))


@settings(max_examples=60, deadline=None)
@given(st.floats(1, 1e6), st.floats(0, 0.99), st.floats(0, 0.3), st.floats(0, 1))
def test_it_agrees_with_the_helper_and_the_margin_cancels_out(margin, stay, rate, part):
    worth = lifecycle.constant_value(margin=margin, retention=stay, discount_rate=rate)
    assert value(margin, stay, rate) == pytest.approx(worth)
    for slogan in SLOGANS.values():
        here = rise(slogan, margin, stay, rate, 0.9 * part * worth)
        same = rise(slogan, 1, stay, rate, 0.9 * part * worth / margin)
        assert here == pytest.approx(same, rel=1e-6)
        assert here >= -1e-9
        assert rise(slogan, 1, stay, rate, 0.95 * worth / margin) >= here - 1e-9  # dearer to win


def test_the_picture_shows_the_sums(panel):
    assert panel.values == {
        "margin": 1000,
        "retention": 60,
        "discount": 10,
        "cost": 200,
        "slogan": POINTS,
    }
    added = 1000 * ((0.6 / 1.1) ** np.arange(10)).cumsum()
    top = 1000 * ((0.65 / 1.1) ** np.arange(10)).sum()
    assert panel._as_is.get_ydata() * top == pytest.approx(added)
    assert panel._with.get_ydata()[-1] == pytest.approx(1)
    assert panel._cost.get_ydata()[0] * top == pytest.approx(200)
    assert panel._back.get_xdata() == [1]
    assert (panel._dot.get_xdata(), panel._dot.get_ydata()) == ([60], [10])
    assert "A customer is worth ¥2.20 k today" in panel.text
    assert "winning one costs ¥200: that is back in year 1" in panel.text
    assert "(60 → 65 % stay) raises the profit from ¥2.00 k by 12 %" in panel.text
    assert panel._title.get_text() == "5 points less churn: +12 % profit on this customer"


def test_payback_moves_with_the_cost(panel):
    costs = [amount for _, amount in panel.controls["cost"].options]
    for limit, words in ((1400, "year 2"), (2000, "year 4"), (9000, "never")):
        move(panel, cost=max(each for each in costs if each <= limit))
        spent = panel.controls["cost"].value
        added = 1000 * ((0.6 / 1.1) ** np.arange(10)).cumsum()
        years = np.flatnonzero(added >= spent)
        assert panel._back.get_xdata() == ([years[0] + 1] if len(years) else [])
        assert words in panel.text
    assert panel._title.get_text().startswith("Each customer loses ¥")
    assert "of a loss no percentage is taken" in panel.text
    move(panel, cost=0)
    assert "nothing has to come back" in panel.text


def test_the_contour_lies_where_the_claim_comes_out(panel):
    # Won for nothing: (1 + d − r) / (1 + d − r − 0.05) = 1.85 where 1 + d − r = 0.05 × 1.85 / 0.85
    move(panel, cost=0, discount=0)
    gap = 0.05 * 1.85 / 0.85
    lines = panel._lines.get_segments()
    assert len(lines) == 2
    for stay, rate in lines[1]:
        assert 1 + rate / 100 - stay / 100 == pytest.approx(gap, abs=0.004)
    assert f"+85 % comes out at a retention of {100 * (1 - gap):.0f} %" in panel.text
    move(panel, discount=10)
    assert "+85 % comes out nowhere" in panel.text
    move(panel, slogan=LOYALTY)  # (1.1 − r) / (1.1 − 1.2 r) = 1.8 at r = 0.88 / 1.16
    assert "+80 % comes out at a retention of 76 %" in panel.text
    assert len(panel._lines.get_segments()) == 1


def test_the_map_says_where_it_cannot_be(panel):
    move(panel, slogan=LOYALTY)
    colors = panel._image.get_array()
    right = panel._stays > 100 / 1.2
    assert (colors[:, right] == colors[0, -1]).all()
    assert "over\n100 %" in [label.get_text() for label in panel._labels]
    move(panel, retention=90)
    assert "would make 90 % into 108 %: more than all cannot stay" in panel.text
    assert np.isnan(panel._with.get_ydata()).all()
    move(panel, slogan=PERCENT, retention=60)
    assert "under 10 % everywhere" in [label.get_text() for label in panel._labels]
    move(panel, slogan=POINTS, cost=max(amount for _, amount in panel.controls["cost"].options))
    assert "a loss" in [label.get_text() for label in panel._labels]


def test_without_end_there_is_no_sum(panel):
    move(panel, retention=95, discount=0)
    assert "no sum exists" in panel.text and picture(panel)


def test_a_move_changes_the_picture_and_back(panel):
    first = picture(panel), panel.text
    moves = (("margin", 2), ("retention", 80), ("discount", 3), ("cost", 0), ("slogan", LOYALTY))
    for name, amount in moves:
        before = panel.controls[name].value
        options = [each[1] for each in panel.controls[name].options if isinstance(each, tuple)]
        move(panel, **{name: options[-3] if name == "margin" else amount})
        assert picture(panel) != first[0], name
        move(panel, **{name: before})
        assert (picture(panel), panel.text) == first


def test_labels_do_not_stand_on_one_another(panel):
    for stay in (1, 20, 40, 60, 80, 99):
        if stay in [each for _, each in panel.controls["retention"].options]:
            move(panel, retention=stay)
        heights = sorted(text.get_position()[1] for text in panel._ends if text.get_text())
        assert min(np.diff(heights)) > 0.11


@pytest.mark.parametrize(
    ("name", "amount"),
    [
        ("margin", 0),
        ("margin", -5),
        ("margin", "much"),
        ("margin", float("nan")),
        ("margin", float("inf")),
        ("retention", 1),
        ("retention", 65),
        ("retention", -0.1),
        ("discount_rate", 9),
        ("discount_rate", None),
        ("acquisition_cost", -1),
        ("acquisition_cost", float("nan")),
    ],
)
def test_what_is_no_customer_is_refused(name, amount):
    with pytest.raises(CourseError, match=f"{name} is .*, and .* is not"):
        panels.lifetime_value(**{**CUSTOMER, name: amount})


@pytest.mark.parametrize("retention", [0, 0.05, 0.6432, 0.999])
def test_any_retention_to_begin_with(retention):
    panel = panels.lifetime_value(**{**CUSTOMER, "retention": retention, "discount_rate": 0})
    assert picture(panel)
    assert panel.values["retention"] == pytest.approx(100 * retention, abs=0.051)


def test_state_commit_and_the_stored_picture(monkeypatch):
    kept = []
    state = {"slogan": LOYALTY, "cost": 123, "retention": 77.7}
    panel = panels.lifetime_value(**CUSTOMER, state=state, on_commit=kept.append)
    panel.commit.click()
    assert kept == [{"margin": 1000, "discount": 10, **state}]
    still, _ = outputs(panel, monkeypatch)
    assert panel.text in still["text/plain"] and "“discount”" in still["text/html"]
    assert "retention (%)" in charts.describe(panel._figure)
