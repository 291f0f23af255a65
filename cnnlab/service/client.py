"""The server's half: starts the process that holds TensorFlow, asks it, and starts it anew when it dies."""

import contextlib
import itertools
import pickle
import subprocess
import sys
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from cnnlab import workspace
from cnnlab.errors import ServiceError
from cnnlab.languages import texts

COMMAND = (sys.executable, "-m", "cnnlab.service")
SECONDS = 60.0
"""For an answer, once TensorFlow is there; what takes longer is ended, and its process with it."""
START_SECONDS = 180.0
ATTEMPTS = 6
"""At a question whose process dies: others that are asked meanwhile may be what kills it."""
READY = "ready"


class _DiedError(Exception):
    """The process ended before it had answered; ``alone``: no other question was at work."""

    def __init__(self, alone: bool = False):
        super().__init__()
        self.alone = alone


class Service:
    """Asks a process of its own; any number of threads may ask at once.

    The process may die: memory that runs out, a file made to harm it. Of the questions at work then, one is
    to blame. Each is asked again, one retry at a time; the one whose process dies again with nothing else at
    work is refused in one sentence, and the others are answered.
    """

    def __init__(self, command: tuple[str, ...] = COMMAND, seconds: float = SECONDS):
        self._command, self._seconds = command, seconds
        self._lock, self._retry = threading.Lock(), threading.Lock()
        self._process: _Process | None = None
        self._closed = False

    def start(self) -> "Service":
        """Start the process, without waiting for it."""
        self._current()
        return self

    @property
    def ready(self) -> bool:
        """Whether the next question is answered without waiting for TensorFlow."""
        return self._process is not None and self._process.is_ready

    @property
    def message(self) -> str:
        """How far the process is, in one sentence."""
        if self._process is not None and self._process.problem:
            return self._process.problem
        return texts("TensorFlow is ready." if self.ready else "TensorFlow is loading…")

    def wait(self) -> None:
        """Block until questions can be answered at once.

        Raises:
            ServiceError: TensorFlow cannot be loaded.
        """
        self._current().wait_until_ready()

    def ask(self, question: str, *arguments: Any) -> Any:
        """Return the answer to one of ``questions.ASKED``.

        Raises:
            ServiceError: TensorFlow cannot be loaded, or the process dies of this question or is too slow.
            CnnLabError: as the question.
        """
        for attempt in range(ATTEMPTS):
            try:
                with self._retry if attempt else contextlib.nullcontext():
                    return self._ask(question, arguments)
            except _DiedError as error:
                if attempt and error.alone:  # else another question at work may be to blame
                    break
        raise ServiceError(
            "The process that computes with TensorFlow ended at this, perhaps for want of memory; "
            "choose a smaller image or another network."
        )

    def close(self) -> None:
        """End the process; questions at work are refused."""
        with self._lock:
            self._closed = True
            if self._process:
                self._process.end()

    def _ask(self, question: str, arguments: tuple) -> Any:
        process = self._current()
        process.wait_until_ready()
        answer = process.send(question, arguments)
        try:
            return answer.result(self._seconds)
        except FutureTimeoutError as error:
            process.end()
            raise ServiceError(
                f"This took longer than {self._seconds:.0f} seconds, so it was ended; choose less of it."
            ) from error

    def _current(self) -> "_Process":
        with self._lock:
            if self._closed:
                raise ServiceError("The server is closing; reload the page in a moment.")
            if self._process is None or self._process.is_over:
                self._process = _Process(self._command)
            return self._process


class _Process:
    """One life of the process."""

    def __init__(self, command: tuple[str, ...]):
        self.problem = ""
        self._numbers = itertools.count()
        self._waiting: dict[int, Future] = {}
        self._lock = threading.Lock()
        self._ready, self._over = threading.Event(), threading.Event()
        with workspace.log("service.log") as log:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=workspace.child_environment(CUDA_VISIBLE_DEVICES="-1"),
            )
        assert self._popen.stdin and self._popen.stdout  # pipes, as asked for
        self._questions, self._answers = self._popen.stdin, self._popen.stdout
        threading.Thread(target=self._read, name="service answers", daemon=True).start()

    @property
    def is_ready(self) -> bool:
        return self._ready.is_set() and not self.problem and not self.is_over

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def wait_until_ready(self) -> None:
        self._ready.wait(START_SECONDS)
        if self.problem:
            raise ServiceError(self.problem)
        if not self._ready.is_set():
            self.end()
            raise ServiceError("TensorFlow does not load on this machine; see service.log in the workspace.")

    def send(self, question: str, arguments: tuple) -> Future:
        answer: Future = Future()
        data = pickle.dumps((number := next(self._numbers), question, arguments), protocol=5)
        with self._lock:
            if self.is_over:
                raise _DiedError
            self._waiting[number] = answer
            try:
                self._questions.write(data)
                self._questions.flush()
                return answer
            except OSError:
                self._waiting.pop(number)
                alone = not self._waiting
        self._over.wait()  # it has gone; the next question is for a new one
        raise _DiedError(alone)

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self._popen.kill()

    def _read(self) -> None:
        """Hand each answer to whoever waits for it, until the process ends; a thread's whole work."""
        while True:
            try:
                number, well, answer = pickle.load(self._answers)
            except Exception:  # it has ended, or it writes what is no answer: anything can come of that
                break
            if number == READY:
                self.problem = "" if well else _unloadable(answer)
                self._ready.set()
            elif waiting := self._waiting.pop(number, None):
                (waiting.set_result if well else waiting.set_exception)(answer)
        self._popen.kill()
        self._popen.wait()
        with self._lock:
            self._over.set()
            lost = list(self._waiting.values())
            self._waiting.clear()
        self._ready.set()
        for waiting in lost:
            waiting.set_exception(_DiedError(alone=len(lost) == 1))


def _unloadable(error: str) -> str:
    return texts(f"TensorFlow cannot be loaded ({error}); run pip install -r requirements.txt again.")
