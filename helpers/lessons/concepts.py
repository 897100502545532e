"""The concept index: every idea of the syllabus, and the chapter and section that teach it."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from helpers import data

AT_ITS_TOP = "A chapter that is not open yet opens at its top: come back, and click once more."
IDEAS = Path(data.__file__).parent / "exercises" / "concepts.csv"


@dataclass(frozen=True)
class Place:
    """Where an idea is taught: a notebook, and its section, by heading and cell."""

    notebook: str
    heading: str
    cell: str

    @property
    def link(self) -> str:
        """The address of the section, relative to the chapters' folder.

        By cell: JupyterLab 4.6 finds no heading with a quotation mark, a % or more than ASCII.
        """
        return f"{self.notebook}#cell-id={self.cell}"


def ideas() -> dict[str, str]:
    """Return every id of the syllabus with its idea in a few words, in the syllabus's order."""
    return {row["id"]: row["idea"] for row in _listed()}


def places() -> dict[str, Place]:
    """Return where each id is taught, read from the chapters' cells (metadata course.teaches).

    Where several chapters teach an id, its own chapter counts: the one that the list names.
    """
    own = {row["id"]: row["chapter"] for row in _listed()}
    taught = list(_taught())
    at_home = {idea for idea, place in taught if place.notebook.startswith(own[idea])}
    found: dict[str, Place] = {}
    for idea, place in taught:
        if idea not in at_home or place.notebook.startswith(own[idea]):
            found.setdefault(idea, place)
    return found


def _taught() -> Iterator[tuple[str, Place]]:
    """Each id with each of its places, in the order of reading."""
    for path in sorted((data.ROOT / "notebooks").glob("*.ipynb")):
        heading, at = "", ""
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            first = "".join(cell["source"]).split("\n", 1)[0]
            if cell["cell_type"] == "markdown" and first.startswith("#"):
                heading, at = re.sub(r"[#*`]", "", first).strip(), cell["id"]
            for idea in cell["metadata"].get("course", {}).get("teaches", []):
                yield idea, Place(path.name, heading, at)


def _listed() -> list[dict[str, str]]:
    with IDEAS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


class ConceptIndex:
    """The index as a page of links, a line per section."""

    def __init__(self) -> None:
        names, self._sections = ideas(), {}
        for taught, place in places().items():
            self._sections.setdefault(place, []).append((taught, names[taught]))

    def __repr__(self) -> str:
        return "\n".join(
            f"{place.notebook}, {place.heading}: "
            + "; ".join(f"{taught} {idea}" for taught, idea in taught_here)
            for place, taught_here in self._sections.items()
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<li><a href="{escape(place.link)}">{escape(place.heading)}</a> '
            f"({escape(place.notebook.split('_')[0])}): "
            + "; ".join(f"{escape(idea)} <small>{taught}</small>" for taught, idea in taught_here)
            + "</li>"
            for place, taught_here in self._sections.items()
        )
        return f"<p><small>{AT_ITS_TOP}</small></p><ul>{rows}</ul>"


def concepts() -> ConceptIndex:
    """Return the concept index of the chapters that are there."""
    return ConceptIndex()
