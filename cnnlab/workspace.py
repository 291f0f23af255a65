"""Where datasets, networks of people's own and runs live: ``$CNNLAB_HOME``, by default ``~/.cnnlab``."""

import errno
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cnnlab.errors import WorkspaceError

KEPT_SECONDS = 24 * 3600
"""How long what people delete can be brought back."""
ABANDONED_SECONDS = 24 * 3600
"""When the scratch folder of another machine, whose processes cannot be seen, counts as left behind."""

_SECRET = {"CNNLAB_TEACHER_TOKEN", "teacher_token"}
LOG_BYTES = 10 * 2**20
"""A log of processes that has more is begun anew."""

_UNWRITABLE = {
    getattr(errno, name)
    for name in ("EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "EFBIG", "EIO", "EMFILE", "ENFILE", "ENOLCK")
    if hasattr(errno, name)
}
"""What the system says of a disk that is full, read-only, somebody else's or broken."""
_SCRATCH = re.compile(r"\.work-(\d+)-(.*)-[^-]*")


def home() -> Path:
    """Return the workspace folder as an absolute path; it may not exist yet."""
    return Path(os.environ.get("CNNLAB_HOME") or "~/.cnnlab").expanduser().absolute()


def free_bytes() -> int:
    """Return the bytes that are free where the workspace is, or will be: a new one has no folder yet."""
    for place in (home(), *home().parents):
        with suppress(OSError):
            return shutil.disk_usage(place).free
    return 0


def datasets_dir() -> Path:
    """Return ``home()/datasets``, created when missing.

    Raises:
        WorkspaceError: the folder cannot be created.
    """
    return made(home() / "datasets")


def runs_dir() -> Path:
    """Return ``home()/runs``, created when missing.

    Raises:
        WorkspaceError: the folder cannot be created.
    """
    return made(home() / "runs")


def cache_dir() -> Path:
    """Return ``home()/cache``, created when missing; whatever lies there can be computed again.

    Raises:
        WorkspaceError: the folder cannot be created.
    """
    return made(home() / "cache")


def child_environment(**more: str) -> dict[str, str]:
    """Return the environment of a Python process of ours, in which this very package is found.

    The teacher's token is not in it: Streamlit puts what stands in its secrets into the environment.
    """
    package_parent = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (package_parent, os.environ.get("PYTHONPATH"))))
    given = {name: value for name, value in os.environ.items() if name not in _SECRET}
    return {**given, "PYTHONPATH": path, **more}


@contextmanager
def writing() -> Iterator[None]:
    """Say in one sentence that the workspace cannot be written, wherever in the block that happens.

    For whole functions, too: ``@workspace.writing()``.

    Raises:
        WorkspaceError: the disk is full or read-only, or a folder belongs to somebody else.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _UNWRITABLE:
            raise unwritable(error) from error
        raise


def unwritable(error: OSError) -> WorkspaceError:
    """Return the error that says that the workspace takes no files."""
    return WorkspaceError(
        f"{home()} cannot be written ({error.strerror}); free some space, "
        "or set CNNLAB_HOME to a folder you may write to."
    )


@contextmanager
def log(name: str) -> Iterator[BinaryIO]:
    """Give a file of the workspace for what processes print; nothing is kept where none can be.

    What they printed is nothing that their work depends on.
    """
    path = home() / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        begun_anew = path.exists() and path.stat().st_size > LOG_BYTES
        file = path.open("wb" if begun_anew else "ab")
    except OSError:
        file = open(os.devnull, "wb")  # noqa: SIM115, PTH123 - closed below
    with file:
        yield file


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """Give a hidden folder in ``parent`` to prepare something in that is renamed once it is whole.

    The folder goes when the block ends; what a killed process left behind goes with the next one's.
    """
    sweep(parent)
    with tempfile.TemporaryDirectory(
        dir=parent, prefix=f".work-{os.getpid()}-{platform.node()}-", ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


@contextmanager
def locked(name: str, wait: bool = True, again: bool = False) -> Iterator[bool]:
    """Hold the lock of this name, which one thread of all processes on the workspace has at a time.

    Gives whether it is held: without ``wait``, not when somebody else has it. With ``again`` a thread that
    holds it may take it once more.
    """
    from filelock import FileLock, Timeout  # here, for what imports this module is to start quickly

    lock = FileLock(home() / f"{name}.lock", is_singleton=again)
    try:
        lock.acquire(blocking=wait, poll_interval=0.01)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def purge(folder: Path, pattern: str = "*", seconds: float = KEPT_SECONDS) -> None:
    """Delete for good what has lain in ``folder`` for longer than that: folders and files alike."""
    for old in folder.glob(pattern):
        with suppress(OSError):
            if time.time() - old.stat().st_mtime <= seconds:
                continue
            if old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
            else:
                old.unlink()


def tidy() -> None:
    """Delete what killed imports, downloads and loads left behind; a server does so when it starts."""
    datasets = datasets_dir()
    for parent in (datasets, *(path for path in datasets.iterdir() if path.is_dir()), cache_dir()):
        sweep(parent)


def sweep(parent: Path) -> None:
    """Delete the scratch folders in ``parent`` whose process is gone."""
    for folder in parent.glob(".work-*"):
        if (made := _SCRATCH.fullmatch(folder.name)) and _is_abandoned(folder, int(made[1]), made[2]):
            shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path, pid: int, host: str) -> bool:
    if host != platform.node() or os.name != "posix":  # elsewhere a signal 0 is not a question
        try:
            return time.time() - folder.stat().st_mtime > ABANDONED_SECONDS
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def made(folder: Path) -> Path:
    """Return a folder, created when missing.

    Raises:
        WorkspaceError: it cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"{folder} cannot be created ({error.strerror}); set CNNLAB_HOME to a folder you may write to."
        ) from error
    return folder
