"""Objects that are no answer: such as raise, hang, never end, are huge, or merely odd."""

import array
import asyncio
import collections
import datetime
import decimal
import fractions
import functools
import itertools
import math
import threading
import time
import types

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from hypothesis import strategies as st

from helpers.lessons import Feedback, check

NUMBER = 987_654.5  # right nowhere


def told(exercises: list[str], answers: list) -> list[tuple[str, object, Feedback]]:
    """What `check` says to each answer at each exercise; fails where one hangs or raises."""
    said = []

    def ask() -> None:
        for exercise in exercises:
            for answer in answers:
                said.append((exercise, answer, check(exercise, answer)))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout=120)
    if len(said) < len(exercises) * len(answers):
        which, place = divmod(len(said), len(answers))
        raise AssertionError(f"{exercises[which]} hangs or raises at {type(answers[place])}")
    return said


def _raises(*_, **__):
    raise RuntimeError("touched")


def _never_ends(*_, **__):
    while True:
        time.sleep(0.01)


def _class(touched, *bases, meta=type):
    special = (
        "eq ne lt hash repr str format len iter next getitem contains bool int float index array"
    )
    methods = {f"__{name}__": touched for name in special.split()}
    return meta("Hostile", bases, methods | {"__getattr__": touched})


class _Printing:
    def __repr__(self) -> str:
        print("printed")
        return "x"

    __str__ = __repr__


class _Meta(type):
    """A class that cannot even be asked for its name."""

    __eq__ = __hash__ = __instancecheck__ = __subclasscheck__ = __getattribute__ = _raises
    __name__ = property(_raises)


def hostile() -> list:
    looped = []
    looped.append(looped)
    boxed = np.empty(1, dtype=object)
    boxed[0] = _class(_never_ends)()
    return [
        _class(_raises)(),
        _class(_never_ends)(),
        _class(_never_ends, list)([1, 2]),
        _class(_never_ends, dict)(a=1),
        _class(_raises, float)(NUMBER),
        _class(_raises, str)("x"),
        _Printing(),
        [_Printing()],
        _Meta("Nameless", (), {})(),
        _Meta("Nameless", (), {}),
        looped,
        {"a": looped},
        [_class(_raises)(), _class(_never_ends)()],
        boxed,
        pd.Series(boxed, index=["K1"], dtype=object),
        pd.DataFrame({"account_id": ["K1"], "profit": pd.Series(boxed, dtype=object)}),
    ]


def _nested(depth: int) -> list:
    return functools.reduce(lambda inner, _: [inner], range(depth), [])


HUGE = [
    range(10**30), range(10**30, 0, -1), np.zeros(10**7), "x" * 10**7, " " * 10**7, 10**5000,
    pd.DataFrame({"a": range(10**6)}), pd.DataFrame(index=range(10**7)), set(range(10**6)),
    pd.DataFrame({"a": np.zeros(10**7)}), pd.DataFrame(np.zeros((1, 40_000))), _nested(10**5),
    pd.DataFrame(columns=range(10**5)), dict.fromkeys(map(str, range(10**5))), b"1" * 10**7,
    ["y" * 10**5] * 9_999, [f"K{n:05}" for n in range(9_999)],
    {f"K{n:05}": 1.5 for n in range(9_999)},
    pd.interval_range(0, 9_999),
    pd.Series(1.5, index=pd.period_range("1990", periods=9_999, freq="D")),
    [{"account_id": n, "key": "x"} for n in range(9_999)], decimal.Decimal("1" * 10**5),
]  # fmt: skip
LAZY = [itertools.count(), (n for n in itertools.count()), map(str, itertools.count()), iter([1])]
ODD = [
    ..., None, math.nan, -math.inf, pd.NA, pd.NaT, np.ma.masked, True, np.bool_(False), 1j, b"3",
    decimal.Decimal("sNaN"), decimal.Decimal("1e999999"), fractions.Fraction(10**400, 3),
    datetime.date(2025, 1, 1), datetime.timedelta(1), np.datetime64("NaT"), np.timedelta64(1, "D"),
    math, len, "".join, lambda: 1, pd.DataFrame, type, object(), NotImplemented, Exception("x"),
    slice(1), memoryview(b"ab"), "\ud800", "", "78,4 %", [], {}, (), set(), [[]], [...],
    np.zeros((2, 0)), np.zeros(2, dtype=[("a", int)]), np.array("x"), np.longdouble(NUMBER),
    np.ma.array([1.0], mask=[True]), pd.Categorical(["a"]), pd.Period("2025"), pd.Interval(0, 1),
    pd.Series(dtype=float), pd.DataFrame(), pd.DataFrame([[1, 2]], columns=["profit", "profit"]),
    pd.DataFrame({"a": [1]}).groupby("a"), pd.MultiIndex.from_tuples([(1, 2)]),
    pd.DataFrame([[NUMBER]], columns=pd.MultiIndex.from_tuples([("a", "b")])),
    pd.DataFrame({1.5: [NUMBER]}), pd.DataFrame([["K1", 1, 2]], columns=["account_id", "x", "x"]),
    pd.DataFrame({"a": [1]}).style, pd.Series([1]).rolling(2), pd.DataFrame({"a": [1]}).sum, np.exp,
    np.mean, str.upper, plt.Figure().subplots(), ipywidgets.IntSlider(), asyncio.sleep,
    collections.Counter("abc"), collections.ChainMap({"a": 1}), types.SimpleNamespace(a=1),
    types.MappingProxyType({"a": 1}), array.array("d", [1.0]), Feedback("right", "3.2", ""),
    "<script>alert(1)</script>", ["<b>K1</b>"], {"<i>K1": 1}, "\u202eK1", "12 %", "¥1 234",
    "１２％", (1, 234), pd.Series([1.0, 2.0], index=["K1", "K1"]), pd.Series([True, False]),
    {"a": [[1], [2]]},
    [{"a": 1}, {"b": 2}], {"account_id": 1, "key": 2, "layer": 3}, [("K1", 1)],
]  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.decimals() | st.fractions() | st.dates() | st.datetimes() | st.binary(max_size=3)
    | st.just(...) | st.just(pd.NA) | st.complex_numbers()
)  # fmt: skip
HASHABLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
NESTED = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(HASHABLE, inner, max_size=4)
        | st.frozensets(HASHABLE, max_size=4)
        | st.lists(inner, max_size=4).map(lambda items: pd.Series(items, dtype=object))
        | st.dictionaries(st.text(max_size=3), inner, max_size=3).map(
            lambda items: pd.DataFrame({name: pd.Series([item]) for name, item in items.items()})
        )
    ),
    max_leaves=8,
)
