"""The Inside tab of a run: what its snapshots say, at the epoch that was chosen."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import runs
from cnnlab.runs import snapshots
from cnnlab.runs.snapshot_file import BatchNormState, FixedImages, LayerState, Snapshot
from cnnlab.ui.runs import epochs, inside
from tests.pages.conftest import give_weights, say

OpenPage = Callable[..., AppTest]


def snapshot(epoch: int, right: int) -> Snapshot:
    guesses = np.full((3, 10), 0.01, np.float32)
    for place in range(3):
        guesses[place, place if place < right else 9] = 0.91
    return Snapshot(
        epoch=epoch,
        step=10 * epoch,
        layers=(
            LayerState("conv", "Conv2D", 1e-3, 1e-4, 1.0, None, None),
            LayerState("relu", "ReLU", None, None, None, 0.25, None),
            LayerState("output", "Dense", 1e-1, 1e-3, 1.0, None, None),
        ),
        images=16,
        filter_layer="conv",
        filters=np.ones((4, 3, 3, 1), np.float16),
        probe=np.full((8, 8, 1), 99, np.uint8),
        probe_name="![](http://x.y/z) probe",
        maps={"conv": np.ones((6, 6, 4), np.float16), "output": np.zeros(10, np.float16)},
        batch_norms=(BatchNormState("norm", *np.ones((4, 5), np.float32)),),
        guesses=guesses,
    )


@pytest.fixture
def finished(run: runs.Run) -> runs.Run:
    say(run, "finished", epoch=4, best_epoch=4, best_val_accuracy=0.5)
    give_weights(run)
    for epoch, right in ((1, 0), (2, 2), (4, 3)):
        snapshots.write(run, snapshot(epoch, right))
    names = ("a", "b", "c")
    snapshots.write_validation(run, FixedImages(np.zeros((3, 8, 8, 1), np.uint8), names, (0, 1, 2)))
    return run


def opened(open_page: OpenPage, run: runs.Run, **query: str) -> AppTest:
    return open_page("train", run=run.id, state={f"run-tab-{run.id}": "Inside"}, **query)


def said(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


def test_the_newest_epoch_is_shown_and_the_slider_goes_back(open_page: OpenPage, finished: runs.Run):
    app = opened(open_page, finished)
    assert not app.exception
    assert "Epoch 4, step 40" in said(app)
    assert "3 of 3 right" in said(app)
    app = app.select_slider(key=f"inside-epoch-{finished.id}").set_value(2).run()
    assert "Epoch 2, step 20" in said(app)
    assert "2 of 3 right" in said(app)
    assert app.query_params["epoch"] in ("2", ["2"])


@pytest.mark.parametrize(("asked", "epoch"), [("1", 1), ("3", 4), ("x", 4), ("-1", 4), ("٣", 4)])
def test_an_address_opens_an_epoch_that_was_kept(open_page: OpenPage, finished: runs.Run, asked, epoch):
    app = opened(open_page, finished, epoch=asked)
    assert not app.exception
    assert f"Epoch {epoch}, step" in said(app)


def test_a_run_without_snapshots_says_so(open_page: OpenPage, run: runs.Run):
    say(run, "finished", epoch=4, best_epoch=4, best_val_accuracy=0.5)
    give_weights(run)
    app = opened(open_page, run)
    assert not app.exception
    assert any("no snapshots" in info.value for info in app.info)


def test_a_damaged_snapshot_is_one_sentence(open_page: OpenPage, finished: runs.Run):
    (finished.folder / "snapshots" / "epoch-00004.npz").write_bytes(b"no snapshot")
    app = opened(open_page, finished)
    assert not app.exception
    assert any("epoch 4" in error.value for error in app.error)


def test_an_epoch_that_was_drawn_just_now_is_not_left_before_it_was_seen(
    open_page: OpenPage, finished: runs.Run, monkeypatch: pytest.MonkeyPatch
):
    now = [100.0]
    monkeypatch.setattr(inside, "time", SimpleNamespace(monotonic=lambda: now[0]))
    app = opened(open_page, finished, epoch="1")
    app.button(key=f"inside-epoch-{finished.id}-toggle").click().run()
    assert "Epoch 1, step" in said(app)
    app.run()  # at once, as where drawing takes longer than an epoch stands
    assert "Epoch 1, step" in said(app)
    for epoch in (2, 4):
        now[0] += inside.PLAY_SECONDS
        app.run()
        assert f"Epoch {epoch}, step" in said(app)
        app.run()
        assert f"Epoch {epoch}, step" in said(app)
    now[0] += inside.PLAY_SECONDS
    app.run()
    assert "Epoch 4, step" in said(app)
    assert app.button(key=f"inside-epoch-{finished.id}-toggle").label == "Play"


def test_a_timer_that_comes_late_lets_the_epoch_be_looked_at(home, monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr(epochs, "time", SimpleNamespace(monotonic=lambda: now[0]))
    state = {"key-drawn": 100.0}
    monkeypatch.setattr(epochs.st, "session_state", state)
    assert not epochs._is_over("key")  # the run that draws the page
    now[0] += epochs.PLAY_SECONDS
    assert epochs._is_over("key")
    state["key-drawn"] = now[0]
    assert not epochs._is_over("key")
    now[0] += 3 * epochs.PLAY_SECONDS  # drawing took so long
    assert not epochs._is_over("key")
    now[0] += epochs.PLAY_SECONDS
    assert epochs._is_over("key")
