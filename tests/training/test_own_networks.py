"""People's own networks are trained like any other, whatever becomes of their file meanwhile."""

import keras
import pytest

from cnnlab import runs
from cnnlab.architectures.own import library
from cnnlab.architectures.own.definition import Definition, Listed
from cnnlab.architectures.own.edit import Edit
from cnnlab.runs import Run
from cnnlab.settings import RunConfig
from cnnlab.training.pinning import pinned
from cnnlab.worker import execute
from tests.long import LONG

TINY = Definition(
    "Tiny",
    (16, 16, 1),
    10,
    (
        Listed("convolution", "conv1", {"filters": 4}),
        Listed("max_pooling", "pool1"),
        Listed("dropout", "drop1", {"rate": 0.1}),
    ),
)
WIDE = Definition("Wide", (16, 16, 1), 10, base="inception10", edits=(Edit("conv1", "kernel_size", 5),))


def asked_for(definition: Definition) -> Run:
    config = RunConfig(
        library.save(definition), "digits", epochs=1, image_size=16, channels=1, max_per_class=20
    )
    return runs.create(pinned(config), claimed=True)


def last(run: Run) -> keras.Model:
    return keras.models.load_model(run.checkpoint("last"), safe_mode=True)


def test_own_network_trains_to_its_end_and_goes_on_after_it_is_deleted():
    run = asked_for(TINY)
    execute(run.folder)
    assert (run.status().state, run.status().epoch) == ("finished", 1)
    assert [layer.name for layer in last(run).layers] == [
        *("image", "conv1", "pool1", "drop1", "flatten", "output")
    ]
    assert last(run).count_params() == 40 + 10 * 8 * 8 * 4 + 10
    library.delete("tiny")
    run.resume(2)
    run.claim()
    execute(run.folder)
    assert (run.status().state, run.status().epoch) == ("finished", 2)


@LONG
@pytest.mark.slow
def test_edited_branched_network_trains():
    run = asked_for(WIDE)
    execute(run.folder)
    assert run.status().state == "finished"
    assert last(run).get_layer("conv1").kernel.shape == (5, 5, 1, 16)


@pytest.mark.parametrize("change", ["deleted", "changed"])
def test_waiting_run_trains_the_network_as_it_was_when_asked_for(change: str):
    run = asked_for(TINY)
    if change == "deleted":
        library.delete("tiny")
    else:
        library.save(Definition("Tiny", (16, 16, 1), 10), over=("tiny", TINY.version))
    execute(run.folder)
    assert run.status().state == "finished"
    assert last(run).get_layer("conv1").kernel.shape == (3, 3, 1, 4)


def test_snapshot_that_somebody_damaged_fails_the_run_in_one_sentence():
    run = asked_for(TINY)
    network = run.config.network | {"layers": [{"kind": "Lambda", "name": "x"}]}
    broken = runs.create(run.config.changed(network=network), claimed=True)
    execute(broken.folder)
    now = broken.status()
    assert now.state == "failed"
    assert "Lambda" in now.message and "\n" not in now.message
