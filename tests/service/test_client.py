"""The service: real processes that answer, refuse, hang and die; small questions stand in for TensorFlow."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from cnnlab.errors import ArchitectureError, ServiceError
from cnnlab.service import Service
from tests.waiting import wait_for

PROCESS = """
import os, sys, time, types
import numpy as np
from cnnlab.errors import ArchitectureError

def refuse(): raise ArchitectureError("conv2 does not fit.")
def die(): os._exit(1)
def once(path):
    if not os.path.exists(path):
        open(path, "w").close()
        os._exit(1)
    return "alive"
def slow(seconds): time.sleep(seconds); return "done"
def bug(): return 1 / 0
def odd(): return lambda: None

made = types.ModuleType("cnnlab.service.questions")
asked = dict(refuse=refuse, die=die, once=once, slow=slow, bug=bug, odd=odd)
made.ASKED = asked | dict(pid=os.getpid, twice=lambda x: 2 * x)
made.HEAVY = {"slow"}
sys.modules["cnnlab.service.questions"] = made
{before}
from cnnlab.service.__main__ import main
main()
"""


@pytest.fixture
def service() -> Iterator[Callable[..., Service]]:
    """Return a function that starts a service; ``before`` is Python that its process runs first."""
    started: list[Service] = []

    def start(before: str = "", **options: float) -> Service:
        command = (sys.executable, "-c", PROCESS.replace("{before}", before))
        started.append(Service(command, **options).start())
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_arrays_go_to_and_fro(service):
    images = np.arange(300_000, dtype=np.float32).reshape(100, 50, 60)
    assert (service().ask("twice", images) == 2 * images).all()


def test_many_ask_at_once_and_each_gets_its_own_answer(service):
    ours = service()
    with ThreadPoolExecutor(30) as pool:
        assert list(pool.map(lambda n: ours.ask("twice", n), range(300))) == [2 * n for n in range(300)]


def test_a_refusal_is_the_apps_own_error_and_a_bug_shows_where_it_was(service):
    ours = service()
    with pytest.raises(ArchitectureError, match=r"conv2 does not fit\."):
        ours.ask("refuse")
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        ours.ask("bug")
    with pytest.raises(RuntimeError, match="pickle"):
        ours.ask("odd")
    assert ours.ask("twice", 4) == 8


def test_what_kills_the_process_is_refused_and_the_next_question_is_answered_by_a_new_one(service):
    ours = service()
    before = ours.ask("pid")
    with pytest.raises(ServiceError):
        ours.ask("die")
    assert ours.ask("pid") != before
    assert ours.ask("twice", 4) == 8


def test_others_who_ask_while_one_kills_the_process_are_answered_all_the_same(service):
    ours = service()
    ours.ask("pid")
    with ThreadPoolExecutor(12) as pool:
        slow = [pool.submit(ours.ask, "slow", 0.05) for _ in range(6)]
        killers = [pool.submit(ours.ask, "die") for _ in range(2)]
        assert all(isinstance(killer.exception(60), ServiceError) for killer in killers)
        assert [one.result(60) for one in slow] == ["done"] * 6


def test_a_process_that_the_system_kills_is_not_noticed_by_who_asks(service, tmp_path):
    ours = service()
    assert ours.ask("once", str(tmp_path / "died")) == "alive"
    os.kill(ours.ask("pid"), signal.SIGKILL)
    assert ours.ask("twice", 4) == 8


def test_an_answer_that_takes_too_long_is_refused_and_its_process_ended(service):
    ours = service(seconds=0.3)
    before = ours.ask("pid")
    with pytest.raises(ServiceError):
        ours.ask("slow", 60)
    wait_for(lambda: not alive(before), 20)
    assert ours.ask("twice", 4) == 8


def test_heavy_questions_do_not_keep_light_ones_waiting(service):
    ours = service()
    ours.ask("pid")
    done = threading.Event()
    threading.Thread(target=lambda: (ours.ask("slow", 2), done.set()), daemon=True).start()
    assert ours.ask("twice", 4) == 8
    assert not done.is_set()
    assert done.wait(60)


def test_a_broken_installation_says_what_to_do(service):
    ours = service(before='del sys.modules["cnnlab.service.questions"]; sys.modules["keras"] = None')
    with pytest.raises(ServiceError, match=r"pip install -r requirements\.txt"):
        ours.ask("twice", 4)
    assert not ours.ready


def test_more_memory_than_the_machine_can_spare_ends_the_process_and_not_the_server(service):
    greedy = "from cnnlab.service import guard; guard.MOST_BYTES = 200 * 2**20"
    ours = service(before=greedy)
    assert ours.ask("twice", 4) == 8
    with pytest.raises(ServiceError):
        ours.ask("twice", np.zeros(2**26, np.float32))
    assert ours.ask("twice", 4) == 8


def test_the_process_ends_with_its_server(service):
    ours = service()
    process = ours.ask("pid")
    ours.close()
    wait_for(lambda: not alive(process), 20)
    with pytest.raises(ServiceError):
        ours.ask("twice", 4)


def test_a_server_that_is_killed_leaves_no_process_behind(tmp_path):
    code = f"""
import sys, time
sys.argv = ["x"]
from cnnlab.service import Service
service = Service((sys.executable, "-c", {PROCESS.replace("{before}", "")!r}))
print(service.ask("pid"), flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as server:
        process = int(server.stdout.readline())
        assert alive(process)
        server.kill()
    wait_for(lambda: not alive(process), 20)


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_is_ready_once_it_can_answer_at_once(service):
    ours = service(before="time.sleep(0.5)")
    assert not ours.ready
    ours.wait()
    assert ours.ready
    began = time.monotonic()
    assert ours.ask("twice", 1) == 2
    assert time.monotonic() - began < 30
