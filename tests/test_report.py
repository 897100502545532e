"""The report of the capstone: a page to hand in, whatever a student gives it."""

import base64
import errno
import os
import re
from functools import cache
from html import unescape
from html.parser import HTMLParser

import browser
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers import charts, data
from helpers.lessons import report, sheet
from helpers.lessons.report import _words

LOST = {
    "account": ["K0004", "K0041", "K0078", "K0121", "K0301"],
    "cause": ["unstable quality", "our rep left", "not ours", "a rival's offer", "weak service"],
    "evidence": ["27 % of its pieces came from bad batches; 14 returns in 2024"] * 5,
    "next step": ["a visit by the head of quality"] * 5,
}
PLAN = {"what": ["Match the price"], "who": ["Sun Kaiwen"], "costs (yuan)": [1234567.0]}
VOID = {"br", "hr", "img", "meta"}


drawn_once = cache(sheet.picture)


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch):
    """A work folder that is not there yet; each figure is drawn once, which saves a minute."""
    monkeypatch.setenv("COURSE_WORK", str(tmp_path / "work"))
    monkeypatch.setattr(sheet, "picture", drawn_once)
    return tmp_path / "work"


@cache
def axes(**size):
    ax = charts.new_axes(**size)
    ax.plot([2024, 2025], [100, 62])
    return charts.finding(ax, "Hunan falls by 38 %")


def finding(**changed):
    known = {"finding": "Orders from Hunan fell by 38 % from April 2025", "figure": axes()}
    known |= {"evidence": "orders by month, 2025 against 2024", "alt": "Orders of Hunan fall."}
    return known | changed


def parts(**changed):
    """The parts of a report with which nothing is amiss."""
    known = {"by": "Li Lei (李雷)", "summary": "Match the price in Hunan: it costs ¥36 k a year."}
    known |= {"findings": [finding(), finding(), finding()], "plan": pd.DataFrame(PLAN)}
    known |= {
        "losses": pd.DataFrame(LOST),
        "doubts": "The price is known from six notes only. " * 2,
    }
    return known | changed


class Page(HTMLParser):
    """The elements and texts of a page; an element that is not closed is a fault."""

    def __init__(self, html):
        super().__init__()
        self.open, self.found, self.texts = [], [], []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.open += [tag] if tag not in VOID else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.texts.append(text)

    def all(self, wanted):
        return [attrs for tag, attrs in self.found if tag == wanted]


def pages(folder):
    """What lies in a folder, but for the lock under which it is written."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".progress.lock")


def test_a_good_report_is_a_page_that_needs_nothing_else(work):
    made = report(**parts())
    assert made.missing == [] and "Nothing is missing" in repr(made)
    assert made.path == work / "report-2025.html" and pages(work) == ["report-2025.html"]
    text = made.path.read_text(encoding="utf-8")
    page = Page(text)
    assert page.all("html") == [{"lang": "en"}] and page.all("meta")[0] == {"charset": "utf-8"}
    assert not page.all("script") + page.all("link") and not re.search(
        r"https?:|url\(|@import", text
    )
    assert "@page {size: A4" in text
    shown = "".join(page.texts)
    for said in ("Mr Zhang (张总)", "Li Lei (李雷)", "31 December 2025", "1,234,567", "World 2025"):
        assert said in shown
    name = data.load("accounts").set_index("account_id")["name"]["K0004"]
    assert f"{name} (K0004)" in shown and "Sources: our tables orders;" in shown
    pictures = page.all("img")
    assert [picture["alt"] for picture in pictures] == ["Orders of Hunan fall."] * 3
    for picture in pictures:
        png = base64.b64decode(picture["src"].removeprefix("data:image/png;base64,"))
        assert png.startswith(b"\x89PNG")


def test_the_preview_changes_nothing_around_it_and_is_the_same_in_every_run(work):
    shown = report(**parts())._repr_html_()
    Page(shown)
    assert "@page" not in shown and str(work) not in shown
    assert not re.search(r"<h\d", shown)  # they would stand in JupyterLab's table of contents
    style = re.search("<style>(.*?)</style>", shown, re.S)[1]
    rules = [rule.strip() for rule in re.findall(r"([^{};]+)\{", style)]
    assert all(re.match(r"\.course-report|&|@container", rule) for rule in rules)
    picture = re.compile('base64,[^"]+')
    assert picture.sub("", report(**parts())._repr_html_()) == picture.sub("", shown)


NASTY = "<script>alert(1)</script> \"quoted\" & 'so' 李雷 🐼👩‍💻 \ud83d \x00 " + "W" * 300


def test_whatever_is_typed_is_text():
    everywhere = finding(finding=NASTY, evidence=NASTY, alt=NASTY)
    losses = pd.DataFrame({column: [NASTY, None, 3.5, True, pd.NaT] for column in LOST})
    plan = pd.DataFrame({NASTY: [NASTY, np.nan, 7, [1, 2], len], "year": [2025] * 5})
    made = report(NASTY, NASTY, findings=[everywhere] * 3, losses=losses, plan=plan, doubts=NASTY)
    page = Page(made.path.read_text(encoding="utf-8"))
    plain = Page(report(**parts()).path.read_text(encoding="utf-8"))
    assert {tag for tag, _ in page.found} - {"em"} <= {tag for tag, _ in plain.found}
    shown = "".join(page.texts)
    assert shown.count("<script>alert(1)</script> \"quoted\" & 'so' 李雷 🐼👩‍💻 \ufffd") >= 9
    assert "2025" in shown and "2,025" not in shown
    assert page.all("img")[0]["alt"].startswith("<script>")
    assert "<script>alert" not in made._repr_html_() and unescape(made._repr_html_())


CUT = "the page has {} for it: cut {}."
NO_PLAN = "plan should be a DataFrame with what is to be done, by whom, when, and the yuan; it is"
NO_LOSSES = (
    "losses should be a DataFrame with the columns account, cause, evidence, next step; it is"
)
SMALL = (
    "the figure has letters of 1.9 points in print, too small to read: draw it low and wide, such "
    "as on charts.new_axes(width=900, height=380)."
)
WEAK = {
    "a text that is missing": ({"by": ...}, "Your name (by) is still to come."),
    "a stub in quotes": ({"summary": "..."}, "The summary is still to come."),
    "a stub in a text": (
        {"summary": "It costs 5 yuan to ..."},
        "The summary still holds “...”: write it out.",
    ),
    "a long name": ({"by": "L " * 9}, f"Your name (by) takes the space of 9 words; {CUT}", 8, 1),
    "a long title": ({"title": "L " * 10}, f"The title takes the space of 10 words; {CUT}", 8, 2),
    "no money": ({"summary": "Match the price in 11 accounts."},
                 "The summary names no amount in yuan."),
    "a long summary": (
        {"summary": "It costs 9 yuan. " + "word " * 77},
        f"The summary takes the space of 81 words; {CUT}", 80, 1,
    ),
    "Chinese too long": (
        {"summary": "降价9元" + "客" * 300},
        f"The summary takes the space of 102 words; {CUT}", 80, 22,
    ),
    "two findings": ({"findings": [finding()] * 2}, "The page wants three findings; here are 2."),
    "one finding": ({"findings": (finding(),)}, "The page wants three findings; here is 1."),
    "no finding": ({"findings": []}, "The page wants three findings; here are none."),
    "four findings": (
        {"findings": [*[finding()] * 3, len]},
        "The page wants three findings; here are 4.",
    ),
    "findings no list": (
        {"findings": finding()},
        "Findings should be a list of three dicts; it is a dict.",
    ),
    "findings to come": (
        {"findings": ...},
        "Findings should be a list of three dicts; it is still to come.",
    ),
    "a finding to come": (
        {"findings": [finding(), ..., finding()]},
        "Finding 2: a dict with finding, evidence, figure, alt; it is still to come.",
    ),
    "a finding no dict": (
        {"findings": [finding(), finding(), 3]},
        "Finding 3: a dict with finding, evidence, figure, alt; this is an int.",
    ),
    "few doubts": (
        {"doubts": "None that I know."},
        "What we do not know has fewer than 10 words: what could prove us wrong?",
    ),
    "nine words of doubt": (
        {"doubts": "word " * 9},
        "What we do not know has fewer than 10 words: what could prove us wrong?",
    ),
    "no doubts": ({"doubts": None}, "What we do not know (doubts) is still to come."),
    "a long list of doubts": (
        {"doubts": "word " * 61},
        f"What we do not know (doubts) takes the space of 61 words; {CUT}", 60, 1,
    ),
    "a number for a text": (
        {"title": 3},
        "The title should be a text in quotes; this is an int.",
    ),
    "no plan": ({"plan": []}, f"{NO_PLAN} a list."),
    "a plan to come": ({"plan": ...}, f"{NO_PLAN} still to come."),
    "an empty plan": ({"plan": pd.DataFrame(PLAN)[:0]}, f"{NO_PLAN} empty."),
    "a plan without money": (
        {"plan": pd.DataFrame(PLAN).iloc[:, :2]},
        "plan names no money: say in yuan what it costs or brings.",
    ),
    "a hole in the plan": (
        {"plan": pd.DataFrame(PLAN | {"when": [None]})},
        "plan has empty cells: fill them.",
    ),
    "a stub in the plan": (
        {"plan": pd.DataFrame(PLAN | {"when": ["in ..."]})},
        "plan still holds “...”: write it out.",
    ),
    "a stub of one character": (
        {"plan": pd.DataFrame(PLAN | {"when": ["in …"]})},
        "plan still holds “...”: write it out.",
    ),
    "a long plan": (
        {"plan": pd.DataFrame({"yuan": [5] * 9})},
        f"plan takes the space of 9 rows; {CUT}", 8, 1,
    ),
    "a longer plan": (
        {"plan": pd.DataFrame({"yuan": [5] * 20})},
        f"plan takes the space of 20 rows; {CUT}", 8, 12,
    ),
    "a wide plan": (
        {"plan": pd.DataFrame({f"yuan {n}": [5] for n in "abcdef"})},
        f"plan takes the space of 6 columns; {CUT}", 5, 1,
    ),
    "a wordy plan": (
        {"plan": pd.DataFrame({"yuan": ["9 yuan " + "word " * 79]})},
        f"plan takes the space of 82 words; {CUT}", 80, 2,
    ),
    "losses no table": ({"losses": 5}, f"{NO_LOSSES} an int."),
    "losses to come": ({"losses": "…"}, f"{NO_LOSSES} still to come."),
    "four losses": (
        {"losses": pd.DataFrame(LOST)[:4]},
        "losses has 4 rows; five accounts were lost.",
    ),
    "no such column": (
        {"losses": pd.DataFrame(LOST).drop(columns="cause")},
        "losses needs the column 'cause'; it has account, evidence, next step.",
    ),
    "no such account": (
        {"losses": pd.DataFrame(LOST).replace("K0041", "K9999")},
        "losses: this world has no account K9999.",
    ),
    "no next step": (
        {"losses": pd.DataFrame(LOST | {"next step": ["visit"] * 4 + [""]})},
        "losses, K0301: the next step is still to come.",
    ),
    "a long cause": (
        {"losses": pd.DataFrame(LOST | {"cause": ["a b c d e", *["quality"] * 4]})},
        f"losses, K0004: the cause takes the space of 5 words; {CUT}", 4, 1,
    ),
}  # fmt: skip
WEAK_FINDING = {
    "no number": (
        {"finding": "Orders from Hunan fell in 2025"},
        "the headline has no number: by how much?",
    ),
    "no number but an id": (
        {"finding": "K0041 and HS02 stand out"},
        "the headline has no number: by how much?",
    ),
    "no unit": (
        {"finding": "Orders from Hunan fell by 40 more than others"},
        "the number in the headline has no unit.",
    ),
    "a long headline": (
        {"finding": "It fell by 38 % " + "word " * 14},
        f"the headline takes the space of 19 words; {CUT}", 18, 1,
    ),
    "long evidence": (
        {"evidence": "orders 2025 " + "word " * 27},
        f"the evidence takes the space of 29 words; {CUT}", 28, 1,
    ),
    "a long alt": (
        {"alt": "word " * 61},
        f"the alt takes the space of 61 words; {CUT}", 60, 1,
    ),
    "no source": (
        {"evidence": "Everybody says so since 2024."},
        "the evidence names no table or column that it comes from.",
    ),
    "no period": (
        {"evidence": "Margin in orders may decide."},
        "the evidence names no period: which months or years?",
    ),
    "no headline": ({"finding": None}, "the headline is still to come."),
    "no evidence": ({"evidence": None}, "the evidence is still to come."),
    "no alt": ({"alt": "…"}, "the alt is still to come."),
    "no figure": ({"figure": None}, "the figure is still to come."),
    "a figure that is none": (
        {"figure": len},
        "the figure is a function, and not an Axes.",
    ),
    "letters too small": ({"figure": axes(width=1600, height=1600)}, SMALL),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "said", "cut"), [(*w[:2], w[2:]) for w in WEAK.values()],
                         ids=WEAK)  # fmt: skip
def test_what_is_missing_or_weak_is_said_once(changed, said, cut):
    made = report(**parts(**changed))
    assert made.missing == [said.format(*cut)]
    assert repr(made) == f"Before you hand it in\n{made.note}\n  1. {made.missing[0]}"
    assert made.path.exists() and made.page


@pytest.mark.parametrize(
    ("changed", "said", "cut"), [(*w[:2], w[2:]) for w in WEAK_FINDING.values()], ids=WEAK_FINDING
)
def test_a_weak_finding_is_named_by_its_number(changed, said, cut):
    made = report(**parts(findings=[finding(), finding(**changed), finding()]))
    assert made.missing == [f"Finding 2: {said.format(*cut)}"]


def without_pictures(html):
    return re.sub('base64,[^"]+', "base64,…", html)


PICTURE = '<img src="data:image/png;base64,…" alt="Orders of Hunan fall.">'


def test_the_whole_page_as_it_is_written():
    """Its parts in their order, each under its heading; names capitalised, numbers marked."""
    one = parts(
        findings=[finding()],
        losses=pd.DataFrame(LOST)[:1],
        plan=pd.DataFrame({"what": ["Match < it !"], "since": [pd.Timestamp("2026-01-15 12:00")],
                           "sure": [False], "costs (yuan)": [-1234.5]}),
    )  # fmt: skip
    made = report(
        **one | {"doubts": "The price:\n\n- from six notes\n- only 9 k of  them\nare known"}
    )
    name = data.load("accounts").set_index("account_id")["name"]["K0004"]
    assert without_pictures(made.page) == (
        '<div class="course-report"><div class="sheet"><div><div class="top"><span>MEMO</span> '
        '<span>Lanhe Devices <span lang="zh-Hans">蓝禾终端</span></span></div>'
        "<h1>Year-end review: what happened, and what to do</h1><dl>"
        '<div><dt>To</dt><dd>Mr Zhang (<span lang="zh-Hans">张总</span>)</dd></div>'
        '<div><dt>From</dt><dd>Li Lei (<span lang="zh-Hans">李雷</span>)</dd></div>'
        "<div><dt>Date</dt><dd>31 December 2025</dd></div></dl></div>"
        '<div class="summary"><p>Match the price in Hunan: it costs ¥36\xa0k a year.</p></div>'
        '<h2>What we found</h2><div class="findings"><div class="finding"><div>'
        "<h3>Orders from Hunan fell by 38\xa0% from April 2025</h3>"
        "<p>orders by month, 2025 against 2024</p></div>"
        f'<div class="picture">{PICTURE}</div></div></div>'
        '<div><h2>Why we lost these accounts</h2><table class="losses"><thead><tr>'
        '<th scope="col">Account</th><th scope="col">Cause</th><th scope="col">Evidence</th>'
        '<th scope="col">Next step</th></tr></thead><tbody><tr>'
        f'<td data-label="Account">{name} (K0004)</td>'
        '<td data-label="Cause">unstable quality</td><td data-label="Evidence">27\xa0% of its '
        "pieces came from bad batches; 14 returns in 2024</td>"
        '<td data-label="Next step">a visit by the head of quality</td></tr></tbody></table></div>'
        '<div class="below"><div><h2>What we shall do</h2><table class="plan"><thead><tr>'
        '<th scope="col" class="short">What</th><th scope="col" class="short">Since</th>'
        '<th scope="col" class="short">Sure</th><th scope="col" class="n">Costs (yuan)</th></tr>'
        '</thead><tbody><tr><td class="short" data-label="What">Match &lt; it !</td>'
        '<td class="short" data-label="Since">2026-01-15</td>'
        '<td class="short" data-label="Sure">no</td>'
        '<td class="n" data-label="Costs (yuan)">−1,234</td></tr></tbody></table></div>'
        "<div><h2>What we do not know</h2><p>The price:</p><p>- from six notes</p>"
        "<p>- only 9\xa0k of them are known</p></div></div>"
        '<div class="foot"><span>Sources: our tables orders; 2023-01-02 to 2025-12-31</span>'
        "<span>World 2025; the firm is invented</span></div></div></div>"
    )
    style = f"<style>{sheet.STYLE}</style>"
    shown = made._repr_html_()
    assert shown.startswith(f'{style}<div class="course-report">')
    assert '<div role="heading" aria-level="2" class="h2"><b>What we found</b></div>' in shown
    assert shown.endswith(made.card()._repr_html_())


def test_the_file_is_a_document_of_its_own():
    made = report(**parts())
    text = made.path.read_text(encoding="utf-8")
    head, _, rest = text.partition("<style>")
    mark = re.search('content="([0-9a-f]{64})"', head)[1]
    assert head == (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="course-report" content="{mark}">\n'
        "<title>Year-end review: what happened, and what to do (Li Lei (李雷))</title>\n"
    )
    assert rest == (
        f"{sheet.STYLE}{sheet.ALONE}\n</style>\n</head>\n<body>\n{made.page}\n</body>\n</html>\n"
    )
    said = "Read it once more, aloud. Then print it (A4, one page), or hand in the file."
    assert repr(made) == f"✓ Nothing is missing\n{made.note}\n{said}"
    assert '<div class="lesson right" role="status">' in made.card()._repr_html_()


def test_a_picture_without_words_has_those_of_its_headline():
    for known, alt in (({}, "It fell by 3 %"), ({"finding": ""}, "the figure of this finding")):
        page = report(**parts(findings=[finding(**{"finding": alt, "alt": None} | known)])).page
        assert Page(page).all("img")[0]["alt"] == alt


def test_what_no_page_can_hold_is_marked():
    made = report(**parts(title="a\x07b\u0378c\ud83dd\n\u200de\tf"))
    assert "<h1>a\ufffdb\ufffdc\ufffdd\n\u200de f</h1>" in made.page


def test_what_is_empty_leaves_a_gap_on_the_page():
    gap = '<em class="gap">still to come</em>'
    made = report("", "It costs 5 yuan.", findings=[{}], losses=..., plan=..., doubts=...)
    page = made.page
    assert f"<dt>From</dt><dd>{gap}</dd>" in page
    finding = f'<div class="finding"><div><h3>{gap}</h3><p>{gap}</p></div>'
    for given in (page, report("", "5 yuan", findings=[3], losses=..., plan=..., doubts=...).page):
        assert f'{finding}<div class="picture">{gap}</div></div>' in given
    assert f"<h2>Why we lost these accounts</h2><p>{gap}</p></div>" in page
    assert f"<h2>What we shall do</h2><p>{gap}</p></div>" in page
    assert f"<h2>What we do not know</h2><p>{gap}</p></div>" in page
    assert "Sources: our tables (none named); 2023-01-02 to 2025-12-31" in page
    assert '<div class="lesson wrong" role="status">' in made.card()._repr_html_()
    nothing = report("", "It costs 5 yuan.", findings=[], losses=..., plan=..., doubts=...).page
    assert f'<h2>What we found</h2><div class="findings">{gap}</div>' in nothing


def test_a_wide_or_long_table_is_cut_and_says_so():
    rows = pd.DataFrame({f"c{n}": [None, "a", *["x" * 30] * 13] for n in range(9)})
    page = report(**parts(plan=rows.assign(c0=0.5), losses=pd.DataFrame(LOST))).page
    plan = page[page.index('class="plan"') :]
    assert plan.count("<tr>") == 13 and plan.count("<th ") == 8
    assert "</table><p>and 3 more rows</p>" in plan
    assert '<td data-label="C1">–</td>' in plan  # nothing in it
    assert '<th scope="col" class="n">C0</th>' in plan and '<th scope="col">C1</th>' in plan
    assert f'<span class="long">{"x" * 30}</span>' in plan
    fourteen = pd.concat([pd.DataFrame(LOST)] * 3)[:14]
    assert "</table><p>and 2 more rows</p>" in report(**parts(losses=fourteen)).page


@pytest.mark.parametrize(
    ("index", "named"),
    [(["a"], ""), (pd.Index([7], name="rank"), "Rank"), (pd.RangeIndex(3, 4), None)],
)
def test_an_index_that_says_something_is_a_column(index, named):
    plan = pd.DataFrame({"yuan": [5]}, index=index)
    page = report(**parts(plan=plan)).page
    columns = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page[page.index('class="plan"') :])
    assert len(columns) == (1 if named is None else 2) and columns[-1] == "Yuan"
    assert named is None or named in columns[0]


def test_an_account_may_be_named_instead():
    page = report(**parts(losses=pd.DataFrame(LOST | {"account": [*"abcde"]}))).page
    assert re.findall('<td[^>]*data-label="Account">(.*?)</td>', page) == [*"abcde"]


def test_money_in_a_column_is_in_the_unit_of_its_name():
    for column in ("cost in yuan", "¥", "RMB", "CNY", "元"):
        assert report(**parts(plan=pd.DataFrame({column: [5]}))).missing == []


def test_the_columns_of_losses_may_be_spelled_and_ordered_otherwise():
    losses = pd.DataFrame(LOST)[["next step", "evidence", "cause", "account"]]
    other = losses.rename(columns={"account": "Account_ID", "next step": "Next_Step "})
    for given in (other, other.set_index("Account_ID")):
        made = report(**parts(losses=given))
        assert made.missing == [] and made.page == report(**parts()).page


def test_a_fault_of_our_own_is_said_and_not_raised(monkeypatch):
    monkeypatch.setattr(sheet.Sheet, "html", lambda _: 1 / 0)
    made = report(**parts())
    said = "The page could not be made (ZeroDivisionError): show it to your teacher."
    assert made.missing == [said] and made.path is None


def test_axes_of_a_part_of_a_figure_stand_for_the_whole():
    upper, lower = plt.figure(figsize=(8, 3)).subfigures(2)
    lower.subplots().plot([1, 2])
    made = report(**parts(findings=[finding(), finding(), finding(figure=upper.subplots())]))
    assert made.missing == []


def test_a_figure_that_cannot_be_drawn_is_said():
    ax = axes.__wrapped__()
    ax.set_xlabel("$\\frac$")
    (said,) = report(**parts(findings=[finding(), finding(), finding(figure=ax)])).missing
    assert said == "Finding 3: the figure could not be drawn (ValueError)."
    assert ax._left_title.get_visible()


def test_a_picture_fills_its_width_or_is_cut_to_what_is_drawn():
    with plt.rc_context({"figure.constrained_layout.use": False}):
        loose, ax = plt.subplots(figsize=(8, 3))
    ax.set_ylabel("a label\n" * 20)
    for figure, fills in ((axes.__wrapped__().figure, True), (loose, False)):
        png, _ = drawn_once.__wrapped__(figure)
        width = int.from_bytes(png[16:20], "big")
        assert (width == 1500) == fills


def test_titles_of_several_parts_stay_in_the_picture():
    figure, pair = plt.subplots(1, 2, figsize=(8, 6))
    drawn = []
    for titles in (("", ""), ("A title", ""), ("A title", "Another")):
        for ax, title in zip(pair, titles, strict=True):
            ax.set_title(title)
        drawn.append(drawn_once.__wrapped__(figure)[0])
    assert drawn[0] == drawn[1] != drawn[2]  # the one title is in the headline


def test_the_letters_of_a_picture_are_measured_as_they_are_printed():
    """88 mm for 8 inches; a high figure is made low, and then its height decides."""
    by_height = {3: 3, 4: 3.2, 8: 5.76}  # no lower than 5 : 2, nor than 72 % of what it was
    scales = {2: 88 / 25.4 / 8} | {high: 31 / 25.4 / low for high, low in by_height.items()}
    for height, scale in scales.items():
        figure, ax = plt.subplots(figsize=(8, height))
        ax.set_axis_off()
        figure.text(0.5, 0.5, "ten", fontsize=10)
        figure.text(0.5, 0.6, " ", fontsize=1)
        figure.text(0.5, 0.7, "unseen", fontsize=1, visible=False)
        _, smallest = drawn_once.__wrapped__(figure)
        assert smallest == pytest.approx(10 * scale)


@pytest.mark.parametrize(
    "good",
    [
        "Margin fell by ¥3.2 m",
        "It took 34 days",
        "2.5 times the returns",
        "订单下降38％",
        "Sold 9 k yuan less",
    ],
)
def test_a_number_with_its_unit_passes(good):
    assert report(**parts(findings=[finding(finding=good)] * 3)).missing == []


def test_stubs_alone_write_nothing(work):
    made = report("Li Lei", ..., findings=..., losses=..., plan=..., doubts=...)
    assert made.path is None and not work.exists()
    assert made._repr_html_() == made.card()._repr_html_()
    assert repr(report()) == repr(made) == (
        "Before you hand it in\nNothing is written yet. The page needs:\n"
        "  1. summary: a text of at most 80 words: what is to be decided, and the yuan at stake.\n"
        '  2. findings: a list of three dicts, each with "finding" (a sentence with a number), '
        '"evidence" (how we know), "figure" (an Axes) and "alt" (what the figure shows).\n'
        "  3. losses: a DataFrame with the columns account, cause, evidence, next step; a row per "
        "account.\n  4. plan: a DataFrame of at most 8 rows: what, who, when, yuan.\n"
        "  5. doubts: a text of at least 10 words: what we do not know."
    )  # fmt: skip


class Trap:
    """An object on which nearly everything fails."""

    def __getattribute__(self, name):
        raise RuntimeError(name)


ODD = (None, 3, "x", b"x", [1], {}, {1: 2}, Trap(), pd, np.ones((3, 3)), pd.DataFrame, charts.show)


@pytest.mark.parametrize("number", range(len(ODD)))
def test_nothing_that_is_given_raises(number):
    odd = ODD[number]
    for part in ("by", "summary", "findings", "losses", "plan", "doubts", "title"):
        made = report(**parts(**{part: odd}))
        assert made.page and (made.missing or part in ("by", "title"))
    for key in finding():
        assert repr(report(**parts(findings=[finding(**{key: odd})] * 3)))
    assert report(**parts(findings=[odd, odd])).missing
    if type(odd) is not Trap:  # which no DataFrame can hold
        assert report(**parts(plan=pd.DataFrame({"what": [odd]}))).missing


def test_a_student_s_own_changes_are_kept_aside():
    first = report(**parts())
    report(**parts(title="Another title"))  # what we wrote ourselves is replaced
    assert len(pages(first.path.parent)) == 1
    for number in (1, 2):
        changed = first.path.read_text(encoding="utf-8").replace("six notes", f"{number} notes")
        first.path.write_text(changed, encoding="utf-8")
        said = report(**parts())
        assert f"kept as report-2025-{number}.html" in said.note
        aside = first.path.with_name(f"report-2025-{number}.html")
        assert aside.read_text(encoding="utf-8") == changed
    first.path.write_bytes(b"\xff\xfe something else")
    assert "report-2025-3.html" in report(**parts()).note
    assert report(**parts()).note == "Written: report-2025.html, in your work folder."


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_full_disk_is_said_and_harms_no_file(failing, monkeypatch):
    path = report(**parts()).path
    edited = path.read_text(encoding="utf-8") + "my own words"
    path.write_text(edited, encoding="utf-8")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, failing, full)
    made = report(**parts())
    assert made.path is None and "No space left" in made.note and "<img" in made._repr_html_()
    assert pages(path.parent) == ["report-2025.html"]
    assert path.read_text(encoding="utf-8") == edited


def test_a_work_folder_that_is_a_file_is_said(work):
    work.write_text("not a folder")
    made = report(**parts())
    assert made.path is None and "could not be written" in made.note and made.page


def test_a_world_may_have_any_name(tmp_path, work):
    try:
        for name in ('"我的" <data>? *', "我的 | <<data>>"):  # the same once they are made safe
            (tmp_path / name).mkdir()
            data.use_folder(tmp_path / name)
            made = report(**parts())
            assert made.path.name == "report-folder-我的-data.html"
            Page(made.path.read_text(encoding="utf-8"))
    finally:
        data.use_world(2025)
    assert "report-folder-我的-data-1.html" in made.note and len(pages(work)) == 2


def test_the_figure_is_left_as_it_was():
    ax = axes.__wrapped__()
    before = (ax.get_title(loc="left"), ax._left_title.get_visible(), *ax.figure.get_size_inches())
    report(**parts(findings=[finding(figure=ax)] * 3))
    after = (ax.get_title(loc="left"), ax._left_title.get_visible(), *ax.figure.get_size_inches())
    assert before == after and not plt.fignum_exists(ax.figure.number)


def words(number, start=""):
    return " ".join([*start.split(), *["letter"] * number][:number])


def full_parts():
    """A report whose every part is as long as the page allows."""
    found = finding(finding=words(18, "Fell 38 % since"), evidence=words(28, "orders 2025"))
    names = data.load("accounts").set_index("account_id")["name"].str.len()
    losses = {"account": names.nlargest(5).index, "cause": ["lack of innovation"] * 5}
    losses |= {"evidence": [words(14)] * 5, "next step": [words(10)] * 5}
    plan = {"what": [words(5)] * 8, "who": ["Zhao Minzhi"] * 8, "by": ["15 Jan"] * 8}
    plan |= {"costs (yuan)": [1234567] * 8}
    return {
        "by": words(6),
        "title": words(8),
        "summary": words(80, "Decide on 9 yuan"),
        "findings": [found] * 3,
        "losses": pd.DataFrame(losses),
        "plan": pd.DataFrame(plan),
        "doubts": words(60),
    }


def test_it_is_one_page_in_print_and_fits_a_phone():
    if not browser.CHROMIUM:
        required = os.environ.get("CI") == "true" or os.environ.get("COURSE_REQUIRE_BROWSER") == "1"
        (pytest.fail if required else pytest.skip)("There is no Chromium: apt-get install chromium")
    full = full_parts()
    too_long = full | {
        "losses": pd.DataFrame(LOST | {"evidence": [words(60)] * 5}),
        "doubts": "W" * 300,
    }
    with browser.browser_page(width=400, height=800) as page:
        for given, pages, complete in ((parts(), 1, True), (full, 1, True), (too_long, 2, False)):
            made = report(**given)
            assert (made.missing == []) == complete, made.missing
            page.goto(made.path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") == 400
            pdf = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == pages


@pytest.mark.parametrize(
    ("text", "space"),
    [
        ("", 0), ("a b c", 3), ("letter", 1), ("letters", 1), ("lettersx", 2),
        ("客" * 3, 1), ("客" * 4, 2), ("Ａ" * 3, 1), ("Ａ" * 4, 2),
        ("ABCDE", 1), ("ABCDEF", 2),  # capitals are wider
        ("x" * 14, 2), ("x" * 15, 4),  # what cannot be broken leaves a gap
        ("a\n\nb", 7), ("a\nb", 2), ("a\n- b\n- c", 13),  # as does the end of a paragraph
    ],
)  # fmt: skip
def test_the_space_of_a_text_is_counted_in_words_of_six_letters(text, space):
    assert _words(text) == space
