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


WEAK = {
    "a text that is missing": ({"by": ...}, "Your name (by) is still to come"),
    "a stub in quotes": ({"summary": "..."}, "The summary is still to come"),
    "a stub in a text": ({"summary": "It costs 5 yuan to ..."}, "The summary still holds"),
    "no money": ({"summary": "Match the price in 11 accounts."}, "no amount in yuan"),
    "a long summary": (
        {"summary": "It costs 9 yuan. " + "word " * 77},
        "summary takes the space of 81",
    ),
    "Chinese too long": ({"summary": "降价9元" + "客" * 300}, "page has 80 for it"),
    "two findings": ({"findings": [finding()] * 2}, "wants three findings; here are 2"),
    "findings no list": ({"findings": finding()}, "a list of three dicts; it is a dict"),
    "a finding no dict": ({"findings": [finding(), ..., finding()]}, "Finding 2: a dict with"),
    "few doubts": ({"doubts": "None that I know."}, "fewer than 10 words"),
    "no doubts": ({"doubts": None}, "What we do not know (doubts) is still to come"),
    "a number for a text": ({"title": 3}, "The title should be a text in quotes; this is an int"),
    "no plan": ({"plan": []}, "plan should be a DataFrame with"),
    "an empty plan": ({"plan": pd.DataFrame(PLAN)[:0]}, "it is empty"),
    "a plan without money": ({"plan": pd.DataFrame(PLAN).iloc[:, :2]}, "plan names no money"),
    "a hole in the plan": ({"plan": pd.DataFrame(PLAN | {"when": [None]})}, "plan has empty cells"),
    "a long plan": ({"plan": pd.DataFrame({"yuan": [5] * 9})}, "plan takes the space of 9 rows"),
    "four losses": ({"losses": pd.DataFrame(LOST)[:4]}, "losses has 4 rows"),
    "no such column": ({"losses": pd.DataFrame(LOST).drop(columns="cause")}, "the column 'cause'"),
    "no such account": (
        {"losses": pd.DataFrame(LOST).replace("K0041", "K9999")},
        "no account K9999",
    ),
    "no next step": (
        {"losses": pd.DataFrame(LOST | {"next step": ["visit"] * 4 + [""]})},
        "losses, K0301: the next step is still to come",
    ),
}
WEAK_FINDING = {
    "no number": ({"finding": "Orders from Hunan fell in 2025"}, "the headline has no number"),
    "no number but an id": ({"finding": "K0041 and HS02 stand out"}, "the headline has no number"),
    "no unit": ({"finding": "Orders from Hunan fell by 40 more than others"}, "has no unit"),
    "a long headline": ({"finding": "It fell by 38 % " + "word " * 14}, "headline takes the space"),
    "no source": ({"evidence": "Everybody says so since 2024."}, "names no table or column"),
    "no period": ({"evidence": "Margin in orders may decide."}, "names no period"),
    "no alt": ({"alt": "…"}, "the alt is still to come"),
    "no figure": ({"figure": None}, "the figure is still to come"),
    "a figure that is none": ({"figure": len}, "the figure is a function, and not an Axes"),
    "letters too small": ({"figure": axes(width=1600, height=1600)}, "points in print, too small"),
}


@pytest.mark.parametrize(("changed", "said"), WEAK.values(), ids=WEAK)
def test_what_is_missing_or_weak_is_said_once(changed, said):
    made = report(**parts(**changed))
    (sentence,) = made.missing
    assert said in sentence and sentence in repr(made)
    assert made.path.exists() and made.page


@pytest.mark.parametrize(("changed", "said"), WEAK_FINDING.values(), ids=WEAK_FINDING)
def test_a_weak_finding_is_named_by_its_number(changed, said):
    (sentence,) = report(**parts(findings=[finding(), finding(**changed), finding()])).missing
    assert sentence.startswith("Finding 2: ") and said in sentence


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
    assert made.path is None and not work.exists() and len(made.missing) == 5
    assert report().missing == made.missing and "<img" not in made._repr_html_()


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
