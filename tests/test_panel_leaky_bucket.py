"""The leaky bucket: who is poured in, who leaks out, and from where on keeping costs too much."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text
from test_panels import outputs, picture

from helpers import charts, churn, panels
from helpers.data import CourseError
from helpers.panels.leaky_bucket import Base, break_even

LEAKS = {"quality": 0.05, "moved": 0.05, "service": 0.10}
GIVEN = {"customers": 100, "won": 10, "margin": 1000, "win_cost": 500, "halving_spend": 100}
NINE = pd.Series(
    {"unstable quality": 0.021, "lack of innovation": 0.008, "weak service": 0.026,
     "our rep left": 0.012, "a rival's offer": 0.018, "short-termism": 0.006,
     "closed": 0.011, "moved": 0.007, "no more need": 0.009}
)  # fmt: skip


@pytest.fixture
def panel():
    """A hundred customers, of whom twenty leave a year and ten come."""
    return panels.leaky_bucket(LEAKS, **GIVEN)


def move(panel, **values):
    for name, value in values.items():
        panel.controls[name].value = value


def choices(panel, name):
    each = panel.controls[name].options
    return [one if isinstance(one, str) else one[1] for one in each]


def widths(panel):
    """Of the stream in, and of the streams out by cause, in pixels."""
    spans = [np.ptp(path.vertices[:, 0]) for path in panel._streams.get_paths()]
    return np.ptp(panel._pour.get_xy()[:, 0]), dict(zip(panel._base.causes, spans, strict=True))


def height_of_water(panel):
    return np.ptp(panel._water.get_xy()[:, 1])


# ---- every move by hand --------------------------------------------------------------------------


def test_as_it_begins(panel):
    # 100, 90, 82, …: 50 + 50 × 0.8 ^ years. Year 1: 80 × 1000 − 10 × 500. The ninth level is 56.7.
    assert panel._title.get_text() == "100 customers leak away to 55 in ten years"
    assert "100 customers today, 55 in ten years; 20 won a year hold the level." in panel.text
    assert "Profit in year 10: ¥40.4 k (year 1: ¥75.0 k)." in panel.text
    # A yuan on each shrinks the 15 % that can be mended by ln 2 / 100: 0.15 × 1500 × 0.00693.
    assert "With the level held, a further yuan on keeping each saves 1.56" in panel.text
    # 100 × log2 1.56; and 225 × (1 − 2 ^ (−139 / 100)) = 139.
    assert "¥64.1 is best, beyond ¥139 it costs more than it saves" in panel.text


def test_as_many_won_as_leak_out_stand_still(panel):
    move(panel, won=20)
    assert panel._title.get_text() == "The bucket stands still at 100 customers"
    assert panel._line.get_ydata() == pytest.approx([100] * 11)
    stream_in, streams_out = widths(panel)
    assert stream_in == pytest.approx(sum(streams_out.values()))
    assert "Profit in year 10: ¥70.0 k (year 1: ¥70.0 k)" in panel.text  # 80 × 1000 − 20 × 500
    move(panel, won=30)  # 150 − 50 × 0.8 ^ 10
    assert panel._title.get_text() == "100 customers grow to 145 in ten years"


def test_spending_on_keeping_halves_what_can_be_mended(panel):
    move(panel, keeping=100, year=1)  # 5 + 2.5 + 5 of a hundred leave
    assert [words.get_text() for words in panel._numbers] == ["5.0", "2.5", "5.0"]
    assert panel._level.get_text() == "98"  # 100 − 12.5 + 10
    assert "Profit in year 1: ¥72.5 k." in panel.text  # 87.5 × 1000 − 100 × 100 − 10 × 500
    assert "saves 0.78;" in panel.text
    assert panel._spent.get_xdata() == [100]


def test_a_mended_hole_lets_nobody_out(panel):
    assert panel._patch.get_xdata().size == 0
    move(panel, mended="service", year=0)
    assert [words.get_text() for words in panel._numbers] == ["✓", "5.0", "5.0"]
    assert widths(panel)[1]["service"] == 0 < widths(panel)[1]["moved"]
    assert panel._patch.get_xdata() == panel._holes[:1]
    assert panel._title.get_text() == "The bucket stands still at 100 customers"
    assert "a further yuan on keeping each saves 0.52;" in panel.text  # a third
    assert "not even the first yuan pays." in panel.text
    assert panel._best_text.get_text() == "best: spend nothing" and not panel._even.get_xdata()


def test_what_it_costs_to_win_one_makes_keeping_worth_more(panel):
    best, even = (mark.get_xdata()[0] for mark in (panel._best, panel._even))
    move(panel, win_cost=1000)
    assert panel._lost_text.get_text() == "11 lost: ¥11.3 k"  # 56.7 × 0.2, each 1000
    assert "saves 2.08;" in panel.text
    assert panel._pour_text.get_text() == "10 won: ¥10.0 k"
    assert panel._best.get_xdata()[0] > best and panel._even.get_xdata()[0] > even
    move(panel, win_cost=0)
    assert "saves 1.04;" in panel.text and panel._pour_text.get_text() == "10 won: ¥0"


def test_one_looks_at_any_year(panel):
    heights = {}
    for year in (0, 1, 2, 10):
        move(panel, year=year)
        heights[year] = height_of_water(panel)
    assert heights[1] / heights[0] == pytest.approx(0.90)
    assert heights[2] / heights[0] == pytest.approx(0.82)
    move(panel, year=2)  # in it, of 90 customers 18 leave, with 1000 yuan each
    assert "100 customers today, 82 after year 2, 55 in ten years; 20 won a year" in panel.text
    assert panel._lost_text.get_text() == "18 lost: ¥18.0 k"
    assert panel._profit.get_text() == "profit ¥67.0 k"  # 72 × 1000 − 10 × 500
    assert panel._dot.get_xdata() == [2] and panel._dot.get_ydata() == pytest.approx([82])
    move(panel, year=0)  # today is seen with the year that begins
    assert panel._lost_text.get_text() == "20 lost: ¥20.0 k"
    assert panel._level.get_text() == "100" and "Profit in year 1: ¥75.0 k." in panel.text


# ---- the picture ---------------------------------------------------------------------------------


def test_streams_are_as_wide_as_what_runs_in_them(panel):
    move(panel, year=0)
    stream_in, out = widths(panel)
    assert out["service"] == pytest.approx(stream_in)  # ten leave by it, ten come
    assert out["quality"] == pytest.approx(out["moved"]) == pytest.approx(out["service"] / 2)
    move(panel, won=5)
    assert widths(panel)[0] == pytest.approx(stream_in / 2)


def test_the_holes_that_can_be_mended_come_first_the_largest_on_top(panel):
    assert panel._base.causes == ["service", "quality", "moved"]
    assert list(panel._rows) == sorted(panel._rows, reverse=True)
    assert choices(panel, "mended") == ["none", "service", "quality"]
    other = panels.leaky_bucket(LEAKS, **GIVEN, unavoidable="service")
    assert choices(other, "mended") == ["none", "quality", "moved"]
    shades = other._streams.get_facecolor()
    assert (shades[0] == shades[1]).all() and (shades[0] != shades[2]).any()


def test_the_money_curve_is_churns_cost_of_keeping(panel):
    cost = {"loss_rate": 0.2, "unavoidable": 0.05, "halving_spend": 100, "cost_of_a_loss": 1500}
    total = churn.cost_of_keeping(panel._spends, **cost)["total"]
    saved = (total[0] - total).to_numpy()
    assert panel._gain.get_ydata() == pytest.approx(saved / saved.max(), abs=1e-3)
    best, even = panel._best.get_xdata()[0], panel._even.get_xdata()[0]
    assert best == churn.best_spend(**cost)
    assert np.interp(even, panel._spends, saved) == pytest.approx(0, abs=0.1) and even > best
    assert panel._peak.get_text() == "+¥1.7 k"  # 100 × (225 − 225 / 1.56 − 64.1)


def test_a_move_changes_the_picture_and_back(panel):
    first = picture(panel), panel.text
    for name in panel.controls:
        before = panel.controls[name].value
        move(panel, **{name: next(each for each in choices(panel, name) if each != before)})
        assert picture(panel) != first[0]
        move(panel, **{name: before})
        assert (picture(panel), panel.text) == first


def test_what_is_not_drawn_again_stays_as_it_was_drawn(panel):
    states = [
        {"win_cost": 1000}, {"won": 20}, {"keeping": 120}, {"won": 3, "year": 2}, {"won": 20},
        {"mended": "service"}, {"mended": "quality"}, {"keeping": 0}, {"win_cost": 500},
    ]  # fmt: skip
    for state in states:
        move(panel, **state)
        assert picture(panel) == picture(panels.leaky_bucket(LEAKS, **GIVEN, state=panel.values))


def test_what_is_more_than_the_bucket_holds_runs_over():
    panel = panels.leaky_bucket(LEAKS, **GIVEN | {"won": 100})
    assert len(panel._over.get_paths()) == 2 and panel._dot.get_marker() == "^"
    assert panel._water.get_xy()[:, 1].max() == 334  # the rim, and no higher
    move(panel, year=0)
    assert not panel._over.get_paths() and panel._dot.get_marker() == "o"


EXTREMES = [
    {},
    {"year": 0},
    {"won": -1, "keeping": -1},
    {"won": 0},
    {"won": 0, "win_cost": 0, "year": 3},
    {"win_cost": -1, "keeping": -1},
    {"mended": -1, "win_cost": 0},
    {"mended": 1, "won": -1, "keeping": 3},
]


@pytest.mark.parametrize(
    ("leaks", "size"), [(NINE, 1), (NINE, 40), (NINE, 0.03), (NINE[-6:], 1), (NINE[-1:], 40)]
)
def test_words_stand_within_the_picture_and_not_on_each_other(leaks, size):
    panel = panels.leaky_bucket(
        leaks, customers=390 * size, won=28 * size, margin=46_000, win_cost=38_000,
        halving_spend=1500,
    )  # fmt: skip
    for places in EXTREMES:
        for name in panel.controls:
            options = choices(panel, name)
            at = places.get(name, 0 if name == "mended" else len(options) // 3)
            move(panel, **{name: options[min(at, len(options) - 1)]})
        assert not overlaps(panel), (places, overlaps(panel))


def overlaps(panel):
    """Pairs of words of which one covers the other, and words that leave the picture."""
    renderer = panel._canvas.get_renderer()
    boxes = []
    for part in panel._unchanged.values():
        part._show(True)
    for words in panel._figure.findobj(Text):
        if words.get_text() and words.get_visible():
            box = words.get_window_extent(renderer)
            boxes.append((words.get_text(), box.padded(0, -3)))  # the room of letters below
    whole = panel._figure.bbox
    faults = [
        (name, "outside")
        for name, box in boxes
        if not (box.x0 >= 0 and box.x1 <= whole.x1 and box.y0 >= -2 and box.y1 <= whole.y1)
    ]
    pairs = combinations(boxes, 2)
    return faults + [(one, other) for (one, a), (other, b) in pairs if a.overlaps(b)]


def test_a_long_cause_is_shortened_in_the_picture_only():
    long = "weak service after the sale, and before it too"
    panel = panels.leaky_bucket({long: 0.1}, **GIVEN)
    (shown,) = [w for w in panel._figure.findobj(Text) if w.get_text().startswith("weak service")]
    assert shown.get_text().endswith("…") and long in choices(panel, "mended")
    assert not overlaps(panel)


# ---- against a plain loop ------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    leaks=st.lists(st.integers(0, 11), min_size=1, max_size=9),
    won=st.integers(0, 90),
    spend=st.integers(0, 500),
    mended=st.integers(-1, 8),
    win_cost=st.integers(0, 3000),
)
def test_it_agrees_with_a_plain_loop(leaks, won, spend, mended, win_cost):
    shares = {f"cause {i}": leak / 100 for i, leak in enumerate(leaks)}
    series = pd.Series(shares, dtype=float)
    base = Base(series, 200, margin=900, halving_spend=150, unavoidable=["cause 0", "cause 3"])
    rate = 0
    for cause, share in shares.items():
        if cause != f"cause {mended}":
            rate += share * (1 if cause in ("cause 0", "cause 3") else 0.5 ** (spend / 150))
    levels, profits = [200], []
    for _ in range(10):
        stay = levels[-1] * (1 - rate)
        profits.append(stay * 900 - levels[-1] * spend - won * win_cost)
        levels.append(stay + won)
    found = base.rates(f"cause {mended}", spend).sum()
    assert found == pytest.approx(rate)
    assert base.levels(found, won) == pytest.approx(levels)
    money = {"won": won, "spend": spend, "win_cost": win_cost}
    assert base.profits(base.levels(found, won), found, **money) == pytest.approx(profits)

    # With the level held, a year's profit is the margin less what churn.cost_of_keeping adds up.
    cost = base.cost(f"cause {mended}", win_cost)
    total = churn.cost_of_keeping([0, spend, break_even(cost)], **cost)["total"]
    held = base.profits(np.array([200, 200]), found, **money | {"won": 200 * rate})
    assert held == pytest.approx([200 * (900 - total[1])])
    assert total[2] == pytest.approx(total[0])
    assert churn.best_spend(**cost) <= break_even(cost)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.floats(0, 0.11), min_size=1, max_size=9),
    st.floats(0.01, 1e6),
    st.floats(0, 1e5),
    st.sampled_from([0.21, 7, 1234.5, 1e6]),
)
@pytest.mark.filterwarnings("error")
def test_any_bucket_can_be_drawn_and_moved_to_its_ends(leaks, customers, won, margin):
    panel = panels.leaky_bucket(
        {str(i): leak for i, leak in enumerate(leaks)},
        customers=customers, won=won, margin=margin, win_cost=margin / 3,
        halving_spend=margin / 7, unavoidable=["1"],
    )  # fmt: skip
    for end in (0, -1):
        move(panel, **{name: choices(panel, name)[end] for name in panel.controls})
        assert picture(panel) and "nan" not in panel.text


def test_a_bucket_without_a_leak_stands_still():
    panel = panels.leaky_bucket({"service": 0.0}, **GIVEN | {"won": 0})
    assert panel._title.get_text() == "The bucket stands still at 100 customers"
    assert "0 won a year hold the level." in panel.text
    assert "saves 0.00; not even the first yuan pays." in panel.text


# ---- controls, state, faults ---------------------------------------------------------------------


def test_controls_offer_round_amounts_and_what_was_given():
    panel = panels.leaky_bucket(NINE, **GIVEN | {"customers": 390, "won": 28.37, "win_cost": 777})
    pours = choices(panel, "won")
    assert pours[0] == 0 and 28.37 in pours and pours[-1] >= 1.5 * 0.118 * 390
    assert 20 <= len(pours) <= 45 and 777 in choices(panel, "win_cost")
    assert [text for text, _ in panel.controls["keeping"].options][:2] == ["¥0", "¥10"]
    assert choices(panel, "year") == list(range(11))


def test_the_break_even_lies_within_the_picture_whatever_is_chosen(panel):
    for win_cost in choices(panel, "win_cost"):
        move(panel, win_cost=win_cost)
        assert panel._even.get_xdata()[0] <= panel._most_spent


def test_state_commit_and_the_stored_picture(monkeypatch):
    kept = []
    state = {"won": 12.5, "keeping": 33, "mended": "service", "win_cost": 432, "year": 4}
    panel = panels.leaky_bucket(LEAKS, **GIVEN, state=state, on_commit=kept.append)
    panel.commit.click()
    assert kept == [state]
    still, _ = outputs(panel, monkeypatch)
    assert panel.text in still["text/plain"] and "“won a year”" in still["text/html"]
    assert "stands still" in charts.describe(panel._figure)


def test_a_series_and_a_dictionary_serve_alike(panel):
    assert panels.leaky_bucket(pd.Series(LEAKS), **GIVEN).text == panel.text


@pytest.mark.parametrize(
    ("leaks", "sentence"),
    [
        ({}, "room for 1 to 9 holes, and here are 0"),
        ({str(i): 0.01 for i in range(10)}, "room for 1 to 9 holes, and here are 10"),
        ([0.1, 0.2], "leaks is a Series"),
        (pd.DataFrame({"rate": [0.1]}), "leaks is a Series"),
        ({"service": 12, "moved": 3}, "Leaks are shares"),
        ({"service": 0.7, "moved": 0.4}, "at most 1 in all"),
        ({"service": -0.1}, "Leaks are shares"),
        ({"service": np.nan}, "Leaks are shares"),
        ({"service": "10 %"}, "Leaks are shares"),
        (pd.Series([0.1, 0.2], index=["service", "service"]), "Two holes are called 'service'"),
    ],
)
def test_what_is_no_leak_is_said(leaks, sentence):
    with pytest.raises(CourseError, match=sentence):
        panels.leaky_bucket(leaks, **GIVEN)


@pytest.mark.parametrize("name", list(GIVEN))
@pytest.mark.parametrize("amount", [-1, np.nan, np.inf, "3 yuan", None])
def test_what_is_no_amount_is_said(name, amount):
    with pytest.raises(CourseError, match=f"{name} is a number"):
        panels.leaky_bucket(LEAKS, **GIVEN | {name: amount})


def test_who_brings_nothing_has_no_bucket():
    for name in ("customers", "margin", "win_cost", "halving_spend"):
        with pytest.raises(CourseError, match=f"{name} is a number above 0"):
            panels.leaky_bucket(LEAKS, **GIVEN | {name: 0})
