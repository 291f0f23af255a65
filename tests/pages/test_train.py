"""Train: nothing a person types is lost, and every state of a run says what it is."""

import itertools
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import datasets, runs
from cnnlab.runs.liveness import ProcessId
from cnnlab.training import recipes
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
    assert run.config == RECIPE.changed(recipe="lenet5-digits", title="LeNet-5 on Digits")
    assert run.id in app.query_params["run"]
    assert not app.exception


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [("run_epochs", 0, "Epochs"), ("run_learning_rate", -1.0, "learning rate"), ("run_seed", -1, "Seed")],
)
def test_a_setting_out_of_range_gives_one_sentence_and_loses_nothing(
    open_page: OpenPage, field: str, value: float, word: str
):
    app = open_group(open_page("train"), "Preprocessing and split")
    app.number_input(key="run_batch_size").set_value(64)
    app.number_input(key=field).set_value(value)
    app = start(app)
    [message] = said(app)
    assert word in message and message.count(".") - message.count("0.") <= 1
    assert app.number_input(key=field).value == value
    assert app.number_input(key="run_batch_size").value == 64
    assert runs.list_runs() == []


def test_images_too_small_for_the_network_name_the_layer_before_anything_starts(open_page: OpenPage):
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
    assert (run.config.epochs, run.config.recipe) == (3, None)


def about(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.caption, *app.markdown)).replace("\\", "")


def test_what_is_said_of_a_recipe_goes_with_its_settings_and_comes_back_with_them(open_page: OpenPage):
    recipe = recipes.get("lenet5-digits")
    app = open_page("train")
    assert recipe.summary in about(app)
    app = app.number_input(key="run_epochs").set_value(3).run()
    shown = app.selectbox(key="run_recipe")
    assert recipe.summary not in about(app) and "30 → 3" in about(app)
    assert shown.value == "Custom" and any(recipe.title in option for option in shown.options[:1])
    app = app.number_input(key="run_epochs").set_value(30).run()
    assert app.selectbox(key="run_recipe").value == "lenet5-digits" and recipe.summary in about(app)


def test_a_setting_behind_the_fold_makes_a_recipe_custom_too(open_page: OpenPage):
    app = open_group(open_page("train"), "Preprocessing and split")
    app = app.number_input(key="run_seed").set_value(9).run()
    assert app.selectbox(key="run_recipe").value == "Custom"
    assert not app.exception


def test_recipes_that_need_a_download_come_last_and_say_how_much(open_page: OpenPage):
    options = open_page("train").selectbox(key="run_recipe").options
    needs = ["MB" in option for option in options]
    assert needs == sorted(needs) and any(needs) and not needs[1]
    assert any("170" in option for option in options)


def test_the_form_says_before_the_start_what_will_be_trained(open_page: OpenPage):
    said = about(open_page("train"))
    for words in ("1,438", "359", "61,706", "1,350", "32 × 32 × 1"):
        assert words in said


def test_people_on_both_sides_of_a_split_are_told_and_split_group_wise_with_one_click(
    open_page: OpenPage, tmp_path: Path
):
    for name, who in itertools.product("ab", ("anna", "ben")):
        for number in range(7 if who == "anna" else 9):
            path = tmp_path / "hands" / name / f"{who}__{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            images = np.full((8, 8, 3), number, np.uint8)
            cv2.imwrite(str(path), images)
    shutil.make_archive(str(tmp_path / "zip"), "zip", tmp_path / "hands")
    info = datasets.import_zip("Our hands", tmp_path / "zip.zip")
    app = open_page("train")
    app = app.selectbox(key="run_dataset").select(info.name).run()
    assert app.session_state["run_split_by"] == "group" and not app.warning  # its images name people
    app.session_state["run_split_by"] = "random"
    app = app.run()
    assert any("2 people" in warning.value for warning in app.warning)
    app = app.button(key="split_by_group").click().run()
    assert not app.exception and not app.warning
    assert "group-wise" in about(app) and "asked for" in about(app)  # half the people, not a fifth


@pytest.mark.parametrize("key", ["train-another", "change"])
def test_after_a_failure_the_form_comes_back_with_the_settings(open_page: OpenPage, run: runs.Run, key: str):
    broken = runs.create(run.config.changed(epochs=77, recipe=None))
    say(broken, "failed", message="No memory. Halve the batch.")
    app = open_page("train", run=broken.id)
    app = app.button(key=key).click().run()
    assert not app.exception
    assert app.number_input(key="run_epochs").value == 77


def test_a_schedule_brings_its_usual_factor_unless_somebody_chose_one(open_page: OpenPage):
    app = open_page("train")
    app = app.selectbox(key="run_schedule").select("exponential").run()
    assert app.session_state["run_schedule_factor"] == 0.95
    app = app.selectbox(key="run_schedule").select("step").run()
    assert app.session_state["run_schedule_factor"] == 0.1


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
    assert app.get("progress")[0].proto.text.startswith("Queued \\(1 ahead\\)")


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
    shown = " ".join([*said(app), *(caption.value for caption in app.caption)])
    assert words in shown.replace("\\", "") and not app.exception
    assert app.button(key="stop").disabled


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
