"""Runs: all of them, side by side, and nothing is deleted that cannot come back."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import runs
from cnnlab.datasets import ImageSet
from cnnlab.inference import ImagePrediction, evaluation
from cnnlab.runs import jobs
from cnnlab.runs.kinds import EVALUATE, EXPORT, OPEN
from cnnlab.runs.metrics import MetricsLog
from cnnlab.settings import RunConfig, setting_named
from cnnlab.ui.runs import image_sheet
from cnnlab.ui.runs.confusion import of_cell
from cnnlab.ui.runs.evaluation import evaluation_of
from cnnlab.ui.runs.settings import INITIAL_WEIGHTS, RATE_CHANGES, differences, settings
from cnnlab.ui.runs.table import COLUMNS, LEAK, matches, told_apart
from tests.pages.conftest import APP, give_weights, say

OpenPage = Callable[..., AppTest]
CONFIG = RunConfig("lenet5", "digits", title="LeNet-5 on Digits")


def test_with_no_runs_the_page_says_what_to_do(open_page: OpenPage):
    app = open_page("runs")
    assert "takes seconds" in app.info[0].value
    assert not app.exception


def test_every_run_is_a_row_and_a_damaged_one_hides_no_other(open_page: OpenPage, run: runs.Run):
    damaged = runs.create(CONFIG)
    (damaged.folder / "config.json").write_text("{")
    table = open_page("runs").dataframe[0].value
    assert dict(zip(table["Id"], table["State"], strict=True)) == {run.id: "queued", damaged.id: "damaged"}


def test_a_damaged_run_says_what_is_damaged_and_can_be_deleted_and_brought_back(run: runs.Run):
    (run.folder / "config.json").write_text("[]")
    app = ticked(run)
    [warning] = app.warning
    assert "config" in warning.value and not app.exception
    labels = [button.label for button in app.button]
    assert "Delete" in labels and not any("more epochs" in label for label in labels)
    next(button for button in app.button if button.label == "Delete").click().run()
    assert not app.exception and runs.list_runs() == []
    next(button for button in app.button if button.label == "Undo").click().run()
    assert not app.exception and runs.list_runs() == [run]


def test_what_cannot_be_written_is_a_sentence_and_no_traceback(run: runs.Run, monkeypatch):
    (run.folder / "notes.json").mkdir()
    app = ticked(run)
    next(button for button in app.button if button.label == "Star").click().run()
    assert not app.exception and len(app.error) == 1
    say(run, "finished")
    (run.folder.parent / ".deleted").write_text("a file where the folder should be")
    app = ticked(run)
    next(button for button in app.button if button.label == "Delete").click().run()
    assert not app.exception and len(app.error) == 1 and runs.list_runs() == [run]


def test_of_many_runs_the_newest_are_shown_and_the_search_finds_the_others(open_page: OpenPage, monkeypatch):
    monkeypatch.setattr("cnnlab.ui.runs.table.MOST_ROWS", 3)
    some = [runs.create(CONFIG.changed(title=f"number {n}")) for n in range(5)]
    for age, one in enumerate(some):
        os.utime(one.folder / "config.json", (1000 - age, 1000 - age))
    app = open_page("runs")
    assert list(app.dataframe[0].value["Run"]) == ["number 0", "number 1", "number 2"]
    app.text_input("runs_text").set_value("number 4").run()
    assert list(app.dataframe[0].value["Run"]) == ["number 4"] and not app.exception


def test_names_of_runs_are_no_markup_where_two_are_compared():
    names = ["![](http://example.org/a.png)", "www.example.org"]
    app = ticked(
        *(
            runs.create(CONFIG.changed(title=name, seed=seed, learning_rate=0.1 * (seed + 1)))
            for seed, name in enumerate(names)
        )
    )
    app.session_state["runs_view_several"] = "Compare settings"
    table = app.run().table[0].value
    assert not app.exception
    assert not any("](http" in str(name) or "www.e" in str(name) for name in table.columns)


def test_what_the_supervisor_has_survived_is_said(open_page: OpenPage, run: runs.Run, monkeypatch):
    def odd(self):
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr("cnnlab.runs.supervisor.Supervisor.tick", odd)
    app = open_page("runs")
    assert any("ZeroDivisionError" in caption.value for caption in app.caption) and not app.exception
    assert len(app.dataframe[0].value) == 1


def test_an_accuracy_comes_with_its_interval_and_the_number_of_images(open_page: OpenPage, run: runs.Run):
    say(run, "finished", best_val_accuracy=0.9, best_epoch=3, epoch=5)
    (run.folder / "model.json").write_text('{"split": {"train": 400, "validation": 100}}')
    table = open_page("runs").dataframe[0].value
    assert list(table["Validation accuracy"]) == [pytest.approx(90.0)]
    assert list(table["95 % CI"]) == ["82.6–94.5, n = 100"]  # Wilson, as tabulated for 90 of 100


def test_accuracies_and_times_sort_as_numbers_and_dates(open_page: OpenPage):
    for accuracy in (0.09, 1.0, 0.978, None):
        say(runs.create(CONFIG), "finished", best_val_accuracy=accuracy, best_epoch=1, seconds=90.4)
    table = open_page("runs").dataframe[0].value
    assert list(table["Validation accuracy"].sort_values())[:3] == pytest.approx([9, 97.8, 100])
    assert table["Created"].dtype.kind == "M" and table["Training time"].dtype.kind == "m"


def test_an_accuracy_whose_data_leaked_is_marked_in_the_table_and_beside_its_curve(
    open_page: OpenPage, run: runs.Run
):
    say(run, "finished", best_val_accuracy=13 / 18, best_epoch=3, epoch=5)
    (run.folder / "model.json").write_text('{"split": {"train": 72, "validation": 18}, "leaked": 12}')
    [row] = open_page("runs").dataframe[0].value.to_dict("records")
    assert "leak" in row["95 % CI"] and "12 of 18" in row["95 % CI"]
    assert "leak" in row["Run"] and "leak" in told_apart([run])[0]
    phone = open_page("runs", state={"screen_size": "narrow"})  # shows the accuracy without its interval
    assert LEAK in phone.dataframe[0].value["State"][0]
    assert any(LEAK in caption.value and "leak" in caption.value for caption in phone.caption)


@pytest.mark.parametrize("field", ["created", "seconds"])
@pytest.mark.parametrize("value", [9e14, 2.4e11, 0.0, 1e-9])
def test_a_status_of_another_age_hides_no_run(open_page: OpenPage, run: runs.Run, field: str, value: float):
    status = json.loads((run.folder / "status.json").read_text())
    (run.folder / "status.json").write_text(json.dumps(status | {"state": "stopped", field: value}))
    app = open_page("runs")
    assert not app.exception and list(app.dataframe[0].value["Id"]) == [run.id]


def test_what_differs_between_two_runs_is_named_and_nothing_else(run: runs.Run):
    one = runs.create(CONFIG)
    other = runs.create(CONFIG.changed(learning_rate=0.1, title="another"))
    assert differences([one, other]) == {setting_named("learning_rate").label: ["0.001", "0.1"]}


def test_settings_are_those_that_applied_and_what_people_changed_on_the_way():
    parent = runs.create(CONFIG.changed(title="First try"))
    give_weights(parent)
    say(parent, "finished", epoch=12, epochs=12, best_epoch=9)
    run = runs.fork(parent, CONFIG.changed(epochs=12, schedule_epochs=(5,)))
    say(run, "finished", epoch=37, epochs=37)
    with MetricsLog(run.folder / "metrics.jsonl") as log:
        log.append("rate", step=40, epoch=4, learning_rate=0.0005, factor=0.5)
    said = settings(run)
    assert said[setting_named("epochs").label] == "37"
    assert setting_named("schedule_epochs").label not in said
    assert said[RATE_CHANGES] == "0.0005 from epoch 4"
    assert "epoch 9" in said[INITIAL_WEIGHTS] and "First try" in said[INITIAL_WEIGHTS]
    assert differences([parent, run])[INITIAL_WEIGHTS][0] == "–"
    say(run, "stopped", epoch=20, epochs=37)
    assert settings(run)[setting_named("epochs").label] == "20 of 37"


@pytest.mark.parametrize(
    "facts",
    [{"preprocessing": {}}, {"preprocessing": {"mean": "x", "deviation": None}}, {"split": {}}, {}],
)
def test_settings_can_be_read_whatever_the_worker_has_written(run: runs.Run, facts: dict):
    (run.folder / "config.json").write_text(
        json.dumps({"config": CONFIG.changed(scaling="dataset").to_dict()})
    )
    (run.folder / "model.json").write_text(json.dumps(facts))
    assert settings(run)


def test_runs_of_one_title_are_told_apart_by_the_same_words_in_table_and_legend(open_page: OpenPage):
    some = [runs.create(CONFIG) for _ in range(2)]
    alone = runs.create(CONFIG.changed(title="another"))
    names = told_apart([*some, alone])
    assert len(set(names)) == 3 and names[2] == "another"
    assert told_apart(some[:1]) == names[:1]  # whoever else is chosen
    assert set(open_page("runs").dataframe[0].value["Run"]) == set(names)


@pytest.mark.parametrize("size", COLUMNS)
def test_a_window_of_every_size_shows_name_state_and_accuracy(open_page: OpenPage, run: runs.Run, size: str):
    app = open_page("runs", state={"screen_size": size})
    assert {"Run", "State", "Validation accuracy"} <= set(app.dataframe[0].proto.column_order)
    assert set(app.dataframe[0].proto.column_order) <= set(app.dataframe[0].value.columns)


def test_selection_and_view_are_in_the_address(open_page: OpenPage):
    one, other = runs.create(CONFIG), runs.create(CONFIG.changed(seed=8))
    app = open_page("runs", run=[one.id, other.id], view="compare-settings")
    assert {*app.session_state["runs_chosen"]} == {one.id, other.id}
    assert len(app.table) == 1 and not app.exception
    assert {*app.query_params["run"]} == {one.id, other.id}
    assert "compare-settings" in app.query_params["view"]
    app.segmented_control("runs_view_several").set_value("Curves").run()
    assert "curves" in app.query_params["view"]
    app.query_params["run"], app.query_params["view"] = [one.id], "settings"  # Back, or another link
    app.run()
    assert app.session_state["runs_chosen"] == [one.id] and len(app.table) == 1


@pytest.mark.parametrize("hostile", ["no-such-run-1", "../../etc/passwd", "<b>x</b>", "x" * 5000])
def test_an_address_of_no_run_is_said_and_selects_nothing(open_page: OpenPage, run: runs.Run, hostile: str):
    app = open_page("runs", run=hostile, view=hostile)
    assert not app.exception and len(app.warning) == 1
    assert app.session_state["runs_chosen"] == [] and not app.query_params


def test_what_is_noted_on_a_run_is_shown_and_found(run: runs.Run):
    runs.create(CONFIG.changed(title="nothing noted"))
    for number in range(3):
        runs.create(CONFIG.changed(title=f"number {number}"))
    app = ticked(run)
    app.text_area(f"notes {run.id}").set_value("Lost the bet\n*by two points*").run()
    assert [text.value for text in app.text] == ["Lost the bet\n*by two points*"]
    app.text_input("runs_text").set_value("bet").run()
    assert list(app.dataframe[0].value["Id"]) == [run.id] and not app.exception


def test_a_deleted_run_can_be_brought_back_by_a_browser_that_did_not_delete_it(
    open_page: OpenPage, run: runs.Run
):
    say(run, "stopped")
    run.rename("Gone *too* soon")
    runs.delete(run)
    app = open_page("runs")
    app.button(f"restore {run.id}").click().run()
    assert not app.exception and runs.list_runs() == [run]
    assert not any("Restore" in button.label for button in app.button)


def test_a_run_deleted_more_than_a_day_ago_is_not_offered(run: runs.Run):
    say(run, "stopped")
    runs.delete(run)
    [gone] = runs.list_deleted()
    os.utime(gone.run.folder, (gone.at - 25 * 3600,) * 2)
    assert runs.list_deleted() == []


def evaluated(run: runs.Run, first: str = "0") -> None:
    """Give a finished run of three digits an evaluation in which two of six images are mistaken.

    ``first`` is what is predicted of the first, a 0.
    """
    give_weights(run)
    say(run, "finished", epoch=1, epochs=1)
    said = [
        ("0", first, 0.9),
        ("0", "1", 0.6),
        ("1", "1", 0.8),
        ("1", "1", 0.7),
        ("2", "1", 0.99),
        ("2", "2", 0.5),
    ]
    predictions = [
        ImagePrediction(f"digit {n}", label, guess, sure, sure if label == guess else 1 - sure)
        for n, (label, guess, sure) in enumerate(said)
    ]
    found = evaluation.from_predictions(predictions, tuple("0123456789"))
    (run.folder / "evaluation.json").write_text(json.dumps(found.to_dict()))


def ticked(*some: runs.Run) -> AppTest:
    """Open the page with these runs ticked, as after a click in the table."""
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    app.session_state["runs_chosen"] = [run.id for run in some]
    return app.switch_page("pages/runs.py").run()


def test_a_run_can_be_named_and_starred_and_its_settings_stay(run: runs.Run):
    settings = (run.folder / "config.json").read_bytes()
    app = ticked(run)
    app.text_input(f"name {run.id}").set_value("For the exam").run()
    next(button for button in app.button if button.label == "Star").click().run()
    table = app.dataframe[0].value
    assert (list(table["Run"]), list(table["★"])) == (["For the exam"], ["★"])
    assert (run.folder / "config.json").read_bytes() == settings and not app.exception


ROW = {
    "★": "★",
    "Run": "My first",
    "Network": "lenet5",
    "Dataset": "digits",
    "State": "finished",
    "Id": "a-1",
}


@pytest.mark.parametrize(
    ("text", "chosen", "starred", "found"),
    [
        ("", {}, False, True),
        ("FIRST lenet", {}, False, True),
        ("first resnet", {}, False, False),
        ("", {"Network": ["lenet5", "baseline"], "State": []}, True, True),
        ("", {"Dataset": ["cifar10"]}, False, False),
    ],
)
def test_runs_are_found_by_words_values_and_star(text: str, chosen: dict, starred: bool, found: bool):
    assert matches(ROW, text, chosen, starred) is found
    assert not matches(ROW | {"★": ""}, text, chosen, True)


def test_the_filter_shows_the_runs_that_match(open_page: OpenPage):
    some = [runs.create(CONFIG.changed(title=f"number {n}")) for n in range(5)]
    some[3].star(True)
    app = open_page("runs")
    assert len(app.dataframe[0].value) == 5
    app.text_input("runs_text").set_value("number 2").run()
    assert list(app.dataframe[0].value["Run"]) == ["number 2"]
    app.text_input("runs_text").set_value("").run()
    app.toggle("runs_starred").set_value(True).run()
    assert list(app.dataframe[0].value["Run"]) == ["number 3"]
    assert not app.exception


def test_a_tick_stays_with_its_run_when_the_list_changes():
    one, other = runs.create(CONFIG), runs.create(CONFIG)
    app = ticked(one)
    assert app.session_state["runs_chosen"] == [one.id]
    say(other, "stopped")
    runs.delete(other)
    app.run()
    assert app.session_state["runs_chosen"] == [one.id]


def test_the_evaluation_of_a_run_is_shown_with_its_interval(run: runs.Run):
    evaluated(run)
    app = ticked(run)
    figures = {metric.label: metric for metric in app.metric}
    assert figures["Validation accuracy"].value == "66.7 %"
    assert "30.0–90.3, n = 6" in figures["Validation accuracy"].delta  # Wilson, of 4 in 6
    app.session_state["per-class"] = True
    scores = app.run().dataframe[1].value
    assert list(scores["Precision"])[:3] == pytest.approx([100, 50, 100])
    assert list(scores["Recall"])[:3] == pytest.approx([50, 100, 50])
    assert not app.exception


def test_a_class_that_is_never_predicted_has_no_precision_and_a_recall_of_none(run: runs.Run):
    """TP / (TP + FP) is 0 / 0."""
    evaluated(run, first="1")
    app = ticked(run)
    app.session_state["per-class"] = True
    scores = app.run().dataframe[1].value
    assert list(scores["Precision"].isna())[:3] == [True, False, False]
    assert list(scores["Recall"])[:3] == pytest.approx([0, 100, 50])
    assert list(scores["F1"])[:3] == pytest.approx([0, 57.142857, 66.666667])
    assert not app.exception


def test_the_evaluation_of_a_run_whose_data_leaked_is_marked(run: runs.Run):
    evaluated(run)
    known = run.model_facts.to_dict() | {"split": {"train": 24, "validation": 6}, "leaked": 4}
    (run.folder / "model.json").write_text(json.dumps(known))
    figures = {metric.label: metric for metric in ticked(run).metric}
    assert "4 of 6" in figures["Validation accuracy"].delta


def test_a_run_without_an_evaluation_offers_one(run: runs.Run):
    give_weights(run)
    say(run, "finished", epoch=1)
    app = ticked(run).button("evaluate").click().run()
    assert jobs.find(EVALUATE, {"run": run.id}).status().state == "queued"
    assert not app.exception and len(app.get("progress")) == 1


def test_a_cell_begins_with_the_most_confident_errors_and_the_least_confident_hits(run: runs.Run):
    evaluated(run)
    found = evaluation_of(run)
    assert of_cell(found, None, None) == [4, 1]  # all mistakes
    assert of_cell(found, 1, 1) == [3, 2]  # hits: the least confident first
    assert of_cell(found, 2, None) == [4, 5]
    assert of_cell(found, None, 1) == [4, 1, 3, 2]
    assert of_cell(found, 0, 2) == []


def test_an_imported_run_says_so_and_cannot_go_on_without_its_dataset(run: runs.Run):
    evaluated(run)
    (run.folder / "checkpoints" / "best.keras").rename(run.folder / "checkpoints" / "last.keras")
    config = run.config.changed(dataset="hands").to_dict()
    (run.folder / "config.json").write_text(json.dumps({"config": config, "imported": {}}))
    app = ticked(run)
    assert list(app.dataframe[0].value["State"]) == ["finished, imported"]
    assert any("hands of this run is not here" in caption.value for caption in app.caption)
    assert not any("more epochs" in button.label for button in app.button)


def test_downloads_are_offered_and_made_on_demand_and_can_be_stopped(run: runs.Run):
    give_weights(run)
    say(run, "finished", epoch=1)
    app = ticked(run)
    app.session_state["runs_view_one"] = "Downloads"
    app = app.run().button("export").click().run()
    job = jobs.find(EXPORT, {"run": run.id})
    assert job.status().is_active and not app.exception
    app.button(f"stop {job.id}").click().run()
    assert job.stop_requested()
    job.write_status(job.stopped(job.status()))
    assert app.run().button("export") and not app.error and not app.warning


def test_each_image_of_a_cell_is_its_own_although_the_dataset_gives_names_twice(run: runs.Run, monkeypatch):
    evaluated(run)
    found = evaluation_of(run)
    of_one_name = tuple(replace(said, name="same_name") for said in found.predictions)
    document = replace(found, predictions=of_one_name).to_dict()
    (run.folder / "evaluation.json").write_text(json.dumps(document))
    pixels = np.arange(6, dtype=np.uint8)[:, None, None, None].repeat(8, 1).repeat(8, 2)
    held_out = ImageSet(pixels, np.zeros(6, int), ("same_name",) * 6)
    view = sys.modules["cnnlab.ui.runs.evaluation"]
    monkeypatch.setattr(view, "_held_out", lambda *_: held_out)
    shown = []
    monkeypatch.setattr(image_sheet, "image_wall", lambda tiles, **_: shown.extend(tiles))
    assert not ticked(run).exception
    assert [tile.id for tile in shown] == ["4", "1"]  # the two errors, the most confident first
    assert len({tile.src for tile in shown}) == 2 and all("wrong" in tile.alt for tile in shown)


def test_an_uploaded_zip_is_opened_beside_the_server_and_nothing_of_it_stays(open_page: OpenPage, run):
    app = open_page("runs")
    app.file_uploader[0].set_value([("run.zip", b"PK the ZIP", "application/zip")]).run()
    assert not app.exception
    [(job, now)] = jobs.unfinished(0)
    uploaded = Path(job.request["zip"])
    assert (job.kind, now.state, uploaded.read_bytes()) == (OPEN, "queued", b"PK the ZIP")
    (job.folder / "outcome.json").write_text(json.dumps({"run_id": run.id, "title": "From *elsewhere*"}))
    job.write_status(replace(now, state="finished"))
    app.run()
    assert not app.exception
    assert "From \\*elsewhere\\*" in app.success[0].value
    assert not uploaded.exists()


def test_a_zip_that_cannot_be_opened_says_why_and_nothing_of_it_stays(open_page: OpenPage, home: Path):
    app = open_page("runs")
    app.file_uploader[0].set_value([("run.zip", b"no ZIP", "application/zip")]).run()
    [(job, now)] = jobs.unfinished(0)
    job.write_status(replace(now, state="failed", message="This is no ZIP of a run."))
    assert "no ZIP" in app.run().error[0].value
    assert not Path(job.request["zip"]).exists() and not app.exception
