"""Writing a world: CSV files, and the dictionary that says what they mean.

`casedata/datapackage.json` is the one dictionary (a Frictionless Data Package). A written world
gets a copy of it with its own seed and row counts; `casedata/README.md` is rendered from it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

DICTIONARY = Path(__file__).parents[1] / "datapackage.json"


def dictionary() -> dict:
    """Return the committed dictionary."""
    return json.loads(DICTIONARY.read_text(encoding="utf-8"))


def fields() -> dict[str, list[str]]:
    """Return the columns of each table, in the dictionary's order."""
    return {
        resource["name"]: [field["name"] for field in resource["schema"]["fields"]]
        for resource in dictionary()["resources"]
    }


def write_world(world: dict[str, pd.DataFrame], folder: Path, *, seed: int) -> None:
    """Write each table as FOLDER/<name>.csv, and datapackage.json with its seed and row counts.

    CSV in UTF-8, lines end in "\\n", dates as 2025-12-31, booleans true and false, nothing where
    a value is missing.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in world.items():
        _write_table(table, folder / f"{name}.csv")


def _write_table(table: pd.DataFrame, path: Path) -> None:
    """Write one table."""
    truths = table.select_dtypes(["bool", "boolean"]).columns
    words = {name: table[name].map({True: "true", False: "false"}) for name in truths}
    table = table.assign(**words)
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n", date_format="%Y-%m-%d")
