"""A JupyterHub to try on your own machine, never on a network: anyone may be any student.

`jupyterhub -f trial_config.py` runs it; COURSE_HUB names the folder for all its files, and
COURSE_HUB_TOKEN holds a secret that measure.py shares.
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821
load_subconfig("class_config.py")  # noqa: F821

folder = Path(os.environ["COURSE_HUB"])
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:8081"
c.JupyterHub.db_url = f"sqlite:///{folder / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(folder / "proxy.pid")
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"  # all servers run as you
c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "{username}")
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
if os.geteuid() == 0:
    c.Spawner.args = ["--allow-root"]

# measure.py speaks for all students.
scopes = ["admin:users", "admin:servers", "access:servers"]
c.JupyterHub.load_roles = [{"name": "measure", "scopes": scopes, "services": ["measure"]}]
token = os.environ["COURSE_HUB_TOKEN"]
c.JupyterHub.services = [{"name": "measure", "api_token": token}]
