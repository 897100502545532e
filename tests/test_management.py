"""Managing customers: warning signs, dates of care, and what to do with scarce hours and yuan."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import lifecycle, segments
from helpers.data import CourseError

DAY = pd.Timestamp("2025-12-31")


def days_ago(*days: int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([DAY - pd.Timedelta(days=each) for each in days])


def tables(**changes) -> dict[str, pd.DataFrame]:
    """Four tables of one account that orders every 30 days and worries nobody."""
    orders = pd.DataFrame({"date": days_ago(*range(360, 0, -30))})
    orders = orders.assign(account_id="K1", quantity=1, unit_price=100.0)
    known = {
        "orders": orders,
        "tickets": pd.DataFrame({"account_id": ["K1"], "opened": days_ago(300), "kind": "repair"}),
        "contacts": pd.DataFrame({"account_id": ["K1", "K1"], "end": [DAY - DAY + pd.NaT, pd.NaT]}),
        "touches": pd.DataFrame({"account_id": ["K1"], "date": days_ago(20), "note": ["all well"]}),
    }
    known["contacts"]["end"] = pd.to_datetime(known["contacts"]["end"])
    return known | changes


def signs_up(**changes) -> set[str]:
    signs = lifecycle.warning_signs(**tables(**changes), as_of=DAY)
    return set(signs.columns[signs.loc["K1"]])


def lines(*days: int, price: float = 100.0) -> pd.DataFrame:
    return pd.DataFrame(
        {"account_id": "K1", "date": days_ago(*days), "quantity": 1, "unit_price": price}
    )


# ---- warning signs -------------------------------------------------------------------------------


def test_a_quiet_account_shows_no_sign():
    assert signs_up() == set()


@pytest.mark.parametrize(("silence", "up"), [(60, False), (61, True)])
def test_the_gap_is_more_than_two_own_cycles(silence, up):
    orders = lines(*range(silence + 300, silence - 1, -30))
    assert ("gap" in signs_up(orders=orders)) is up


def test_who_bought_nothing_lately_has_the_smallest_basket():
    assert signs_up(orders=lines(*range(340, 99, -60))) == {"basket"}


def test_the_basket_falls_against_a_quarter_of_what_was_usual():
    usual = lines(*range(345, 91, -30))  # 9 orders of 100 in 273 days: 300 a quarter
    just, less = lines(80, 50, price=90.0), lines(80, 50, price=89.9)
    assert "basket" not in signs_up(orders=pd.concat([usual, just]))
    assert "basket" in signs_up(orders=pd.concat([usual, less]))


def test_tickets_count_against_the_usual_number_and_inquiries_never():
    opened = days_ago(10, 300, 200, 100)
    usual = pd.DataFrame({"account_id": "K1", "opened": opened, "kind": "return"})
    one_more = pd.DataFrame({"account_id": "K1", "opened": days_ago(90), "kind": "complaint"})
    assert "tickets" not in signs_up(tickets=usual)
    assert "tickets" in signs_up(tickets=pd.concat([usual, one_more]))
    four = pd.DataFrame({"account_id": "K1", "opened": days_ago(*range(91, 95)), "kind": "repair"})
    twice = pd.concat([four, one_more, one_more])  # 2 against 4 / 3: not one more than usual
    assert "tickets" not in signs_up(tickets=twice)
    assert "tickets" in signs_up(tickets=twice[1:])
    assert "tickets" not in signs_up(tickets=pd.concat([usual, one_more.assign(kind="inquiry")]))


@pytest.mark.parametrize(("ago", "up"), [(90, True), (91, False), (-1, False)])
def test_a_contact_who_left_within_91_days_is_a_sign_and_one_who_will_leave_is_not(ago, up):
    contacts = pd.DataFrame({"account_id": ["K1"], "end": days_ago(ago)})
    assert ("contact" in signs_up(contacts=contacts)) is up


def test_a_note_is_a_clue_for_91_days():
    note = "showed us a rival's quotation, well below ours"
    told = pd.DataFrame({"account_id": ["K1"], "date": days_ago(90), "note": [note]})
    assert "diary" in signs_up(touches=told)
    assert "diary" not in signs_up(touches=told.assign(date=days_ago(91)))
    assert "diary" not in signs_up(touches=told.assign(date=days_ago(-1)))
    assert "diary" not in signs_up(touches=told.assign(note=None, date=days_ago(5)))


@pytest.mark.parametrize(("ago", "up"), [(90, False), (91, True), (363, True), (364, False)])
def test_the_basket_compares_91_days_with_the_273_before(ago, up):
    monthly = lines(*range(345, 0, -30))
    assert ("basket" in signs_up(orders=pd.concat([monthly, lines(ago, price=9_000.0)]))) is up


@pytest.mark.parametrize(("ago", "up"), [(90, True), (91, False), (363, False), (364, True)])
def test_an_older_failure_makes_a_new_one_usual(ago, up):
    opened = pd.DataFrame({"account_id": "K1", "opened": days_ago(0, ago), "kind": "return"})
    assert ("tickets" in signs_up(tickets=opened)) is up
    assert "tickets" not in signs_up(tickets=opened.assign(account_id="K2"))


def test_what_happened_today_is_a_sign_too():
    left = pd.DataFrame({"account_id": ["K1"], "end": days_ago(0)})
    told = pd.DataFrame({"account_id": ["K1"], "date": days_ago(0), "note": "a good talk"})
    assert signs_up(contacts=left, touches=told) == {"contact"}
    assert signs_up(touches=told.assign(note="they will move out")) == {"diary"}
    signs = lifecycle.warning_signs(**tables(touches=told), as_of=DAY, clues="good")
    assert signs.loc["K1", "diary"]


def test_what_comes_later_changes_no_sign():
    known = tables()
    later = lines(-5, -20, price=9_999.0)
    known["orders"] = pd.concat([known["orders"], later], ignore_index=True)
    pd.testing.assert_frame_equal(
        lifecycle.warning_signs(**known, as_of=DAY), lifecycle.warning_signs(**tables(), as_of=DAY)
    )


def test_who_is_gone_or_has_no_cycle_is_not_asked():
    gone = lines(400, 370, 340, 310).assign(account_id="K2")
    new = lines(20, 10).assign(account_id="K3")
    orders = pd.concat([tables()["orders"], gone, new])
    signs = lifecycle.warning_signs(**tables(orders=orders), as_of=DAY)
    assert list(signs.index) == ["K1"] and signs.index.name == "account_id"
    assert list(signs.columns) == ["gap", "basket", "tickets", "contact", "diary"]
    assert signs.dtypes.map(str).eq("bool").all()


def test_missing_columns_are_named():
    with pytest.raises(CourseError, match=r"touches is missing .*'note'"):
        lifecycle.warning_signs(
            **tables(touches=tables()["touches"].drop(columns="note")), as_of=DAY
        )


def test_a_quick_buyer_on_holiday_is_not_gone():
    assert "gap" in signs_up(orders=lines(*range(130, 59, -7)))  # 60 days: eight own cycles


# ---- dates of care -------------------------------------------------------------------------------

RULES = {"A": 14, "B": 30}


def care(last_touch, tier="A", warned=False, **rules) -> pd.Series:
    customers = pd.DataFrame(
        {"last_touch": pd.to_datetime([last_touch]), "tier": [tier], "warned": [warned]}
    )
    return lifecycle.care_dates(customers, as_of=DAY, **({"every_days": RULES} | rules)).iloc[0]


def test_it_is_a_customers_turn_so_many_days_after_the_last_word():
    found = care("2025-12-10", "B")
    assert found["due"] == pd.Timestamp("2026-01-09")
    assert found["days_late"] == -9
    assert found["reason"] == "tier B: every 30 days"


def test_a_warning_makes_it_sooner_and_never_later():
    assert care("2025-12-10", "B", warned=True)["due"] == pd.Timestamp("2025-12-17")
    assert care("2025-12-10", "B", warned=True)["reason"] == "warned: within 7 days"
    assert care("2025-12-10", "A", warned=True, warned_days=20)["due"] == pd.Timestamp("2025-12-24")
    assert care("2025-12-10", "A", warned=True, warned_days=14)["reason"] == "tier A: every 14 days"
    assert care("2025-12-10", "B", warned=None)["reason"] == "tier B: every 30 days"
    assert care(DAY)["days_late"] == -14  # spoken to today: no word of the future


def test_whoever_was_never_spoken_to_is_due_today():
    found = care(None)
    assert (found["due"], found["days_late"], found["reason"]) == (DAY, 0, "never spoken to")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"tier": "Z"}, "no rule for these tiers: .'Z'."),
        ({"last_touch": "2026-01-02"}, "lies after 2025-12-31"),
        ({"every_days": {"A": 0}}, "1 or more"),
        ({"every_days": {}}, "such as"),
        ({"warned": "perhaps"}, "True and False"),
    ],
)
def test_a_rule_of_care_that_cannot_be_kept_says_why(arguments, said):
    with pytest.raises(CourseError, match=said):
        care(**({"last_touch": "2025-12-10"} | arguments))


def test_nobody_to_care_for_is_no_fault():
    empty = pd.DataFrame({"last_touch": pd.to_datetime([]), "tier": [], "warned": []})
    assert lifecycle.care_dates(empty, as_of=DAY, every_days=RULES).empty


def test_each_customer_keeps_their_label_and_tiers_may_be_categories():
    customers = pd.DataFrame(
        {
            "last_touch": pd.to_datetime(["2025-12-01", None, "2025-12-01"]),
            "tier": pd.Categorical(["B", "A", "A"]),
            "warned": [False, True, True],
        },
        index=["K1", "K2", "K3"],
    )
    found = lifecycle.care_dates(customers, as_of=DAY, every_days=pd.Series(RULES))
    assert found.columns.tolist() == ["due", "days_late", "reason"]
    assert found["days_late"].to_dict() == {"K1": 0, "K2": 0, "K3": 23}
    said = ["tier B: every 30 days", "never spoken to", "warned: within 7 days"]
    assert found["reason"].tolist() == said
    assert care("2025-12-10", every_days={"A": 1})["due"] == pd.Timestamp("2025-12-11")


# ---- allocation ----------------------------------------------------------------------------------


def options(*rows: tuple[float, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["yuan", "hours", "cost"][: len(rows[0])])


def test_with_one_limit_the_best_per_hour_come_first():
    todo = options((100, 1), (150, 2), (60, 1))  # 100, 75 and 60 yuan an hour
    found = segments.allocate(todo, value_col="yuan", limits={"hours": 2})
    assert found.share.tolist() == pytest.approx([1, 0.5, 0])
    assert found.value == pytest.approx(175)
    assert found.used["hours"] == pytest.approx(2)
    assert found.shadow_price["hours"] == pytest.approx(75)
    for series, name in (
        (found.share, "share"),
        (found.used, "used"),
        (found.shadow_price, "shadow_price"),
    ):
        assert series.name == name
        assert series.index.name == (None if name == "share" else "limit")


@pytest.mark.parametrize("count", [1_999, 2_000, 2_001])
def test_of_thousands_of_options_too_the_best_per_hour_come_first(count):
    todo = pd.DataFrame({"yuan": np.arange(count, 0.0, -1), "hours": 1.0})
    found = segments.allocate(todo, value_col="yuan", limits={"hours": 10.5})
    assert found.share[:12].tolist() == pytest.approx([1] * 10 + [0.5, 0], abs=1e-6)
    assert found.value == pytest.approx(sum(range(count - 9, count + 1)) + (count - 10) / 2)
    assert found.shadow_price["hours"] == pytest.approx(count - 10)


def test_two_limits_by_hand():
    # The textbook corner: x + y <= 1.2 and 3x + y <= 2 meet at x = 0.4, y = 0.8.
    todo = options((5, 1, 3), (4, 1, 1))
    found = segments.allocate(todo, value_col="yuan", limits={"hours": 1.2, "cost": 2})
    assert found.share.tolist() == pytest.approx([0.4, 0.8])
    assert found.value == pytest.approx(5.2)
    assert found.shadow_price.to_dict() == pytest.approx({"hours": 3.5, "cost": 0.5})


def test_what_costs_more_than_it_brings_is_left_and_what_is_left_over_has_no_price():
    found = segments.allocate(options((-5, 1), (7, 1)), value_col="yuan", limits={"hours": 9})
    assert found.share.tolist() == [0, 1]
    assert found.shadow_price["hours"] == 0


amounts = st.floats(0, 1000, allow_nan=False).map(lambda amount: round(amount, 2))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(amounts, amounts, amounts), min_size=1, max_size=12), amounts, amounts)
def test_no_greedy_plan_beats_it_and_its_prices_explain_its_value(rows, hours, cost):
    todo, limits = options(*rows), {"hours": hours, "cost": cost}
    found = segments.allocate(todo, value_col="yuan", limits=limits)
    assert (found.used <= pd.Series(limits) + 1e-6).all()
    assert found.share.between(-1e-9, 1 + 1e-9).all()
    left, greedy = np.array([hours, cost]), 0.0
    for value, *takes in sorted(rows, key=lambda row: -row[0]):
        takes = np.array(takes)
        part = min([1.0, *(left[takes > 0] / takes[takes > 0])])
        left, greedy = left - part * takes, greedy + part * value
    assert found.value >= greedy - 1e-5
    # Duality: the limits at their prices, and each option's worth beyond them, are all the value.
    prices = found.shadow_price.to_numpy()
    beyond = (todo["yuan"] - todo[["hours", "cost"]].to_numpy() @ prices).clip(lower=0).sum()
    assert found.value == pytest.approx(prices @ [hours, cost] + beyond, rel=1e-6, abs=1e-4)


@pytest.mark.parametrize(
    ("todo", "limits", "said"),
    [
        (options((1, 1)), {"minutes": 1}, "missing required columns: .'minutes'."),
        (options((1, 1)), {}, "what is scarce"),
        (options((1, 1)), {"hours": -1}, "from 0"),
        (options((1, np.nan)), {"hours": 1}, "are missing"),
        (options((1, -1)), {"hours": 1}, "less than 0"),
        (options((1, 1)).iloc[:0], {"hours": 1}, "no option"),
        (options((1, 1), (2, 1)).set_axis([0, 0]), {"hours": 1}, "twice"),
        (options((1, 1)).astype({"hours": str}), {"hours": 1}, "must hold numbers"),
    ],
)
def test_options_that_cannot_be_compared_say_why(todo, limits, said):
    with pytest.raises(CourseError, match=said):
        segments.allocate(todo, value_col="yuan", limits=limits)


def test_nothing_of_the_callers_is_changed():
    todo = options((1, 1))
    before = todo.copy()
    segments.allocate(todo, value_col="yuan", limits={"hours": 1})
    pd.testing.assert_frame_equal(todo, before)
