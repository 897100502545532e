"""Read an answer, whatever it is.

`read` turns any Python object into plain data for the form that the exercise wants, or raises
`Misread` with a sentence for the student. Nothing of a foreign class is ever called: an object's
type is taken from its head, its value through the built-in class beneath. That is why an object
whose `__eq__` raises, or whose `__iter__` never ends, does no harm here.
"""

import datetime
import functools
import math
import re
import types
import unicodedata
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from helpers.exercises import Exercise
from helpers.lessons.cards import clean, number_text

MAX_ITEMS, MAX_COLUMNS, MAX_CELLS = 10_000, 500, 100_000  # more is never an answer
MAX_TEXT, MAX_MEMO = 500, 20_000  # characters of an id, and of any text
FUNCTIONS = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodDescriptorType,
    functools.partial, type(functools.cache(id)), type(np.mean), np.ufunc,
)  # fmt: skip
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


def _package(kind: type) -> str:
    """The package that a type comes from, read without asking the type's own class."""
    try:
        module = type.__dict__["__module__"].__get__(kind)
    except AttributeError:  # a class may have lost it
        return ""
    return module.split(".")[0] if type(module) is str else ""


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
    name, package = clean(type.__dict__["__name__"].__get__(kind), 40), _package(kind)
    if package in ("builtins", "pandas"):
        return f"{'an' if name[:1].lower() in 'aeio' else 'a'} {name}"
    origin = "" if package in ("", "__main__") else f"{clean(package, 40)}."
    return f"an object of the type {origin}{name}"


def quote(value: object) -> str:
    """A plain value as a student would recognise it, cut short."""
    if type(value) is tuple:
        return ", ".join(quote(part) for part in value)
    if type(value) is float:
        return number_text(value) if math.isfinite(value) else "NaN"
    if type(value) is pd.Timestamp:
        return str(value.date())
    if type(value) is bool:
        return str(value)
    return value.name if type(value) is Odd else f'"{clean(value, 40)}"'


def fold(text: str) -> str:
    """A text as it is compared: whatever its case, spaces, dashes, quotes, width, full stop."""
    return " ".join(unmarked(text).replace("_", " ").split()).strip(".。 \"'")


def unmarked(text: str) -> str:
    """A text in lower case, with the plain letters, dashes and quotes of a keyboard."""
    plain = unicodedata.normalize("NFKC", text)
    return plain.translate(str.maketrans("‘’“”‐–—−", "''\"\"----")).casefold()


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
        return str.__str__(value)[: MAX_MEMO + 1].strip()
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
        if issubclass(kind, (np.integer, np.floating)) and _package(kind) == "numpy":
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
    if _package(kind) == "pandas" and issubclass(kind, arrays):
        _limit(len(value))
        return list(value)
    return None


def _limit(size: int, most: int = MAX_ITEMS, what: str = "values") -> None:
    if size > most:
        raise Misread(f"This holds {size:,} {what}: far more than the question asks for.")


def refuse(value: object, wanted: str) -> Misread:
    """Why a value that is not a container of the right kind cannot be the answer."""
    kind = type(value)
    if _is(kind, FUNCTIONS):
        return Misread("That is the function itself: call it, with () behind its name.")
    name = name_of(value)
    if _is(kind, LAZY) or _package(kind) == "itertools" or name.endswith("iterator"):
        return Misread(
            f"{wanted} is wanted; this is {name}, which holds no values yet: put list(…) around it."
        )
    if _package(kind) == "pandas" and name.endswith("GroupBy"):
        return Misread("That is a groupby which still waits for .sum(), .mean() or the like.")
    return Misread(f"{wanted} is wanted; this is {name}.")


def read_number(answer: object) -> float:
    if issubclass(type(answer), dict):
        raise refuse(answer, "A number")
    items = contents(answer)
    if items is not None and len(items) != 1:
        comma = ": was a comma typed within the number?" if type(answer) is tuple and items else "."
        raise Misread(
            f"One number is wanted; this is {name_of(answer)} with {len(items):,} values{comma}"
        )
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
    value = scalar(_only(answer))
    if type(value) is not str:
        raise refuse(answer, "A text in quotes")
    return value


def read_memo(answer: object) -> str:
    value = _only(answer)
    if not issubclass(type(value), str):
        raise refuse(answer, "A text in quotes")
    text = str.__str__(value)
    if len(text) > MAX_MEMO:
        raise Misread(f"This text has {len(text):,} characters: a memo fits on a page.")
    return text.strip()


def _only(answer: object) -> object:
    """What a container of one value holds; anything else as it is."""
    items = contents(answer)
    return items[0] if items is not None and len(items) == 1 else answer


def read_ids(answer: object, exercise: Exercise, like: object) -> list:
    spelled = _spelling(_raw_ids(like, exercise))
    ids = [_key(item, spelled) for item in _raw_ids(answer, exercise)]
    if odd := next((each for each in ids if type(each) is Odd), None):
        raise Misread(f"A list of ids is wanted; {odd.name} stands among them.")
    if len(ids) == 1 and ids[0] not in spelled.values() and type(ids[0]) is str:
        between = r",;，；、" if any(" " in each for each in spelled.values()) else r",;，；、\s"
        if re.search(rf"\w.*[{between}].*\w", ids[0]):
            raise Misread('This is one text: a list has each id in quotes of its own, ["…", "…"].')
    return ids


def _raw_ids(answer: object, exercise: Exercise) -> list:
    if exercise.form == "a list of ids" and issubclass(type(answer), (set, frozenset)):
        raise Misread("A set has no order: pass a list, the first id first.")
    if _is(type(answer), (pd.Series, pd.DataFrame)):
        answer = _id_column(answer, exercise.keys)
    items = [answer] if type(scalar(answer)) is str else contents(answer)
    if items is None:
        raise refuse(answer, "A list of ids")
    return items


def read_table(answer: object, exercise: Exercise, like: pd.Series | pd.DataFrame) -> dict:
    """{column: {key: value}}, by the key and value columns of the reference `like`."""
    keys, values = _layout(like, exercise.keys)
    found, chosen = _columns(answer, keys, values)
    spelled = _spelling(key for column in _columns(like, keys, values)[0] for key in column)
    rows = [tuple(_key(each, spelled) for each in row) for row in zip(*found, strict=True)]
    key, times = (Counter(rows).most_common(1) or [((), 0)])[0]
    if times > 1:
        raise Misread(f"One row for each id is wanted; {quote(key)} stands there {times} times.")
    return {
        str(name): dict(zip(rows, map(scalar, column), strict=True))
        for name, column in zip(values, chosen, strict=True)
    }


def _columns(answer: object, keys: Sequence[str], values: Sequence[str]) -> tuple[list, list]:
    """The key columns and the value columns of an answer."""
    parts = _parts(answer, keys)
    if parts is None and len(values) == 1 and contents(answer) is not None:
        said = refuse(answer, "A Series")
        raise Misread(f"{said} The index of a Series holds the ids; a dict {{id: value}} does too.")
    if parts is None:
        raise refuse(answer, "A Series" if len(values) == 1 else "A DataFrame")
    levels, columns = parts
    found = [_by_name(levels + columns, key) for key in keys]
    if None in found and len(levels) == len(keys) and len(columns) == len(values):
        found = levels
    elif None in found and len(columns) == len(keys) + len(values):
        found = columns[: len(keys)]
    elif None in found:
        raise _missing(keys[found.index(None)], levels + columns)
    rest = [column for column in columns if not any(column is key for key in found)]
    chosen = [_by_name(rest, value) for value in values]
    if None in chosen and len(values) == 1 == len(rest):
        chosen = rest
    if None in chosen:
        if len(values) == 1:
            raise Misread(f"One value for each id is wanted; this has {len(rest)} columns.")
        raise _missing(values[chosen.index(None)], rest)
    return [column for _, column in found], [column for _, column in chosen]


def _layout(like: pd.Series | pd.DataFrame, keys: tuple[str, ...]) -> tuple[list, list]:
    if type(like) is pd.Series:
        return list(like.index.names), [like.name]
    return list(keys), [name for name in like.columns if name not in keys]


def _missing(name: object, columns: list) -> Misread:
    names = [clean(each, 20) for each, _ in columns if each]
    there = f"; there are: {', '.join(names[:5])}{', …' * (len(names) > 5)}" if names else ""
    return Misread(f"The column {name} is missing{there}.")


def plain_columns(answer: object) -> list[tuple[str, list]] | None:
    """The columns of a dict of lists or a list of dicts, as (name, raw values); else None."""
    if issubclass(type(answer), dict):
        columns = [(_name(name), contents(column)) for name, column in _items(answer)]
        lengths = {-1 if column is None else len(column) for _, column in columns}
        if len(lengths) != 1 or -1 in lengths:
            return None
        _limit(len(columns) * len(columns[0][1]), MAX_CELLS)
        return columns
    if not (_is(type(answer), (list, tuple)) and answer):
        return None
    rows = [row for row in contents(answer) if issubclass(type(row), dict)]
    _limit(sum(map(dict.__len__, rows)), MAX_CELLS)
    records = [{_name(name): value for name, value in _items(row)} for row in rows]
    if len(rows) < len(answer) or any(row.keys() != records[0].keys() for row in records):
        return None
    return [(name, [record[name] for record in records]) for name in records[0]]


def _items(answer: dict) -> list[tuple]:
    return list(zip(contents(answer), dict.values(answer), strict=True))


def _parts(answer: object, keys: Sequence[str]) -> tuple[list, list] | None:
    """The index levels and the columns of a table, each as (name, raw values); None if it is none.

    A dict that has no key column holds a value for each id.
    """
    columns, is_dict = plain_columns(answer), issubclass(type(answer), dict)
    if columns and (not is_dict or all(_by_name(columns, key) for key in keys)):
        return [], columns
    if is_dict:
        return [("", contents(answer))], [("", list(dict.values(answer)))]
    if not _is(type(answer), (pd.Series, pd.DataFrame)):
        return None
    _limit(len(answer), what="rows")
    index = answer.index
    levels = [(_name(index.names[n]), index.get_level_values(n)) for n in range(index.nlevels)]
    if type(answer) is pd.Series:
        return levels, [(_name(answer.name), answer.tolist())]
    _limit(len(answer.columns), MAX_COLUMNS, "columns")
    _limit(answer.size, MAX_CELLS)
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
    levels, columns = _parts(answer, keys)
    for key in keys:
        if named := _by_name(levels + columns, key):
            return list(named[1])
    for place in (columns, levels):
        texts = [ids for _, ids in place if all(type(scalar(each)) is str for each in ids)]
        if len(texts) == 1:
            return list(texts[0])
    if len(columns) == 1:
        return list(columns[0][1])
    if any(keys):
        raise _missing(" or ".join(keys), columns)
    raise Misread("A list of ids is wanted: which column of this table holds them?")


def _spelling(ids: Iterable) -> dict[str, str]:
    return {fold(each): each for each in map(scalar, ids) if type(each) is str}


def _key(value: object, spelled: dict[str, str]) -> object:
    """A plain id, spelled as the reference spells it."""
    plain = scalar(value)
    if type(plain) is str:
        plain = plain[:MAX_TEXT]
        return spelled.get(fold(plain), plain)
    return "(missing)" if type(plain) is float and math.isnan(plain) else plain


def read(answer: object, exercise: Exercise, like: object) -> object:
    """An answer as plain data in the form that the exercise wants; `like` is the raw reference."""
    match exercise.form:
        case "a number":
            return {"": {(): read_number(answer)}}  # a table of one value
        case "a choice":
            return read_text(answer)
        case "a memo":
            return read_memo(answer)
        case "a set of ids" | "a list of ids":
            return read_ids(answer, exercise, like)
        case _:
            return read_table(answer, exercise, like)
