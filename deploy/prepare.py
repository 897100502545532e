"""Gives JupyterLab the settings for a class, in the environment that runs this.

On a JupyterHub and on Binder run `python deploy/prepare.py` once, after the packages are installed;
`python3 course.py` gives a student's own machine what it needs by itself.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.environment import KERNEL_SETTINGS, LAB_PAGE, LAB_SETTINGS, write_json  # noqa: E402

prefix = Path(sys.prefix)
write_json(prefix / "share/jupyter/lab/settings/overrides.json", LAB_SETTINGS)
write_json(prefix / "etc/jupyter/labconfig/page_config.json", LAB_PAGE)
write_json(prefix / "etc/ipython/ipython_config.json", KERNEL_SETTINGS)
shutil.copy(Path(__file__).with_name("jupyter_server_config.py"), prefix / "etc/jupyter")
