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
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

import cnnlab
from cnnlab.training.worker import NICENESS
from cnnlab.ui.wording import plain

POLL_SECONDS = 0.5
_LARGEST_ANSWER = 10**6
_PROGRESS = re.compile(r"\s*(\d+)% (.*)")
_FAILURE = "cnnlab: "


@dataclass(eq=False)
class Chore:
    """One command at work or over: how far it is, and its answer or what went wrong in one sentence."""

    arguments: tuple[str, ...]
    share: float = 0.0
    words: str = "Waits for its turn."
    error: str = ""
    answer: Any = None
    over: threading.Event = field(default_factory=threading.Event)
    stopped: bool = False
    _process: subprocess.Popen[str] | None = None

    def stop(self) -> None:
        """End it; what it had made so far is dropped."""
        self.stopped = True
        if self._process:
            self._process.terminate()

    def run(self, turn: threading.Lock) -> None:
        """Wait for the turn and run the command to its end; the whole work of a thread."""
        try:
            with turn, tempfile.TemporaryFile() as answer:
                if not self.stopped:
                    self._run(answer)
        except OSError as error:
            self.error = f"The work could not be started ({error.strerror}); try again."
        finally:
            self.over.set()

    def _run(self, answer: Any) -> None:
        self.words = "Loading TensorFlow."
        path = os.pathsep.join(
            filter(None, (str(Path(cnnlab.__file__).parents[1]), os.environ.get("PYTHONPATH")))
        )
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cnnlab", *self.arguments, "--json"],
            stdout=answer,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, "PYTHONPATH": path, "CUDA_VISIBLE_DEVICES": "-1"},
        )
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, NICENESS)
        failure = ""
        for line in self._process.stderr or ():
            if found := _PROGRESS.match(line):
                self.share, self.words = int(found[1]) / 100, found[2].strip()
            elif line.startswith(_FAILURE):
                failure = line.removeprefix(_FAILURE).strip()
        if self._process.wait() and not self.stopped:
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
    """Begin a command of ``python -m cnnlab``, unless the same one is waiting or at work."""
    known, turn = _chores()
    old = known.get(arguments)
    if old is None or old.over.is_set():
        chore = known[arguments] = Chore(arguments)
        threading.Thread(target=chore.run, args=(turn,), name=" ".join(arguments), daemon=True).start()


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
