"""The page of a report: plain texts, tables and pictures in, one A4 sheet of HTML out.

All rules of its style begin with `.course-report`: the page can stand in a notebook and change
nothing of it. On paper the pictures share the height that the texts leave.
"""

from __future__ import annotations

import base64
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from helpers import data

PICTURE_MM = (88, 31)  # a finding's picture: its width, and its least height
HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+")
PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\s*[-•*] )")  # or a point of a list
UNIT = re.compile(r"(?<=\d) (?=[%‰]|(?:k|m|bn|yuan|mm|cm)\b)")
GAP = '<em class="gap">still to come</em>'
STYLE = """
.course-report {container-type: inline-size; max-width: 210mm; background: #fff; color: #222;
  font-family: -apple-system, "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", "PingFang SC",
  "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", sans-serif;
  font-size-adjust: .5; font-variant-numeric: tabular-nums lining-nums; line-height: 1.34}
.course-report .sheet {box-sizing: border-box; padding: 1.5em; font-size: 16px;
  & :where(h1, h2, h3, .h1, .h2, .h3, p, dl, dd, dt) {margin: 0; padding: 0; border: 0;
    font-size: 1em; font-weight: normal; line-height: inherit; color: inherit}
  & :is(p, td) {text-wrap: pretty}
  & .top {display: flex; justify-content: space-between; padding-bottom: .2em; font-weight: bold;
    color: #0072B2; border-bottom: 3px solid #0072B2}
  & .top > span:first-child {letter-spacing: .2em}
  & :is(h1, .h1) {padding: .35em 0 .25em; font-size: 1.9em; font-weight: bold; line-height: 1.2}
  & :is(h2, .h2) {padding: .8em 0 .15em; font-size: 1.16em; font-weight: bold; color: #0072B2}
  & :is(h3, .h3) {font-size: 1.16em; font-weight: bold; line-height: 1.25}
  & dl {display: flex; flex-wrap: wrap; gap: .1em 2.2em; padding-bottom: .8em}
  & dl div {display: flex; gap: .5em}
  & dt {color: #5a5a5a}
  & dd {font-weight: bold}
  & .summary {padding-left: .9em; border-left: 3px solid #0072B2; font-size: 1.12em}
  & .finding {padding: .5em 0; border-top: 1px solid #bbb}
  & .finding:first-child {border-top: 0}
  & .finding p {padding-top: .3em; color: #444}
  & .picture img {display: block; width: 100%; height: auto; margin: 0}
  & :is(table, tbody) {display: block; width: 100%; margin: 0; border: 0; font-size: 1em;
    border-collapse: collapse; table-layout: auto}
  & thead {display: none}
  & tbody tr {display: block; padding: .3em 0; border: 0; border-bottom: 1px solid #bbb;
    background: #fff}
  & :is(th, td) {display: block; padding: .1em 0; border: 0; max-width: none; line-height: 1.28;
    color: #222; background: #fff; text-align: left; vertical-align: top; white-space: normal}
  & td::before {content: attr(data-label) ": "; color: #5a5a5a}
  & .long {overflow-wrap: anywhere}
  & .gap {color: #b33c00}
  & .foot span:last-child {white-space: nowrap}
  & .foot {display: flex; justify-content: space-between; gap: 2em; margin-top: 1em;
    padding-top: .4em; border-top: 1px solid #bbb; color: #5a5a5a; font-size: .84em}}
@container (min-width: 680px) { .course-report .sheet {
  display: flex; flex-direction: column; justify-content: space-between; font-size: 9pt;
  width: 210mm; height: 296.5mm; min-height: max-content; padding: 9mm 13mm 8mm;
  & .findings {display: flex; flex-direction: column; flex: 1 1 auto; max-height: 132mm}
  & .finding {display: grid; grid-template-columns: 1fr 88mm; gap: 6mm; flex: 1 1 31mm;
    box-sizing: border-box; min-height: 31mm; padding: .35em 0}
  & .picture {position: relative}
  & .picture img {position: absolute; inset: 0; height: 100%; object-fit: contain;
    object-position: right}
  & table {display: table; font-size: .95em}
  & thead {display: table-header-group}
  & tbody {display: table-row-group}
  & tbody tr {display: table-row}
  & :is(th, td) {display: table-cell; padding: .22em 1em .22em 0; border-bottom: 1px solid #ccc}
  & :is(th, td):last-child {padding-right: 0}
  & :is(th, td).n {text-align: right}
  & td:is(.n, .short) {white-space: nowrap}
  & thead th {border-bottom: 1.5px solid #222; font-weight: bold; vertical-align: bottom}
  & td::before {content: none}
  & .losses th {width: 21%}
  & .losses th:nth-child(2) {width: 13%}
  & .losses th:nth-child(3) {width: 36%}
  & .losses td:first-child {font-weight: bold}
  & .below {display: grid; grid-template-columns: 1fr 52mm; gap: 7mm}}}"""
# What the file has beyond the page: paper, and a grey desk to lie on.
ALONE = """
@page {size: A4; margin: 0}
body {margin: 0; print-color-adjust: exact; -webkit-print-color-adjust: exact}
@media screen and (min-width: 860px) {
  html {background: #e4e6e8}
  body {padding: 18px 0; zoom: 1.06}
  .course-report {margin: 0 auto; box-shadow: 0 1px 8px #0005}
}"""


@dataclass
class Finding:
    headline: str
    evidence: str
    alt: str
    png: bytes = b""

    def html(self) -> str:
        source = base64.b64encode(self.png).decode("ascii")
        alt = escape(self.alt or self.headline or "the figure of this finding")
        picture = f'<img src="data:image/png;base64,{source}" alt="{alt}">' if source else GAP
        return (
            f'<div class="finding"><div><h3>{text(self.headline)}</h3>'
            f'<p>{text(self.evidence)}</p></div><div class="picture">{picture}</div></div>'
        )


@dataclass
class Grid:
    """A table as texts, and which of its columns hold numbers."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    numbers: Sequence[bool] = ()
    note: str = ""

    def html(self, kind: str) -> str:
        if not self.rows:
            return f"<p>{GAP}</p>"
        names = [name[:1].upper() + name[1:] for name in self.columns]
        short = [max(map(len, column)) <= 12 for column in zip(*self.rows, strict=True)]
        marks = [
            ' class="n"' if number else ' class="short"' if brief else ""
            for number, brief in zip(self.numbers, short, strict=True)
        ]
        head = "".join(
            f'<th scope="col"{mark}>{text(name)}</th>'
            for name, mark in zip(names, marks, strict=True)
        )
        rows = [
            "".join(
                f'<td{mark} data-label="{escape(name)}">{text(cell) if cell else "–"}</td>'
                for name, mark, cell in zip(names, marks, row, strict=True)
            )
            for row in self.rows
        ]
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        note = f"<p>{text(self.note)}</p>" if self.note else ""
        table = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        return f'<table class="{kind}">{table}</table>{note}'


@dataclass
class Sheet:
    """What stands on the page, in its order."""

    title: str
    by: str
    summary: str
    findings: list[Finding]
    losses: Grid
    plan: Grid
    doubts: str
    sources: str

    def html(self) -> str:
        day = f"{data.AS_OF.day} {data.AS_OF:%B %Y}"
        head = (("To", "Mr Zhang (张总)"), ("From", self.by), ("Date", day))
        facts = "".join(f"<div><dt>{name}</dt><dd>{text(said)}</dd></div>" for name, said in head)
        world = f"World {data.world().removeprefix('seed ')}; the firm is invented"
        return (
            '<div class="course-report"><div class="sheet"><div><div class="top">'
            f"<span>MEMO</span> <span>{text('Lanhe Devices 蓝禾终端')}</span></div>"
            f"<h1>{text(self.title)}</h1><dl>{facts}</dl></div>"
            f'<div class="summary">{_paragraphs(self.summary)}</div><h2>What we found</h2>'
            f'<div class="findings">{"".join(each.html() for each in self.findings) or GAP}</div>'
            f"<div><h2>Why we lost these accounts</h2>{self.losses.html('losses')}</div>"
            f'<div class="below"><div><h2>What we shall do</h2>{self.plan.html("plan")}</div>'
            f"<div><h2>What we do not know</h2>{_paragraphs(self.doubts)}</div></div>"
            f'<div class="foot"><span>{text(self.sources)}</span><span>{text(world)}</span></div>'
            "</div></div>"
        )


def picture(figure) -> tuple[bytes, float]:
    """A figure as a PNG without its title, low and wide, and its smallest text in print (points).

    The headline says what the title says. The figure itself is left as it was, and closed.
    """
    import matplotlib.pyplot as plt
    from matplotlib.text import Text

    width, height = figure.get_size_inches()
    titles = [each for ax in figure.axes for each in (ax.title, ax._left_title, ax._right_title)]
    titles = [each for each in titles if each.get_visible() and each.get_text()]
    titles = titles if len(titles) == 1 else []  # the titles of several parts tell them apart
    png = io.BytesIO()
    try:
        for each in titles:
            each.set_visible(False)
        low = min(height, max(width / 2.5, 0.72 * height))
        figure.set_size_inches(width, low)
        tight = None if figure.get_layout_engine() else "tight"
        figure.savefig(png, format="png", dpi=1500 / width, bbox_inches=tight)
        points = [
            each.get_fontsize()
            for each in figure.findobj(Text)
            if each.get_visible() and each.get_text().strip()
        ]
    finally:
        figure.set_size_inches(width, height)
        for each in titles:
            each.set_visible(True)
        plt.close(figure)
    scale = min(mm / 25.4 / side for mm, side in zip(PICTURE_MM, (width, low), strict=True))
    return png.getvalue(), min(points, default=math.inf) * scale


def document(page: str, title: str) -> str:
    """The page as a file of its own."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}{ALONE}\n</style>\n</head>\n"
        f"<body>\n{page}\n</body>\n</html>\n"
    )


def preview(page: str) -> str:
    """The page inside a notebook, whose table of contents its headings must not fill."""
    page = re.sub(r"<h([123])>", r'<div role="heading" aria-level="\1" class="h\1"><b>', page)
    return f"<style>{STYLE}</style>{re.sub('</h[123]>', '</b></div>', page)}"


def text(words: str) -> str:
    """Text made safe; its Chinese and its overlong words marked; a gap where there is none."""
    safe = HAN.sub(r'<span lang="zh-Hans">\g<0></span>', escape(UNIT.sub("\u00a0", words)))
    return re.sub(r"[^\s<>]{25,}", r'<span class="long">\g<0></span>', safe) or GAP


def _paragraphs(words: str) -> str:
    return "".join(f"<p>{text(' '.join(part.split()))}</p>" for part in PARAGRAPH.split(words))
