"""Makes the course's hand-out: one zip for a class, without what students need not have.

`python3 course.py handout` packs the whole course, `handout 03 07a` these chapters (and the first
page). `--seed 7` gives the class a world of its own; `--students list.csv` gives each student one:
still one zip for all, which asks for a number when it first opens, and a table of the numbers for
the instructor. `--out FILE` names the zip. `--nbgrader FOLDER` writes sources for nbgrader instead.

Left out: companions, tests, instructors' commands; the truth is packed so that checks can read it
and no spreadsheet can. That deters; what protects is that `mark` judges elsewhere.

Standard library only, like all that runs outside the environment.
"""

import hashlib
import re
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from tools.environment import NUMBER, ROOT, Parser, Stop, world_number
from tools.marking.ledger import safe
from tools.nbgrader_source import write_sources
from tools.tables import read_rows, write_table

FOLDER = "customer-analysis-course"  # what the zip unpacks to: a newer one goes over an older one
ALONGSIDE = [
    "course.py",
    "environment.yml",
    "LICENSE",
    "notebooks/images/*.png",
    "pyproject.toml",
    "requirements.txt",
    "tools/doctor.py",
    "tools/environment.py",
    "tools/opening.py",
    "uv.lock",
]
CODE_AND_DATA = {".py", ".csv", ".json", ".md", ".otf", ".txt"}
TRUTH = ROOT / "casedata" / "truth.csv"
MARK = "helpers/exercises/HANDOUT"  # makes a copy a hand-out; it holds the numbers of its worlds
FIRST_CHAPTER = "00"
UNIX, READ_ONLY_FILE = 3, 0o100444
FIRST_TIME, LAST_TIME = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 59)  # that a zip can hold
NO_PART = ("For instructors", "For maintainers", "Other ways in")  # headings of the README


def main(words: list[str]) -> int:
    """Write the hand-out that the words ask for, and say what was written."""
    arguments = _parser().parse_args(words)
    chapters = chosen(arguments.chapters)
    if arguments.nbgrader:
        notebooks = [path for path in files(chapters) if path.suffix == ".ipynb"]
        write_sources(arguments.nbgrader, notebooks)
        print(
            f"{arguments.nbgrader}: {len(chapters)} assignments for `nbgrader generate_assignment`."
        )
        return 0
    out = arguments.out.with_suffix(".zip")
    out.parent.mkdir(parents=True, exist_ok=True)
    numbers, table = [arguments.seed], None
    if arguments.students:
        students = read_list(arguments.students)
        numbers = give_numbers(students)
        table = out.with_name(f"{out.stem}-numbers.csv")
        rows = [{name: safe(text) for name, text in row.items()} for row in students]
        write_table(table, list(students[0]), rows)
    pack(out, chapters, numbers)
    print(f"{out} ({out.stat().st_size / 1e6:.1f} MB): {len(chapters)} chapters for students.")
    if table:
        print(
            f"{table}: tell each of the {len(numbers)} students their number; the course asks for "
            "it when it first opens. Keep the table: `mark --students` reads it."
        )
    return 0


def _parser() -> Parser:
    parser = Parser(prog="course.py handout", description="Make a zip of the course for students.")
    parser.add_argument("chapters", nargs="*", help="chapters such as 03 07a; all for none")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--seed", type=world_number, default=2025, help="the class's world")
    which.add_argument("--students", type=Path, help="a CSV list: a world for each student")
    parser.add_argument("--out", type=Path, default=Path(f"{FOLDER}.zip"), help="the zip to write")
    parser.add_argument(
        "--nbgrader", type=Path, metavar="FOLDER", help="write sources for nbgrader"
    )
    return parser


def chosen(names: list[str]) -> list[str]:
    """Return the chapters asked for and the first page; all where none is named."""
    known = [path.name.split("_")[0] for path in sorted(ROOT.glob("notebooks/*.ipynb"))]
    wanted = set(map(chapter_name, names))
    if unknown := sorted(wanted - set(known)):
        raise Stop(f"There is no chapter {unknown[0]}: choose from {', '.join(known)}.")
    return [name for name in known if not names or name in wanted | {FIRST_CHAPTER}]


def chapter_name(text: str) -> str:
    """Return a chapter's name as files have it: "3" is "03", "7A" is "07a"."""
    return re.sub(r"^\d(?!\d)", r"0\g<0>", text.strip().lower())


def pack(out: Path, chapters: list[str], numbers: list[int]) -> None:
    """Write the zip: whole or not at all."""
    draft = out.with_name(out.name + ".part")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files(chapters):
            name = f"{FOLDER}/{path.relative_to(ROOT).as_posix()}"
            entry = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
            if path.suffix == ".ipynb":  # who opens it there, and not in work/, is told when saving
                entry.create_system, entry.external_attr = UNIX, READ_ONLY_FILE << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        # A clock may be wrong by decades: the nearest time that a zip can hold.
        now = min(max(time.localtime()[:6], FIRST_TIME), LAST_TIME)
        for name, content in [
            (TRUTH.with_suffix(".sealed").relative_to(ROOT), zlib.compress(TRUTH.read_bytes())),
            ("README.md", for_students(readme)),
            (MARK, "".join(f"{number}\n" for number in numbers)),
        ]:
            archive.writestr(zipfile.ZipInfo(f"{FOLDER}/{Path(name).as_posix()}", now), content)
    draft.replace(out)


def files(chapters: list[str]) -> Iterator[Path]:
    """Yield the files that a hand-out of these chapters holds as they are."""
    for pattern in ALONGSIDE:
        yield from sorted(ROOT.glob(pattern))
    for chapter in chapters:
        yield from ROOT.glob(f"notebooks/{chapter}_*.ipynb")
    for path in sorted([*ROOT.glob("helpers/**/*"), *ROOT.glob("casedata/**/*")]):
        lesson = re.fullmatch(r"ch(\d\d[a-z]?)\.py", path.name)
        left_out = path == TRUTH or (lesson and lesson[1] not in chapters)
        if path.suffix in CODE_AND_DATA and not left_out:
            yield path


def for_students(readme: str) -> str:
    """Return the README without the parts that speak of what a hand-out does not hold."""
    first, *parts = re.split(r"^## ", readme, flags=re.M)
    kept = [part for part in parts if not part.startswith(NO_PART)]
    text = "## ".join([first, *kept])
    return re.sub(r"^python3 course\.py test.*\n", "", text, flags=re.M)


def read_list(path: Path) -> list[dict[str, str]]:
    """Return the rows of a class list, whose first column names the student; a header is made."""
    rows = [[cell.strip() for cell in row] for row in read_rows(path)]
    titled = rows and re.search(
        r"student|name|number|\bid\b|学生|姓名|学号", ",".join(rows[0]), re.I
    )
    header = rows.pop(0) if titled else ["student", *map(str, range(2, len((rows or [""])[0]) + 1))]
    students = [dict(zip(header, row, strict=False)) for row in rows]
    if not students:
        raise Stop(f"{path} lists nobody: it needs a student in each line.")
    for student in students:
        name, number = next(iter(student.values())), student.get("number", "")
        if number and not re.fullmatch(NUMBER, number):
            raise Stop(
                f"{path}: the number of {name}, {number}, must be whole and have at most 12 digits."
            )
    names = [next(iter(student.values())) for student in students]
    if twice := [name for name in names if names.count(name) > 1]:
        raise Stop(
            f"{path} has {twice[0] or 'a nameless line'} twice: name each student once, with an id "
            "if need be."
        )
    return students


def give_numbers(students: list[dict[str, str]]) -> list[int]:
    """Add a number to each student who has none; no two get the same, and a rerun gives the same.

    The number comes from the student's entry, not from the place in the list, so that it stays
    when others come or go.
    """
    names = [next(iter(student.values())) for student in students]
    taken = {student["number"] for student in students if student.get("number")}
    for name, student in zip(names, students, strict=True):
        if not student.get("number"):
            number = 100_000 + int(hashlib.sha256(name.encode()).hexdigest(), 16) % 900_000
            while str(number) in taken:
                number = 100_000 + (number - 99_999) % 900_000
            student["number"] = str(number)
            taken.add(str(number))
    numbers = [student["number"] for student in students]
    for name, number in zip(names, numbers, strict=True):
        if not re.fullmatch(r"[1-9][0-9]{0,11}", number) or numbers.count(number) > 1:
            raise Stop(
                f"The number of {name}, {number}, must be whole, have at most 12 digits, and be "
                "theirs alone."
            )
    return [int(number) for number in numbers]
