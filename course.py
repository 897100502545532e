#!/usr/bin/env python3
"""Sets the course up, opens it and tests it.

python3 course.py                              open the course in JupyterLab (the default)
python3 course.py test [words for pytest]      run all notebooks and tests, or those named
python3 course.py world --seed N --out FOLDER  write a world with other people and figures
python3 course.py refresh NN ...               run chapters again and store their outputs
python3 course.py bench                        measure speed against the budgets
python3 course.py doctor                       say what works on this machine and what does not

Needs Python 3.11 or newer and nothing else. The first run makes the folder .venv; if in doubt
delete it and run again. On Windows write `py course.py`.
"""

# Only syntax that Python 3.6 can read, so that an old Python gets as far as the sentence in main().

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import webbrowser
from pathlib import Path

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent
WORK = Path(os.environ.get("COURSE_WORK") or ROOT / "work").expanduser().resolve()
NOTEBOOKS = ROOT / "notebooks"
VENV = ROOT / ".venv"
BIN = "Scripts" if os.name == "nt" else "bin"
PYTHON = VENV / BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "course.json"
FONT_CACHE = VENV / "matplotlib"
MADE_FROM = ("uv.lock", "pyproject.toml", "course.py")
DISK_NEEDED_MB = 1200
FIRST_PAGE = "00_start_here.ipynb"

# What every student gets until they choose otherwise in JupyterLab's settings.
LAB_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 30},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # slides, find in page
    "@jupyterlab/toc-extension:registry": {"includeOutput": False},
}
# The first look: the table of contents on the left, beside the notebook.
LAB_WORKSPACE = {
    "data": {
        "layout-restorer:data": {
            "main": {"dock": None},
            "left": {
                "collapsed": False,
                "visible": True,
                "current": "table-of-contents",
                "widgets": ["filebrowser", "running-sessions", "table-of-contents"],
            },
            "right": {"collapsed": True, "visible": True, "widgets": []},
            "relativeSizes": [0.2, 0.8, 0],
        }
    },
    "metadata": {"id": "default"},
}
REMEDIES = (
    (
        "no space left|not enough space|os error 28|disk quota",
        "The disk is full: free about {} MB and run the same command again.".format(DISK_NEEDED_MB),
    ),
    (
        "read-only file system|permission denied|access is denied|os error (30|13|5)\\b",
        "This folder cannot be written to: copy the course to a folder of your own and run it "
        "there.",
    ),
    (
        "dns error|error sending request|failed to (fetch|download)|could ?n.t connect|timed? ?out"
        "|connection (refused|reset|error)|name resolution|network is unreachable|getaddrinfo"
        "|network connectivity is disabled|max retries|newconnectionerror|certificate",
        "The packages could not be downloaded: connect to the Internet (behind a proxy, set "
        "HTTPS_PROXY) and run the same command again.",
    ),
)


class Stop(Exception):
    """A failure, told to the user in one sentence that says what to do."""


# ---------------------------------------------------------------- the environment


def base_python():
    """Return the Python that environments are made from, even when one of them runs this file."""
    return getattr(sys, "_base_executable", None) or sys.executable


def child_env(work=WORK):
    """Return the variables for everything started here: this course's, none of another Jupyter's.

    Settings, kernels and start-up files of the user's other Pythons stay outside, so that the
    course behaves alike for all; what the student changes in JupyterLab is kept in the work folder.
    """
    foreign = {"PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "MPLBACKEND"}
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in foreign and not name.startswith(("JUPYTER", "IPYTHON"))
    }
    env.update(
        PYTHONUTF8="1",
        MPLCONFIGDIR=str(FONT_CACHE),
        UV_PROJECT_ENVIRONMENT=str(VENV),
        COURSE_WORK=str(work),
        JUPYTER_CONFIG_DIR=str(work / ".jupyter"),
        JUPYTER_DATA_DIR=str(work / ".jupyter" / "data"),
        JUPYTER_PREFER_ENV_PATH="1",
        IPYTHONDIR=str(work / ".jupyter" / "ipython"),
    )
    return env


def explain(output, *, doing):
    """Turn a failed command's output into the sentence that the user needs."""
    for pattern, sentence in REMEDIES:
        if re.search(pattern, output, re.IGNORECASE):
            return sentence
    tail = "\n".join("    " + line for line in output.strip().splitlines()[-12:])
    return "{}\n{} failed: delete the folder {} and run the same command again.".format(
        tail, doing, VENV
    )


def run_quietly(command, *, doing):
    """Run a command behind one moving line; raise Stop with a sentence when it fails."""
    started, lines = time.monotonic(), [""]
    moving = sys.stdout.isatty()

    def read():
        for line in process.stdout:
            lines.append(line.rstrip())

    print("  {} ...".format(doing), end="", flush=True)
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=str(ROOT),
        env=child_env(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while process.poll() is None:
            if moving:
                seconds = time.monotonic() - started
                line = "\r  {} ... {:.0f} s  {:40.40}".format(doing, seconds, lines[-1].strip())
                print(line, end="", flush=True)
            time.sleep(0.1)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        reader.join(timeout=5)
        clear = "\r  {} ...".format(doing) if moving else ""
        print("{} {:.0f} s{}".format(clear, time.monotonic() - started, " " * 44 * moving))
    if process.returncode != 0:
        raise Stop(explain("\n".join(lines), doing=doing))


def fingerprint():
    """Return one hash of all that decides what the environment holds."""
    digest = hashlib.sha256()
    for name in MADE_FROM:
        digest.update((ROOT / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def read_json(path):
    """Return a JSON file's object, or an empty one when it is missing or broken."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_file(path, content):
    """Write bytes so that a reader finds the old file or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".part")
    half.write_bytes(content)
    os.replace(str(half), str(path))


def write_json(path, value):
    """Write an object as JSON, whole or not at all."""
    text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)
    write_file(path, (text + "\n").encode("utf-8"))


def environment_version():
    """Return the version of Python in .venv, or None when it does not run."""
    ask = [str(PYTHON), "-c", "import sys; print(sys.version)"]
    try:
        return subprocess.run(
            ask, env=child_env(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        return None


def is_ready(*, dev):
    """Tell whether .venv is finished, whole, here, and made from the lock as it is now."""
    stamp = read_json(STAMP)
    return (
        stamp.get("finished") is True
        and stamp["made_from"] == fingerprint()
        and stamp["folder"] == str(ROOT)
        and stamp["dev"] >= dev
        and stamp["python"] == environment_version()
    )


@contextlib.contextmanager
def one_at_a_time():
    """Hold a lock that the system frees even when this program is killed."""
    with open(str(ROOT / ".venv.lock"), "a+") as handle:
        if os.name == "nt":
            import msvcrt

            def take():
                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)

        else:
            import fcntl

            def take():
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

        waiting = False
        while True:
            try:
                take()
                break
            except OSError:
                if not waiting:
                    print("  Another run is setting up this folder; waiting for it ...", flush=True)
                waiting = True
                time.sleep(0.5)
        yield


def make_environment():
    """Make an empty .venv in the place of any other, with uv or else with Python's own venv."""
    try:
        if VENV.exists():
            shutil.rmtree(str(VENV))
    except OSError:
        raise Stop(
            "The folder {} is in use: close the course's JupyterLab and run again.".format(VENV)
        ) from None
    uv = find_uv()
    if uv:
        run_quietly([uv, "venv", "--python", base_python(), VENV], doing="Making .venv")
        return
    probe = [base_python(), "-c", "import venv, ensurepip"]
    if subprocess.call(probe, stderr=subprocess.DEVNULL) != 0:
        raise Stop(
            "This Python lacks its module venv: install it (Debian, Ubuntu: "
            "`sudo apt install python3-venv`) and run the same command again."
        )
    run_quietly([base_python(), "-m", "venv", VENV], doing="Making .venv")


def find_uv():
    """Return the uv to use: the one installed here before, or a working one on PATH, or None."""
    own = VENV / "uv" / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    for candidate in (own, shutil.which("uv")):
        with contextlib.suppress(OSError):
            if candidate and not subprocess.call(
                [str(candidate), "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ):
                return candidate
    return None


def install_uv():
    """Put uv into a corner of .venv with pip; return None where no uv is to be had."""
    corner = VENV / "uv"
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--target", corner, "uv"]
    try:
        run_quietly(command, doing="Fetching uv, a faster installer")
    except Stop:
        print("  No uv for this machine: using pip, which takes longer.")
        return None
    return corner / "bin" / ("uv.exe" if os.name == "nt" else "uv")


def install_packages(uv, *, dev):
    """Install exactly what the lock names, compiled, and the course itself as editable."""
    doing = "Installing packages{}".format(" for tests" if dev else "")
    if uv:
        groups = ["--group", "dev"] if dev else ["--no-dev"]
        command = [uv, "sync", "--frozen", "--compile-bytecode", "--python", PYTHON]
        run_quietly(command + groups, doing=doing)
        return
    pip = [PYTHON, "-m", "pip", "install", "--no-deps"]  # the lock overrides one dependency
    listing = "requirements-dev.txt" if dev else "requirements.txt"
    run_quietly(pip + ["-r", ROOT / listing], doing=doing + " with pip")
    run_quietly(pip + ["-e", ROOT], doing="Installing the course")


def finish_environment():
    """Add what a first opening would otherwise wait for or stumble over."""
    settings = VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    write_json(settings, LAB_SETTINGS)
    warm = "import matplotlib.font_manager, compileall; "
    warm += "compileall.compile_dir('helpers', quiet=1); compileall.compile_dir('casedata', quiet=1)"
    run_quietly([PYTHON, "-c", warm], doing="Preparing fonts and settings")


def ensure_environment(*, dev=False):
    """Make or mend .venv until it matches the lock; quick and silent when it does already.

    The stamp says "unfinished" from before the first package to after the last step, so a run that
    was cut off is never trusted: the next one starts from an empty folder.
    """
    if is_ready(dev=dev):
        return
    with one_at_a_time():
        if is_ready(dev=dev):
            return
        print("Setting up the course (once; a minute or so):", flush=True)
        stamp = read_json(STAMP)
        usable = stamp.get("finished") is not False and stamp.get("folder", str(ROOT)) == str(ROOT)
        version = environment_version() if usable else None
        if version is None or version != stamp.get("python", version):
            if shutil.disk_usage(str(ROOT)).free < DISK_NEEDED_MB * 1e6:
                raise Stop(REMEDIES[0][1])
            make_environment()
        uv = find_uv() or install_uv()
        dev = dev or bool(stamp.get("dev"))  # opening after a test does not take its tools away
        write_json(STAMP, {"finished": False})
        install_packages(uv, dev=dev)
        finish_environment()
        stamp = {"finished": True, "made_from": fingerprint(), "folder": str(ROOT), "dev": dev}
        write_json(STAMP, dict(stamp, python=environment_version()))


# ---------------------------------------------------------------- the student's copies


def edition(path):
    """Return a hash of what a notebook says (its cells' sources), not of outputs or settings."""
    content = path.read_bytes()
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
        cells = json.loads(content.decode("utf-8"))["cells"]
        said = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
        content = json.dumps(said).encode("utf-8")
    return hashlib.sha256(content).hexdigest()


def copy_chapters(shipped, work):
    """Give the student a copy of each chapter, and never write over a file that they edited.

    A chapter that has changed since replaces a copy still as it was shipped; beside an edited copy
    it is laid under a new name, once. Returns the paths written.
    """
    record = read_json(work / ".shipped.json")
    written = []
    for source in sorted(shipped.glob("*.ipynb")):
        mine, newest, known = work / source.name, edition(source), record.get(source.name)
        if not mine.exists() or (newest != known == edition(mine)):
            target = mine
        elif newest in (known, edition(mine)):
            target = None
        else:
            names = ("{}_new{}.ipynb".format(source.stem, n) for n in ("", *range(2, 1000)))
            target = next(work / name for name in names if not (work / name).exists())
            print(
                "  {} has a newer edition: yours stays as it is, the new one is {}.".format(
                    mine.name, target.name
                )
            )
        if target:
            write_file(target, source.read_bytes())
            written.append(target)
        record[source.name] = newest
    write_json(work / ".shipped.json", record)
    return written


def trust(notebooks):
    """Sign copies, so that JupyterLab shows their stored figures and panels at once."""
    if notebooks:
        sign = "from nbformat.sign import TrustNotebookApp; TrustNotebookApp.launch_instance()"
        run_quietly([PYTHON, "-c", sign, *notebooks], doing="Laying out the chapters")


# ---------------------------------------------------------------- the commands


def lab_command(port):
    """Return the command that starts JupyterLab, for this machine alone, with one kernel to pick."""
    root = ROOT if ROOT in WORK.parents else WORK
    command = [
        *(PYTHON, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"),
        *("--ServerApp.port={}".format(port), "--ServerApp.port_retries=100"),
        *("--ServerApp.root_dir={}".format(root), "--ServerApp.log_level=WARN"),
        *("--KernelSpecManager.allowed_kernelspecs=python3", "--LabApp.collaborative=False"),
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return [str(word) for word in command]


def page_address(server):
    """Return the address of the first page, from what a running server says about itself."""
    root = Path(server["root_dir"])
    page = urllib.parse.quote((WORK / FIRST_PAGE).relative_to(root).as_posix())
    return "{url}lab/tree/{page}?token={token}".format(page=page, **server)


def show_in_browser(address):
    """Open the user's browser, unless this machine has none that would show a page."""
    windowed = os.name == "nt" or sys.platform == "darwin"
    if windowed or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))):
        with contextlib.suppress(webbrowser.Error):
            webbrowser.open(address)


def stop_server(process, server):
    """Ask the server to end its kernels and itself; insist after ten seconds."""
    if process.poll() is None and server:
        request = urllib.request.Request(server["url"] + "api/shutdown", method="POST")
        request.add_header("Authorization", "token " + server["token"])
        with contextlib.suppress(OSError):
            urllib.request.urlopen(request, timeout=5).close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10 if server else 0)
    if process.poll() is None:
        process.terminate()
        process.wait()


def open_course(words):
    """Open the student's copy of the first page in JupyterLab, until Ctrl-C."""
    ensure_environment()
    trust(copy_chapters(NOTEBOOKS, WORK))
    layout = WORK / ".jupyter" / "lab" / "workspaces" / "default-37a8.jupyterlab-workspace"
    if not layout.exists():
        write_json(layout, LAB_WORKSPACE)
    log = WORK / ".jupyter" / "server.log"
    runtime = Path(tempfile.mkdtemp(prefix="course-"))
    env = dict(child_env(), JUPYTER_RUNTIME_DIR=str(runtime), JUPYTER_TOKEN=secrets.token_hex(16))
    # Out of the terminal's reach, so that Ctrl-C comes here first and the end is an orderly one.
    apart = {"creationflags": 0x200} if os.name == "nt" else {"start_new_session": True}
    server = {}
    with log.open("wb") as output:
        process = subprocess.Popen(
            lab_command(8888), cwd=str(ROOT), env=env, stdout=output, stderr=output, **apart
        )
    try:
        while process.poll() is None and not server:
            time.sleep(0.05)
            server = next(map(read_json, runtime.glob("jpserver-*.json")), {})
        if server:
            print("The course is open at\n\n    {}\n".format(page_address(server)))
            print("Leave this window open while you work; Ctrl-C here closes it.", flush=True)
            if "--no-browser" not in words:
                show_in_browser(page_address(server))
            process.wait()
    except KeyboardInterrupt:
        print("\nClosing ...", flush=True)
    finally:
        stop_server(process, server)
        shutil.rmtree(str(runtime), ignore_errors=True)
    if not server:
        raise Stop("JupyterLab did not start: see {} and run `course.py doctor`.".format(log))
    return 0


def test(words):
    """Run all notebooks against their stored outputs, then all tests; or pytest on what is named."""
    ensure_environment(dev=True)
    pytest = [str(PYTHON), "-m", "pytest"]
    parts = {"tests": pytest + words}
    if not words and any(NOTEBOOKS.rglob("*.ipynb")):
        sanitise = "--nbval-sanitize-with={}".format(ROOT / "tests" / "nbval_sanitize.cfg")
        nbval = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60", sanitise]
        workers = ["-n", "2", "--dist", "loadfile", "-q"]
        parts = {"notebooks": pytest + nbval + workers + [str(NOTEBOOKS)], **parts}
    lines = []
    for part, command in parts.items():
        with tempfile.TemporaryDirectory(prefix="course-test-") as work:
            env = child_env(Path(work))
            env.pop("COURSE_SEED", None)  # stored outputs are those of the committed world
            started = time.monotonic()
            failed = subprocess.call(command, cwd=str(ROOT), env=env)
        word = "FAILED" if failed else "passed"
        lines.append((failed, "{} {} ({:.0f} s)".format(part, word, time.monotonic() - started)))
    print("\n" + "; ".join(line for _, line in lines))
    return int(any(failed for failed, _ in lines))


def world(words):
    """Write a world of another seed."""
    return tool(["-m", "casedata.generate", *words])


def refresh(words):
    """Run chapters again and store their outputs."""
    return tool([str(ROOT / "tools" / "refresh.py"), *words])


def bench(words):
    """Measure speed against the budgets."""
    return tool([str(ROOT / "tools" / "bench.py"), *words], dev=True)


def doctor(words):
    """Say what works on this machine and what does not; needs no environment to run."""
    return subprocess.call([sys.executable, str(ROOT / "tools" / "doctor.py")])


def tool(command, *, dev=False):
    """Run one of the course's own programs in its environment."""
    ensure_environment(dev=dev)
    return subprocess.call([str(PYTHON), *command], env=child_env())


def main(words):
    """Run the command that the words name; return the exit code."""
    if sys.version_info < OLDEST_PYTHON:
        return (
            "The course needs Python 3.11 or newer and this is {}.{}: get one from python.org and "
            "run it with that, for instance `python3.12 course.py`.".format(*sys.version_info)
        )
    commands = {"open": open_course, "test": test, "world": world, "refresh": refresh}
    commands.update(bench=bench, doctor=doctor)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a console that cannot write a folder's name
    if words and words[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    name = words.pop(0) if words and not words[0].startswith("-") else "open"
    if name not in commands:
        return "There is no command `{}`: choose one of {}.".format(name, ", ".join(commands))
    for ending in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, ending):
            signal.signal(getattr(signal, ending), signal.default_int_handler)
    try:
        return commands[name](words)
    except KeyboardInterrupt:
        return "\nStopped. Run the same command again to go on."
    except Stop as stop:
        return str(stop)
    except OSError as error:
        names = {errno.ENOSPC: "no space left", errno.EDQUOT: "disk quota"}
        names.update({errno.EROFS: "permission denied", errno.EACCES: "permission denied"})
        return explain(names.get(error.errno, str(error)), doing="Working on the files")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
