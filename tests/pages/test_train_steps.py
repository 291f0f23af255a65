"""Train, beyond start and stop: forks, rates, memory, recipes of one's own."""

import os
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import runs
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.metrics import MetricsLog
from cnnlab.training import rate_finder, recipes
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
    app = button(open_page("train", run=run.id), "Change settings").click().run()
    assert "Goes on from **lenet5 on digits**" in words(app)
    assert app.number_input(key="run_epochs").value == run.config["epochs"]
    app.number_input(key="run_learning_rate").set_value(0.0004)
    app = button(app, "Start training").click().run()
    assert not app.exception
    child = next(other for other in runs.list_runs() if other != run)
    assert child.config["learning_rate"] == 0.0004 and child.config["recipe"] is None
    assert child.checkpoint("initial").read_bytes() == run.checkpoint("best").read_bytes()
    assert runs.origin(child).epoch == 21
    assert "Forked from" in words(app) and "at epoch 21" in words(app)
    assert run.status().state == "finished"


def test_a_form_that_no_longer_wants_the_weights_starts_from_new_ones(open_page: OpenPage, run: runs.Run):
    give_weights(run)
    say(run, "finished", epoch=30, epochs=30)
    app = button(open_page("train", run=run.id), "Change settings").click().run()
    app = button(app, "Begin with new weights").click().run()
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
    assert again.config["batch_size"] == 8 and again.status().state == "queued"
    assert again.config["epochs"] == run.config["epochs"]


def test_a_worker_that_the_system_ended_may_have_wanted_too_much_memory(open_page: OpenPage, run: runs.Run):
    say(run, "interrupted", message="The worker ended without a word in epoch 1 of 5.")
    app = open_page("train", run=run.id)
    assert "runs out of memory" in words(app)
    button(app, f"Start again with batch size {run.config['batch_size'] // 2}").click().run()
    assert len(runs.list_runs()) == 2


def test_a_run_that_learns_by_heart_is_told_so(open_page: OpenPage, run: runs.Run):
    with MetricsLog(run.folder / "metrics.jsonl") as log:
        for epoch in range(1, 9):
            over = max(0, epoch - 3)
            log.append(
                "epoch",
                **{"epoch": epoch, "step": epoch, "loss": 1 / epoch, "accuracy": 0.9},
                **{"val_loss": 0.5 + 0.1 * over, "val_accuracy": 0.8 - 0.01 * over + 0.01 * min(epoch, 3)},
                **{"learning_rate": 0.1, "seconds": epoch},
            )
    say(run, "finished", epoch=8, epochs=8)
    assert "The best epoch was 3; the last 5 only learned the training pictures by heart" in words(
        open_page("train", run=run.id)
    )


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


def test_the_rate_finder_shows_what_it_sees_and_hands_its_suggestion_over(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    class Nobody:
        def __init__(self, *_): ...

        def launch(self, run: runs.Run, slot: int) -> None: ...

    monkeypatch.setattr(rate_finder, "ProcessLauncher", Nobody)
    app = open_group(open_page("train"), "Learning rate")
    app = app.button(key="find_rate").click().run()
    name = app.session_state["rate_sweep"]
    search = runs.Run(rate_finder.workspace.home() / "rate_finder" / name)
    assert search.config["learning_rate"] == 0.004 and runs.list_runs() == []
    with MetricsLog(search.folder / "metrics.jsonl") as log:
        for step in range(60):
            rate = rate_finder.rate_of(step)
            loss = 2 / (1 + (rate / 1e-3) ** 2) + 0.1
            log.append("sweep", step=step + 1, learning_rate=rate, loss=loss)
    search.write_status(search.status().__class__(state="finished"))
    app = app.run()
    assert not app.exception
    suggestion = rate_finder.read(search).suggestion
    app = app.button(key="use_rate").click().run()
    assert app.number_input(key="run_learning_rate").value == suggestion
    assert app.number_input(key="run_epochs").value == 30
