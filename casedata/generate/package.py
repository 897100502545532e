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


def write_world(
    world: dict[str, pd.DataFrame], folder: str | Path, *, seed: int | None = None
) -> None:
    """Write each table as FOLDER/<name>.csv, then datapackage.json and README.md.

    CSV in UTF-8, lines end in "\\n", dates as 2025-12-31, booleans true and false, nothing where
    a value is missing. The dictionary states this world's row counts, and its `seed` if given.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    package = dictionary()
    package["seed"] = seed
    for resource in package["resources"]:
        table = world[resource["name"]]
        resource["rows"] = len(table)
        _write_table(table, folder / resource["path"])
    _write_text(folder / "README.md", readme(package))
    text = json.dumps(package, indent=2, ensure_ascii=False)
    _write_text(folder / "datapackage.json", text + "\n")


def _write_table(table: pd.DataFrame, path: Path) -> None:
    """Write one table."""
    truths = table.select_dtypes(["bool", "boolean"]).columns
    words = {name: table[name].map({True: "true", False: "false"}) for name in truths}
    table.assign(**words).to_csv(
        path, index=False, encoding="utf-8", lineterminator="\n", date_format="%Y-%m-%d"
    )


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def readme(package: dict) -> str:
    """Return the dictionary as a page of Markdown."""
    licence = package["licenses"][0]
    parts = [
        f"# {package['title']}",
        package["description"],
        f"Licence of the data: {licence['title']}. The world's seed: {package['seed']}. "
        "Dates are written 2025-12-31; an empty field is a missing value, and each column says "
        "what that means.",
        "This page is rendered from `datapackage.json`, the dictionary: do not edit it. "
        "`python -m casedata.generate --seed 7 --out FOLDER` makes another world.",
        _markdown(["table", "rows", "one row is"], map(_summary, package["resources"])),
    ]
    for resource in package["resources"]:
        rows = map(_meaning, resource["schema"]["fields"])
        parts += [
            f"## {resource['name']}",
            f"{resource['title']}: {resource['rows']:,} rows in `{resource['path']}`. "
            f"One row is {resource['description']}.{_keys(resource['schema'])}",
            _markdown(["column", "type", "unit", "meaning", "values"], rows),
        ]
    return "\n\n".join(parts) + "\n"


def _summary(resource: dict) -> list[str]:
    name = resource["name"]
    return [f"[{name}](#{name})", f"{resource['rows']:,}", resource["description"]]


def _keys(schema: dict) -> str:
    """Return a sentence each on the primary key and on the columns that point elsewhere."""
    key = schema.get("primaryKey", [])
    names = [key] if isinstance(key, str) else key
    text = f" Unique: {', '.join(names)}." if names else ""
    links = [
        f"{link['fields']} → {link['reference']['resource'] or 'the same table'}"
        for link in schema.get("foreignKeys", [])
    ]
    return text + (f" Points to: {', '.join(links)}." if links else "")


def _meaning(field: dict) -> list[str]:
    limits = field.get("constraints", {})
    values = ", ".join(map(str, limits.get("enum", [])))
    return [field["name"], field["type"], field.get("unit", ""), field["description"], values]


def _markdown(header: list[str], rows) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line).replace("\n", " ") + " |" for line in lines)
