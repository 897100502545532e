"""The grid panel: cells hold whom the cuts put there, in two and in three dimensions."""

import html

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_panels import outputs, picture

from helpers import charts, panels
from helpers.panels.grid_cuts import BAND, BOTTOM, LEFT, RIGHT, TOP, VIEWS


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
    assert "Most is at risk in: low loyalty, poor credit (¥6.00 k)." in panel.text
    panel.controls["credit"].value = "A to C"
    assert cells(panel) == ["2: ¥6.00 k", "1: ¥3.00 k", "empty", "3: ¥1.00 k"]
    assert "Empty: high loyalty, poor credit." in panel.text
    panel.controls["loyalty"].value = 20
    assert "Most is at risk in: low loyalty, poor credit (¥4.00 k)." in panel.text  # of one account


def test_at_the_cut_is_high(panel):
    panel.controls["view"].value = "loyalty × size"
    assert cells(panel) == ["1: ¥2.00 k", "2: ¥7.00 k", "2: ¥1.00 k", "1: ¥0"]
    panel.controls["loyalty"].value = 51  # Firm 1 has half
    assert cells(panel) == ["1: ¥2.00 k", "3: ¥7.00 k", "2: ¥1.00 k", "empty"]
    assert "Changed cell since the first cuts: 1; the largest: Firm 1." in panel.text
    panel.controls["loyalty"].value = 50
    assert "No account has changed cell." in panel.text


def test_the_cube_shows_two_grids(panel):
    panel.controls["view"].value = "all three"
    poor, good = cells(panel)[:4], cells(panel)[4:]
    assert poor == ["1: ¥2.00 k", "1: ¥4.00 k", "1: ¥1.00 k", "empty"]
    assert good == ["empty", "1: ¥3.00 k", "1: ¥0", "1: ¥0"]
    assert "(low loyalty, large, poor credit) holds 1 account and ¥4.00 k" in panel.text
    assert "Empty: high loyalty, large, poor credit; low loyalty, small, good credit." in panel.text
    heads = [words.get_text() for words in panel._heads if words.get_visible()]
    assert heads == ["poor credit (not A to B)", "good credit (A to B)"]


def test_the_cell_to_fear_is_hatched_named_and_may_be_empty(panel):
    corner = [panel._feared.get_x(), panel._feared.get_y()]
    assert corner == [LEFT, BOTTOM] and panel._feared.get_hatch()
    assert panel._title.get_text() == "Low loyalty, poor credit: ¥6.00 k at risk"
    panel.controls["view"].value = "loyalty × size"
    assert panel._feared.get_y() > BOTTOM  # above the cut
    assert panel._title.get_text() == "Low loyalty, large: ¥7.00 k at risk"
    panel.controls["view"].value = "all three"
    assert panel._feared.get_x() == LEFT  # among poor credit
    panel.controls["view"].value = "loyalty × credit"
    panel.controls["loyalty"].value = 10
    assert "The cell to fear (low loyalty, poor credit) is empty: none of the ¥10.0" in panel.text
    assert "Also empty: low loyalty, good credit." in panel.text


def test_a_little_is_not_called_nothing(accounts):
    panel = panels.grid_cuts(accounts.assign(exposure=[1, 0, 0, 999, 0, 0]))
    assert "holds 2 accounts and ¥1, under 1 % of the ¥1.00 k at risk" in panel.text
    panel = panels.grid_cuts(accounts.assign(exposure=[0, 0, 0, 999, 0, 0]))
    assert "holds 2 accounts and ¥0, 0 % of the" in panel.text


def test_who_cannot_see_the_picture_hears_every_cell(panel):
    alt = html.unescape(panel._figure_html())
    assert "low loyalty, poor credit 2: ¥6.00 k; low loyalty, good credit 1: ¥3.00 k" in alt
    panel.controls["credit"].value = "A to C"
    assert "high loyalty, poor credit empty" in html.unescape(panel._figure_html())


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


def test_words_kept_as_pixels_are_those_of_the_view(panel):
    for view in (*VIEWS, *VIEWS):
        panel.controls["view"].value = view
        for good in ("A", "A to C"):
            panel.controls["credit"].value = good
            kept = picture(panel)
            panel._scenery._pixels.clear()
            panel._redraw()
            assert picture(panel) == kept


def test_who_has_moved_is_a_diamond(panel):
    circles, diamonds = panel._points
    assert len(circles.get_paths()[0].vertices) > 10 > len(diamonds.get_paths()[0].vertices)
    assert circles.get_facecolor()[0, 2] > 0.6 > diamonds.get_facecolor()[0, 2]  # and in colour
    assert len(circles.get_offsets()) == 6 and not len(diamonds.get_offsets())
    panel.controls["loyalty"].value = 25  # Firm 3 rises
    assert len(circles.get_offsets()) == 5 and len(diamonds.get_offsets()) == 1
    panel.controls["view"].value = "loyalty × size"
    panel.controls["credit"].value = "A"  # moves nobody here
    assert len(diamonds.get_offsets()) == 1


def test_the_largest_who_moved_are_named_first(panel):
    panel.controls["loyalty"].value = 1
    assert panel.text.endswith("first cuts: 3; the largest: Firm 3, Firm 0, Firm 5.")


def test_who_owes_more_is_larger(panel):
    panel.controls["loyalty"].value = 51  # Firm 1, who owes nothing, becomes the diamond
    circles, diamonds = panel._points
    assert diamonds.get_sizes().max() < circles.get_sizes()[2]  # Firm 3 owes most but one
    assert np.argmax(circles.get_sizes()) == 0


def test_a_revenue_of_nothing_has_a_place_on_the_log_axis(panel):
    panel.controls["view"].value = "loyalty × size"
    heights = panel._points[0].get_offsets()[:, 1]
    assert heights.argmin() == 4 and heights.argmax() == 3
    ten_times = heights[3] - np.interp(np.log10(1e4), np.log10([4e3, 2e4]), heights[[5, 1]])
    assert ten_times == pytest.approx((heights[0] - heights[1]) / np.log10(2.5))
    ticks = [words.get_text() for words in panel._ticks if words.get_visible()]
    assert ticks == ["¥1 k", "¥10 k", "¥100 k"]


def _on_the_right_side(panel):
    """Whether every point lies in the cell of its account, clear of the words at the edges."""
    accounts, values = panel._accounts, panel.values  # noqa: PD011
    upright = "credit" if values["view"] == VIEWS[0] else "size"
    good = accounts["credit_rating"] <= values["credit"][-1]
    high = accounts["loyalty"] * 100 >= values["loyalty"] - 1e-9
    up = good if upright == "credit" else accounts["revenue"] >= values["size"]
    offsets = np.empty((len(accounts), 2))
    used = ["loyalty", upright] + ["credit"] * (values["view"] == VIEWS[2])
    now = panel._cuts(values)
    moved = np.any([now[name] != panel._first[name] for name in used], axis=0)
    for points, which in zip(panel._points, (~moved, moved), strict=True):
        offsets[which] = points.get_offsets()
    x, y = offsets.T
    lines = [line.get_xydata() for line in panel._lines if len(line.get_xydata())]
    second = good & (values["view"] == VIEWS[2])
    cut_x = np.where(second, lines[-2][0, 0], lines[0][0, 0])
    assert ((x > cut_x) == high).all() and ((y > lines[1][0, 1]) == up).all()
    assert y.min() >= BOTTOM + BAND - 1e-6 and y.max() <= TOP - BAND + 1e-6
    if values["view"] == VIEWS[2]:
        assert ((x > panel._frames[1].get_x()) == good).all()
    assert (x >= LEFT).all() and (x <= RIGHT).all()


def test_no_point_lies_on_the_wrong_side_however_near_the_cut():
    near = [0.125, 0.13, 0.1349, 0.135, 0.29, 0.2999999, 0.3, 0.57, 0.58, 0, 1, 0.999]
    rows = [(x, 1e4 + d, r) for x in near for d in (-1, 0, 1, 300) for r in "AD"]
    frame = pd.DataFrame(rows, columns=["loyalty", "revenue", "credit_rating"])
    frame = frame.assign(account_id=frame.index, exposure=1.0)
    panel = panels.grid_cuts(frame, state={"size": 10_000})
    for view in VIEWS:
        panel.controls["view"].value = view
        for percent in (1, 12, 13, 14, 29, 30, 57, 58, 99, 100):
            panel.controls["loyalty"].value = percent
            _on_the_right_side(panel)


def test_where_most_are_wholly_loyal_they_spread_outward(accounts):
    panel = panels.grid_cuts(pd.concat([accounts] * 20).assign(account_id=range(120), loyalty=0.5))
    assert panel.text.startswith("All accounts have the same loyalty")
    many = pd.concat([accounts] * 20).assign(account_id=range(120))
    panel = panels.grid_cuts(many)
    x = panel._points[0].get_offsets()[:, 0]
    whole, half = x[many["loyalty"] == 1], x[many["loyalty"] == 0.5]
    assert np.ptp(whole) > 5 * np.ptp(half) and np.ptp(half) > 1
    assert whole.min() > LEFT + 0.93 * (RIGHT - LEFT)


ROWS = st.lists(
    st.tuples(
        st.integers(0, 8), st.integers(0, 10**6), st.sampled_from("ABCD"), st.integers(0, 99)
    ),
    min_size=3,
    max_size=40,
)


@settings(max_examples=25, deadline=None)
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
    for view in VIEWS:
        panel.controls["view"].value = view
        _on_the_right_side(panel)
    high = frame["loyalty"] >= loyal_from / 100
    large = frame["revenue"] >= panel.controls["size"].value
    fine = frame["credit_rating"] <= good[-1]
    expected = [
        int((high.eq(h) & large.eq(s) & fine.eq(c)).sum())
        for c in (False, True)
        for h in (False, True)
        for s in (False, True)
    ]
    shown = [words.replace("empty", "0").split(":")[0] for words in cells(panel)]
    assert list(map(int, shown)) == expected


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda frame: frame[:0], "at least two accounts, and here are 0"),
        (lambda frame: frame[:1], "at least two accounts, and here are 1"),
        (lambda frame: frame.drop(columns="exposure"), "needs the column 'exposure'"),
        (lambda frame: frame.drop(columns="revenue"), "needs the column 'revenue'"),
        (lambda frame: frame.assign(loyalty=np.nan), "is missing"),
        (lambda frame: frame.assign(loyalty=frame["loyalty"] * 100), "a share from 0 to 1"),
        (lambda frame: frame.assign(loyalty=frame["loyalty"] + 0.01), "a share from 0 to 1"),
        (lambda frame: frame.assign(credit_rating="AAA"), "'AAA' is none of A, B, C and D"),
        (lambda frame: frame.assign(revenue=-1.0), "below zero"),
        (lambda frame: frame.assign(exposure=0.0), "No account owes us anything"),
        (lambda frame: frame.assign(loyalty="high"), "must be numbers"),
        (lambda frame: frame.assign(revenue=np.inf), "is infinite"),
        (lambda frame: pd.concat([frame, frame[:1]]), "Account K0 has two rows"),
        (lambda frame: frame.assign(credit_rating=pd.Categorical(["E"] * 6)), "'E' is none of"),
    ],
)
def test_what_fits_no_grid_is_said_in_the_panel(accounts, spoil, sentence):
    panel = panels.grid_cuts(spoil(accounts), state={"size": 30_000})
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


def test_a_first_cut_may_lie_anywhere_and_ratings_may_be_categories(accounts):
    ratings = pd.Categorical(accounts["credit_rating"], categories=list("ABCDE"), ordered=True)
    frame = accounts.assign(credit_rating=ratings)
    panel = panels.grid_cuts(frame, state={"view": "loyalty × size", "size": 12_345.5})
    assert cells(panel) == ["1: ¥2.00 k", "2: ¥7.00 k", "2: ¥1.00 k", "1: ¥0"]
    assert panel.controls["size"].label == "¥12,345.5"
    assert [text for text, _ in panel.controls["size"].options][:3] == [
        "¥1,000",
        "¥2,000",
        "¥5,000",
    ]


@pytest.mark.parametrize("revenue", [[1100, 1900, 1500], [0, 0, 5000], [3e9, 1, 0], [0.2, 0.5, 7]])
def test_whatever_they_buy_some_cut_divides_them(accounts, revenue):
    panel = panels.grid_cuts(accounts[:3].assign(revenue=revenue), state={"view": VIEWS[1]})
    assert any(words.get_visible() for words in panel._ticks)
    sizes = [size for _, size in panel.controls["size"].options]
    assert any(min(revenue) < size <= max(revenue) for size in sizes)
    for size in sizes:
        panel.controls["size"].value = size
        _on_the_right_side(panel)


def test_state_commit_and_the_stored_picture(accounts, monkeypatch):
    kept = []
    panel = panels.grid_cuts(accounts, state={"view": "all three"}, on_commit=kept.append)
    panel.commit.click()
    assert kept[0]["view"] == "all three" and kept[0]["credit"] == "A to B"
    still, _ = outputs(panel, monkeypatch)
    assert panel.text in still["text/plain"] and "“loyal from”" in still["text/html"]
    assert "poor credit" in charts.describe(panel._figure)
