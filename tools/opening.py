"""Lays out the student's copies of the chapters and opens them in JupyterLab.

Standard library only, like all that runs outside the environment.
"""

import contextlib
import hashlib
import http.client
import http.server
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import webbrowser
from pathlib import Path

from tools.environment import (
    NUMBER,
    PYTHON,
    ROOT,
    WORK,
    Stop,
    child_env,
    read_json,
    run_quietly,
    write_file,
    write_json,
)

FIRST_PAGE = "00_start_here.ipynb"
ADDRESS = "127.0.0.1"
FIRST_PORT = 8888
PORTS_TRIED = 100
STARTS = 3  # two copies that start at once may choose the same port
PATIENCE_S = 10  # with a JupyterLab that is to end
WELCOME = """The course is open at

    {page}

Leave this window open while you work; Ctrl-C here closes it."""

# The first look of JupyterLab: the table of contents on the left of the notebook.
TABLE_OF_CONTENTS = "@jupyterlab/toc:plugin"
LAYOUT = {
    "main": {"dock": None},
    "left": {
        "collapsed": False,
        "visible": True,
        "current": TABLE_OF_CONTENTS,
        "widgets": ["filebrowser", "running-sessions", TABLE_OF_CONTENTS],
    },
    "right": {"collapsed": True, "visible": True, "widgets": []},
    "relativeSizes": [0.22, 0.78, 0],
}
WORKSPACE = {"data": {"layout-restorer:data": LAYOUT}, "metadata": {"id": "default"}}
WORKSPACE_FILE = "lab/workspaces/default-37a8.jupyterlab-workspace"  # the name that JupyterLab uses


def settle_number(words: list[str]) -> None:
    """In a hand-out with a world for each student, ask for the student's number, once.

    It is kept in the work folder, which a newer course does not touch. `--number N` answers too.
    """
    own, mark = WORK / "number.txt", ROOT / "helpers" / "exercises" / "HANDOUT"
    numbers = mark.read_text(encoding="utf-8").split() if mark.exists() else []
    given = words[words.index("--number") + 1 :][:1] if "--number" in words else []
    kept = own.read_text(encoding="utf-8", errors="replace").strip() if own.exists() else ""
    if len(numbers) < 2 or (re.fullmatch(NUMBER, kept) and not given):
        return
    while not given or given[0] not in numbers:
        if given:
            print(f"{given[0]} is not a number of this class: look again.")
        if not sys.stdin.isatty():
            raise Stop("Say which world is yours: `python3 course.py --number` and your number.")
        given = [input("Your number, as your instructor told you: ").strip()]
    write_file(own, given[0].encode())


def edition(notebook: Path) -> str:
    """Return a hash of what a notebook says: its cells' sources, not outputs or settings."""
    content = notebook.read_bytes()
    try:
        cells = json.loads(content)["cells"]
        said = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
        content = json.dumps(said).encode()
    except (ValueError, LookupError, TypeError, RecursionError):
        print(f"{notebook} is damaged and left as it is: rename it to begin that chapter afresh.")
    return hashlib.sha256(content).hexdigest()


def copy_chapters(shipped: Path, work: Path) -> list[Path]:
    """Give the student a copy of each chapter; never write over one that they have edited.

    A chapter that has changed since replaces a copy nobody edited; beside an edited copy it is
    laid under a new name, once. Returns the files written.
    """
    editions = read_json(work / ".shipped.json")  # chapter -> the edition last laid out
    written = []
    for source in sorted(shipped.glob("*.ipynb")):
        copy, newest, last = work / source.name, edition(source), editions.get(source.name)
        mine = edition(copy) if copy.exists() else None
        editions[source.name] = newest
        if mine is not None and newest in (last, mine):
            continue
        target = copy if mine in (None, last) else _free_name(copy)
        write_file(target, source.read_bytes())
        written.append(target)
        if target != copy:
            print(f"{copy.name} has a newer edition: yours is as it was, the new is {target.name}.")
    if written:
        sign = "from nbformat.sign import TrustNotebookApp; TrustNotebookApp.launch_instance()"
        run_quietly([PYTHON, "-c", sign, *written], doing="Laying out the chapters")
    write_json(work / ".shipped.json", editions)
    return written


def _free_name(copy: Path) -> Path:
    """Return the first name of this kind that is not taken: 03_x_new.ipynb, 03_x_new2.ipynb …"""
    number = 1
    while (beside := copy.with_stem(f"{copy.stem}_new{number if number > 1 else ''}")).exists():
        number += 1
    return beside


def lab_command(*, work: Path, extensions: Path | None) -> list[str]:
    """Return the command that starts JupyterLab for this machine alone, with one kernel to pick."""
    options = {
        "ServerApp.ip": ADDRESS,
        "ServerApp.port": FIRST_PORT,
        "ServerApp.port_retries": PORTS_TRIED - 1,
        "ServerApp.root_dir": ROOT if work.is_relative_to(ROOT) else work,
        "KernelSpecManager.allowed_kernelspecs": "python3",
    }
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options["ServerApp.allow_root"] = True
    if extensions:
        options["LabServerApp.extra_labextensions_path"] = extensions
    command = [str(PYTHON), "-m", "jupyterlab", "--no-browser"]
    return command + [f"--{name}={value}" for name, value in options.items()]


def page_address(server: dict, page: Path) -> str:
    """Return a page's address, from what a running server says about itself."""
    place = urllib.parse.quote(page.relative_to(server["root_dir"]).as_posix())
    return f"{server['url']}lab/tree/{place}?token={server['token']}"


def show_in_browser(address: str) -> None:
    """Open the user's browser, unless this machine has none that would show a page."""
    windows = os.name == "nt" or sys.platform == "darwin"
    if windows or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))):
        with contextlib.suppress(webbrowser.Error):
            webbrowser.open(leading_once_to(address))


def leading_once_to(address: str) -> str:
    """Return an address that leads to another, but only once.

    Other users of the machine can read what a browser was started with, and must not get the token.
    """
    way, left = f"/{secrets.token_urlsafe()}", [address]

    class Door(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != way or not left:
                self.send_error(404, explain="Copy the address that the course has printed.")
                return
            self.send_response(303)
            self.send_header("Location", left.pop())
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    door = http.server.ThreadingHTTPServer((ADDRESS, 0), Door)
    threading.Thread(target=door.serve_forever, daemon=True).start()
    return f"http://{ADDRESS}:{door.server_port}{way}"


def ask(server: dict, method: str, path: str) -> int:
    """Send a request to a server of ours; return the status of its answer."""
    connection = http.client.HTTPConnection(ADDRESS, server["port"], timeout=5)
    with contextlib.closing(connection):
        connection.request(method, path, headers={"Authorization": f"token {server['token']}"})
        return connection.getresponse().status


def running_server(runtime: Path) -> dict:
    """Return what our server says about itself, or an empty object while it does not answer.

    Only ours knows the token: another copy's may have been faster to take the port.
    """
    for file in runtime.glob("jpserver-*.json"):
        server = read_json(file)
        with contextlib.suppress(OSError, KeyError, http.client.HTTPException):
            if ask(server, "GET", "/api/status") == http.HTTPStatus.OK:
                return server
    return {}


def stop(process: subprocess.Popen, server: dict) -> None:
    """Ask JupyterLab to end its kernels and itself; insist when it takes too long."""
    if server and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException, subprocess.TimeoutExpired):
            ask(server, "POST", "/api/shutdown")
            process.wait(timeout=PATIENCE_S)
    for insist in (process.terminate, process.kill):
        if process.poll() is None:
            insist()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=PATIENCE_S)


def start_lab(command: list[str], env: dict[str, str], log: Path) -> subprocess.Popen:
    """Start JupyterLab in a group of its own: Ctrl-C comes to us alone, who end it in order."""
    new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    with open(log, "wb") as said:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=not new_group,
            creationflags=new_group,
        )


def serve(
    page: Path = WORK / FIRST_PAGE,
    *,
    browser: bool,
    work: Path = WORK,
    extensions: Path | None = None,
    welcome: str = WELCOME,
) -> None:
    """Run JupyterLab on a page of `work` until Ctrl-C; raise Stop if it cannot start.

    `extensions` holds extensions of JupyterLab beside those installed. `welcome` is printed with
    the page's address and that of the server.
    """
    settings = work / ".jupyter"
    if not (settings / WORKSPACE_FILE).exists():
        write_json(settings / WORKSPACE_FILE, WORKSPACE)
    # Running servers describe themselves in a folder that must be private: not on a USB stick.
    runtime = Path(tempfile.mkdtemp(prefix="course-"))
    token = secrets.token_hex(24)
    env = child_env(work=work) | {"JUPYTER_RUNTIME_DIR": str(runtime), "JUPYTER_TOKEN": token}
    command, log = lab_command(work=work, extensions=extensions), settings / "server.log"
    process, server = None, {}
    try:
        for _ in range(STARTS):
            process = start_lab(command, env, log)
            while process.poll() is None and not server:
                time.sleep(0.05)
                server = running_server(runtime)
            if server:
                break
        else:
            raise Stop(f"JupyterLab did not start: the last lines of {log} say why.")
        address = page_address(server, page)
        print(welcome.format(page=address, server=server["url"]), flush=True)
        if browser:
            show_in_browser(address)
        process.wait()
    except KeyboardInterrupt:
        print("\nClosing ...", flush=True)
    finally:
        if process:
            stop(process, server)
        shutil.rmtree(runtime, ignore_errors=True)
