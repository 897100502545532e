"""`course.py present`: the exported deck fits a projector, the live one runs, notes stay outside.

The pages need Chromium: skipped where there is none, except in CI.
"""

import json
import re
from pathlib import Path

import browser
import nbformat
import pytest
from playwright.sync_api import expect

from helpers import charts
from tools import presenting, slides
from tools.environment import Stop

CHAPTERS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
SMALLEST_PX = 24  # 18 pt on a screen of 1280 x 720
expect.set_options(timeout=60_000)  # a busy machine is no fault

# Turn to each slide, and to the code behind it; return what is cut off, shrunk or too small.
FAULTS = """(smallest) => slides.flatMap((slide, number) => {
  show(number, {whole: true});
  return ['output', 'code'].flatMap(face => {
    if (face === 'code') {
      if (!slide.querySelector('.folded')) return [];
      ACTIONS.code();
    }
    const page = slide.firstElementChild, factor = Number(page.style.getPropertyValue('--fit'));
    const cut = page.scrollWidth > page.clientWidth || slide.scrollHeight > slide.clientHeight
      || factor < 1;
    const seen = element => !element.closest('style, script') && element.checkVisibility();
    const texts = [...slide.querySelectorAll('*')].filter(each => seen(each)
      && [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
    const sizes = texts.map(each => factor * parseFloat(getComputedStyle(each).fontSize));
    // Text in figures has 24.3 px where they have their own width: helpers.charts.TEXT.
    const pictures = [...slide.querySelectorAll('img')].filter(seen).map(
      each => 24.3 * each.getBoundingClientRect().width / each.getAttribute('width'));
    const size = Math.min(...sizes, ...pictures);
    const fault = cut ? `cut off, or shrunk to ${factor}` : size < smallest ? `${size} px` : '';
    return fault ? [`${slide.id}, ${face}: ${fault}`] : [];
  });
})"""


def read(path):
    return nbformat.read(path, as_version=4)


def companion_of(path):
    return read(path.parent / "instructor" / path.name)


def chapter(number):
    return next(path for path in CHAPTERS if path.name.startswith(number))


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("3", "03"),
        ("03", "03"),
        ("7a", "07a"),
        ("07A", "07a"),
        ("Segmentation", "03"),
        ("notebooks/10_early_warning.ipynb", "10"),
    ],
)
def test_a_chapter_is_found_by_what_people_call_it(word, number):
    assert presenting.find_chapter(word) == chapter(number)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Which chapter?"),
        (["99"], "There is no chapter `99`: choose from 00, 01"),
        (["7"], "`7` may be 07a_case_quality, 07b"),
        (["segment"], "`segment` may be 03_segmentation, 04_segment_grids"),
        (["3", "--minutes", "7"], "--minutes: invalid choice"),
        (["3", "--export", "/no/such/folder/deck.html"], "There is no folder /no/such/folder"),
    ],
)
def test_a_wrong_word_gets_one_sentence(words, said):
    with pytest.raises(Stop, match=re.escape(said)) as stop:
        presenting.run(words)
    assert "\n" not in str(stop.value)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_presenters_copy_runs_as_the_chapter_does_and_holds_no_notes(path):
    original, copy = read(path), slides.presenters_copy(read(path), only=None)
    code = [
        [cell.source for cell in each.cells if cell.cell_type == "code"]
        for each in (original, copy)
    ]
    assert code[0] == code[1]
    said = [note for notes in slides.said_about(companion_of(path)).values() for note in notes]
    text = json.dumps(copy) + slides.deck_page(copy)
    assert said and not [note for note in said if re.sub("<[^>]+>", "", note)[-40:].strip() in text]


@pytest.mark.parametrize("minutes", [None, 15, 5])
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_note_and_every_part_of_the_plan_finds_its_slide(path, minutes):
    companion = companion_of(path)
    only = slides.short_version(companion, minutes) if minutes else None
    copy = slides.presenters_copy(read(path), only=only)
    shown = [page[0].id for page in slides.pages(copy)]
    if only:
        assert sorted(shown) == sorted(only)
    notes = slides.notes_page(copy, companion, minutes=minutes)
    found = json.loads(re.search(r"^const NOTES = (.*);$", notes, re.M)[1])
    assert [each["id"] for each in found["slides"]] == shown
    assert all(set(part["slides"]) <= set(shown) and part["slides"] for part in found["plan"])
    assert minutes or any(each["said"] for each in found["slides"])


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_exported_slide_fits_and_can_be_read_from_the_last_row(path, page, tmp_path):
    deck = tmp_path / "deck.html"
    deck.write_text(slides.deck_page(slides.presenters_copy(read(path), only=None)), "utf-8")
    fetched = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(deck.as_uri())
    faults = page.evaluate(FAULTS, SMALLEST_PX - 0.01)
    faults = [f"{path.name.split('_')[0]}/{fault}" for fault in faults]
    assert faults == []
    assert [url for url in fetched if not url.startswith(("data:", "file:"))] == []
    assert [said for said in page.said if said.startswith("error")] == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_figure_is_drawn_in_smaller_type(path):
    for cell in read(path).cells:
        points = re.findall(r"(?:font|label|title)size=([0-9.]+)", cell.source)
        small = [float(size) < charts.TEXT for size in points]
        assert not any(small), cell.id


def test_an_exported_deck_turns_its_pages(page, tmp_path):
    deck = tmp_path / "deck.html"
    deck.write_text(
        slides.deck_page(slides.presenters_copy(read(chapter("03")), only=None)), "utf-8"
    )
    page.goto(deck.as_uri())
    fragment, body = page.locator("[data-cell=two-lists]"), page.locator("body")
    expect(page.locator("#title")).to_be_visible()
    expect(fragment).not_to_be_visible()
    page.keyboard.press("PageDown")
    expect(fragment).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#objectives")).to_be_visible()
    page.keyboard.press("PageUp")
    expect(fragment).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_text("customers.nlargest", exact=False).first).to_be_visible()
    page.keyboard.press("b")
    expect(body).to_have_class(re.compile("course-black"))
    page.keyboard.press("End")
    page.reload()
    expect(page.locator("#keep")).to_be_visible()


IDLE = ("data-status", "idle")
PRESENT = "from tools import presenting; presenting.run(['3', '--no-browser'])"


def test_a_chapter_is_presented_live(page, tmp_path):
    page.said.clear()
    with browser.course(tmp_path, program=PRESENT) as address:
        page.goto(address)
        deck = page.locator(".jp-Deck")
        expect(deck.get_by_role("heading", level=1)).to_be_visible()  # it starts by itself
        expect(page.get_by_role("menubar")).not_to_be_visible()
        page.keyboard.press("PageDown")
        expect(deck.get_by_text("On both lists:")).to_be_visible()
        page.keyboard.press("ArrowRight")
        page.keyboard.press(" ")
        guess = deck.get_by_role("textbox", name="Your answer").locator("visible=true")
        guess.fill("30")
        expect(page.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute(*IDLE)
        deck.get_by_role("button", name="Commit").locator("visible=true").click()

        notes = page.context.new_page()
        notes.goto(re.sub(r"lab/.*", "lab/extensions/course-present/static/notes.html", address))
        expect(notes.locator("#said")).to_contain_text("Let them commit before a word is said")
        notes.get_by_role("button", name="reveal left").click()
        expect(deck.get_by_text("You guessed 30 yuan.")).to_be_visible()
        expect(deck.get_by_text("Guessed when the fact had been shown")).to_have_count(0)
        notes.get_by_role("button", name="panel", exact=True).click()
        expect(notes.locator("#pace")).to_contain_text("36:00 to 39:00")

        page.bring_to_front()
        panel = deck.locator(".course-panel")
        slider, told = panel.get_by_role("slider", name="A ends at"), panel.get_by_role("status")
        text = told.inner_text()
        slider.focus()
        page.keyboard.press("ArrowLeft")
        expect(told).not_to_have_text(text)
        zoom = "parseFloat(document.documentElement.style.getPropertyValue('--deck-zoom'))"
        assert page.evaluate(zoom) >= 1
        page.keyboard.press("PageDown")  # though the focus is in the slider
        expect(deck.get_by_role("heading", name="6 Treat them differently")).to_be_visible()
        expect(panel).not_to_be_visible()
        expect(notes.locator("#slide")).to_contain_text("6 Treat them differently")
        page.keyboard.press("PageUp")
        expect(notes.locator("#slide")).to_contain_text("panel")
        notes.close()
        page.keyboard.press("c")
        expect(deck.locator(".cm-content").locator("visible=true")).to_contain_text("panels.")
        expect(panel).not_to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("menubar")).to_be_visible()
        page.keyboard.press("F5")
        expect(page.get_by_role("menubar")).not_to_be_visible()
        assert [said for said in page.said if said.startswith("error")] == []
    assert {path.name for path in tmp_path.iterdir()} == {".jupyter", "present"}
