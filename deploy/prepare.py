"""Gives JupyterLab the course's settings, in the environment that runs this.

`python3 course.py` does so by itself; on a JupyterHub and on Binder run `python deploy/prepare.py`
once, after the packages are installed.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.environment import LAB_PAGE, LAB_SETTINGS, write_json  # noqa: E402

prefix = Path(sys.prefix)
write_json(prefix / "share/jupyter/lab/settings/overrides.json", LAB_SETTINGS)
write_json(prefix / "etc/jupyter/labconfig/page_config.json", LAB_PAGE)
