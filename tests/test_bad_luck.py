"""Bad luck: kernels die, servers are killed, clocks are wrong. Nothing that was saved is lost."""

import contextlib
import http.server
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import browser
import pytest
from jupyter_client.manager import start_new_kernel

from helpers import data, kernel
from tools import handout, opening

# What a student has done before.
KEPT = {
    "exercises": {"3.1": {"tries": 2, "first_right": "2025-09-01T08:00:00+00:00"}},
    "predictions": {"03.top20": {"guess": 60}},
    "recall": {"03.1": {"tries": 1}},
    "boards": {"7a.3": {"ratings": {"returns": {"quality": "for"}}, "commits": []}},
}


def processes(wanted: Callable[[Path], bool]) -> list[int]:
    """The processes of which this is true; those that end meanwhile are none."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted(process):
                found.append(int(process.name))
    return found


def test_a_kernel_killed_in_the_middle_of_a_chapter_takes_nothing_along(page, tmp_path):
    (tmp_path / "progress.json").write_text(
        json.dumps({"schema": 1, "worlds": {"seed 2025": KEPT}}), encoding="utf-8"
    )
    with browser.course(tmp_path) as address:
        browser.open_notebook(page, address, "03_segmentation.ipynb")
        before = page.evaluate(f"{browser.IN_FRONT}.model.toJSON().cells.map(cell => cell.source)")
        browser.run_all(page)
        (victim,) = processes(
            lambda process: (
                "ipykernel_launcher" in (process / "cmdline").read_text()
                and f"COURSE_WORK={tmp_path}\0" in (process / "environ").read_text()
            )
        )
        os.kill(victim, signal.SIGKILL)
        said = page.locator(".jp-Dialog")
        said.get_by_text("It will restart automatically").wait_for()
        said.get_by_role("button").click()
        page.wait_for_function(browser.READY, arg="")

        # Who goes on from the middle is told what to do, and no cell is written into the chapter.
        middle = before.index('recall("03")')
        page.evaluate(f"{browser.IN_FRONT}.content.activeCellIndex = {middle}")
        browser.command(page, "notebook:run-all-below")
        page.get_by_text(kernel.NOTHING_OF_THIS_NAME).first.wait_for()
        page.wait_for_function(browser.READY, arg="")
        browser.run_all(page)
        assert browser.errors(page) == []
        cells = page.evaluate(f"{browser.IN_FRONT}.model.toJSON().cells.map(cell => cell.source)")
        assert cells == before
    kept = json.loads((tmp_path / "progress.json").read_text("utf-8"))["worlds"]["seed 2025"]
    for section, entries in KEPT.items():
        for name, entry in entries.items():
            assert kept[section][name].items() >= entry.items()


def test_a_name_that_is_missing_is_explained_and_no_magic_takes_its_place():
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=60)
    heard = []
    ask = partial(client.execute_interactive, timeout=60, output_hook=heard.append)
    try:
        replies = [ask(code)["content"] for code in ('recall("03")', "history", "1 / 0")]
    finally:
        manager.shutdown_kernel(now=True)
        client.stop_channels()
    assert [reply["ename"] for reply in replies] == ["NameError", "NameError", "ZeroDivisionError"]
    said = [each["content"]["text"] for each in heard if each["msg_type"] == "stream"]
    assert said == [kernel.NOTHING_OF_THIS_NAME + "\n"] * 2


def test_a_killed_server_leaves_nothing_in_the_way_of_the_next(tmp_path):
    """Killed with all that it started, without a chance to tidy up; what was saved is opened."""
    command = [sys.executable, "-uc", browser.OPEN]
    env = os.environ | {"COURSE_WORK": str(tmp_path)}
    first = subprocess.Popen(command, cwd=handout.ROOT, env=env, stdout=subprocess.PIPE, text=True)
    next(line for line in first.stdout if "http://" in line)
    log = tmp_path / ".jupyter" / "server.log"
    for process in (first.pid, *processes(lambda process: (process / "fd/1").samefile(log))):
        with contextlib.suppress(ProcessLookupError):  # what the server had started for a moment
            os.kill(process, signal.SIGKILL)
    first.wait()
    first.stdout.close()
    chapter = tmp_path / "03_segmentation.ipynb"
    chapter.write_text(chapter.read_text("utf-8").replace("Segmentation", "My notes", 1), "utf-8")
    mine = chapter.read_bytes()
    with browser.course(tmp_path) as address, urllib.request.urlopen(address, timeout=30) as page:
        assert page.status == 200
    assert chapter.read_bytes() == mine


# Stands in for a JupyterLab whose port another copy takes in the last moment, the first time.
LATE = """
import http.server, json, os, pathlib, sys
runtime, work = map(pathlib.Path, (os.environ["JUPYTER_RUNTIME_DIR"], os.environ["COURSE_WORK"]))
token, port, first = os.environ["JUPYTER_TOKEN"], int(sys.argv[1]), work / "first"

def tell(port):
    told = {"port": port, "token": token, "url": f"http://127.0.0.1:{port}/", "root_dir": str(work)}
    (runtime / f"jpserver-{os.getpid()}.json").write_text(json.dumps(told))

if not first.exists():
    first.touch()
    tell(port)
    sys.exit("the port is taken")

class Lab(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.headers["Authorization"] == f"token {token}" else 403)
        self.end_headers()
    def do_POST(self):
        os._exit(0)

server = http.server.HTTPServer(("127.0.0.1", 0), Lab)
tell(server.server_port)
server.serve_forever()
"""


def test_of_two_copies_that_start_at_once_each_opens_its_own(tmp_path, monkeypatch, capsys):
    def closed_soon(address):
        raise KeyboardInterrupt

    monkeypatch.setattr(opening, "show_in_browser", closed_soon)
    with served(b"another copy", status=403) as other:
        command = [sys.executable, "-c", LATE, re.search(r":(\d+)/", other)[1]]
        monkeypatch.setattr(opening, "lab_command", lambda **_: command)
        opening.serve(tmp_path / "page.ipynb", browser=True, work=tmp_path)
    said = capsys.readouterr().out
    assert "lab/tree/page.ipynb?token=" in said and other.removesuffix("lab") not in said


def test_a_lab_that_cannot_start_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "lab_command", lambda **_: [sys.executable, "-c", "1 / 0"])
    with pytest.raises(opening.Stop, match=r"the last lines of .*server\.log say why"):
        opening.serve(tmp_path / "page.ipynb", browser=False, work=tmp_path)
    assert "ZeroDivisionError" in (tmp_path / ".jupyter" / "server.log").read_text()


def test_a_server_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(opening, "PATIENCE_S", 0.3)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(); "
    program = [sys.executable, "-uc", f"{deaf}time.sleep(60)"]
    process = subprocess.Popen(program, stdout=subprocess.PIPE)
    process.stdout.readline()
    opening.stop(process, {})
    assert process.poll() is not None
    process.stdout.close()


@contextlib.contextmanager
def served(content: bytes, *, status: int = 200) -> Iterator[str]:
    """Answer all requests with this content; yield the address."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer((opening.ADDRESS, 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{opening.ADDRESS}:{server.server_port}/lab"
        server.shutdown()


def test_a_browser_is_started_without_the_token(monkeypatch):
    """Other users of the machine can read what programs were started with."""
    asked = []
    monkeypatch.setattr(webbrowser, "open", asked.append)
    monkeypatch.setenv("BROWSER", "any")
    with served(b"here you are") as address:
        opening.show_in_browser(f"{address}?token=secret")
        (way,) = asked
        assert "secret" not in way and way.startswith("http://127.0.0.1:")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(re.sub(r"[^/]+$", "guessed", way), timeout=10)
        with urllib.request.urlopen(way, timeout=10) as page:
            assert page.url == f"{address}?token=secret" and page.read() == b"here you are"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(way, timeout=10)


@pytest.mark.parametrize(("year", "kept"), [(1970, 1980), (2199, 2107)])
def test_a_clock_wrong_by_decades_makes_a_hand_out_all_the_same(year, kept, tmp_path, monkeypatch):
    wrong = time.struct_time((year, 1, 2, 3, 4, 5, 0, 2, 0))
    monkeypatch.setattr(time, "localtime", lambda *_: wrong)
    handout.pack(tmp_path / "class.zip", ["00"], [2025])
    with zipfile.ZipFile(tmp_path / "class.zip") as archive:
        assert archive.testzip() is None
        assert {entry.date_time[0] for entry in archive.infolist()} == {kept}


def test_two_editions_of_the_course_share_no_world(tmp_path, monkeypatch):
    """All copies of a user keep their worlds in one folder."""
    edition = tmp_path / "casedata"
    (edition / "generate").mkdir(parents=True)
    for name in ("generate/club.py", "datapackage.json"):
        (edition / name).write_text("{}", encoding="utf-8")
    monkeypatch.setattr(data, "COMMITTED", edition)
    seen = {data._generator_version()}
    for name in ("generate/club.py", "datapackage.json"):
        (edition / name).write_text('{"changed": 1}', encoding="utf-8")
        seen.add(data._generator_version())
    assert len(seen) == 3
