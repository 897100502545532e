"""Presents a chapter: as slides that live, with notes on the instructor's own screen, or as a file.

Standard library only, like all that runs outside the environment; tools.slides makes the pages.
"""

import re
import tempfile
import time
from pathlib import Path

from tools import opening
from tools.environment import PYTHON, ROOT, WORK, Parser, Stop, run_quietly

WELCOME = """The slides are open at

    {page}

Your notes, for your own screen (or press s in the slides):

    {server}lab/extensions/course-present/static/notes.html

Space, arrows and a clicker turn pages; Esc leaves a control, then the slides; F5 starts them again;
b blackens the screen, c shows the code of a slide. Ctrl-C here closes it all."""


def find_chapter(word: str | None) -> Path:
    """Return the chapter that the instructor means by 3, 7a, segmentation or a file's name."""
    chapters = sorted(ROOT.glob("notebooks/*.ipynb"))
    known = ", ".join(path.stem.split("_")[0] for path in chapters)
    if word is None:
        raise Stop(
            f"Which chapter? For instance `python3 course.py present 03`; there are {known}."
        )
    name = Path(word).name.lower().removesuffix(".ipynb")
    number = re.fullmatch(r"0*(\d+)([a-z]?)", name)
    number = f"{int(number[1]):02}{number[2]}" if number else None
    for mine in (
        lambda path: path.stem == name or path.stem.split("_")[0] == number,
        lambda path: number and path.stem.startswith(number),
        lambda path: not number and name in path.stem,
    ):
        found = [path for path in chapters if mine(path)]
        if len(found) == 1:
            return found[0]
        if found:
            several = ", ".join(path.stem for path in found)
            raise Stop(f"`{word}` may be {several}: say which.")
    raise Stop(f"There is no chapter `{word}`: choose from {known}.")


def run(words: list[str]) -> int:
    """Present a chapter until Ctrl-C, or export it; return the exit code."""
    parser = Parser(prog="course.py present", description="Present a chapter as slides.")
    parser.add_argument("chapter", nargs="?", help="its number (3, 07a) or a word of its name")
    parser.add_argument(
        "--minutes", type=int, choices=(5, 15), help="only the slides that the plan keeps"
    )
    parser.add_argument(
        "--export", type=Path, metavar="FILE", help="write slides into one file for any browser"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    asked = parser.parse_args(words)
    chapter = find_chapter(asked.chapter)
    make = [PYTHON, "-m", "tools.slides", chapter]
    if asked.minutes:
        make += ["--minutes", asked.minutes]
    if asked.export:
        file = asked.export.expanduser().absolute()
        file = file / f"{chapter.stem}.html" if file.is_dir() else file
        if not file.parent.is_dir():
            raise Stop(f"There is no folder {file.parent}: make it, or name another.")
        run_quietly([*make, "--export", file], doing="Writing the slides")
        print(f"The slides are in {file}: open it in any browser, no network needed.")
        return 0
    # A folder for each class: guesses are open again, and nothing typed in an earlier one is lost.
    session = WORK / "present" / time.strftime(f"{chapter.stem.split('_')[0]}_%Y-%m-%d_%H%M%S")
    session.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="course-present-") as extensions:
        made = ["--session", session, "--extension", extensions]
        run_quietly([*make, *made], doing="Laying out the slides")
        opening.serve(
            session / chapter.name,
            browser=not asked.no_browser,
            work=session,
            extensions=Path(extensions),
            welcome=WELCOME,
        )
    return 0
