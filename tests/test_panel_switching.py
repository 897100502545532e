"""The switching panel: the model by hand, and what respondents said beside it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_panels import outputs, picture

from helpers import charts, panels
from helpers.data import CourseError
from helpers.panels.switching import DISCOUNTS, PARTS, switching_share

COLUMNS = [*PARTS, *(f"rival_{part}" for part in PARTS), "switch_at_discount"]


@pytest.fixture
def respondents():
    """Better in quality by 2; in service by 1; worse in price by 1; alike in all."""
    rows = [
        [5, 3, 3, 3, 3, 3, 20],
        [3, 4, 3, 3, 3, 3, 10],
        [3, 3, 2, 3, 3, 3, 0],
        [3, 3, 3, 3, 3, 3, 5],
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.fixture
def panel(respondents):
    return panels.switching(respondents)


def share(respondents, quality, service, price, discounts, **options):
    weights = {"quality": quality, "service": service, "price": price}
    return switching_share(respondents, weights, discounts, **options).tolist()


def test_the_model_by_hand(respondents):
    # Leads with equal weights: 2, 1, -1, 0. A discount of 5 % gives the rival one point of price.
    assert share(respondents, 1, 1, 1, [0, 5, 6, 10, 11]) == [0.25, 0.5, 0.75, 0.75, 1.0]
    assert share(respondents, 2, 2, 2, [0, 5, 6, 10, 11]) == [0.25, 0.5, 0.75, 0.75, 1.0]
    assert share(respondents, 1, 0, 0, [0, 50]) == [0, 0]  # no weight on price: no discount helps
    assert share(respondents, 0, 0, 1, [0, 5]) == [0.25, 1.0]
    assert share(respondents, 1, 1, 1, [10], points_per_10_percent=1) == [0.5]


def test_who_is_undecided_stays(respondents):
    assert share(respondents[3:], 1, 1, 1, [0]) == [0]


@pytest.mark.parametrize(
    "weights", [(0, 0, 0), (1, -1, 1), (float("nan"), 1, 1), (float("inf"), 1, 1)]
)
def test_weights_that_weigh_nothing_are_refused(respondents, weights):
    with pytest.raises(CourseError, match="Weights are 0 or more"):
        share(respondents, *weights, [0])
    with pytest.raises(CourseError, match="lack 'service'"):
        switching_share(respondents, {"quality": 1, "price": 1})


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.integers(1, 5), min_size=6, max_size=6), min_size=1, max_size=12),
    st.tuples(*[st.integers(0, 10)] * 3).filter(any),
)
def test_it_agrees_with_a_loop_and_more_discount_never_holds_anybody(rows, weights):
    frame = pd.DataFrame(rows, columns=COLUMNS[:6])
    found = share(frame, *weights, DISCOUNTS)
    for discount, part in zip(DISCOUNTS, found, strict=True):
        switch = 0
        for q, s, p, rival_q, rival_s, rival_p in rows:
            ours = weights[0] * q + weights[1] * s + weights[2] * p
            theirs = weights[0] * rival_q + weights[1] * rival_s
            theirs += weights[2] * (rival_p + discount / 5)
            switch += theirs > ours + 1e-9
        assert part == pytest.approx(switch / len(rows))
    assert found == sorted(found)


def test_the_panel_shows_the_model_and_what_was_said(panel, respondents):
    assert panel._stated.tolist() == [0.25, 0.5, 0.75, 0.75] + [1.0] * 7
    assert panel._curve.get_ydata().tolist() == share(respondents, 5, 5, 5, DISCOUNTS)
    assert panel._name.get_position()[1] == pytest.approx(0.89)  # below "said", which ends at 1
    assert "at a discount of 10 % the model lets 75 % switch; 75 % said so" in panel.text
    panel.controls["price"].value = 0
    assert "the model lets 0 % switch" in panel.text
    assert "no discount moves anybody" in panel.text
    assert "the two are 84.1 percentage points apart" in panel.text  # (0.25 + 0.5 + 1.5 + 7) / 11
    assert panel._title.get_text() == "Model and words are 84 points apart on average"
    assert panel._name.get_position()[1] == panel._curve.get_ydata()[-1]


def test_the_dots_stand_on_the_lines(panel):
    for discount in DISCOUNTS.tolist():
        panel.controls["discount"].value = discount
        place = discount // 5
        on_the_lines = [panel._curve.get_ydata()[place], panel._stated[place]]
        assert panel._mark.get_xdata() == panel._dots.get_xdata() == [discount] * 2
        assert panel._dots.get_ydata() == on_the_lines


def test_a_move_changes_the_picture_and_back(panel):
    first = picture(panel), panel.text
    panel.controls["discount"].value = 30
    assert picture(panel) != first[0]
    panel.controls["discount"].value = 10
    assert (picture(panel), panel.text) == first


def test_weights_of_nothing_are_said_and_pass(panel):
    before = picture(panel)
    for part in PARTS:
        panel.controls[part].value = 0
    assert "Weights are 0 or more" in panel.text and picture(panel) is None
    for part in PARTS:
        panel.controls[part].value = 5
    assert picture(panel) == before


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda frame: frame[:0], "There is no respondent here"),
        (lambda frame: frame.drop(columns="rival_price"), "needs the column 'rival_price'"),
        (lambda frame: frame.drop(columns="switch_at_discount"), "'switch_at_discount'"),
        (lambda frame: frame.assign(quality=np.nan), "Some answers are missing"),
        (lambda frame: frame.assign(switch_at_discount=np.nan), "switch_at_discount is missing"),
        (lambda frame: frame.assign(switch_at_discount="much"), "not a number"),
        (lambda frame: frame.assign(service=7), "whole numbers from 1 to 5"),
    ],
)
def test_what_is_no_survey_is_said_in_the_panel(respondents, spoil, sentence):
    panel = panels.switching(spoil(respondents))
    assert sentence in panel.text and picture(panel) is None


def test_one_respondent_is_enough(respondents):
    panel = panels.switching(respondents[:1])
    assert "the model lets 0 % switch" in panel.text


def test_state_commit_and_the_stored_picture(respondents, monkeypatch):
    kept = []
    panel = panels.switching(respondents, state={"quality": 8}, on_commit=kept.append)
    panel.commit.click()
    assert kept == [{"quality": 8, "service": 5, "price": 5, "discount": 10}]
    still, _ = outputs(panel, monkeypatch)
    assert panel.text in still["text/plain"] and "“discount”" in still["text/html"]
    assert "the rival's discount" in charts.describe(panel._figure)
