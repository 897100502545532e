"""segments.survey_outcomes: what those who answered bought afterwards."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import data, segments
from helpers.data import CourseError


def dated(rows, id_col):
    frame = pd.DataFrame(rows, columns=[id_col, "date"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


CONTACTS = pd.DataFrame({"contact_id": ["P1", "P2"], "account_id": ["K1", "K2"]})
SURVEY = dated(
    [("P1", "2025-01-10"), ("M1", "2025-01-10"), ("M2", "2025-01-10"), ("P2", "2025-01-10")],
    "respondent",
).set_index(pd.Index([7, 7, 3, 1]))  # an index that repeats itself must do no harm
ORDERS = dated(
    [("K1", "2025-01-11"), ("K1", "2025-01-11"), ("K1", "2025-02-09"), ("K2", "2025-01-10"),
     ("K2", "2025-12-31")],
    "account_id",
)  # fmt: skip
PURCHASES = dated([("M1", "2025-01-09"), ("M1", "2025-02-10"), ("M2", "2025-02-09")], "member_id")


def after(days=30, **tables):
    given = {"survey": SURVEY, "contacts": CONTACTS, "purchases": PURCHASES, "orders": ORDERS}
    return segments.survey_outcomes(**given | tables, days=days)


def test_an_account_buys_for_its_contact_and_a_member_for_himself():
    told = after()
    assert told["buyer"].tolist() == ["K1", "M1", "M2", "K2"]
    assert list(told.columns) == ["respondent", "date", "buyer", "times_bought", "bought"]


def test_days_are_counted_from_the_day_after_to_the_last_one():
    told = after()
    assert told["times_bought"].tolist() == [2, 0, 1, 0]  # two lines of a day are one purchase
    assert told["bought"].tolist() == [True, False, True, False]
    assert after(days=31)["times_bought"].tolist() == [2, 1, 1, 0]


def test_a_day_is_a_day_at_any_hour():
    hours = pd.to_timedelta(["9h", "15h", "23h", "1h", "0h"])
    told = after(orders=ORDERS.assign(date=ORDERS["date"] + hours))
    assert told["times_bought"].tolist() == [2, 0, 1, 0]


def test_answers_stay_as_they_were_and_nothing_is_changed():
    before = SURVEY.copy()
    told = after()
    pd.testing.assert_frame_equal(told[list(SURVEY.columns)], SURVEY)
    pd.testing.assert_frame_equal(SURVEY, before)


def test_what_has_not_been_seen_yet_is_refused():
    said = "^The sales end before 400 days after the last answer: ask for fewer.$"
    with pytest.raises(CourseError, match=said):
        after(days=400)
    assert after(days=355)["times_bought"].tolist() == [2, 1, 1, 1]  # to the very last day
    with pytest.raises(CourseError, match="356 days"):
        after(days=356)


@pytest.mark.parametrize("table", ["survey", "contacts", "purchases", "orders"])
def test_a_missing_column_is_named(table):
    frame = {"survey": SURVEY, "contacts": CONTACTS, "purchases": PURCHASES, "orders": ORDERS}
    with pytest.raises(CourseError, match=frame[table].columns[0]):
        after(**{table: frame[table].iloc[:, 1:]})


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from(["M1", "M2", "M3"]), st.integers(0, 60)), max_size=12),
    st.lists(st.tuples(st.sampled_from(["M1", "M2"]), st.integers(0, 99)), max_size=12),
    st.integers(1, 40),
)
def test_as_counted_one_by_one(asked, sold, days):
    day = pd.Timestamp("2025-01-01")
    survey = dated([(who, day + pd.Timedelta(days=n)) for who, n in asked], "respondent")
    purchases = dated([(who, day + pd.Timedelta(days=n)) for who, n in sold], "member_id")
    told = after(days, survey=survey, purchases=purchases)
    expected = [len({n for m, n in sold if m == who and 0 < n - at <= days}) for who, at in asked]
    assert told["times_bought"].tolist() == expected


def test_in_the_world_each_kind_of_customer_is_found():
    tables = {name: data.load(name) for name in ("survey", "contacts", "purchases", "orders")}
    told = segments.survey_outcomes(**tables, days=182)
    members = told["respondent"].str.startswith("M")
    assert told.loc[members, "buyer"].str.startswith("M").all()
    assert told.loc[~members, "buyer"].str.startswith("K").all()
    assert 0.5 < told.loc[members, "bought"].mean() < told.loc[~members, "bought"].mean() < 1
