#!/usr/bin/env python3
"""Sets the course up, opens it and tests it.

python3 course.py                              open the course in JupyterLab (the default)
python3 course.py test [words for pytest]      run all notebooks and tests, or what is named
python3 course.py world --seed N --out FOLDER  write a world with other people and figures
python3 course.py present NN [--export FILE]   present a chapter as slides, with notes for you
python3 course.py refresh [NN ...]             run chapters again and store their outputs
python3 course.py bench [what ...]             measure speed against the budgets
python3 course.py handout [NN ...]             make a zip for students (--seed N, --students LIST)
python3 course.py mark FOLDER                  mark what students handed in, into one CSV
python3 course.py site [FOLDER]                build the course as a website, to read and search
python3 course.py doctor                       say what works on this machine and what does not

Needs Python 3.11 or newer and nothing else. The first run makes the folder .venv: it may be deleted
at any time, the next run makes it again. On Windows write `py course.py`.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent


def open_course(words):
    """Open the student's copy of the first page in JupyterLab, until Ctrl-C."""
    from tools import environment, opening

    environment.ensure()
    opening.settle_number(words)
    opening.copy_chapters(ROOT / "notebooks", environment.WORK)
    opening.serve(browser="--no-browser" not in words)
    return 0


def test(words):
    """Run all notebooks against their stored outputs and all tests, or what is named."""
    from tools import environment, testing

    environment.ensure(dev=True)
    return testing.run(words)


def handout(words):
    """Make the zip for students; needs no environment to run."""
    from tools import handout

    return handout.main(words)


def present(words):
    """Present a chapter as slides until Ctrl-C, or write them into a file."""
    from tools import environment, presenting

    environment.ensure()
    return presenting.run(words)


def doctor(words):
    """Say what works here; needs no environment to run."""
    from tools import doctor

    return doctor.report()


def tool(*command, dev=False, folder=str(ROOT)):
    """Return a command that runs one of the course's own programs in its environment.

    `folder` is where it runs; None is where the user is, so that paths mean what they say.
    """

    def run(words):
        from tools import environment

        environment.ensure(dev=dev)
        # -P: no module is taken from where the user is, which may be a folder of students' files.
        command_line = [str(environment.PYTHON), "-P"] + list(command) + words
        env = dict(environment.child_env(), PYTHONPATH=str(ROOT))
        return subprocess.call(command_line, cwd=folder, env=env)

    return run


COMMANDS = {
    "open": open_course,
    "test": test,
    "world": tool("-m", "casedata.generate", folder=None),
    "present": present,
    "refresh": tool("-m", "tools.refresh"),
    "bench": tool("-m", "tools.bench", dev=True),
    "handout": handout,
    "mark": tool("-m", "tools.mark", folder=None),
    "site": tool("-m", "tools.site", dev=True, folder=None),
    "doctor": doctor,
}
FOR_STUDENTS = ("open", "doctor")
HANDOUT_MARK = ROOT / "helpers" / "exercises" / "HANDOUT"


def main(words):
    """Run the command that the words name; return the exit code, or the sentence that says why not.

    Up to the first check an old Python must be able to read this file: no syntax beyond 3.6 here.
    """
    if sys.version_info < OLDEST_PYTHON:
        return (
            "The course needs Python 3.11 or newer and this is {}.{}: get one from python.org and "
            "run it with that, for instance `python3.12 course.py`."
        ).format(*sys.version_info[:2])
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a console that cannot write a folder's name
    if words and words[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    command = "open" if not words or words[0].startswith("-") else words.pop(0)
    if command not in COMMANDS:
        return "There is no command `{}`: choose {}.".format(command, ", ".join(COMMANDS))
    if HANDOUT_MARK.exists() and command not in FOR_STUDENTS:
        return ("`{}` is not part of a hand-out, it is your instructor's: you have {}.").format(
            command, ", ".join(FOR_STUDENTS)
        )
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal ends the course as Ctrl-C does
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    from tools import environment

    try:
        with environment.told_in_a_sentence():
            environment.check_settings()
            return COMMANDS[command](words)
    except environment.Stop as stop:
        return str(stop)
    except ImportError as missing:  # a hand-out leaves the instructors' commands out
        if missing.name != "tools":
            raise
        return "This copy is for students: `{}` is an instructor's command.".format(command)


if __name__ == "__main__":
    is_utf8 = sys.version_info < OLDEST_PYTHON or sys.getfilesystemencoding() == "utf-8"
    if os.name == "posix" and not is_utf8:  # folders' names would be garbled: once more, in UTF-8
        os.execv(sys.executable, [sys.executable, "-X", "utf8"] + sys.argv)
    sys.exit(main(sys.argv[1:]))
