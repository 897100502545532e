"""Cards and tables: what lessons show, as HTML and as plain text.

Colours are taken from the surroundings (JupyterLab's theme), so that cards read well in light and
dark; a symbol and a word say what an edge's colour says. All text is escaped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

STYLE = """<style>
.lesson {font-size: max(16px, 1em); line-height: 1.5; max-width: 46em; margin: .4em 0;
  padding: .4em 1em; border-left: 5px solid var(--jp-border-color1, #767676)}
.lesson p, .lesson ol, .lesson ul {margin: .3em 0}
.lesson.right {border-color: var(--jp-success-color1, #00795b)}
.lesson.wrong, .lesson.mistake {border-color: var(--jp-warn-color1, #b85c00)}
.lesson table {border-collapse: collapse; font-size: inherit}
.lesson caption {text-align: left; font-weight: bold; padding-bottom: .3em}
.lesson table th, .lesson table td {text-align: left; vertical-align: top; white-space: normal;
  padding: .2em .8em .2em 0; border-bottom: 1px solid var(--jp-border-color2, #9a9a9a)}
.lesson-form {--jp-widgets-font-size: 16px; --jp-widgets-inline-height: 34px; align-items: start}
.lesson-form .jupyter-button {height: auto; min-height: 34px; white-space: normal; text-align: left}
.jp-deck-mod-visible .lesson-form {--jp-widgets-font-size: 24px; --jp-widgets-inline-height: 44px}
.jp-deck-mod-visible .lesson-form .lesson {font-size: 24px}
.jp-deck-mod-visible .lesson-form .widget-text {width: 480px}
.jp-OutputArea:has(.lesson-form) .lesson-still,
.jp-OutputArea:has(.lesson-still):not(:has(.lesson-form)) .jupyter-widgets {display: none}
</style>"""


def clean(text: object, length: int = 400) -> str:
    """Text from anywhere made fit to show: cut to length, without control characters."""
    whole = str(text)
    short = whole[:length] + ("…" if len(whole) > length else "")
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in short)


def number_text(value: float, unit: str = "") -> str:
    """A number as people write it: 1,234,567 · 78.4 · 0.052, with its unit."""
    digits = 0 if value == round(value) or abs(value) >= 1000 else 1 if abs(value) >= 10 else 3
    text = f"{value:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} {unit}".rstrip()


@dataclass(frozen=True)
class Card:
    """A title, paragraphs and perhaps a list; `kind` colours the edge."""

    title: str
    paragraphs: Sequence[str] = ()
    kind: str = "note"
    items: Sequence[str] = ()
    live: bool = False

    def __repr__(self) -> str:
        numbered = [f"  {n}. {item}" for n, item in enumerate(self.items, 1)]
        return "\n".join([self.title, *filter(None, self.paragraphs), *numbered])

    def _repr_html_(self) -> str:
        role = ' role="status"' if self.live else ""
        body = "".join(f"<p>{escape(text)}</p>" for text in self.paragraphs if text)
        body += "".join(f"<li>{escape(item)}</li>" for item in self.items).join(
            ("<ol>", "</ol>") if self.items else ("", "")
        )
        title = f"<p><strong>{escape(self.title)}</strong></p>"
        return f'{STYLE}<div class="lesson {self.kind}"{role}>{title}{body}</div>'


@dataclass(frozen=True)
class Table:
    """A small table with a caption, without index noise."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    note: str = ""

    def __repr__(self) -> str:
        lines = [" | ".join(str(cell) for cell in row) for row in (self.columns, *self.rows)]
        return "\n".join(filter(None, [self.caption, *lines, self.note]))

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.columns)
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>"
            for row in self.rows
        )
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return (
            f'{STYLE}<div class="lesson"><table><caption>{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{note}</div>"
        )
