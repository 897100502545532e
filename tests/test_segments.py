"""Segmentation, proved by hand at its edges."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import segments
from helpers.data import CourseError

YEAR = {"start": "2025-01-01", "end": "2025-12-31"}


@pytest.fixture
def books():
    """Two accounts, small enough to reckon on paper."""
    day = pd.to_datetime
    return {
        "orders": pd.DataFrame(
            {
                "account_id": ["K2", "K1", "K1", "K1"],
                "date": day(["2025-12-01", "2025-01-01", "2025-03-01", "2024-12-31"]),
                "sku": ["P1", "P1", "P2", "P1"],
                "quantity": [10, 10, 1, 1000],
                "unit_price": [100.0, 90.0, 365.0, 90.0],
                "paid": day([None, "2025-01-01", "2025-04-10", None]),
            }
        ),
        "products": pd.DataFrame({"sku": ["P1", "P2"], "unit_cost": [60.0, 165.0]}),
        "touches": pd.DataFrame(
            {
                "account_id": ["K1", "K1", "K2", "K1", "K3"],
                "date": day(["2025-02-01", "2025-02-02", "2025-02-03", "2024-02-01", "2025-05-05"]),
                "channel": ["visit", "call", "email", "visit", "visit"],
                "minutes": [90, 30, 5, 600, 60],
            }
        ),
        "tickets": pd.DataFrame(
            {
                "account_id": ["K2", "K2"],
                "opened": day(["2025-06-01", "2026-01-01"]),
                "kind": ["return", "return"],
            }
        ),
        "cost_rates": pd.DataFrame(
            {
                "activity": ["order_line", "visit", "call", "email", "return"],
                "yuan": [5.0, 200.0, 60.0, 2.0, 80.0],
            }
        ),
    }


def test_account_profit_by_hand(books):
    profit = segments.account_profit(**books, cost_of_capital=0.10, **YEAR).set_index("account_id")
    assert profit.index.tolist() == ["K1", "K2"]  # K3 was visited, but bought nothing
    assert profit["revenue"].tolist() == [900 + 365, 1000]
    assert profit["gross_margin"].tolist() == [300 + 200, 400]
    assert profit["cost_to_serve"].tolist() == [2 * 5 + 1.5 * 200 + 0.5 * 60, 5 + 2 + 80]
    # 365 yuan lent for 40 days; 1000 yuan still unpaid after 30 days
    assert profit["credit_cost"].tolist() == pytest.approx(
        [365 * 0.1 * 40 / 365, 1000 * 0.1 * 30 / 365]
    )
    assert profit["profit"].tolist() == pytest.approx([160 - 4, 313 - 100 * 30 / 365])
    costs = ["gross_margin", "cost_to_serve", "credit_cost", "profit"]
    assert list(profit.columns) == ["revenue", *costs]


def test_a_line_paid_after_the_period_is_lent_to_its_end(books):
    books["orders"]["paid"] = pd.to_datetime(["2026-03-01", *["2026-01-15"] * 3])
    profit = segments.account_profit(**books, cost_of_capital=0.10, **YEAR).set_index("account_id")
    lent = 900 * 364 + 365 * 305
    assert profit["credit_cost"].tolist() == pytest.approx([lent / 3650, 1000 * 30 / 3650])


def test_activities_are_counted_in_the_units_of_their_rates(books):
    amounts = segments.activity_amounts(books["orders"], books["touches"], books["tickets"])
    assert amounts.index.name == "account_id" and amounts.columns.name == "activity"
    assert amounts.to_dict("index") == {
        "K1": {"call": 0.5, "email": 0, "order_line": 3, "return": 0, "visit": 11.5},
        "K2": {"call": 0, "email": 1, "order_line": 1, "return": 2, "visit": 0},
        "K3": {"call": 0, "email": 0, "order_line": 0, "return": 0, "visit": 1},
    }


def test_account_profit_leaves_its_tables_alone(books):
    before = {name: table.copy() for name, table in books.items()}
    segments.account_profit(**books, cost_of_capital=0.10, **YEAR)
    for name, table in books.items():
        pd.testing.assert_frame_equal(table, before[name])


def test_account_profit_names_what_is_missing(books):
    def without(table, frame):
        return {**books, table: frame}

    cases = [
        (without("orders", books["orders"].drop(columns="sku")), r"orders.*\['sku'\]"),
        (without("orders", books["orders"].iloc[:0]), "No order lies between"),
        (without("products", books["products"].iloc[:1]), "no row for P2"),
        (without("cost_rates", books["cost_rates"].iloc[:-1]), "no rate for return"),
    ]
    for tables, sentence in cases:
        with pytest.raises(CourseError, match=sentence):
            segments.account_profit(**tables, cost_of_capital=0.10, **YEAR)


def test_accounts_without_any_service_cost_nothing_to_serve_but_their_lines(books):
    books["touches"], books["tickets"] = books["touches"].iloc[:0], books["tickets"].iloc[:0]
    profit = segments.account_profit(**books, cost_of_capital=0.0, **YEAR)
    assert profit["cost_to_serve"].tolist() == [10, 5]


def test_concentration_curve_by_hand():
    curve = segments.concentration_curve(pd.Series([10, 60, 50, -20]))
    assert curve.columns.tolist() == ["customer_share", "value_share"]
    assert curve["customer_share"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert curve["value_share"].tolist() == [0, 0.6, 1.1, 1.2, 1.0]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60).filter(any))
def test_the_curve_of_a_value_without_losses_is_concave_above_the_diagonal(values):
    curve = segments.concentration_curve(pd.Series(values))
    steps = curve["value_share"].diff().dropna()
    assert (steps.diff().dropna() <= 1e-9).all()
    assert (curve["value_share"] >= curve["customer_share"] - 1e-9).all()
    assert curve["value_share"].iloc[-1] == pytest.approx(1)


def test_top_share_by_hand():
    values = pd.Series([1, 5, 2, 1, 1])
    assert segments.top_share(values, top=0.2) == segments.top_share(values) == 0.5
    assert segments.top_share(values, top=0.3) == pytest.approx(0.6)  # and half of the second
    assert segments.top_share(values, top=0) == 0
    assert segments.top_share(values, top=1) == 1
    assert segments.top_share(pd.Series([7.0]), top=0.2) == pytest.approx(0.2)
    assert segments.top_share(pd.Series([30, 20, -40]), top=1 / 3) == pytest.approx(3)


@given(st.integers(1, 300), st.sampled_from([0.01, 0.05, 0.2, 0.29, 0.57]))
def test_equal_customers_hold_what_they_are(customers, top):
    assert segments.top_share(pd.Series([3.0] * customers), top=top) == pytest.approx(top)


def test_rank_tiers_by_hand_with_ties():
    values = pd.Series([9, 9, 5, 3, 3, 3, 2, 1, 1, 0], index=list("abcdefghij"))
    tiers = segments.rank_tiers(values, shares={"top": 0.1, "mid": 0.3, "low": 0.6})
    # b ties with a; e and f tie with d, the fourth of ten
    assert "".join(tier[0] for tier in tiers) == "ttmmmmllll"
    assert tiers.index.tolist() == list("abcdefghij")
    assert list(tiers.cat.categories) == ["top", "mid", "low"] and tiers.cat.ordered
    assert tiers.name == "tier"


def test_rank_tiers_of_100_distinct_customers_are_the_pyramid():
    tiers = segments.rank_tiers(pd.Series(range(100)))
    assert tiers.value_counts().to_dict() == {"platinum": 1, "gold": 4, "iron": 15, "lead": 80}


def test_value_tiers_by_hand_with_ties():
    values = pd.Series([40, 10, 10, 10, 20, 5, 5])
    tiers = segments.value_tiers(values, shares={"A": 0.5, "B": 0.3, "C": 0.2})
    # held by better ones: 0, 60, 60, 60, 40, 90, 90 of 100
    assert tiers.tolist() == ["A", "B", "B", "B", "A", "C", "C"]
    named = values.set_axis(list("gfedcba"))
    assert segments.value_tiers(named).to_dict() == {
        "g": "A", "c": "A", "f": "B", "e": "B", "d": "B", "b": "C", "a": "C"
    }  # fmt: skip


def test_a_share_may_be_nothing_and_shares_may_miss_one_by_a_hair():
    values = pd.Series([3, 2, 1])
    assert segments.rank_tiers(values, shares={"A": 1, "B": 0}).tolist() == ["A"] * 3
    assert segments.rank_tiers(values, shares={"A": 1 / 3 + 1e-10, "B": 2 / 3}).tolist() == [
        "A", "B", "B",
    ]  # fmt: skip
    assert segments.value_tiers(pd.Series([1.0, 0.0])).tolist() == ["A", "D"]  # 0 is not negative


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40).filter(any))
def test_equal_customers_are_in_equal_tiers_and_better_ones_never_lower(values):
    values = pd.Series(values)
    for tiers in (segments.rank_tiers(values), segments.value_tiers(values)):
        codes = tiers.cat.codes
        assert (codes.groupby(values).transform("max") == codes).all()
        assert codes[values.sort_values(ascending=False).index].is_monotonic_increasing
        assert codes[values.idxmax()] == 0


def test_a_single_customer_is_in_the_first_tier():
    assert segments.rank_tiers(pd.Series([1.0])).tolist() == ["platinum"]
    assert segments.value_tiers(pd.Series([1.0])).tolist() == ["A"]


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda: segments.rank_tiers(pd.Series([], dtype=float)), "no customer"),
        (lambda: segments.rank_tiers(pd.Series([1, None])), "1 of 2 values are missing"),
        (lambda: segments.rank_tiers(pd.Series(["a"])), "must be numbers"),
        (lambda: segments.rank_tiers(pd.Series([1]), shares={"A": 0.5, "B": 0.4}), "not 0.9"),
        (lambda: segments.value_tiers(pd.Series([5, -1])), "1 values are negative"),
        (lambda: segments.value_tiers(pd.Series([0, 0])), "total is not positive"),
        (lambda: segments.concentration_curve(pd.Series([1, -1])), "total is not positive"),
        (lambda: segments.top_share(pd.Series([1.0]), top=20), "0.2 for 20 %"),
    ],
)
def test_bad_values_get_one_sentence(call, sentence):
    with pytest.raises(CourseError, match=sentence):
        call()


def test_tier_summary_by_hand_keeps_empty_tiers():
    tier = pd.Categorical(["A", "C", "A"], categories=["A", "B", "C"], ordered=True)
    customers = pd.DataFrame({"tier": tier, "profit": [6.0, -2.0, 4.0]})
    summary = segments.tier_summary(customers, tier_col="tier", value_cols=["profit"])
    assert summary["customers"].tolist() == [2, 0, 1]
    assert summary["customer_share"].tolist() == pytest.approx([2 / 3, 0, 1 / 3])
    assert summary["profit"].tolist() == [10, 0, -2]
    assert summary["profit_share"].tolist() == [1.25, 0, -0.25]
    shares = ["customer_share", "profit_share"]
    assert summary.columns.tolist() == ["customers", "profit", *shares]
    nothing = customers.assign(profit=[1.0, -1.0, 0.0])
    summary = segments.tier_summary(nothing, tier_col="tier", value_cols=["profit"])
    assert summary["profit_share"].isna().all() and summary["customer_share"].notna().all()


def test_agreement_is_cohens_kappa():
    """A textbook 2 × 2 table: 20 and 15 on the diagonal, 5 and 10 off it, kappa 0.4."""
    pairs = [("x", "x")] * 20 + [("x", "y")] * 5 + [("y", "x")] * 10 + [("y", "y")] * 15
    one, two = (
        pd.Series(pd.Categorical(s, ["x", "y"], ordered=True)) for s in zip(*pairs, strict=True)
    )
    found = segments.agreement(one, two.sample(frac=1, random_state=3))  # matched by index
    assert found.round(6).to_dict() == {"agreement": 0.7, "by_chance": 0.5, "kappa": 0.4}


def test_agreement_refuses_what_it_cannot_compare():
    tiers = segments.rank_tiers(pd.Series([3, 2, 1]))
    with pytest.raises(CourseError, match="same customers"):
        segments.agreement(tiers, tiers.iloc[:2])
    with pytest.raises(CourseError, match="two tierings"):
        segments.agreement(tiers, pd.Series([1, 2, 3]))
    with pytest.raises(CourseError, match="two tierings"):
        segments.agreement(pd.Series([1, 2, 3]), tiers)
    assert pd.isna(segments.agreement(tiers.iloc[:1], tiers.iloc[:1])["kappa"])
    other = tiers.cat.rename_categories({"platinum": "1", "gold": "2", "iron": "3", "lead": "4"})
    assert segments.agreement(tiers, other)["agreement"] == 1  # by place, not by name
