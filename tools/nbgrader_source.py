"""Makes of chapters the sources of nbgrader assignments, for those who mark with nbgrader.

`python3 course.py handout --nbgrader FOLDER 03 07a` writes FOLDER/source/03/03_segmentation.ipynb:
the chapter, with a hidden test after each exercise that asks our `check`, and the memo for a reader
to grade. Standard library only.
"""

import json
import re
from pathlib import Path

from tools.environment import DAMAGED, Stop, write_json

MEMO_POINTS = 4
TEST = """# marked here
### BEGIN HIDDEN TESTS
from helpers import lessons
assert lessons.{asked}.status == "right"
### END HIDDEN TESTS"""
MEMO = "### BEGIN SOLUTION\nmemo = ...\n### END SOLUTION"
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "customer_analysis"
c.ClearSolutions.code_stub = {"python": "memo = ..."}  # the only solution cells are memos
"""


def write_sources(folder: Path, chapters: list[Path]) -> None:
    """Write a source for each chapter, and a configuration where there is none."""
    for chapter in chapters:
        try:
            notebook = json.loads(chapter.read_bytes())
            notebook["cells"] = [cell for each in notebook["cells"] for cell in with_marks(each)]
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            raise Stop(DAMAGED.format(chapter)) from None
        write_json(folder / "source" / chapter.name.split("_")[0] / chapter.name, notebook)
    config = folder / "nbgrader_config.py"
    if not config.exists():
        config.write_text(CONFIG, encoding="utf-8")


def with_marks(cell: dict) -> list[dict]:
    """Return a chapter's cell, and behind an exercise's the cell that nbgrader marks."""
    course, source = cell["metadata"].get("course", {}), "".join(cell["source"])
    if "exercise" not in course:
        return [cell]
    exercise = course["exercise"]
    if course.get("role") == "memo":
        marks = _markup(exercise, points=MEMO_POINTS, solution=True, locked=False)
        memo = source.replace("memo = ...", MEMO)
        return [cell | {"source": memo, "metadata": cell["metadata"] | marks}]
    name = re.search(r"^(\w+) = \.\.\.$", source, re.MULTILINE)
    asked = f'check("{exercise}", {name[1]})' if name else f'diagnosis("{exercise}")'
    test = {"cell_type": "code", "id": f"mark-{exercise.replace('.', '-')}", "outputs": []}
    test |= {"execution_count": None, "source": TEST.format(asked=asked)}
    return [cell, test | {"metadata": _markup(exercise, points=1, solution=False, locked=True)}]


def _markup(exercise: str, **said: object) -> dict:
    name = f"exercise-{exercise.replace('.', '-')}"
    fixed = {"schema_version": 3, "cell_type": "code", "grade": True, "task": False}
    return {"nbgrader": {**fixed, "grade_id": name, **said}}
