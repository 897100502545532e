"""Reads and writes CSV tables that people also open in spreadsheets. Standard library only."""

import csv
import io
import os
from pathlib import Path

from tools.environment import Stop


def read_rows(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file as a spreadsheet of any country may have saved it."""
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        separator = max(",;\t", key=text.partition("\n")[0].count)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return [row for row in rows if any(row)]
    raise Stop(f"{path} is no CSV file: save it as CSV (UTF-8) and try again.")


def write_table(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    """Write rows as CSV, whole or not at all; spreadsheets see that it is UTF-8."""
    part = path.with_name(path.name + ".part")
    with open(part, "w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    try:
        os.replace(part, path)
    except PermissionError:
        raise Stop(f"{path} cannot be replaced: close it in your spreadsheet first.") from None
