"""Train: nothing a person types is lost, and every state of a run says what it is."""

import os
import re
import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import runs
from cnnlab.runs.liveness import ProcessId
from cnnlab.training import RunConfig, recipes
from tests.pages.conftest import say

OpenPage = Callable[..., AppTest]
RECIPE = recipes.get("lenet5-digits").config


def open_group(app: AppTest, group: str) -> AppTest:
    """Unfold further settings and open one of their tabs."""
    app.session_state["run_more"], app.session_state["run_group"] = True, group
    return app.run()


def start(app: AppTest) -> AppTest:
    button = next(b for b in app.button if b.label == "Start training")
    return button.click().run()


def said(app: AppTest) -> list[str]:
    return [element.value for element in (*app.error, *app.warning, *app.info, *app.success)]


def test_start_puts_the_recipe_into_the_queue_and_into_the_address(open_page: OpenPage):
    app = start(open_page("train"))
    [run] = runs.list_runs()
    assert RunConfig.from_dict(run.config) == RECIPE.changed(
        recipe="lenet5-digits", title="LeNet-5 on Digits"
    )
    assert run.id in app.query_params["run"]
    assert not app.exception


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [("run_epochs", 0, "Epochs"), ("run_learning_rate", -1.0, "learning rate"), ("run_seed", -1, "seed")],
)
def test_a_setting_out_of_range_gives_one_sentence_and_loses_nothing(
    open_page: OpenPage, field: str, value: float, word: str
):
    app = open_group(open_page("train"), "Pictures")
    app.number_input(key="run_batch_size").set_value(64)
    app.number_input(key=field).set_value(value)
    app = start(app)
    [message] = said(app)
    assert word in message and message.count(".") - message.count("0.") <= 1
    assert app.number_input(key=field).value == value
    assert app.number_input(key="run_batch_size").value == 64
    assert runs.list_runs() == []


def test_pictures_too_small_for_the_network_name_the_layer_before_anything_starts(open_page: OpenPage):
    app = open_page("train")
    app.number_input(key="run_image_size").set_value(8)
    [message] = said(start(app))
    assert "conv2" in message
    assert runs.list_runs() == []


def test_a_dataset_that_is_not_here_is_fetched_before_it_is_trained_on(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cnnlab.datasets.is_ready", lambda name: name != "cifar10")
    app = open_page("train")
    app.selectbox(key="run_recipe").select("baseline-cifar10").run()
    [message] = said(app)
    assert "CIFAR-10 is not on this machine yet" in message.replace("\\", "")
    assert next(button for button in app.button if button.label == "Start training").disabled


def test_a_changed_recipe_is_no_longer_that_recipe(open_page: OpenPage):
    app = open_page("train")
    app.number_input(key="run_epochs").set_value(3)
    start(app)
    [run] = runs.list_runs()
    assert (run.config["epochs"], run.config["recipe"]) == (3, None)


def test_choosing_a_recipe_fills_in_the_form(open_page: OpenPage):
    app = open_page("train")
    app.selectbox(key="run_recipe").select("baseline-cifar10").run()
    assert app.selectbox(key="run_dataset").value == "cifar10"
    assert app.selectbox(key="run_architecture").value == "baseline"
    assert app.number_input(key="run_epochs").value == 5


@pytest.mark.parametrize("run_id", ["no-such-run-1", "../../etc/passwd", "<b>x</b>", "x" * 5000, "%00"])
def test_a_run_id_made_up_in_the_address_gives_one_sentence_and_the_form(open_page: OpenPage, run_id: str):
    app = open_page("train", run=run_id)
    assert said(app) == ["There is no run with this id; choose one from the list of runs."]
    assert app.number_input(key="run_epochs").value == RECIPE.epochs
    assert not app.exception


def test_a_second_run_says_how_many_it_waits_for(open_page: OpenPage, run: runs.Run):
    me = vars(ProcessId.of(os.getpid()))
    say(run, "running", process=me)
    second = runs.create(run.config)
    app = open_page("train", run=second.id)
    assert app.get("progress")[0].proto.text == "Waits behind 1 run."


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [
        ("finished", {"message": "Finished after 20 epochs."}, "Finished after 20 epochs."),
        ("stopped", {"message": "Stopped in epoch 3."}, "Stopped in epoch 3."),
        ("interrupted", {"message": "The worker ended."}, "The worker ended."),
        ("failed", {"message": "No memory. Halve the batch."}, "No memory."),
    ],
)
def test_a_run_that_is_over_says_how_it_ended(
    open_page: OpenPage, run: runs.Run, state: str, status: dict, words: str
):
    say(run, state, **status)
    app = open_page("train", run=run.id)
    [message] = said(app)
    assert words in message.replace("\\", "")
    assert not any(button.label == "Stop" for button in app.button)


def test_stop_asks_the_run_to_stop(open_page: OpenPage, run: runs.Run):
    say(run, "running", process=vars(ProcessId.of(os.getpid())))
    app = open_page("train", run=run.id)
    next(button for button in app.button if button.label == "Stop").click().run()
    assert run.stop_requested()
    assert run.status().state == "stopping"


def test_a_finished_run_trains_five_more_epochs(open_page: OpenPage, run: runs.Run):
    say(run, "finished", epoch=20, epochs=20)
    (run.folder / "checkpoints" / "last.keras").touch()
    open_page("train", run=run.id).button(key="more").click().run()
    assert (run.status().state, run.status().epochs) == ("queued", 25)


def test_a_stopped_run_goes_on_to_its_end(open_page: OpenPage, run: runs.Run):
    say(run, "stopped", epoch=3, epochs=20)
    (run.folder / "checkpoints" / "last.keras").touch()
    open_page("train", run=run.id).button(key="more").click().run()
    assert (run.status().state, run.status().epochs) == ("queued", 20)


def test_without_an_address_the_page_shows_the_run_at_work_and_else_the_form(
    open_page: OpenPage, run: runs.Run
):
    say(run, "running", process=vars(ProcessId.of(os.getpid())))
    app = open_page("train", run=run.id)
    app.query_params.clear()
    assert any(button.label == "Stop" for button in app.run().button)
    say(run, "finished", message="Finished after 20 epochs.")
    app.query_params.clear()
    assert any(button.label == "Start training" for button in app.run().button)


def test_a_worker_that_has_been_silent_for_long_is_said_and_one_that_beats_is_not(
    open_page: OpenPage, run: runs.Run
):
    here = vars(ProcessId.of(os.getpid()))
    say(run, "running", process=here, heartbeat=time.time())
    assert not open_page("train", run=run.id).warning
    say(run, "running", process=here, heartbeat=time.time() - 42)
    [warning] = open_page("train", run=run.id).warning
    assert 42 <= int(re.search(r"(\d+) s", warning.value)[1]) < 60  # the page itself may take seconds
