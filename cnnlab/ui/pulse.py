"""Pages that keep up with what changes, at next to no cost while nothing does.

A browser asks the server for a word, of a run or of the whole machine, as often as the page says: a small
request that runs no page. Another word than the page was drawn with makes Streamlit run that part of it
again. A tab that is not looked at does not ask.
"""

import asyncio
import functools
import hashlib
import threading
import time

import streamlit as st

from cnnlab import runs
from cnnlab.datasets.own import folder
from cnnlab.errors import CnnLabError
from cnnlab.runs import jobs
from cnnlab.runs.status import ACTIVE
from cnnlab.streamlit_internals import ComponentRenderer
from cnnlab.ui import engine, shared_screen
from cnnlab.ui.live_chart import serve_assets

MACHINE, SCREEN, RUN, DATASET = "machine", "screen", "run/", "dataset/"
WAITS = {SCREEN: 5.0}
"""The answer to who knows the word already is kept back until there is another, or for so many seconds."""
WAITING_STEP = 0.25
KEPT_SECONDS = {MACHINE: 0.4}
"""A word is looked up once in this time, however many browsers ask; ``SHORT_SECONDS`` any other."""
SHORT_SECONDS = 0.1
JOB_STEP = 5.0
SILENT_SECONDS, SILENCE_STEP = 20.0, 5.0
"""A worker that has not written for so long changes the word again and again: the page tells for how long."""


def listen(of: str, drawn_with: str, seconds: float, key: str) -> None:
    """Run the part of the page that calls this again once ``of`` has changed.

    Args:
        of: ``MACHINE``, ``SCREEN`` (what the teacher shares), or ``RUN`` or ``DATASET`` with the name of one.
        drawn_with: its ``word`` from before this part of the page read anything of it. A later one would hide
            what changes while the page is drawn: the last change of all would never be shown.
        seconds: how often a browser asks.
        key: of the element; one for each place.
    """
    serve_assets()
    _component()(
        data={"of": of, "word": drawn_with, "seconds": seconds, "waits": of in WAITS},
        key=key,
        height=1,
        on_changed_change=lambda: None,
    )


async def other_word(of: str, known: str) -> str:
    """Return the word of ``of`` once it is not the one that is known, or after a while; see ``WAITS``."""
    until = time.monotonic() + WAITS[of]
    while (now := word(of)) == known and time.monotonic() < until:
        await asyncio.sleep(WAITING_STEP)
    return now


def word(of: str) -> str:
    """Return a word that is another one when ``of`` has changed; empty for what does not exist."""
    return shared_screen.word() if of == SCREEN else _words.of(of)


class _Words:
    """The words that were asked for last, each kept for a moment: many browsers ask for the same one."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, str]] = {}
        self._lock = threading.RLock()  # the word of a run that waits asks for the machine's

    def of(self, name: str) -> str:
        with self._lock:
            now = time.monotonic()
            at, known = self._kept.get(name, (0.0, ""))
            if now - at < KEPT_SECONDS.get(name, SHORT_SECONDS):
                return known
            if len(self._kept) > 200:
                self._kept.clear()
            found = _look(name)
            self._kept[name] = now, found
            return found


_words = _Words()


def _look(of: str) -> str:
    try:
        if of == MACHINE:
            return _machine()
        if of.startswith(RUN):
            return _run(runs.get(of.removeprefix(RUN)))
        if of.startswith(DATASET):
            return str(folder.dataset_folder(of.removeprefix(DATASET)).changed)
    except (CnnLabError, OSError):
        pass
    return ""


def _machine() -> str:
    """Tell what every page's sidebar and the lists of runs show: the runs, and the work beside the server."""
    shares = shared_screen.now() is not None
    seen = hashlib.sha1(f"{engine.service().ready} {shares}".encode(), usedforsecurity=False)
    for run in runs.overview():
        now = run.status
        # no words of a page, which differ from language to language
        said = f"{run.state} {now.ended} {now.epoch} {now.epochs} {now.best_val_accuracy} {run.images}"
        seen.update(f"{run.run.id} {run.title} {said}\n".encode())
    for job, status in jobs.unfinished():
        took = (time.time() - (status.started or status.created)) // JOB_STEP
        seen.update(f"{job.id} {status.state} {status.step} {status.progress:.2f} {took}\n".encode())
    return seen.hexdigest()[:12]


def _run(run: runs.Run) -> str:
    status, wishes = run.folder / "status.json", run.folder / "control"
    history = run.folder / "metrics.jsonl"
    size = history.stat().st_size if history.exists() else 0
    changed = status.stat()
    silence, state = time.time() - changed.st_mtime, run.status().state
    late = int(silence / SILENCE_STEP) if silence > SILENT_SECONDS and state in ACTIVE else 0
    others = word(MACHINE) if state == "queued" else ""  # the page tells how many are before it
    return f"{changed.st_mtime_ns:x}-{wishes.stat().st_mtime_ns:x}-{size:x}-{late}-{others}"


@functools.cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("cnnlab.pulse", js="pulse.js", isolate_styles=False)
