"""Every view of a run opens, whatever was trained: an own network, few or many classes, large, imported."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import exchange, images, runs
from cnnlab.architectures.own import library
from cnnlab.architectures.own.definition import Definition, Listed
from cnnlab.datasets.own import collection
from cnnlab.settings import RunConfig
from cnnlab.ui.classify.explain.view import VIEWS
from cnnlab.ui.runs.watch import TABS
from cnnlab.worker import execute
from tests.long import LONG

OpenPage = Callable[..., AppTest]
pytestmark = pytest.mark.slow


def noise_dataset(classes: int, each: int, side: int) -> str:
    """Make a dataset of squares, brighter from class to class; return its name."""
    draw = np.random.default_rng(0)
    names = [f"class {number}" for number in range(classes)]
    name = collection.create("Squares", names).name
    for number, label in enumerate(names):
        noise = draw.integers(0, 60, (each, side, side, 3)) + 190 * number // classes
        collection.add_images(name, label, [images.encode_png(one.astype(np.uint8)) for one in noise])
    return name


def own_network_of_two_gray_classes() -> runs.Run:
    layers = (Listed("convolution", "conv1", {"filters": 3}), Listed("global_max_pooling", "pool1"))
    name = library.save(Definition("Own", (12, 12, 1), 2, layers))
    return trained(RunConfig(name, noise_dataset(2, 12, 12), image_size=12, channels=1))


def forty_classes() -> runs.Run:
    return trained(RunConfig("baseline", noise_dataset(40, 5, 16), image_size=16))


def large_images() -> runs.Run:
    return trained(RunConfig("baseline", noise_dataset(2, 10, 224), image_size=224))


def an_imported_run() -> runs.Run:
    there = trained(RunConfig("baseline", "digits", image_size=16, channels=1, max_per_class=12))
    made = exchange.prepared(there, lambda fraction, words: None)
    return exchange.open_run(made.folder / "run.zip")


def trained(config: RunConfig) -> runs.Run:
    run = runs.create(config.changed(epochs=1, batch_size=8, validation_fraction=0.5), claimed=True)
    execute(run.folder, own_process=False)
    assert run.status().state == "finished", run.status().message
    return run


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(own_network_of_two_gray_classes, marks=LONG),
        pytest.param(forty_classes, marks=LONG),
        pytest.param(large_images, marks=LONG),
        an_imported_run,
    ],
)
def test_every_view_of_a_run_opens(open_page: OpenPage, home, made: Callable[[], runs.Run]):
    run = made()
    for tab in TABS:
        app = open_page("train", {f"run-tab-{run.id}": tab}, run=run.id)
        assert not app.exception and not app.error, tab
    app = open_page("classify", run=run.id)
    for view in VIEWS:
        app.session_state["explain_view"] = view
        app = app.run()
        assert not app.exception and not app.error, view
