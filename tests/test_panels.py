"""Panels: a move shows in the picture and in the text; what cannot be shown is said."""

import html
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers import charts, panels, segments
from helpers.data import CourseError
from helpers.panels.base import Panel, percent_slider
from helpers.panels.cut_offs import Ranking

LIVE = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def customers():
    """Ten accounts: the largest loses money, three more do, one brings nothing."""
    profit = np.array([-40.0, 120.0, 50.0, 20.0, 10.0, 5.0, 0.0, -2.0, -4.0, -10.0])
    return pd.DataFrame(
        {
            "account_id": [f"K{i}" for i in range(10)],
            "name": [f"Firm {i}" for i in range(10)],
            "revenue": np.linspace(1000, 100, 10),
            "profit": profit,
            "cost_to_serve": [55.0] + [5.0] * 9,
        }
    )


@pytest.fixture
def panel(customers):
    return panels.cut_offs(customers)


def picture(panel):
    return panel._shot


def outputs(panel, monkeypatch):
    shown = []
    monkeypatch.setattr("helpers.panels.base.display", lambda data, raw: shown.append(data))
    panel._ipython_display_()
    return shown


def test_a_move_changes_picture_and_text_and_back(panel):
    first_picture, first_text = picture(panel), panel.text
    panel.controls["A"].value = 10
    assert picture(panel) != first_picture
    assert "A, the best 10 % by revenue, holds 1 of the accounts, −27 % of the profit" in panel.text
    assert "Changed tier: 1; the largest are Firm 1 (A → B)." in panel.text
    panel.controls["A"].value = 20
    assert (picture(panel), panel.text) == (first_picture, first_text)


def test_bars_are_as_long_as_the_shares(panel):
    share_of_accounts = panel._grid.artists[0]
    fifth = share_of_accounts.get_width()
    panel.controls["A"].value = 40
    assert fifth > 0 and share_of_accounts.get_width() == pytest.approx(2 * fifth)


def test_the_palette_keeps_the_house_colours(panel):
    colors = Image.open(io.BytesIO(picture(panel))).convert("RGB").getcolors(100)
    ranked = [f"#{r:02X}{g:02X}{b:02X}" for _, (r, g, b) in sorted(colors, reverse=True)]
    assert ranked[0] == "#FFFFFF" and {charts.BLUE, charts.VERMILLION} <= set(ranked)


def test_ranking_by_revenue_puts_a_loser_on_top_and_by_profit_last(panel):
    assert "holds 2 of the accounts, 54 % of the profit and 60 % of the cost" in panel.text
    assert "1 of its accounts lose money" in panel.text
    panel.controls["ranking"].value = "profit"
    assert "holds 2 of the accounts, 114 % of the profit and 10 % of the cost" in panel.text
    assert "0 of its accounts lose money" in panel.text
    assert "the largest are Firm 0 (A → D)" in panel.text


def test_losers_are_counted_in_every_tier(panel):
    panel.controls["ranking"].value = "profit"
    assert "lose money | 0 of 2 | 0 of 3 | 2 of 3 | 2 of 2" in charts.describe(panel._figure)


def test_an_end_that_is_moved_pushes_the_others(panel):
    panel.controls["A"].value = 90
    assert [panel.controls[tier].value for tier in "ABC"] == [90, 91, 92]
    panel.controls["C"].value = 3
    assert [panel.controls[tier].value for tier in "ABC"] == [1, 2, 3]


def test_many_moves_of_one_control_redraw_once_each(panel, monkeypatch):
    drawn = []
    monkeypatch.setattr(panel, "_png", lambda: drawn.append(1) or b"png")
    panel.controls["A"].value = 70  # pushes B; their moves are one
    assert len(drawn) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-5, 20), min_size=2, max_size=30),
    st.lists(st.integers(1, 99), min_size=3, max_size=3, unique=True).map(sorted),
)
def test_cuts_agree_with_rank_tiers(values, percents):
    customers = pd.DataFrame({"profit": values, "cost_to_serve": 1.0}, dtype=float)
    ends = np.array(percents) / 100
    sums, tiers = Ranking(customers, "profit").cut(ends)
    shares = dict(zip("ABCD", np.diff([0, *ends, 1]), strict=True))
    customers["tier"] = segments.rank_tiers(customers["profit"], shares=shares)
    assert tiers.tolist() == customers["tier"].cat.codes.tolist()
    summary = segments.tier_summary(
        customers, tier_col="tier", value_cols=["profit", "cost_to_serve"]
    )
    assert sums[:, :3] == pytest.approx(summary[["customers", "profit", "cost_to_serve"]])


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda frame: frame[:0], "at least two accounts, and here are 0"),
        (lambda frame: frame[:1], "at least two accounts, and here are 1"),
        (lambda frame: frame.drop(columns="profit"), "needs the column 'profit'"),
        (lambda frame: frame.assign(profit=np.nan), "is missing"),
        (lambda frame: frame.assign(profit=-1.0), "bring no profit"),
    ],
)
def test_what_cannot_be_divided_is_said_in_the_panel(customers, spoil, sentence, monkeypatch):
    panel = panels.cut_offs(spoil(customers))
    assert sentence in panel.text and picture(panel) is None
    panel.controls["A"].value = 33  # moves nothing, and raises nothing
    assert panel.text in html.unescape(outputs(panel, monkeypatch)[0]["text/html"])


def test_equal_accounts_cannot_be_cut_until_they_differ(customers):
    panel = panels.cut_offs(customers.assign(profit=5.0))
    before = picture(panel)
    panel.controls["ranking"].value = "profit"
    assert panel.text == "All accounts are equal by profit: no cut-off divides them."
    assert picture(panel) is None
    panel.controls["ranking"].value = "revenue"
    assert picture(panel) == before


def test_the_stored_output_shows_the_panel_without_a_kernel(panel, monkeypatch):
    still, live = outputs(panel, monkeypatch)
    assert panel.text in still["text/plain"] and "12 bars" in still["text/plain"]
    for said in ('alt="Bars: each tier', "<figcaption", "“A ends at”", "“ranked by”"):
        assert said in still["text/html"]
    assert set(live) == {LIVE, "text/plain"} and live["text/plain"] == ""


def test_the_stored_output_is_the_same_every_time(customers, monkeypatch):
    one, other = (outputs(panels.cut_offs(customers), monkeypatch)[0] for _ in range(2))
    assert one == other


def test_state_is_taken_up_and_commit_hands_it_over(customers):
    kept = []
    panel = panels.cut_offs(customers, state={"A": 10}, on_commit=kept.append)
    assert "the best 10 %" in panel.text
    panel.controls["ranking"].value = "profit"
    panel.commit.click()
    assert kept == [{"A": 10, "B": 50, "C": 80, "ranking": "profit"}]


def test_a_problem_is_said_and_passes():
    class Half(Panel):
        def draw(self, fig):
            self.word = fig.text(0.5, 0.5, "", animated=True)

        def update(self, values):
            if values["share"] > 50:
                raise CourseError("More than half.")
            self.word.set_text(str(values["share"]))
            return f"{values['share']} of 100"

    panel = Half({"share": percent_slider("share", 20)}, caption="A number.")
    before = picture(panel)
    panel.controls["share"].value = 60
    assert (panel.text, picture(panel)) == ("More than half.", None)
    panel.controls["share"].value = 20
    assert (panel.text, picture(panel)) == ("20 of 100", before)
