"""What each student's own server sets; prepare.py puts it where Jupyter looks for it."""

import os

c = get_config()  # noqa: F821

# Kernels talk over files, not ports: of twenty that started at once two chose the same port, and
# one of them never came up. It also keeps the students of one machine out of each other's kernels.
# Such a file's whole name may have 107 characters: a home's may then have 48.
c.KernelManager.transport = "ipc"
os.environ["JUPYTER_RUNTIME_DIR"] = os.path.expanduser("~/.kernels")
