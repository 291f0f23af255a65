"""The process that holds TensorFlow for the pages: questions on standard input, answers on standard output.

Each is a pickle: (number, name of the question, arguments), and (number, whether it went well, answer or
error). It belongs to one server: when that is gone, the input ends, and so does this. What libraries print
goes to standard error.
"""

import os
import pickle
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

from cnnlab import machine
from cnnlab.errors import CnnLabError
from cnnlab.runs.limits import be_ended_first
from cnnlab.service.client import READY
from cnnlab.service.guard import Guard

THREADS = 4


def main() -> None:
    """Answer until the server is gone."""
    answers = Answers(os.fdopen(os.dup(sys.stdout.fileno()), "wb"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    questions = sys.stdin.buffer
    machine.keep_to_granted_cores()
    be_ended_first()
    Guard().start()
    try:
        from cnnlab.service.questions import ASKED, HEAVY
    except Exception as error:  # a broken installation must reach the pages
        answers.send(READY, False, f"{type(error).__name__}: {error}")
        return
    answers.send(READY, True, None)
    light, heavy = ThreadPoolExecutor(THREADS), ThreadPoolExecutor(1)
    while True:
        try:
            number, name, arguments = pickle.load(questions)
        except (EOFError, OSError):
            os._exit(0)  # the server is gone: nobody waits for what is at work
        (heavy if name in HEAVY else light).submit(answers.give, number, ASKED[name], arguments)


class Answers:
    """Writes answers, whole and one after the other."""

    def __init__(self, stream: BinaryIO):
        self._stream, self._lock = stream, threading.Lock()

    def give(self, number: int, question: Any, arguments: tuple) -> None:
        """Answer one question; a thread's work."""
        try:
            self.send(number, True, question(*arguments))
        except CnnLabError as error:
            self.send(number, False, error)
        except Exception:  # a bug: the page that asked shows it
            self.send(number, False, RuntimeError(traceback.format_exc()))

    def send(self, number: int | str, well: bool, answer: Any) -> None:
        """Write one answer."""
        data = pickle.dumps((number, well, answer), protocol=5)
        with self._lock:
            self._stream.write(data)
            self._stream.flush()


if __name__ == "__main__":
    main()
