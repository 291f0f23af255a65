"""Commands that pages run beside the server: progress, answers, failures, one at a time."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab.errors import RunError
from cnnlab.runs.limits import CPU_SECONDS, limit_myself
from cnnlab.ui import chores
from cnnlab.ui import limits as limits_of_commands
from cnnlab.ui.chores import Chore
from cnnlab.ui.limits import Limits

SAYS = """
import sys
print("  30% Half of it.", "noise", sep="\\n", file=sys.stderr)
{rest}
"""


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs a program in the place of `python -m cnnlab`, as a chore."""

    def run(program: str, most: Limits | None = None) -> Chore:
        start = chores.subprocess.Popen
        arguments = [sys.executable, "-c", SAYS.format(rest=program)]
        monkeypatch.setattr(chores.subprocess, "Popen", lambda _, **more: start(arguments, **more))
        chore = Chore(("evaluate", "some-run"), most)
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


MUCH = Limits(seconds=100, cpu_seconds=100, memory_bytes=2**40)


GREEDY = "import time; some = bytearray(2**28); time.sleep(60)"


@pytest.mark.parametrize(
    ("program", "most", "words"),
    [
        ("import time; time.sleep(60)", replace(MUCH, seconds=0.1), "minutes and was ended"),
        ("while True: pass", replace(MUCH, cpu_seconds=0.1), "processor time"),
        (GREEDY, replace(MUCH, memory_bytes=2**27), "memory"),
        (
            f"import subprocess; subprocess.run([sys.executable, '-c', {GREEDY!r}])",
            replace(MUCH, memory_bytes=2**27),
            "memory",
        ),
        (
            "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
            replace(MUCH, seconds=0.1),
            "was ended",
        ),
    ],
    ids=["sleeps", "computes", "takes memory", "lets another take memory", "does not listen"],
)
def test_a_command_that_takes_too_much_is_ended_with_one_sentence(command, program, most, words):
    chore = command(program, most)
    assert words in chore.error and chore.answer is None and chore.over.is_set()
    assert "\n" not in chore.error and chore.error.endswith(".")


def test_what_honest_work_takes_is_within_the_limits():
    for verb in ("open", "evaluate", "export"):
        most = limits_of_commands.of(verb)
        assert most.seconds >= 300 and most.cpu_seconds >= most.seconds and most.memory_bytes >= 2 * 2**30


def test_a_command_limits_its_own_processor_time_for_a_server_that_is_gone():
    pytest.importorskip("resource", reason="this system limits no processes")
    code = f"from {limit_myself.__module__} import limit_myself; limit_myself()\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, CPU_SECONDS: "1"}, timeout=60)
    assert done.returncode < 0  # by a signal
    code = f"from {limit_myself.__module__} import limit_myself; limit_myself()"
    for odd in ("", "x", "-1"):
        subprocess.run([sys.executable, "-c", code], env={**os.environ, CPU_SECONDS: odd}, check=True)


def test_everybody_sees_what_works_and_waits_and_too_many_are_refused(monkeypatch: pytest.MonkeyPatch):
    chores._chores.clear()
    known, turn = chores._chores()
    turn.acquire()
    chores.begin("evaluate", "first-run-1")
    chores.begin("evaluate", "first-run-1")
    chores.begin("export", "other-run-2")
    assert [chore.arguments for chore in chores.unfinished()] == [
        ("evaluate", "first-run-1"),
        ("export", "other-run-2"),
    ]
    monkeypatch.setattr(chores, "MOST_WAITING", 2)
    with pytest.raises(RunError, match="wait already"):
        chores.begin("export", "third-run-3")
    for chore in chores.unfinished():
        chore.stop("Somebody cancelled it.")
    turn.release()
    for chore in [*known.values()]:
        assert chore.over.wait(10) and chore.error == "Somebody cancelled it."
    assert chores.unfinished() == []
    chores._chores.clear()


def page() -> None:
    from cnnlab.ui import chores

    chores.background_work()


def test_what_takes_long_can_be_cancelled_by_anybody_and_what_has_just_begun_cannot():
    chores._chores.clear()
    known, _ = chores._chores()
    quick, slow, waits = (Chore(("evaluate", name)) for name in ("quick", "slow", "waits"))
    known |= {chore.arguments: chore for chore in (quick, slow, waits)}
    quick.began = time.monotonic() - chores.LONG_SECONDS / 2
    slow.began = time.monotonic() - chores.LONG_SECONDS - 1
    app = AppTest.from_function(page, default_timeout=60).run()
    assert len(app.caption) == 3 and len(app.button) == 1
    app.button[0].click().run()
    assert (slow.stopped, quick.stopped, waits.stopped) == (True, False, False)
    assert slow.error and not app.exception
    chores._chores.clear()
