"""Makes slides of a chapter: a copy to present live, a page of speaker notes, a deck in one file.

Called by tools.presenting, which serves them; runs in the course's environment.
"""

import argparse
import html
import json
import os
import re
from itertools import chain
from pathlib import Path

import nbformat
from nbconvert.filters.markdown import markdown2html
from nbformat import NotebookNode
from nbformat.sign import NotebookNotary
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tools import refresh

PARTS = Path(__file__).resolve().parent / "deck"
NEW_PAGE = ("slide", "subslide")
NOT_SHOWN = ("skip", "notes")
HIDDEN = {"jupyter": {"source_hidden": True}}
RUN_TO_MOVE = r" \(Run this cell to move it by [^<]*?\)"  # no one can, in an exported deck


def part(name: str) -> str:
    """Return one of the files that decks are made of."""
    return (PARTS / name).read_text(encoding="utf-8")


def slide_type(cell: NotebookNode) -> str | None:
    """Return what the cell is on slides: None goes on with the one before."""
    return cell.metadata.get("slideshow", {}).get("slide_type")


def shows_code(cell: NotebookNode) -> bool:
    """Tell whether a slide is about its code: nothing else is there to show."""
    return not cell.outputs


def presenters_copy(chapter: NotebookNode, *, only: list[str] | None) -> NotebookNode:
    """Return the chapter as one row of slides, code folded; `only` names those to keep, by id.

    Every cell stays, so that all runs; what is on no slide is skipped, as in the chapter.
    """
    copy = nbformat.from_dict(chapter)
    for cell in copy.cells:
        kind = slide_type(cell)
        if only is not None and cell.id not in only:
            kind = "skip"
        elif only is not None or kind == "subslide":
            kind = "slide"  # one row: "next" then means the same everywhere
        cell.metadata["slideshow"] = {"slide_type": kind} if kind else {}
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(" %", "\u00a0%")  # large type breaks many lines
        elif not shows_code(cell):
            cell.metadata.update(HIDDEN)
    return copy


def pages(chapter: NotebookNode) -> list[list[NotebookNode]]:
    """Return the cells of each slide."""
    found = []
    for cell in chapter.cells:
        if slide_type(cell) in NOT_SHOWN:
            continue
        if slide_type(cell) in NEW_PAGE or not found:
            found.append([])
        found[-1].append(cell)
    return found


def output_html(output: NotebookNode) -> str:
    """Return an output as a page without a kernel shows it."""
    if output.output_type == "stream":
        return f'<div class="jp-RenderedText"><pre>{html.escape(output.text)}</pre></div>'
    data = output.get("data", {})
    if "text/html" in data:
        shown = re.sub(RUN_TO_MOVE, "", data["text/html"])
        return f'<div class="jp-RenderedHTMLCommon">{shown}</div>'
    text = data.get("text/plain", "")
    return f'<div class="jp-RenderedText"><pre>{html.escape(text)}</pre></div>' if text else ""


def cell_html(cell: NotebookNode) -> str:
    """Return one cell of a slide; code that is not shown waits, folded, for a key."""
    if cell.cell_type == "markdown":
        shown = markdown2html(cell.source)
        inner = f'<div class="jp-RenderedHTMLCommon jp-RenderedMarkdown">{shown}</div>'
    else:
        folded = "" if shows_code(cell) else " folded"
        code = highlight(cell.source, PythonLexer(), HtmlFormatter(noclasses=True, nowrap=True))
        outputs = "".join(map(output_html, cell.outputs))
        inner = f'<pre class="course-source{folded}">{code}</pre>'
        inner += f'<div class="jp-OutputArea">{outputs}</div>'
    fragment = " fragment" if slide_type(cell) == "fragment" else ""
    return f'<div class="jp-deck-mod-visible{fragment}" data-cell="{cell.id}">{inner}</div>'


def deck_page(chapter: NotebookNode) -> str:
    """Return all slides as one page of HTML that needs nothing else, neither kernel nor network."""
    slides = "\n".join(
        f'<section class="slide" id="{page[0].id}"><div class="page">'
        f"{''.join(map(cell_html, page))}</div></section>"
        for page in pages(chapter)
    )
    title = html.escape(chapter.metadata.course.title)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f"<style>{part('export.css')}{part('deck.css')}</style></head>\n"
        f'<body><main class="jp-Deck">\n{slides}\n</main><div id="bar"></div>\n'
        f"<script>{part('keys.js')}{part('export.js')}</script></body></html>\n"
    )


def first_words(cell: NotebookNode) -> str:
    """Return a name for a slide: its heading, its first words, or the name of its cell."""
    if cell.cell_type == "code":
        return cell.id.replace("-", " ")
    words = re.sub(r"[#*`_]", "", cell.source.strip().splitlines()[0]).strip()
    return words if len(words) <= 50 else words[:49].rsplit(" ", 1)[0] + " …"


def said_about(companion: NotebookNode) -> dict[str, list[str]]:
    """Return for each cell of the chapter the paragraphs of notes that name it, as HTML.

    A paragraph of the speaker notes begins with the names of the cells that it is about.
    """
    said: dict[str, list[str]] = {}
    for cell in companion.cells:
        if not cell.metadata.get("course", {}).get("notes"):
            continue
        about: list[str] = []
        for paragraph in re.split(r"\n\n+", cell.source):
            if names := re.match(r"\*\*((?:`[a-z0-9-]+`[, ]*)+)\*\*", paragraph):
                about = re.findall(r"`(.+?)`", names[1])
            for name in about:
                said.setdefault(name, []).append(markdown2html(paragraph))
    return said


def plan_of(companion: NotebookNode) -> tuple[str, list[dict]]:
    """Return the plan's text and its parts: from which minute until which, what, which cells."""
    text = next(cell.source for cell in companion.cells if cell.id == "plan")
    rows = re.findall(r"^\| *(\d+) \| *(\d+) \|(.*)\|(.*)\|$", text, re.M)
    return text, [
        {
            "from": int(start),
            "until": int(start) + int(length),
            "what": what.strip(),
            "slides": re.findall(r"`(.+?)`", cells),
        }
        for start, length, what, cells in rows
    ]


def short_version(companion: NotebookNode, minutes: int) -> list[str] | None:
    """Return the cells that the plan keeps with only 15 or 5 minutes; None where it says none."""
    word = {15: "Fifteen", 5: "Five"}[minutes]
    text, _ = plan_of(companion)
    line = re.search(rf"^\*\*{word} minutes:\*\*(.*)$", text, re.M)
    return re.findall(r"`(.+?)`", line[1]) if line else None


def notes_page(chapter: NotebookNode, companion: NotebookNode, *, minutes: int | None) -> str:
    """Return the instructor's own page for these slides: clock, plan, what to say at each."""
    said = said_about(companion)
    text, parts = plan_of(companion)
    page_of = {cell.id: page[0].id for page in pages(chapter) for cell in page}
    if minutes:
        step = minutes / len(pages(chapter))
        parts = [
            {"from": n * step, "until": (n + 1) * step, "what": "", "slides": [page[0].id]}
            for n, page in enumerate(pages(chapter))
        ]
    for each in parts:
        each["slides"] = [page_of[name] for name in each["slides"] if name in page_of]
    more = [cell.source for cell in companion.cells if cell.id in ("discussion", "rubric")]
    notes = {
        "title": chapter.metadata.course.title,
        "plan": parts,
        "planText": markdown2html(text),
        "more": markdown2html("\n\n".join(more)),
        "slides": [
            {
                "id": page[0].id,
                "title": first_words(page[0]),
                "said": "".join(dict.fromkeys(chain(*(said.get(cell.id, ()) for cell in page)))),
            }
            for page in pages(chapter)
        ],
    }
    script = json.dumps(notes, ensure_ascii=False).replace("</", "<\\/")
    filled = part("notes.html").replace("/*NOTES*/", part("notes.js"))
    return filled.replace("/*KEYS*/", part("keys.js")).replace("/*DATA*/", script)


def extension(folder: Path, notes: str) -> None:
    """Lay out the extension of JupyterLab that presents, with the page of notes beside it."""
    home = folder / "course-present"
    (home / "static").mkdir(parents=True)
    loads = {"load": "static/live.js", "extension": "./plugin"}
    package = {"name": "course-present", "version": "1", "jupyterlab": {"_build": loads}}
    (home / "package.json").write_text(json.dumps(package), encoding="utf-8")
    live = f"(() => {{\n{part('keys.js')}{part('live.js')}}})();\n"
    for name, text in (("live.js", live), ("deck.css", part("deck.css")), ("notes.html", notes)):
        (home / "static" / name).write_text(text, encoding="utf-8")


def main() -> None:
    """Make what is asked for: a session's folder, or one file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("chapter", type=Path)
    parser.add_argument("--minutes", type=int)
    parser.add_argument("--export", type=Path)
    parser.add_argument("--session", type=Path, help="the folder for the presenter's copy")
    parser.add_argument("--extension", type=Path, help="the folder for what JupyterLab is to load")
    asked = parser.parse_args()
    chapter = refresh.read(asked.chapter)
    companion = refresh.read(asked.chapter.parent / "instructor" / asked.chapter.name)
    seed = os.environ.get("COURSE_SEED")
    if seed and asked.export:
        refresh.run(chapter, folder=asked.chapter.parent, seed=seed)
    only = short_version(companion, asked.minutes) if asked.minutes else None
    copy = presenters_copy(chapter, only=only)
    if asked.export:
        asked.export.write_text(deck_page(copy), encoding="utf-8")
        return
    extension(asked.extension, notes_page(copy, companion, minutes=asked.minutes))
    for cell in copy.cells:
        if seed and cell.cell_type == "code":
            cell.outputs = []  # stored in the committed world, not in the class's
    nbformat.write(copy, asked.session / asked.chapter.name)
    data = asked.session / ".jupyter" / "data"
    data.mkdir(parents=True)
    NotebookNotary(data_dir=str(data)).sign(copy)  # else stored outputs show without their style


if __name__ == "__main__":
    main()
