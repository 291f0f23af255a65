"""A school of 3,000 by simulation: lessons that begin at the same minute, and what breaks first.

Discrete events. A web server answers one click after the other, as Python's interpreter does; slots for
training take runs first come, first served. What a click, a run and a session cost was measured, see the
constants; how people behave is assumed, see the constants. ``python -m tests.benchmarks.school`` prints
docs/school.md.
"""

import heapq
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from math import ceil, factorial
from pathlib import Path

from tests.benchmarks.result import quantile

TEXT = Path(__file__).with_name("school_text.md")
"""The words of docs/school.md; tables and figures are put in."""

CLICK_SECONDS = 0.036
"""docs/benchmarks.md, "processor time of a click in a class of 30", with its polls: 0.03582 s."""
SESSION_MB = 1.03
"""docs/benchmarks.md, "memory of a session": 1.026 MB."""
SERVER_MB = 238 + 762
"""docs/benchmarks.md, service: the web server 238.4 MB, and a process with TensorFlow beside it 761.7 MB."""
WORKER_MB = 750
"""``cnnlab.training.forecast.PROCESS_BYTES``: a worker with TensorFlow, before it has loaded anything."""
CLICK_KB = 19.0
"""What a click sends to a browser: 660,255 bytes in 35 clicks of three websocket sessions."""
FIRST_LOAD_MB = 4.5
"""What a browser fetches once: 2.9 MB for the first page in Chromium, 1.6 MB more with the first chart."""
SMALL_RUN_MB = 1.8
"""Folder of LeNet-5 on digits with its snapshots, measured with ``du``: 1.7 to 1.8 MB."""
LARGE_RUN_MB = 590.0
"""ResNet-18 with Adam: last.keras and best.keras of 11.18 million parameters x 3 x 4 bytes, 134 MB each; at
most 64 MB of snapshots and 256 MB of weights of epochs."""

CLASS = 30
LESSON_SECONDS = 45 * 60.0
CLICK_EVERY = 10.0
"""Assumed: seconds that a student looks before the next click, half of it to one and a half times."""
START_AT, START_WITHIN = 300.0, 60.0
"""Assumed: "now press Start" in the sixth minute, and everybody does within a minute."""
LOOKS_SECONDS = 240.0
"""Assumed: a student looks at a result before the next run."""
PATIENCE = 60.0
"""What 95 of 100 runs may wait, in a lesson of 45 minutes."""


@dataclass
class Clock:
    """The time, and what happens next."""

    now: float = 0.0
    _next: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _number: count = field(default_factory=count)

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._next, (self.now + seconds, next(self._number), do))

    def run(self, until: float = float("inf")) -> None:
        while self._next and self._next[0][0] <= until:
            self.now, _, do = heapq.heappop(self._next)
            do()


@dataclass
class Station:
    """Servers that take what waits, first come, first served; ``waited`` has the seconds of each."""

    clock: Clock
    servers: int
    waited: list[float] = field(default_factory=list)
    busy: int = 0
    worked: float = 0.0
    longest: int = 0
    _queue: deque[tuple[float, float, Callable[[], None]]] = field(default_factory=deque)

    def ask(self, seconds: float, then: Callable[[], None] = lambda: None) -> None:
        """Join the queue with work of so many seconds; ``then`` is called when it is done."""
        self._queue.append((self.clock.now, seconds, then))
        self._serve()
        self.longest = max(self.longest, len(self._queue))

    def _serve(self) -> None:
        while self._queue and self.busy < self.servers:
            came, seconds, then = self._queue.popleft()
            self.busy += 1
            self.worked += seconds
            self.waited.append(self.clock.now - came)
            self.clock.after(seconds, lambda then=then: self._done(then))

    def _done(self, then: Callable[[], None]) -> None:
        self.busy -= 1
        self._serve()
        then()


def erlang_c(servers: int, load: float) -> float:
    """Return the probability to wait in M/M/c, ``load`` = arrival rate x service time < servers."""
    last = load**servers / factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / factorial(k) for k in range(servers)) + last)


@dataclass(frozen=True)
class Seen:
    """What a simulation saw. Seconds; ``use`` is the fraction of the time in which servers worked."""

    p50: float
    p95: float
    longest: int
    served: int
    use: float


def seen(station: Station, seconds: float, plus: float = 0.0) -> Seen:
    waited = [wait + plus for wait in station.waited] or [0.0]
    use = station.worked / (seconds * station.servers)
    return Seen(
        quantile(waited, 50), quantile(waited, 95), station.longest, len(station.waited), min(1.0, use)
    )


@cache
def clicks(sessions: int, every: float = CLICK_EVERY, seconds: float = LESSON_SECONDS, seed: int = 0) -> Seen:
    """Let sessions of one web server click for a lesson; the seconds are those until the page is there."""
    clock, draw = Clock(), random.Random(seed)
    server = Station(clock, 1)

    def click() -> None:
        server.ask(CLICK_SECONDS, look)

    def look() -> None:
        if clock.now < seconds:
            clock.after(draw.uniform(0.5, 1.5) * every, click)

    for _ in range(sessions):
        clock.after(draw.random() * 60, click)  # they come within a minute
    clock.run(seconds)
    return seen(server, seconds, plus=CLICK_SECONDS)


@cache
def runs(students: int, slots: int, run_seconds: float, seed: int = 0) -> Seen:
    """Let students train, look, and train again for a lesson; the seconds are those in the queue."""
    clock, draw = Clock(), random.Random(seed)
    device = Station(clock, slots)

    def start() -> None:
        if clock.now < LESSON_SECONDS:
            device.ask(draw.uniform(0.8, 1.2) * run_seconds, done)

    def done() -> None:
        clock.after(draw.uniform(0.5, 1.5) * LOOKS_SECONDS, start)

    for _ in range(students):
        clock.after(START_AT + draw.random() * START_WITHIN, start)
    clock.run()  # what waits at the end of the lesson has waited, too
    return seen(device, LESSON_SECONDS - START_AT)


@cache
def slots_needed(students: int, run_seconds: float, patience: float = PATIENCE) -> int:
    """Return the fewest slots with which 95 of 100 runs wait no longer than ``patience``."""
    low, high = 1, students
    while low < high:
        middle = (low + high) // 2
        low, high = (
            (low, middle) if runs(students, middle, run_seconds).p95 <= patience else (middle + 1, high)
        )
    return low


def sessions_possible(most: float, every: float = CLICK_EVERY) -> int:
    """Return how many sessions one web server takes while 95 of 100 clicks answer within ``most`` seconds."""
    return max(n for n in range(10, 400, 10) if clicks(n, every).p95 <= most)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def span(seconds: float) -> str:
    return (
        f"{seconds:.2f} s"
        if seconds < 10
        else f"{seconds:.0f} s"
        if seconds < 120
        else f"{seconds / 60:.0f} min"
    )


def web() -> str:
    rows = []
    for sessions in (30, 60, 90, 120, 150, 200, 300):
        found = clicks(sessions)
        memory = f"{SERVER_MB + sessions * SESSION_MB:,.0f} MB"
        rows.append(
            (sessions, span(found.p50), span(found.p95), f"{found.use:.0%}".replace("%", " %"), memory)
        )
    return table(("sessions on one server", "click p50", "click p95", "interpreter busy", "memory"), rows)


def training() -> str:
    rows = []
    for lessons in (1, 5, 20, 100):
        for run_seconds in (20, 120, 600):
            students = lessons * CLASS
            needed = slots_needed(students, run_seconds)
            few = runs(students, max(1, needed // 4), run_seconds)
            enough = runs(students, needed, run_seconds)
            queue = f"{span(few.p50)} / {span(few.p95)}, {few.longest:,} wait"
            rows.append((lessons, f"{run_seconds} s", needed, span(enough.p95), f"{enough.served:,}", queue))
    return table(
        (
            "lessons at once",
            "a run",
            "slots for 95 % within 60 s",
            "p95 then",
            "runs",
            "with a quarter: p50 / p95, longest queue",
        ),
        rows,
    )


def storage_and_network() -> str:
    rows = []
    for lessons in (1, 5, 20, 100):
        students = lessons * CLASS
        done = runs(students, slots_needed(students, 120), 120).served
        small, large = done * SMALL_RUN_MB / 1e3, done * LARGE_RUN_MB / 1e3
        busy = students / CLICK_EVERY * CLICK_KB * 8 / 1e3
        first = students * FIRST_LOAD_MB * 8 / START_WITHIN
        rows.append(
            (
                lessons,
                f"{done:,}",
                f"{small:,.1f} GB",
                f"{large:,.0f} GB",
                f"{first:,.0f} Mbit/s",
                f"{busy:,.0f} Mbit/s",
            )
        )
    return table(
        (
            "lessons at once",
            "runs of 120 s",
            "if LeNet-5",
            "if ResNet-18",
            "network, first minute",
            "network, clicking",
        ),
        rows,
    )


def servers_needed(lessons: int) -> int:
    """Return how many web servers keep 95 of 100 clicks within a second; a class stays on one."""
    return ceil(lessons / max(1, sessions_possible(1.0) // CLASS))


def document() -> str:
    """Return docs/school.md."""
    possible = {most: sessions_possible(most) for most in (0.5, 1.0, 5.0)}
    crowded = clicks(100, every=4.0, seconds=55)
    servers = ", ".join(f"{lessons} lessons: {servers_needed(lessons)}" for lessons in (5, 20, 100))
    return TEXT.read_text("utf-8").format(
        web=web(),
        training=training(),
        storage=storage_and_network(),
        half=possible[0.5],
        one=possible[1.0],
        five=possible[5.0],
        servers=servers,
        crowded=span(crowded.p95),
        click=CLICK_SECONDS,
        every=f"{CLICK_EVERY:.0f}",
        looks=f"{LOOKS_SECONDS / 60:.0f}",
        session=SESSION_MB,
        server=f"{SERVER_MB:,}",
        worker=WORKER_MB,
        kb=f"{CLICK_KB:.0f}",
        first=FIRST_LOAD_MB,
        small=SMALL_RUN_MB,
        large=f"{LARGE_RUN_MB:.0f}",
        classes=possible[1.0] // CLASS,
    )


if __name__ == "__main__":
    print(document(), end="")
