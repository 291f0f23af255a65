"""A class on one server: thirty websocket sessions that click every four seconds while a run trains.

They arrive within ten seconds; ten of them classify an image each time. Then a hundred on the same cores,
and thirty cameras that ask for heat maps.
Beside them a bare Streamlit app with ten widgets a page, under the same clicks; the clients, the server, the
process that computes and the run share the machine's cores. What a session takes of memory, and what is left
of it when the class has gone; the speed of training with the class, against that without it.
"""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import numpy as np
import psutil

from cnnlab import images, runs, workspace
from tests.benchmarks.page_complete import BARE, LONG, something_trained
from tests.benchmarks.result import Result, quantile
from tests.benchmarks.sessions import Clicks
from tests.browser import chromium
from tests.waiting import wait_for

EVERY, ARRIVE = 4.0, 10.0
ASKING = 10
ALONE_SECONDS = 20.0
GONE_SECONDS = 150.0
"""Streamlit keeps the session of a browser that has gone for two minutes, should it come back."""


def run() -> Iterator[Result]:
    home = workspace.home()
    (bare_app := home / "bare.py").write_text(BARE)
    with (
        chromium.served(bare_app, home / "bare") as bare_address,
        chromium.served(chromium.REPOSITORY / "app.py", home) as address,
    ):
        attend(bare_address, 3, 4)
        bare_server = server_of(bare_address)
        bare_began = processor(bare_server)
        bare = attend(bare_address, 30, 30)
        bare_took = (processor(bare_server) - bare_began) / len(clicks(bare))
        something_trained()
        attend(address, 3, 10, asking=1)  # what is made once is made
        server = server_of(address)
        before = memory(server)
        with at_work() as beside:
            alone = speed(beside, ALONE_SECONDS)
            with counted(beside) as beside_bare:
                attend(bare_address, 30, 30)
            bare_many = attend(bare_address, 100, 40)
            spent = processor(server)
            with counted(beside) as together:
                seen, seconds = attend(address, 30, 45, asking=ASKING), 45 + ARRIVE
            grown, took = memory(server) - before, (processor(server) - spent) / len(clicks(seen))
            many = attend(address, 100, 40, asking=ASKING)
            looked = heat_maps(address, 30, 20)
        time.sleep(GONE_SECONDS)
        left = memory(server) - before
    other = {"other_is": "a bare Streamlit app of ten widgets, 30 sessions, p95", "other": p(bare, 95)}
    yardstick = "a bare Streamlit app of ten widgets beside the same training, 100 sessions, p95"
    for name, found, fraction, most, to in (
        ("30 sessions, p50", seen, 50, 0.5, other),
        ("30 sessions, p95", seen, 95, 0.5, other),
        ("100 sessions, p95", many, 95, 2.0, {"other_is": yardstick, "other": p(bare_many, 95)}),
    ):
        said = f"{len(found.times())} clicks and polls in {seconds:.0f} s, {len(found.errors)} errors"
        yield Result(
            f"a class while a run trains, {name}", "s", said, p(found, fraction), ours_at_most=most, **to
        )
    for page in sorted({name for name, _ in seen.seconds}):
        yield Result(
            f"a class while a run trains, 30 sessions: {page}, p95",
            "s",
            f"{len(seen.times(page))} times",
            quantile(seen.times(page), 95),
            ours_at_most=0.5,
            **other,
        )
    yield Result(
        "a class while a run trains, 30 cameras that ask for a heat map, p95",
        "s",
        f"{len(looked.times())} answers of LeNet-5 with Grad-CAM, each camera every {EVERY:.0f} s",
        quantile(looked.times(), 95),
        ours_at_most=0.5,
        **other,
    )
    errors = seen.errors + many.errors + looked.errors
    yield Result(
        "errors in a class of 30 and of 100",
        "errors",
        "; ".join(dict.fromkeys(errors)) or "none",
        len(errors),
        other_is="a bare Streamlit app, 30 sessions",
        other=len(bare.errors),
        ours_at_most=0,
    )
    yield Result(
        "processor time of a click in a class of 30",
        "s",
        "web server and the process that computes, polls included",
        took,
        other_is="a bare Streamlit app of ten widgets, 30 sessions",
        other=bare_took,
        ours_at_most=0.05,
    )
    yield Result(
        "training beside a class of 30",
        "steps/s",
        "while the class clicks",
        together[0],
        other_is="alone on the machine",
        other=alone,
        ratio_at_least=0.9,
    )
    yield Result(
        "training beside a class of 30, and beside the same class on a bare app",
        "steps/s",
        "while the class clicks in this app",
        together[0],
        other_is="while the class clicks in a bare Streamlit app of ten widgets",
        other=beside_bare[0],
        ratio_at_least=0.9,
    )
    yield Result(
        "memory of a session",
        "MB",
        "grown with a class of 30, for each",
        grown / 30,
        other_is=f"for each of 130, {GONE_SECONDS:.0f} s after all have gone",
        other=left / 130,
        ours_at_most=5,
    )


def attend(address: str, sessions: int, seconds: float, asking: int = 0) -> Clicks:
    """Let a class come, in a process of its own."""
    port = address.rpartition(":")[2].strip("/")
    numbers = map(str, (port, sessions, seconds, ARRIVE if sessions > 3 else 1, EVERY, asking))
    command = [sys.executable, "-m", "tests.benchmarks.sessions", *numbers]
    done = subprocess.run(command, cwd=chromium.REPOSITORY, stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    return Clicks([tuple(item) for item in found["seconds"]], found["errors"], found["received"])


def heat_maps(address: str, cameras: int, seconds: float) -> Clicks:
    """Let cameras film, each of which asks for an answer with its heat map every few seconds."""
    [run] = [one for one in runs.list_runs() if one.status().state == "finished"][:1]
    frame = images.encode_jpeg(np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8))
    seen, until = Clicks(), time.monotonic() + seconds

    def film(number: int) -> None:
        time.sleep(EVERY * number / cameras)
        while time.monotonic() < until:
            began = time.perf_counter()
            question = urllib.request.Request(
                f"{address}/cnnlab/answer?run={run.id}&heat=1", frame, {"Content-Type": "image/jpeg"}
            )
            try:
                urllib.request.urlopen(question, timeout=30).close()
            except OSError as error:
                seen.errors.append(repr(error)[:120])
            seen.seconds.append(("heat map", time.perf_counter() - began))
            time.sleep(max(0.0, EVERY - (time.perf_counter() - began)))

    with ThreadPoolExecutor(cameras) as pool:
        list(pool.map(film, range(cameras)))
    return seen


def p(seen: Clicks, fraction: int) -> float:
    """Return a quantile over the pages, the polls left out."""
    return quantile(clicks(seen), fraction)


def clicks(seen: Clicks) -> list[float]:
    """Return the seconds of each click, the polls left out."""
    return [took for name, took in seen.seconds if name != "pulse"]


@contextmanager
def at_work() -> Iterator[runs.Run]:
    """Train beside; the server's worker does it."""
    beside = runs.create(LONG)
    wait_for(lambda: len(beside.metrics().batches["step"]) > 5, 120)
    time.sleep(10)  # the worker for the next run is being prepared
    yield beside
    with suppress(Exception):
        beside.request_stop()


def speed(run: runs.Run, seconds: float) -> float:
    """Return the steps a second of a run at work."""
    with counted(run) as found:
        time.sleep(seconds)
    return found[0]


@contextmanager
def counted(run: runs.Run) -> Iterator[list[float]]:
    """Give a list that holds, after the block, the steps a second of a run at work."""
    found: list[float] = []
    first = done(run)
    yield found
    last = done(run)
    found.append((last[0] - first[0]) / (last[1] - first[1]))


def done(run: runs.Run) -> tuple[int, float]:
    """Return how many steps are done, and the time of the last one that was noted."""
    path = run.folder / "metrics.jsonl"
    return int(run.metrics().batches["step"][-1]), path.stat().st_mtime


def server_of(address: str) -> psutil.Process:
    """Return the process that serves an address."""
    port = address.rpartition(":")[2].strip("/")
    children = psutil.Process().children(recursive=True)
    return next(child for child in children if port in child.cmdline() and "streamlit" in child.cmdline())


def memory(server: psutil.Process) -> float:
    """Return the megabytes of the server and of the process that computes for it."""
    return sum(process.memory_info().rss for process in serving(server)) / 2**20


def processor(server: psutil.Process) -> float:
    """Return the seconds of processor time of the server and of the process that computes for it."""
    return sum(sum(process.cpu_times()[:2]) for process in serving(server))


def serving(server: psutil.Process) -> list[psutil.Process]:
    """Return the server and the process that computes for it."""
    return [server, *(c for c in server.children() if "cnnlab.service" in c.cmdline())]
