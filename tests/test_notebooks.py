"""Every chapter and every companion keeps the contract that students and instructors rely on."""

import ast
import csv
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from helpers import data, exercises
from helpers.lessons.concepts import ideas, places

FOLDER = Path(__file__).parents[1] / "notebooks"
CHAPTERS = sorted(FOLDER.glob("*.ipynb"))
COMPANIONS = sorted(FOLDER.glob("instructor/*.ipynb"))
LESSONS = [path for path in CHAPTERS if not path.name.startswith("00")]  # 00 is free in form

SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes"}
ROLES = {"objectives", "predict", "panel", "memo", "talk", "recall", "keep", "sources"}
WORDS_A_MINUTE = 200
MOST_WORDS_BETWEEN_CODE = 120
MOST_WORDS_ON_A_SLIDE = 40
MOST_LINES = 12

# Which ideas of the syllabus each chapter must teach (claims on trial: T).
OWN = {
    "01": "R1 R2 R3 R4 R5 R6 R7",
    "02": "V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 V15 V16 V17 V18 T7 T9",
    "03": "S1 S2 S3 S4 S5 S6 S7 S8 T3 T11",
    "04": "S9 S10 S11 S12 S13 S14",
    "05": "S15 S16 S17 S18 S19",
    "06": "C1 C2 C3 C4 C5 T1 T5 T6",
    "07": "C6 C7",
    "08": "L1 L2 L3 L4 L5 L6 L7 L8 L9 L10 L11 L14",
    "09": "L12 L13 T2 T4 T8 T13",
    "10": "L10 L11 T10 T12",
    "11": "M1 M2 M3 M4 M5 M6 M7 M8 M9 M10 V13 V15",
}


def named(paths: list[Path]) -> dict:
    return {"argvalues": paths, "ids": [f"{path.parent.name}/{path.stem}" for path in paths]}


def every_notebook(test):
    return pytest.mark.parametrize("path", **named([*CHAPTERS, *COMPANIONS]))(test)


def every_chapter(test):
    return pytest.mark.parametrize("path", **named(CHAPTERS))(test)


def every_lesson(test):
    return pytest.mark.parametrize("path", **named(LESSONS))(test)


def every_companion(test):
    return pytest.mark.parametrize("path", **named(COMPANIONS))(test)


def cells_of(path: Path) -> list[dict]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in cells]


def code_of(path: Path) -> list[dict]:
    return [cell for cell in cells_of(path) if cell["cell_type"] == "code"]


def course(cell: dict) -> dict:
    return cell["metadata"].get("course", {})


def slide_type(cell: dict) -> str | None:
    return cell["metadata"].get("slideshow", {}).get("slide_type")


def chapter_of(path: Path) -> str:
    return path.name.split("_")[0]


def words(markdown: str) -> int:
    """Count the words that a reader sees: no link targets, no marks, a Chinese term as one."""
    seen = re.sub(r"\]\([^)]*\)|<[^>]+>", " ", markdown)
    return len(re.findall(r"\w+(?:['’.,:–-]\w+)*", seen))


def outputs(cell: dict) -> list[tuple[str, str]]:
    """Return (kind, text) of all that a cell shows; kind is a MIME type or a stream's name."""
    shown = []
    for output in cell["outputs"]:
        if "text" in output:
            shown.append((output["name"], "".join(output["text"])))
        for kind, content in output.get("data", {}).items():
            shown.append((kind, "".join(content) if isinstance(content, list) else str(content)))
    return shown


class Pictures(HTMLParser):
    """The alternative texts of all pictures in a piece of HTML."""

    def __init__(self, html: str):
        super().__init__()
        self.alts = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.alts.append((dict(attrs).get("alt") or "").strip())


def exercise_ids(path: Path) -> list[str]:
    chapter = chapter_of(path)
    listed = exercises.of_chapter(chapter, "EXERCISES") if chapter in exercises.chapters() else []
    return [exercise.id for exercise in listed]


# ---- every notebook ------------------------------------------------------------------------------


def test_there_are_chapters_and_each_has_its_companion():
    assert CHAPTERS
    assert [path.name for path in COMPANIONS] == [path.name for path in CHAPTERS]


@every_notebook
def test_cells_have_readable_names_of_their_own(path):
    names = [cell["id"] for cell in cells_of(path)]
    assert len(set(names)) == len(names)
    random = [name for name in names if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f-]+)?", name)]
    odd = [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name)]
    assert not random + odd


@every_notebook
def test_it_runs_on_the_kernel_that_the_set_up_makes(path):
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"
    assert metadata["course"]["chapter"] == chapter_of(path)
    assert "widgets" not in metadata


@every_notebook
def test_slides_are_of_a_kind_that_shows(path):
    assert {slide_type(cell) for cell in cells_of(path)} <= SLIDE_TYPES | {None}


@every_notebook
def test_code_is_short_and_needs_nothing_from_outside(path):
    for cell in code_of(path):
        lines = cell["source"].splitlines()
        assert len(lines) <= MOST_LINES, cell["id"]
        assert max(map(len, lines), default=0) <= 100, cell["id"]
        assert not re.search(r"https?:|www\.|^\s*[%!]|sys\.path", cell["source"], re.M), cell["id"]


@every_notebook
def test_imports_stand_in_the_first_cell(path):
    first, *others = code_of(path)
    statements = ast.parse(first["source"]).body
    kinds = [isinstance(each, (ast.Import, ast.ImportFrom)) for each in statements]
    assert kinds[0] and kinds == sorted(kinds, reverse=True)
    assert not any(
        alias.name == "*"
        for each in statements
        if isinstance(each, ast.ImportFrom)
        for alias in each.names
    )
    late = [
        cell["id"] for cell in others if re.search(r"^\s*(import|from)\s", cell["source"], re.M)
    ]
    assert not late


def shows_something(source: str) -> bool:
    """Whether a cell ends in a bare expression, not silenced by a closing semicolon."""
    last = ast.parse(source).body[-1]
    return isinstance(last, ast.Expr) and not source.rstrip().endswith(";")


@every_notebook
def test_every_code_cell_has_run_and_shows_what_it_should(path):
    for cell in code_of(path):
        assert isinstance(cell["execution_count"], int), f"{cell['id']} has not run"
        assert cell["outputs"] or not shows_something(cell["source"]), f"{cell['id']} shows nothing"
    counts = [cell["execution_count"] for cell in code_of(path)]
    assert counts == list(range(1, len(counts) + 1)), "run all cells once, from the top"


@every_notebook
def test_nothing_stored_is_an_error_a_warning_or_a_place_on_somebodys_disk(path):
    for cell in code_of(path):
        kinds = {output["output_type"] for output in cell["outputs"]}
        assert "error" not in kinds, cell["id"]
        for kind, text in outputs(cell):
            assert kind != "stderr", f"{cell['id']}: {text}"
            if not kind.startswith("image/"):
                text = re.sub(r"data:image/[^\"']*", "", text)
                assert not re.search(r"\w*Warning:", text), cell["id"]
                assert not re.search(r"(?<![\w.])/(home|root|tmp|Users|work)/|[A-Z]:\\", text), (
                    cell["id"]
                )


@every_notebook
def test_every_picture_has_words(path):
    for cell in cells_of(path):
        pages = [cell["source"]] if cell["cell_type"] == "markdown" else []
        for output in cell.get("outputs", []):
            shown = output.get("data", {})
            pages.append("".join(shown.get("text/html", "")))
            if any(kind.startswith("image/") for kind in shown):
                assert Pictures(pages[-1]).alts, f"{cell['id']}: a picture without alt text"
        alts = [alt for page in pages for alt in Pictures(page).alts]
        alts += re.findall(r"!\[(.*?)\]\(", cell["source"]) if pages else []
        assert all(alts), f"{cell['id']}: a picture without alt text"


# ---- chapters ------------------------------------------------------------------------------------


@every_chapter
def test_objectives_come_first_three_to_five(path):
    cells = cells_of(path)
    place = next(n for n, cell in enumerate(cells) if course(cell).get("role") == "objectives")
    assert not [cell["id"] for cell in cells[:place] if re.search(r"^## ", cell["source"], re.M)]
    assert 3 <= len(re.findall(r"^[-*] ", cells[place]["source"], re.M)) <= 5


@every_chapter
def test_prose_between_two_code_cells_is_short(path):
    cells = cells_of(path)
    codes = [n for n, cell in enumerate(cells) if cell["cell_type"] == "code"]
    for this, following in pairwise(codes):
        between = sum(words(cell["source"]) for cell in cells[this + 1 : following])
        where = f"{between} words from {cells[this]['id']} to {cells[following]['id']}"
        assert between <= MOST_WORDS_BETWEEN_CODE, where


@every_chapter
def test_every_exercise_is_asked_once_and_checked_at_once(path):
    cells = cells_of(path)
    asked = [course(cell)["exercise"] for cell in cells if "exercise" in course(cell)]
    assert sorted(asked) == sorted(exercise_ids(path))
    for n, cell in enumerate(cells):
        if "exercise" not in course(cell):
            continue
        exercise, _ = exercises.find("EXERCISES", course(cell)["exercise"])
        question = cells[n - 2]["source"] + cells[n - 1]["source"]
        assert f"**Exercise {exercise.id}** *({exercise.minutes:g} min)*" in question
        asking = [each for each in (cell, cells[n + 1]) if "check(" in each["source"]]
        if cell["source"] == f'diagnosis("{exercise.id}")':  # answered on the board above it
            asking = [cell]
            assert f'board("{exercise.id}")' in "".join(each["source"] for each in cells[:n])
        else:
            assert re.search(r"^\w+ = \.\.\.$", cell["source"], re.M), f"{cell['id']} has no stub"
            assert f'check("{exercise.id}", ' in asking[0]["source"]
        assert "Not tried yet" in str(outputs(asking[0])), f"{cell['id']}: show the untried check"


@every_chapter
def test_predictions_are_asked_before_they_are_revealed(path):
    source = "\n".join(cell["source"] for cell in code_of(path))
    asked = re.findall(r'predict\("([^"]+)"', source)
    chapter = chapter_of(path)
    defined = [each.id for each in exercises.of_chapter(chapter, "PREDICTIONS")]
    assert sorted(asked) == sorted(defined) and asked
    for each in asked:
        assert 0 <= source.find(f'predict("{each}"') < source.find(f'reveal("{each}"')


@every_lesson
def test_a_lesson_has_all_its_parts(path):
    chapter, cells = chapter_of(path), cells_of(path)
    roles = {course(cell).get("role") for cell in cells}
    assert roles >= ROLES
    source = "\n".join(cell["source"] for cell in code_of(path))
    assert f'recall("{chapter}")' in source and f'glossary("{chapter}")' in source
    for claim in exercises.of_chapter(chapter, "CLAIMS"):
        trial = [cell for cell in code_of(path) if f'claims("{claim.id}")' in cell["source"]]
        assert [course(cell).get("role") for cell in trial] == ["trial"]
    forms = [exercise.form for exercise in exercises.of_chapter(chapter, "EXERCISES")]
    assert len(forms) >= (3 if chapter.startswith("07") else 5)
    assert forms[-1] == "a memo"
    assert len(exercises.of_chapter(chapter, "RECALL")) >= 5


@every_lesson
def test_each_term_is_given_in_both_languages(path):
    terms = exercises.of_chapter(chapter_of(path), "TERMS")
    assert len(terms) >= 5
    for term in terms:
        assert all((term.english, term.pinyin, term.meaning)), term
        assert re.fullmatch(r"[\u4e00-\u9fffK/0-9]+", term.chinese), term


@every_lesson
def test_a_lesson_teaches_the_ideas_that_are_its_own(path):
    taught = {idea for cell in cells_of(path) for idea in course(cell).get("teaches", [])}
    own = set(OWN.get(chapter_of(path)[:2], "").split())
    assert own - taught == set()
    assert taught <= {idea for ideas in OWN.values() for idea in ideas.split()}


def test_the_concept_index_lists_each_idea_once_under_a_chapter_that_owns_it():
    table = data.ROOT / "helpers" / "exercises" / "concepts.csv"
    with table.open(encoding="utf-8", newline="") as lines:
        listed = [(row["chapter"][:2], row["id"]) for row in csv.DictReader(lines)]
    owned = {(chapter, idea) for chapter, ideas in OWN.items() for idea in ideas.split()}
    assert set(listed) <= owned
    assert sorted(idea for _, idea in listed) == sorted({idea for _, idea in owned})


def test_an_idea_that_two_chapters_teach_is_listed_under_its_own(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    for name, taught in (("01_a", ["R1", "S2"]), ("03_b", ["S2"]), ("05_c", ["S2", "V13"])):
        cell = {"cell_type": "markdown", "id": "part", "source": [f"## {name} *is* `it`"]}
        cell["metadata"] = {"course": {"teaches": taught}}
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text(json.dumps({"cells": [cell]}))
    monkeypatch.setattr(data, "ROOT", tmp_path)
    found = {idea: place.notebook[:2] for idea, place in places().items()}
    assert found == {"R1": "01", "S2": "03", "V13": "05"}  # V13's own chapter is not there yet
    assert places()["R1"].heading == "01_a is it"


def test_each_idea_links_to_the_heading_of_its_section():
    for idea, place in places().items():
        notebook, name = place.link.split("#cell-id=")
        (cell,) = (cell for cell in cells_of(FOLDER / notebook) if cell["id"] == name)
        heading = re.sub(r"[*`]", "", cell["source"].splitlines()[0])
        assert re.fullmatch(rf"#+ {re.escape(place.heading)}", heading), idea


def test_every_idea_of_the_syllabus_is_taught():
    assert set(ideas()) - set(places()) == set()


@every_lesson
def test_minutes_are_computed_the_same_way_everywhere(path):
    chapter, cells = chapter_of(path), cells_of(path)
    minutes = json.loads(path.read_text(encoding="utf-8"))["metadata"]["course"]["minutes"]
    prose = sum(words(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    assert abs(minutes["read"] - prose / WORDS_A_MINUTE) < 1
    work = sum(exercise.minutes for exercise in exercises.of_chapter(chapter, "EXERCISES"))
    assert minutes["exercises"] == work
    parts = [minutes[part] for part in ("run", "read", "exercises", "talk")]
    assert minutes["total"] == sum(parts)
    longer = {"12": (90, 150)}  # the capstone takes two or three sittings
    shortest, longest = (20, 35) if chapter.startswith("07") else longer.get(chapter, (40, 60))
    assert shortest <= minutes["total"] <= longest


@every_lesson
def test_a_slide_holds_a_few_words_or_one_figure(path):
    slides = []
    for cell in cells_of(path):
        if slide_type(cell) in ("slide", "subslide"):
            slides.append([])
        if slides and slide_type(cell) not in ("skip", "notes"):
            slides[-1].append(cell)
    assert slides and slide_type(cells_of(path)[0]) == "slide"
    for slide in slides:
        told = sum(words(cell["source"]) for cell in slide if cell["cell_type"] == "markdown")
        assert told <= MOST_WORDS_ON_A_SLIDE, f"{slide[0]['id']}: {told} words"
        figures = [
            output
            for cell in slide
            for output in cell.get("outputs", [])
            if any(kind.startswith("image/") for kind in output.get("data", {}))
        ]
        assert len(figures) <= 1, f"{slide[0]['id']}: {len(figures)} figures"


# ---- companions ----------------------------------------------------------------------------------


@every_companion
def test_a_companion_solves_every_exercise_and_says_how_to_teach(path):
    chapter = FOLDER / path.name
    solved = [course(cell)["solution"] for cell in cells_of(path) if "solution" in course(cell)]
    assert sorted(solved) == sorted(exercise_ids(chapter))
    headings = [cell["source"].splitlines()[0] for cell in cells_of(path) if cell["source"]]
    for part in ("## Plan", "## Speaker notes", "## Solution", "## Discussion", "## Rubric"):
        assert any(heading.startswith(part) for heading in headings), part


@every_companion
def test_the_plan_adds_up(path):
    plan = next(cell["source"] for cell in cells_of(path) if cell["id"] == "plan")
    total = int(re.search(r"## Plan, (\d+) minutes", plan).group(1))
    rows = [(int(a), int(b)) for a, b in re.findall(r"^\| *(\d+) \| *(\d+) \|", plan, re.M)]
    starts = [sum(length for _, length in rows[:n]) for n in range(len(rows) + 1)]
    assert [start for start, _ in rows] == starts[:-1] and starts[-1] == total


@every_companion
def test_speaker_notes_speak_of_slides_that_exist(path):
    shown = {
        cell["id"]
        for cell in cells_of(FOLDER / path.name)
        if path.name.startswith("00") or slide_type(cell) not in ("skip", "notes")
    }
    noted = [name for cell in cells_of(path) for name in course(cell).get("notes", [])]
    assert noted and set(noted) <= shown
    plan = next(cell["source"] for cell in cells_of(path) if cell["id"] == "plan")
    assert set(re.findall(r"`([a-z0-9-]+)`", plan)) <= shown
