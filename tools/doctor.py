"""Says in OK and FAIL lines what works on this machine, and what to do about the rest.

Standard library only, like all that runs outside the environment.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Iterator

from tools.environment import (
    DISK_NEEDED_MB,
    FONT_CACHE,
    PYTHON,
    ROOT,
    VENV,
    WORK,
    child_env,
    is_ready,
    read_json,
)
from tools.opening import ADDRESS, FIRST_PORT, PORTS_TRIED

KERNEL_CHECK = """
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3", startup_timeout=30)
reply = client.execute_interactive("import helpers, casedata, pandas", timeout=30)
manager.shutdown_kernel(now=True)
raise SystemExit(reply["content"]["status"] != "ok")
"""


def checks() -> Iterator[tuple[bool, str, str]]:
    """Yield for each check whether it passed, what was looked at, and the remedy if it did not."""
    yield True, f"Python {sys.version.split()[0]} ({sys.executable})", ""
    ready = is_ready(dev=False)
    yield ready, f"environment {VENV} matches the lock", "run `python3 course.py`, it mends it"
    if ready:
        yield (
            _runs(KERNEL_CHECK),
            "a kernel starts and imports the course",
            f"delete {VENV} and run `python3 course.py`",
        )
        yield any(FONT_CACHE.glob("fontlist*")), "fonts are listed", f"delete {VENV}, run again"
    missing = _missing_tables()
    yield (
        not missing,
        "the data of the course is complete",
        f"missing or damaged: {', '.join(missing)}; unzip the course again",
    )
    yield _writable(), f"your work can be saved in {WORK}", "name another folder in COURSE_WORK"
    free_mb = shutil.disk_usage(ROOT).free / 1e6
    yield free_mb > DISK_NEEDED_MB, f"{free_mb:,.0f} MB free on the disk", f"free {DISK_NEEDED_MB}"
    yield _has_browser(), "a browser", "copy the address that is printed into one of your own"
    port = _free_port()
    yield port is not None, f"port {port} is free", "close programs that serve pages here"


def _runs(program: str) -> bool:
    """Tell whether a program ends well in the environment."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.call([PYTHON, "-c", program], env=child_env(), **quiet) == 0


def _missing_tables() -> list[str]:
    """Return the names of data files that the dictionary lists and the folder lacks."""
    package = ROOT / "casedata" / "datapackage.json"
    try:
        tables = [str(table["path"]) for table in read_json(package)["resources"]]
    except (LookupError, TypeError):
        return [package.name]
    paths = [ROOT / "casedata" / name for name in tables]
    kept = [(path, path.with_suffix(".sealed")) for path in paths]  # sealed: a hand-out's truth
    return [path.name for path, sealed in kept if not (path.is_file() or sealed.is_file())]


def _writable() -> bool:
    """Tell whether a file can be made in the work folder."""
    try:
        WORK.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=WORK).close()
    except OSError:
        return False
    return True


def _has_browser() -> bool:
    """Tell whether Python knows a browser here."""
    try:
        return bool(webbrowser.get())
    except webbrowser.Error:
        return bool(os.environ.get("BROWSER"))


def _free_port() -> int | None:
    """Return the port that JupyterLab will take: the first that nobody listens on."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        with socket.socket() as probe:
            if probe.connect_ex((ADDRESS, port)) != 0:
                return port
    return None


def report() -> int:
    """Print a line per check; return 0 when all passed."""
    failures = 0
    for passed, what, remedy in checks():
        print(f"OK    {what}" if passed else f"FAIL  {what}: {remedy}", flush=True)
        failures += not passed
    return int(failures > 0)
