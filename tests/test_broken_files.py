"""Broken files: one sentence that names the file and says what to do, and no progress lost.

`python tests/test_broken_files.py` prints the table of what is broken and what the user then sees.
"""

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import traceback
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from unittest import mock

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers import data, lessons
from helpers.lessons import store
from tools import environment, handout, mark, opening
from tools.marking import running

ROOT = environment.ROOT
FIELDS = [
    {"name": "order_id", "type": "string", "description": "…", "constraints": {"required": True}},
    {"name": "date", "type": "date", "description": "…"},
    {"name": "quantity", "type": "integer", "description": "…"},
    {"name": "unit_price", "type": "number", "description": "…"},
]
GOOD = "order_id,date,quantity,unit_price\nA1,2025-01-31,3,99.5\nA2,2025-02-28,1,12\n"
PROGRESS = {"exercises": {"0.1": {"tries": 1}}, "predictions": {}, "recall": {}}
GOOD_PROGRESS = {"schema": 1, "worlds": {"seed 2025": PROGRESS}}


@dataclass
class Case:
    """What is broken, what is called on it in an empty folder, and words that the user sees."""

    broken: str
    called: str
    see: Callable[[Path], str]
    said: tuple[str, ...]


def put(path: Path, content: object) -> Path:
    """Lay a file out: bytes, text, an object as JSON, a folder (dict), or what a function does."""
    if callable(content):
        content(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
    return path


def nothing(path: Path) -> None:
    """Leave the place empty."""


def dangling(path: Path) -> None:
    path.symlink_to(path.parent / "a stick that is out" / path.name)


def huge(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(500_000_000)


@contextlib.contextmanager
def refused(place: Path):
    """The system lets nobody open what lies there: root, too, whom it would let."""

    def guarded(real):
        def opened(file, *args, **kwargs):
            if not isinstance(file, int) and Path(os.fsdecode(file)).is_relative_to(place):
                raise PermissionError(13, "Permission denied", str(file))
            return real(file, *args, **kwargs)

        return opened

    with mock.patch("builtins.open", guarded(open)), mock.patch("io.open", guarded(io.open)):
        yield


def shown(call: Callable[[], object]) -> str:
    """Return what a notebook shows of a call: its value, or the error as IPython writes it."""
    try:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            value = call()
        return printed.getvalue() or str(value)
    except Exception as fault:
        if hasattr(fault, "_render_traceback_"):
            return "\n".join(fault._render_traceback_())
        return "".join(traceback.format_exception(fault))


def ended(call: Callable[[], object]) -> str:
    """Return the sentence with which a command ends, with exit code 1."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            with environment.told_in_a_sentence():
                call()
        except SystemExit as stop:  # Python prints its words and ends with 1
            assert isinstance(stop.code, str), stop.code
            return stop.code
        except Exception as fault:
            return "".join(traceback.format_exception(fault))
    return "(it went through)"


# ---- tables --------------------------------------------------------------------------------------


@contextlib.contextmanager
def own_folder(folder: Path):
    """Files of one's own in use, and then again the world from before."""
    with mock.patch.object(data, "_current", None), mock.patch.object(data, "_tables", {}):
        data.use_folder(folder)
        yield


def load(content: object, folder: Path, *, rows: int | None = None) -> str:
    resource = {"name": "orders", "path": "orders.csv", "description": "…", "rows": rows}
    put(folder / "datapackage.json", {"resources": [resource | {"schema": {"fields": FIELDS}}]})
    put(folder / "orders.csv", content)
    with own_folder(folder):
        return shown(lambda: f"{len(data.load('orders'))} rows")


def refused_load(folder: Path) -> str:
    with refused(folder / "orders.csv"):
        return load(lambda path: path.touch(), folder)


def table(broken: str, content: object, *said: str, **more) -> Case:
    return Case(broken, 'data.load("orders")', partial(load, content, **more), said)


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


TABLES = [
    table("CSV: an empty file", b"", "orders.csv is empty"),
    table("CSV: nothing but blank lines", "\n \n", "orders.csv is empty"),
    table("CSV: header only, rows expected", GOOD[:33], "ends at line 1", "says 3", rows=2),
    table("CSV: header only, of one's own", GOOD[:33] + "\n", "0 rows"),
    table("CSV: a column is missing", changed("quantity", "qty"), "line 1", "quantity", "qty"),
    table("CSV: a column too many", "\n".join(x + ",x" for x in GOOD.split()), "2 rows"),
    table("CSV: a header twice", "\n".join(f"{x},{x}" for x in GOOD.split()), "line 1", "twice"),
    table("CSV: text for a number", changed(",12", ",zwölf"), "line 3", "unit_price", "'zwölf'"),
    table("CSV: a fraction for a whole number", changed(",3,", ",3.5,"), "line 2", "quantity"),
    table("CSV: a whole number of 31 digits", changed(",3,", f",{10**30},"), "line 2", "quantity"),
    table("CSV: full-width digits", changed(",3,", ",３,"), "line 2", "quantity", "'３'"),
    table("CSV: an infinite amount", changed("99.5", "1e999"), "line 2", "unit_price"),
    table("CSV: a date of another country", changed("2025-02-28", "28/2/2025"), "line 3", "date"),
    table("CSV: a day that no month has", changed("02-28", "02-30"), "line 3", "2025-02-30"),
    table("CSV: nothing where something must be", changed("A2", ""), "line 3", "order_id is noth"),
    table("CSV: saved as GBK", changed("A2", "鼠标").encode("gbk"), "line 3", "not UTF-8"),
    table("CSV: saved as UTF-16", GOOD.encode("utf-16"), "line 1", "not UTF-8"),
    table("CSV: UTF-16 without its mark", GOOD.encode("utf-16-le"), "line 1", "not UTF-8"),
    table("CSV: with a byte order mark", GOOD.encode("utf-8-sig"), "2 rows"),
    table("CSV: line ends of Windows", GOOD.replace("\n", "\r\n").encode(), "2 rows"),
    table("CSV: line ends of old Macs", GOOD.replace("\n", "\r").encode(), "2 rows"),
    table("CSV: semicolons, as Excel in Germany", GOOD.replace(",", ";"), "line 1", "by commas"),
    table("CSV: cut off in a line", GOOD[:-4], "line 3", "3 fields where 4 belong"),
    table("CSV: cut off between lines", GOOD[:54], "ends at line 2", "cut off", rows=2),
    table("CSV: a quotation mark never closed", changed("A1", '"A1'), "quotation mark"),
    table("CSV: an error after a text of two lines", changed("A1", '"A\n1"').replace(",12", ",x"),
          "line 4", "unit_price"),
    table("CSV: a program", bytes(range(256)), "orders.csv line", "not UTF-8"),
    table("CSV: a folder in its place", Path.mkdir, "orders.csv cannot be read", "Is a directory"),
    table("CSV: missing", nothing, "orders.csv is missing from"),
    table("CSV: a link into nowhere", dangling, "orders.csv is missing from"),
    Case("CSV: no permission to read it", 'data.load("orders")', refused_load,
         ("orders.csv cannot be read", "Permission denied")),
]  # fmt: skip


def described(content: object, folder: Path) -> str:
    put(folder / "datapackage.json", content)
    put(folder / "orders.csv", GOOD)
    with own_folder(folder):
        return shown(lambda: f"{len(data.load('orders'))} rows, {len(data.describe('orders'))}")


def dictionary(broken: str, content: object, *said: str) -> Case:
    return Case(f"datapackage.json: {broken}", 'data.load("orders")', partial(described, content),
                ("datapackage.json in", *said, "Mend it, or delete it"))  # fmt: skip


def resource(*fields: object, **other: object) -> dict:
    known = {"name": "orders", "description": "…", "schema": {"fields": list(fields or FIELDS)}}
    return {"resources": [known | other]}


PACKAGES = [
    dictionary("no JSON", '{"resources": [', "no JSON"),
    dictionary("a list", [], "lists no resources"),
    dictionary("without resources", {}, "lists no resources"),
    dictionary("nested 10,000 deep", "[" * 10_000, "no JSON"),
    dictionary("a folder in its place", Path.mkdir, "missing, or no JSON"),
    dictionary("a table without a name", resource(name=["orders"]), "resource 1", "name"),
    dictionary("rows that are a text", resource(rows="three"), "the rows of orders"),
    dictionary("a column of an unknown type", resource(FIELDS[0] | {"type": "geopoint"}),
               "order_id of orders", "geopoint"),
    dictionary("a column that is not described", resource({"name": "order_id", "type": "string"}),
               "each field of orders"),
    dictionary("constraints that are a list", resource(FIELDS[0] | {"constraints": []}),
               "constraints of order_id"),
    *(Case(f"a folder of one's own: {what}", "data.use_folder(…)",
           lambda folder, given=given: shown(partial(data.use_folder, given)),
           ("There is no folder", "give the one that holds your CSV files"))
      for what, given in {
          "missing": "none/here", "a file": __file__, "None": None, "a number": 5,
          "a home that nobody has": "~nobody-here/x", "a zero in it": "a\0b"}.items()),
]  # fmt: skip


# ---- worlds and settings -------------------------------------------------------------------------


def seed_of_variable(value: str, folder: Path) -> str:
    with (
        mock.patch.dict(os.environ, {"COURSE_SEED": value}),
        mock.patch.object(data, "_current", None),
    ):
        return shown(data.world)


def seed_of_command(value: str, folder: Path) -> str:
    return ended(partial(handout.main, ["--seed", value, "--out", str(folder / "x.zip")]))


def number_txt(content: object, folder: Path, mark: str = "7\n8\n") -> str:
    put(folder / "number.txt", content)
    with (
        mock.patch.dict(os.environ, {"COURSE_WORK": str(folder)}),
        mock.patch.object(data, "HANDOUT_MARK", put(folder / "HANDOUT", mark)),
        mock.patch.object(data, "_current", None),
    ):
        os.environ.pop("COURSE_SEED", None)
        return shown(data.world)


BAD_SEEDS = ["seven", "-1", "1.5", str(10**30), "１２", "2025x", "7 8"]
SEEDS = [
    *(Case(f"COURSE_SEED={value}", "data.load(…)", partial(seed_of_variable, value),
           ("COURSE_SEED is a whole number of at most 12 digits", value[:20], "unset it"))
      for value in BAD_SEEDS),
    *(Case(f"--seed {value}", "course.py handout", partial(seed_of_command, value),
           ("--seed", "whole number of at most 12 digits", value[:20]))
      for value in BAD_SEEDS),
    Case("COURSE_SEED is empty", "data.load(…)", partial(seed_of_variable, ""), ("seed 2025",)),
    Case("COURSE_SEED=02025", "data.load(…)", partial(seed_of_variable, "02025"), ("seed 2025",)),
    Case("data.use_world(10**5000)", "data.use_world(…)",
         lambda folder: shown(partial(data.use_world, 10**5000)), ("at most 12 digits",)),
    Case("number.txt holds a name", "data.load(…)", partial(number_txt, "Li Lei"),
         ("number.txt is a whole number", "'Li Lei'", "Delete number.txt and run")),
    Case("number.txt is a picture", "data.load(…)", partial(number_txt, b"\x89PNG\xff"),
         ("number.txt", "Delete number.txt and run")),
    Case("number.txt is a folder", "data.load(…)", partial(number_txt, Path.mkdir),
         ("number.txt", "Delete number.txt and run")),
    Case("the hand-out's list of numbers is empty", "data.load(…)",
         partial(number_txt, nothing, mark=""),
         ("HANDOUT is a whole number", "Unzip the course again")),
]  # fmt: skip


def setting(folder: Path, *words: str, **variables: str) -> str:
    """Return what course.py says, in a process of its own, with variables that are no good."""
    command = [environment.base_python(), str(ROOT / "course.py"), *words]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done
    return done.stderr or done.stdout


def without_lock(content: object, folder: Path) -> str:
    """Return what a copy of the course without a sound lock says; nothing is installed."""
    for name in ("uv.lock", "pyproject.toml"):
        put(folder / name, "")
    (folder / "uv.lock").unlink()
    put(folder / "uv.lock", content)
    with (
        mock.patch.object(environment, "ROOT", folder),
        mock.patch.object(environment, "STAMP", folder / "course.json"),
        mock.patch.object(environment, "make_environment", lambda: "".missing),
    ):
        return ended(environment.ensure)


def stamp(content: object, folder: Path) -> str:
    """Return whether an environment whose stamp is broken counts as ready."""
    with mock.patch.object(environment, "STAMP", put(folder / "course.json", content)):
        return shown(lambda: f"ready: {environment.is_ready(dev=False)}")


def explained(output: str, folder: Path) -> str:
    return environment.explain(output, doing="Installing packages")


LOCK = ("is missing or damaged: unzip the course again",)
SETTINGS = [
    Case("COURSE_SEED=seven", "course.py doctor",
         lambda folder: setting(folder, "doctor", COURSE_SEED="seven"),
         ("COURSE_SEED is 'seven'", "set it to one, or unset it")),
    Case("COURSE_WORK names a home that nobody has", "course.py handout 99",
         lambda folder: setting(folder, "handout", "99", COURSE_WORK="~nobody-here/work"),
         ("There is no chapter 99",)),
    Case("uv.lock: missing", "course.py", partial(without_lock, nothing), ("uv.lock", *LOCK)),
    Case("uv.lock: garbage", "course.py", partial(without_lock, "]["), ("uv.lock", *LOCK)),
    Case("uv.lock: a program", "course.py", partial(without_lock, b"\xff\0"), ("uv.lock", *LOCK)),
    Case("uv.lock: whole, but no lock", "course.py (what uv says)",
         partial(explained, "error: Failed to parse `uv.lock`\n missing field `version`"),
         ("A list of packages", *LOCK)),
    Case("requirements.txt: garbage", "course.py (what pip says)",
         partial(explained, "ERROR: Invalid requirement: '\\x00][' (from line 1 of …)"),
         ("A list of packages", *LOCK)),
    Case("requirements.txt: missing", "course.py (what pip says)",
         partial(explained, "ERROR: Could not open requirements file: [Errno 2] No such file"),
         ("A list of packages", *LOCK)),
    Case(".venv/course.json: half of it", "course.py",
         partial(stamp, {"finished": True, "dev": None}), ("ready: False",)),
    Case(".venv/course.json: nested 10,000 deep", "course.py", partial(stamp, "[" * 10_000),
         ("ready: False",)),
]  # fmt: skip


# ---- progress ------------------------------------------------------------------------------------


def checked(work: Path) -> str:
    """Return what `check` says of saving, with this work folder."""
    with (
        mock.patch.dict(os.environ, {"COURSE_WORK": str(work)}),
        mock.patch.object(store, "_unsaved", []),
    ):
        return shown(lambda: lessons.check("0.1", 1).note or "(saved)")


def progress_kept(content: object, folder: Path) -> str:
    """Return what `check` says; what lay there is still there, unless it could be added to."""
    path = put(folder / "progress.json", content)
    before = path.read_bytes() if path.is_file() and path.stat().st_size < 1e6 else None
    said = checked(folder)
    after = [each.read_bytes() for each in folder.glob("progress*") if each.is_file()]
    assert said == "(saved)" or before is None or before in after
    return said


def forbidden_work(folder: Path) -> str:
    with refused(folder / "work"):
        return checked(folder / "work")


def locked_by_a_folder(folder: Path) -> str:
    (folder / ".progress.lock").mkdir()
    return checked(folder)


def looked_at(content: object, folder: Path) -> str:
    """Return the last line of `progress()`: whence it comes, or why it says so little."""
    put(folder / "progress.json", content)
    with mock.patch.dict(os.environ, {"COURSE_WORK": str(folder)}):
        return shown(lambda: repr(lessons.progress()).splitlines()[-1])


def progress(broken: str, content: object, *said: str) -> Case:
    called = 'check("0.1", …)'
    return Case(f"progress.json: {broken}", called, partial(progress_kept, content), said)


def worlds(**sections: object) -> dict:
    return {"schema": 1, "worlds": {"seed 2025": PROGRESS | sections}}


ASIDE = ("could not be read: it is kept as progress.broken-1.json, and a new one begun",)
KEPT = ("could not be saved in", "kept in memory", "or name another folder in COURSE_WORK")
PROGRESS_FILES = [
    progress("empty", b"", *ASIDE),
    progress("half of it", json.dumps(GOOD_PROGRESS)[:50], *ASIDE),
    progress("a list", [], *ASIDE),
    progress("worlds that are a number", {"schema": 1, "worlds": 3}, *ASIDE),
    progress("tries that are a text", worlds(exercises={"0.1": {"tries": "two"}}), *ASIDE),
    progress("hints below zero", worlds(exercises={"0.1": {"hints": -3}}), *ASIDE),
    progress("an exercise that is a list", worlds(exercises={"0.1": []}), *ASIDE),
    progress("a picture", b"\x89PNG\xff\0", *ASIDE),
    progress("nested 10,000 deep", "[" * 10_000, *ASIDE),
    progress("a number of 5,000 digits", '{"schema": ' + "9" * 5_000 + "}", *ASIDE),
    progress("500 MB", huge, *ASIDE),
    progress("a folder in its place", Path.mkdir, *ASIDE),
    progress("of a newer edition", {"schema": 99, "worlds": {}}, "newer version", *KEPT),
    progress("a link into nowhere", dangling, "No such file or directory: progress.json", *KEPT),
    progress("read-only", lambda path: put(path, GOOD_PROGRESS).chmod(0o444), "(saved)"),
    progress("deleted", nothing, "(saved)"),
    Case("progress.json: half of it", "progress()", partial(looked_at, "{"),
         ("progress.json could not be read (it is damaged)",)),
    Case("progress.json: of a newer edition", "progress()",
         partial(looked_at, {"schema": 99, "worlds": {}}), ("progress.json could not be", "newer")),
    Case("the lock beside it is a folder", 'check("0.1", …)', locked_by_a_folder,
         ("progress.lock", *KEPT)),
    Case("COURSE_WORK is a file", 'check("0.1", …)',
         lambda folder: checked(put(folder / "work", "")),
         ("a file is in the place of a folder: work", *KEPT)),
    Case("COURSE_WORK lies in a file", 'check("0.1", …)',
         lambda folder: checked(put(folder / "file", "") / "work"),
         ("a file is in the place of a folder", *KEPT)),
    Case("COURSE_WORK: no permission", 'check("0.1", …)', forbidden_work,
         ("Permission denied", *KEPT)),
    Case("COURSE_WORK does not exist yet", 'check("0.1", …)',
         lambda folder: checked(folder / "a" / "b"), ("(saved)",)),
]  # fmt: skip


# ---- notebooks -----------------------------------------------------------------------------------


def opened(content: object, folder: Path, name: str = "03_x.ipynb") -> str:
    """Return what opening the course again says of a work folder in which something broke."""
    shipped, work = folder / "notebooks", folder / "work"
    shipped.mkdir()
    put(shipped / "03_x.ipynb", {"cells": []})
    with mock.patch.object(opening, "run_quietly", lambda *args, **kwargs: None):
        opening.copy_chapters(shipped, work)
        before = put(work / name, content).read_bytes()
        said = shown(lambda: opening.copy_chapters(shipped, work) or "(nothing new)")
    assert name == ".shipped.json" or (work / name).read_bytes() == before
    return said


def opened_where(work: Callable[[Path], Path], folder: Path) -> str:
    put(folder / "03_x.ipynb", {"cells": []})
    return ended(partial(opening.copy_chapters, folder, work(folder)))


def chapter(*sources: str) -> str:
    cells = [{"cell_type": "code", "source": source, "outputs": []} for source in sources]
    return json.dumps({"cells": cells, "metadata": {"course": {"chapter": "00"}}})


def zipped(**files: str | bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def damaged(content: bytes) -> bytes:
    """Return a zip whose first file is spoilt in the middle."""
    spoilt = content.index(b"00.ipynb") + 20
    return content[:spoilt] + b"\xff" * 8 + content[spoilt + 8 :]


NO_NOTEBOOK = "the file is no notebook, or a damaged one"
LOOP = "while True:\n    try: import time; time.sleep(9)\n    except BaseException: pass"
# What each student hands in, the name of the file, and what the instructor reads.
HANDED_IN = {
    "no JSON": ("00.ipynb", "{ half", NO_NOTEBOOK),
    "an empty file": ("00.ipynb", b"", NO_NOTEBOOK),
    "a list": ("00.ipynb", [1, 2], NO_NOTEBOOK),
    "nbformat 3": ("00.ipynb", {"nbformat": 3, "worksheets": [{"cells": []}]}, NO_NOTEBOOK),
    "no cells": ("00.ipynb", {"cells": []}, "the notebook is of no chapter of the course"),
    "cells that are a text": ("00.ipynb", {"cells": "many"}, NO_NOTEBOOK),
    "no metadata": ("00.ipynb", {"cells": [{"cell_type": "code", "source": ["1"]}]},
                    "the notebook is of no chapter of the course"),
    "nested 10,000 deep": ("00.ipynb", "[" * 10_000, NO_NOTEBOOK),
    "500 MB": ("00.ipynb", huge, "the file is larger than 30 MB"),
    "a zip that climbs out": ("all.zip", zipped(**{"../../../00.ipynb": "{"}), NO_NOTEBOOK),
    "an empty zip": ("all.zip", zipped(), "no notebook was handed in"),
    "no zip at all": ("all.zip", b"PK\3\4 but no more", "no notebook was handed in"),
    "a damaged zip": ("all.zip", damaged(zipped(**{"00.ipynb": chapter("1") * 9})), NO_NOTEBOOK),
    "a program": ("my_answers.py", "print(1)", "no notebook was handed in"),
    "a file that Word left": ("~$answers.docx", "", "(passed over)"),
    "no check": ("00.ipynb", chapter("x = 1"), 'No cell checks it: check("0.1", …).'),
    "an endless loop": ("00.ipynb", chapter(LOOP + "\ncheck('0.1', 1)"), "it took too long"),
}  # fmt: skip


@cache
def marks() -> dict[str, list[dict[str, str]]]:
    """Hand all of it in at once and mark it; return the lines of the CSV by student."""
    with (
        tempfile.TemporaryDirectory() as temporary,
        mock.patch.object(running, "CELL_S", 2),
        mock.patch.object(data, "_current", None),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        folder, found = Path(temporary) / "in", {}
        for student, (name, content, _) in HANDED_IN.items():
            (folder / student).mkdir(parents=True)
            put(folder / student / name, content)
        mark.main([str(folder)])
        text = (Path(temporary) / "in-marks.csv").read_text(encoding="utf-8-sig")
        for row in csv.DictReader(io.StringIO(text, newline="")):
            found.setdefault(row["student"], []).append(row)
    return found


def marked(student: str, folder: Path) -> str:
    rows = marks().get(student, [])
    return next((row["said"] for row in rows if row["said"]), "(passed over)")


NOTEBOOKS = [
    Case("work/03_x.ipynb: half of it", "course.py", partial(opened, '{"cells": [{'),
         ("03_x.ipynb is damaged and left as it is", "rename it to begin that chapter afresh")),
    Case("work/03_x.ipynb: empty", "course.py", partial(opened, b""),
         ("03_x.ipynb is damaged and left as it is",)),
    Case("work/03_x.ipynb: nested 10,000 deep", "course.py", partial(opened, "[" * 10_000),
         ("03_x.ipynb is damaged and left as it is",)),
    Case("work/.shipped.json: a list", "course.py", partial(opened, "[]", name=".shipped.json"),
         ("(nothing new)",)),
    Case("work/.shipped.json: nested 10,000 deep", "course.py",
         partial(opened, "[" * 10_000, name=".shipped.json"), ("(nothing new)",)),
    Case("work/ is a file", "course.py",
         partial(opened_where, lambda folder: put(folder / "work", "")),
         ("work is in the place of a folder: mend that and run the same command again",)),
    Case("work/03_x.ipynb is a folder", "course.py",
         partial(opened_where,
                 lambda folder: put(folder / "work" / "03_x.ipynb", os.makedirs).parent),
         ("03_x.ipynb is a folder, and a file belongs there", "mend that")),
    *(Case(f"handed in: {student}", "course.py mark", partial(marked, student), (said,))
      for student, (*_, said) in HANDED_IN.items()),
]  # fmt: skip


# ---- lists and marks -----------------------------------------------------------------------------


def listed(content: object, folder: Path) -> str:
    path = put(folder / "list.csv", content)
    return ended(partial(handout.main, ["--students", str(path), "--out", str(folder / "x.zip")]))


def read(content: object, folder: Path) -> str:
    return str(handout.read_list(put(folder / "list.csv", content)))


def marked_with(folder: Path, *words: str) -> str:
    (folder / "in" / "Li").mkdir(parents=True, exist_ok=True)
    put(folder / "in" / "Li" / "x.ipynb", "{")
    return ended(partial(mark.main, [str(folder / "in"), *words]))


def marks_csv(content: object, folder: Path) -> str:
    return marked_with(folder, "--out", str(put(folder / "marks.csv", content)))


def full_list(content: object, *said: str, broken: str) -> Case:
    return Case(f"class list: {broken}", "course.py handout --students list.csv",
                partial(listed, content), ("list.csv", *said))  # fmt: skip


NO_CSV = "is no CSV file: save it as CSV (UTF-8)"
LISTS = [
    full_list(nothing, "is missing", broken="missing"),
    full_list(Path.mkdir, "is a folder", broken="a folder in its place"),
    full_list(b"", "lists nobody", broken="empty"),
    full_list("name,id\n", "lists nobody", broken="header only"),
    full_list("name\nLi\nLi\n", "has Li twice", broken="a name twice"),
    full_list("name,number\nLi,zwölf\n", "the number of Li", broken="a number that is a text"),
    full_list("name,number\nLi,１２\n", "the number of Li", broken="full-width digits"),
    full_list(zipped(x="x" * 999), NO_CSV, broken="an Excel workbook"),
    full_list('name\n"Li' + "x" * 200_000, NO_CSV, broken="a quotation mark never closed"),
    *(Case(f"class list: {what}", "course.py handout --students list.csv", partial(read, content),
           ("{'name': '李磊', 'number': '7'}",))
      for what, content in {
          "saved as GBK": "name,number\n李磊,7\n".encode("gbk"),
          "saved as UTF-16 with tabs": "name\tnumber\n李磊\t7\n".encode("utf-16"),
          "semicolons": "name;number\r\n李磊;7\r\n".encode("utf-8-sig")}.items()),
    Case("class list: a number that is a text", "course.py mark --students list.csv",
         lambda folder: marked_with(folder, "--seed", "7", "--students",
                                    str(put(folder / "list.csv", "name,number\nLi,abc\n"))),
         ("list.csv", "the number of Li, abc")),
    Case("what was handed in: missing", "course.py mark FOLDER",
         lambda folder: ended(partial(mark.main, [str(folder / "none")])), ("There is no", "none")),
    Case("--seed -5", "course.py mark FOLDER",
         lambda folder: marked_with(folder, "--seed", "-5"), ("--seed",)),
    Case("the CSV of marks: another table", "course.py mark FOLDER",
         partial(marks_csv, "a,b\n1,2\n"), ("marks.csv has no column student",)),
    Case("the CSV of marks: empty", "course.py mark FOLDER", partial(marks_csv, b""),
         ("(it went through)",)),
    Case("the CSV of marks: a short line", "course.py mark FOLDER",
         partial(marks_csv, "student,exercise,version,mark\nLi\n"), ("(it went through)",)),
    Case("the CSV of marks: a folder in its place", "course.py mark FOLDER",
         partial(marks_csv, Path.mkdir), ("marks.csv is a folder",)),
    Case("the CSV of marks: in no folder", "course.py mark FOLDER",
         lambda folder: marked_with(folder, "--out", str(put(folder / "file", "") / "m.csv")),
         ("file is in the place of a folder", "mend that")),
]  # fmt: skip

CASES = [*TABLES, *PACKAGES, *SEEDS, *SETTINGS, *PROGRESS_FILES, *NOTEBOOKS, *LISTS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.broken} | {case.called}")
def test_what_is_broken_is_said_in_a_sentence(case, tmp_path):
    said = case.see(tmp_path).strip()
    for words in case.said:
        assert words in said
    assert "Traceback" not in said and "\n" not in said and len(said) < 700


# ---- no progress is lost -------------------------------------------------------------------------

WRITING = """
import os, random, signal, sys, time
from functools import partial
from helpers.lessons import store

def tried(name, record):
    record["exercises"][name] = {"tries": 1}

def write(name, times):
    for n in range(times):
        if store.update(partial(tried, f"{name}.{n}")) == "":
            os.write(1, f"{name}.{n}\\n".encode())  # confirmed
"""
WRITE_ON = "write(sys.argv[1], 30)\nwhile store._unsaved: store._save(wait_s=2)"
# A process that has imported the course starts others, each of which is killed while it writes.
KILL = """
moments = random.Random(8)
for round_ in range(60):
    confirmed, out = os.pipe()
    if not (pid := os.fork()):
        os.dup2(out, 1)
        write(f"round {round_}", 10**6)
    os.close(out)
    said = os.read(confirmed, 1)
    time.sleep(moments.uniform(0, 0.02))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while more := os.read(confirmed, 65536):
        said += more
    os.write(1, said)
    assert {*said.decode().split("\\n")} - {""} <= {*store.read()["exercises"]}, said
    assert not store.worlds()[1]
"""


def start(work: Path, program: str, *words: str) -> subprocess.Popen:
    command = [sys.executable, "-c", WRITING + program, *words]
    env = os.environ | {"COURSE_WORK": str(work)}
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)


def kept(work: Path) -> dict:
    state = json.loads((work / "progress.json").read_text(encoding="utf-8"))
    return state["worlds"]["seed 2025"]["exercises"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows starts processes too slowly for this")
def test_sixty_kills_while_writing_lose_nothing_that_was_confirmed(tmp_path):
    process = start(tmp_path, KILL)
    confirmed = process.communicate(timeout=120)[0].splitlines()
    assert process.returncode == 0 and len(confirmed) >= 60
    assert {*confirmed} <= {*kept(tmp_path)}
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {"progress.json", ".progress.json.part", ".progress.lock"}


@pytest.mark.parametrize("notebooks", [2, 8])
def test_notebooks_that_write_at_once_lose_nothing(tmp_path, notebooks):
    processes = [start(tmp_path, WRITE_ON, f"notebook {number}") for number in range(notebooks)]
    for process in processes:
        process.communicate(timeout=120)
    assert [process.returncode for process in processes] == [0] * notebooks
    assert len(kept(tmp_path)) == 30 * notebooks


@pytest.fixture(params=["a disk of 64 kB", "a limit of 10 bytes"])
def disk(request, tmp_path):
    """A folder, a function that leaves no room in it, and one that makes room again."""
    if request.param == "a limit of 10 bytes":
        resource = pytest.importorskip("resource")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE)
        yield tmp_path, partial(limit, (10, before[1])), partial(limit, before)
        limit(before)
        return
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may mount no disk")

    def fill():
        with contextlib.suppress(OSError), open(tmp_path / "film.mp4", "wb", 0) as file:
            while file.write(b"x" * 4096):
                pass

    yield tmp_path, fill, (tmp_path / "film.mp4").unlink
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_full_disk_is_said_and_what_was_kept_in_memory_is_saved_later(disk, monkeypatch):
    work, fill, make_room = disk
    monkeypatch.setenv("COURSE_WORK", str(work))
    monkeypatch.setattr(store, "_unsaved", [])
    assert lessons.check("0.1", 1).note == ""
    before = (work / "progress.json").read_bytes()
    fill()
    notes = [lessons.check("0.1", 1).note for _ in range(2)]
    meanwhile = (work / "progress.json").read_bytes()
    left = {path.name for path in work.iterdir()}
    make_room()
    for note in notes:
        assert "could not be saved" in note and "make room there" in note
    assert meanwhile == before and left <= {"progress.json", ".progress.lock", "film.mp4"}
    assert lessons.check("0.1", 1).note == ""
    assert kept(work)["0.1"]["tries"] == 4


ODD = [None, True, -7, 10**30, float("nan"), "text", [1], {"x": 1}]


def use_all() -> list[object]:
    """Call all that reads progress, and all that adds to it."""
    board = lessons.board("98.2")
    commit = {"diagnosis": "holds", "certainty": 80}
    return [
        lessons.check("98.1", 20),
        lessons.hint("98.1"),
        lessons.progress(),
        *(lessons.predict("98.top", 70), lessons.reveal("98.top", 78), lessons.predict("98.top")),
        *(lessons.predict("98.who", "the small"), lessons.reveal("98.who", "the large")),
        lessons.recall("98").answer(1, "revenue"),
        board["on_commit"]({"ratings": {"a finding": {"a cause": 1}}, "commits": [commit]}),
        lessons.diagnosis("98.2"),
    ]


def places(node: object, at: tuple = ()):
    yield at
    if isinstance(node, (dict, list)):
        for key, below in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places(below, (*at, key))


def test_no_odd_value_anywhere_in_a_progress_file_raises(toy, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)  # hundreds of files, none to last
    use_all()
    path = toy / "progress.json"
    whole = path.read_text(encoding="utf-8")
    for *above, last in [at for at in places(json.loads(whole)) if at]:
        for odd in ODD:
            state = node = json.loads(whole)
            for key in above:
                node = node[key]
            node[last] = odd
            path.write_text(json.dumps(state), encoding="utf-8")
            said = " ".join(map(repr, use_all()))
            assert "could not be judged" not in said, (above, last, odd)


if __name__ == "__main__":
    print("| What is broken | What is called | What the user sees |\n|---|---|---|")
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            said = case.see(Path(folder)).strip().replace(folder, "…").replace("|", "\\|")
            print(f"| {case.broken} | `{case.called}` | {said} |".replace(str(ROOT), "…"))
