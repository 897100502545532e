"""The grid panel: cells hold whom the cuts put there, in two and in three dimensions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_panels import outputs, picture

from helpers import charts, panels
from helpers.panels.grid_cuts import VIEWS


@pytest.fixture
def accounts():
    return pd.DataFrame(
        {
            "account_id": [f"K{i}" for i in range(6)],
            "name": [f"Firm {i}" for i in range(6)],
            "loyalty": [0.1, 0.5, 0.9, 0.3, 1.0, 0.2],
            "revenue": [5e4, 2e4, 900.0, 1e5, 0.0, 4e3],
            "credit_rating": list("DACBAD"),
            "exposure": [4000.0, 0.0, 1000.0, 3000.0, 0.0, 2000.0],
        }
    )


@pytest.fixture
def panel(accounts):
    panel = panels.grid_cuts(accounts)
    panel.controls["size"].value = 2e4
    return panel


def cells(panel):
    return [words.get_text() for words in panel._cells if words.get_visible()]


def test_loyalty_and_credit_cut_four_cells(panel):
    # low loyalty and poor, and good; high and poor, and good: in that order
    assert cells(panel) == ["2: ¥6.00 k", "1: ¥3.00 k", "1: ¥1.00 k", "2: ¥0"]
    assert "The cell to fear (low loyalty, poor credit) holds 2 accounts and ¥6.00 k" in panel.text
    assert "60 % of the ¥10.0 k at risk" in panel.text
    panel.controls["credit"].value = "A to C"
    assert cells(panel) == ["2: ¥6.00 k", "1: ¥3.00 k", "0: ¥0", "3: ¥1.00 k"]
    assert "Empty: high loyalty, poor credit." in panel.text


def test_at_the_cut_is_high(panel):
    panel.controls["view"].value = "loyalty × size"
    assert cells(panel) == ["1: ¥2.00 k", "2: ¥7.00 k", "2: ¥1.00 k", "1: ¥0"]
    panel.controls["loyalty"].value = 51  # Firm 1 has half
    assert cells(panel) == ["1: ¥2.00 k", "3: ¥7.00 k", "2: ¥1.00 k", "0: ¥0"]
    assert "Changed cell since the first cuts: 1; the largest: Firm 1." in panel.text
    panel.controls["loyalty"].value = 50
    assert "No account has changed cell." in panel.text


def test_the_cube_shows_two_grids(panel):
    panel.controls["view"].value = "all three"
    poor, good = cells(panel)[:4], cells(panel)[4:]
    assert poor == ["1: ¥2.00 k", "1: ¥4.00 k", "1: ¥1.00 k", "0: ¥0"]
    assert good == ["0: ¥0", "1: ¥3.00 k", "1: ¥0", "1: ¥0"]
    assert "(low loyalty, large, poor credit) holds 1 account and ¥4.00 k" in panel.text
    assert "Empty: high loyalty, large, poor credit; low loyalty, small, good credit." in panel.text
    heads = [words.get_text() for words in panel._heads if words.get_visible()]
    assert heads == ["poor credit (not A to B)", "good credit (A to B)"]


def test_a_move_changes_the_picture_and_back(panel):
    first = picture(panel), panel.text
    panel.controls["loyalty"].value = 20
    assert picture(panel) != first[0]
    panel.controls["loyalty"].value = 50
    assert (picture(panel), panel.text) == first


def test_the_view_leaves_nothing_of_another_behind(panel):
    first = picture(panel)
    for view in (VIEWS[2], VIEWS[1], VIEWS[0]):
        panel.controls["view"].value = view
    assert picture(panel) == first


def test_who_has_moved_is_a_diamond(panel):
    circles, diamonds = panel._points
    assert len(circles.get_offsets()) == 6 and not len(diamonds.get_offsets())
    panel.controls["loyalty"].value = 25  # Firm 3 rises
    assert len(circles.get_offsets()) == 5 and len(diamonds.get_offsets()) == 1


ROWS = st.lists(
    st.tuples(
        st.integers(0, 8), st.integers(0, 10**6), st.sampled_from("ABCD"), st.integers(0, 99)
    ),
    min_size=3,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(1, 100), st.sampled_from(["A", "A to B", "A to C"]))
def test_cells_agree_with_plain_pandas(rows, loyal_from, good):
    frame = pd.DataFrame(rows, columns=["loyalty", "revenue", "credit_rating", "exposure"])
    frame["loyalty"] /= 8
    frame["account_id"] = frame.index
    frame.loc[0, "exposure"] += 1
    panel = panels.grid_cuts(frame)
    panel.controls["view"].value = "all three"
    panel.controls["loyalty"].value, panel.controls["credit"].value = loyal_from, good
    if picture(panel) is None:
        assert "All accounts have the same" in panel.text
        return
    high = frame["loyalty"] >= loyal_from / 100
    large = frame["revenue"] >= panel.controls["size"].value
    fine = frame["credit_rating"] <= good[-1]
    expected = [
        int((high.eq(h) & large.eq(s) & fine.eq(c)).sum())
        for c in (False, True)
        for h in (False, True)
        for s in (False, True)
    ]
    assert [int(words.split(":")[0]) for words in cells(panel)] == expected


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda frame: frame[:0], "at least two accounts, and here are 0"),
        (lambda frame: frame[:1], "at least two accounts, and here are 1"),
        (lambda frame: frame.drop(columns="exposure"), "needs the column 'exposure'"),
        (lambda frame: frame.drop(columns="revenue"), "needs the column 'revenue'"),
        (lambda frame: frame.assign(loyalty=np.nan), "is missing"),
        (lambda frame: frame.assign(loyalty=frame["loyalty"] * 100), "a share from 0 to 1"),
        (lambda frame: frame.assign(credit_rating="AAA"), "'AAA' is none of A, B, C and D"),
        (lambda frame: frame.assign(revenue=-1.0), "below zero"),
        (lambda frame: frame.assign(exposure=0.0), "No account owes us anything"),
        (lambda frame: frame.assign(loyalty="high"), "must be numbers"),
    ],
)
def test_what_fits_no_grid_is_said_in_the_panel(accounts, spoil, sentence):
    panel = panels.grid_cuts(spoil(accounts))
    assert sentence in panel.text and picture(panel) is None
    panel.controls["loyalty"].value = 33  # moves nothing, and raises nothing


def test_equal_accounts_are_not_divided_until_another_view(accounts):
    panel = panels.grid_cuts(accounts.assign(credit_rating="B"))
    assert panel.text == "All accounts have the same credit: no cut divides them."
    panel.controls["view"].value = "loyalty × size"
    assert picture(panel) is not None
    panel = panels.grid_cuts(accounts.assign(revenue=5.0))
    panel.controls["view"].value = "loyalty × size"
    assert panel.text == "All accounts have the same size: no cut divides them."


def test_state_commit_and_the_stored_picture(accounts, monkeypatch):
    kept = []
    panel = panels.grid_cuts(accounts, state={"view": "all three"}, on_commit=kept.append)
    panel.commit.click()
    assert kept[0]["view"] == "all three" and kept[0]["credit"] == "A to B"
    still, _ = outputs(panel, monkeypatch)
    assert panel.text in still["text/plain"] and "“loyal from”" in still["text/html"]
    assert "poor credit" in charts.describe(panel._figure)
