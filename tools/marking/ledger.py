"""The CSV of marks: a line by student and exercise. What is not ours in it is kept as it is."""

import re
from pathlib import Path

from tools.environment import Stop
from tools.tables import read_rows, write_table

OURS = ["student", "exercise", "status", "tries", "answer", "said", "memo", "touches", "world"]
OURS += ["note", "file", "version"]
YOURS = ["mark", "comment"]
FORMULA = "=+-@＝＋－＠\t\r\n"  # how it begins, in Chinese spreadsheets too
NO_EXERCISE = "(none)"


class Ledger:
    """The lines that are there, and those that are put to them; `write` keeps all."""

    def __init__(self, path: Path):
        self.path, self.columns = path, [*OURS[:3], *YOURS, *OURS[3:]]
        self.rows: dict[tuple[str, str], dict[str, str]] = {}
        header, *lines = (read_rows(path) if path.exists() else []) or [self.columns]
        if missing := [name for name in ("student", "exercise", "version") if name not in header]:
            raise Stop(
                f"{path} has no column {missing[0]}: it is not a CSV of marks. Move it away, or "
                "name another with --out."
            )
        self.columns = header + [name for name in OURS if name not in header]
        for line in lines:
            row = dict.fromkeys(header, "") | dict(zip(header, line, strict=False))
            yours = any(text for name, text in row.items() if name not in OURS)
            if row["exercise"] != NO_EXERCISE or yours:
                self.rows[_key(row)] = row
        self.old = len(self.rows)  # so many lines stay in the order that they were found in

    def holds(self, student: str, exercises: list[str], file: str, version: str) -> bool:
        """Tell whether all lines of a student's notebook are there, in this version."""
        keys = [(safe(student), exercise) for exercise in exercises] or [(safe(student), file)]
        return all(self.rows.get(key, {}).get("version") == version for key in keys)

    def put(self, rows: list[dict[str, str]]) -> None:
        """Write our columns of these lines, and no other."""
        for row in rows:
            fresh = dict.fromkeys(OURS, "") | {name: safe(text) for name, text in row.items()}
            old = self.rows.get(_key(fresh), {})
            if old.get("mark") and old["version"] != fresh["version"]:
                fresh["note"] = "; ".join(filter(None, [fresh["note"], "changed since your mark"]))
            self.rows[_key(fresh)] = old | fresh

    def write(self) -> None:
        lines = list(self.rows.values())
        write_table(
            self.path, self.columns, lines[: self.old] + sorted(lines[self.old :], key=_place)
        )


def _key(row: dict[str, str]) -> tuple[str, str]:
    exercise = row["exercise"]
    return row["student"], row.get("file", "") if exercise == NO_EXERCISE else exercise


def _place(row: dict[str, str]) -> tuple:
    parts = re.split(r"(\d+)", row["exercise"])  # 3.10 comes after 3.9
    return row["student"], [part.zfill(4) for part in parts], row["file"]


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    formula = text[:1] in FORMULA and text and not re.fullmatch(r"-?[\d.]+", text)
    return f"'{text}" if formula else text
