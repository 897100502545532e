"""`check` takes any Python object, and every reasonable form of an answer, at once."""

import decimal
import fractions
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from strange import HUGE, LAZY, NESTED, ODD, hostile, told

from helpers.exercises import Exercise, Mistake
from helpers.lessons import check
from helpers.lessons.answers import Misread, blank, read
from helpers.lessons.differences import difference, tolerance
from helpers.lessons.feedback import judge

IDS = [f"K{n:04}" for n in range(1, 13)]
QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def verdict(exercise: Exercise, answer: object, reference: object) -> str | None:
    """None where an answer agrees with the reference, else what differs."""
    try:
        given_ = read(answer, exercise, reference)
    except Misread as said:
        return str(said)
    return difference(given_, read(reference, exercise, reference), exercise)


# ---- any object ----------------------------------------------------------------------------------


FORMS = [f"98.{n}" for n in (*range(1, 8), 9)]


@pytest.mark.parametrize("exercise", FORMS)
@pytest.mark.parametrize("kind", ["hostile", "huge", "lazy", "odd"])
def test_no_object_raises_hangs_or_is_used_up(toy, exercise, kind):
    answers = {"hostile": hostile(), "huge": HUGE, "lazy": LAZY, "odd": ODD}[kind]
    for _, _, feedback in told([exercise], answers):
        feedback._repr_html_().encode()
        assert feedback.status in ("not tried", "wrong", "right", "known mistake")
        assert "could not be judged" not in feedback.message
        assert feedback.message or feedback.status == "right"
    assert next(LAZY[3], None) == 1 if kind == "lazy" and exercise == FORMS[-1] else True


@QUICK
@given(answer=NESTED, exercise=st.sampled_from(FORMS))
def test_any_nest_of_values_gets_a_sentence(toy, answer, exercise):
    feedback = check(exercise, answer)
    assert feedback.message.strip() and "could not be judged" not in feedback.message


# ---- every form of the right answer --------------------------------------------------------------

WRAPS = [
    float, np.float64, np.array, lambda x: np.array([x]), lambda x: [x], lambda x: (x,),
    lambda x: pd.Series([x], index=["any"]), lambda x: pd.DataFrame({"any": [x]}), decimal.Decimal,
    fractions.Fraction, lambda x: pd.Series([x], dtype="Float64"), lambda x: pd.Index([x]),
    np.longdouble, lambda x: np.ma.array([x]), lambda x: pd.Series([x], dtype=object),
]  # fmt: skip


@QUICK
@given(
    number=st.floats(-1e9, 1e9, allow_subnormal=False),
    offset=st.floats(-3, 3).filter(lambda offset: abs(abs(offset) - 1) > 1e-3),
    absolute=st.sampled_from([0.1, 1.0, 50.0]),
    wrap=st.sampled_from(WRAPS),
)
def test_a_number_is_right_in_every_form_within_its_tolerance_and_never_beyond(
    number, offset, absolute, wrap
):
    exercise = Exercise("1.1", "?", tolerance=absolute)
    answer = number + offset * absolute
    beyond = abs(answer - number) > tolerance(number, exercise)
    assert (verdict(exercise, wrap(answer), number) is not None) == beyond


@given(number=st.integers(-(10**6), 10**6), other=st.integers(-(10**6), 10**6))
@example(number=0, other=0)
def test_a_count_is_right_exactly(number, other):
    said = verdict(Exercise("1.1", "?"), np.int32(other), number)
    assert (said is None) == (number == other)


ID_WRAPS = [
    list, tuple, np.array, pd.Series, pd.Index, pd.Categorical, dict.fromkeys, pd.array,
    lambda ids: np.array(ids, dtype=object), lambda ids: pd.Series(ids, dtype="category"),
    lambda ids: pd.DataFrame({"account_id": ids, "name": "x", "n": 1}),
    lambda ids: pd.DataFrame({"n": 1}, index=pd.Index(ids, name="account_id")),
    lambda ids: pd.Series(1.5, index=ids), lambda ids: dict.fromkeys(ids).keys(),
    lambda ids: pd.Series(ids, index=range(5, 5 + len(ids)), name="account_id"),
]  # fmt: skip


@given(
    wanted=st.lists(st.sampled_from(IDS), unique=True, min_size=1),
    answer=st.lists(st.sampled_from(IDS), unique=True, min_size=1),
    shuffled=st.randoms(),
    wrap=st.sampled_from(ID_WRAPS),
)
def test_ids_agree_whatever_holds_them_and_the_difference_is_counted(
    wanted, answer, shuffled, wrap
):
    free = Exercise("1.1", "?", form="a set of ids", key="account_id")
    ordered = Exercise("1.1", "?", form="a list of ids", key="account_id")
    again = wanted[:]
    shuffled.shuffle(again)
    assert verdict(free, wrap(again), wanted) is None
    assert verdict(ordered, wrap(wanted), wanted) is None
    assert (verdict(ordered, wrap(again), wanted) is None) == (again == wanted)
    surplus, missing = set(answer) - set(wanted), set(wanted) - set(answer)
    said = verdict(free, wrap(answer), wanted)
    assert (said is None) == (not surplus and not missing)
    if surplus:
        assert f"{len(surplus)} too many" in said and any(each in said for each in surplus)
    if missing:
        assert f"{len(missing)} missing" in said and not any(each in said for each in missing)


TABLES = st.dictionaries(
    st.sampled_from(IDS),
    st.tuples(st.floats(-1e6, 1e6) | st.just(math.nan), st.sampled_from("ABCD")),
    min_size=1,
).map(
    lambda rows: pd.DataFrame(
        [(each, *values) for each, values in rows.items()], columns=["account_id", "profit", "tier"]
    )
)
TABLE_WRAPS = [
    lambda table: table.set_index("account_id"),
    lambda table: table[["tier", "account_id", "profit"]],
    lambda table: table.rename(columns={"account_id": "Account ID", "profit": "Profit"}),
    lambda table: table.set_index("account_id").rename_axis(None),
    lambda table: table.assign(name="x", n=1),
    lambda table: table.astype({"tier": "category", "profit": "Float64"}),
    lambda table: table.set_index(pd.Index(range(7, 7 + len(table)))),
]


@given(table=TABLES, wrap=st.sampled_from(TABLE_WRAPS), seed=st.integers(0, 99), data=st.data())
def test_a_table_agrees_whatever_its_order_index_and_case(table, wrap, seed, data):
    exercise = Exercise("1.1", "?", form="a table", key="account_id", tolerance=0.01)
    shuffled = wrap(table.sample(frac=1, random_state=seed))
    assert verdict(exercise, shuffled, table) is None
    row = data.draw(st.integers(0, len(table) - 1))
    wrong = table.copy()
    wrong.loc[row, "tier"] = "E"
    said = verdict(exercise, wrap(wrong), table)
    assert f"1 of {len(table)} values differ" in said and table.loc[row, "account_id"] in said


SERIES_WRAPS = [
    lambda series: series,
    lambda series: series.rename("other").rename_axis("customer_id"),
    lambda series: series.to_dict(),
    lambda series: series.to_frame(),
    lambda series: series.rename_axis("customer_id").reset_index(),
    lambda series: series.astype(object),
]


@given(table=TABLES, wrap=st.sampled_from(SERIES_WRAPS), seed=st.integers(0, 99))
def test_a_series_agrees_whatever_its_order_and_names(table, wrap, seed):
    exercise = Exercise("1.1", "?", form="a Series", tolerance=0.01)
    series = table.set_index("account_id")["profit"]
    assert verdict(exercise, wrap(series.sample(frac=1, random_state=seed)), series) is None
    other = series.copy()
    other.iloc[0] = 5e6
    assert series.index[0] in verdict(exercise, wrap(other), series)


def test_a_stub_is_blank_and_an_answer_is_not():
    assert all(blank(stub) for stub in (..., None, "...", "…", "  "))
    assert not any(blank(answer) for answer in (0, "0", [], False, math.nan))


# ---- what a wrong number tells of its fault ------------------------------------------------------

NEAR = "Near, but outside the tolerance: was it rounded early, or is a row in or out?"
ROUNDED = "Very near: it looks rounded too far. Keep more digits and round at the end."


@pytest.mark.parametrize(
    ("wanted", "given_", "options", "said"),
    [
        (100, 101, {}, "That is too high."),
        (100, 50, {}, "That is too low."),
        (100, 49, {}, "That is much too low."),
        (100, 200, {}, "That is too high."),
        (100, 201, {}, "That is much too high."),
        (0, 5, {}, "That is much too high."),
        (-100, -101, {}, "That is too low."),
        (123.456, 123, {}, ROUNDED),
        (123.456, 120, {}, ROUNDED),
        (123.456, 100, {}, "That is too low."),
        (0.0123, 0.0125, {}, "That is too high."),
        (1_234_567.8, 1_200_000, {}, ROUNDED),
        (100, 105, {"tolerance": 1}, NEAR),
        (100, 106, {"tolerance": 1}, "That is too high."),
        (100, 105, {"tolerance": 1, "near": "which day?"},
         "Near, but outside the tolerance: which day?"),
        *[
            (7, 7 * 10.0**power, {}, f"That is {10 ** abs(power):,} times too {word}: look at the "
             "units.")
            for power, word in [(1, "large"), (-1, "small"), (2, "large"), (-2, "small"),
                                (3, "large"), (-3, "small"), (4, "large"), (6, "large"),
                                (-6, "small")]
        ],
        (7, 70.6, {}, "That is 10 times too large: look at the units."),
        (7, 70.8, {}, "That is much too high."),
        (202503, 202504, {"unit": "month"}, "That is too late."),
        (202503, 202502, {"unit": "month"}, "That is too early."),
    ],
)  # fmt: skip
def test_a_wrong_number_tells_of_its_fault(wanted, given_, options, said):
    assert verdict(Exercise("1.1", "?", **options), given_, wanted) == said


@pytest.mark.parametrize(
    ("wanted", "options", "allowed"),
    [
        (200.0, {"tolerance": 3}, 3),
        (200.0, {"relative": 0.05}, 10),
        (-200.0, {"relative": 0.05}, 10),
        (200.0, {"unit": "%"}, 0.1),
        (0.2, {"unit": "share"}, 0.001),
        (200.5, {"unit": "yuan"}, 1),
        (200.5, {}, 0.2005),
        (-200.5, {"unit": "days"}, 0.2005),
        (200.0, {}, 0),
        (200.0, {"tolerance": 0, "relative": 0.5, "unit": "yuan"}, 0),
    ],
)
def test_how_near_is_right(wanted, options, allowed):
    exercise = Exercise("1.1", "?", **options)
    assert tolerance(wanted, exercise) == pytest.approx(allowed, abs=1e-6)
    for way in (-1, 1):
        assert verdict(exercise, wanted + way * allowed, wanted) is None  # the edge is inside
        assert verdict(exercise, wanted + way * (allowed + 1e-4), wanted) is not None


@pytest.mark.parametrize(
    ("unit", "wanted", "given_", "reason"),
    [
        ("%", 12.5, 0.125, "That is a share between 0 and 1; the question asks for per cent."),
        ("share", 0.125, 12.5,
         "That is in per cent; the question asks for a share between 0 and 1."),
        ("yuan", 5e6, 5e3, "That is in thousands of yuan; the question asks for yuan."),
        ("yuan", 5e6, 500,
         "That is in units of 10,000 yuan (万元); the question asks for yuan."),
        ("thousand yuan", 5e3, 5e6, "That is in yuan; the question asks for thousands of yuan."),
        ("days", 5.0, -5.0, "The size is right, the sign is not: what was taken from what?"),
    ],
)  # fmt: skip
def test_a_telling_factor_is_a_known_mistake(unit, wanted, given_, reason):
    exercise = Exercise("1.1", "?", unit=unit)
    assert judge(given_, exercise, wanted) == ("known mistake", reason)
    assert judge(given_ * 1.5, exercise, wanted)[0] == "wrong"
    series = pd.Series({"K1": wanted, "K2": 2 * wanted, "K3": 0.0}).rename_axis("id")
    table = Exercise("1.1", "?", form="a Series", unit=unit)
    mistaken = series * (given_ / wanted)
    assert judge(mistaken, table, series) == ("known mistake", reason)
    assert judge(mistaken.drop("K3"), table, series) == ("wrong", "The rows differ: 1 missing.")
    assert judge(mistaken + series.eq(0) * 5, table, series)[0] == "wrong"


def test_a_known_mistake_is_known_within_a_tenth_of_itself():
    mistake = Mistake(lambda: 20.0, "That is the other one.")
    exercise = Exercise("1.1", "?", tolerance=5, mistakes=(mistake,))
    for answer, status in ((20, "known mistake"), (22, "known mistake"), (23, "wrong")):
        assert judge(answer, exercise, 90)[0] == status
    nothing = Exercise("1.1", "?", tolerance=1, mistakes=(Mistake(lambda: 0.0, "Nothing?"),))
    assert [judge(answer, nothing, 90)[0] for answer in (0, 0.5)] == ["known mistake", "wrong"]
    assert judge(20, exercise, 24) == ("right", "")  # where the mistake is right it is none


def test_values_of_a_table_may_be_dates_texts_and_truths():
    exercise = Exercise("1.1", "?", form="a table", key="id")
    table = pd.DataFrame({"id": ["K1", "K2"], "on": pd.to_datetime(["2025-01-01", "2025-02-01"])})
    table = table.assign(lost=[True, False], why=["price", "Rep "])
    assert verdict(exercise, table, table) is None
    assert verdict(exercise, table.assign(lost=[1, 0], why=["Price", "rep"]), table) is None
    for column, wrong, said in (
        ("on", pd.to_datetime(["2025-01-01", "2025-02-02"]), "2025-02-02."),
        ("on", ["2025-01-01"] * 2, '"2025-01-01".'),
        ("lost", [True, True], "True."),
        ("lost", ["True", False], '"True".'),
        ("why", ["price", None], "NaN."),
    ):
        told = verdict(exercise, table.assign(**{column: wrong}), table)
        assert told.startswith(f"In the column {column}: ") and told.endswith(f"you have {said}")
    numbers = table.assign(on=[1.5, math.nan])
    told = verdict(exercise, numbers.assign(on=[1.5, 2.0]), numbers)
    assert told == 'In the column on: 1 of 2 values differ; at "K2" you have 2.'
    told = verdict(exercise, numbers.assign(on=[math.nan, 2.0]), numbers)
    assert told == 'In the column on: 2 of 2 values differ; at "K1" you have NaN.'


def test_two_columns_may_be_the_key():
    table = pd.DataFrame({"id": ["K1", "K1"], "year": [2024, 2025], "profit": [5.0, 7.0]})
    exercise = Exercise("1.1", "?", form="a table", key=("id", "year"))
    assert verdict(exercise, table[::-1].set_index(["id", "year"]), table) is None
    said = verdict(exercise, table.assign(profit=[5.0, 9.0]), table)
    assert said == '1 of 2 values differ; at "K1", 2,025 you have 9. That is too high.'
    ids = Exercise("1.1", "?", form="a set of ids", key=("id", "year"))
    said = verdict(ids, pd.DataFrame({"a": ["x"], "b": ["y"]}), ["K1"])
    assert said == "The column id or year is missing; there are: a, b."


def test_ids_in_the_reverse_order_are_told_so():
    exercise = Exercise("1.1", "?", form="a list of ids", key="account_id")
    said = "The ids are right, in the reverse order: ascending for descending."
    assert verdict(exercise, IDS[::-1], IDS) == said
    assert verdict(exercise, [*IDS[:2], *IDS[:1:-1]], IDS).endswith("look at place 3.")
    assert verdict(exercise, [], IDS) == "This is empty: no id is in it."
