"""Load the course's tables, typed as their dictionary says, from the world in use.

The committed world is the default. `use_world(seed)` or the environment variable COURSE_SEED puts
another one in its place, `use_folder(path)` your own files; `in_world(seed)` looks into another
for a moment.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import json
import math
import os
import re
import shutil
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import numpy as np
import pandas as pd

pd.set_option("display.max_colwidth", 200)  # meanings are to be read whole
if pd.__version__.startswith("2."):  # text and copies work as in pandas 3, in chapters and checks
    pd.set_option("future.infer_string", True)
    pd.set_option("mode.copy_on_write", True)

AS_OF = pd.Timestamp("2025-12-31")
"""The course's today: nothing in the data is younger."""

ROOT = Path(__file__).resolve().parents[1]
COMMITTED = ROOT / "casedata"
COMMITTED_SEED = 2025
HANDOUT_MARK = ROOT / "helpers" / "exercises" / "HANDOUT"
RESTORE = "Restore it with 'git restore {path}', or unzip the course again."

MARKUP = re.compile(r"<[A-Za-z/!?]\w{,9}")  # styled tables show text as it is, scripts too

_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "date": "a date like 2025-03-31",
    "boolean": "true or false",
}


class CourseError(ValueError):
    """A fault that the reader can mend; a notebook shows its sentence alone."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


@dataclass(frozen=True)
class World:
    """Where the tables lie: a folder with CSV files, and what to do when one is broken.

    `reading` counts how often files of one's own were put in use: they may have changed in between.
    """

    label: str
    folder: Path
    remedy: str
    reading: int = 0


_current: World | None = None
_readings = count(1)
_tables: dict[tuple[World, str], pd.DataFrame] = {}


def load(table: str) -> pd.DataFrame:
    """Return a fresh copy of one table of the world in use, with the dictionary's types.

    Whole numbers are int64 (Int64 where values may be missing), dates datetime64, true/false
    bool, text str. Raises CourseError for an unknown table and for a file that is missing,
    empty, cut off or of the wrong form; the sentence names file, line and remedy.
    """
    if _name(table) == "truth" and is_handout():
        raise CourseError(
            "The truth stays with your instructor; diagnose from the other tables, "
            "then let check() mark you."
        )
    return read(table).copy()


def read(table: str) -> pd.DataFrame:
    """Return one table as kept in memory, the truth too: for checks, which must not change it."""
    world = in_use()
    if (world, table) not in _tables:
        fields, rows = _dictionary_of(world, table)
        path = world.folder / f"{table}.csv"
        try:
            _tables[world, table] = read_csv(path, fields, rows=rows)
        except CourseError as fault:
            raise CourseError(f"{fault} {world.remedy.format(path=path)}") from None
    return _tables[world, table]


def tables() -> pd.DataFrame:
    """Return the tables of the world in use: name, number of rows, what one row is."""
    world = in_use()
    listed = [
        (resource["name"], resource.get("rows"), resource["description"])
        for resource in _package(world)["resources"]
        if resource["name"] != "truth"
    ]
    return pd.DataFrame(listed, columns=["table", "rows", "one row is"]).set_index("table")


def describe(table: str) -> pd.DataFrame:
    """Return the dictionary of one table: each column's type, unit and meaning."""
    fields, _ = _dictionary_of(in_use(), _name(table))
    listed = [(f["name"], f["type"], f.get("unit", ""), f["description"]) for f in fields]
    return pd.DataFrame(listed, columns=["column", "type", "unit", "meaning"]).set_index("column")


def finance(item: str) -> float:
    """Return one assumption of the table `finance`, for example "cost_of_capital"."""
    items = read("finance").set_index("item")["value"]
    if item not in items.index:
        raise CourseError(f"finance has no item {item!r}.{_nearest(item, items.index)}")
    return float(items[item])


def world() -> str:
    """Return the label of the world in use, such as "seed 2025"."""
    return in_use().label


def in_use() -> World:
    """Return the world in use: what was computed from its tables holds for it alone."""
    global _current
    if _current is None:
        seed = os.environ.get("COURSE_SEED")
        unset = "Set it so or unset it, then begin again."
        _current = _world_of_seed(seed, "COURSE_SEED", unset) if seed else _world_of_this_copy()
    return _current


def use_world(seed: int | str | None) -> None:
    """Use the world of this seed from now on; it is made once and kept in a cache folder.

    A seed has at most 12 digits, such as a student's number. None keeps the world in use.
    """
    global _current
    if seed is not None:
        _current = _world_of_seed(seed)
        for world, table in [*_tables]:  # who marks a class passes through many worlds
            if world != _current:
                del _tables[world, table]


@contextmanager
def in_world(seed: int | str) -> Iterator[None]:
    """Use the world of this seed inside a `with`; then the one before is in use again."""
    global _current
    before, _current = _current, _world_of_seed(seed)
    try:
        yield
    finally:
        _current = before


def use_folder(path: str | os.PathLike) -> None:
    """Use your own files: a folder of CSVs named and shaped as `tables` and `describe` say."""
    global _current
    try:
        folder = Path(path).expanduser().resolve()
        is_there = folder.is_dir()
    except (TypeError, ValueError, RuntimeError, OSError):
        folder, is_there = path, False
    if not is_there:
        raise CourseError(f"There is no folder {folder}: give the one that holds your CSV files.")
    remedy = "Mend that, or save the file again as 'CSV UTF-8 (comma delimited)'."
    _tables.clear()
    _current = World(f"folder {folder.name}", folder, remedy, next(_readings))


def is_handout() -> bool:
    """Tell whether this copy was made for students, without answers in clear."""
    return HANDOUT_MARK.exists()


def work_folder() -> Path:
    """Return the folder of the student's own copies and progress: nothing else writes there."""
    named = os.environ.get("COURSE_WORK")
    return Path(os.path.expanduser(named)) if named else ROOT / "work"


def read_csv(path: Path, fields: list[dict], *, rows: int | None = None) -> pd.DataFrame:
    """Return a CSV file as its dictionary's `fields` describe it, columns in that order.

    `rows` is the number of rows that the file must have, if known. Raises CourseError, one
    sentence with file and line, at the first thing that is not as described.
    """
    text = _decoded(path)
    names = [field["name"] for field in fields]
    _check_form(path, text, names, rows)
    if tag := MARKUP.search(text):
        line = text.count("\n", 0, tag.start()) + 1
        raise CourseError(
            f"{path.name} line {line}: a notebook would take {tag[0]!r} for the code of a page: "
            "put a space after the <."
        )
    frame = _cells(text, fields)
    return pd.DataFrame({field["name"]: _typed(path, frame, field) for field in fields})


def _cells(text: str, fields: list[dict]) -> pd.DataFrame:
    """Return all cells as texts; but numbers that must be there as such: in half the time."""
    types = {"integer": "int64", "number": "float64"}
    numbers = {
        field["name"]: types[field["type"]]
        for field in fields
        if field["type"] in types and field.get("constraints", {}).get("required")
    }
    try:
        dtypes = defaultdict(lambda: str, numbers)
        frame = pd.read_csv(io.StringIO(text), dtype=dtypes, na_filter=False)
        if np.isfinite(frame[list(numbers)]).all(axis=None):
            return frame
    except (ValueError, OverflowError):  # the texts will tell which line
        pass
    return pd.read_csv(io.StringIO(text), dtype=str, na_filter=False)


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes() if path.exists() else _unsealed(path)
    except FileNotFoundError:
        raise CourseError(f"{path.name} is missing from {path.parent}.") from None
    except OSError as fault:
        raise CourseError(f"{path.name} cannot be read: {fault.strerror}.") from None
    if not content.strip():
        raise CourseError(f"{path.name} is empty.")
    odd = content.find(0)  # no text holds a zero
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        odd = fault.start
    if odd >= 0:
        line = content.count(b"\n", 0, odd) + 1
        raise CourseError(
            f"{path.name} line {line}: this is not UTF-8 text; a spreadsheet may have saved it "
            "in another encoding."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unsealed(path: Path) -> bytes:
    """Return a table that a hand-out keeps out of sight: `check` reads it, no spreadsheet does."""
    try:
        return zlib.decompress(path.with_suffix(".sealed").read_bytes())
    except zlib.error:
        raise CourseError(f"{path.stem}.sealed in {path.parent} is damaged.") from None


def _seal(path: Path) -> None:
    path.with_suffix(".sealed").write_bytes(zlib.compress(path.read_bytes()))
    path.unlink()


def _check_form(path: Path, text: str, names: list[str], rows: int | None) -> None:
    """See that the header has the columns, and each line as many fields as the header."""
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header = next(reader)
        missing = [name for name in names if name not in header]
        if missing and re.search("[;\t]", header[0]):
            raise CourseError(f"{path.name} line 1: fields must be separated by commas.")
        if missing:
            surplus = [name for name in header if name not in names]
            instead = f" (instead it has {', '.join(surplus)})" if surplus else ""
            raise CourseError(
                f"{path.name} line 1: the column {', '.join(missing)} is missing{instead}."
            )
        if len(set(header)) < len(header):
            raise CourseError(f"{path.name} line 1: a column name stands there twice.")
        lines = [line for line in text.split("\n") if line]  # pandas too passes over blank ones
        found = len(lines) - 1
        if '"' in text or len({line.count(",") for line in lines}) > 1:  # only then look closely
            found = 0
            for row in filter(None, reader):
                if len(row) != len(header):
                    raise CourseError(
                        f"{path.name} line {reader.line_num}: {len(row)} fields where "
                        f"{len(header)} belong."
                    )
                found += 1
    except csv.Error:
        raise CourseError(
            f"{path.name} line {reader.line_num}: a quotation mark is never closed or stands amid "
            "a text, so the file was cut off or edited."
        ) from None
    if rows is not None and found != rows:
        raise CourseError(
            f"{path.name} ends at line {found + 1} where its dictionary says {rows + 1}: "
            "it was cut off or edited."
        )


def _typed(path: Path, frame: pd.DataFrame, field: dict) -> pd.Series:
    """Return one column of text in the type that the dictionary gives it."""
    text, kind = frame[field["name"]], field["type"]
    if text.dtype.kind in "if":  # a number already
        return text
    empty = text == ""
    required = field.get("constraints", {}).get("required", False)
    if required and empty.any():
        raise _fault(path, field, empty, "nothing")
    if kind == "string":
        return text.mask(empty) if empty.any() else text
    if kind == "date":
        values = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    elif kind == "boolean":
        values = text.str.lower().map({"true": True, "false": False})
    else:
        values = pd.to_numeric(text.mask(empty), errors="coerce")
    wrong = values.isna() & ~empty
    if kind == "integer":
        wrong |= values.notna() & ((values % 1 != 0) | (values.abs() >= 2**63))
    elif kind == "number":
        wrong |= values.abs() == math.inf
    if wrong.any():
        raise _fault(path, field, wrong, repr(text[wrong].iloc[0]))
    if kind == "integer":
        return values.astype("Int64" if empty.any() else "int64")
    if kind == "number":
        return values.astype("float64")
    if kind == "boolean":
        return values.astype("boolean" if empty.any() else "bool")
    return values


def _fault(path: Path, field: dict, where: pd.Series, found: str) -> CourseError:
    reader = csv.reader(io.StringIO(_decoded(path)))  # a text in quotes may hold several lines
    next(islice(filter(None, reader), int(where.to_numpy().argmax()) + 1, None), None)
    return CourseError(
        f"{path.name} line {reader.line_num}: {field['name']} is {found:.60} where "
        f"{_KINDS.get(field['type'], field['type'])} belongs."
    )


def _package(world: World) -> dict:
    """Return the dictionary: the world's own, or the course's where a folder brings none."""
    path = world.folder / "datapackage.json"
    try:
        if not path.exists():
            path = COMMITTED / "datapackage.json"
        package = json.loads(path.read_text(encoding="utf-8-sig"))
        _check_package(package)
    except (OSError, ValueError, RecursionError) as fault:
        why = fault if isinstance(fault, CourseError) else "it is missing, or no JSON file."
        remedy = world.remedy
        if world.reading:
            own = "Mend it, or delete it: the dictionary of the course then serves."
            remedy = own if path.parent == world.folder else RESTORE
        raise CourseError(
            f"{path.name} in {path.parent} does not describe the tables: {why} "
            + remedy.format(path=path)
        ) from None
    return package


def _check_package(package: object) -> None:
    """See that a dictionary describes a table or more, and each column in a type known here."""
    resources = package.get("resources") if isinstance(package, dict) else None
    if not resources or not isinstance(resources, list):
        raise CourseError("it lists no resources.")
    for number, resource in enumerate(resources, 1):
        match resource:
            case {"name": str(table), "description": str(), "schema": {"fields": [_, *_]}}:
                pass
            case _:
                raise CourseError(f"resource {number} needs name, description, schema and fields.")
        if not isinstance(resource.get("rows") or 0, int):
            raise CourseError(f"the rows of {table} are no whole number.")
        for field in resource["schema"]["fields"]:
            match field:
                case {"name": str(column), "type": str(kind), "description": str()}:
                    pass
                case _:
                    raise CourseError(f"each field of {table} needs name, type and description.")
            if kind not in _KINDS:
                raise CourseError(
                    f"{column} of {table} is of type {kind}, not {', '.join(_KINDS)}."
                )
            if not isinstance(field.get("constraints", {}), dict):
                raise CourseError(f"the constraints of {column} of {table} are no object.")


def _dictionary_of(world: World, table: str) -> tuple[list[dict], int | None]:
    """Return the fields of a table, and its number of rows where the world states it."""
    resources = {resource["name"]: resource for resource in _package(world)["resources"]}
    if table not in resources:
        raise CourseError(
            f"There is no table {table!r}.{_nearest(table, resources)} data.tables() lists all."
        )
    stated = (world.folder / "datapackage.json").exists()
    resource = resources[table]
    return resource["schema"]["fields"], resource.get("rows") if stated else None


def _name(table: object) -> str:
    if not isinstance(table, str):
        raise CourseError('Give the name of a table in quotes, such as data.load("orders").')
    return table


def _nearest(word: object, known) -> str:
    near = difflib.get_close_matches(str(word), list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _world_of_this_copy() -> World:
    """Return the world of the student's own number or the class's in a hand-out, ours here."""
    if not is_handout():
        return _world_of_seed(COMMITTED_SEED)
    own = work_folder() / "number.txt"
    ask = f"Delete {own.name} and run `python3 course.py`, which asks for your number."
    try:
        if own.exists():
            return _world_of_seed(own.read_text(encoding="utf-8"), f"The number in {own}", ask)
        numbers = HANDOUT_MARK.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        raise CourseError(f"The number of your world cannot be read from {own}. {ask}") from None
    if len(numbers) > 1:
        raise CourseError(
            "Your world is not chosen yet: close the course and run `python3 course.py`, "
            "which asks for your number."
        )
    again = "Unzip the course again over its folder."
    return _world_of_seed("".join(numbers), f"The number in {HANDOUT_MARK}", again)


def _world_of_seed(seed: int | str, what: str = "A world's number", remedy: str = "") -> World:
    try:
        text = str(seed).strip()
    except ValueError:  # thousands of digits
        text = "so long a one"
    if isinstance(seed, bool) or not re.fullmatch(r"[0-9]{1,12}", text):
        raise CourseError(
            f"{what} is a whole number of at most 12 digits, and {text[:40]!r} is not one."
            + f" {remedy}".rstrip()
        )
    number = int(text)
    if number == COMMITTED_SEED:
        return World(f"seed {number}", COMMITTED, RESTORE)
    remedy = "Delete the folder of {path}; the world is made again when you next load it."
    return World(f"seed {number}", _made_world(number), remedy)


def _made_world(seed: int) -> Path:
    """Return the cache folder of a world, making the world first where it is not there yet."""
    folder = _cache() / f"world-{seed}-{_generator_version()}"
    if (folder / "datapackage.json").exists():
        return folder
    from casedata.generate import make_world, write_world  # slow to import, rarely needed

    world = make_world(seed)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
        try:
            write_world(world, draft, seed=seed)
            if is_handout():
                _seal(draft / "truth.csv")
            if folder.exists():  # left half made by an older interruption
                shutil.rmtree(folder)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as fault:
        if (folder / "datapackage.json").exists():  # another kernel was faster
            return folder
        raise CourseError(
            f"World {seed} could not be kept in {folder.parent} ({fault.strerror}): free some "
            "space there, or let the environment variable COURSE_CACHE name another folder."
        ) from None
    return folder


def _cache() -> Path:
    if os.environ.get("COURSE_CACHE"):
        return Path(os.environ["COURSE_CACHE"]).expanduser()
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "customer-analysis-course"


def _generator_version() -> str:
    """Return a short mark of the generator's code: a changed generator makes its worlds anew."""
    digest = hashlib.sha256(pd.__version__.encode())
    for path in sorted((COMMITTED / "generate").rglob("*.py")):
        digest.update(path.read_bytes())
    digest.update((COMMITTED / "datapackage.json").read_bytes())
    return digest.hexdigest()[:10]
