"""From Start to the first loss: a click in a real Chromium, against a worker that starts from nothing."""

import subprocess
import time
from collections.abc import Callable
from functools import partial

import psutil
from playwright.sync_api import Browser

from cnnlab import runs, workspace
from cnnlab.runs.launchers import WORKER_COMMAND
from cnnlab.training import recipes
from tests.benchmarks.result import Result, interleaved
from tests.browser import chromium

A_POINT = """() => location.search.includes("run=")
    && [...document.querySelectorAll(".cnnlab-chart")].some(chart => chart._fullData?.some(c => c._length))"""
"""The run has its address, and a chart has a point: the chart that is preloaded on the form has none."""


def run() -> Result:
    app = chromium.REPOSITORY / "app.py"
    with chromium.served(app, workspace.home()) as address, chromium.launched() as browser:
        ours, other = interleaved([partial(click_start, browser, address), cold_worker], 3)
    return Result(
        name="Start to first loss",
        unit="s",
        ours_is="click on Start to the first point on the chart, a worker waiting",
        ours=ours,
        other_is="a new worker process to its first loss in the log",
        other=other,
        ours_at_most=2.0,
    )


def click_start(browser: Browser, address: str) -> float:
    page = browser.new_page()
    page.goto(f"{address}/train")
    start = page.get_by_role("button", name="Start training")
    start.wait_for(timeout=120_000)
    until(lambda: not any(run.status().is_active for run in runs.list_runs()))
    until(a_worker_waits)
    began = time.perf_counter()
    start.click()
    page.wait_for_function(A_POINT, timeout=120_000)
    seconds = time.perf_counter() - began
    watched = page.url.rpartition("run=")[2]
    page.close()
    runs.get(watched).request_stop()
    return seconds


def cold_worker() -> float:
    until(lambda: not any(run.status().is_active for run in runs.list_runs()))
    run = runs.create(recipes.get("lenet5-digits").config)
    run.claim()
    began = time.perf_counter()
    with subprocess.Popen([*WORKER_COMMAND, str(run.folder)], cwd=chromium.REPOSITORY):
        until(lambda: len(run.metrics().batches["step"]) > 0, pause=0.01)
        seconds = time.perf_counter() - began
        run.request_stop()
    return seconds


def a_worker_waits() -> bool:
    """Whether the server has a worker that has nothing more to import."""
    before = worker_seconds()
    time.sleep(1)
    return 1 < before == worker_seconds()


def worker_seconds() -> float:
    """Return the processor time that workers below this process have used."""
    children = psutil.Process().children(recursive=True)
    workers = [child for child in children if child.cmdline()[-1:] == [WORKER_COMMAND[-1]]]
    return sum(sum(worker.cpu_times()[:2]) for worker in workers)


def until(condition: Callable[[], bool], seconds: float = 180, pause: float = 0.1) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the benchmark waited in vain")
        time.sleep(pause)
