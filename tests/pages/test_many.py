"""A class that asks for more than the machine can do: pages open, queues are told, nothing is done twice."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import runs
from cnnlab.errors import RunError
from cnnlab.runs import jobs
from cnnlab.runs.kinds import EXPORT
from cnnlab.settings import RunConfig
from cnnlab.ui import engine
from cnnlab.ui.train.network_cost import network_cost

OpenPage = Callable[..., AppTest]
LARGE = RunConfig("vgg16", "digits", image_size=512, batch_size=128, epochs=300)


@pytest.mark.slow
def test_a_hundred_queued_runs_among_them_large_ones_are_listed_by_every_page(open_page: OpenPage):
    home = open_page("home")
    queued = [engine.supervisor().submit(LARGE.changed(title=f"Run {number}")) for number in range(100)]
    assert engine.supervisor().position(queued[-1].id) == 100
    assert engine.supervisor().ahead(queued[-1]) == 99
    for page in ("home", "train", "runs", "classify", "data"):
        home.switch_page(f"pages/{page}.py")
        assert not home.run().exception, page
    last = open_page("train", run=queued[-1].id)
    assert not last.exception
    for run in queued:
        run.request_stop()
    assert all(run.stop_requested() for run in queued)


def test_what_a_large_network_would_cost_is_told_without_building_its_weights():
    cost = network_cost(LARGE)
    assert cost and cost.params > 500_000_000


def test_of_thirty_who_export_at_once_twenty_wait_and_the_others_are_told():
    made = [runs.create(RunConfig("lenet5", "digits")) for _ in range(30)]
    asked, refused = set(), 0
    for run in made:
        try:
            asked.add(jobs.ask(EXPORT, {"run": run.id}).id)
        except RunError as error:
            refused += 1
            assert str(error).endswith(".")
    assert len(asked) == jobs.MOST_WAITING and refused == 30 - jobs.MOST_WAITING
    again = {jobs.ask(EXPORT, {"run": made[0].id}).id for _ in range(5)}
    assert len(again) == 1 and again <= asked
