"""The website of the course: whole, asking nothing of other servers, and readable by everybody."""

import functools
import http.server
import re
import threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from axe_playwright_python.sync_playwright import Axe

from tools import site

PAGES = ["index.html", "00_start_here.html", "03_segmentation.html", "07a_case_quality.html"]
ONLY_FAULTS = {"resultTypes": ["violations"]}  # else axe spends its time on telling what is right


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sites") / "site"
    site.main([str(folder)])
    return folder


class Links(HTMLParser):
    """What a page fetches, where it leads, and what can be led to."""

    def __init__(self, page):
        super().__init__()
        self.fetched, self.leads, self.anchors, self.bare = [], [], set(), 0
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors.add(found.get("id"))
        self.leads += [found["href"]] if tag == "a" and "href" in found else []
        self.fetched += [found[key] for key in ("src", "data", "poster") if found.get(key)]
        self.fetched += [found["href"]] if tag == "link" and "href" in found else []
        self.bare += tag == "img" and not found.get("alt", "").strip()


@pytest.fixture(scope="module")
def pages(folder):
    return {page.name: Links(page) for page in folder.glob("*.html")}


def test_every_chapter_is_there_and_no_companion(pages):
    chapters = {path.stem for path in site.ROOT.glob("notebooks/*.ipynb")}
    assert {f"{chapter}.html" for chapter in chapters} < pages.keys()
    assert {Path(name).stem for name in pages} - chapters == {"index", "search", "genindex"}


def test_every_link_leads_somewhere(pages, folder):
    lost = set()
    for name, page in pages.items():
        for link in {*page.leads, *page.fetched}:
            if link.startswith("data:image/"):
                continue
            target, anchor = map(unquote, urldefrag(link))
            there = not target or (folder / target.partition("?")[0]).is_file()
            found = there and (not anchor or anchor in pages[target or name].anchors)
            if not found:
                lost.add(f"{name}: {link}")
    assert not lost
    ideas = [link for link in pages["00_start_here.html"].leads if re.match(r"\w+\.html#.", link)]
    assert len(ideas) > 50  # of the concept index


def test_every_picture_has_words(pages):
    assert [name for name, page in pages.items() if page.bare] == []


def test_panels_and_forms_are_shown_as_they_are_stored(folder):
    page = (folder / "03_segmentation.html").read_text(encoding="utf-8")
    assert "(In the notebook you move it by “A ends at”" in page
    assert not re.search(r"Run this cell|widget-view|made no guess", page)
    assert not re.search(r"<pre>(<span></span>)?\s*</pre>", page), "the place of a living panel"


@pytest.fixture(scope="module")
def served(folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


# What moves sideways though it holds no table, and the page itself.
SIDEWAYS = """() => [...document.querySelectorAll('html, main *')].filter(
  each => each.scrollWidth > each.clientWidth + 1 && !each.querySelector('table')
    && (each.localName === 'html' || /auto|scroll/.test(getComputedStyle(each).overflowX))
).map(each => each.outerHTML.slice(0, 100))"""


@pytest.fixture
def reader(page):
    """A fresh page that keeps in mind what it asked for, and what it did not get."""
    reader = page.context.browser.new_page()
    reader.asked, reader.lost = [], []
    reader.on("request", lambda request: reader.asked.append(request.url))
    reader.on("requestfailed", lambda request: reader.lost.append(request.url))
    reader.on("response", lambda answer: answer.status < 400 or reader.lost.append(answer.url))
    yield reader
    reader.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_pages_ask_nobody_and_shut_nobody_out(reader, served, scheme, width):
    reader.emulate_media(color_scheme=scheme)
    reader.set_viewport_size({"width": width, "height": 800})
    for name in PAGES:
        reader.goto(served + name, wait_until="load")
        assert reader.evaluate(SIDEWAYS) == []
        assert reader.lost == []
        found = Axe().run(reader, options=ONLY_FAULTS).response["violations"]
        assert [(each["help"], each["nodes"][0]["html"]) for each in found] == []
        reader.lost.clear()  # axe looks for style sheets where they are not
    assert [url for url in reader.asked if not url.startswith((served, "data:"))] == []


def test_the_search_works_from_a_disk(reader, folder):
    reader.goto((folder / "search.html").as_uri() + "?q=whale")
    reader.locator("#search-results a", has_text="Segmentation").first.wait_for()
    assert [url for url in reader.asked if not url.startswith((folder.as_uri(), "data:"))] == []
