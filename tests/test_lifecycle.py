"""Stages, moves, points, lifetime value and warnings: by hand and by published tables."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import data, lifecycle
from helpers.data import CourseError

BOUGHT = {"customer_id_col": "who", "datetime_col": "day", "monetary_value_col": "yuan"}
END = pd.Timestamp("2025-12-31")


def bought(rows: dict[str, list[tuple[int, float]]]) -> pd.DataFrame:
    """Transactions from {customer: [(days before the end, yuan), …]}."""
    flat = [(who, END - pd.Timedelta(days=ago), yuan) for who in rows for ago, yuan in rows[who]]
    return pd.DataFrame(flat, columns=["who", "day", "yuan"])


def stage_of(purchases: list[tuple[int, float]], **thresholds) -> str:
    table = lifecycle.stages(
        bought({"x": purchases}), **BOUGHT, observation_period_end=END, **thresholds
    )
    return table["stage"].item()


def every(days: int, first: int, last: int, yuan: float = 10) -> list[tuple[int, float]]:
    return [(ago, yuan) for ago in range(first, last - 1, -days)]


# ---- stages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purchases", "stage"),
    [
        (every(30, 900, 10), "stable"),
        (every(30, 900, 400), "gone"),  # silent for 400 days, a cycle of 30
        (every(30, 900, 90), "stable"),  # three cycles to the day are not more than three
        (every(30, 900, 120), "gone"),  # four cycles, and more than half a window
        ([(170, 10), (100, 10), (5, 10)], "identify"),
        ([(182, 10), (100, 10)], "identify"),  # the last day of the window
        ([(183, 10), (100, 10)], "develop"),  # young, and buys as before
        (every(30, 900, 190, 100) + every(30, 170, 10, 50), "decline"),
        (every(30, 900, 190, 100) + every(30, 170, 10, 60), "stable"),
        (every(30, 900, 190, 100) + every(30, 170, 10, 130), "develop"),
        ([(800, 10)], "gone"),  # no cycle, silent for more than the window
        ([(300, 10), (182, 10)], "decline"),  # no cycle, silent for just the window
        (every(10, 901, 91), "decline"),  # nine cycles, but only half a window
        (every(10, 902, 92), "gone"),
        ([(365, 10), (200, 10), (5, 10)], "develop"),  # young to the day
        ([(366, 10), (200, 10), (5, 10)], "stable"),
        (every(60, 960, 180), "decline"),  # three cycles, and more than half a window
        (every(30, 900, 190, 100) + every(30, 170, 10, 125), "stable"),  # no more than `rising`
        ([(900, 5), (600, 5), (300, -50), (5, 0)], "stable"),  # returned more than was bought
    ],
)
def test_a_stage_follows_from_behaviour(purchases, stage):
    assert stage_of(purchases) == stage


def test_stages_stand_in_their_order_one_row_each():
    table = lifecycle.stages(
        bought({"b": every(30, 900, 10), "a": [(5, 1)]}), **BOUGHT, observation_period_end=END
    )
    assert table["who"].tolist() == ["a", "b"]
    assert table["stage"].cat.ordered and list(table["stage"].cat.categories) == [*lifecycle.STAGES]
    assert table.loc[1, ["lately", "before"]].tolist() == [60, 60]  # days 10 … 160, 190 … 340
    assert table["age_days"].tolist() == [5, 900]
    columns = ["who", "stage", "age_days", "cycles_silent", "lately", "before"]
    assert table.columns.tolist() == columns
    assert np.isnan(table.loc[0, "cycles_silent"]) and table.loc[1, "cycles_silent"] == 1


def test_lately_and_before_share_no_day_and_leave_none_out():
    ago = [0, 181, 182, 363, 364]
    rows = bought({"x": list(zip(ago, [0.1, 0.2, 4, 8, 16], strict=True))})
    table = lifecycle.stages(rows, **BOUGHT, observation_period_end=END)
    assert table[["lately", "before"]].iloc[0].tolist() == [0.3, 12]  # not 0.30000000000000004


def test_what_comes_after_the_day_is_not_known_yet():
    rows = bought({"x": every(30, 900, -300)})
    there = lifecycle.stages(rows, **BOUGHT, observation_period_end=END)
    only = lifecycle.stages(rows[rows["day"] <= END], **BOUGHT, observation_period_end=END)
    pd.testing.assert_frame_equal(there, only)


@pytest.mark.parametrize(
    "wrong",
    [
        {"falling": 1.2}, {"falling": 0}, {"rising": 0.9}, {"rising": np.nan}, {"cycles": 0},
        {"window_days": 0}, {"window_days": "182"}, {"young_days": 0}, {"young_days": None},
    ],
)  # fmt: skip
def test_thresholds_that_overlap_are_refused(wrong):
    with pytest.raises(CourseError, match="Thresholds"):
        stage_of([(5, 1)], **wrong)


# ---- moves ---------------------------------------------------------------------------------------

AB = ("a", "b")


@pytest.fixture
def moves():
    before = pd.Series(dict(zip("12345", "aaaab", strict=True)))
    after = pd.Series(dict(zip("12346", "aabbb", strict=True)))
    return lifecycle.transitions(before, after, states=AB)


def test_moves_are_counted_for_those_seen_twice(moves):
    pairs = [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]
    assert moves.index.tolist() == pairs and moves.index.names == ["from", "to"]
    assert moves.columns.tolist() == ["count", "n", "rate", "low", "high"]
    assert moves["count"].tolist() == [2, 2, 0, 0]
    assert moves["n"].tolist() == [4, 4, 0, 0]
    assert moves["rate"].tolist()[:2] == [0.5, 0.5] and moves["rate"].isna().tolist()[2:] == [1, 1]
    # Wilson's interval for 2 of 4, by hand: (0.5 + z²/8) / (1 + z²/4) less and plus the half.
    assert moves.loc[("a", "b"), ["low", "high"]].round(4).tolist() == [0.15, 0.85]
    assert moves[["low", "high"]].iloc[2:].isna().all(axis=None)


def test_a_rate_is_a_share_of_those_who_began_there():
    before = pd.Series(dict(zip("123456", "aaabba", strict=True)))
    after = pd.Series(dict(zip("123456", ["a", "b", "b", "a", "b", None], strict=True)))
    moves = lifecycle.transitions(before, after, states=AB)
    assert moves["rate"].tolist() == [1 / 3, 2 / 3, 1 / 2, 1 / 2]
    narrow = lifecycle.transitions(before, after, states=AB, confidence=0.5)
    assert (narrow["low"] > moves["low"]).all() and (narrow["high"] < moves["high"]).all()
    order = lifecycle.transitions(before.astype("category"), after, states=["b", "a", "c"])
    assert order["count"].tolist() == [1, 1, 0, 2, 1, 0, 0, 0, 0]
    assert lifecycle.matrix(order).index.tolist() == ["b", "a", "c"]


def test_the_states_of_a_move_are_the_stages_unless_others_are_named():
    one = pd.Series({"1": "stable"})
    moves = lifecycle.transitions(one, one)
    assert len(moves) == 25 and moves.loc[("stable", "stable"), "rate"] == 1


def test_a_state_that_nobody_left_stays_where_it_is(moves):
    assert lifecycle.matrix(moves).to_dict("index") == {
        "a": {"a": 0.5, "b": 0.5},
        "b": {"a": 0.0, "b": 1.0},
    }


def test_unknown_states_and_strangers_are_said():
    one = pd.Series({"1": "a"})
    with pytest.raises(CourseError, match=r"not among \['a', 'b'\]: \['z'\]"):
        lifecycle.transitions(one, pd.Series({"1": "z"}), states=AB)
    with pytest.raises(CourseError, match="compare the indexes"):
        lifecycle.transitions(one, pd.Series({"2": "a"}), states=AB)
    with pytest.raises(CourseError, match="index repeats"):
        lifecycle.transitions(pd.Series(["a", "b"], index=["1", "1"]), one, states=AB)
    with pytest.raises(CourseError, match="index repeats"):
        lifecycle.transitions(one, pd.Series(["a", "b"], index=["1", "1"]), states=AB)
    with pytest.raises(CourseError, match=r"\[3, 'z'\]"):
        lifecycle.transitions(pd.Series({"1": 3}), pd.Series({"1": "z"}), states=AB)
    with pytest.raises(CourseError, match="Series"):
        lifecycle.transitions(["a"], ["b"], states=AB)
    with pytest.raises(CourseError, match="each state once"):
        lifecycle.transitions(one, one, states=["a", "a"])


def test_a_table_of_moves_is_taken_whole(moves):
    for wrong in (moves.iloc[:3], moves[moves["count"] > 0], moves.reset_index()):
        with pytest.raises(CourseError, match="moves"):
            lifecycle.matrix(wrong)


RATES = pd.DataFrame([[0.7, 0.3], [0.1, 0.9]], index=AB, columns=AB)
LEAKY = pd.DataFrame([[0.8, 0.2], [0.0, 1.0]], index=AB, columns=AB)


def test_a_base_is_projected_as_by_hand():
    seen = lifecycle.project(pd.Series({"a": 100}), RATES, periods=2, entering={"b": 10})
    assert seen.to_numpy().round(9).tolist() == [[100, 0], [70, 40], [53, 67]]
    assert seen.columns.tolist() == ["a", "b"] and seen.index.tolist() == [0, 1, 2]
    assert seen.index.name == "period"
    as_objects = lifecycle.project({"a": 100}, RATES.astype(object), periods=2, entering={"b": 10})
    pd.testing.assert_frame_equal(as_objects, seen)


def test_no_period_is_the_start():
    assert lifecycle.project({"b": 3}, RATES, periods=0).to_numpy().tolist() == [[0, 3]]


def test_a_steady_state_is_where_the_projection_ends():
    held = lifecycle.steady_state(LEAKY, entering={"a": 10})
    assert held.to_dict() == pytest.approx({"a": 50}) and held.name == "customers"
    again = lifecycle.steady_state(LEAKY.astype(object), entering=pd.Series({"a": 10}))
    assert again.to_dict() == pytest.approx({"a": 50})
    end = lifecycle.project(pd.Series({"a": 0}), LEAKY, periods=300, entering={"a": 10}).iloc[-1]
    assert end["a"] == pytest.approx(50)
    with pytest.raises(CourseError, match="from a, b: with newcomers the base grows on"):
        lifecycle.steady_state(RATES, entering={"a": 1})


def test_a_state_that_leads_nowhere_but_back_has_no_steady_state():
    """Half of a and b change places for ever; c ends. And a chain of states that all end does."""
    circle = pd.DataFrame(
        [[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 1]], index=[*"abc"], columns=[*"abc"]
    )
    with pytest.raises(CourseError, match="from a, b:"):
        lifecycle.steady_state(circle, entering={"a": 1})
    chain = pd.DataFrame([[0, 1, 0], [0, 0.5, 0.5], [0, 0, 1]], index=[*"abc"], columns=[*"abc"])
    held = lifecycle.steady_state(chain, entering={"a": 3, "c": 5})
    assert held.to_dict() == pytest.approx({"a": 3, "b": 6})


@pytest.mark.parametrize("start", [{"a": -1}, {"a": np.nan}, {"a": "x"}, {"a": np.inf}, 5])
def test_counts_that_are_none_are_refused(start):
    with pytest.raises(CourseError, match="customers"):
        lifecycle.project(start, RATES, periods=1)
    with pytest.raises(CourseError, match="customers"):
        lifecycle.project({"a": 1}, RATES, periods=1, entering=start)
    with pytest.raises(CourseError, match="customers"):
        lifecycle.project(pd.Series([1, 2], index=["a", "a"]), RATES, periods=1)


@pytest.mark.parametrize(
    "rates",
    [
        RATES * 2,
        RATES.rename(columns={"a": "c"}),
        RATES - 0.5,
        RATES.iloc[:1],
        RATES.to_numpy(),
        pd.DataFrame([[1.5, -0.5], [0, 1]], index=AB, columns=AB),
        RATES.replace(0.7, "x"),
        RATES.rename(index={"b": "a"}, columns={"b": "a"}),
    ],
)
def test_what_is_no_matrix_of_rates_is_refused(rates):
    with pytest.raises(CourseError, match="rates"):
        lifecycle.project(pd.Series({"a": 1}), rates, periods=1)
    with pytest.raises(CourseError, match="does not know"):
        lifecycle.project(pd.Series({"z": 1}), RATES, periods=1)


def test_half_life():
    assert lifecycle.half_life(0.5) == 1 and lifecycle.half_life(0.25) == 0.5
    assert 0.9 ** lifecycle.half_life(0.9) == pytest.approx(0.5)
    assert lifecycle.half_life(0) == 0 and lifecycle.half_life(1) == np.inf
    for wrong in (1.01, -0.01, np.nan, None, "0.5"):
        with pytest.raises(CourseError, match="retention is a share"):
            lifecycle.half_life(wrong)


@pytest.mark.parametrize("periods", [-1, 2.5, "3", None])
def test_periods_are_counted_in_whole_numbers(periods):
    fit = lifecycle.Fit({"r": 1.0, "alpha": 5.0, "a": 0.9, "b": 2.5}, 0.0, 0)
    one = pd.DataFrame({"frequency": [1], "recency": [2.0], "T": [9.0]})
    calls = [
        lambda: lifecycle.project({"a": 1}, RATES, periods=periods),
        lambda: lifecycle.sbg_survival(1, 1, periods=periods),
        lambda: lifecycle.constant_value(
            margin=1, retention=0.5, discount_rate=0, periods=-2 if periods is None else periods
        ),
    ]
    if periods != 2.5:  # BG/NBD knows any length of time
        calls.append(lambda: lifecycle.expected_purchases(fit, one, periods=periods))
    for call in calls:
        with pytest.raises(CourseError, match=r"periods is a (whole )?number from 0"):
            call()
    assert lifecycle.constant_value(margin=1, retention=0.5, discount_rate=0, periods=0) == 0
    assert len(lifecycle.sbg_survival(1, 1, periods=np.int64(0))) == 1


# ---- points --------------------------------------------------------------------------------------


def test_points_are_owed_until_they_are_handed_in():
    dates = pd.DatetimeIndex(
        map(pd.Timestamp, ["2025-01-01", "2025-02-01", "2025-12-31 18:00", "2026-01-01"])
    )
    given_ = pd.DataFrame({"m": [1, 1, 2, 2], "date": dates, "points": [600, 100, 50, 9_999]})
    taken = pd.DataFrame({"m": [1], "date": dates[:1], "points": [500]})
    owed = lifecycle.points_liability(
        given_, taken, customer_id_col="m", at=END, point_cost=0.01, redemption_rate=0.8
    )
    assert owed.to_dict("list") == {
        "m": [1, 2],
        "earned": [700, 50],
        "redeemed": [500, 0],
        "balance": [200, 50],
        "liability": [pytest.approx(1.6), pytest.approx(0.4)],
    }
    every = given_[:3].assign(m=pd.Categorical([1, 1, 2], categories=[1, 2, 3]))
    rules = {"customer_id_col": "m", "at": END, "point_cost": 0.01}
    full = lifecycle.points_liability(every, taken, **rules)
    assert full["liability"].tolist() == pytest.approx([2, 0.5])  # all will be handed in
    assert full["m"].tolist() == [1, 2]  # 3 never had a point
    with pytest.raises(CourseError, match="1 members handed in more points"):
        lifecycle.points_liability(given_[2:], taken, customer_id_col="m", at=END, point_cost=0.01)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": [100.0, np.nan]}, "missing"),
        ({"points": [100.5, 50]}, "whole numbers from 0"),
        ({"points": [100, -50]}, "whole numbers from 0"),
        ({"points": ["100", "50"]}, "must hold numbers"),
        ({"points": [100, np.inf]}, "infinite"),
        ({"date": ["2025-01-01", "2025-01-02"]}, "must hold dates"),
        ({"m": [1, None]}, "missing"),
    ],
)
def test_points_that_are_none_are_refused(change, said):
    points = pd.DataFrame({"m": [1, 2], "date": pd.Timestamp("2025-01-01"), "points": [100, 50]})
    rules = {"customer_id_col": "m", "at": END, "point_cost": 0.01}
    with pytest.raises(CourseError, match=said):
        lifecycle.points_liability(points.assign(**change), points[:0], **rules)
    with pytest.raises(CourseError, match=said):
        lifecycle.points_liability(points, points.assign(**change), **rules)
    nothing = pd.DataFrame(columns=["m", "date", "points"])
    owed = lifecycle.points_liability(points[::-1], nothing, **rules)
    assert owed["m"].tolist() == [1, 2] and owed["redeemed"].tolist() == [0, 0]
    spent = lifecycle.points_liability(points, points[:1], **rules)  # all that there were
    assert spent["balance"].tolist() == [0, 50]
    for wrong in ({"point_cost": -1}, {"redemption_rate": 1.1}, {"point_cost": np.nan}):
        with pytest.raises(CourseError, match="redemption_rate"):
            lifecycle.points_liability(points, nothing, **rules | wrong)
    with pytest.raises(CourseError, match=r"2 members .* 1 first"):  # text and numbers do not meet
        lifecycle.points_liability(points.astype({"m": str}), points, **rules)


@pytest.mark.parametrize("name", ["stage", "lately", "frequency", "T", "earned"])
def test_a_customer_column_must_not_be_called_like_a_result(name):
    rows = bought({"x": every(30, 300, 10)}).rename(columns={"who": name})
    with pytest.raises(CourseError, match=f"'{name}' is a column of the result"):
        if name in ("stage", "lately"):
            lifecycle.stages(rows, **BOUGHT | {"customer_id_col": name}, observation_period_end=END)
        elif name == "earned":
            lifecycle.points_liability(rows, rows, customer_id_col=name, at=END, point_cost=1)
        else:
            lifecycle.lifetime_summary(
                rows, customer_id_col=name, datetime_col="day", observation_period_end=END
            )


@pytest.mark.parametrize("seed", [data.COMMITTED_SEED, 7])
def test_no_member_of_a_world_hands_in_more_than_were_given(world, seed):
    tables = world(seed)
    owed = lifecycle.points_liability(
        tables["purchases"], tables["redemptions"], customer_id_col="member_id", at=END,
        point_cost=0.008,
    )  # fmt: skip
    assert owed["earned"].sum() == tables["purchases"]["points"].sum()
    assert (owed["balance"] >= 0).all()


# ---- lifetime value ------------------------------------------------------------------------------


def test_constant_value_by_hand():
    three = lifecycle.constant_value(margin=100, retention=0.8, discount_rate=0.25, periods=3)
    assert three == pytest.approx(100 + 64 + 40.96)
    forever = lifecycle.constant_value(margin=100, retention=0.8, discount_rate=0.25)
    assert forever == pytest.approx(100 / (1 - 0.64))
    assert lifecycle.constant_value(margin=100, retention=0, discount_rate=0.1) == 100
    dear = lifecycle.constant_value(margin=100, retention=0.5, discount_rate=1)
    assert dear == pytest.approx(100 / 0.75)
    shrinking = lifecycle.constant_value(margin=1, retention=0.4, discount_rate=-0.2, periods=2)
    assert shrinking == pytest.approx(1.5)
    assert lifecycle.constant_value(margin=-3, retention=0.5, discount_rate=0, periods=1) == -3
    still = lifecycle.constant_value(margin=1, retention=1, discount_rate=0, periods=3)
    assert still == 3  # nobody leaves, but an end is set
    for rate, periods in ((0, None), (-0.5, None), (-1, None), (-0.5, 2_000)):
        with pytest.raises(CourseError, match="no end"):
            lifecycle.constant_value(margin=1, retention=1, discount_rate=rate, periods=periods)
    for wrong in ({"margin": np.nan}, {"retention": 1.1}, {"discount_rate": -1.1}):
        with pytest.raises(CourseError, match="retention a share"):
            lifecycle.constant_value(
                **{"margin": 1, "retention": 0.5, "discount_rate": 0.1} | wrong
            )


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "log_likelihood"),
    [
        ([1000, 631, 468, 382, 326, 289, 262, 241], 0.704, 1.182, -1680.27),
        ([1000, 869, 743, 653, 593, 551, 517, 491], 0.668, 3.806, -1611.16),
    ],
)
def test_sbg_finds_what_fader_and_hardie_2007_published(survivors, alpha, beta, log_likelihood):
    fit = lifecycle.fit_sbg(survivors)
    assert round(fit["alpha"], 3) == alpha and round(fit["beta"], 3) == beta
    assert round(fit.log_likelihood, 2) == log_likelihood and fit.n == 1000
    shares = lifecycle.sbg_survival(fit["alpha"], fit["beta"], periods=7)
    assert np.abs(1000 * shares - survivors).max() < 20
    retention = shares[1:] / shares[:-1]
    assert (np.diff(retention) > 0).all()  # it rises with age


@pytest.mark.parametrize(
    "survivors",
    [
        [10, 11, 9], [10, 10, 10], [10, 5], [10, np.nan, 5], [[10, 5, 4]], [10, 5, -1], "abc", None,
        [10, 0, 0], [10, None, 5], ["ten", "five", "one"],
    ],
)  # fmt: skip
def test_survivors_that_are_none_are_refused(survivors):
    with pytest.raises(CourseError, match=r"[Ss]urvivors"):
        lifecycle.fit_sbg(survivors)


@pytest.mark.parametrize(
    "survivors",
    [[100, 90, 81, 72.9], [100, 10, 10, 10], [100, 100, 50], [1_000_000, 999_999, 999_998]],
)
def test_survivors_without_a_maximum_are_no_fit(survivors):
    """All leave at one rate; all leave at once or never; none leaves at first; hardly any does."""
    with pytest.raises(CourseError, match="found no maximum"):
        lifecycle.fit_sbg(survivors)


def test_a_fit_of_shares_is_that_of_counts():
    counts = np.array([1000, 631, 468, 382])
    fit, share = lifecycle.fit_sbg(counts), lifecycle.fit_sbg(counts / 1000)
    assert share.parameters == pytest.approx(fit.parameters, rel=1e-5)
    assert share.log_likelihood * 1000 == pytest.approx(fit.log_likelihood)
    # The chance to stay: (beta + t - 1) / (alpha + beta + t - 1); 3/5 and then 4/6 of that.
    assert lifecycle.sbg_survival(2, 3, periods=2).tolist() == pytest.approx([1, 0.6, 0.4])
    for wrong in ((0, 1), (1, 0), (np.nan, 1), (1, np.inf)):
        with pytest.raises(CourseError, match="alpha and beta"):
            lifecycle.sbg_survival(*wrong, periods=2)


@pytest.fixture(scope="module")
def cdnow():
    """The summary of the CDNOW sample (Fader & Hardie 2001), as the package `lifetimes` ships it.

    The package is not imported: it is archived, and only its file is wanted.
    """
    package = Path(importlib.util.find_spec("lifetimes").submodule_search_locations[0])
    rows = pd.read_csv(
        package / "datasets" / "CDNOW_sample.txt", sep=r"\s+", header=None, dtype={2: "str"},
        names=["master", "who", "day", "cds", "dollars"],
    )  # fmt: skip
    rows["day"] = pd.to_datetime(rows["day"])
    assert len(rows) == 6_919
    return lifecycle.lifetime_summary(
        rows, customer_id_col="who", datetime_col="day", monetary_value_col="dollars",
        observation_period_end="1997-09-30",
    )  # fmt: skip


@pytest.fixture(scope="module")
def bg_nbd(cdnow):
    return lifecycle.fit_bg_nbd(cdnow)


def test_the_summary_of_cdnow_is_the_published_one(cdnow):
    assert len(cdnow) == 2_357
    means = cdnow[["frequency", "recency", "T"]].mean()
    assert means.round(4).tolist() == [1.0424, 6.8458, 32.7159]
    repeat = cdnow[cdnow["frequency"] > 0]
    assert len(repeat) == 946 and round(repeat["monetary_value"].mean(), 2) == 35.08
    columns = ["who", "frequency", "recency", "T", "monetary_value"]
    assert cdnow.columns.tolist() == columns and cdnow["who"].is_monotonic_increasing


def test_bg_nbd_finds_what_fader_hardie_and_lee_2005_published(cdnow, bg_nbd):
    found = {name: round(value, 3) for name, value in bg_nbd.parameters.items()}
    assert found == {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426} and bg_nbd.n == 2_357
    assert round(bg_nbd.log_likelihood, 1) == -9582.4
    first = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
    expected = lifecycle.expected_purchases(bg_nbd, first, periods=39)
    assert round(expected.item(), 3) == 1.226 and expected.name == "expected_purchases"
    assert lifecycle.chance_alive(bg_nbd, first).name == "chance_alive"


def test_gamma_gamma_finds_what_is_published(cdnow):
    fit = lifecycle.fit_gamma_gamma(cdnow)
    assert (round(fit["p"], 2), round(fit["q"], 2), round(fit["gamma"], 2)) == (6.25, 3.74, 15.44)
    assert fit.n == 946
    from scipy.stats import betaprime

    own = cdnow[cdnow["frequency"] > 0]  # x m / gamma is beta prime, with p x and q
    x, total = own["frequency"], own["frequency"] * own["monetary_value"] / fit["gamma"]
    logs = betaprime.logpdf(total, fit["p"] * x, fit["q"]) + np.log(x / fit["gamma"])
    assert fit.log_likelihood == pytest.approx(logs.sum())
    spend = lifecycle.expected_spend(fit, cdnow)
    mean_of_all = fit["p"] * fit["gamma"] / (fit["q"] - 1)
    assert spend[cdnow["frequency"] == 0].round(9).unique().tolist() == [round(mean_of_all, 9)]
    repeat = cdnow["frequency"] > 0
    own = cdnow.loc[repeat, "monetary_value"]
    between = spend[repeat].between(
        own.clip(upper=mean_of_all) - 1e-9, own.clip(lower=mean_of_all) + 1e-9
    )
    assert between.all()  # each is drawn from its own mean towards that of all
    assert spend.name == "expected_spend" and spend.index.equals(cdnow.index)
    three = pd.DataFrame({"frequency": [10, 1, 12], "monetary_value": [33, 22, 51]})
    assert lifecycle.fit_gamma_gamma(three).n == 3  # as few as can be


@pytest.mark.parametrize("unit", [7, 1 / 52, 1e5])
def test_fits_are_the_same_in_any_unit(cdnow, bg_nbd, unit):
    """Weeks, days, years, and seconds nearly; dollars, cents, millions."""
    other = lifecycle.fit_bg_nbd(cdnow.assign(recency=cdnow["recency"] * unit, T=cdnow["T"] * unit))
    expected = bg_nbd.parameters | {"alpha": bg_nbd["alpha"] * unit}
    assert other.parameters == pytest.approx(expected, rel=1e-4)
    shift = cdnow["frequency"].sum() * np.log(unit)  # a density, per unit of time
    assert other.log_likelihood == pytest.approx(bg_nbd.log_likelihood - shift, abs=1e-3)
    spend = lifecycle.fit_gamma_gamma(cdnow)
    other = lifecycle.fit_gamma_gamma(cdnow.assign(monetary_value=cdnow["monetary_value"] * unit))
    expected = spend.parameters | {"gamma": spend["gamma"] * unit}
    assert other.parameters == pytest.approx(expected, rel=1e-4)
    shift = spend.n * np.log(unit)
    assert other.log_likelihood == pytest.approx(spend.log_likelihood - shift, abs=1e-3)


@pytest.mark.parametrize("a", [1.0, 1 - 1e-15, 1 + 1e-9, 1 + 1e-6, 300.0, 1e5])
@pytest.mark.parametrize("periods", [1e-6, 39, 1e4])
def test_expected_purchases_hold_where_the_formula_divides_by_nothing(a, periods):
    """At a = 1 it is 0 / 0, with many purchases or a large it overflows: against an integral."""
    from scipy.integrate import quad
    from scipy.stats import beta

    fit = lifecycle.Fit({"r": 0.25, "alpha": 4.4, "a": a, "b": 2.4 * a}, 0.0, 0)
    seen = pd.DataFrame({"frequency": [0, 2, 800], "recency": [0, 30.4, 99], "T": [20, 38.9, 100]})
    told = lifecycle.expected_purchases(fit, seen, periods=periods)
    told = told / lifecycle.chance_alive(fit, seen)
    for (x, _, age), value in zip(seen.to_numpy(), told, strict=True):
        leaves = beta(a, 2.4 * a + x)

        def more(u, x=x, age=age, leaves=leaves):
            p = leaves.ppf(u)
            return -np.expm1(-(0.25 + x) * np.log1p(p * periods / (4.4 + age))) / p

        assert value == pytest.approx(quad(more, 0, 1, limit=200)[0], rel=1e-5)


def test_no_time_brings_no_purchase_and_much_silence_no_error(bg_nbd):
    seen = pd.DataFrame({"frequency": [0, 9, 3_000], "recency": [0, 1.0, 1.0], "T": 1e4})
    assert lifecycle.expected_purchases(bg_nbd, seen, periods=0).tolist() == [0, 0, 0]
    chance = lifecycle.chance_alive(bg_nbd, seen)
    assert chance[0] == 1 and chance[1] < 1e-20 and chance[2] == 0
    seen = seen.set_index(pd.Index(["x", "x", "y"]))
    assert lifecycle.expected_purchases(bg_nbd, seen, periods=9).index.equals(seen.index)
    assert lifecycle.expected_purchases(bg_nbd, seen[:0], periods=9).empty
    # One repeat, just now: alive unless left at once, with odds a / b.
    now = pd.DataFrame({"frequency": [1], "recency": [9.0], "T": [9.0]})
    odds = bg_nbd["a"] / bg_nbd["b"]
    assert lifecycle.chance_alive(bg_nbd, now).item() == pytest.approx(1 / (1 + odds))


def test_expected_purchases_agree_with_many_drawn_customers():
    """A customer who never bought again: chance and number against a simulation of the story."""
    fit = lifecycle.Fit({"r": 0.8, "alpha": 5.0, "a": 0.9, "b": 2.5}, 0.0, 0)
    rng = np.random.default_rng(1)
    rate = rng.gamma(fit["r"], 1 / fit["alpha"], 400_000)
    leave = rng.beta(fit["a"], fit["b"], len(rate))
    silent = rng.exponential(1 / rate) > 20  # no repeat in 20 weeks
    rate, leave = rate[silent], leave[silent]
    clock, alive, later = np.zeros(len(rate)), np.ones(len(rate), dtype=bool), 0
    while alive.any():
        clock += rng.exponential(1 / rate)
        alive &= clock <= 10
        later += alive.sum()
        alive &= rng.random(len(rate)) > leave
    seen = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [20.0]})
    told = lifecycle.expected_purchases(fit, seen, periods=10).item()
    assert later / len(rate) == pytest.approx(told, rel=0.03)
    assert lifecycle.chance_alive(fit, seen).item() == 1


def test_the_longer_the_silence_the_smaller_the_chance(bg_nbd):
    silent = pd.DataFrame({"frequency": 5, "recency": [30.0, 20.0, 10.0], "T": 30.0})
    chance = lifecycle.chance_alive(bg_nbd, silent)
    assert chance.is_monotonic_decreasing and chance.between(0, 1).all()
    more = lifecycle.expected_purchases(bg_nbd, silent, periods=52)
    assert (more > lifecycle.expected_purchases(bg_nbd, silent, periods=26)).all()


def test_a_summary_counts_days_and_leaves_the_first_out():
    rows = bought({"a": [(70, 5), (14, 10), (14, 20), (0, 60)], "b": [(7, 9)]})
    table = lifecycle.lifetime_summary(
        rows, customer_id_col="who", datetime_col="day", monetary_value_col="yuan",
        observation_period_end=END,
    ).set_index("who")  # fmt: skip
    assert table.loc["a"].tolist() == [2, 10, 10, 45]  # repeats of 30 and 60 yuan
    assert table.loc["b", ["frequency", "recency", "T"]].tolist() == [0, 0, 1]
    assert np.isnan(table.loc["b", "monetary_value"])


@pytest.mark.parametrize(
    ("unit", "days"), [("day", 1), ("week", 7), ("month", 30.4375), ("year", 365.25)]
)
def test_a_summary_counts_time_in_its_unit(unit, days):
    table = lifecycle.lifetime_summary(
        bought({"a": [(70, 5), (14, 10)]}), customer_id_col="who", datetime_col="day",
        observation_period_end=END, unit=unit,
    )  # fmt: skip
    assert table[["recency", "T"]].iloc[0].tolist() == pytest.approx([56 / days, 70 / days])


def test_a_summary_of_many_customers_over_many_years_is_exact():
    """100,000 customers × 27,000 days: more than a small whole number holds."""
    rows = pd.DataFrame({"who": np.repeat(np.arange(100_000), 2), "day": END, "yuan": 1.0})
    rows.loc[1::2, "day"] = END - pd.Timedelta(days=27_000)
    table = lifecycle.lifetime_summary(
        rows, customer_id_col="who", datetime_col="day", observation_period_end=END, unit="day"
    )
    assert (table["frequency"] == 1).all() and (table["recency"] == 27_000).all()


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40), st.integers(1, 9)), min_size=1)
)
def test_a_summary_agrees_with_plain_pandas(rows):
    table = bought({who: [(ago, y) for w, ago, y in rows if w == who] for who in "abc"})
    got = lifecycle.lifetime_summary(
        table, customer_id_col="who", datetime_col="day", monetary_value_col="yuan",
        observation_period_end=END, unit="day",
    ).set_index("who")  # fmt: skip
    days = table.groupby(["who", "day"])["yuan"].sum().reset_index()
    by = days.groupby("who")["day"]
    assert got["frequency"].tolist() == (by.size() - 1).tolist()
    assert got["recency"].tolist() == (by.max() - by.min()).dt.days.tolist()
    assert got["T"].tolist() == (END - by.min()).dt.days.tolist()
    repeats = days[days["day"] > by.transform("min")].groupby("who")["yuan"].mean()
    expected = repeats.reindex(got.index)
    assert np.allclose(got["monetary_value"], expected, equal_nan=True)


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ({"frequency": [1], "recency": [5], "T": [4]}, "cannot pass T"),
        ({"frequency": [0], "recency": [5], "T": [9]}, "is 0 where frequency is"),
        ({"frequency": [3], "recency": [0], "T": [9]}, "is 0 where frequency is"),
        ({"frequency": [1], "recency": [-3], "T": [9]}, "is 0 where frequency is"),
        ({"frequency": [0], "recency": [-3], "T": [9]}, "is 0 where frequency is"),
        ({"frequency": [0], "recency": [0], "T": [-9]}, "cannot pass T"),
        ({"frequency": [1.5], "recency": [5], "T": [9]}, "whole numbers"),
        ({"frequency": [-1], "recency": [0], "T": [9]}, "whole numbers"),
        ({"frequency": [1], "recency": [5], "T": [np.inf]}, "infinite"),
        ({"frequency": ["1"], "recency": [5], "T": [9]}, "must hold numbers"),
        ({"frequency": [0, 0], "recency": [0, 0], "T": [4, 9]}, "bought twice"),
        ({"frequency": [np.nan], "recency": [0], "T": [4]}, "no missing"),
        ({"frequency": [1], "recency": [1]}, r"missing required columns: \['T'\]"),
    ],
)
def test_a_summary_that_contradicts_itself_is_refused(summary, said, bg_nbd):
    with pytest.raises(CourseError, match=said):
        lifecycle.fit_bg_nbd(pd.DataFrame(summary))
    if said != "bought twice":
        with pytest.raises(CourseError, match=said):
            lifecycle.expected_purchases(bg_nbd, pd.DataFrame(summary), periods=1)
        with pytest.raises(CourseError, match=said):
            lifecycle.chance_alive(bg_nbd, pd.DataFrame(summary))


@pytest.mark.parametrize(
    ("spent", "said"),
    [
        ({"frequency": [2, 1, 3], "monetary_value": [9, 8, np.nan]}, "missing"),
        ({"frequency": [2, 1, 3], "monetary_value": [9, 8, 0]}, "1 repeat buyers"),
        ({"frequency": [2, 1, 3], "monetary_value": [9, 8, -5]}, "not above 0"),
        ({"frequency": [2, 1, 3], "monetary_value": [9, 8, np.inf]}, "infinite"),
        ({"frequency": [2, 1, 0.5], "monetary_value": [9, 8, 7]}, "whole numbers"),
        ({"frequency": [2, 1, np.nan], "monetary_value": [9, 8, 7]}, "missing"),
    ],
)
def test_spending_that_cannot_be_is_refused(spent, said):
    fit = lifecycle.Fit({"p": 6.0, "q": 3.7, "gamma": 15.0}, 0.0, 0)
    with pytest.raises(CourseError, match=said):
        lifecycle.fit_gamma_gamma(pd.DataFrame(spent))
    with pytest.raises(CourseError, match=said):
        lifecycle.expected_spend(fit, pd.DataFrame(spent))


def test_a_fit_without_its_parameters_is_refused(bg_nbd):
    seen = pd.DataFrame({"frequency": [1], "recency": [2], "T": [3], "monetary_value": [4]})
    wrong = lifecycle.Fit(bg_nbd.parameters | {"a": np.nan}, 0.0, 0)
    zero = lifecycle.Fit(bg_nbd.parameters | {"a": 0.0}, 0.0, 0)
    for fit in (wrong, zero, lifecycle.Fit({"p": 1.0}, 0.0, 0), None):
        with pytest.raises(CourseError, match="a fit with r, alpha, a, b"):
            lifecycle.chance_alive(fit, seen)
        with pytest.raises(CourseError, match="a fit with r, alpha, a, b"):
            lifecycle.expected_purchases(fit, seen, periods=1)
    with pytest.raises(CourseError, match="a fit with p, q, gamma"):
        lifecycle.expected_spend(bg_nbd, seen)
    with pytest.raises(CourseError, match="no mean exists"):
        lifecycle.expected_spend(lifecycle.Fit({"p": 6.0, "q": 1.0, "gamma": 1.0}, 0.0, 0), seen)
    # By hand: p (gamma + x m) / (p x + q - 1), and two repeat buyers are too few for a fit.
    fit = lifecycle.Fit({"p": 2.0, "q": 4.0, "gamma": 6.0}, 0.0, 0)
    spend = lifecycle.expected_spend(fit, seen.set_axis(["x"]))
    assert spend.to_dict() == {"x": 2 * (6 + 4) / (2 + 3)}
    with pytest.raises(CourseError, match="at least three repeat buyers"):
        lifecycle.fit_gamma_gamma(pd.concat([seen, seen, seen.assign(frequency=0)]))


def test_a_fit_that_found_no_maximum_says_so():
    """Everybody buys every week to the end: nobody leaves, so no chance to leave can be found."""
    alike = pd.DataFrame({"frequency": [20] * 30, "recency": [20.0] * 30, "T": [20.0] * 30})
    with pytest.raises(CourseError, match="BG/NBD found no maximum"):
        lifecycle.fit_bg_nbd(alike)
    three = pd.DataFrame({"frequency": [3, 0, 1], "recency": [10, 0, 4], "T": [20, 20, 20]})
    with pytest.raises(CourseError, match="BG/NBD found no maximum"):
        lifecycle.fit_bg_nbd(three)
    same = pd.DataFrame({"frequency": [5] * 30, "monetary_value": [9.0] * 30})
    with pytest.raises(CourseError, match="Gamma-gamma found no maximum"):
        lifecycle.fit_gamma_gamma(same)


def test_of_two_valleys_the_deeper_one_counts():
    def cost(x):
        return (x[0] ** 2 - 1) ** 2 + 0.1 * x[0]

    for starts in ([(-2.0,), (2.0,)], [(2.0,), (-2.0,)]):
        assert lifecycle._minimum(cost, starts, "It").x[0] == pytest.approx(-1.012, abs=1e-3)


# ---- warning -------------------------------------------------------------------------------------


def test_a_warning_adds_the_weights_of_the_signs_that_are_up():
    signs = pd.DataFrame({"silent": [True, False, None], "falls": [True, True, False]})
    score = lifecycle.warning_score(signs.set_index(pd.Index([*"xyz"])))
    assert score.to_dict() == {"x": 2, "y": 1, "z": 0} and score.name == "warning_score"
    assert score.dtype == float
    unknown = signs.astype("boolean")
    assert lifecycle.warning_score(unknown, weights=pd.Series({"silent": 2})).tolist() == [2, 0, 0]
    weighed = lifecycle.warning_score(signs, weights={"silent": 2.5, "falls": 1})
    assert weighed.tolist() == [3.5, 1, 0]
    with pytest.raises(CourseError, match="'falls' holds other values"):
        lifecycle.warning_score(signs.assign(falls=[3, 0, 1]))
    with pytest.raises(CourseError, match=r"missing required columns: \['gone'\]"):
        lifecycle.warning_score(signs, weights={"gone": 1})
    assert lifecycle.warning_score(signs, weights={"falls": -1}).tolist() == [-1, -1, 0]
    for weights in ({}, [1, 2], {"silent": 1, "falls": np.nan}, {"falls": "2"}):
        with pytest.raises(CourseError, match="eight"):
            lifecycle.warning_score(signs, weights=weights)
    with pytest.raises(CourseError, match="stands here twice"):
        lifecycle.warning_score(signs.set_axis(["a", "a"], axis="columns"))
    for none in (None, signs[[]]):
        with pytest.raises(CourseError, match="one column of True or False"):
            lifecycle.warning_score(none)


def test_no_caller_s_frame_is_changed():
    rows = bought({"a": every(30, 300, 10), "b": every(9, 90, 1)})
    kept = rows.copy(deep=True)
    lifecycle.stages(rows, **BOUGHT, observation_period_end=END)
    summary = lifecycle.lifetime_summary(rows, **BOUGHT, observation_period_end=END)
    pd.testing.assert_frame_equal(rows, kept)
    kept = summary.copy(deep=True)
    fit = lifecycle.Fit({"r": 1.0, "alpha": 5.0, "a": 0.9, "b": 2.5}, 0.0, 0)
    lifecycle.expected_purchases(fit, summary, periods=3)
    pd.testing.assert_frame_equal(summary, kept)
