"""Churn: by hand at its edges, against published tables and other programs, where peers fail."""

import lifelines
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from helpers import churn
from helpers.data import CourseError

COLUMNS = {"customer_id_col": "customer", "datetime_col": "date"}
YEARS = {"before": ("2024-01-01", "2024-12-31"), "after": ("2025-01-01", "2025-12-31")}


def table(columns, rows, *dates):
    frame = pd.DataFrame(rows, columns=columns.split())
    return frame.assign(**{date: pd.to_datetime(frame[date], format="ISO8601") for date in dates})


def contracts(rows):
    return table("customer end renewed", rows, "end")


def contract_losses(frame, start="2025-01-01", end="2025-12-31"):
    return churn.contract_losses(frame, customer_id_col="customer", start=start, end=end)


def purchases(rows):
    return table("customer date", rows, "date")


def silent(frame, end="2025-12-31", **options):
    return churn.silent_losses(frame, **COLUMNS, observation_period_end=end, **options)


def sales(rows):
    return table("customer date yuan", rows, "date")


def revenue_losses(frame, **periods):
    return churn.revenue_losses(frame, **COLUMNS, monetary_value_col="yuan", **{**YEARS, **periods})


def triangle(frame, end="2025-12-31", **options):
    return churn.retention_triangle(frame, **COLUMNS, observation_period_end=end, **options)


def curve(duration, lost, entry=None, **options):
    entry = None if entry is None else pd.Series(entry)
    return churn.survival_curve(pd.Series(duration), pd.Series(lost), entry=entry, **options)


def lists(frame):
    """Rows as lists, with None where something is missing."""
    return frame.astype(object).where(frame.notna(), None).to_numpy().tolist()


# ---- contracts -----------------------------------------------------------------------------------


@pytest.fixture
def four():
    """Ann has two contracts; Bo's runs on, and Cy ended the year before."""
    return contracts(
        [
            ("Bo", "2025-12-31 18:00", None),
            ("Ann", "2025-06-30", True),
            ("Ann", "2025-01-01", False),
            ("Cy", "2024-12-31 23:59", False),
        ]
    )


def test_a_contract_is_lost_where_it_ran_out_in_the_period_and_was_not_renewed(four):
    day = pd.Timestamp
    found = contract_losses(four)
    assert (
        found.columns.to_list() == ["customer", "end", "lost"] and found["lost"].dtype == "boolean"
    )
    assert lists(found) == [
        ["Ann", day("2025-01-01"), True],
        ["Ann", day("2025-06-30"), False],
        ["Bo", day("2025-12-31"), None],  # not known yet; the last day counts to its end
    ]
    assert found.index.to_list() == [0, 1, 2]
    assert contract_losses(four, "2025-06-30", "2025-06-30")["customer"].to_list() == ["Ann"]
    assert contract_losses(four, end="2025-12-30")["customer"].to_list() == ["Ann", "Ann"]


def test_contracts_that_end_on_one_day_stay_in_their_order():
    names = [f"c{i:02}" for i in range(40)]
    found = contract_losses(contracts([(name, "2025-05-05", True) for name in names]))
    assert found["customer"].to_list() == names


@pytest.mark.parametrize("dtype", ["boolean", "object", "float"])
def test_renewed_may_be_any_kind_of_true_and_false(four, dtype):
    pd.testing.assert_frame_equal(
        contract_losses(four.astype({"renewed": dtype})), contract_losses(four)
    )


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda f: f.drop(columns="renewed"), r"contracts is missing required columns: \['renewed"),
        (lambda f: f.assign(end=f["end"].astype(str)), "'end' must hold dates.*to_datetime"),
        (lambda f: f.assign(end=20251231), "'end' must hold dates"),
        (lambda f: f.assign(renewed=["no", "yes", "no", "no"]), "renewed must hold True and False"),
        (lambda f: f.assign(renewed=[2, 1, 0, 0]), "renewed must hold True and False"),
        (lambda f: f.assign(end=f["end"].where(f.index > 1)), "2 of 4 values in 'end' are missing"),
        (lambda f: f.assign(customer=None), "4 of 4 values in 'customer' are missing"),
        (lambda f: f[:0], "No contract ran out from 2025-01-01 to 2025-12-31"),
        (lambda f: f[f["customer"] == "Cy"], "No contract ran out"),
        (lambda f: f["end"], "contracts must be a table .* not a Series"),
    ],
)
def test_contracts_that_cannot_be_read_get_one_sentence(four, spoil, sentence):
    with pytest.raises(CourseError, match=sentence):
        contract_losses(spoil(four))


def test_a_period_begins_before_it_ends(four):
    with pytest.raises(CourseError, match="ends on 2025-01-01, before it begins on 2025-12-31"):
        contract_losses(four, start="2025-12-31", end="2025-01-01")
    with pytest.raises(CourseError, match=r"each day of the period is a date like .* 20250101 is"):
        contract_losses(four, start=20250101)
    with pytest.raises(CourseError, match="one is named twice"):
        churn.contract_losses(four, customer_id_col="end", start="2025-01-01", end="2025-12-31")


# ---- silence -------------------------------------------------------------------------------------


def test_each_is_silent_by_their_own_cycle():
    frame = purchases(
        [
            *[("Ann", f"2025-12-{day}") for day in ("01 09:00", "11 23:00", "21 01:00")],
            *[
                ("Bo", day)
                for day in ("2025-01-01", "2025-01-11", "2025-01-21", "2025-01-21 12:00")
            ],
            *[("Cy", day) for day in ("2025-02-01", "2025-02-02", "2025-02-02")],  # one gap
        ]
    )
    found = silent(frame, "2026-01-20")  # 30 days after Ann's last: three cycles, not longer
    assert found.columns.to_list() == [
        "customer",
        "last_purchase",
        "cycle_days",
        "silence_days",
        "cycles_silent",
        "lost",
    ]
    assert lists(found.drop(columns="last_purchase")) == [
        ["Ann", 10, 30, 3, False],
        ["Bo", 10, 364, 36.4, True],
        ["Cy", None, 352, None, None],  # no cycle, so nobody knows
    ]
    assert found["last_purchase"].to_list() == [
        pd.Timestamp(day) for day in ("2025-12-21", "2025-01-21", "2025-02-02")
    ]
    assert found["lost"].dtype == "boolean"
    assert silent(frame, "2026-01-21")["lost"].to_list()[:2] == [True, True]
    assert silent(frame, "2026-01-20", cycles=2.9)["lost"].to_list()[:2] == [True, True]
    assert silent(frame, "2026-01-20", cycles=36.4)["lost"].to_list()[:2] == [False, False]
    rate = churn.loss_rate(found["lost"])
    assert rate[["n", "lost"]].to_numpy().tolist() == [[2, 1]]
    daily = purchases([("Ann", day) for day in ("2025-01-01", "2025-01-02", "2025-01-03")])
    assert silent(daily, "2025-01-04", cycles=0.5)["lost"].to_list() == [True]  # no least of days


@pytest.mark.parametrize(
    ("silence", "lost"),
    [(9, False), (90, False), (91, True)],  # three cycles are 9 days, the least is 90
)
def test_a_quick_buyer_on_holiday_is_not_lost_yet(silence, lost):
    frame = purchases([("Ann", day) for day in ("2025-01-01", "2025-01-04", "2025-01-07")])
    end = pd.Timestamp("2025-01-07") + pd.Timedelta(days=silence)
    found = silent(frame, end, least_days=90)
    assert lists(found[["cycle_days", "lost"]]) == [[3, lost]]


@pytest.mark.parametrize(("silence", "lost"), [(180, False), (181, True)])
def test_who_has_no_cycle_is_lost_after_so_many_days(silence, lost):
    frame = purchases([("Bo", "2025-01-01"), ("Bo", "2025-01-02")])
    end = pd.Timestamp("2025-01-02") + pd.Timedelta(days=silence)
    assert lists(silent(frame, end)[["lost"]]) == [[None]]
    found = silent(frame, end, least_days=400, without_cycle_days=180)  # the least is for cycles
    assert lists(found[["lost"]]) == [[lost]] and found["lost"].dtype == "boolean"


@pytest.mark.parametrize("name", ["least_days", "without_cycle_days"])
@pytest.mark.parametrize("days", [-1, "90", np.nan])
def test_days_of_silence_are_numbers(name, days):
    frame = purchases([("Bo", "2025-01-01")])
    with pytest.raises(CourseError, match="number of days"):
        silent(frame, **{name: days})


def test_one_purchase_shows_no_cycle():
    assert lists(silent(purchases([("a", "2025-12-30")])))[0][2:] == [None, 1, None, None]


@pytest.mark.parametrize("cycles", [0, -1, np.nan, "3", None])
def test_cycles_is_a_number_above_0(cycles):
    with pytest.raises(CourseError, match="cycles is a number above 0"):
        silent(purchases([("a", "2025-12-30")]), cycles=cycles)


# ---- revenue -------------------------------------------------------------------------------------


def test_who_buys_less_by_hand():
    frame = sales(
        [
            ("Ann", "2024-01-01", 0.1),
            ("Ann", "2024-12-31 20:00", 0.2),
            ("Ann", "2025-12-31 20:00", 0.3),  # 0.1 + 0.2 is not quite 0.3
            ("Bo", "2024-05-05", 100.0),
            ("Bo", "2025-05-05", 40.0),
            ("Cy", "2024-05-05", 7.0),
            ("Cy", "2026-01-01", 7.0),  # after the period
            ("Di", "2023-12-31", 9.0),
            ("Di", "2025-05-05", 9.0),  # new, or back: bought nothing before
            ("Ed", "2024-05-05", 5.0),
            ("Ed", "2025-05-05", 5.0),
            ("Ed", "2025-05-06", -5.0),  # bought, and sent back: less, not gone
            ("Fe", "2024-05-05", 0.1),
            ("Fe", "2025-05-05", 0.3),
        ]
    )
    found = revenue_losses(frame)
    assert lists(found) == [
        ["Ann", 0.3, 0.3, 0.0, "as much or more"],
        ["Bo", 100, 40, -60, "less"],
        ["Cy", 7, 0, -7, "gone"],
        ["Ed", 5, 0, -5, "less"],
        ["Fe", 0.1, 0.3, 0.2, "as much or more"],
    ]
    assert found.columns.to_list() == ["customer", "before", "after", "change", "kind"]
    apart = revenue_losses(frame, before=("2024-05-05", "2024-05-05"), after=("2025-05-05",) * 2)
    assert lists(apart)[-2] == ["Ed", 5, 5, 0, "as much or more"]


def test_all_gone_and_nobody_gone():
    frame = sales([("a", "2024-05-05", 5.0), ("b", "2024-05-05", 6.0), ("z", "2025-05-05", 1.0)])
    assert revenue_losses(frame)["kind"].to_list() == ["gone", "gone"]
    again = frame.assign(date=frame["date"] + pd.Timedelta(days=365))
    found = revenue_losses(pd.concat([frame, again]))  # rows keep their labels: each is there twice
    assert found["change"].to_list() == [0, 0]


@pytest.mark.parametrize(
    ("periods", "sentence"),
    [
        ({"before": YEARS["after"], "after": YEARS["before"]}, "must end before the period after"),
        ({"after": ("2024-12-31", "2025-12-31")}, "must end before the period after begins"),
        ({"before": ("2024-12-31", "2024-01-01")}, "before ends on 2024-01-01, before it begins"),
        ({"before": "2024"}, r"before is \(first day, last day\), and '2024' is not"),
        ({"after": ("2025-01-01",)}, r"after is \(first day, last day\)"),
        ({"after": ("2025-01-01", "2025-06-30", "2025-12-31")}, "after is .first day, last day"),
        ({"after": (2025, 2026)}, "each day of after is a date like .* 2025 is not"),
        ({"before": ("2022-01-01", "2022-12-31")}, "Nobody bought in the period before"),
        ({"before": ("2001-01-01",) * 2, "after": ("2002-01-01",) * 2}, "later than 2002-01-01"),
    ],
)
def test_two_periods_are_one_after_the_other(periods, sentence):
    frame = sales([("a", "2024-05-05", 5.0), ("a", "2025-05-05", 5.0)])
    with pytest.raises(CourseError, match=sentence):
        revenue_losses(frame, **periods)


def test_amounts_are_numbers():
    frame = sales([("a", "2024-05-05", 5.0), ("a", "2025-05-05", 5.0)])
    for dtype in ("int64", "Int64", "float32"):
        found = revenue_losses(frame.astype({"yuan": dtype}))
        pd.testing.assert_frame_equal(found, revenue_losses(frame))
    with pytest.raises(CourseError, match="'yuan' must hold numbers"):
        revenue_losses(frame.astype({"yuan": str}))
    with pytest.raises(CourseError, match="1 of 2 values in 'yuan' are missing"):
        revenue_losses(frame.assign(yuan=[np.nan, 1.0]))


# ---- rates ---------------------------------------------------------------------------------------


def rate_of(lost, n, **options):
    return churn.loss_rate(pd.Series([True] * lost + [False] * (n - lost)), **options).loc["all"]


@pytest.mark.parametrize(
    ("lost", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_as_published(lost, n, low, high):
    """Newcombe 1998 (Statistics in Medicine 17:857-872), table I, method 3."""
    found = rate_of(lost, n)
    assert found[["low", "high"]].round(4).to_list() == [low, high]
    mirrored = rate_of(n - lost, n)
    assert mirrored[["low", "high"]].to_list() == pytest.approx([1 - found.high, 1 - found.low])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.floats(0, 1), st.sampled_from([0.5, 0.8, 0.95, 0.999]))
@example(6, 0, 0.95)  # where the formula is not quite 0
@example(9, 1, 0.95)  # and not quite 1
def test_the_interval_is_wilsons(n, share, confidence):
    lost = round(share * n)
    found = rate_of(lost, n, confidence=confidence)
    other = binomtest(lost, n).proportion_ci(confidence, method="wilson")
    assert found[["n", "lost", "rate"]].to_list() == [n, lost, lost / n]
    assert found[["low", "high"]].to_list() == pytest.approx([other.low, other.high], abs=1e-12)
    assert (found["low"] == 0) == (lost == 0) and (found["high"] == 1) == (lost == n)
    assert found["low"] <= found["rate"] <= found["high"]


def test_rates_by_group_by_hand():
    lost = pd.Series([True, None, False, False, True, None, True, False], dtype="boolean")
    by = pd.Series(["b", "a", "a", "c", "c", "d", "e", "f"], name="city")
    found = churn.loss_rate(lost, by=by)
    assert found.columns.to_list() == ["n", "lost", "rate", "low", "high"]
    assert found.index.name == "city"
    # d is not known; c has the larger n of the rest, a and f are equal
    assert found[["n", "lost"]].T.to_dict("list") == {
        "b": [1, 1],
        "e": [1, 1],
        "c": [2, 1],
        "a": [1, 0],
        "f": [1, 0],
    }
    assert list(found.index) == ["b", "e", "c", "a", "f"]
    more = churn.loss_rate(pd.Series([False] * 3), by=pd.Series(["x", "y", "y"]))
    assert list(more.index) == ["y", "x"] and more["rate"].to_list() == [0, 0]


def test_categories_without_a_customer_are_no_group():
    by = pd.Series(pd.Categorical(["b", "a"], categories=["a", "b", "c"]))
    assert churn.loss_rate(pd.Series([True, False]), by=by).index.to_list() == ["b", "a"]


def test_a_customer_with_two_contracts_counts_twice_also_by_label():
    frame = contracts([("a", "2025-02-02", True), ("a", "2025-03-03", None)] * 2)
    found = contract_losses(frame).assign(kind=["x", "x", "y", "y"]).set_index("customer")
    rates = churn.loss_rate(found["lost"], by=found["kind"])
    assert rates[["n", "lost"]].to_numpy().tolist() == [[2, 0]]  # the four share one label


@pytest.mark.parametrize(
    ("lost", "options", "sentence"),
    [
        (pd.Series([], dtype=bool), {}, "True or False for at least one customer"),
        (pd.Series([None, None], dtype="boolean"), {}, "True or False for at least one customer"),
        (pd.Series(["yes", "no"]), {}, "lost must hold True and False"),
        (pd.Series([2, 0]), {}, "lost must hold True and False, and holds int64"),
        (pd.Series(["2025-01-01"] * 2, dtype="datetime64[ns]"), {}, "must hold True and False"),
        ([True, False], {}, "not a list"),
        (pd.Series([True, False]), {"by": ["a", "b"]}, "not a list"),
        (pd.Series([True, False]), {"by": pd.Series(["a", "b"], index=[1, 0])}, "the same index"),
        (pd.Series([True, False]), {"by": pd.Series(["a"])}, "the same index"),
        (pd.Series([True, False]), {"by": pd.Series(["a", None])}, "1 customers have no group"),
        (pd.Series([True, False]), {"confidence": 95}, "confidence is a share .* 95 is not"),
        (pd.Series([True, False]), {"confidence": "0.95"}, "confidence is a share"),
        (pd.Series([True, False]), {"confidence": 1}, "confidence is a share"),
        (pd.Series([True, False]), {"confidence": 0}, "confidence is a share"),
    ],
)
def test_rates_of_what_is_no_loss_get_one_sentence(lost, options, sentence):
    with pytest.raises(CourseError, match=sentence):
        churn.loss_rate(lost, **options)


def test_a_missing_group_of_an_unknown_customer_does_no_harm():
    lost, by = pd.Series([True, None], dtype="boolean"), pd.Series(["a", None])
    assert churn.loss_rate(lost, by=by).index.to_list() == ["a"]


# ---- retention -----------------------------------------------------------------------------------


@pytest.fixture
def three():
    """Two came in the first quarter of 2024, one in the third; nobody in the second."""
    return purchases(
        [
            ("Ann", "2024-01-01"),
            ("Ann", "2024-02-02 23:59"),
            ("Ann", "2024-10-01"),
            ("Bo", "2024-03-31 23:59"),
            ("Bo", "2024-04-01"),
            ("Cy", "2024-07-07"),
            ("Cy", "2025-01-31"),
        ]
    )


def test_a_triangle_by_hand(three):
    found = triangle(three, "2024-12-31")
    assert found.index.astype(str).to_list() == ["2024Q1", "2024Q3"]
    assert found.index.name == "cohort" and found.columns.name == "quarters since"
    assert found.columns.to_list() == [0, 1, 2, 3]
    assert lists(found) == [[1, 0.5, 0, 0.5], [1, 0, None, None]]
    assert lists(triangle(three, "2024-12-31", counts=True)) == [[2, 1, 0, 1], [1, 0, None, None]]


def test_a_period_that_is_not_over_is_not_observed(three):
    day_before = triangle(three, "2024-12-30", counts=True)
    assert lists(day_before) == [[2, 1, 0], [1, None, None]]  # Ann's October does not count yet
    assert lists(triangle(three, "2024-07-31", counts=True)) == [[2, 1], [1, None]]
    assert lists(triangle(three[:1], "2024-01-15")) == [[1]]
    assert triangle(three, pd.Timestamp("2024-12-31 08:00")).equals(triangle(three, "2024-12-31"))


def test_silence_to_the_end_is_observed(three):
    found = triangle(three[three["date"] < "2024-04-01"], "2025-03-31", counts=True)
    assert lists(found) == [[2, 0, 0, 0, 0]]


def test_a_triangle_of_months_and_years(three):
    months = triangle(three, "2024-04-30", period="month", counts=True)
    assert months.index.astype(str).to_list() == ["2024-01", "2024-03"]
    assert lists(months) == [[1, 1, 0, 0], [1, 1, None, None]]
    years = triangle(three, "2025-12-31", period="year")
    assert years.columns.name == "years since"
    assert years.round(4).to_numpy().tolist() == [[1, 0.3333]]


@pytest.mark.parametrize("period", ["week", "Q", "quarters", None, ["quarter"]])
def test_a_period_has_a_name(three, period):
    with pytest.raises(CourseError, match="period is one of month, quarter, year"):
        triangle(three, period=period)


START = pd.Timestamp("2023-01-01")
PURCHASES = st.lists(
    st.tuples(st.sampled_from("abcdefg"), st.integers(0, 1000)), min_size=1, max_size=40
).map(
    lambda rows: pd.DataFrame(
        {
            "customer": [customer for customer, _ in rows],
            "date": [START + pd.Timedelta(hours=20 * when) for _, when in rows],
        }
    )
)


@settings(max_examples=100, deadline=None)
@given(PURCHASES, st.integers(0, 1200), st.sampled_from(["month", "quarter", "year"]))
def test_a_triangle_agrees_with_counting_by_hand(frame, days, period):
    end, letter = START + pd.Timedelta(days=days), period[0].upper()
    known = frame[frame["date"].dt.normalize() <= end]
    assume(len(known))
    when = known["date"].dt.to_period(letter)
    first = when.groupby(known["customer"]).transform("min")
    found = triangle(frame, end, period=period, counts=True)
    assert found.index.to_list() == sorted(set(first))
    for cohort, row in found.iterrows():
        for age, count in row.items():
            if age and (cohort + age).end_time.normalize() > end:
                assert np.isnan(count)
            else:
                members = known.loc[(first == cohort) & (when == cohort + age), "customer"]
                assert count == members.nunique()
    assert not found.isna().all().any()  # no column of which nothing is known
    last = found.index[0] + len(found.columns)
    assert last.end_time.normalize() > end  # and none is left out
    shares = triangle(frame.sample(frac=1, random_state=1), end, period=period)
    pd.testing.assert_frame_equal(shares, found.div(found[0], axis="index"))


# ---- survival ------------------------------------------------------------------------------------

LEUKAEMIA = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"


def test_survival_as_published():
    """Weeks to relapse under 6-MP (Freireich et al. 1963, Blood 21:699-716); R's table of it."""
    weeks = LEUKAEMIA.split()
    found = curve([int(week.strip("+")) for week in weeks], ["+" not in week for week in weeks])
    assert found.columns.to_list() == ["time", "at_risk", "lost", "survival", "low", "high"]
    assert found["time"].to_list() == [0, 6, 7, 10, 13, 16, 22, 23]
    assert found["at_risk"].to_list() == [21, 21, 17, 15, 12, 11, 7, 6]
    assert found["lost"].to_list() == [0, 3, 1, 1, 1, 1, 1, 1]
    survival = [1, 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert found["survival"].round(3).to_list() == survival
    low, high = [1, 0.620, 0.563, 0.503, 0.432, 0.368, 0.268, 0.188], [1, 0.952, 0.923, 0.889]
    assert found["low"].round(3).to_list() == low
    assert found["high"].round(3).to_list() == [*high, 0.849, 0.805, 0.747, 0.680]


def test_survivors_of_a_contract_as_published():
    """Fader & Hardie 2007: of 1000 regular customers, those left after each year."""
    left = np.array([1000, 631, 468, 382, 326, 289, 262, 241])
    years = [*np.repeat(np.arange(1, 8), -np.diff(left)), *[7] * left[-1]]
    found = curve(years, np.arange(1000) < 1000 - left[-1])
    assert found["survival"].to_list() == pytest.approx(left / 1000)
    assert found["at_risk"].to_list() == [1000, *left[:-1]]


WATCHED = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.booleans()), min_size=1, max_size=40
).map(lambda rows: pd.DataFrame(rows, columns=["entry", "stay", "lost"]))


@settings(max_examples=150, deadline=None)
@given(WATCHED, st.booleans(), st.sampled_from([0.5, 0.9, 0.95]), st.sampled_from([1, 7.3]))
def test_survival_is_that_of_lifelines(rows, late, confidence, unit):
    rows = rows if late else rows.assign(entry=0)
    rows = rows[(rows["entry"] == 0) | (rows["stay"] > 0)] * [unit, unit, 1]
    assume(len(rows))
    duration, lost = rows["entry"] + rows["stay"], rows["lost"].astype(bool)
    entry = rows["entry"] if late else None
    found = churn.survival_curve(duration, lost, entry=entry, confidence=confidence)
    try:
        fit = lifelines.KaplanMeierFitter(alpha=1 - confidence).fit(duration, lost, entry=entry)
    except lifelines.exceptions.StatError:  # it gives up where few are there at the beginning
        assume(False)
    assert found["survival"].is_monotonic_decreasing and found["time"].is_monotonic_increasing
    for time, at_risk, gone, *estimates in found.itertuples(index=False):
        before = (rows["entry"] < time) | (rows["entry"] == 0)
        assert at_risk == (before & (duration >= time)).sum()
        assert gone == (lost & (duration == time)).sum()
        if not late or fit.event_table.index[0] <= time:
            theirs = [fit.predict(time), *fit.confidence_interval_.loc[:time].iloc[-1]]
            assert estimates == pytest.approx(theirs, abs=1e-9)


def test_nobody_lost_and_all_lost():
    staying = curve([3, 5], [False, False])
    assert lists(staying) == [[0, 2, 0, 1, 1, 1]]
    assert curve([3.0], [True]).to_numpy().tolist() == [[0, 1, 0, 1, 1, 1], [3, 1, 1, 0, 0, 0]]
    all_lost = curve([5, 3, 5], [True] * 3)
    assert all_lost[["time", "survival"]].round(4).to_numpy().tolist() == [
        [0, 1],
        [3, 0.6667],
        [5, 0],
    ]
    assert all_lost.iloc[-1][["low", "high"]].to_list() == [0, 0]


def test_lost_on_the_first_day_takes_the_place_of_the_first_row():
    found = curve([0, 0, 4, 4], [True, False, True, False])
    assert found[["time", "at_risk", "lost"]].to_numpy().tolist() == [[0, 4, 1], [4, 2, 1]]
    assert found["survival"].to_list() == [0.75, 0.375]


def test_who_is_seen_to_stay_when_another_is_lost_was_at_risk():
    assert curve([4, 4], [True, False])["survival"].to_list() == [1, 0.5]


def test_late_entry_by_hand():
    """One watched from the start, two from their third year, one from the fourth."""
    found = curve([3, 5, 6, 4.5], [True, True, False, True], entry=[0, 2, 3, 4])
    # at 3 the one who enters then is not at risk yet (R and lifelines have it so too)
    assert found[["time", "at_risk"]].to_numpy().tolist() == [[0, 1], [3, 2], [4.5, 3], [5, 2]]
    assert found["survival"].to_list() == pytest.approx([1, 1 / 2, 1 / 3, 1 / 6])
    naive = curve([3, 5, 6, 4.5], [True, True, False, True])
    assert naive["survival"].to_list()[1] == 3 / 4  # as if the others could have been seen to leave


def test_late_entry_can_end_a_curve_early():
    found = curve([1, 5, 6], [True, True, False], entry=[0, 2, 2])
    assert found["survival"].to_list() == [1, 0, 0]
    assert found[["low", "high"]].to_numpy()[1:].tolist() == [[0, 0], [0, 0]]


def test_the_unit_of_time_changes_nothing_else():
    rng = np.random.default_rng(3)
    days, lost = rng.integers(0, 400, 500), rng.random(500) < 0.5
    in_days, in_years = curve(days, lost), curve(days / 365.25, lost)
    assert in_years["time"].to_list() == pytest.approx((in_days["time"] / 365.25).to_list())
    pd.testing.assert_frame_equal(in_years.drop(columns="time"), in_days.drop(columns="time"))
    assert curve(days, lost, entry=0 * days).equals(in_days)
    nanoseconds = curve([10**15, 3 * 10**15], [True, True])
    assert nanoseconds["survival"].to_list() == [1, 0.5, 0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([], []), "There is no customer"),
        (([1, None], [True, False]), "1 of 2 values are missing"),
        ((["1", "2"], [True, False]), "must be numbers"),
        ((pd.to_timedelta([1, 2], unit="D"), [True, False]), "must be numbers.*timedelta"),
        ((pd.to_datetime(["2025-01-01"]), [True]), "must be numbers.*datetime"),
        (([1, 2], [True, None]), "1 values of lost are missing"),
        (([1, 2], ["yes", "no"]), "lost must hold True and False"),
        (([1, 2], [True]), "the same index"),
        (([1, 2], [True, False], [0]), "the same index"),
        (([1, 2], [True, False], [0, None]), "1 of 2 values are missing"),
        (([1, -2], [True, False]), "not below 0"),
        (([1, np.inf], [True, False]), "A duration is a finite number"),
        (([1, 2], [True, False], [0, 2]), "An entry is 0 or later, and before its duration"),
        (([1, 2], [True, False], [0, 3]), "An entry is 0 or later, and before its duration"),
        (([1, 2], [True, False], [-1, 0]), "An entry is 0 or later, and before its duration"),
    ],
)
def test_durations_that_cannot_be_get_one_sentence(arguments, sentence):
    with pytest.raises(CourseError, match=sentence):
        curve(*arguments)


def test_columns_of_two_tables_are_not_mixed():
    duration, lost = pd.Series([1, 2]), pd.Series([True, False], index=[1, 0])
    with pytest.raises(CourseError, match="the same index"):
        churn.survival_curve(duration, lost)
    with pytest.raises(CourseError, match="not a list"):
        churn.survival_curve([1, 2], [True, False])
    with pytest.raises(CourseError, match="confidence is a share"):
        curve([1, 2], [True, False], confidence=95)


# ---- what keeping is worth -----------------------------------------------------------------------

KEEPING = {
    "loss_rate": 0.2,
    "unavoidable": 0.04,
    "halving_spend": 100.0,
    "cost_of_a_loss": 5000.0,
}


def test_the_cost_of_keeping_by_hand():
    found = churn.cost_of_keeping([0, 100, 300], **KEEPING)
    assert found.columns.to_list() == ["spend", "loss_rate", "keeping", "losing", "total"]
    assert found["loss_rate"].to_list() == pytest.approx([0.20, 0.12, 0.06])
    assert found["losing"].to_list() == pytest.approx([1000, 600, 300])
    assert found["keeping"].to_list() == found["spend"].to_list() == [0, 100, 300]
    assert found["total"].to_list() == pytest.approx([1000, 700, 600])
    pd.testing.assert_frame_equal(churn.cost_of_keeping(pd.Series([0, 100, 300]), **KEEPING), found)


@settings(max_examples=100, deadline=None)
@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(1, 1e4),
    st.floats(0, 1e6),
)
def test_no_spend_beats_the_best(rate, share, halving_spend, cost_of_a_loss):
    model = {
        "loss_rate": rate,
        "unavoidable": rate * share,
        "halving_spend": halving_spend,
        "cost_of_a_loss": cost_of_a_loss,
    }
    best = churn.best_spend(**model)
    assert best >= 0
    grid = np.linspace(0, 30 * halving_spend, 4001)
    totals = churn.cost_of_keeping(grid, **model)["total"]
    lowest = churn.cost_of_keeping([best], **model).loc[0, "total"]
    assert lowest <= totals.min() * (1 + 1e-12) + 1e-9
    assert best == pytest.approx(grid[totals.argmin()], abs=grid[1] + halving_spend * 1e-3)


def test_nothing_is_spent_where_it_saves_less_than_it_costs():
    assert churn.best_spend(**{**KEEPING, "unavoidable": 0.2}) == 0
    assert churn.best_spend(**{**KEEPING, "cost_of_a_loss": 0}) == 0
    just_even = 100 / np.log(2) / 0.16  # the first yuan saves a yuan
    assert churn.best_spend(**{**KEEPING, "cost_of_a_loss": just_even * 1.01}) > 0
    assert churn.best_spend(**{**KEEPING, "cost_of_a_loss": just_even * 0.99}) == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"loss_rate": 20}, "0 <= unavoidable <= loss_rate <= 1, not 0.04 and 20"),
        ({"unavoidable": 0.3}, "Rates are shares"),
        ({"unavoidable": -0.1}, "Rates are shares"),
        ({"loss_rate": np.nan}, "Rates are shares"),
        ({"halving_spend": 0}, "halving_spend must be above 0"),
        ({"halving_spend": np.inf}, "halving_spend must be above 0"),
        ({"cost_of_a_loss": -1}, "cost_of_a_loss not below"),
        ({"cost_of_a_loss": np.nan}, "cost_of_a_loss not below"),
    ],
)
def test_rates_and_amounts_have_bounds(change, sentence):
    with pytest.raises(CourseError, match=sentence):
        churn.best_spend(**{**KEEPING, **change})
    with pytest.raises(CourseError, match=sentence):
        churn.cost_of_keeping([0], **{**KEEPING, **change})


@pytest.mark.parametrize("spend", [5, [-1, 0], [np.nan], ["much"], None, [[1, 2]]])
def test_spend_is_a_list_of_yuan(spend):
    with pytest.raises(CourseError, match="spend is a list of yuan per customer and year"):
        churn.cost_of_keeping(spend, **KEEPING)


# ---- what peers do wrong -------------------------------------------------------------------------

ON_TRANSACTIONS = [silent, triangle, revenue_losses]


@pytest.fixture
def bought():
    rows = [(who, day, 5.0) for who in ("b", "a") for day in ("2024-03-03", "2024-05-05")]
    return sales([*rows, ("a", "2025-05-05", 4.0)])


@pytest.mark.parametrize("function", ON_TRANSACTIONS)
def test_peers_fail_on_faulty_transactions(function, bought):
    for spoil, sentence in [
        (lambda f: f.drop(columns="date"), r"missing required columns: \['date'\]"),
        (lambda f: f.assign(date=f["date"].where(f.index > 0)), "1 of 5 values in 'date' are mis"),
        (lambda f: f.assign(customer=f["customer"].where(f.index > 0)), "1 of 5 .*'customer'"),
        (lambda f: f.assign(date=f["date"].astype(str)), "'date' must hold dates.*to_datetime"),
        (lambda f: f.assign(date=20250101), "'date' must hold dates"),
        (lambda f: f.assign(date=f["date"].dt.tz_localize("UTC")), "without a time zone"),
        (lambda f: f[:0], "the table is empty"),
        (lambda f: f["date"], "must be a table"),
    ]:
        with pytest.raises(CourseError, match=sentence):
            function(spoil(bought))


@pytest.mark.parametrize("function", [silent, triangle])
def test_peers_let_results_depend_on_the_day_of_the_run(function, bought):
    with pytest.raises(CourseError, match="observation_period_end is a date like"):
        function(bought, None)
    with pytest.raises(CourseError, match="observation_period_end is a date like"):
        function(bought, 20251231)
    with pytest.raises(CourseError, match="All transactions are later than 2023-12-31"):
        function(bought, "2023-12-31")


@pytest.mark.parametrize("function", ON_TRANSACTIONS)
def test_peers_change_the_frame_of_the_caller_or_ask_for_its_order_and_labels(function, bought):
    before, found = bought.copy(), function(bought)
    pd.testing.assert_frame_equal(bought, before)
    for other in (
        bought.sample(frac=1, random_state=5),
        bought.set_axis([7] * len(bought)),  # as concat leaves it
        bought.set_index("customer", drop=False),
        bought.assign(note=None),
    ):
        pd.testing.assert_frame_equal(function(other), found)


def test_the_other_functions_leave_their_columns_alone(four):
    before = four.copy()
    contract_losses(four)
    pd.testing.assert_frame_equal(four, before)
    rows = pd.DataFrame({"time": [3, 1, 2], "lost": [True, False, True], "by": list("aba")})
    before = rows.copy()
    churn.survival_curve(rows["time"], rows["lost"], entry=rows["time"] - 1)
    churn.loss_rate(rows["lost"], by=rows["by"])
    pd.testing.assert_frame_equal(rows, before)


@pytest.mark.parametrize("function", ON_TRANSACTIONS)
@pytest.mark.parametrize("dtype", ["category", "str", "object"])
def test_any_kind_of_id_names_a_customer(function, dtype, bought):
    bought["customer"] = bought["customer"].astype(dtype)
    if dtype == "category":  # with one who bought nothing
        bought["customer"] = bought["customer"].cat.add_categories("0")
    found = function(bought)
    expected = function(bought.astype({"customer": "object"}))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_categorical=False)


def test_peers_fill_what_is_not_yet_observed_with_zero(three):
    found = triangle(three, "2024-12-31")
    assert found.loc["2024Q1", 2] == 0 and found.loc["2024Q3", 2:].isna().all()


def test_peers_count_the_unknown_as_kept(four):
    assert churn.loss_rate(contract_losses(four)["lost"]).loc["all", "n"] == 2
