"""Gives every notebook under test a new student: an empty work folder and the committed world."""

import os
from tempfile import TemporaryDirectory

import pytest

work_folders = {}  # notebook -> its folder, removed when the run ends


@pytest.hookimpl(tryfirst=True)  # before nbval starts the notebook's kernel
def pytest_runtest_setup(item):
    if item.path not in work_folders:
        work_folders[item.path] = TemporaryDirectory(prefix="course-test-")
        os.environ["COURSE_WORK"] = work_folders[item.path].name
        os.environ.pop("COURSE_SEED", None)


def pytest_unconfigure():
    for folder in work_folders.values():
        folder.cleanup()
