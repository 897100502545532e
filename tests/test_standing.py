"""segments.standing: loyalty as behaviour and exposure, as they stood on a day."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import data, segments
from helpers.data import CourseError

ACCOUNTS = pd.DataFrame(
    {
        "account_id": ["K1", "K2", "K3", "K4", "K5"],
        "opened": pd.to_datetime(["2012-05-01", "2025-01-20", "2025-11-01", None, "2019-01-01"]),
    }
)
ORDERS = pd.DataFrame(
    [
        ("K1", "2024-03-31", 1, 10.0, "2024-04-02"),
        ("K1", "2025-02-01", 1, 10.0, "2025-02-20"),
        ("K1", "2025-02-02", 1, 10.0, None),
        ("K1", "2025-12-31", 3, 100.0, "2026-01-10"),
        ("K2", "2025-01-20", 2, 50.0, "2025-02-01"),
        ("K2", "2025-04-01", 2, 50.0, "2025-05-01"),
        ("K2", "2025-07-01", 2, 50.0, "2025-08-01"),
        ("K2", "2025-10-01", 2, 50.0, None),
        ("K3", "2025-11-02", 1, 7.0, None),
        ("K2", "2026-01-05", 9, 99.0, None),
    ],
    columns=["account_id", "date", "quantity", "unit_price", "paid"],
).assign(date=lambda f: pd.to_datetime(f["date"]), paid=lambda f: pd.to_datetime(f["paid"]))


def stood(as_of="2025-12-31", **more):
    return segments.standing(ACCOUNTS, ORDERS, as_of=as_of, **more).set_index("account_id")


def test_loyalty_is_the_share_of_the_quarters_with_an_order():
    told = stood()
    assert told["quarters"].to_dict() == {"K1": 8, "K2": 4, "K3": 1, "K5": 8}
    assert told["loyalty"].drop("K3").to_dict() == {"K1": 3 / 8, "K2": 1.0, "K5": 0.0}
    assert list(told.columns) == ["opened", "quarters", "loyalty", "exposure"]
    shuffled = segments.standing(ACCOUNTS[::-1], ORDERS[::-1], as_of="2025-12-31")
    assert list(shuffled.index) == [0, 1, 2, 3]
    pd.testing.assert_frame_equal(shuffled.set_index("account_id").sort_index(), told)


def test_an_account_with_few_quarters_is_not_judged():
    assert np.isnan(stood().loc["K3", "loyalty"])
    assert stood(least=1).loc["K3", "loyalty"] == 1.0


def test_exposure_is_what_was_not_paid_on_the_day():
    assert stood()["exposure"].to_dict() == {"K1": 310.0, "K2": 100.0, "K3": 7.0, "K5": 0.0}


def test_nothing_later_counts():
    then = stood("2025-02-10")
    assert list(then.index) == ["K1", "K2", "K5"]
    assert then["exposure"].to_dict() == {"K1": 20.0, "K2": 0.0, "K5": 0.0}
    earlier = ORDERS[ORDERS["date"] <= "2025-02-10"]
    again = segments.standing(ACCOUNTS, earlier, as_of="2025-02-10")
    pd.testing.assert_frame_equal(again.set_index("account_id"), then)


def test_quarters_before_the_orders_begin_are_nobodys_fault():
    assert stood("2024-12-31").loc["K1", "quarters"] == 4
    assert stood("2024-12-31").loc["K1", "loyalty"] == 1 / 4


def test_prospects_and_the_callers_tables_stay_out_of_it():
    accounts, orders = ACCOUNTS.copy(), ORDERS.copy()
    assert "K4" not in stood().index
    segments.standing(accounts, orders, as_of="2025-12-31")
    pd.testing.assert_frame_equal(accounts, ACCOUNTS)
    pd.testing.assert_frame_equal(orders, ORDERS)


def test_faults_are_said_in_a_sentence():
    with pytest.raises(CourseError, match=r"accounts is missing required columns: .*opened"):
        segments.standing(ACCOUNTS[["account_id"]], ORDERS, as_of="2025-12-31")
    with pytest.raises(CourseError, match=r"orders is missing required columns: .*paid"):
        segments.standing(ACCOUNTS, ORDERS.drop(columns="paid"), as_of="2025-12-31")
    with pytest.raises(CourseError, match="No account was open on 2010-01-01"):
        segments.standing(ACCOUNTS, ORDERS, as_of="2010-01-01")


def test_without_an_order_nobody_is_loyal_or_owes():
    told = segments.standing(ACCOUNTS, ORDERS.iloc[:0], as_of="2025-12-31", least=1)
    assert (told["loyalty"] == 0).all() and (told["exposure"] == 0).all()


@settings(max_examples=60, deadline=None)
@given(
    opened=st.dates(pd.Timestamp("2020-01-01").date(), pd.Timestamp("2025-12-31").date()),
    days=st.lists(st.integers(0, 1095), max_size=30),
    n_quarters=st.integers(1, 12),
)
def test_it_agrees_with_counting_quarter_by_quarter(opened, days, n_quarters):
    start = pd.Timestamp("2023-01-01")
    dates = [start, *(start + pd.Timedelta(days=day) for day in days)]
    ids = ["other", *["K1"] * len(days)]
    orders = pd.DataFrame({"account_id": ids, "date": dates, "quantity": 1, "unit_price": 1.0})
    orders["paid"] = orders["date"]
    accounts = pd.DataFrame({"account_id": ["K1"], "opened": [pd.Timestamp(opened)]})
    told = segments.standing(
        accounts, orders, as_of=data.AS_OF, n_quarters=n_quarters, least=1
    ).iloc[0]
    known = pd.period_range("2023Q1", "2025Q4", freq="Q")[-n_quarters:]
    known = [quarter for quarter in known if quarter.end_time >= pd.Timestamp(opened)]
    with_order = {pd.Period(date, "Q") for date in dates[1:]}
    assert told["quarters"] == len(known)
    assert told["loyalty"] == sum(quarter in with_order for quarter in known) / len(known)
