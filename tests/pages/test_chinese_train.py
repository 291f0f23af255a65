"""Train in Chinese: the form, its settings, what is said of a run; and the language changes only words."""

import re
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import languages, runs
from cnnlab.languages import in_english
from cnnlab.settings import AUGMENTATIONS, RunConfig, all_settings
from cnnlab.training import recipes, terms
from cnnlab.training.verdict import Task, judge
from cnnlab.ui.train.groups import TABS
from tests.languages.english import english_left
from tests.pages.conftest import give_weights, say
from tests.pages.test_words import shown_texts
from tests.training.test_verdict import history

OpenPage = Callable[..., AppTest]
TITLES = ("LeNet-5 on Digits",)
"""What runs are called stays as it was stored."""


ADDRESS = re.compile(r"[a-z_]+|[a-z]+=\S+")
"""The name of a page, what follows it in a link, the format of a slider."""


def read_by_people(app: AppTest) -> Iterator[str]:
    """Yield what stands on a page, without addresses and the places of hover texts."""
    for text in shown_texts(app):
        if not ADDRESS.fullmatch(text):
            yield re.sub(r"%\{[^}]*\}", " ", text.replace("\\", ""))


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "_asked", lambda: "zh")


def test_no_english_is_left_on_the_form_and_in_its_groups(open_page: OpenPage):
    app = open_page("train", state={"run_more": True, "run_schedule": "plateau"}, lang="zh")
    found: set[str] = set()
    for name in TABS:
        app.session_state["run_group"] = name
        app = app.run()
        assert not app.exception
        found |= set(english_left(read_by_people(app), names=TITLES))
    assert not found, "\n".join(sorted(found))


def test_no_english_is_left_where_a_fork_is_begun_and_a_setting_cannot_be(open_page: OpenPage, run: runs.Run):
    give_weights(run)
    say(run, "finished", epoch=30, epochs=30, best_epoch=21, best_val_accuracy=0.97)
    app = open_page("train", run=run.id, lang="zh").button(key="fork").click().run()
    app.number_input(key="run_epochs").set_value(0)
    app = app.button(key="run_start").click().run()
    assert not app.exception and len(app.error) == 1
    found = english_left(read_by_people(app), names=TITLES)
    assert not found, "\n".join(found)


def test_a_run_that_is_started_in_chinese_is_called_the_same_for_everybody(open_page: OpenPage):
    app = open_page("train", lang="zh").button(key="run_start").click().run()
    [run] = runs.list_runs()
    assert not app.exception and run.config.title in TITLES


def test_the_language_changes_the_words_of_the_form_and_nothing_else(open_page: OpenPage):
    app = open_page("train", state={"run_more": True, "run_group": "Regularisation"})
    app.number_input(key="run_epochs").set_value(7)
    app.selectbox(key="run_schedule").set_value("cosine")
    app.number_input(key="run_label_smoothing").set_value(0.1)
    app = app.run()
    before = values(app)
    app = spoken(app, "zh")
    assert not app.exception and values(app) == before
    assert app.session_state["run_group"] == "正则化"
    assert app.selectbox(key="run_schedule").label == "学习率调度"
    app = spoken(app, "en")
    assert values(app) == before and app.session_state["run_group"] == "Regularisation"


def spoken(app: AppTest, language: str) -> AppTest:
    app.session_state["language"] = language
    return app.run()


def values(app: AppTest) -> dict[str | None, object]:
    shown = (*app.number_input, *app.selectbox, *app.toggle, *app.text_input)
    return {widget.key: widget.value for widget in shown}


def test_recipes_are_told_in_chinese(chinese: None):
    told = [text for recipe in recipes.list_recipes() for text in (recipe.title_in_words, recipe.in_words)]
    assert not (left := english_left(told)), "\n".join(left)


def unfit() -> Iterator[str]:
    for known in (*all_settings().values(), *AUGMENTATIONS.values()):
        for value in (-1, 10**12, "?"):
            if problem := known.problem(value):
                yield problem


def test_what_is_wrong_with_a_setting_is_said_in_chinese(chinese: None):
    known = (*all_settings().values(), *AUGMENTATIONS.values())
    names = [name for one in known for name in (one.name, *map(str, one.choices))]
    found = [*unfit()]
    assert len(found) > 60 and not (left := english_left(found, names)), "\n".join(left)


def test_the_settings_of_a_run_are_said_in_chinese_under_labels_that_stay(chinese: None):
    config = RunConfig(
        *("mobilenetv2_transfer", "digits"),
        options={"unfreeze_blocks": 2},
        schedule="step",
        schedule_epochs=(2, 3),
        augmentation={"flip": 1, "rotation": 10, "fill": "reflect"},
        stop_patience=3,
        scaling="dataset",
    )
    rows = terms.applied(config, {"split": {"train": 8, "validation": 2}})
    assert rows["Early stopping: patience"] == "3 轮" and rows[terms.IMAGES] == "训练 8 张、验证 2 张"
    assert rows["Augmentation"] == "水平翻转、旋转 ±10°、填充模式 镜像"
    titles = ("Network", "Dataset", "Architecture")
    assert not (left := english_left(said for label, said in rows.items() if label not in titles)), left
    with in_english():
        assert terms.said("schedule", "step") == "step (multistep) decay"


@pytest.mark.parametrize("losses", [[2.3, 9.0], [2.3, float("nan")], [2.3, 2.3]])
def test_a_verdict_is_said_in_chinese(chinese: None, losses: list[float]):
    found = judge(history(losses, [0.9, 0.1]), Task(10, 400))
    assert found is not None
    said = [found.happened, found.advice]
    assert not (left := english_left(said, names=["CI"])), left  # intervals are told elsewhere
