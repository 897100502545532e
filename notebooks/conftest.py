"""Runs every notebook under test as a new student would: with an empty work folder."""

import os
from tempfile import TemporaryDirectory

import nbval.kernel
import pytest

work_folders = {}  # notebook -> its folder, removed when the run ends


@pytest.hookimpl(tryfirst=True)  # before nbval starts the notebook's kernel
def pytest_runtest_setup(item):
    if item.path not in work_folders:
        work_folders[item.path] = TemporaryDirectory(prefix="course-test-")
        os.environ["COURSE_WORK"] = work_folders[item.path].name


def pytest_unconfigure():
    for folder in work_folders.values():
        folder.cleanup()


def execute_as_jupyterlab_does(kernel, cell_input, allow_stdin=None):
    """Run a cell with its history: without it a closing `;` hides nothing and `Out` is empty."""
    return kernel.kc.execute(cell_input, allow_stdin=allow_stdin, stop_on_error=False)


nbval.kernel.RunningKernel.execute_cell_input = execute_as_jupyterlab_does
nbval.kernel.pformat = str  # it lays out each message, pictures too, for a log that nobody keeps
