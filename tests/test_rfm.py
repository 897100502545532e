"""RFM, scores, purchase cycles and natural breaks: by hand, at the edges, and where peers fail."""

from itertools import combinations
from statistics import median

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import segments
from helpers.data import CourseError

COLUMNS = {"customer_id_col": "customer", "datetime_col": "date"}


def purchases(rows):
    frame = pd.DataFrame(rows, columns=["customer", "date", "yuan"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


def rfm(frame, *, end="2025-12-31", **options):
    return segments.rfm(
        frame, **COLUMNS, monetary_value_col="yuan", observation_period_end=end, **options
    ).set_index("customer")


def cycles(frame, *, end="2025-12-31"):
    table = segments.purchase_cycle(frame, **COLUMNS, observation_period_end=end)
    return table.set_index("customer")


@pytest.fixture
def five():
    """Ann buys often, Bo once and much, Cy long ago, Di and Ed the same."""
    return purchases(
        [
            ("Ann", "2025-12-01", 10.0),
            ("Ann", "2025-12-21", 20.0),
            ("Ann", "2025-12-31", 30.0),
            ("Bo", "2025-06-30", 900.0),
            ("Cy", "2023-01-01", 5.0),
            ("Cy", "2023-01-02", 5.0),
            ("Di", "2025-11-30", 40.0),
            ("Ed", "2025-11-30", 40.0),
        ]
    )


def test_by_hand(five):
    table = rfm(five)
    assert table["recency_days"].to_dict() == {"Ann": 0, "Bo": 184, "Cy": 1094, "Di": 31, "Ed": 31}
    assert table["n_purchases"].to_dict() == {"Ann": 3, "Bo": 1, "Cy": 2, "Di": 1, "Ed": 1}
    assert table["monetary"].to_dict() == {"Ann": 60, "Bo": 900, "Cy": 10, "Di": 40, "Ed": 40}
    assert table["mean_value"].to_dict() == {"Ann": 20, "Bo": 900, "Cy": 5, "Di": 40, "Ed": 40}
    assert table.loc["Ann", ["first_purchase", "last_purchase"]].to_list() == [
        pd.Timestamp("2025-12-01"),
        pd.Timestamp("2025-12-31"),
    ]
    # Of five customers each takes one score; Di and Ed share two ranks: (3 + 4) / 2 from below.
    assert table["r_score"].to_dict() == {"Ann": 5, "Bo": 2, "Cy": 1, "Di": 4, "Ed": 4}
    assert table["f_score"].to_dict() == {"Ann": 5, "Bo": 2, "Cy": 4, "Di": 2, "Ed": 2}
    assert table["m_score"].to_dict() == {"Ann": 4, "Bo": 5, "Cy": 1, "Di": 3, "Ed": 3}
    assert table["rfm_segment"].to_list() == ["554", "225", "141", "423", "423"]
    assert table.columns.to_list() == [
        "first_purchase", "last_purchase", "recency_days", "n_purchases", "monetary", "mean_value",
        "r_score", "f_score", "m_score", "rfm_segment",
    ]  # fmt: skip
    assert table["first_purchase"].dtype == table["last_purchase"].dtype == five["date"].dtype


def test_the_number_of_scores_holds_for_all_three(five):
    table = rfm(five, n_scores=2)
    assert table["rfm_segment"].to_list() == ["222", "112", "121", "211", "211"]


def test_scores_of_ten_different_values_are_fifths():
    assert segments.scores(pd.Series(range(10))).to_list() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    worst_first = segments.scores(pd.Series(range(10)), higher_is_better=False)
    assert worst_first.to_list() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert segments.scores(pd.Series(range(6)), n_scores=3).to_list() == [1, 1, 2, 2, 3, 3]
    assert worst_first.name == "score" and worst_first.dtype == "int64"


@pytest.mark.parametrize("count", [1, 2, 7])
def test_equals_all_get_the_middle_score(count):
    assert set(segments.scores(pd.Series([4.0] * count))) == {3}


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(-3, 6), min_size=1, max_size=40), st.integers(2, 9))
def test_scores_are_fair(values, n_scores):
    values = pd.Series(values, index=[f"c{i}" for i in range(len(values))])
    given_scores = segments.scores(values, n_scores=n_scores)
    assert given_scores.index.equals(values.index)
    assert given_scores.between(1, n_scores).all()
    by_value = given_scores.groupby(values).agg(["min", "max"])
    assert (by_value["min"] == by_value["max"]).all()  # equal customers, equal scores
    assert by_value["min"].is_monotonic_increasing  # nobody is worse off for more
    mirrored = segments.scores(-values, n_scores=n_scores, higher_is_better=False)
    assert mirrored.to_list() == given_scores.to_list()


END = pd.Timestamp("2025-06-01")
TRANSACTIONS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 400), st.integers(-500, 5000)),
    min_size=1,
    max_size=30,
).map(  # hours and cents: a day has more than one time, and sums of cents are never quite exact
    lambda rows: pd.DataFrame(
        {
            "customer": [customer for customer, *_ in rows],
            "date": [END - pd.Timedelta(hours=7 * hours) for _, hours, _ in rows],
            "yuan": [cents / 100 for *_, cents in rows],
        }
    )
)


@settings(max_examples=60, deadline=None)
@given(TRANSACTIONS)
def test_it_agrees_with_counting_by_hand(frame):
    table, habits = rfm(frame, end=END), cycles(frame, end=END)
    assert table.index.to_list() == habits.index.to_list() == sorted(set(frame["customer"]))
    for customer in table.index:
        own = [row for row in frame.itertuples() if row.customer == customer]
        ago = sorted({(END.date() - row.date.date()).days for row in own})
        row, habit = table.loc[customer], habits.loc[customer]
        assert row["recency_days"] == habit["silence_days"] == ago[0]
        assert row["last_purchase"] == END - pd.Timedelta(days=ago[0])
        assert row["first_purchase"] == END - pd.Timedelta(days=ago[-1])
        assert row["n_purchases"] == len(own) and habit["n_purchases"] == len(ago)
        assert row["monetary"] == round(sum(row.yuan for row in own), 2)
        assert row["mean_value"] == pytest.approx(row["monetary"] / len(own))
        if len(ago) < 3:
            assert np.isnan(habit["cycle_days"]) and np.isnan(habit["cycles_silent"])
        else:
            cycle = median(np.diff(ago))
            assert habit["cycle_days"] == cycle
            assert habit["cycles_silent"] == pytest.approx(ago[0] / cycle)


@settings(max_examples=60, deadline=None)
@given(TRANSACTIONS, st.randoms())
def test_customers_who_buy_alike_are_scored_alike(frame, random):
    twin = frame[frame["customer"] == "a"].assign(customer="twin of a")
    twin = twin.sample(frac=1, random_state=random.randint(0, 99))
    table = rfm(pd.concat([frame, twin]), end=END)
    if len(twin):
        assert table.loc["a"].to_list() == table.loc["twin of a"].to_list()


@settings(max_examples=60, deadline=None)
@given(TRANSACTIONS, st.randoms())
def test_the_order_of_rows_and_a_shift_in_time_change_nothing(frame, random):
    end = END
    mixed = frame.sample(frac=1, random_state=random.randint(0, 99))
    once = rfm(frame, end=end)
    pd.testing.assert_frame_equal(rfm(mixed, end=end), once, check_exact=True)
    pd.testing.assert_frame_equal(cycles(mixed, end=end), cycles(frame, end=end))
    week = pd.Timedelta(weeks=1)
    later = rfm(frame.assign(date=frame["date"] + week), end=end + week)
    dates = ["first_purchase", "last_purchase"]
    pd.testing.assert_frame_equal(later.drop(columns=dates), once.drop(columns=dates))
    assert once["monetary"].sum() == pytest.approx(frame["yuan"].sum())
    assert once["n_purchases"].sum() == len(frame)


# ---- what peers do wrong -------------------------------------------------------------------------


def test_peers_break_ties_by_customer_id():
    frame = purchases([(f"c{i:02}", "2025-05-05", 9.0) for i in range(20)])
    assert set(rfm(frame)["rfm_segment"]) == {"333"}


def test_the_last_bit_of_a_sum_breaks_no_tie():
    a, b = [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]
    assert a[0] + a[1] + a[2] != b[0] + b[1] + b[2]  # sum() is exact from Python 3.12 on
    frame = purchases([(name, "2025-05-05", y) for name, ys in (("a", a), ("b", b)) for y in ys])
    assert rfm(frame)["monetary"].to_list() == [0.6, 0.6]
    assert rfm(frame)["rfm_segment"].to_list() == ["333", "333"]


def test_peers_drop_rows_with_a_missing_date_without_a_word(five):
    five.loc[[0, 3], "date"] = pd.NaT
    with pytest.raises(CourseError, match="2 of 8 values in 'date' are missing"):
        rfm(five)


def test_peers_count_missing_spend_as_nothing(five):
    five.loc[1, "yuan"] = np.nan
    with pytest.raises(CourseError, match="1 of 8 values in 'yuan' are missing"):
        rfm(five)
    with pytest.raises(CourseError, match="3 of 8 values in 'customer' are missing"):
        rfm(five.assign(customer=five["customer"].where(five["customer"] != "Ann"), yuan=1.0))


def test_peers_answer_a_missing_column_with_a_bare_key_error(five):
    with pytest.raises(CourseError, match=r"missing required columns: \['customer', 'yuan'\]\."):
        rfm(five[["date"]])


def test_peers_answer_an_empty_table_obscurely(five):
    with pytest.raises(CourseError, match="There is no transaction: the table is empty"):
        rfm(five[:0])
    with pytest.raises(CourseError, match="There is no transaction: the table is empty"):
        cycles(five[:0])


def test_peers_let_results_depend_on_the_day_of_the_run(five):
    with pytest.raises(TypeError, match="observation_period_end"):
        segments.rfm(five, **COLUMNS, monetary_value_col="yuan")
    with pytest.raises(CourseError, match="'soon' is not"):
        rfm(five, end="soon")


def test_peers_leave_a_fifth_of_the_customers_in_a_segment_other(five):
    table = rfm(five)
    assert set(table.index) == set(five["customer"])
    assert table["rfm_segment"].str.fullmatch("[1-5]{3}").all()


def test_peers_fill_what_is_not_yet_known_with_zero(five):
    assert cycles(five).loc[["Bo", "Cy"], ["cycle_days", "cycles_silent"]].isna().all(axis=None)


def test_peers_change_the_frame_of_the_caller(five):
    before = five.copy()
    rfm(five)
    cycles(five)
    pd.testing.assert_frame_equal(five, before)


def test_peers_turn_a_segment_into_a_number(five):
    segment = rfm(five[five["customer"] != "Ann"])["rfm_segment"]
    assert all(isinstance(each, str) and len(each) == 3 for each in segment)


# ---- edges ---------------------------------------------------------------------------------------


def test_what_came_after_the_end_is_not_known_yet(five):
    table = rfm(five, end="2025-12-21")
    assert table.loc["Ann", ["recency_days", "n_purchases", "monetary"]].to_list() == [0, 2, 30]
    assert "Bo" not in rfm(five, end="2025-06-29").index
    with pytest.raises(CourseError, match="All transactions are later than 2022-12-31"):
        rfm(five, end="2022-12-31")


def test_the_last_day_counts_to_its_end():
    late = purchases([("a", "2025-12-31 23:30", 1.0)])
    assert rfm(late).loc["a", "recency_days"] == 0
    assert rfm(late, end=pd.Timestamp("2025-12-31 08:00")).loc["a", "recency_days"] == 0


def test_one_customer_and_one_purchase():
    table = rfm(purchases([("a", "2025-12-30", 7.0)]))
    assert table.loc["a", ["recency_days", "n_purchases", "monetary"]].to_list() == [1, 1, 7]
    assert table.loc["a", "rfm_segment"] == "333"


def test_lines_of_one_order_are_one_purchase(five):
    five["order"] = [1, 1, 2, 3, 4, 4, 5, 6]
    table = rfm(five, order_id_col="order")
    assert table["n_purchases"].to_dict() == {"Ann": 2, "Bo": 1, "Cy": 1, "Di": 1, "Ed": 1}
    assert table.loc["Ann", "mean_value"] == 30


def test_returns_lower_the_total(five):
    returned = pd.concat([five, purchases([("Bo", "2025-07-01", -900.0)])])
    assert rfm(returned).loc["Bo", "monetary"] == 0


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda f: f.assign(date=f["date"].astype(str)), "must hold dates .* pd.to_datetime"),
        (lambda f: f.assign(date=f["date"].dt.tz_localize("UTC")), "without a time zone"),
        (lambda f: f.assign(yuan=f["yuan"].astype(str)), "'yuan' must hold numbers"),
        (lambda f: pd.concat([f, f[["yuan"]]], axis=1), "two columns 'yuan'"),
        (lambda f: f.replace({"yuan": {900: np.inf}}), "'yuan' holds an infinite amount"),
        (lambda f: f["yuan"], "transactions must be a table .* not a Series"),
    ],
)
def test_a_wrong_column_is_named(five, spoil, sentence):
    with pytest.raises(CourseError, match=sentence):
        rfm(spoil(five))


def test_one_column_cannot_have_two_tasks(five):
    with pytest.raises(CourseError, match="one is named twice"):
        rfm(five, order_id_col="customer")


def test_the_table_of_a_column_that_also_names_the_index_is_understood(five):
    pd.testing.assert_frame_equal(rfm(five.set_index("customer", drop=False)), rfm(five))


@pytest.mark.parametrize("end", [20251231, 2025.0, np.int64(20251231), None, pd.NaT, [1]])
def test_an_end_that_is_no_date_is_named(five, end):
    with pytest.raises(CourseError, match="observation_period_end is a date like"):
        rfm(five, end=end)


@pytest.mark.parametrize("dtype", ["int64", "Int64", "Float64", "float32"])
def test_any_kind_of_number_is_money(five, dtype):
    table, other = rfm(five), rfm(five.astype({"yuan": dtype}))
    pd.testing.assert_frame_equal(other, table)


@pytest.mark.parametrize("dtype", ["category", "str", "object"])
def test_any_kind_of_id_names_a_customer(five, dtype):
    for function in (rfm, cycles):
        table = function(five.astype({"customer": dtype}))
        assert table.index.to_list() == ["Ann", "Bo", "Cy", "Di", "Ed"]
        pd.testing.assert_frame_equal(
            table.reset_index(drop=True), function(five).reset_index(drop=True)
        )


@pytest.mark.parametrize("n_scores", [1, 10, 0, 2.5, "5", None])
def test_scores_have_one_figure(n_scores):
    with pytest.raises(CourseError, match="n_scores is a whole number from 2 to 9"):
        segments.scores(pd.Series([1.0, 2.0]), n_scores=n_scores)


def test_values_to_score_are_one_column(five):
    with pytest.raises(CourseError, match=r"one column of a table \(a Series\), not a list"):
        segments.scores([1, 2, 3])
    with pytest.raises(CourseError, match=r"one column of a table \(a Series\), not a DataFrame"):
        segments.natural_breaks(five)


def test_beyond_all_bounds_is_a_value_like_others_to_a_rank():
    assert segments.scores(pd.Series([np.inf, 1.0, np.inf, 2.0])).to_list() == [4, 1, 4, 2]


# ---- cycles --------------------------------------------------------------------------------------


def test_each_is_measured_by_their_own_cycle(five):
    table = cycles(five)
    assert table.loc["Ann", ["n_purchases", "cycle_days", "silence_days"]].to_list() == [3, 15, 0]
    assert table.loc["Ann", "cycles_silent"] == 0
    assert cycles(five, end="2026-01-30").loc["Ann", "cycles_silent"] == 2  # 30 days of 15
    assert table.loc[["Bo", "Cy"], "cycle_days"].isna().all()  # one gap, or none, is no habit
    assert table.loc["Cy", "silence_days"] == 1094
    silent = ["silence_days", "cycles_silent"]
    assert table.columns.to_list() == ["n_purchases", "cycle_days", *silent]


def test_a_cycle_is_the_median_gap_of_one_customer_alone():
    """Gaps of 1, 2 and 30 days, beside one who bought long before and after."""
    days = ["2025-01-01", "2025-01-02", "2025-01-04", "2025-02-03"]
    rows = [("m", day, 1.0) for day in days]
    others = [(who, day, 1.0) for who in "az" for day in ("2020-01-01", "2025-12-31")]
    assert cycles(purchases(rows)).loc["m", "cycle_days"] == 2
    table = cycles(purchases([*others, *rows]))
    assert table["cycle_days"].fillna(-1).to_dict() == {"a": -1, "m": 2, "z": -1}
    assert table["silence_days"].to_dict() == {"a": 0, "m": 331, "z": 0}


def test_two_purchases_on_a_day_are_one_visit(five):
    twice = pd.concat([five, five])
    pd.testing.assert_frame_equal(cycles(twice), cycles(five))


# ---- natural breaks ------------------------------------------------------------------------------


def spread_within(values, breaks):
    classes = np.split(np.sort(values), np.searchsorted(np.sort(values), breaks))
    return sum(((each - each.mean()) ** 2).sum() for each in classes)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=4, max_size=14), st.integers(1, 4))
def test_natural_breaks_are_the_best_of_all(values, n_classes):
    values = np.array(values, dtype=float)
    different = np.unique(values)
    if len(different) < n_classes:
        with pytest.raises(CourseError, match="classes need as many different values"):
            segments.natural_breaks(pd.Series(values), n_classes=n_classes)
        return
    found = segments.natural_breaks(pd.Series(values), n_classes=n_classes)
    assert len(found) == n_classes - 1 and found == sorted(set(found)) and set(found) <= set(values)
    best = min(spread_within(values, cut) for cut in combinations(different[1:], n_classes - 1))
    assert spread_within(values, found) == pytest.approx(best)


def test_natural_breaks_by_hand():
    values = pd.Series([1.0, 2.0, 3.0, 40.0, 41.0, 90.0])
    assert segments.natural_breaks(values) == [40.0]
    assert segments.natural_breaks(values, n_classes=3) == [40.0, 90.0]
    assert segments.natural_breaks(values * 1e6 + 1e9) == [40e6 + 1e9]


def test_natural_breaks_see_small_steps_far_from_zero():
    values = pd.Series([0.0, 1.0, 50.0, 51.0, 80.0, 81.0]) + 1e12
    assert segments.natural_breaks(values, n_classes=3) == [1e12 + 50, 1e12 + 80]


def test_natural_breaks_see_small_classes_beside_giants():
    values = pd.Series([1.0, 2.0, 50.0, 51.0, 1e12, 2e12])
    assert segments.natural_breaks(values, n_classes=4) == [50.0, 1e12, 2e12]


@pytest.mark.parametrize("n_classes", [0, 4, 1.5, -1])
def test_natural_breaks_need_a_class_and_values_for_it(n_classes):
    with pytest.raises(CourseError, match="classes need as many different values"):
        segments.natural_breaks(pd.Series([1.0, 2.0, 3.0, 3.0]), n_classes=n_classes)
    with pytest.raises(CourseError, match="infinite value"):
        segments.natural_breaks(pd.Series([1.0, np.inf]))
