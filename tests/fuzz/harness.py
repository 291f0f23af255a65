"""Doors and many inputs, in a process of its own: what came out, how long it took, what it touched.

    python -m tests.fuzz.harness FOLDER SEED "DOOR=COUNT" …

FOLDER gets a workspace for each door, a folder for temporary files, and ``last.bin``, the input that was at
work: should the process die, that is why. Prints a JSON object for each door. The exit status is 0 if every
input was taken or refused in one sentence, within the memory and the time of the door, and nothing outside
the workspace was written, no program started and nobody asked for anything over a network.
"""

import contextlib
import faulthandler
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

LONGEST_SENTENCE = 3000
SAFETY = 4
"""So many times what a door may take is where the system ends it: a fault must not end the machine."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PATHS = {
    **dict.fromkeys(("os.mkdir", "os.rmdir", "os.remove", "os.truncate"), 1),
    **dict.fromkeys(("os.rename", "os.link", "os.symlink", "shutil.move", "shutil.copyfile"), 2),
}
"""Audited events that change files, with how many of their first arguments are paths."""
_NEVER = {
    *(
        "socket.connect",
        "socket.bind",
        "socket.getaddrinfo",
        "socket.sendto",
        "subprocess.Popen",
        "os.system",
    ),
    *("os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn", "webbrowser.open", "urllib.Request"),
    *("pickle.find_class", "marshal.loads", "ctypes.dlopen"),
}
_READABLE = (
    "/proc",
    "/sys",
    "/dev/null",
    "/dev/urandom",
    "/usr/share/zoneinfo",
    "/etc/localtime",
    "/etc/mime.types",
)


@dataclass(frozen=True)
class Door:
    """One way in: what may come, and what is done with it.

    Args:
        inputs: what people send, as a strategy.
        enter: does what the app does with it; raises ``CnnLabError`` where it refuses, or returns False.
        wholes: inputs that must be taken, which also load what is loaded late.
        memory_mb: how much more than before it may take at most.
        seconds: of the processor for one input, at most.
    """

    inputs: st.SearchStrategy[Any]
    enter: Callable[[Any], object]
    wholes: tuple[Any, ...] = ()
    memory_mb: int = 1024
    seconds: float = 4.0


class Watch:
    """Sees every file that is written, each program and each connection, while it is ``open``."""

    def __init__(self, allowed: tuple[Path, ...], readable: tuple[str, ...]):
        self._allowed = tuple(str(path.resolve()) for path in allowed)
        self._readable = (*self._allowed, *readable)
        self._watching = False
        self.seen: list[str] = []
        sys.addaudithook(self._look)

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        self._watching = True
        try:
            yield
        finally:
            self._watching = False

    def _look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._watching:
            return
        if said := self._said(event, arguments):
            self.seen.append(said)

    def _said(self, event: str, arguments: tuple[Any, ...]) -> str:
        if event in _NEVER and not (event == "marshal.loads" and _importing()):
            return f"{event} {arguments!r:.200}"
        if event == "open" and not isinstance(arguments[0], int) and arguments[0] is not None:
            writes = bool((arguments[2] or 0) & _WRITES) or any(c in (arguments[1] or "") for c in "wax+")
            places = self._allowed if writes else self._readable
            return "" if self._within(arguments[0], places) else f"open {arguments!r:.200}"
        count = _PATHS.get(event, 0)
        if count and any(isinstance(place, int) and place >= 0 for place in arguments[-count:]):
            return ""  # relative to an open folder: one that is deleted with what is in it
        paths = [path for path in arguments[:count] if not isinstance(path, int)]
        outside = [path for path in paths if not self._within(path, self._allowed)]
        return f"{event} {outside!r:.200}" if outside else ""

    @staticmethod
    def _within(path: Any, places: tuple[str, ...]) -> bool:
        try:
            real = os.path.realpath(os.fsdecode(path))
        except (ValueError, TypeError):  # a NUL: the system refuses it
            return True
        return any(real == place or real.startswith(place.rstrip("/") + "/") for place in places)


def _importing() -> bool:
    frame = sys._getframe()
    while frame := frame.f_back:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
    return False


def explore(door: Door, count: int, seed: int, folder: Path, watch: Watch) -> dict[str, Any]:
    """Try ``count`` inputs; return how many were taken and refused, and what the worst of them cost."""
    from cnnlab.errors import CnnLabError

    told = {"inputs": 0, "taken": 0, "refused": 0, "slowest_ms": 0.0}
    for whole in door.wholes:
        door.enter(whole)
    limit_memory(SAFETY * door.memory_mb)
    before = memory_mb(anew=True)

    def enter(given: Any) -> None:
        (folder / "last.bin").write_bytes(
            given if isinstance(given, bytes) else repr(given).encode("utf-8", "replace")
        )
        began = time.process_time()
        try:
            with watch.open():
                taken = door.enter(given) is not False
            told["taken" if taken else "refused"] += 1
        except CnnLabError as error:
            told["refused"] += 1
            said = str(error)
            assert said.endswith(".") and "\n" not in said and len(said) < LONGEST_SENTENCE, said
        took = time.process_time() - began
        told["inputs"] += 1
        told["slowest_ms"] = max(told["slowest_ms"], round(took * 1000, 1))
        assert took < door.seconds, f"{took:.1f} s"
        assert not watch.seen, watch.seen

    options = settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    began = time.perf_counter()
    hypothesis.seed(seed)(options(given(door.inputs)(enter)))()
    told |= {"seconds": round(time.perf_counter() - began, 1), "grown_mb": round(memory_mb() - before, 1)}
    assert told["grown_mb"] < door.memory_mb, told
    return told


def memory_mb(anew: bool = False) -> float:
    """Return the most memory that this process had, ``anew``: has, and from now on that counts."""
    if anew:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def limit_memory(megabytes: int) -> None:
    """Let the system refuse this process more memory than so much beside what it has mapped."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def main() -> None:
    """Explore the doors of the command line."""
    faulthandler.enable()
    folder, seed = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    for part in ("homes", "tmp", "here"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    os.environ["TMPDIR"] = str(folder / "tmp")
    tempfile.tempdir, sys.dont_write_bytecode = None, True
    os.chdir(folder / "here")
    from tests.fuzz.doors import DOORS

    code = {sys.prefix, sys.base_prefix, *sys.path} - {""}
    watch = Watch((folder / "homes", folder / "tmp", Path("/dev/null")), (*_READABLE, str(folder), *code))
    for number, asked in enumerate(sys.argv[3:]):
        name, _, count = asked.partition("=")
        os.environ["CNNLAB_HOME"] = str(folder / "homes" / str(number))
        print(
            json.dumps({"door": name, **explore(DOORS[name](), int(count), seed, folder, watch)}), flush=True
        )
    strangers = {path.name for path in folder.iterdir()} - {"homes", "tmp", "here", "last.bin"}
    assert not strangers and not list((folder / "here").iterdir()), strangers


if __name__ == "__main__":
    main()
