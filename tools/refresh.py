"""Runs chapters again and stores their outputs, so that the same run gives the same file.

`python3 course.py refresh 03 07a` takes these chapters and their companions; without a name, all.
"""

import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools.environment import DAMAGED, Stop, told_in_a_sentence

ROOT = Path(__file__).resolve().parent.parent
CELL_TIMEOUT_S = 60
LIVE_WIDGET = "application/vnd.jupyter.widget-view+json"
CELL_KEYS = {"course", "slideshow", "tags", "jupyter", "editable", "deletable"}
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def find(names: list[str]) -> list[Path]:
    """Return the notebooks of these chapters ("03", "07a") and their companions; all for none."""
    notebooks = sorted(ROOT.glob("notebooks/*.ipynb")) + sorted(
        ROOT.glob("notebooks/instructor/*.ipynb")
    )
    chapters = {path.name.split("_")[0] for path in notebooks}
    if unknown := [name for name in names if name not in chapters]:
        known = ", ".join(sorted(chapters)) or "none yet"
        sys.exit(f"There is no chapter {unknown[0]}: choose from {known}.")
    return [path for path in notebooks if not names or path.name.split("_")[0] in names]


def run(notebook: nbformat.NotebookNode, *, folder: Path, seed: str | None = None) -> None:
    """Execute every cell as a new student would, in the committed world or that of `seed`.

    Outputs replace the old.

    Raises what nbclient raises: CellExecutionError, CellTimeoutError, DeadKernelError.
    """
    with TemporaryDirectory(prefix="course-refresh-") as work:
        environment = {name: value for name, value in os.environ.items() if name != "COURSE_SEED"}
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=CELL_TIMEOUT_S,
            store_widget_state=False,
            coalesce_streams=True,
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(folder)}},
        )
        world = {"COURSE_SEED": seed} if seed else {}
        client.execute(env={**environment, **world, "COURSE_WORK": work})


def clean(notebook: nbformat.NotebookNode) -> None:
    """Drop from a notebook what differs from run to run or belongs to one person's editor."""
    course = notebook.metadata.get("course")
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    if course:
        notebook.metadata.course = course
    style_ids: dict[str, str] = {}
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {key: value for key, value in cell.metadata.items() if key in CELL_KEYS}
        )
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if len(data) > 1:  # beside a live panel stands what shows without a kernel
                data.pop(LIVE_WIDGET, None)
            for kind in data.keys() & {"text/html", "text/plain"}:
                data[kind] = steady(data[kind], style_ids=style_ids)


def steady(text: str, *, style_ids: dict[str, str]) -> str:
    """Replace addresses in memory by one, random ids of styled tables by counted ones.

    `style_ids` holds those counted so far and is added to.
    """

    def counted(match: re.Match) -> str:
        return style_ids.setdefault(match.group(), f"T_{len(style_ids) + 1:05x}")

    return re.sub(r"\bT_[0-9a-f]{5}", counted, re.sub(r"\b0x[0-9a-f]{6,16}", "0x000000", text))


def read(path: Path) -> nbformat.NotebookNode:
    """Return a notebook of the course; stop where the file is none."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Stop(DAMAGED.format(path)) from None
    return notebook


def refresh(path: Path) -> None:
    """Run one notebook file and store it; leave it as it was when a cell fails."""
    notebook = read(path)
    try:
        run(notebook, folder=path.parent)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        sys.exit(f"{error}\n{path.relative_to(ROOT)} was left as it was: mend the cell above.")
    clean(notebook)
    nbformat.write(notebook, path)


def main(names: list[str]) -> None:
    """Refresh the chapters named, one after another."""
    for path in find(names):
        print(f"{path.relative_to(ROOT)} ...", flush=True)
        refresh(path)


if __name__ == "__main__":
    with told_in_a_sentence():
        main(sys.argv[1:])
