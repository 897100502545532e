"""Any section of a chapter runs after the first cell and nothing else, as chapters promise.

In a world of another seed: the committed one is nbval's.
"""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from test_companions import shown_by

from helpers import data

mpl.use("Agg")
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LESSONS = sorted(set(NOTEBOOKS.glob("*.ipynb")) - set(NOTEBOOKS.glob("00*")))  # 00 is a tour


@pytest.fixture(scope="module", autouse=True)
def another_world():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "_current", None)
        data.use_world(seed=88)
        yield


def sections(path: Path) -> tuple[str, dict[str, list[str]]]:
    """Return the first code cell, and the others by the heading that they stand under."""
    heading, found = "opening", {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            found.setdefault(heading, []).append(source)
        elif source.startswith("## "):
            heading = source.split("\n", 1)[0][3:]
    return found["opening" if "opening" in found else next(iter(found))].pop(0), found


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_each_section_runs_after_the_first_cell_alone(path):
    first, found = sections(path)
    for heading, cells in found.items():
        namespace = {"__name__": "__main__"}
        for source in [first, *cells]:
            try:
                with redirect_stdout(io.StringIO()):
                    shown_by(source, namespace)
            except Exception as error:
                pytest.fail(f"section {heading!r}: {type(error).__name__}: {error}\n{source}")
        plt.close("all")
