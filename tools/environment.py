"""Makes the course's environment, .venv, from the lock, and keeps it true to it.

Standard library only: this runs before anything is installed.
"""

import argparse
import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = Path(os.path.realpath(os.path.expanduser(os.environ.get("COURSE_WORK") or ROOT / "work")))
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
OWN_UV = VENV / "uv" / "bin" / ("uv.exe" if WINDOWS else "uv")
STAMP = VENV / "course.json"
FONT_CACHE = VENV / "matplotlib"
MADE_FROM = ("uv.lock", "pyproject.toml", "tools/environment.py")
DISK_NEEDED_MB = 1200
NUMBER = "[0-9]{1,12}"  # of a world, as helpers.data takes it

# What everybody gets until they choose otherwise in JupyterLab's own settings.
LAB_SETTINGS = {
    # Slides in type that the last row can read: 24 px is 18 pt on a screen of 1280 x 720.
    "@deathbeds/jupyterlab-fonts:fonts": {
        "styles": {
            ".jp-Deck": {
                "--jp-content-font-size1": "24px",
                "--jp-code-font-size": "18px",
                "--jp-content-line-height": "1.4",
                "--jp-ui-font-size1": "20px",
            }
        }
    },
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 30},
    "@jupyterlab/extensionmanager-extension:plugin": {"enabled": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # slides, find in page
    "@jupyterlab/toc-extension:registry": {"includeOutput": False, "maximalDepth": 3},
}

# Without automagic: in a kernel that was restarted `recall("03")` would be IPython's own %recall,
# which writes a cell into the notebook.
KERNEL_SETTINGS = {
    "InteractiveShell": {"automagic": False},
    "InteractiveShellApp": {"extensions": ["helpers.kernel"]},
}

# Nobody here rebuilds JupyterLab; looking whether one should costs a second at each opening.
LAB_PAGE = {"buildAvailable": False, "buildCheck": False}

DISK_FULL = f"The disk is full: free {DISK_NEEDED_MB} MB and run the same command again."
NOT_WRITABLE = (
    "The course cannot write here: copy its folder to one of your own and run it there, or name "
    "another folder for your work in COURSE_WORK."
)
DAMAGED = (
    "{} is missing or damaged: unzip the course again over this folder, which leaves your work as "
    "it is, and run the same command again."
)
NO_NETWORK = (
    "The packages could not be fetched: connect to the Internet (behind a proxy, set HTTPS_PROXY) "
    "and run the same command again."
)
PLAIN = {
    errno.ENOENT: "is missing",
    errno.EEXIST: "is in the place of a folder",
    errno.ENOTDIR: "would lie in a file",
    errno.EISDIR: "is a folder, and a file belongs there",
}
NO_CACHE = (
    "The installer cannot write into its cache in your home folder: name another folder in the "
    "variable UV_CACHE_DIR and run the same command again."
)
REMEDIES = {
    r"failed to initialize cache": NO_CACHE,
    r"failed to parse|invalid requirement|requirements file": DAMAGED.format("A list of packages"),
    r"no space left|not enough space|disk quota|os error (28|112|122)\b": DISK_FULL,
    r"read-only file|permission denied|access is denied|os error (5|13|30)\b": NOT_WRITABLE,
    r"dns error|error sending request|failed to (fetch|download)|could ?n.t connect|timed? ?out"
    r"|connection (refused|reset|error)|name resolution|network is unreachable|getaddrinfo"
    r"|network connectivity is disabled|max retries|newconnectionerror|certificate": NO_NETWORK,
}


class Stop(SystemExit):
    """A failure, told in one sentence that says what to do: where none catches it, Python tells."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the words of a command in one sentence."""

    def error(self, message: str) -> None:
        raise Stop(f"{message[0].upper()}{message[1:]}: see `python3 {self.prog} --help`.")


def world_number(text: str) -> int:
    """Return the number of a world that a command names."""
    if not re.fullmatch(NUMBER, text):
        raise argparse.ArgumentTypeError(
            f"a world's number is a whole number of at most 12 digits, and {text[:40]!r} is not one"
        )
    return int(text)


def check_settings() -> None:
    """Stop where a variable that the course reads names no world."""
    seed = os.environ.get("COURSE_SEED", "")
    if seed and not re.fullmatch(NUMBER, seed.strip()):
        raise Stop(
            f"COURSE_SEED is {seed[:40]!r}, and a world's number is a whole number of at most 12 "
            "digits: set it to one, or unset it."
        )


@contextlib.contextmanager
def told_in_a_sentence() -> Iterator[None]:
    """Turn Ctrl-C and the system's refusals into the sentence that a command ends with."""
    try:
        yield
    except KeyboardInterrupt:
        raise Stop("\nStopped: the same command goes on from here.") from None
    except OSError as error:
        raise Stop(explain_os_error(error)) from None


def explain(output: str, *, doing: str) -> str:
    """Turn the output of a command that failed into the sentence that its reader needs."""
    for pattern, sentence in REMEDIES.items():
        if re.search(pattern, output, re.IGNORECASE):
            return sentence
    tail = "\n".join("    " + line for line in output.strip().splitlines()[-12:])
    return f"{tail}\n{doing} failed: delete the folder {VENV} and run the same command again."


def explain_os_error(error: OSError) -> str:
    """Turn the system's refusal to read or write into a sentence that says what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{error.filename}: {error.strerror}. {NOT_WRITABLE}"
    why = PLAIN.get(error.errno, f"could not be used ({error.strerror or error})")
    return f"{error.filename or 'A file'} {why}: mend that and run the same command again."


def child_env(*, work: Path = WORK) -> dict[str, str]:
    """Return the variables for all that the course starts.

    Settings, kernels and start-up files of the user's other Pythons stay outside, so that the
    course is the same for everybody; what a student sets in JupyterLab is kept in the work folder.
    """
    foreign = {"PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "MPLBACKEND"}
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in foreign and not name.startswith(("JUPYTER", "IPYTHON"))
    }
    if os.access(FONT_CACHE, os.W_OK):
        env["MPLCONFIGDIR"] = str(FONT_CACHE)
    # The course's sums are small: several threads would spend ten times as long waiting in turn.
    env.setdefault("OPENBLAS_NUM_THREADS", "1")
    return env | {
        "PYTHONUTF8": "1",
        "UV_PROJECT_ENVIRONMENT": str(VENV),
        "COURSE_WORK": str(work),
        "JUPYTER_CONFIG_DIR": str(work / ".jupyter"),
        "JUPYTER_DATA_DIR": str(work / ".jupyter" / "data"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(work / ".ipython"),
    }


def run_quietly(command: list, *, doing: str) -> None:
    """Run a command behind one line that says what it does and how long; raise Stop if it fails."""
    started, lines = time.monotonic(), [""]
    moving = sys.stdout.isatty()

    def status(note: str = "", end: str = "") -> None:
        line = f"  {doing} ... {time.monotonic() - started:.0f} s"
        print(f"\r{line}  {note:40.40}" if moving else line, end=end, flush=True)

    def read() -> None:
        for line in process.stdout:
            lines.append(line.strip())

    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env=child_env(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=False,  # it shares the lock of one_at_a_time(), should this program be killed
        encoding="utf-8",
        errors="replace",
    )
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while process.poll() is None:
            if moving:
                status(lines[-1])
            time.sleep(0.1)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        reader.join(timeout=5)
        status(end="\n")
    if process.returncode != 0:
        raise Stop(explain("\n".join(lines), doing=doing))


def read_json(path: Path) -> dict:
    """Return a JSON file's object, or an empty one where the file is missing or broken."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds the old one or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".part")
    try:
        half.write_bytes(content)
        half.replace(path)
    except OSError:
        half.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: dict) -> None:
    """Write an object as JSON, whole or not at all."""
    text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    write_file(path, text.encode("utf-8"))


def fingerprint() -> str:
    """Return one hash of all that decides what the environment holds."""
    files = [ROOT / name for name in MADE_FROM]
    contents = [file.read_bytes() if file.is_file() else b"" for file in files]
    whole = b"\0".join(content.replace(b"\r\n", b"\n") for content in contents)
    return hashlib.sha256(whole).hexdigest()


def check_lock() -> None:
    """Stop before anything is installed, or thrown away, where the lock cannot be read."""
    for file in (ROOT / "uv.lock", ROOT / "pyproject.toml"):
        try:
            tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            raise Stop(DAMAGED.format(file)) from None


def python_version() -> str | None:
    """Return the version of the environment's Python, or None where it does not run."""
    ask = [PYTHON, "-c", "import sys; print(sys.version)"]
    try:
        return subprocess.check_output(ask, text=True, stderr=subprocess.DEVNULL).strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def is_ready(*, dev: bool) -> bool:
    """Tell whether .venv is finished, runs, belongs to this folder and matches today's lock."""
    stamp = read_json(STAMP)
    return (
        stamp.get("finished") is True
        and stamp.get("made_from") == fingerprint()
        and stamp.get("folder") == str(ROOT)
        and stamp.get("dev") in (dev, True)
        and stamp.get("python") == python_version()
    )


def is_worth_mending() -> bool:
    """Tell whether packages may be installed into .venv as it is, rather than into a new one."""
    stamp = read_json(STAMP)
    version = python_version()
    return (
        version is not None
        and stamp.get("finished") is not False  # cut off: what it holds cannot be trusted
        and stamp.get("folder", str(ROOT)) == str(ROOT)
        and stamp.get("python", version) == version
    )


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold a lock that the system frees when this program and what it started have ended."""
    with open(ROOT / ".venv.lock", "a+b") as handle:
        os.set_inheritable(handle.fileno(), True)
        waiting = False
        while not _try_lock(handle.fileno()):
            if not waiting:
                print("Another run is setting up this folder; waiting for it ...", flush=True)
            waiting = True
            time.sleep(0.3)
        yield


def _try_lock(file_number: int) -> bool:
    """Take the system's lock on an open file; return False where another program holds it."""
    try:
        if WINDOWS:
            import msvcrt

            msvcrt.locking(file_number, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file_number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True


def base_python() -> str:
    """Return the Python outside any environment, so that .venv never rests on itself."""
    return getattr(sys, "_base_executable", None) or sys.executable


def find_uv() -> Path | None:
    """Return the uv that an earlier run put here, or one on PATH that works, or None."""
    on_path = shutil.which("uv")
    for uv in (OWN_UV, on_path and Path(on_path)):
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            if uv:
                subprocess.check_output([uv, "--version"], stderr=subprocess.DEVNULL)
                return uv
    return None


def make_environment() -> None:
    """Make an empty .venv in the place of any other, with uv or else with Python's own venv."""
    if shutil.disk_usage(ROOT).free < DISK_NEEDED_MB * 1e6:
        raise Stop(DISK_FULL)
    if VENV.exists():
        try:
            shutil.rmtree(VENV)
        except OSError:
            raise Stop(
                f"The folder {VENV} cannot be removed: close the course's JupyterLab, delete the "
                "folder and run the same command again."
            ) from None
    if uv := find_uv():
        run_quietly([uv, "venv", "--python", base_python(), VENV], doing="Making .venv")
        return
    probe = [base_python(), "-c", "import venv, ensurepip"]
    if subprocess.call(probe, stderr=subprocess.DEVNULL) != 0:
        raise Stop(
            "This Python lacks its venv module: install it (on Debian or Ubuntu "
            "`sudo apt install python3-venv`) and run the same command again."
        )
    run_quietly([base_python(), "-m", "venv", VENV], doing="Making .venv")


def install_uv() -> Path | None:
    """Put uv into a corner of .venv with pip; return None where there is no uv to be had."""
    corner = OWN_UV.parent.parent
    command = [PYTHON, "-m", "pip", "install", "--only-binary=:all:", "--target", corner, "uv"]
    try:
        run_quietly(command, doing="Fetching uv, a fast installer")
    except Stop as stop:
        if str(stop) in REMEDIES.values():
            raise
        print("  There is no uv for this machine: going on with pip, which takes longer.")
        return None
    return OWN_UV


def install_packages(uv: Path | None, *, dev: bool) -> None:
    """Install what the lock names, compiled to bytecode."""
    doing = "Installing packages" + (" and test tools" if dev else "")
    if uv:
        command = [uv, "sync", "--frozen", "--no-install-project", "--compile-bytecode"]
        command += ["--python", PYTHON]
        run_quietly([*command, "--group" if dev else "--no-group", "dev"], doing=doing)
        return
    pip = [PYTHON, "-m", "pip", "install", "--no-deps"]  # the lock leaves one dependency out
    listing = "requirements-dev.txt" if dev else "requirements.txt"
    run_quietly([*pip, "-r", ROOT / listing], doing=doing + " with pip")
    run_quietly([*pip, "-e", ROOT], doing="Installing the course")


def finish_environment() -> None:
    """Add what the first opening would otherwise wait for or stumble over."""
    write_json(VENV / "share/jupyter/lab/settings/overrides.json", LAB_SETTINGS)
    write_json(VENV / "etc/jupyter/labconfig/page_config.json", LAB_PAGE)
    write_json(VENV / "etc/ipython/ipython_config.json", KERNEL_SETTINGS)
    # What the course's own modules are imported by, from anywhere. In ASCII: before 3.13 Python
    # reads the file in the system's encoding, and where a folder's name is none there it would not
    # start at all (Chinese on a Windows that is not).
    packages = next(VENV.glob("[Ll]ib/**/site-packages"))
    write_file(packages / "course.pth", f"import sys; sys.path.append({str(ROOT)!a})\n".encode())
    FONT_CACHE.mkdir(exist_ok=True)
    fonts = "import matplotlib.font_manager"
    run_quietly([PYTHON, "-c", fonts], doing="Preparing fonts and settings")


def ensure(*, dev: bool = False) -> None:
    """Make or mend .venv until it matches the lock; silent and quick when it does already.

    From before the first package to after the last step the stamp says "not finished", so that
    what a cut-off run leaves behind is never trusted: the next run begins with an empty folder.
    Raises Stop with a sentence when it cannot be done.
    """
    if is_ready(dev=dev):
        return
    with one_at_a_time():
        if is_ready(dev=dev):
            return
        check_lock()
        print("Setting up the course:", flush=True)
        dev = dev or read_json(STAMP).get("dev", False)  # opening does not take the tests' tools
        if not is_worth_mending():
            make_environment()
        uv = find_uv() or install_uv()
        write_json(STAMP, {"finished": False, "dev": dev})
        install_packages(uv, dev=dev)
        finish_environment()
        made = {"made_from": fingerprint(), "folder": str(ROOT), "python": python_version()}
        write_json(STAMP, {"finished": True, "dev": dev, **made})
