"""Runs: all of them, side by side, and nothing is deleted that cannot come back."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from cnnlab import runs
from cnnlab.training import RunConfig
from cnnlab.ui import differences, told_apart
from tests.pages.conftest import say

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
    assert list(table["Id"]) == [run.id]
    assert list(table["State"]) == ["queued"]


def test_an_accuracy_comes_with_its_interval_and_the_number_of_pictures(open_page: OpenPage, run: runs.Run):
    say(run, "finished", best_val_accuracy=0.9, best_epoch=3, epoch=5)
    (run.folder / "model.json").write_text('{"split": {"train": 400, "validation": 100}}')
    [words] = open_page("runs").dataframe[0].value["Best validation accuracy"]
    assert words == "90.0 % of 100 (82.6 to 94.5 %)"  # Wilson, as tabulated for 90 of 100


def test_what_differs_between_two_runs_is_named_and_nothing_else(run: runs.Run):
    one = runs.create(CONFIG.to_dict())
    other = runs.create(CONFIG.changed(learning_rate=0.1, title="another").to_dict())
    assert differences([one, other]) == {"learning rate": ["–", "0.1"]}


def test_runs_of_one_title_are_told_apart_by_their_ids():
    one, other = runs.create(CONFIG.to_dict()), runs.create(CONFIG.to_dict())
    assert told_apart([one]) == ["LeNet-5 on Digits"]
    assert told_apart([one, other]) == [f"LeNet-5 on Digits ({r.id[-6:]})" for r in (one, other)]
