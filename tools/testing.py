"""Runs the notebooks against their stored outputs, then the tests.

Standard library only, like all that runs outside the environment.
"""

import subprocess
import tempfile
import time
from pathlib import Path

from tools.environment import PYTHON, ROOT, child_env

PYTEST = [str(PYTHON), "-m", "pytest"]
NBVAL = [
    "--nbval",
    "--nbval-current-env",
    "--nbval-cell-timeout=60",
    f"--nbval-sanitize-with={ROOT / 'tests' / 'nbval_sanitize.cfg'}",
]
TWO_NOTEBOOKS_AT_A_TIME = ["-n", "2", "--dist", "loadfile"]


def run(words: list[str]) -> int:
    """Run all notebooks and tests, or pytest with the words given; return 0 when all passed."""
    parts = {}
    if not words and any(ROOT.glob("notebooks/**/*.ipynb")):
        parts["Notebooks"] = [*PYTEST, *NBVAL, *TWO_NOTEBOOKS_AT_A_TIME, "-q", "notebooks"]
    parts["Tests"] = [*PYTEST, *words]
    results = {}
    for part, command in parts.items():
        print(f"{part}:", flush=True)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="course-test-") as work:
            env = child_env(work=Path(work))
            env.pop("COURSE_SEED", None)  # what is stored and tested is the committed world
            failed = subprocess.call(command, cwd=ROOT, env=env)
        seconds = f"({time.monotonic() - started:.0f} s)"
        results[part] = f"{part} {'FAILED' if failed else 'passed'} {seconds}."
    print("\n" + " ".join(results.values()))
    return int(any("FAILED" in result for result in results.values()))
