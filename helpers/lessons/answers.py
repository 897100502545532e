"""Read an answer, whatever it is.

`read` turns any Python object into plain data for the form that the exercise wants, or raises
`Misread` with a sentence for the student. Nothing of a foreign class is ever called: an object's
type is taken from its head, its value through the built-in class beneath. That is why an object
whose `__eq__` raises, or whose `__iter__` never ends, does no harm here.
"""

import datetime
import functools
import math
import types
from collections import Counter, deque
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from helpers.exercises import Exercise
from helpers.lessons.cards import clean, number_text

MAX_ITEMS = 50_000  # values of a container, characters of a text: more is never an answer
FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, functools.partial)
LAZY = (types.GeneratorType, map, filter, zip, enumerate, reversed)
VIEWS = (type({}.keys()), type({}.values()), deque)
DURATIONS = (datetime.timedelta, np.timedelta64, pd.Timedelta)
DATES = (datetime.date, datetime.datetime, np.datetime64, pd.Timestamp)
WORDED = (pd.Period, pd.Interval)


class Misread(Exception):
    """An answer that cannot be of the form wanted; the text is a sentence for the student."""


@dataclass(frozen=True)
class Odd:
    """Something that is neither number, text, date nor truth value; `name` says what."""

    name: str


def _is(kind: type, kinds: tuple[type, ...]) -> bool:
    return any(kind is each for each in kinds)


def _belongs_to(kind: type, package: str) -> bool:
    """Whether a type comes from a package, read without asking the type's own class."""
    try:
        module = type.__dict__["__module__"].__get__(kind)
    except AttributeError:  # a class may have lost it
        return False
    return type(module) is str and module.split(".")[0] == package


def name_of(value: object) -> str:
    """What a value is, in a student's words: "a function", "a DataFrame", "an object of type X"."""
    kind = type(value)
    if _is(kind, FUNCTIONS):
        return "a function"
    if _is(kind, DURATIONS):
        return "a duration: take its days"
    if issubclass(kind, type):
        return "a class"
    if issubclass(kind, types.ModuleType):
        return "a module"
    name = clean(type.__dict__["__name__"].__get__(kind), 40)
    article = "an" if name[:1].lower() in "aeio" else "a"
    known = _belongs_to(kind, "builtins") or _belongs_to(kind, "pandas")
    return f"{article} {name}" if known else f"an object of the type {name}"


def quote(value: object) -> str:
    """A plain value as a student would recognise it, cut short."""
    if type(value) is tuple:
        return ", ".join(quote(part) for part in value)
    if type(value) is float:
        return number_text(value) if math.isfinite(value) else "NaN"
    if type(value) is pd.Timestamp:
        return str(value.date())
    return value.name if type(value) is Odd else f'"{clean(value, 40)}"'


def blank(answer: object) -> str:
    """One sentence if there is no answer yet (`...`, "…", None), else ""."""
    if answer is None:
        return "The answer is None: did the cell print its result instead of assigning it?"
    if answer is Ellipsis or (type(answer) is str and answer.strip() in ("", "...", "…")):
        return "There is no answer yet."
    return ""


def scalar(value: object) -> float | str | bool | pd.Timestamp | Odd:
    """A plain float, str, bool or Timestamp for anything equivalent; a missing value is NaN."""
    kind = type(value)
    if kind is bool:
        return value
    if issubclass(kind, str):
        return str.__str__(value)[:MAX_ITEMS].strip()
    if value is None or value is pd.NA or value is pd.NaT or value is np.ma.masked:
        return math.nan
    if kind is np.bool_:
        return bool(value)
    if _is(kind, DURATIONS):
        return Odd(name_of(value))
    try:
        if issubclass(kind, float):
            return float.__float__(value)
        if issubclass(kind, int):
            return float(int.__int__(value))
        if _is(kind, (Decimal, Fraction)):
            return float(value)
        if issubclass(kind, (np.integer, np.floating)) and _belongs_to(kind, "numpy"):
            return float(value)
        if _is(kind, DATES):
            date = pd.Timestamp(value)
            return math.nan if date is pd.NaT else date
        if _is(kind, WORDED):
            return str(value)
    except OverflowError:
        return math.inf
    except ValueError:  # a signalling NaN, a date beyond all calendars
        return math.nan
    return Odd(name_of(value))


def contents(value: object) -> list | None:
    """The raw items of a container that holds them already; None for anything else."""
    kind = type(value)
    for builtin in (list, tuple, set, frozenset, dict):
        if issubclass(kind, builtin):
            _limit(builtin.__len__(value))
            return list(builtin.__iter__(value))
    if kind is range:
        _limit((value.stop - value.start) // value.step)  # len() fails beyond 2**63
        return list(value)
    if _is(kind, VIEWS):
        _limit(len(value))
        return list(value)
    if _is(kind, (np.ndarray, np.ma.MaskedArray)):
        _limit(value.size)
        items = value.ravel()
        return list(items) if items.dtype.kind in "mM" else items.tolist()
    if kind is pd.DataFrame:
        _limit(value.size)
        return list(value.to_numpy(dtype=object).ravel())
    arrays = (pd.Series, pd.Index, pd.api.extensions.ExtensionArray)
    if _belongs_to(kind, "pandas") and issubclass(kind, arrays):
        _limit(len(value))
        return list(value)
    return None


def _limit(size: int) -> None:
    if size > MAX_ITEMS:
        raise Misread(f"This holds {size:,} values: far more than the question asks for.")


def refuse(value: object, wanted: str) -> Misread:
    """Why a value that is not a container of the right kind cannot be the answer."""
    kind = type(value)
    if _is(kind, FUNCTIONS):
        return Misread("That is the function itself: call it, with () behind its name.")
    name = name_of(value)
    if _is(kind, LAZY) or _belongs_to(kind, "itertools") or name.endswith("iterator"):
        return Misread(
            f"{wanted} is wanted; this is {name}, which holds no values yet: put list(…) around it."
        )
    if _belongs_to(kind, "pandas") and name.endswith("GroupBy"):
        return Misread("That is a groupby which still waits for .sum(), .mean() or the like.")
    return Misread(f"{wanted} is wanted; this is {name}.")


def read_number(answer: object) -> float:
    items = contents(answer)
    if items is not None and len(items) != 1:
        raise Misread(f"One number is wanted; this is {name_of(answer)} with {len(items)} values.")
    value = scalar(answer if items is None else items[0])
    if type(value) is str:
        raise Misread(
            "A number is wanted, without quotes and without the unit; "
            f"this is the text {quote(value)}."
        )
    if type(value) is bool:
        raise Misread(f"A number is wanted; {value} is a truth value.")
    if type(value) is pd.Timestamp:
        raise Misread(f"A number is wanted; this is the date {value.date()}.")
    if type(value) is Odd:
        raise refuse(answer if items is None else items[0], "A number")
    if math.isnan(value):
        raise Misread("The answer is NaN (missing): is a value missing, or was 0 divided by 0?")
    if math.isinf(value):
        raise Misread("The answer is infinite: was something divided by 0?")
    return value


def read_text(answer: object) -> str:
    items = contents(answer)
    value = scalar(items[0] if items is not None and len(items) == 1 else answer)
    if type(value) is not str:
        raise refuse(answer, "A text in quotes")
    return value


def read_ids(answer: object, exercise: Exercise) -> list:
    if exercise.form == "a list of ids" and issubclass(type(answer), (set, frozenset)):
        raise Misread("A set has no order: pass a list, the first id first.")
    if _is(type(answer), (pd.Series, pd.DataFrame)):
        answer = _id_column(answer, exercise.keys)
    items = [answer] if type(scalar(answer)) is str else contents(answer)
    if items is None:
        raise refuse(answer, "A list of ids")
    ids = [_key(item) for item in items]
    if odd := next((each for each in ids if type(each) is Odd), None):
        raise Misread(f"A list of ids is wanted; {odd.name} stands among them.")
    return ids


def read_table(answer: object, exercise: Exercise, like: pd.Series | pd.DataFrame) -> dict:
    """{column: {key: value}}, by the key and value columns of the reference `like`."""
    keys, values = _layout(like, exercise.keys)
    if not (issubclass(type(answer), dict) or _is(type(answer), (pd.Series, pd.DataFrame))):
        raise refuse(answer, exercise.form.replace("a ", "A ", 1))
    levels, columns = _parts(answer)
    found = [_by_name(levels + columns, key) for key in keys]
    if None in found and len(levels) == len(keys) and len(columns) == len(values):
        found = levels
    elif None in found and len(columns) == len(keys) + len(values):
        found = columns[: len(keys)]
    elif None in found:
        raise Misread(f"The column {keys[found.index(None)]} is missing.")
    rest = [column for column in columns if not any(column is key for key in found)]
    chosen = [_by_name(rest, value) for value in values]
    if None in chosen and len(values) == 1 == len(rest):
        chosen = rest
    if None in chosen:
        if len(values) == 1:
            raise Misread(f"One value for each id is wanted; this has {len(rest)} columns.")
        raise Misread(f"The column {values[chosen.index(None)]} is missing.")
    rows = [tuple(map(_key, row)) for row in zip(*(column for _, column in found), strict=True)]
    key, times = (Counter(rows).most_common(1) or [((), 0)])[0]
    if times > 1:
        raise Misread(f"One row for each id is wanted; {quote(key)} stands there {times} times.")
    return {
        str(name): dict(zip(rows, map(scalar, column), strict=True))
        for name, (_, column) in zip(values, chosen, strict=True)
    }


def _layout(like: pd.Series | pd.DataFrame, keys: tuple[str, ...]) -> tuple[list, list]:
    if type(like) is pd.Series:
        return list(like.index.names), [like.name]
    return list(keys), [name for name in like.columns if name not in keys]


def _parts(answer: dict | pd.Series | pd.DataFrame) -> tuple[list, list]:
    """The index levels and the columns of a table, each as (name, raw values)."""
    if issubclass(type(answer), dict):
        return [("", contents(answer))], [("", list(dict.values(answer)))]
    _limit(max(answer.size, len(answer)))
    index = answer.index
    levels = [(_name(index.names[n]), index.get_level_values(n)) for n in range(index.nlevels)]
    if type(answer) is pd.Series:
        return levels, [(_name(answer.name), answer.tolist())]
    names = enumerate(answer.columns)
    return levels, [(_name(name), answer.iloc[:, n].tolist()) for n, name in names]


def _name(label: object) -> str:
    """The name of a column or index level, whatever its case and spaces; "" for none."""
    return "" if label is None else str(scalar(label)).casefold().replace(" ", "_")


def _by_name(columns: list, wanted: object) -> tuple | None:
    """The column of a name; None where there is none."""
    named = [column for column in columns if column[0] and column[0] == _name(wanted)]
    if len(named) > 1:
        raise Misread(f"The name {wanted} stands there twice (column or index): keep one of them.")
    return named[0] if named else None


def _id_column(answer: pd.Series | pd.DataFrame, keys: tuple[str, ...]) -> list:
    """The ids in a Series or table: the column of that name, or the only one of texts."""
    levels, columns = _parts(answer)
    for key in keys:
        if named := _by_name(levels + columns, key):
            return list(named[1])
    for place in (columns, levels):
        texts = [ids for _, ids in place if all(type(scalar(each)) is str for each in ids)]
        if len(texts) == 1:
            return list(texts[0])
    if len(columns) == 1:
        return list(columns[0][1])
    raise Misread("A list of ids is wanted: which column of this table holds them?")


def _key(value: object) -> object:
    plain = scalar(value)
    return "(missing)" if type(plain) is float and math.isnan(plain) else plain


def read(answer: object, exercise: Exercise, like: object) -> object:
    """An answer as plain data in the form that the exercise wants; `like` is the raw reference."""
    match exercise.form:
        case "a number":
            return {"": {(): read_number(answer)}}  # a table of one value
        case "a choice" | "a memo":
            return read_text(answer)
        case "a set of ids" | "a list of ids":
            return read_ids(answer, exercise)
        case _:
            return read_table(answer, exercise, like)
