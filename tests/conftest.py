"""What all tests share: no test touches a student's progress, and a toy chapter is at hand."""

import atexit
import os
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from casedata.generate import make_world
from helpers import exercises
from helpers.lessons import store

os.environ["COURSE_WORK"] = mkdtemp(prefix="course-test-work-")
atexit.register(shutil.rmtree, os.environ["COURSE_WORK"], ignore_errors=True)


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """Chapter 98 (tests/toy/ch98.py) among the chapters, with a fresh progress folder."""
    monkeypatch.setenv("COURSE_WORK", str(tmp_path))
    monkeypatch.setattr(exercises, "__path__", [str(Path(__file__).parent / "toy")])
    monkeypatch.setattr(store, "_unsaved", [])
    exercises._computed.cache_clear()
    return tmp_path


@cache
def _made(seed, members=8_000):
    return make_world(seed, members=members)


@pytest.fixture(scope="session")
def world():
    """The function seed → tables, which makes each world once. Tests change none of them.

    `world.__wrapped__` makes a world anew.
    """
    return _made


@pytest.fixture(scope="module")
def page():
    """A page of a real browser; where there is none the test is skipped, but never in CI."""
    import browser

    required = os.environ.get("CI") == "true" or os.environ.get("COURSE_REQUIRE_BROWSER") == "1"
    if not browser.CHROMIUM:
        (pytest.fail if required else pytest.skip)("There is no Chromium: apt-get install chromium")
    with browser.browser_page() as page:
        yield page
