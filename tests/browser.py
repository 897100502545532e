"""Drives JupyterLab in a real browser: opens the course as `course.py` does, runs it, looks at it.

From a shell, to see what a student or an instructor sees (pictures land in the folder --out):

    .venv/bin/python tests/browser.py 03_segmentation.ipynb --run --out /tmp/look
    .venv/bin/python tests/browser.py 03_segmentation.ipynb --run --slides 12 --out /tmp/look
    .venv/bin/python tests/browser.py /some/where/trial.ipynb --run --cells --width 900 --out look

A name alone is a chapter of notebooks/, copied as a student gets it; a path is a notebook that is
copied beside the chapters. --run runs all cells, --cells takes one picture per output with a
figure or a panel in it, --slides N shows the first N slides; console messages are printed.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

# What `course.py open` does, once the environment stands.
OPEN = """
from tools import environment, opening
opening.copy_chapters(environment.ROOT / "notebooks", environment.WORK)
opening.serve(browser=False)
"""


@contextlib.contextmanager
def course(work: Path, *, program: str = OPEN) -> Iterator[str]:
    """Serve the course with `work` as the student's folder; yield the address of its first page."""
    settings = work / ".jupyter"
    settings.mkdir(parents=True, exist_ok=True)
    # Lets `run_all` call JupyterLab's own command and wait for it, instead of watching prompts.
    (settings / "jupyter_lab_config.json").write_text(
        json.dumps({"LabApp": {"expose_app_in_browser": True}})
    )
    server = subprocess.Popen(
        [sys.executable, "-uc", program],
        cwd=ROOT,
        env=os.environ | {"COURSE_WORK": str(work)},
        stdout=subprocess.PIPE,
        text=True,
        # Whoever was started in the background passes on that it is deaf to Ctrl+C.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    try:
        for line in server.stdout:
            if address := re.search(r"http://\S+", line):
                yield address[0]
                return
        raise RuntimeError(f"The course did not open: see {settings / 'server.log'}.")
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)


@contextlib.contextmanager
def browser_page(*, width: int = 1280, height: int = 720) -> Iterator[Page]:
    """Yield an empty page of Debian's Chromium; its console messages collect in `page.said`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        page.set_default_timeout(120_000)  # a busy machine is no fault
        page.said = []
        page.on("console", lambda message: page.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: page.said.append(f"error: {error}"))
        yield page
        browser.close()


IN_FRONT = "window.jupyterapp.shell.currentWidget"
READY = f"""name => {{
  const panel = {IN_FRONT};
  return panel?.context?.path?.endsWith(name)
    && panel.sessionContext.session?.kernel?.status === 'idle';
}}"""


def open_notebook(page: Page, address: str, name: str) -> None:
    """Open a notebook of the student's folder; return when its kernel is ready."""
    page.goto(re.sub(r"[^/]+\.ipynb", name, address))
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
    page.wait_for_function(READY, arg=name)


def notebook(page: Page) -> Locator:
    """The notebook in front; others may lie open behind it."""
    return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")


def command(page: Page, name: str) -> None:
    """Execute a command of JupyterLab, as from its menu, and wait until it is done."""
    page.evaluate("name => window.jupyterapp.commands.execute(name)", name)


def run_all(page: Page) -> None:
    """Run All Cells, and wait until the kernel has nothing more to do."""
    command(page, "notebook:run-all-cells")
    page.wait_for_function(READY, arg="")


def errors(page: Page) -> list[str]:
    """The error outputs and warnings that stand in the notebook."""
    kinds = ("application/vnd.jupyter.error", "application/vnd.jupyter.stderr")
    selector = ", ".join(f'[data-mime-type="{kind}"]' for kind in kinds)
    return notebook(page).locator(selector).all_inner_texts()


def start_slides(page: Page) -> None:
    """Present from the first cell on."""
    page.evaluate(f"{IN_FRONT}.content.activeCellIndex = 0")
    page.evaluate(f"{IN_FRONT}.content.node.focus()")  # away from a control that takes keys
    command(page, "deck:start")


def look(page: Page, folder: Path, name: str) -> None:
    """Store a picture of the window."""
    page.wait_for_timeout(500)  # fonts and pictures settle
    page.screenshot(path=folder / f"{name}.png")
    print(folder / f"{name}.png")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebook")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--run", action="store_true")
    parser.add_argument("--cells", action="store_true")
    parser.add_argument("--slides", type=int, default=0)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=720)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work, name = Path(folder), Path(asked.notebook).name
        if asked.notebook != name:
            shutil.copy(asked.notebook, work)
        with course(work) as address, browser_page(width=asked.width, height=asked.height) as page:
            open_notebook(page, address, name)
            if asked.run:
                run_all(page)
                print(f"errors: {errors(page)}")
            look(page, asked.out, "top")
            shown = notebook(page).locator(
                ".jp-OutputArea:has(img), .jp-OutputArea:has(.jupyter-widgets)"
            )
            for number in range(shown.count() if asked.cells else 0):
                shown.nth(number).scroll_into_view_if_needed()
                look(page, asked.out, f"cell_{number:02}")
            if asked.slides:
                start_slides(page)
            for number in range(asked.slides):
                look(page, asked.out, f"slide_{number:02}")
                page.keyboard.press("Space")
            print(*page.said, sep="\n")


if __name__ == "__main__":
    main()
