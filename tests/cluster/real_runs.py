"""What tests on a real cluster share: a long run, a supervisor that sends it there, and patience."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from cnnlab import runs
from cnnlab.cluster.engine import Engine
from cnnlab.cluster.launcher import ClusterLauncher
from cnnlab.runs import Run, Supervisor
from cnnlab.settings import RunConfig
from tests import waiting

wait_for = partial(waiting.wait_for, seconds=120.0)
LONG = RunConfig("lenet5", "digits", epochs=5000, image_size=16, channels=1, max_per_class=30)


@contextmanager
def supervised(engine: Engine) -> Iterator[Supervisor]:
    """Give a supervisor whose runs go to a cluster; at the end what still trains is asked to stop."""
    boss = Supervisor(ClusterLauncher(engine).start()).start()
    yield boss
    for run in runs.list_runs():
        if run.status().is_active:
            run.request_stop()
    boss.close()


def trains(run: Run, epochs: int = 2) -> bool:
    """Whether a run has trained for so many epochs; one that is over fails the test with its log."""
    now = run.status()
    assert now.is_active, f"{now.message}\n{run.log()}"
    return now.state == "running" and now.epoch >= epochs
