"""Train, beyond start and stop: forks, rates, memory, recipes of one's own."""

import json
import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import datasets, runs
from cnnlab.runs import jobs
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.metrics import MetricsLog
from cnnlab.training import rate_finder, recipes
from cnnlab.training.trained_on import TrainedOn
from tests.pages.conftest import give_weights, say
from tests.pages.test_train import open_group

OpenPage = Callable[..., AppTest]


def button(app: AppTest, label: str):
    return next(button for button in app.button if button.label.startswith(label))


def words(app: AppTest) -> str:
    shown = (*app.caption, *app.warning, *app.error, *app.success, *app.info, *app.markdown)
    return " ".join(element.value for element in shown).replace("\\", "")


def test_a_fork_fills_the_form_and_starts_a_new_run_with_the_weights_of_the_old(
    open_page: OpenPage, run: runs.Run
):
    give_weights(run)
    say(run, "finished", epoch=30, epochs=30, best_epoch=21, best_val_accuracy=0.97)
    app = button(open_page("train", run=run.id), "Fork").click().run()
    assert "Fork of **LeNet-5 on Digits**" in words(app)
    assert app.number_input(key="run_epochs").value == run.config.epochs
    app.number_input(key="run_learning_rate").set_value(0.0004)
    app = button(app, "Start training").click().run()
    assert not app.exception
    child = next(other for other in runs.list_runs() if other != run)
    assert child.config.learning_rate == 0.0004 and child.config.recipe is None
    assert child.checkpoint("initial").read_bytes() == run.checkpoint("best").read_bytes()
    assert runs.origin(child).epoch == 21
    assert "Forked from" in words(app) and "at epoch 21" in words(app)
    assert run.status().state == "finished"


def test_a_form_that_no_longer_wants_the_weights_starts_from_new_ones(open_page: OpenPage, run: runs.Run):
    give_weights(run)
    say(run, "finished", epoch=30, epochs=30)
    app = button(open_page("train", run=run.id), "Fork").click().run()
    app = button(app, "Re-initialise").click().run()
    button(app, "Start training").click().run()
    fresh = next(other for other in runs.list_runs() if other != run)
    assert fresh.checkpoint("initial") is None and runs.origin(fresh) is None


def test_the_learning_rate_of_a_run_at_work_is_shown_and_changed(open_page: OpenPage, run: runs.Run):
    say(run, "running", process=vars(ProcessId.of(os.getpid())))
    app = open_page("train", run=run.id)
    assert "Now 0.004." in words(app)
    app.number_input(key=f"rate_{run.id}").set_value(0.0001).run()
    app = app.button(key=f"set_rate_{run.id}").click().run()
    assert runs.learning_rate.asked(run) == 0.0001
    assert "0.0001 from the next batch on" in words(app)
    app.number_input(key=f"rate_{run.id}").set_value(-1.0).run()
    assert "greater than 0" in words(app.button(key=f"set_rate_{run.id}").click().run())
    assert runs.learning_rate.asked(run) == 0.0001


def test_where_memory_ran_out_one_click_begins_again_with_the_batch_that_fits(
    open_page: OpenPage, run: runs.Run
):
    give_weights(run)
    for weights in (run.folder / "checkpoints").iterdir():
        weights.unlink()
    message = "The memory of the device is used up. A batch size of 8 should fit; start again with it."
    say(run, "failed", message=message, error={"kind": "memory", "message": message, "batch_size": 8})
    app = open_page("train", run=run.id)
    assert message in words(app)
    app = button(app, "Start again with batch size 8").click().run()
    assert not app.exception
    again = next(other for other in runs.list_runs() if other != run)
    assert again.config.batch_size == 8 and again.status().state == "queued"
    assert again.config.epochs == run.config.epochs


def test_a_worker_that_the_system_ended_may_have_wanted_too_much_memory(open_page: OpenPage, run: runs.Run):
    say(run, "interrupted", message="The worker ended without a word in epoch 1 of 5.")
    app = open_page("train", run=run.id)
    assert "runs out of memory" in words(app)
    button(app, f"Start again with batch size {run.config.batch_size // 2}").click().run()
    assert len(runs.list_runs()) == 2


def curves(run: runs.Run, *epochs: dict[str, float], first_loss: float = 2.3) -> None:
    """Write a history, and the facts that a worker writes: 800 images to train on, 200 to validate."""
    with MetricsLog(run.folder / "metrics.jsonl") as log:
        log.append("batch", step=1, epoch=1, loss=first_loss, accuracy=0.1, seconds=0.1)
        for epoch, row in enumerate(epochs, start=1):
            log.append("epoch", epoch=epoch, step=epoch, learning_rate=0.1, seconds=float(epoch), **row)
    facts = {"classes": list("0123456789"), "split": {"train": 800, "validation": 200}}
    (run.folder / "model.json").write_text(json.dumps(facts))


def know(run: runs.Run, **facts: object) -> None:
    """Add to what a worker wrote down."""
    (run.folder / "model.json").write_text(json.dumps(run.model_facts.to_dict() | facts))


def at(accuracy: float, val_accuracy: float, loss: float = 0.5, val_loss: float = 1.0) -> dict[str, float]:
    return {"accuracy": accuracy, "val_accuracy": val_accuracy, "loss": loss, "val_loss": val_loss}


@pytest.mark.parametrize(("val_accuracy", "told"), [(0.65, True), (0.96, False)])
def test_a_run_is_told_to_overfit_where_that_is_beyond_chance(
    open_page: OpenPage, run: runs.Run, val_accuracy: float, told: bool
):
    curves(run, *[at(0.9 + 0.01 * epoch, val_accuracy) for epoch in range(10)])
    say(run, "finished", epoch=10, epochs=10, best_epoch=1, best_val_accuracy=val_accuracy)
    app = open_page("train", run=run.id)
    assert not app.exception
    assert ("Overfitting" in words(app)) == told


def test_a_run_that_diverged_does_not_end_in_green(open_page: OpenPage, run: runs.Run):
    curves(run, at(0.1, 0.1, 250.0, 250.0), at(0.1, 0.1, 700.0, 700.0))
    say(run, "finished", epoch=2, epochs=2, best_epoch=1, best_val_accuracy=0.1, message="Finished.")
    app = open_page("train", run=run.id)
    assert not app.success and not app.exception
    assert any("lower" in warning.value and "700" in warning.value for warning in app.warning)
    app = button(app, "Start again with learning rate").click().run()
    assert not app.exception
    again = next(other for other in runs.list_runs() if other != run)
    assert again.config.learning_rate == 0.01  # a tenth of what the history tells


def test_a_run_that_learned_ends_in_green(open_page: OpenPage, run: runs.Run):
    curves(run, at(0.9, 0.9))
    say(run, "finished", epoch=1, epochs=1, best_epoch=1, best_val_accuracy=0.9, message="Finished.")
    app = open_page("train", run=run.id)
    assert "finished" in words(app) and "90.0 %" in words(app) and not app.warning and not app.error


def test_the_page_says_on_how_many_images_batch_norm_is_measured(open_page: OpenPage, run: runs.Run):
    curves(run, at(0.9, 0.9))
    say(run, "finished", epoch=1, epochs=1)
    assert "atch norm" not in words(open_page("train", run=run.id))
    know(run, batch_norm_images=1024)
    assert "1,024 training images before each validation" in words(open_page("train", run=run.id))


def test_an_accuracy_whose_data_leaked_is_marked_where_it_is_watched(open_page: OpenPage, run: runs.Run):
    curves(run, at(0.9, 0.9))
    know(run, leaked=120)
    say(run, "finished", epoch=1, epochs=1, best_epoch=1, best_val_accuracy=0.9)
    app = open_page("train", run=run.id)
    assert any("90\\.0 %" in text.value and "120 of 200" in text.value for text in app.markdown)


@pytest.mark.parametrize(("seed", "leaks"), [(0, False), (1, True)])
def test_the_leak_of_a_fork_is_told_before_it_starts(
    open_page: OpenPage, run: runs.Run, seed: int, leaks: bool
):
    give_weights(run)
    config = run.config.changed(image_size=32)
    TrainedOn.of(datasets.load("digits", config.load_options())).write(run)
    say(run, "finished", epoch=30, epochs=30, best_epoch=21, best_val_accuracy=0.97)
    app = button(open_page("train", run=run.id), "Fork").click().run()
    app = open_group(app, "Preprocessing and split").number_input(key="run_seed").set_value(seed).run()
    assert not app.exception
    told = [warning.value for warning in app.warning if "leak" in warning.value]
    assert bool(told) == leaks
    assert all(" of the 359 validation images" in text for text in told)


def test_settings_are_saved_as_a_recipe_and_deleted_again(open_page: OpenPage):
    app = open_page("train")
    app.number_input(key="run_epochs").set_value(77)
    app.text_input(key="recipe_title").set_value("My **lesson**").run()
    app = app.button(key="save_recipe").click().run()
    assert recipes.get("my-lesson").config.epochs == 77
    app = app.selectbox(key="run_recipe").select("lenet5-digits").run()
    app = app.selectbox(key="run_recipe").select("my-lesson").run()
    assert app.number_input(key="run_epochs").value == 77
    app = button(app, "Delete this recipe").click().run()
    assert not app.exception and "my-lesson" not in recipes.names()
    assert app.number_input(key="run_epochs").value == 77
    app = app.button(key="save_recipe").click().run()
    assert not app.exception


def test_the_rate_finder_shows_what_it_sees_and_hands_its_suggestion_over(open_page: OpenPage):
    app = open_group(open_page("train"), "Learning rate")
    app.session_state["run_rate_view"] = "LR finder"
    app = app.run().button(key="find_rate").click().run()
    search = jobs.get(app.session_state["rate_sweep"])
    assert search.request["config"]["learning_rate"] == 0.004 and runs.list_runs() == []
    assert app.button(key="find_rate").disabled and app.button(key=f"stop {search.id}")
    with MetricsLog(search.folder / "metrics.jsonl") as log:
        for step in range(60):
            rate = rate_finder.rate_of(step, 60)
            loss = 2 / (1 + (rate / 1e-3) ** 2) + 0.1
            log.append("sweep", step=step + 1, learning_rate=rate, loss=loss)
    search.write_status(replace(search.status(), state="finished"))
    app = app.run()
    assert not app.exception
    suggestion = rate_finder.read(search).suggestion
    app = app.button(key="use_rate").click().run()
    assert app.number_input(key="run_learning_rate").value == suggestion
    assert app.number_input(key="run_epochs").value == 30
