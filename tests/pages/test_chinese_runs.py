"""Runs in Chinese: table, views, a run that is watched, its charts; and the language changes only words."""

import json
import os
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import charts, languages, runs
from cnnlab.inference import ImageCount, accuracy_in_words, ends_in_words, interval_in_words
from cnnlab.inference.changes import CHANGES
from cnnlab.languages import _, recognised
from cnnlab.languages.catalogues import translated
from cnnlab.runs import snapshots
from cnnlab.runs.kinds import EXPORT, KINDS, TRAIN
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.snapshot_file import FixedImages
from cnnlab.settings import RunConfig
from cnnlab.ui import live_chart, pulse
from cnnlab.ui.runs import image_sheet
from cnnlab.ui.runs.evaluation import evaluation_of
from cnnlab.ui.runs.table import matches
from cnnlab.ui.runs.watch import TABS
from cnnlab.worker.failures import explain
from cnnlab.worker.memory import MemoryUsedUp
from tests.languages.english import english_left
from tests.pages.conftest import say
from tests.pages.test_inside import snapshot
from tests.pages.test_opened_image import trained  # noqa: F401 - a fixture
from tests.pages.test_runs import evaluated
from tests.pages.test_watch import learned
from tests.pages.test_words import shown_texts

OpenPage = Callable[..., AppTest]
NAMES = (
    "LeNet-5 on Digits",
    "baseline resnet18 twilight",
    "conv relu output norm probe http digits- baseline-digits-",
    "Hands",
    "anna ben cleo",
)
"""What people call things, and layers: that stays as it is."""


ADDRESS = re.compile(r"[a-z_]+|(?:run|futures|race)=\S+")
"""The name of a page, and what follows it in a link."""
PLACE = re.compile(r"%?\{[^}]*\}")
"""Where a browser puts a value."""


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "_asked", lambda: "zh")


def left(app: AppTest, *names: str) -> str:
    assert not app.exception
    return "\n".join(english_left(read_by_people(app), names=(*NAMES, *names)))


def read_by_people(app: AppTest) -> Iterator[str]:
    """Yield what stands on a page, without addresses, places of hover texts, and data but for its words."""
    for text in shown_texts(app):
        if text.startswith("{"):
            yield from words_within(json.loads(text))
        elif not (ADDRESS.fullmatch(text) or text.startswith('"')):
            yield PLACE.sub(" ", text)


def words_within(value: object, told: bool = False) -> Iterator[str]:
    if isinstance(value, str):
        yield from [PLACE.sub(" ", value)] if told else []
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from words_within(inner, told or name in {"words", "label", "help"})
    elif isinstance(value, list):
        for inner in value:
            yield from words_within(inner, told)


def test_no_english_is_left_on_the_page_without_runs(open_page: OpenPage):
    assert not (found := left(open_page("runs", lang="zh"))), found


@pytest.mark.parametrize("view", ["evaluation", "curves", "settings", "downloads"])
def test_no_english_is_left_in_the_views_of_a_run(open_page: OpenPage, run: runs.Run, view: str):
    evaluated(run)
    learned(run, 0.9)
    damaged = runs.create(RunConfig("baseline", "digits"))
    (damaged.folder / "config.json").write_text("{")
    state = {
        "per-class": True,
        "calibration": True,
        "runs_chosen": [run.id, damaged.id][: 1 + (view == "curves")],
    }
    app = open_page("runs", state, lang="zh", run=run.id, view=view)
    assert not (found := left(app, run.id, damaged.id)), found


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab != "Projection"])
def test_no_english_is_left_in_the_tabs_of_a_run(
    open_page: OpenPage, run: runs.Run, tab: str, monkeypatch: pytest.MonkeyPatch
):
    evaluated(run)
    snapshots.write(run, snapshot(1, 2))
    snapshots.write_validation(run, FixedImages(np.zeros((3, 8, 8, 1), np.uint8), ("a", "b", "c"), (0, 1, 2)))
    app = open_page("train", {f"run-tab-{run.id}": tab}, lang="zh", run=run.id)
    assert app.session_state[f"run-tab-{run.id}"] == translated("zh", tab)
    assert not (found := left(app, "digits")), found


def test_no_english_is_left_in_an_opened_image_and_in_the_projection(
    open_page: OpenPage,
    trained: runs.Run,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
):
    found = evaluation_of(trained)
    assert found is not None
    names = (trained.title, *found.classes, *(said.name for said in found.predictions))
    app = open_page("train", {f"run-tab-{trained.id}": "Projection"}, lang="zh", run=trained.id)
    assert not (english := left(app, *names)), english
    monkeypatch.setattr(image_sheet, "image_wall", lambda *_, **__: "0")
    app = open_page("train", {f"run-tab-{trained.id}": "Predictions"}, lang="zh", run=trained.id, epoch="1")
    assert not (english := left(app, *names)), english


@pytest.mark.parametrize(
    "state", ["queued", "starting", "running", "stopping", "stopped", "failed", "interrupted"]
)
def test_no_english_is_left_whatever_becomes_of_a_run(open_page: OpenPage, run: runs.Run, state: str):
    now = "running" if state == "stopping" else state
    failure = explain(MemoryUsedUp("", 8)) if state == "failed" else None
    said = {
        "failed": failure and f"{failure['message']} {failure['hint']}",
        "stopped": run.when_stopped(run.status()),
    }
    say(
        run,
        now,
        process=vars(ProcessId.of(os.getpid())),
        epochs=9,
        message=said.get(state) or "",
        error=failure,
    )
    if state == "stopping":
        run.request_stop()
    app = open_page("train", lang="zh", run=run.id)
    assert not (found := left(app)), found


def test_what_is_said_in_english_of_runs_and_work_is_recognised(chinese: None, run: runs.Run):
    now = run.status()
    said = [
        *(
            explain(error, kind)[part]
            for error in failures()
            for kind in (TRAIN, EXPORT)
            for part in ("message", "hint")
        ),
        *(run.when_stopped(now), run.ended(now).message, run.lost(now).message),
        *(word for kind in KINDS.values() for word in (_(kind.verb), _(kind.noun))),
        *(_(word) for change in CHANGES.values() for word in (change.label, change.unit)),
    ]
    for document in ("[]", "{", '{"config": 1}', '{"config": {"epochs": "x"}}'):
        (run.folder / "config.json").write_text(document)
        said.append(run.damage)
    (run.folder / "config.json").unlink()
    said += [run.damage, "Training failed (ValueError). Try again."]
    names = ("config.json ValueError No space left on device disk died conv epochs", run.id)
    assert not (found := english_left(map(recognised, filter(None, said)), names)), "\n".join(found)
    assert recognised("Training failed (ValueError). Try again.") == "训练失败（ValueError）。请再试一次。"


def failures() -> list[Exception]:
    return [
        OSError(28, "No space left on device"),
        OSError(5, "disk died"),
        ValueError("x"),
        MemoryUsedUp("", None),
        MemoryUsedUp("the output of conv for 1,024 images is 12 MB", 64),
    ]


def test_an_accuracy_is_said_in_the_language_of_the_page_and_in_english_elsewhere(chinese: None, monkeypatch):
    leaky = ImageCount(359, 12)
    assert accuracy_in_words(351 / 359, 359) == "97.8 %（95 % 置信区间 95.7–98.9，n = 359）"
    assert interval_in_words(351 / 359, 359) == "95 % 置信区间 95.7–98.9，n = 359"
    assert ends_in_words(351 / 359, leaky) == f"95.7–98.9，n = 359，{leaky.mark}"
    monkeypatch.setattr(languages, "_asked", None)
    assert accuracy_in_words(351 / 359, 359) == "97.8 % (95 % CI 95.7–98.9, n = 359)"
    assert ends_in_words(351 / 359, 359) == "95.7–98.9, n = 359"
    assert leaky.mark == "over-optimistic (data leakage: 12 of 359 trained on)"


def test_a_chart_is_drawn_once_for_each_language(chinese: None, monkeypatch):
    shown: list[bytes] = []
    monkeypatch.setattr(live_chart, "live_chart", lambda figure, *_: shown.append(figure))
    for language in ("zh", "en", "zh"):
        monkeypatch.setattr(languages, "_asked", lambda language=language: language)
        live_chart.still_chart("bars", charts.class_bars, ("a", "b"), (0.9, 0.1))
    assert shown[0] is shown[2] and shown[0] != shown[1]


def test_the_news_of_a_page_are_the_same_in_each_language(run: runs.Run, monkeypatch):
    say(run, "running", epoch=1, epochs=3, best_val_accuracy=0.9, process=vars(ProcessId.of(os.getpid())))
    words = []
    for language in ("zh", "en"):
        monkeypatch.setattr(languages, "_asked", lambda language=language: language)
        words.append(pulse._look(pulse.MACHINE))
    assert words[0] == words[1]


def test_the_language_changes_the_words_of_the_page_and_nothing_else(open_page: OpenPage, run: runs.Run):
    others = [
        runs.create(RunConfig("baseline", "digits", title=f"twilight {n}", epochs=n)) for n in (1, 2, 3)
    ]
    chosen = [run.id, others[0].id]
    app = open_page("runs", {"runs_chosen": chosen, "runs_view_several": "Curves"})
    app.segmented_control(key="runs_measure").set_value("loss")
    app.slider(key="runs_smoothing").set_value(0.5)
    app.multiselect(key="runs_State").set_value(["queued"])
    app = app.run()
    before = values(app)
    app.session_state["language"] = "zh"
    app = app.run()
    assert not app.exception and values(app) == before
    assert app.session_state["runs_chosen"] == chosen
    table = app.dataframe[0].value
    assert set(table["状态"]) == {"排队中"} and len(table) == 4
    app.session_state["language"] = "en"
    app = app.run()
    assert values(app) == before and set(app.dataframe[0].value["State"]) == {"queued"}


def test_the_tab_that_is_open_stays_open_in_another_language(open_page: OpenPage, run: runs.Run):
    key = f"run-tab-{run.id}"
    app = open_page("train", {key: "Settings"}, run=run.id)
    for language, label in (("zh", "设置"), ("en", "Settings")):
        app.session_state["language"] = language
        app = app.run()
        assert not app.exception and app.session_state[key] == label


def values(app: AppTest) -> dict[str | None, object]:
    shown = (*app.get("button_group"), *app.slider, *app.multiselect, *app.text_input, *app.toggle)
    return {widget.key: widget.value for widget in shown}


def test_runs_are_found_by_the_words_of_both_languages(chinese: None):
    row = {"Run": "a", "Network": "LeNet-5", "Dataset": "Digits", "State": "queued", "Notes": "", "★": ""}
    nothing: dict[str, list[str]] = {"Network": [], "Dataset": [], "State": []}
    assert matches(row, "排队中 lenet", nothing, False) and matches(row, "queued", nothing, False)
    assert not matches(row, "已完成", nothing, False)
