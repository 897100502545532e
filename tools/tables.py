"""Reads and writes CSV tables that people also open in spreadsheets. Standard library only."""

import codecs
import csv
import io
from pathlib import Path

from tools.environment import Stop, write_file


def read_rows(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file as a spreadsheet of any country may have saved it."""
    content = path.read_bytes()
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if is_utf16 else ["utf-8-sig", "gb18030"]:
        try:
            text = content.decode(encoding)
            separator = max(",;\t", key=text.partition("\n")[0].count)
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        except (UnicodeDecodeError, csv.Error):
            continue
        if "\0" not in text:
            return [row for row in rows if any(row)]
    raise Stop(f"{path} is no CSV file: save it as CSV (UTF-8) and try again.")


def write_table(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    """Write rows as CSV, whole or not at all; spreadsheets see that it is UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    try:
        write_file(path, text.getvalue().encode("utf-8-sig", errors="replace"))
    except PermissionError:
        raise Stop(
            f"{path} cannot be written: close it in your spreadsheet, or name another with --out."
        ) from None
