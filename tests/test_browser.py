"""The course in a real browser: it opens, chapters run, panels move by keyboard, slides show.

Needs Chromium: skipped where there is none, except in CI (CI=true or COURSE_REQUIRE_BROWSER=1).
"""

import browser
import pytest
from playwright.sync_api import expect

# Each chapter's panels: a control of each, the key that moves it, and how often it is pressed.
PANELS = {
    "01_customer_roles.ipynb": [("person", "ArrowDown", 1), ("who", "ArrowDown", 2)],
    "02_value_and_loyalty.ipynb": [("service", "ArrowRight", 3)],
    "03_segmentation.ipynb": [("A ends at", "ArrowLeft", 12)],
    "04_segment_grids.ipynb": [("loyal from", "ArrowRight", 5)],
    "05_rfm_and_behaviour.ipynb": [("write to", "ArrowRight", 10)],
    "06_churn.ipynb": [("won a year", "ArrowRight", 5)],
    "07a_case_quality.ipynb": [("finding", "ArrowDown", 1), ("finding", "ArrowDown", 2)],
    "08_lifecycle.ipynb": [("so many", "ArrowRight", 5)],
    "09_lifetime_value.ipynb": [("retention", "ArrowRight", 5)],
    "10_early_warning.ipynb": [("calls", "ArrowRight", 10)],
    "11_customer_management.ipynb": [("account", "ArrowDown", 1)],
}


@pytest.fixture(scope="module")
def address(page, tmp_path_factory):
    with browser.course(tmp_path_factory.mktemp("work")) as address:
        yield address


OPEN = "window.jupyterapp.commands.execute"
IN_VIEW = """heading => {
  const [seen, it] = [heading.closest(".jp-WindowedPanel-outer"), heading].map(
    each => each.getBoundingClientRect());
  return it.top >= seen.top && it.bottom <= seen.bottom;
}"""


def test_the_concept_index_leads_to_the_section(page, address):
    index = "00_start_here.ipynb"
    browser.open_notebook(page, address, index)
    browser.run_all(page)
    for idea, chapter in [("R6", "01"), ("S11", "04"), ("L9", "08")]:
        for _ in range(2):  # a chapter that was closed opens at its top
            page.evaluate(f"{OPEN}('docmanager:open', {{path: '{index}'}}); 1")
            page.wait_for_function(browser.READY, arg=index)
            line = browser.notebook(page).locator("li", has=page.get_by_text(idea, exact=True))
            link = line.get_by_role("link")
            told = link.inner_text()
            link.click()
            page.wait_for_function(f"{browser.IN_FRONT}.context.path.startsWith('{chapter}')")
            page.wait_for_function(browser.READY, arg="")
        heading = browser.notebook(page).get_by_role("heading", name=told)
        page.wait_for_function(IN_VIEW, arg=heading.element_handle())


@pytest.fixture(scope="module", params=PANELS)
def chapter(request, page, address):
    """A chapter that was run from top to bottom."""
    browser.open_notebook(page, address, request.param)
    page.said.clear()  # what JupyterLab says when another notebook is left is no fault of this one
    browser.command(page, "notebook:clear-all-cell-outputs")  # the stored ones prove nothing
    browser.run_all(page)
    opened = browser.notebook(page)
    opened.panels = PANELS[request.param]
    yield opened
    browser.command(page, "kernelmenu:shutdown")  # else all chapters' kernels live to the end


def test_the_course_opens_on_its_first_page(page, address):
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for()  # rendered, not its Markdown
    assert page.url.endswith("00_start_here.ipynb")
    page.locator(".jp-TableOfContents-content .jp-tocItem").nth(2).wait_for()
    assert not page.locator(".jp-Dialog").count()


def test_a_chapter_runs_to_its_end(chapter, page):
    counts = chapter.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert counts == [f"[{number}]:" for number in range(1, len(counts) + 1)]
    assert browser.errors(page) == []


def test_panels_move_by_keyboard(chapter, page):
    shown = chapter.locator(".course-panel")
    assert shown.count() == len(chapter.panels)
    for panel, (name, key, times) in zip(shown.all(), chapter.panels, strict=True):
        slider = panel.get_by_role("slider", name=name)
        control = slider if slider.count() else panel.get_by_label(name, exact=True)
        told, picture = panel.get_by_role("status"), panel.locator("img")
        text, alt, source = told.inner_text(), *(picture.get_attribute(a) for a in ("alt", "src"))
        control.focus()
        for _ in range(times):
            page.keyboard.press(key)
        expect(told).not_to_have_text(text)
        expect(picture).not_to_have_attribute("src", source)
        assert picture.get_attribute("alt") != alt
        if slider.count():
            assert slider.get_attribute("aria-valuetext")
        page.keyboard.press("Tab")
        assert panel.evaluate("panel => panel.contains(document.activeElement)")


def test_stored_pictures_hide_while_panels_live(chapter):
    for panel in chapter.locator(".course-panel").all():
        assert panel.is_visible()
    for still in chapter.locator(".course-panel-still").all():
        assert not still.is_visible()


def test_slides_show_one_after_another(chapter, page):
    browser.start_slides(page)
    title = chapter.locator("h1").first
    assert title.is_visible() and not page.get_by_role("menubar").is_visible()
    for _ in range(5):  # a slide may come in parts
        page.keyboard.press("Space")
    title.wait_for(state="hidden")
    assert chapter.locator(".jp-deck-mod-visible").count()
    browser.command(page, "deck:stop")


def test_the_console_stays_clean(chapter, page):
    assert [said for said in page.said if said.startswith("error")] == []
