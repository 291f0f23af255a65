"""Commands that pages run beside the server: progress, answers, failures, one at a time."""

import sys
import threading

import pytest

from cnnlab.ui import chores
from cnnlab.ui.chores import Chore

SAYS = """
import sys
print("  30% Half of it.", "noise", sep="\\n", file=sys.stderr)
{rest}
"""


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs a program in the place of `python -m cnnlab`, as a chore."""

    def run(program: str) -> Chore:
        start = chores.subprocess.Popen
        arguments = [sys.executable, "-c", SAYS.format(rest=program)]
        monkeypatch.setattr(chores.subprocess, "Popen", lambda _, **more: start(arguments, **more))
        chore = Chore(("evaluate", "some-run"))
        chore.run(threading.Lock())
        return chore

    return run


def test_a_chore_tells_its_progress_and_its_answer(command):
    chore = command('print(\'{"run_id": "a"}\')')
    assert (chore.share, chore.words, chore.error) == (0.3, "Half of it.", "")
    assert chore.answer == {"run_id": "a"} and chore.over.is_set()


def test_a_failure_is_the_sentence_of_the_command(command):
    chore = command("print('cnnlab: The run is gone.', file=sys.stderr); sys.exit(1)")
    assert (chore.error, chore.answer) == ("The run is gone.", None)


def test_a_command_that_dies_without_a_word_is_a_sentence_too(command):
    chore = command("import os; os.kill(os.getpid(), 9)")
    assert chore.error == "The work ended without a word; try again."


def test_chores_wait_for_each_other_and_one_that_is_stopped_never_begins():
    turn, chore = threading.Lock(), Chore(("no", "such"))
    turn.acquire()
    thread = threading.Thread(target=chore.run, args=(turn,))
    thread.start()
    assert not chore.over.wait(0.05)
    chore.stop()
    turn.release()
    assert chore.over.wait(10) and not chore.error
    thread.join()
