"""The report of the capstone: one A4 page as an HTML file, and what it still lacks.

The page needs nothing but itself: its pictures are inside, it has no script and no address. The
file holds a digest of its own content: what somebody changed in it by hand is known by that, and
kept aside. Nothing here raises: what cannot be read is said in a sentence, and the rest is shown.
"""

from __future__ import annotations

import calendar
import hashlib
import math
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers import data
from helpers.exercises import computed
from helpers.lessons import answers, files, sheet
from helpers.lessons.answers import name_of
from helpers.lessons.cards import Card, number_text
from helpers.lessons.sheet import Finding, Grid, Sheet

# What the page holds, in words of six letters; three Chinese characters take as much as a word.
SUMMARY, HEADLINE, EVIDENCE, DOUBTS, PLAN = 80, 18, 28, 60, 80
LOSSES = {"account": 8, "cause": 4, "evidence": 14, "next step": 10}
LEAST_PT = 4.8  # a smaller text in a printed figure cannot be read

MONTH = rf"(?-i:\b(?:{'|'.join([*calendar.month_name[1:], *calendar.month_abbr[1:]])})\b)"
PERIOD = rf"\b(?:19|20)\d\d|{MONTH}|\b(?:day|week|month|quarter|year)|\bQ[1-4]|[年月周季天日]"
NO_SIZE = rf"\b(?:19|20)\d\d(?:-\d\d?)*\b(?! ?(?:%|yuan|元))|\b[A-Za-z]+\d\w*|\d+\s+(?={MONTH})"
NO_UNIT = "in|of|and|to|by|from|at|on|since|than|or|for|as|with|the|was|were|is|are|more|less|fewer"
MANY = r"(?:(?:k|m|bn|thousand|million|billion)\b|[千万亿])?"
UNIT = rf"[¥￥]\s*\d|\d\s*{MANY}\s*(?:[%％‰°×¥￥\u4e00-\u9fff]|(?!(?:{NO_UNIT})\b)[A-Za-z]{{2,}})"
MONEY = rf"(?:[¥￥]|RMB|CNY)\s*\d|\d\s*{MANY}\s*(?:yuan|元|RMB|CNY)"
MARK = re.compile(r'<meta name="course-report" content="(\w*)">\n')

NEEDED = (
    "summary: a text of at most 80 words: what is to be decided, and the yuan at stake.",
    'findings: a list of three dicts, each with "finding" (a sentence with a number), "evidence" '
    '(how we know), "figure" (an Axes) and "alt" (what the figure shows).',
    "losses: a DataFrame with the columns account, cause, evidence, next step; a row per account.",
    "plan: a DataFrame of at most 8 rows: what, who, when, yuan.",
    "doubts: a text of at least 10 words: what we do not know.",
)


@dataclass(frozen=True, repr=False)
class Report:
    """What `report` returns. `missing`: sentences; `path`: the file, None where none is written."""

    missing: list[str]
    path: Path | None = None
    note: str = ""
    page: str = ""

    def card(self) -> Card:
        if self.missing:
            return Card("Before you hand it in", (self.note,), "wrong", self.missing, live=True)
        said = "Read it once more, aloud. Then print it (A4, one page), or hand in the file."
        return Card("✓ Nothing is missing", (self.note, said), "right", live=True)

    def __repr__(self) -> str:
        return repr(self.card())

    def _repr_html_(self) -> str:
        return (sheet.preview(self.page) if self.page else "") + self.card()._repr_html_()


def report(
    by: object = ...,
    summary: object = ...,
    *,
    findings: object = ...,
    losses: object = ...,
    plan: object = ...,
    doubts: object = ...,
    title: object = "Year-end review: what happened, and what to do",
) -> Report:
    """Make the page, write it into the work folder, say what is missing or weak; never raises.

    findings: three dicts with "finding" (one sentence with a number), "evidence" (how we know),
    "figure" (Axes) and "alt"; losses: a DataFrame with the columns account, cause, evidence and
    next step; plan: a DataFrame of at most 8 rows; the others are texts.
    """
    try:
        if all(map(answers.blank, (summary, findings, losses, plan, doubts))):
            return Report(list(NEEDED), note="Nothing is written yet. The page needs:")
        reader = _Reader()
        read = reader.sheet(by, title, summary, findings, losses, plan, doubts)
        page = read.html()
        path, note = _keep(sheet.document(page, f"{read.title} ({read.by})"))
    except Exception as error:
        said = f"The page could not be made ({type(error).__name__}): show it to your teacher."
        return Report([said])
    return Report(reader.missing, path, note, page)


# ------------------------------------------------------------------ reading what was given


class _Reader:
    """Reads the parts of a report as plain texts, and notes what is missing or weak."""

    def __init__(self):
        self.missing: list[str] = []
        self.tables, self.columns, self.accounts, self.history = computed(_known)

    def sheet(self, by, title, summary, findings, losses, plan, doubts) -> Sheet:
        title, by = self.text(title, "The title", 8), self.text(by, "Your name (by)", 8)
        summary = self.text(summary, "The summary", SUMMARY)
        self.weak(summary and not _has(MONEY, summary), "The summary names no amount in yuan.")
        findings, losses, plan = self.findings(findings), self.losses(losses), self.plan(plan)
        doubts = self.text(doubts, "What we do not know (doubts)", DOUBTS)
        few = doubts and _words(doubts) < 10
        self.weak(few, "What we do not know has fewer than 10 words: what could prove us wrong?")
        said = " ".join([*(each.evidence for each in findings), *(row[2] for row in losses.rows)])
        named = ", ".join(table for table in self.tables if _has(rf"\b{table}\b", said))
        sources = f"Sources: our tables {named or '(none named)'}; {self.history}"
        return Sheet(title, by, summary, findings, losses, plan, doubts, sources)

    def weak(self, is_weak: object, sentence: str) -> None:
        if is_weak:
            self.missing.append(sentence)

    def text(self, value: object, name: str, room: int) -> str:
        """A text as plain text; "" where it is still to come."""
        plain = "" if answers.blank(value) else answers.scalar(value)
        if type(plain) is not str:
            self.missing.append(f"{name} should be a text in quotes; this is {name_of(value)}.")
            return ""
        text = _clean(plain)
        self.weak(not text, f"{name} is still to come.")
        self.weak("..." in text or "…" in text, f"{name} still holds “...”: write it out.")
        self.fits(name, _words(text), "words", room)
        return text

    def fits(self, name: str, size: int, what: str, room: int) -> None:
        said = f"{name} takes the space of {size} {what}; the page has {room} for it: cut "
        self.weak(size > room, f"{said}{size - room}.")

    def findings(self, given: object) -> list[Finding]:
        if not issubclass(type(given), (list, tuple)):
            is_said = "still to come" if answers.blank(given) else name_of(given)
            self.missing.append(f"Findings should be a list of three dicts; it is {is_said}.")
            return []
        said = f"The page wants three findings; here {'is' if len(given) == 1 else 'are'}"
        self.weak(len(given) != 3, f"{said} {len(given) or 'none'}.")
        return [self.finding(each, n) for n, each in enumerate(given[:3], 1)]

    def finding(self, given: object, number: int) -> Finding:
        name = f"Finding {number}:"
        if not issubclass(type(given), dict):
            is_said = "it is still to come" if answers.blank(given) else f"this is {name_of(given)}"
            self.missing.append(f"{name} a dict with finding, evidence, figure, alt; {is_said}.")
            return Finding("", "", "")
        headline = self.text(given.get("finding"), f"{name} the headline", HEADLINE)
        evidence = self.text(given.get("evidence"), f"{name} the evidence", EVIDENCE)
        sizes = re.sub(NO_SIZE, " ", headline)
        number, known = _has(r"\d", sizes), "|".join([*self.tables, *self.columns])
        unnamed = evidence and known and not _has(rf"\b(?:{known})\b", evidence)
        timeless = evidence and not _has(PERIOD, evidence)
        self.weak(headline and not number, f"{name} the headline has no number: by how much?")
        self.weak(
            number and not _has(UNIT, sizes), f"{name} the number in the headline has no unit."
        )
        self.weak(unnamed, f"{name} the evidence names no table or column that it comes from.")
        self.weak(timeless, f"{name} the evidence names no period: which months or years?")
        png = self.picture(given.get("figure"), f"{name} the figure")
        return Finding(headline, evidence, self.text(given.get("alt"), f"{name} the alt", 60), png)

    def picture(self, given: object, name: str) -> bytes:
        from matplotlib.axes import Axes
        from matplotlib.figure import Figure

        if not issubclass(type(given), (Axes, Figure)):
            said = "still to come" if answers.blank(given) else f"{name_of(given)}, and not an Axes"
            self.missing.append(f"{name} is {said}.")
            return b""
        try:
            png, smallest_pt = sheet.picture(given.get_figure(root=True))
        except Exception as error:
            self.missing.append(f"{name} could not be drawn ({type(error).__name__}).")
            return b""
        small = (
            f"{name} has letters of {smallest_pt:.1f} points in print, too small to read: draw it"
        )
        self.weak(
            smallest_pt < LEAST_PT,
            f"{small} low and wide, such as on charts.new_axes(width=900, height=380).",
        )
        return png

    def losses(self, given: object) -> Grid:
        grid = self.grid(given, "losses", f"the columns {', '.join(LOSSES)}")
        plain = [name.casefold().replace("_", " ").strip() for name in grid.columns]
        plain = ["account" if name == "account id" else name for name in plain]
        if lacking := [name for name in LOSSES if grid.rows and name not in plain]:
            has = ", ".join(grid.columns)
            self.missing.append(f"losses needs the column {lacking[0]!r}; it has {has}.")
        if lacking or not grid.rows:
            return Grid()
        rows = [[row[plain.index(name)] for name in LOSSES] for row in grid.rows]
        self.weak(len(rows) != 5, f"losses has {len(rows)} rows; five accounts were lost.")
        for row in rows:
            account = row[0] or "a row without account"
            for (column, room), cell in zip(LOSSES.items(), row, strict=True):
                self.text(cell, f"losses, {account}: the {column}", room)
            unknown = (
                self.accounts and re.fullmatch(r"K\d+", account) and account not in self.accounts
            )
            self.weak(unknown, f"losses: this world has no account {account}.")
            row[0] = f"{self.accounts[account]} ({account})" if account in self.accounts else row[0]
        return Grid(tuple(LOSSES), rows, (False,) * 4, grid.note)

    def plan(self, given: object) -> Grid:
        grid = self.grid(given, "plan", "what is to be done, by whom, when, and the yuan")
        cells = [cell for row in grid.rows for cell in row]
        named = [
            f"{cell} yuan" if _has("¥|yuan|元|RMB|CNY", column) else cell
            for row in grid.rows
            for column, cell in zip(grid.columns, row, strict=True)
        ]
        self.weak(
            cells and not any(_has(MONEY, cell) for cell in named),
            "plan names no money: say in yuan what it costs or brings.",
        )
        self.weak(any(map(answers.blank, cells)), "plan has empty cells: fill them.")
        words = " ".join(
            cell for cell in [*grid.columns, *cells] if not re.fullmatch(r"[\d.,−]+", cell)
        )
        self.weak("..." in words or "…" in words, "plan still holds “...”: write it out.")
        self.fits("plan", len(given) if grid.rows else 0, "rows", 8)
        self.fits("plan", len(grid.columns), "columns", 5)
        self.fits("plan", _words(words), "words", PLAN)
        return grid

    def grid(self, given: object, name: str, holding: str) -> Grid:
        """A DataFrame as texts, its index too where that says something."""
        is_frame = issubclass(type(given), pd.DataFrame)
        if not is_frame or given.empty:
            is_said = "still to come" if answers.blank(given) else name_of(given)
            is_said = "empty" if is_frame else is_said
            self.missing.append(f"{name} should be a DataFrame with {holding}; it is {is_said}.")
            return Grid()
        frame = given.iloc[:12, :8]
        columns, values = (
            list(frame.columns),
            [list(frame.iloc[:, n]) for n in range(frame.shape[1])],
        )
        if frame.index.name is not None or any(type(each) is str for each in frame.index):
            columns, values = [frame.index.name, *columns], [list(frame.index), *values]
        numbers = [all(type(answers.scalar(each)) is float for each in column) for column in values]
        columns = list(map(_cell, columns))
        rows = [
            [_cell(each, year=name == "year") for name, each in zip(columns, row, strict=True)]
            for row in zip(*values, strict=True)
        ]
        more = len(given) - len(frame)
        return Grid(columns, rows, numbers, f"and {more:,} more rows" if more else "")


def _known() -> tuple[list[str], list[str], dict[str, str], str]:
    """Of the world in use: its tables, their columns, its accounts' names, the days it covers."""
    try:
        tables, accounts = list(data.tables().index), data.read("accounts")
        columns = sorted({column for table in tables for column in data.describe(table).index})
        history = f"{data.read('orders')['date'].min().date()} to {data.AS_OF.date()}"
        names = dict(zip(accounts["account_id"], accounts["name"], strict=True))
        return tables, columns, names, history
    except data.CourseError:  # a folder of one's own need not have them all
        return [], [], {}, f"until {data.AS_OF.date()}"


def _has(pattern: str, text: str) -> bool:
    return bool(re.search(pattern, text, re.IGNORECASE))


def _cell(value: object, *, year: bool = False) -> str:
    """A value of a table as text: 12,345.6, a date, a text; "" where it is missing."""
    plain = answers.scalar(value)
    if type(plain) is float:
        if not math.isfinite(plain):
            return "" if math.isnan(plain) else str(plain)
        return f"{plain:.0f}" if year else number_text(plain).replace("-", "−")
    if type(plain) is bool:
        return "yes" if plain else "no"
    if type(plain) is pd.Timestamp:
        return str(plain.date())
    return _clean(plain) if type(plain) is str else plain.name


def _clean(text: str) -> str:
    """Text without what no page can hold: control characters and halves of characters."""
    lines = "\n".join(text[:4000].expandtabs(1).splitlines())
    odd = {"Cc", "Cs", "Cn"}
    return "".join(
        "\ufffd" if unicodedata.category(char) in odd and char != "\n" else char for char in lines
    ).strip()


def _words(text: str) -> int:
    """The words of a text, or how many words of six letters take as much space."""
    wide = {"W": 7 / 3, "F": 7 / 3}
    width = sum(wide.get(unicodedata.east_asian_width(char), 1) for char in text)
    width += 0.3 * len(re.findall("[A-Z]", text)) + 0.6 * len(
        "".join(re.findall(r"[!-~]{15,}", text))
    )
    width += 40 * (len(sheet.PARAGRAPH.split(text)) - 1)  # its last line is half empty
    return max(len(text.split()), math.ceil(width / 7))


# ------------------------------------------------------------------ the file


def _keep(document: str) -> tuple[Path | None, str]:
    """Write the page into the work folder; (its path, what to tell), or (None, why not)."""
    label = re.sub(r"\W+", "-", data.world().removeprefix("seed "))[:40].strip("-")
    folder = data.work_folder()
    path = folder / f"report-{label or 'world'}.html"
    mark = f'<meta name="course-report" content="{_digest(document)}">\n'
    content = document.replace("<title>", f"{mark}<title>", 1)
    said = f"Written: {path.name}, in your work folder."
    try:
        with files.locked(folder, wait_s=2):
            old = _read(path)
            is_edited = old is not None and not _is_as_written(old)
            if old != content:
                kept = files.write(path, content, aside=path.stem if is_edited else "")
    except OSError as error:
        why, remedy = files.explain(error)
        return None, (
            f"The page could not be written in {folder} ({why}); it is shown here only: {remedy}."
        )
    if is_edited:
        said += f" What stood there, changed by hand, is kept as {kept}."
    return path, said


def _read(path: Path) -> str | None:
    """The file that is there, "" for one that is no page of ours, None where there is none."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        return ""


def _digest(document: str) -> str:
    """Of the world too: two worlds whose names make the same file name keep each other's page."""
    return hashlib.sha256(f"{data.world()}\n{document}".encode()).hexdigest()


def _is_as_written(content: str) -> bool:
    mark = MARK.search(content)
    return bool(mark) and mark[1] == _digest(MARK.sub("", content, count=1))
