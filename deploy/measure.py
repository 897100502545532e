"""Lets many students start at once on a JupyterHub of this machine, and says what each one takes.

    python measure.py --students 20 03     (beside `jupyterhub -f trial_config.py`)

Each student starts a server and runs the chapter to its end. Times are from the same moment on;
memory is the proportional set size, in which a page that twenty share counts a twentieth for each.
Linux only.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import time
import uuid
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

HUB = "http://127.0.0.1:8000"
AUTHORISED = {"Authorization": f"token {os.environ.get('COURSE_HUB_TOKEN')}"}
NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
WAIT_S = 300


async def ask(method: str, path: str, body: object = None) -> object:
    """Return what the hub or a student's server answers, from JSON."""
    request = HTTPRequest(
        HUB + path,
        method=method,
        headers=AUTHORISED,
        body=None if body is None else json.dumps(body),
        allow_nonstandard_methods=True,
        request_timeout=WAIT_S,
    )
    answer = await AsyncHTTPClient().fetch(request)
    return json.loads(answer.body or "null")


async def start_server(student: str) -> None:
    """Start a student's server; return when it is ready."""
    with contextlib.suppress(HTTPClientError):  # known from an earlier run
        await ask("POST", f"/hub/api/users/{student}")
    await ask("POST", f"/hub/api/users/{student}/server")
    while not (await ask("GET", f"/hub/api/users/{student}"))["servers"][""]["ready"]:
        await asyncio.sleep(0.25)


async def run_chapter(student: str, cells: list[str]) -> None:
    """Run cells in a new kernel of the student; return when the last is done."""
    kernel = await ask("POST", f"/user/{student}/api/kernels", {"name": "python3"})
    address = f"{HUB.replace('http', 'ws')}/user/{student}/api/kernels/{kernel['id']}/channels"
    request = HTTPRequest(address, headers=AUTHORISED, request_timeout=WAIT_S)
    socket = await websocket_connect(request, max_message_size=1 << 28)
    for code in cells:
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"}
        header |= {"username": student, "session": student, "date": ""}
        message = {"header": header, "parent_header": {}, "metadata": {}, "channel": "shell"}
        content = {"code": code, "silent": False, "stop_on_error": True}
        await socket.write_message(json.dumps(message | {"content": content}))
        while True:
            said = json.loads(await socket.read_message())
            if said["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            if said["msg_type"] == "execute_reply":
                assert said["content"]["status"] == "ok", said["content"]
                break
    socket.close()


def memory() -> dict[str, dict[str, float]]:
    """Return MB by student, of the server and of kernels."""
    found: dict[str, dict[str, float]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = dict(
                entry.split("=", 1)
                for entry in (process / "environ").read_text().split("\0")
                if "=" in entry
            )
            command = (process / "cmdline").read_text()
            rollup = (process / "smaps_rollup").read_text()
        except (OSError, UnicodeDecodeError):
            continue  # it ended, or is another user's
        if student := environment.get("JUPYTERHUB_USER"):
            kind = "kernel" if "ipykernel" in command else "server"
            used = found.setdefault(student, {"server": 0, "kernel": 0})
            used[kind] += int(rollup.split("\nPss:")[1].split()[0]) / 1024
    return found


def show(what: str, values: list[float], unit: str) -> None:
    """Print the middle and the largest of some values."""
    print(f"{what:38} {statistics.median(values):6.1f} {max(values):6.1f} {unit}", flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("chapter")
    parser.add_argument("--students", type=int, default=20)
    asked = parser.parse_args()
    (chapter,) = NOTEBOOKS.glob(f"{asked.chapter}_*.ipynb")
    cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
    cells = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    students = [f"student{number:03}" for number in range(1, asked.students + 1)]
    before = memory()
    if before:
        raise SystemExit(f"{len(before)} students are at work: stop their servers first.")

    async def all_at_once(do, *more) -> list[float]:
        started = time.monotonic()

        async def timed(student: str) -> float:
            await asyncio.wait_for(do(student, *more), WAIT_S)
            return time.monotonic() - started

        return await asyncio.gather(*map(timed, students))

    try:
        print(f"{asked.students} at once, load {os.getloadavg()[0]:.1f}          middle largest")
        show("server ready", await all_at_once(start_server), "s")
        show("memory: server alone", [each["server"] for each in memory().values()], "MB")
        ran = await all_at_once(run_chapter, cells)
        show(f"chapter {asked.chapter} run to its end", ran, "s")
        used = memory().values()
        for kind in ("server", "kernel"):
            show(f"memory: {kind}", [each[kind] for each in used], "MB")
        show("memory: student", [each["server"] + each["kernel"] for each in used], "MB")
        print(f"load {os.getloadavg()[0]:.1f}")
    finally:
        for student in students:
            await ask("DELETE", f"/hub/api/users/{student}")


asyncio.run(main())
