"""Builds the course as a website: the chapters with their stored outputs, to read and to search.

`python3 course.py site [FOLDER]` writes plain files that ask nothing of any other server: they can
be opened from a disk or put on any web server. The instructor's companions are not among them.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from sphinx.application import Sphinx
from sphinx.errors import SphinxError

from tools import refresh
from tools.environment import Parser

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {
    "project": "Customer analysis",
    "html_title": "Customer analysis",
    "language": "en",
    "extensions": ["myst_nb"],
    "nb_execution_mode": "off",
    "myst_heading_anchors": 3,
    "myst_heading_slug_func": "tools.site.anchor",
    "html_theme": "sphinx_book_theme",
    "html_theme_options": {
        "use_download_button": False,  # a chapter does not run without the rest of the course
        "navigation_with_keys": False,
        "home_page_in_toc": True,
        "navbar_persistent": [],  # one search field is enough
        "toc_title": "On this page",
    },
    # Without the name of the course above: it leads where the first line of the list leads.
    "html_sidebars": {"**": ["search-button-field.html", "sbt-sidebar-nav.html"]},
    "html_static_path": [str(Path(__file__).with_suffix(".css"))],
    "html_css_files": ["site.css"],
    "html_copy_source": False,
    "html_show_copyright": False,
    "html_show_sphinx": False,
}

# What outputs say to those who run them, and what they say to those who read.
FOR_READERS = (
    (r"\(Run this cell to move it by", "(In the notebook you move it by"),
    (r"<p>You made no guess before you looked\.</p>", ""),
    (r'(href="\w+)\.ipynb\b', r"\1.html"),
)


def anchor(heading: str) -> str:
    """Return the anchor that JupyterLab gives a heading: links then lead to it here too."""
    return heading.replace(" ", "-")


def for_readers(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Leave of each output the form that pages show; drop the empty place of a living panel."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":  # JupyterLab's links lead to cells too
            place = f'<span id="cell-id={cell.id}"></span>'
            if cell is notebook.cells[0]:  # a page begins with its title
                cell.source = f"{cell.source}\n".replace("\n", f"\n\n{place}\n", 1)
            else:
                cell.source = f"{place}\n\n{cell.source}"
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        for output in outputs:
            if "text/html" in output.get("data", {}):
                page = output.data["text/html"]
                for said, told in FOR_READERS:
                    page = re.sub(said, told, page)
                output.data = {"text/html": page}
        cell["outputs"] = [each for each in outputs if each.get("data") != {"text/plain": ""}]
    return notebook


def no_empty_heads(app, page: str, template: str, context: dict, tree) -> None:
    """Make a table's empty corner a cell like others: a head is read out, and it heads nothing."""
    empty = r"<th([^>]*)>(?:&nbsp;|\s|<p></p>)*</th>"
    context["body"] = re.sub(empty, r"<td\1></td>", context.get("body", ""))


def first_page(readme: str, chapters: list[str]) -> str:
    """Return the beginning of the README, with links to the chapters in the place of its table."""
    beginning = readme.partition("\n## ")[0].replace("(notebooks/", "(")
    listed = "\n".join(["```{toctree}", ":maxdepth: 1", *chapters, "```", ""])
    return re.sub(r"(^\|.*\n)+", listed, beginning, count=1, flags=re.MULTILINE)


def lay_out(source: Path) -> None:
    """Write what the site is made of into an empty folder."""
    chapters = sorted(ROOT.glob("notebooks/*.ipynb"))
    for chapter in chapters:
        notebook = for_readers(refresh.read(chapter))
        nbformat.write(notebook, source / chapter.name)
    shutil.copytree(ROOT / "notebooks" / "images", source / "images")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    page = first_page(readme, [chapter.stem for chapter in chapters])
    (source / "index.md").write_text(page, encoding="utf-8")


def build(folder: Path) -> None:
    """Build the site into a folder; raises SphinxError at the first link that leads nowhere."""
    with tempfile.TemporaryDirectory(prefix="course-site-") as temporary:
        source, made = Path(temporary, "source"), Path(temporary, "made")
        source.mkdir()
        lay_out(source)
        app = Sphinx(
            source,
            None,  # no conf.py
            made,
            Path(temporary, "doctrees"),
            "html",
            confoverrides=SETTINGS,
            status=None,
            warningiserror=True,
            exception_on_warning=True,
        )
        app.connect("html-page-context", no_empty_heads)
        app.build()
        (made / ".buildinfo").unlink()
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(made, folder)


def main(words: list[str]) -> None:
    """Build the site where the words say, or into the folder `site`."""
    parser = Parser(prog="course.py site", description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "site")
    folder = parser.parse_args(words).folder.expanduser().absolute()
    is_site = (folder / "searchindex.js").exists()
    if folder.exists() and not is_site and (not folder.is_dir() or any(folder.iterdir())):
        sys.exit(f"{folder} holds something else than a site: name a new folder.")
    try:
        build(folder)
    except (SphinxError, OSError) as error:
        sys.exit(f"The site was not built: {error}")
    print(f"The site is in {folder}: open index.html, or put the folder on any web server.")


if __name__ == "__main__":
    main(sys.argv[1:])
