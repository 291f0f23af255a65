"""The Experiments page in Chinese: no English is left but names, and the switch changes nothing but words."""

import re
from collections.abc import Iterator

import pytest

from cnnlab import experiments, languages
from cnnlab.experiments import READY, bets
from cnnlab.experiments.finding import Difference
from cnnlab.experiments.futures import CHANGES
from cnnlab.runs import races
from cnnlab.settings import setting_named
from cnnlab.training import recipes
from cnnlab.ui.experiments import own_race, wording
from tests.experiments.made_up import facts, plan, prepared, trained
from tests.languages.english import english_left
from tests.pages.test_words import shown_texts

PEOPLE = [word for one in READY.values() for word in re.findall(r"[A-Z][\w']+", one.claimed_by)]


def _of_the_form() -> Iterator[str]:
    """Yield the words of recipes and settings, which other parts translate."""
    yield from (recipe.title for recipe in recipes.list_recipes())
    for known in map(setting_named, own_race.VARIED):
        yield from (known.label, known.help, known.none, *known.choices.values())


def left(app, *names: str) -> list[str]:
    """Return the English of the page itself, without that of the frame around it."""
    return english_left(_texts_of(app), [*PEOPLE, *_of_the_form(), *names])


def _texts_of(app) -> Iterator[str]:
    class Main:
        _tree = app.main

    yield from shown_texts(Main)


@pytest.fixture
def chinese(monkeypatch):
    monkeypatch.setattr(languages, "_asked", lambda: "zh")


@pytest.mark.parametrize("name", READY)
def test_all_that_an_experiment_says_is_translated(chinese, name):
    one = READY[name]
    said = [one.title, one.claim, one.claimed_by, one.look_for, one.lesson, *(arm.label for arm in one.arms)]
    assert not english_left(map(languages._, said), PEOPLE)
    for found in (
        None,
        Difference(0.1, None, 1),
        Difference(-0.1, (-0.2, 0.0), 5),
        Difference(0.1, (0.05, 0.15), 5),
    ):
        assert not english_left(
            [wording.sentence(one, found), experiments.said_measure(one), str(found or "")]
        )
    if known := experiments.recording(name):
        known_machine = languages.recognised(known.machine)
        at_equal = [wording.at_equal(known.results, "val_accuracy", cost) for cost in wording.COSTS]
        assert not english_left([known_machine, *at_equal], ["AMD", "EPYC"])


def test_a_finding_keeps_its_numbers_and_the_side_that_is_better(chinese):
    found = Difference(-0.123, (-0.143, -0.103), 5)
    said = wording.sentence(READY["dropout"], found)
    assert "12.3 ± 2.0" in said and "95 %" in said and "5 " in said
    assert said.index("无随机失活") < said.index("随机失活 0.5")


def test_what_stands_in_files_stays_english(chinese):
    one = READY["dropout"]
    request = one.plan().to_dict()
    assert request["title"] == one.title
    assert [arm["label"] for arm in request["arms"]] == ["no dropout", "dropout 0.5"]
    assert experiments.recording("dropout").results.to_dict(one)["verdict"] in wording.BADGES


@pytest.mark.parametrize(
    ("labels", "title", "said"),
    [
        (["0.1", "0.01"], "Learning rate: 0.1, 0.01", "0.1、0.01"),
        (["unchanged", "no dropout"], "My run: unchanged or no dropout", "My run：不变 或 无随机失活"),
        (["more seeds"], "a: b: 4 more seeds", "a: b：再训练 4 个随机种子"),
        (["a", "b"], "Slow or fast", "Slow or fast"),
    ],
)
def test_a_title_is_said_in_chinese_but_for_the_names_that_people_gave(chinese, labels, title, said):
    named = plan(labels)
    assert wording.title(races.Plan(title, named.arms, (0,))).endswith(said)


def test_changes_of_futures_are_translated(chinese):
    assert not english_left(map(languages._, CHANGES))


def test_the_list_of_experiments_is_in_chinese(open_page):
    race = prepared()
    app = open_page("experiments", lang="zh")
    assert not app.exception
    assert not (found := left(app, "Slow or fast", "experiments", f"race={race.id}")), "\n".join(found)


@pytest.mark.parametrize("name", ["activations", "transfer", "mixed-precision", "lenet5-to-resnet18"])
def test_an_experiment_is_in_chinese(open_page, name):
    app = open_page("experiments", experiment=name, lang="zh")
    assert not app.exception
    assert not (found := left(app)), "\n".join(found)


def test_a_race_with_bets_is_in_chinese(open_page, monkeypatch):
    race = prepared(plan(labels=("no dropout", "dropout 0.5")))
    bets.place(race, bets.Bet(1, 0.8))
    app = open_page("experiments", race=race.id, lang="zh")
    assert not app.exception
    assert not (found := english_left(_texts_of(app), ["Slow or fast"])), "\n".join(found)
    for arm in (0, 1):
        for seed in (0, 1):
            trained(race, arm, seed, [0.3, 0.4, 0.5 + seed / 100])
            facts(race, arm, seed)
    race.job.write_status(type(race.job.status())(state="finished", created=1.0))
    app = open_page("experiments", race=race.id, lang="zh")
    assert not app.exception
    assert not (found := english_left(_texts_of(app), ["Slow or fast"])), "\n".join(found)


def test_a_refusal_is_in_chinese(open_page):
    [error] = open_page("experiments", lang="zh", experiment="mine").error
    assert error.value.startswith("没有名为") and "mine" in error.value


def test_the_switch_changes_nothing_but_words(open_page):
    app = open_page("experiments", experiment="dropout")
    app.number_input(key="seeds-dropout").set_value(3)
    app.select_slider(key="speed-dropout").set_value(4.0)
    app.selectbox(key="dropout-y").set_value("loss").run()
    app.session_state["language"] = "zh"
    app.run()
    assert not app.exception
    assert app.number_input(key="seeds-dropout").value == 3
    assert app.select_slider(key="speed-dropout").value == 4.0
    assert app.selectbox(key="dropout-y").value == "loss"
    assert "少量图像：用或不用随机失活" in [title.value for title in app.title]
