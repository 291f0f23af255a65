"""Long work that a page asks for, such as an evaluation: a command in a process of its own, one at a time.

In the server it would make every page slow for everybody. The process prints how far it is; the page looks.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from cnnlab import runs, workspace
from cnnlab.errors import RunError
from cnnlab.runs.limits import CPU_SECONDS
from cnnlab.training.worker import NICENESS
from cnnlab.ui import limits
from cnnlab.ui.limits import Limits
from cnnlab.ui.wording import duration, plain

POLL_SECONDS = 0.5
LONG_SECONDS = 120.0
"""After so long anybody may cancel a command; who asked for it may at any time."""
MOST_WAITING = 20
KEPT_SECONDS = 3600.0
_WORDS = {"evaluate": "Evaluating", "export": "Exporting", "open": "Opening an imported run"}
_LARGEST_ANSWER = 10**6
_PROGRESS = re.compile(r"\s*(\d+)% (.*)")
_FAILURE = "cnnlab: "


@dataclass(eq=False)
class Chore:
    """One command at work or over: how far it is, and its answer or what went wrong in one sentence.

    ``asked`` and ``began`` are seconds of ``time.monotonic``; ``began`` is None while it waits for its turn.
    """

    arguments: tuple[str, ...]
    most: Limits | None = None
    asked: float = field(default_factory=time.monotonic)
    began: float | None = None
    share: float = 0.0
    words: str = "Waits for its turn."
    error: str = ""
    answer: Any = None
    over: threading.Event = field(default_factory=threading.Event)
    stopped: bool = False
    _process: subprocess.Popen[str] | None = None

    @property
    def verb(self) -> str:
        """What it does."""
        return self.arguments[0]

    @property
    def seconds(self) -> float:
        """For how long it has been at work, or waits."""
        return time.monotonic() - (self.began or self.asked)

    def stop(self, why: str = "") -> None:
        """End it; what it had made so far is dropped. ``why`` is said to who asked for it."""
        self.stopped, self.error = True, why
        if self._process:
            limits.end(self._process)

    def run(self, turn: threading.Lock) -> None:
        """Wait for the turn and run the command to its end; the whole work of a thread."""
        try:
            with turn, tempfile.TemporaryFile() as answer:
                if not self.stopped:
                    self._run(answer)
        except OSError as error:
            self.error = f"The work could not be started ({error.strerror}); try again."
        except ValueError:
            self.error = "The work ended without an answer; try again."
        finally:
            self.over.set()

    def _run(self, answer: Any) -> None:
        self.words, self.began = "Loading TensorFlow.", time.monotonic()
        most = self.most or limits.of(self.verb)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cnnlab", *self.arguments, "--json"],
            stdout=answer,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=workspace.child_environment(
                CUDA_VISIBLE_DEVICES="-1", **{CPU_SECONDS: str(round(most.cpu_seconds))}
            ),
        )
        if self.stopped:  # while it was being started
            limits.end(self._process)
        watch = limits.Watch(self._process, most)
        watch.start()
        if hasattr(os, "setpriority"):
            with suppress(OSError):  # it is over already
                os.setpriority(os.PRIO_PROCESS, self._process.pid, NICENESS)
        failure = ""
        for line in self._process.stderr or ():
            if found := _PROGRESS.match(line):
                self.share, self.words = int(found[1]) / 100, found[2].strip()
            elif line.startswith(_FAILURE):
                failure = line.removeprefix(_FAILURE).strip()
        code = self._process.wait()
        watch.call_off()
        watch.join()
        if watch.reason and not self.stopped:
            self.error = f"{watch.reason} Nothing of it is kept."
        elif code and not self.stopped:
            self.error = failure or "The work ended without a word; try again."
        answer.seek(0)
        if (
            not self.error
            and len(text := answer.read(_LARGEST_ANSWER)) < _LARGEST_ANSWER
            and not self.stopped
        ):
            self.answer = json.loads(text)


@st.cache_resource(show_spinner=False)
def _chores() -> tuple[dict[tuple[str, ...], Chore], threading.Lock]:
    """Return this server's chores by their command, and the lock that lets one of them work at a time."""
    return {}, threading.Lock()


def begin(*arguments: str) -> None:
    """Begin a command of ``python -m cnnlab``, unless the same one is waiting or at work.

    Raises:
        RunError: too many wait already.
    """
    known, turn = _chores()
    old = known.get(arguments)
    if old is None or old.over.is_set():
        for forgotten, chore in [*known.items()]:
            if chore.over.is_set() and chore.seconds > KEPT_SECONDS:
                known.pop(forgotten, None)
        if len(unfinished()) >= MOST_WAITING:
            raise RunError(f"{MOST_WAITING} commands wait already; try again when some of them are done.")
        chore = known[arguments] = Chore(arguments)
        threading.Thread(target=chore.run, args=(turn,), name=" ".join(arguments), daemon=True).start()


def is_at_work(*arguments: str) -> bool:
    """Whether a command waits or is at work, whoever began it."""
    known, _ = _chores()
    return arguments in known and not known[arguments].over.is_set()


def unfinished() -> list[Chore]:
    """Return what is at work and what waits, whoever asked for it, the first one first."""
    known, _ = _chores()
    alive = [chore for chore in [*known.values()] if not (chore.stopped or chore.over.is_set())]
    return sorted(alive, key=lambda chore: (chore.began is None, chore.asked))


def background_work() -> None:
    """List what is at work beside the server and what waits; everybody may cancel what takes too long.

    Draws nothing where nothing is; meant for a fragment that runs every few seconds on every page.
    """
    for chore in unfinished():
        since = duration(chore.seconds)
        with st.container(gap=None):
            if chore.began is None:
                st.caption(f":material/hourglass_empty: {plain(_said(chore))}: waits, {since}")
                continue
            st.caption(
                f":material/manufacturing: {plain(_said(chore))}: {since}, {min(1, chore.share) * 100:.0f} %"
            )
            if chore.seconds > LONG_SECONDS:
                why = "Somebody cancelled this work because it took long."
                key = f"cancel for all {chore.arguments}"
                st.button("Cancel", icon=":material/close:", on_click=chore.stop, args=(why,), key=key)


def _said(chore: Chore) -> str:
    """Say what a command does, and with which run."""
    words = _WORDS.get(chore.verb, chore.verb)
    titles = {seen.run.id: seen.title for seen in runs.overview()} if len(chore.arguments) > 1 else {}
    title = titles.get(chore.arguments[-1], "")
    return f"{words} {title}".strip()


def shown(*arguments: str, done: Callable[[Chore], None] = lambda chore: None) -> bool:
    """Show how far a command is, if somebody began it; return whether it is still at work.

    ``done`` is called once when it has ended well. Why it failed is said until it is begun again.
    """
    known, _ = _chores()
    if not (chore := known.get(arguments)):
        return False
    if not chore.over.is_set():
        st.fragment(_progress, run_every=POLL_SECONDS)(chore)
        return True
    if chore.error:
        st.error(plain(chore.error))
        return False
    del known[arguments]
    if not chore.stopped:
        done(chore)
    return False


def _progress(chore: Chore) -> None:
    if chore.over.is_set():
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(1.0, chore.share), plain(chore.words))
        st.button("Cancel", icon=":material/close:", on_click=chore.stop, key=f"cancel {chore.arguments}")
