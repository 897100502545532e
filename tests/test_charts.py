"""Charts: what they draw is the data, what they say is true, and all of it can be read."""

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from helpers import charts, segments
from helpers.data import CourseError

PROFIT = pd.Series([60.0, 50.0, 10.0, 0.0, -5.0, -15.0]) * 1e4

FIELDS = {
    "x_col": "revenue",
    "y_col": "profit",
    "cuts": (200e4, 10e4),
    "names": [["small and good", "large and good"], ["small and poor", "large and poor"]],
    "xlabel": "revenue (yuan)",
    "ylabel": "profit (yuan)",
}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def customers():
    """Six accounts whose names are as long as a name gets."""
    revenue = pd.Series([300.0, 200.0, 100.0, 50.0, 250.0, 100.0]) * 1e4
    frame = pd.DataFrame({"revenue": revenue, "profit": PROFIT, "cost_to_serve": revenue / 10})
    frame["name"] = [f"Shijiazhuang Number {i} Machinery Works" for i in range(6)]
    frame["tier"] = segments.rank_tiers(frame["revenue"], shares={"A": 0.34, "B": 0.33, "C": 0.33})
    frame["pyramid"] = segments.rank_tiers(frame["profit"])
    return frame


def every_chart(customers):
    curves = {name: segments.concentration_curve(customers[name]) for name in ("revenue", "profit")}
    summary = segments.tier_summary(
        customers, tier_col="tier", value_cols=["revenue", "profit", "cost_to_serve"]
    )
    yield charts.concentration_curve({"revenue": curves["revenue"]})
    yield charts.concentration_curve(curves)
    yield charts.concentration_curve({"revenue": curves["revenue"], "orders": curves["revenue"]})
    yield charts.whale_curve(curves["profit"], total=PROFIT.sum())
    yield charts.ranked_bars(customers)
    yield charts.tier_bars(summary)
    yield charts.cross_table(pd.crosstab(customers["tier"], customers["pyramid"]))
    yield charts.waterfall({"revenue": 1e7, "cost of goods": -7e6, "cost to serve": -2e6})
    yield charts.bars(
        {"the decider and the approver": 0.5, "nobody": -0.1},
        label="share of deals won",
        number=charts.percent,
        title="Meet the decider",
        notes=["of 120", "of 8"],
    )
    yield charts.quadrants(customers, **FIELDS)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def title(ax):
    return " ".join(ax.get_title(loc="left").split())


def test_concentration_curve_marks_what_the_best_hold(customers):
    curve = segments.concentration_curve(customers["revenue"])
    ax = charts.concentration_curve({"revenue": curve}, top=0.5)
    (mark,) = [line for line in ax.lines if line.get_label() == "top 50 %"]
    assert mark.get_ydata() == pytest.approx([0.75])  # 300, 250 and 200 of 1000
    assert title(ax) == "The best 50 % of accounts bring 75 % of revenue"
    assert "75 % of revenue" in texts(ax)


def test_whale_curve_tells_losers_from_those_who_bring_nothing():
    ax = charts.whale_curve(segments.concentration_curve(PROFIT), total=PROFIT.sum())
    assert "peak: 120 % at 50 % of accounts" in texts(ax)
    assert "33 % of accounts lose money" in texts(ax)  # two of six; the fourth brings zero
    assert "end: 100 % = ¥1.00 m" in texts(ax)
    assert title(ax) == "50 % of accounts earn 120 % of the profit; the rest lose 20 %"


def test_whale_curve_without_losses_says_so():
    ax = charts.whale_curve(segments.concentration_curve(PROFIT.clip(lower=1)))
    assert title(ax) == "No accounts lose money: the profit only grows"


def test_ranked_bars_run_from_best_to_worst_and_hatch_the_losses(customers):
    ax = charts.ranked_bars(customers.sample(frac=1, random_state=1))
    gains, losses = ax.patches
    assert gains.get_data()[0].tolist() == PROFIT.clip(lower=0).tolist()
    assert losses.get_data()[0].tolist() == PROFIT.clip(upper=0).tolist()
    assert losses.get_hatch() and not gains.get_hatch()
    assert title(ax) == "2 of 6 accounts lose ¥200 k together"


def test_tier_bars_print_every_share(customers):
    summary = segments.tier_summary(customers, tier_col="tier", value_cols=["profit"])
    ax = charts.tier_bars(summary, share_cols={"profit_share": "profit"})
    assert texts(ax) == ["105 %", "−5 %", "0 %", "profit"]


def test_cross_table_prints_every_count(customers):
    counts = pd.crosstab(customers["tier"], customers["pyramid"])
    printed = np.reshape([int(text) for text in texts(charts.cross_table(counts))], counts.shape)
    assert (printed == counts.to_numpy()).all()


def test_waterfall_ends_on_what_remains():
    ax = charts.waterfall({"revenue": 100, "cost of goods": -70, "refund": 5, "credit": -40})
    bars = [(bar.get_y(), bar.get_height()) for bar in ax.patches]
    assert bars == [(0, 100), (100, -70), (30, 5), (35, -40), (0, -5)]
    assert title(ax) == "Of 100 yuan of revenue, −5 remain as profit"


def test_charts_draw_on_the_axes_they_are_given(customers):
    ax = charts.new_axes()
    assert charts.ranked_bars(customers, ax=ax) is ax


def written(ax):
    """Every text that is drawn: of the ticks' labels only those within the limits."""
    of_ticks, seen = set(), []
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks():
            of_ticks |= {tick.label1, tick.label2}
            seen += [tick.label1] if low <= tick.get_loc() <= high else []
    seen += [text for text in ax.findobj(Text) if text not in of_ticks]
    return [text for text in seen if text.get_text()]


def test_every_text_is_large_enough_and_lies_free_inside_the_figure(customers):
    for ax in every_chart(customers):
        fig = ax.figure
        fig.draw_without_rendering()
        boxes = {text: text.get_window_extent() for text in written(ax)}
        for text, box in boxes.items():
            assert text.get_fontsize() * 100 / 72 >= 24, text
            assert fig.bbox.x0 <= box.x0 and box.x1 <= fig.bbox.x1, text
            assert fig.bbox.y0 <= box.y0 and box.y1 <= fig.bbox.y1, text
        for (one, its_box), (other, other_box) in combinations(boxes.items(), 2):
            assert not its_box.overlaps(other_box), (title(ax), one, other)


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: charts.concentration_curve({}), "one to four curves"),
        (
            lambda: charts.whale_curve(segments.concentration_curve(pd.Series([1.0]))),
            "at least 3 rows",
        ),
        (lambda: charts.ranked_bars(pd.DataFrame({"profit": []})), "'name'"),
        (lambda: charts.ranked_bars(pd.DataFrame({"name": [], "profit": []})), "at least 1 row"),
        (lambda: charts.ranked_bars(pd.DataFrame({"name": ["K1"], "profit": [0]})), "all zero"),
        (lambda: charts.tier_bars(pd.DataFrame({"profit_share": [np.nan]})), "total zero"),
        (lambda: charts.cross_table(pd.DataFrame({"gold": [0]})), "all of its cells are zero"),
        (lambda: charts.waterfall({"revenue": 0, "cost": -1}), "above zero"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_sentence(draw, sentence):
    with pytest.raises(CourseError, match=sentence):
        draw()


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (12_345_678, "¥12.3 m"),
        (999_950, "¥1.00 m"),
        (-45_000, "−¥45.0 k"),
        (0, "¥0"),
        (2.5e9, "¥2.50 bn"),
    ],
)
def test_yuan(amount, text):
    assert charts.yuan(amount) == text


@pytest.fixture
def displayed(monkeypatch):
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: outputs.append(data))
    return outputs


def test_show_emits_alt_text_picture_and_description_and_closes(displayed, customers):
    ax = charts.ranked_bars(customers)
    result = charts.show(ax, alt='Bars: "A" & B', caption="Profit < revenue")
    (output,) = displayed
    assert result is None and not plt.get_fignums()
    assert 'alt="Bars: &quot;A&quot; &amp; B"' in output["text/html"]
    assert "Profit &lt; revenue</figcaption>" in output["text/html"]
    assert 'width="1000"' in output["text/html"]
    assert output["image/png"].startswith(b"\x89PNG")
    assert output["text/plain"].startswith("figure: 2 of 6 accounts lose ¥200 k together")


def test_show_wants_alt_text(displayed, customers):
    with pytest.raises(CourseError, match="alt="):
        charts.show(charts.ranked_bars(customers), alt=" ")
    assert not displayed


def test_the_description_follows_the_data_and_nothing_else(customers):
    before = [charts.describe(ax.figure) for ax in every_chart(customers)]
    plt.close("all")
    assert [charts.describe(ax.figure) for ax in every_chart(customers)] == before
    ax = charts.new_axes()
    for change in (
        lambda: ax.plot([0, 1], [0, 2]),
        lambda: ax.scatter([0, 1], [0, 2]),
        lambda: ax.fill_between([0, 1], [0, 2]),
        lambda: ax.bar([0, 1], [0, 2]),
        lambda: ax.imshow([[0, 1], [2, 3]]),
        lambda: ax.set_xlabel("years"),
        lambda: ax.set_yticks([0, 1], ["none", "all"]),
        lambda: ax.set_title("A finding", loc="left"),
    ):
        said = charts.describe(ax.figure)
        change()
        assert charts.describe(ax.figure) != said


def test_bars_keep_their_order_and_print_their_numbers():
    ax = charts.bars(
        pd.Series({"b": 3.0, "a": -1.5}),
        label="yuan",
        number=charts.yuan,
        title="t",
        notes=["x", "y"],
    )
    assert [bar.get_width() for bar in ax.patches] == [3.0, -1.5]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "a"]
    assert texts(ax) == ["¥3  x", "−¥2  y"]
    assert [bar.get_hatch() for bar in ax.patches] == [None, "//"]
    for nothing in ({}, {"a": float("nan")}):
        with pytest.raises(CourseError, match="bars needs at least one value"):
            charts.bars(nothing, label="yuan", title="t")


def test_quadrants_count_a_point_on_a_cut_as_high(customers):
    ax = charts.quadrants(customers, **FIELDS)
    assert texts(ax) == [
        "small and good: 1 (17 %)",
        "large and good: 2 (33 %)",
        "small and poor: 2 (33 %)",
        "large and poor: 1 (17 %)",
    ]
    assert title(ax) == "2 of 6 are large and good"
    assert [len(points.get_offsets()) for points in ax.collections] == [1, 2, 2, 1]


def test_quadrants_spread_points_alike_each_time_and_never_over_a_cut(customers):
    drawn = [
        charts.quadrants(customers, **(FIELDS | {"jitter": 4e4})).collections for _ in range(2)
    ]
    for one, other in zip(*drawn, strict=True):
        assert (one.get_offsets() == other.get_offsets()).all()
    assert len(drawn[0][1].get_offsets()) == 2


def test_quadrants_without_a_known_point_say_so(customers):
    with pytest.raises(CourseError, match="no customer with both"):
        charts.quadrants(customers.assign(profit=np.nan), **FIELDS)
