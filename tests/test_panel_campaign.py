"""The campaign panel: what a letter adds is measured against those who got none."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_panels import outputs, picture

from helpers import charts, panels
from helpers.data import CourseError
from helpers.panels.campaign import WIDE, Trial


@pytest.fixture
def members():
    """Ten pairs, one of each mailed: a letter adds 20 yuan to the first five, costs the rest 10."""
    rank = np.repeat(np.arange(10, 0, -1), 2)
    mailed = np.tile([True, False], 10)
    margin = 50.0 + rank + np.where(mailed, np.where(rank > 5, 20, -10), 0)
    return pd.DataFrame({"mailed": mailed, "margin": margin, "best": rank, "worst": -rank})


@pytest.fixture
def panel(members):
    return panels.campaign(members, letter_cost=3, rules=["best", "worst"])


def test_a_letter_is_worth_what_it_adds_and_not_what_the_mailed_bought(panel):
    panel.controls["share"].value = 50
    assert "each letter adds +20.0 yuan of margin" in panel.text
    assert "the mailing earns 8,500 yuan" in panel.text  # 500 letters, each 20 less 3
    assert "to as many drawn by lot it earns 1,000 yuan" in panel.text  # 500, each 5 less 3
    assert "brought 78 yuan each, those like them without a letter 58" in panel.text
    assert panel._title.get_text() == "The first 50 % by best earn ¥8.50 k"
    panel.controls["rule"].value = "worst"
    assert "each letter adds −10.0 yuan" in panel.text and "loses 6,500 yuan" in panel.text
    assert panel._title.get_text() == "The first 50 % by worst lose ¥6.50 k"
    assert "may be nothing" not in panel.text  # harm can be sure as well
    panel.controls["share"].value = 100
    assert "each letter adds +5.0 yuan" in panel.text  # everybody: the rule has no say


def test_the_cost_of_a_letter_moves_the_whole_line(panel):
    before = panel._curve.get_ydata().copy()
    panel.controls["cost"].value = 5
    known = ~np.isnan(before)
    moved = (before - panel._curve.get_ydata())[known]
    assert moved == pytest.approx(10 * 2 * np.arange(1, 101)[known])
    assert panel._dot.get_ydata()[0] == pytest.approx(panel._curve.get_ydata()[29])


def test_the_band_reaches_1_96_standard_errors_to_either_side(panel, members):
    panel.controls["share"].value = 50
    share, edge = panel._band.get_paths()[0].vertices.T
    first = members.nlargest(10, "best").groupby("mailed")["margin"]
    reach = 1.96 * np.sqrt((first.var() / first.size()).sum())
    found = sorted(set(edge[share == 50].round(6)))
    assert found == pytest.approx([500 * (20 - reach - 3), 500 * (20 + reach - 3)])
    assert f"+20.0 yuan of margin, give or take {reach:.1f}" in panel.text
    assert np.abs(np.diff(share)).max() == 1  # there and back again: an outline, not a zigzag


def test_a_move_changes_the_picture_and_back(panel):
    first = picture(panel), panel.text
    panel.controls["share"].value = 60
    assert picture(panel) != first[0]
    panel.controls["share"].value = 30
    assert (picture(panel), panel.text) == first


def test_the_dashed_line_is_a_mailing_by_lot(panel):
    drawn = panel._lot.get_ydata()
    assert drawn[-1] == pytest.approx(1000 * (5 - 3)) and drawn[49] == pytest.approx(drawn[-1] / 2)


ROWS = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 99)), min_size=8, max_size=60
)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_it_agrees_with_plain_pandas(rows):
    frame = pd.DataFrame(rows, columns=["rank", "mailed", "margin"])
    frame["rank"] += np.arange(len(frame)) / 1000  # no ties: those are for the lot
    trial = Trial(frame, "rank")
    for percent in (20, 50, 100):
        first = frame.nlargest(round(percent / 100 * len(frame)), "rank")
        arms = first.groupby("mailed")["margin"].agg(["mean", "var", "size"])
        enough = len(arms) == 2 and (arms["size"] >= 2).all()
        assert trial.known[percent - 1] == enough
        if enough:
            extra = arms["mean"][True] - arms["mean"][False]
            error = np.sqrt((arms["var"] / arms["size"]).sum())
            assert trial.extra[percent - 1] == pytest.approx(extra, abs=1e-6)
            assert trial.error[percent - 1] == pytest.approx(error, abs=1e-4)


def test_equal_members_stand_in_an_order_by_lot_the_same_each_time():
    frame = pd.DataFrame({"mailed": [True, False] * 50, "margin": [1.0] * 50 + [9.0] * 50})
    one, other = (Trial(frame.assign(same=1), "same") for _ in range(2))
    assert (one.with_letter == other.with_letter).all()
    assert one.with_letter[49] not in (1.0, 9.0)  # not the order of the file


def test_the_band_holds_the_truth_in_about_95_of_100_trials():
    rng, held = np.random.default_rng(5), []
    for _ in range(300):
        mailed = rng.permutation([True, False] * 100)
        margin = rng.gamma(0.5, 80, 200) + 12 * mailed  # many buy little, few much
        frame = pd.DataFrame({"mailed": mailed, "margin": margin, "rule": rng.random(200)})
        trial = Trial(frame, "rule")
        held.append(np.abs(trial.extra - 12)[[49, 99]] <= WIDE * trial.error[[49, 99]])
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("letter_cost", [0, 0.8, 3, 40])
def test_whatever_a_letter_costs_the_curve_stays_in_the_picture(members, letter_cost):
    panel = panels.campaign(members, letter_cost=letter_cost, rules=["best", "worst"])
    low, high = panel._curve.axes.get_ylim()
    for rule in ("best", "worst"):
        panel.controls["rule"].value = rule
        for _, cost in panel.controls["cost"].options:
            panel.controls["cost"].value = cost
            share, band = panel._band.get_paths()[0].vertices.T
            drawn = np.append(panel._curve.get_ydata()[9:], band[share >= 10])
            assert low <= np.nanmin(drawn) and np.nanmax(drawn) <= high
            assert picture(panel)


def test_everything_written_stands_within_the_picture(panel):
    whole, ax = panel._figure.bbox, panel._curve.axes
    for box in (ax.get_tightbbox(), panel._title.get_window_extent()):  # ticks and legend too
        assert 0 <= box.x0 < box.x1 <= whole.width and 0 <= box.y0 < box.y1 <= whole.height
    below, names, above = (p.get_window_extent() for p in (ax, ax.get_legend(), panel._title))
    assert below.y1 < names.y0 and names.y1 < above.y0


def test_controls_begin_at_one_percent_and_at_no_cost(panel):
    assert [value for _, value in panel.controls["share"].options] == list(range(1, 101))
    assert [value for _, value in panel.controls["cost"].options] == list(range(21))


def test_a_long_name_of_a_rule_leaves_room_for_the_finding(members):
    rule = "those who have not bought anything for a year"
    panel = panels.campaign(members.rename(columns={"best": rule}), letter_cost=3, rules=[rule])
    panel.controls["share"].value = 100
    assert panel._title.get_text() == "The first 100 % by those who have not boug… earn ¥2.00 k"
    assert panel._title.get_window_extent().x1 < panel._figure.bbox.width
    assert rule in panel.text


def test_the_words_stand_under_the_picture(panel):
    panel.controls["share"].value = 60
    *_, words = panel._box.children
    assert panel.text.replace(" %", "&nbsp;%") in words.value


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda frame: frame[:0], "There is no member in this trial"),
        (lambda frame: frame.drop(columns="margin"), "needs the column 'margin'"),
        (lambda frame: frame.drop(columns="worst"), "needs the column 'worst'"),
        (lambda frame: frame.assign(best=np.nan), "are missing: who never bought"),
        (lambda frame: frame.assign(best="high"), "'best' must hold numbers"),
        (lambda frame: frame.assign(margin="12 yuan"), "'margin' must hold numbers"),
        (
            lambda frame: frame.assign(margin=frame["margin"].replace(80, np.inf)),
            "Some margin is infinite",
        ),
        (
            lambda frame: frame.assign(mailed=["yes", *frame["mailed"][1:]]),
            "mailed must be True or False",
        ),
        (lambda frame: frame[frame["mailed"]], "One half of the trial holds fewer than two"),
        (lambda frame: frame[:3], "One half of the trial holds fewer than two"),
    ],
)
def test_what_is_no_trial_is_said_in_the_panel(members, spoil, sentence):
    panel = panels.campaign(spoil(members), letter_cost=3, rules=["best", "worst"])
    assert sentence in panel.text and picture(panel) is None


def test_two_with_a_letter_and_two_without_are_enough(members):
    panel = panels.campaign(members[:4], letter_cost=3, rules=["best"], state={"share": 100})
    assert "each letter adds +20.0 yuan" in panel.text and picture(panel)


def test_without_a_rule_there_is_no_panel(members):
    with pytest.raises(CourseError, match="at least one rule"):
        panels.campaign(members, letter_cost=3, rules=[])
    one, same = (panels.campaign(members, letter_cost=3, rules=r) for r in ("best", ["best"]))
    assert one.text == same.text


@pytest.mark.parametrize("letter_cost", [-1, np.nan, np.inf, "3 yuan", None])
def test_what_is_no_cost_is_said(members, letter_cost):
    with pytest.raises(CourseError, match="letter_cost is an amount in yuan"):
        panels.campaign(members, letter_cost=letter_cost, rules=["best"])


@pytest.mark.filterwarnings("error")
def test_too_few_letters_to_compare_are_said_and_pass(members):
    first_all_mailed = members.assign(mailed=members["mailed"] | (members["best"] > 9))
    panel = panels.campaign(first_all_mailed, letter_cost=3, rules=["best", "worst"])
    before = picture(panel)
    panel.controls["share"].value = 4
    assert "one half of the trial holds fewer than two members" in panel.text
    assert picture(panel) is None
    panel.controls["share"].value = 30
    assert picture(panel) == before


def test_what_may_be_nothing_is_called_so():
    rng = np.random.default_rng(3)
    noise = pd.DataFrame({"mailed": [True, False] * 60, "margin": rng.normal(50, 30, 120)})
    panel = panels.campaign(noise.assign(any=range(120)), letter_cost=3, rules=["any"])
    trial = Trial(noise.assign(any=range(120)), "any")
    assert abs(trial.extra[29]) < WIDE * trial.error[29]
    assert "(so it may be nothing)" in panel.text


def test_state_commit_and_the_stored_picture(members, monkeypatch):
    kept = []
    panel = panels.campaign(
        members, letter_cost=3, rules=["best"], state={"share": 40}, on_commit=kept.append
    )
    panel.commit.click()
    assert kept == [{"rule": "best", "share": 40, "cost": 3}]
    still, _ = outputs(panel, monkeypatch)
    assert panel.text in still["text/plain"] and "“write to”" in still["text/html"]
    assert "yuan per 1,000" in charts.describe(panel._figure)
