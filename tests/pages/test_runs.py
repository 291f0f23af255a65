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
from cnnlab.training import RunConfig
from cnnlab.ui import differences, evaluation_of, told_apart
from cnnlab.ui.runs.evaluation import of_cell
from cnnlab.ui.runs.table import matches
from tests.pages.conftest import APP, give_weights, say

OpenPage = Callable[..., AppTest]
CONFIG = RunConfig("lenet5", "digits", title="LeNet-5 on Digits")


def test_with_no_runs_the_page_says_what_to_do(open_page: OpenPage):
    app = open_page("runs")
    assert "takes seconds" in app.info[0].value
    assert not app.exception


def test_every_run_is_a_row_and_a_damaged_one_hides_no_other(open_page: OpenPage, run: runs.Run):
    damaged = runs.create(CONFIG.to_dict())
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
    some = [runs.create(CONFIG.changed(title=f"number {n}").to_dict()) for n in range(5)]
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
            runs.create(CONFIG.changed(title=name, seed=seed, learning_rate=0.1 * (seed + 1)).to_dict())
            for seed, name in enumerate(names)
        )
    )
    app.session_state["runs_view_several"] = "What differs"
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


def test_an_accuracy_comes_with_its_interval_and_the_number_of_pictures(open_page: OpenPage, run: runs.Run):
    say(run, "finished", best_val_accuracy=0.9, best_epoch=3, epoch=5)
    (run.folder / "model.json").write_text('{"split": {"train": 400, "validation": 100}}')
    [words] = open_page("runs").dataframe[0].value["Best validation accuracy"]
    assert words == "90.0 % of 100 (82.6 to 94.5 %)"  # Wilson, as tabulated for 90 of 100


def test_an_accuracy_whose_data_leaked_is_marked_in_the_table_and_beside_its_curve(
    open_page: OpenPage, run: runs.Run
):
    say(run, "finished", best_val_accuracy=13 / 18, best_epoch=3, epoch=5)
    (run.folder / "model.json").write_text('{"split": {"train": 72, "validation": 18}, "leaked": 12}')
    [words] = open_page("runs").dataframe[0].value["Best validation accuracy"]
    assert "leak" in words and "12 of 18" in words
    assert "leak" in told_apart([run])[0]


def test_what_differs_between_two_runs_is_named_and_nothing_else(run: runs.Run):
    one = runs.create(CONFIG.to_dict())
    other = runs.create(CONFIG.changed(learning_rate=0.1, title="another").to_dict())
    assert differences([one, other]) == {"learning rate": ["–", "0.1"]}


def test_runs_of_one_title_are_told_apart_by_their_ids():
    one, other = runs.create(CONFIG.to_dict()), runs.create(CONFIG.to_dict())
    assert told_apart([one]) == ["LeNet-5 on Digits"]
    assert told_apart([one, other]) == [f"LeNet-5 on Digits ({r.id[-6:]})" for r in (one, other)]


def evaluated(run: runs.Run) -> None:
    """Give a finished run of three digits an evaluation in which two of six pictures are mistaken."""
    give_weights(run)
    say(run, "finished", epoch=1, epochs=1)
    said = [
        ("0", "0", 0.9),
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
    found = evaluation.of(predictions, tuple("0123456789"))
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
    some = [runs.create(CONFIG.changed(title=f"number {n}").to_dict()) for n in range(5)]
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
    one, other = runs.create(CONFIG.to_dict()), runs.create(CONFIG.to_dict())
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
    assert figures["Validation accuracy"].value == "66.7%"
    assert "30.0 to 90.3 % of 6" in figures["Validation accuracy"].delta  # Wilson, of 4 in 6
    scores = app.dataframe[1].value
    assert list(scores["Precision"])[:3] == pytest.approx([100, 50, 100])
    assert list(scores["Recall"])[:3] == pytest.approx([50, 100, 50])
    assert not app.exception


def test_the_evaluation_of_a_run_whose_data_leaked_is_marked(run: runs.Run):
    evaluated(run)
    known = run.model_facts | {"split": {"train": 24, "validation": 6}, "leaked": 4}
    (run.folder / "model.json").write_text(json.dumps(known))
    figures = {metric.label: metric for metric in ticked(run).metric}
    assert "4 of 6" in figures["Validation accuracy"].delta


def test_a_run_without_an_evaluation_offers_one(run: runs.Run, monkeypatch):
    give_weights(run)
    say(run, "finished", epoch=1)
    begun = []
    monkeypatch.setattr("cnnlab.ui.chores.begin", lambda *arguments: begun.append(arguments))
    ticked(run).button("evaluate").click().run()
    assert begun == [("evaluate", run.id)]


def test_the_pictures_of_a_cell_are_those_of_its_classes_the_surest_first(run: runs.Run):
    evaluated(run)
    found = evaluation_of(run)
    assert of_cell(found, None, None) == [4, 1]  # all mistakes
    assert of_cell(found, 1, 1) == [2, 3]
    assert of_cell(found, 2, None) == [4, 5]
    assert of_cell(found, None, 1) == [4, 2, 3, 1]
    assert of_cell(found, 0, 2) == []


def test_an_imported_run_says_so_and_cannot_go_on_without_its_dataset(run: runs.Run):
    evaluated(run)
    (run.folder / "checkpoints" / "best.keras").rename(run.folder / "checkpoints" / "last.keras")
    config = run.config | {"dataset": "hands"}
    (run.folder / "config.json").write_text(json.dumps({"config": config, "imported": {}}))
    app = ticked(run)
    assert list(app.dataframe[0].value["State"]) == ["finished, imported"]
    assert any("hands of this run is not here" in caption.value for caption in app.caption)
    assert not any("more epochs" in button.label for button in app.button)


def test_downloads_are_offered_and_made_on_demand(run: runs.Run, monkeypatch):
    give_weights(run)
    say(run, "finished", epoch=1)
    begun = []
    monkeypatch.setattr("cnnlab.ui.chores.begin", lambda *arguments: begun.append(arguments))
    app = ticked(run)
    app.session_state["runs_view_one"] = "Downloads"
    app.run().button("export").click().run()
    assert begun == [("export", run.id)] and not app.exception


def test_each_picture_of_a_cell_is_its_own_although_the_dataset_gives_names_twice(run: runs.Run, monkeypatch):
    evaluated(run)
    found = evaluation_of(run)
    of_one_name = tuple(replace(said, name="same_name") for said in found.predictions)
    document = replace(found, predictions=of_one_name).to_dict()
    (run.folder / "evaluation.json").write_text(json.dumps(document))
    pixels = np.arange(6, dtype=np.uint8)[:, None, None, None].repeat(8, 1).repeat(8, 2)
    held_out = ImageSet(pixels, np.zeros(6, int), ("same_name",) * 6)
    view = sys.modules["cnnlab.ui.runs.evaluation"]
    monkeypatch.setattr(view, "_held_out", lambda *_: held_out)
    seen = []
    monkeypatch.setattr(view, "shown", lambda image, _: seen.append(int(image[0, 0, 0])) or image)
    assert not ticked(run).exception
    assert seen == [4, 1]  # the two mistakes, the surest first


def test_an_uploaded_zip_is_opened_beside_the_server_and_nothing_of_it_stays(
    open_page: OpenPage, run, monkeypatch
):
    begun = []

    class Opened:
        """A command that has ended well: the run is in the list."""

        def __init__(self, arguments: tuple[str, ...]):
            self.arguments = arguments
            self.answer = {"run_id": run.id, "title": "From *elsewhere*"}

    def shown(*arguments: str, done=lambda chore: None) -> bool:
        if begun and arguments[0] == "open":
            done(Opened(begun.pop()))
        return False

    def begin(*arguments: str) -> None:
        assert Path(arguments[1]).read_bytes() == b"PK the ZIP"
        begun.append(arguments)

    monkeypatch.setattr("cnnlab.ui.chores.begin", begin)
    monkeypatch.setattr("cnnlab.ui.chores.shown", shown)
    app = open_page("runs")
    app.file_uploader[0].set_value([("run.zip", b"PK the ZIP", "application/zip")]).run()
    assert not app.exception and not begun
    assert [toast.value for toast in app.toast] == ["Opened From \\*elsewhere\\*."]
    assert not list(run.folder.parent.glob(".uploaded-*"))
