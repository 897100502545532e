"""The course in a real browser: it opens, a chapter runs, a panel moves by keyboard, a slide shows.

Needs Chromium: skipped where there is none, except in CI (CI=true or COURSE_REQUIRE_BROWSER=1).
"""

import os

import browser
import pytest

CHAPTERS = ["03_segmentation.ipynb"]  # one of each kind is enough: nbval runs them all
REQUIRED = os.environ.get("CI") == "true" or os.environ.get("COURSE_REQUIRE_BROWSER") == "1"


@pytest.fixture(scope="module")
def page():
    if not browser.CHROMIUM:
        (pytest.fail if REQUIRED else pytest.skip)("There is no Chromium: apt-get install chromium")
    with browser.browser_page() as page:
        yield page


@pytest.fixture(scope="module")
def address(page, tmp_path_factory):
    with browser.course(tmp_path_factory.mktemp("work")) as address:
        yield address


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(request, page, address):
    """A chapter that was run from top to bottom."""
    browser.open_notebook(page, address, request.param)
    browser.command(page, "notebook:clear-all-cell-outputs")  # the stored ones prove nothing
    browser.run_all(page)
    return browser.notebook(page)


def test_the_course_opens_on_its_first_page(page, address):
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for()  # rendered, not its Markdown
    assert page.url.endswith("00_start_here.ipynb")
    assert page.locator(".jp-TableOfContents-content .jp-tocItem").count() > 2
    assert not page.locator(".jp-Dialog").count()


def test_a_chapter_runs_to_its_end(chapter, page):
    counts = chapter.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert counts == [f"[{number}]:" for number in range(1, len(counts) + 1)]
    assert browser.errors(page) == []


def test_a_panel_moves_by_keyboard(chapter, page):
    panel = chapter.locator(".course-panel").first
    slider = panel.get_by_role("slider", name="A ends at")
    told, picture = panel.get_by_role("status"), panel.locator("img")
    text, alt, source = told.inner_text(), *(picture.get_attribute(a) for a in ("alt", "src"))
    slider.focus()
    for _ in range(12):
        page.keyboard.press("ArrowLeft")
    told.get_by_text("the best 8 %").wait_for()
    assert slider.get_attribute("aria-valuetext") == "8 %"
    assert picture.get_attribute("src") != source and picture.get_attribute("alt") != alt
    for _ in range(3):
        page.keyboard.press("Tab")
    assert panel.get_by_label("ranked by").evaluate("list => list === document.activeElement")
    page.keyboard.press("ArrowDown")
    told.get_by_text("by profit").wait_for()
    assert told.inner_text() != text


def test_the_stored_picture_hides_while_the_panel_lives(chapter):
    assert chapter.locator(".course-panel").first.is_visible()
    assert not chapter.locator(".course-panel-still").first.is_visible()


def test_slides_show_one_after_another(chapter, page):
    browser.start_slides(page)
    title = chapter.locator("h1").first
    assert title.is_visible() and not page.get_by_role("menubar").is_visible()
    for _ in range(5):  # a slide may come in parts
        page.keyboard.press("Space")
    title.wait_for(state="hidden")
    assert chapter.locator(".jp-deck-mod-visible").count()
    browser.command(page, "deck:stop")


def test_the_console_stays_clean(page):
    assert [said for said in page.said if said.startswith("error")] == []
