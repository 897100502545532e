"""Finds what students handed in: notebooks in folders, in zips, under a platform's names.

Nothing found is run here, and nothing is unpacked to disk. `collect` takes a folder (or a zip) and
returns a `Notebook` for each notebook, with the student it is from.
"""

import contextlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.environment import ROOT, Stop
from tools.handout import NUMBER, chapter_name

MOST_BYTES = 30_000_000  # of one file
MOST_FILES = 3_000  # of one zip
UNREADABLE = (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)
CHAPTER_FILES = {path.stem: path for path in sorted(ROOT.glob("notebooks/*.ipynb"))}
CHECK = re.compile(r"""\bcheck\(\s*["'](\d+[a-z]?)\.\d+["']""")
# The capstone's first cell holds `my_number = 4711`.
WORLD = re.compile(r"\b(?:use_world\(\s*(?:seed\s*=\s*)?|my_number\s*=\s*)(\d{1,12})\b")
DIAGNOSED = re.compile(r"You said “(.+?)” and were (\d+) % sure")


@dataclass
class Notebook:
    """A notebook as it was handed in. `fault` says why it cannot be marked, if it cannot."""

    student: str
    file: str
    modified: float = 0
    chapter: str = ""
    cells: list[str] = field(default_factory=list)
    diagnoses: dict[str, tuple[str, int]] = field(default_factory=dict)
    progress: dict = field(default_factory=dict)
    fault: str = ""

    def worlds(self) -> list[int]:
        """Return the worlds that it names: in its cells, else in the progress beside it."""
        named = {int(seed) for source in self.cells for seed in WORLD.findall(source)}
        kept = {label.removeprefix("seed ") for label in part(self.progress, "worlds")}
        return sorted(named or {int(seed) for seed in kept if re.fullmatch(NUMBER, seed)})


def collect(folder: Path, students: list[dict[str, str]]) -> list[Notebook]:
    """Return all notebooks handed in; a student who handed in nothing of use gets one with a fault.

    `students` are the rows of the class list; where a path names one of them, the notebook is
    theirs, under the name in the list's first column.
    """
    if not folder.exists():
        raise Stop(f"There is no {folder}: name the folder that holds what students handed in.")
    found, notebooks, progress, others = [], [], {}, {}
    for parts, modified, content in files(folder):
        notebook = Notebook("", "/".join(parts), modified)
        if parts[-1].endswith(".ipynb"):
            found.append((parts, read(notebook, content)))
        elif parts[-1].endswith("progress.json"):
            with contextlib.suppress(ValueError, TypeError, RecursionError):
                notebook.progress = json.loads(content)
            found.append((parts, notebook))
        elif not parts[-1].endswith(".csv"):  # among them the marks and the class list
            found.append((parts, notebook))
    around = around_all([parts for parts, _ in found])
    for parts, notebook in found:
        notebook.student = student_of(parts[around:] or parts, students)
        if parts[-1].endswith(".ipynb"):
            notebooks.append(notebook)
        elif notebook.progress:
            progress[notebook.student] = notebook.progress
        else:
            others.setdefault(notebook.student, notebook.file)
    have = {notebook.student for notebook in notebooks}
    for student in others.keys() - have:
        notebooks.append(Notebook(student, others[student], fault="no notebook was handed in"))
    for who in map(identities, students):
        if who[0] not in have | others.keys():
            notebooks.append(Notebook(who[0], "", fault="nothing was handed in"))
    for notebook in notebooks:
        kept = progress.get(notebook.student)
        notebook.progress = kept if isinstance(kept, dict) else {}
    return sorted(notebooks, key=lambda notebook: (notebook.student, notebook.file))


def around_all(paths: list[tuple[str, ...]]) -> int:
    """Return 1 where one folder (or zip) lies around the students' own, which are several; or 0."""
    inner = {path[1] for path in paths if len(path) > 2}
    return int(len({path[0] for path in paths}) == 1 and len(inner) > 1)


def files(place: Path) -> Iterator[tuple[tuple[str, ...], float, bytes | None]]:
    """Yield (path in the folder, time, content) of each file, zips opened; None: not to be read."""
    if place.is_file():
        yield from in_zip(place, (), place.stat().st_mtime)
        return
    for path in sorted(place.rglob("*")):
        parts = path.relative_to(place).parts
        if path.is_file() and not path.is_symlink() and not any(map(ignored, parts)):
            modified, size = path.stat().st_mtime, path.stat().st_size
            if path.suffix.lower() == ".zip":
                yield from in_zip(path, (*parts[:-1], path.stem), modified)
            else:
                kept = wanted(path.name, size)
                yield parts, modified, content_of(path.read_bytes) if kept else None


def content_of(read: Callable[..., bytes], *what: zipfile.ZipInfo) -> bytes:
    """Return what a file holds; nothing where it is damaged, locked by a password or forbidden."""
    try:
        return read(*what)
    except UNREADABLE:
        return b""


def in_zip(
    file: Path | io.BytesIO, at: tuple[str, ...], modified: float, depth: int = 2
) -> Iterator:
    """Yield the files of a zip as `files` does; of one that is broken, itself, not to be read."""
    try:
        archive = zipfile.ZipFile(file)
        if not archive.infolist():
            yield (*at, "empty zip"), modified, None
        for entry in archive.infolist()[:MOST_FILES]:
            name = entry.filename
            if not entry.flag_bits & 0x800:  # no UTF-8: a Chinese Windows or an old zip made it
                raw = name.encode("cp437", "replace")
                with contextlib.suppress(UnicodeDecodeError):
                    name = raw.decode("gb18030")
                with contextlib.suppress(UnicodeDecodeError):
                    name = raw.decode("utf-8")
            parts = tuple(part for part in re.split(r"[/\\]", name) if part not in ("", ".", ".."))
            if entry.is_dir() or not parts or any(map(ignored, parts)):
                continue
            if parts[-1].lower().endswith(".zip") and depth and entry.file_size <= MOST_BYTES:
                below = (*at, *parts[:-1], parts[-1][:-4])
                inner = io.BytesIO(content_of(archive.read, entry))
                yield from in_zip(inner, below, modified, depth - 1)
            else:
                kept = wanted(parts[-1], entry.file_size)
                yield (*at, *parts), modified, content_of(archive.read, entry) if kept else None
    except UNREADABLE:
        yield (*at, "broken zip"), modified, None


def ignored(name: str) -> bool:
    return name.startswith((".", "~", "__MACOSX")) or name in ("Thumbs.db", "desktop.ini")


def wanted(name: str, size: int) -> bool:
    return name.endswith((".ipynb", "progress.json")) and size <= MOST_BYTES


def student_of(parts: tuple[str, ...], students: list[dict[str, str]]) -> str:
    """Return who handed a file in: whom of the list its path names, else what the path says.

    The outermost name counts: what is inside a zip or a folder, a student may name after others.
    """
    for place in parts:
        listed = [
            who for who in map(identities, students) if any(names(place, each) for each in who)
        ]
        if listed:  # "Li Wei" before "Li"
            return max(
                listed, key=lambda who: max(len(each) for each in who if names(place, each))
            )[0]
    name = parts[0] if len(parts) > 1 else parts[0].rpartition(".")[0]
    name = name.partition("_assignsubmission_")[0]
    for stem in CHAPTER_FILES:
        head, is_chapter, tail = name.partition(stem)
        if is_chapter:
            name = head.strip("_- ") or re.sub(r"_new\d*$|-Copy\d*$| \(\d+\)$", "", tail)
    short = re.sub(r"(_LATE)?(_\d{3,})+_*$", "", name)  # the numbers that platforms add
    return (short or name).strip("_- ") or "(no name)"


def identities(student: dict[str, str]) -> list[str]:
    """Return what a row of the class list calls a student: first the name, then ids, addresses."""
    first, *others = student
    ids = [name for name in others if re.search(r"name|\bid\b|mail|姓名|学号", name, re.I)]
    return [student[name] for name in (first, *ids) if student[name]] or ["(no name)"]


def names(path: str, who: str) -> bool:
    """Tell whether a path names a person: all words of the name, in any order, or as one word."""
    words, wanted_words = set(split(path)), split(who)
    if re.search(r"[\u4e00-\u9fff]", who) and who in path:
        return True
    return bool(wanted_words) and (words >= set(wanted_words) or "".join(wanted_words) in words)


def split(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def read(notebook: Notebook, content: bytes | None) -> Notebook:
    """Fill in what a notebook's file says; a fault where it is none."""
    if content is None:
        notebook.fault = f"the file is larger than {MOST_BYTES // 1_000_000} MB"
        return notebook
    try:
        found = json.loads(content)
        cells = [cell for cell in found["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
    except (ValueError, TypeError, KeyError, RecursionError):
        notebook.fault = "the file is no notebook, or a damaged one"
        return notebook
    notebook.cells = sources
    notebook.chapter = chapter_of(found, sources)
    if not notebook.chapter:
        notebook.fault = "the notebook is of no chapter of the course"
    for cell, source in zip(cells, sources, strict=True):
        if asked := re.search(r"""\bdiagnosis\(\s*["']([^"']+)["']""", source):
            shown = DIAGNOSED.search(json.dumps(cell.get("outputs"), ensure_ascii=False))
            if shown:
                notebook.diagnoses[asked[1]] = (shown[1], int(shown[2][:3]))
    return notebook


def chapter_of(notebook: dict, sources: list[str]) -> str:
    """Return the chapter that a notebook says it is, else the one whose answers it checks."""
    known = {stem.split("_")[0] for stem in CHAPTER_FILES}
    named = part(part(notebook, "metadata"), "course").get("chapter")
    checked = [each for source in sources for each in CHECK.findall(source)]
    likely = max(checked, key=checked.count, default="")
    said = [named, chapter_name(likely)]
    return next((each for each in said if isinstance(each, str) and each in known), "")


def part(of: object, name: str) -> dict:
    """Return the object of that name in an object, or an empty one for anything else."""
    found = of.get(name) if isinstance(of, dict) else None
    return found if isinstance(found, dict) else {}
