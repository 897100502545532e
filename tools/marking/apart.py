"""Runs one handed-in notebook apart from everything else and tells the answers found in it.

`python -I apart.py FOLDER` is a process of its own, started by `mark`. FOLDER was made for this run
and holds copies: `helpers` without reference answers, `casedata` without truth and generator,
`task.json`, and `work`, the only place that may be written. The code in it is a stranger's: nothing
that this process says is believed. It tells answers, as plain data, judged elsewhere.

Two guards. Walls, where Linux lets us put them up: a file system that holds Python, the packages
and FOLDER (to read) and `work` (to write, in memory), no network, no other processes, no powers.
And refusals everywhere: what Python is asked to write, delete, connect to or start outside `work`
raises PermissionError (code that is not Python's gets around these, not around walls).
"""

import ast
import contextlib
import ctypes
import faulthandler
import json
import os
import shutil
import signal
import sys
from pathlib import Path

CPU_S = 120
MEMORY = 2 << 30
FILE_BYTES = 64 << 20
WORK_BYTES = "256m"
PROCESSES = 64
NOBODY = 65534

READABLE = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/fonts", "/etc/ld.so.cache"]
READABLE += ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"]

# What Python announces before it does it.
LISTING = {"os.listdir", "os.scandir"}
CHANGING = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.link"}
CHANGING |= {"os.symlink", "os.truncate", "os.utime", "shutil.rmtree", "shutil.move"}
REACHING_OUT = ("os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile")
REACHING_OUT += ("os.kill", "subprocess.Popen", "socket.connect", "socket.bind", "socket.send")
REACHING_OUT += ("socket.getaddrinfo",)

# Linux by its numbers: Python 3.11 has no names for them.
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER = 0x20000, 0x08000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 32, 4096, 16384, 1 << 18
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MNT_DETACH, PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 2, 1, 38


def main(folder: Path) -> None:
    """Run the cells of the task; write a line of JSON for all that is worth telling."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)

    def tell(**facts: object) -> None:
        told.write(json.dumps(facts) + "\n")
        told.flush()

    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    walls = put_up_walls(folder)
    tell(walls=walls)
    limit_resources(processes=walls)
    os.chdir(folder / "work")
    shutil.copytree(folder / "fonts", os.environ["MPLCONFIGDIR"])
    sys.path[:] = [str(folder), *(path for path in sys.path if path not in task["hidden"])]
    refuse_outside(folder, hidden=task["hidden"])
    run(task, tell)
    tell(done=True)


# ---- guards --------------------------------------------------------------------------------------


def limit_resources(*, processes: bool) -> None:
    """Limit time, memory and files; Windows knows no such limits.

    Processes too, within walls: elsewhere the system would count all that the user runs.
    """
    with contextlib.suppress(ImportError):
        import resource

        for what, most in [
            (resource.RLIMIT_CPU, CPU_S),
            (resource.RLIMIT_AS, MEMORY),
            (resource.RLIMIT_FSIZE, FILE_BYTES),
            *([(resource.RLIMIT_NPROC, PROCESSES)] if processes else []),
            (resource.RLIMIT_CORE, 0),
        ]:
            with contextlib.suppress(OSError, ValueError):  # macOS has no limit of memory
                resource.setrlimit(what, (most, most))


def prefixes() -> set[str]:
    """Return where Python and its packages lie."""
    return {sys.prefix, sys.base_prefix, os.path.realpath(sys.base_prefix)}


def put_up_walls(folder: Path) -> bool:
    """Leave for a small file system without network, as nobody; False where that cannot be had."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    user, group, is_root = os.geteuid(), os.getegid(), os.geteuid() == 0

    def must(result: int) -> None:
        if result != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def mount(source: str, target: Path | str, kind: str, flags: int, options: str = "") -> None:
        words = [os.fsencode(word) for word in (source, target, kind)]
        must(libc.mount(*words, flags, options.encode()))

    def show(source: Path, root: Path) -> None:
        """Make a file or folder of ours visible in the new root, to read."""
        target = root / source.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink() and source.is_dir():  # /lib -> usr/lib
            target.symlink_to(os.readlink(source))
            return
        target.mkdir(exist_ok=True) if source.is_dir() else target.touch()
        mount(str(source), target, "", MS_BIND | MS_REC)
        mount("", target, "", MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID)

    try:
        must(
            libc.unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUSER * (not is_root))
        )
        if not is_root:
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        mount("", "/", "", MS_REC | MS_PRIVATE)
        root = folder / "root"
        root.mkdir()
        mount("tmpfs", root, "tmpfs", MS_NOSUID, "size=1m,mode=755")
        for path in map(Path, [*READABLE, *sorted(prefixes() - {"/usr"}), folder]):
            if path.exists():
                show(path, root)
        work = root / (folder / "work").relative_to("/")
        mount("tmpfs", work, "tmpfs", MS_NOSUID, f"size={WORK_BYTES},mode=777")
        mount("", root, "", MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID)
        os.chdir(root)
        must(libc.syscall(PIVOT_ROOT[os.uname().machine], b".", b"."))
        must(libc.umount2(b".", MNT_DETACH))  # what was there before is out of reach
        must(libc.unshare(CLONE_NEWPID))
    except (OSError, KeyError):
        return False
    if child := os.fork():  # the first process of a small world: all in it end when it ends
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    if is_root:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    must(libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()))  # no powers
    must(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    return True


def refuse_outside(folder: Path, *, hidden: list[str]) -> None:
    """Refuse from now on, for good, what Python is asked to do outside the work folder.

    `hidden` are folders whose files may not be read either, but for the packages in them.
    """
    work = os.path.join(folder, "work", "")
    inside = tuple(os.path.join(path, "") for path in (folder, *prefixes()))
    kept_out = tuple(os.path.join(path, "") for path in hidden)

    def whole(path: object) -> str:
        return os.path.join(os.path.realpath(os.fsdecode(path)), "")

    def may_read(path: object) -> bool:
        return whole(path).startswith(inside) or not whole(path).startswith(kept_out)

    def may_write(path: object) -> bool:
        return whole(path).startswith(work) or whole(path) == whole(os.devnull)

    def watch(event: str, arguments: tuple) -> None:
        paths = [each for each in arguments[:2] if isinstance(each, (str, bytes, os.PathLike))]
        if event == "open":
            writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
            allowed = all(map(may_write if arguments[2] & writes else may_read, paths[:1]))
        elif event in LISTING:
            allowed = all(map(may_read, paths))
        elif event in CHANGING:
            allowed = all(map(may_write, paths))
        else:
            allowed = not event.startswith(REACHING_OUT)
        if not allowed:
            raise PermissionError(f"{event} is refused while a notebook is marked")

    sys.addaudithook(watch)


# ---- the notebook --------------------------------------------------------------------------------


class TakeAnswers(ast.NodeTransformer):
    """Every `check("3.2", answer)`, whatever `check` has become, hands its answer over."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "check" and node.args and isinstance(node.args[0], ast.Constant):
            node.func = ast.Name("__take__", ast.Load())
        return node


class Absent:
    """Stands in for a live notebook's things: whatever is asked of it, nothing happens."""

    def __getattr__(self, name: str) -> object:
        return lambda *args, **kwargs: None


def run(task: dict, tell) -> None:
    """Run the cells one after another as Restart & Run All would, past those that fail."""
    taken: dict[str, object] = {}

    def take(exercise: object = "", answer: object = ..., **_: object) -> None:
        if isinstance(exercise, str):
            taken.pop(exercise, None)
            taken[exercise] = plain(answer)

    import IPython.display
    from IPython.core.inputtransformer2 import TransformerManager

    from helpers import data, lessons
    from helpers.lessons import answers

    def plain(value: object) -> object:
        return as_plain(value, answers)

    def given(exercise: str) -> object:
        value = task["given"][exercise]
        return answers.pd.DataFrame(value) if isinstance(value, dict) else list(value)

    def ledger() -> None:
        raise data.CourseError("The ledger is not at hand where notebooks are marked.")

    data._current = data.World(f"seed {task['seed']}", data.COMMITTED, "")
    data.use_world = data.use_folder = lambda *_, **__: None  # the world is the marker's choice
    lessons.check, lessons.given, lessons.ledger = take, given, ledger
    IPython.display.display = lambda *_, **__: None
    namespace = {
        "__name__": "__main__",
        "__take__": take,
        "display": IPython.display.display,
        "get_ipython": Absent,
    }
    for number, source in enumerate(task["cells"]):
        if number in task["skipped"]:
            continue
        tell(cell=number)
        taken.clear()
        faulthandler.dump_traceback_later(task["cell_s"], exit=True)
        try:
            tree = ast.parse(TransformerManager().transform_cell(source))
            tree = ast.fix_missing_locations(TakeAnswers().visit(tree))
            exec(compile(tree, "<cell>", "exec"), namespace)
        except BaseException as error:  # SystemExit and what else a stranger raises
            said = f"{type(error).__name__}: {error}" if type(error).__str__ else ""
            tell(raised=number, said=said[:300])
        faulthandler.cancel_dump_traceback_later()
        if taken:
            tell(taken=taken)


def as_plain(value: object, answers) -> object:
    """Return an answer as JSON can carry it: what kind it is, and its plain values."""
    pd = answers.pd

    def columns(names, columns) -> list:
        pairs = zip(names, columns, strict=True)
        return [[one(name), [one(value) for value in values]] for name, values in pairs]

    def one(item: object) -> object:
        if type(item) is tuple:
            return {"tuple": [one(each) for each in item]}
        found = None if item is None else answers.scalar(item)
        if type(found) is pd.Timestamp:
            return {"date": found.isoformat()}
        return {"odd": found.name} if type(found) is answers.Odd else found

    if answers.blank(value):
        return {"kind": "blank"}
    try:
        if (plain := answers.plain_columns(value)) is not None:
            value = pd.DataFrame({name: pd.Series(each, dtype=object) for name, each in plain})
        if type(value) in (pd.Series, pd.DataFrame):
            answers._limit(len(value), what="rows")
            answers._limit(value.size, answers.MAX_CELLS)
            frame = value.to_frame() if type(value) is pd.Series else value
            index = value.index
            levels = [index.get_level_values(n) for n in range(index.nlevels)]
            return {
                "kind": type(value).__name__,
                "named": type(value) is pd.DataFrame or value.name is not None,
                "index": columns(index.names, levels),
                "columns": columns(
                    frame.columns, [frame.iloc[:, n] for n in range(frame.shape[1])]
                ),
            }
        items = answers.contents(value)
        if items is None:
            return {"kind": "one", "value": one(value)}
        if issubclass(type(value), dict):
            values = [one(each) for each in dict.values(value)]
            return {"kind": "dict", "keys": [one(key) for key in items], "values": values}
        kind = "set" if issubclass(type(value), (set, frozenset)) else "list"
        return {"kind": kind, "values": [one(each) for each in items]}
    except answers.Misread as said:
        return {"kind": "unreadable", "said": str(said)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
