"""What a kernel of the course adds to Python: IPython loads it at each start.

`tools.environment` names it in IPython's settings; it imports nothing, so that a start stays quick.
"""

NOTHING_OF_THIS_NAME = (
    "Nothing of this name is in memory. If it is spelt right, the cell that makes it has not run "
    "since the kernel started: choose Run → Run All Above Selected Cell, then run this one. Your "
    "saved progress is as it was."
)


def load_ipython_extension(shell) -> None:
    """Say after a NameError what it mostly means: the kernel died or was restarted."""
    shell.events.register("post_run_cell", explain)


def explain(result) -> None:
    if type(result.error_in_exec) is NameError:
        print(NOTHING_OF_THIS_NAME)
