"""The Experiments page without a browser: claims, recorded results, races, bets, futures."""

from dataclasses import replace

import pytest

from cnnlab import experiments, runs
from cnnlab.experiments import READY, bets
from cnnlab.machine import Device
from cnnlab.runs import races
from cnnlab.ui.wording import plain
from tests.experiments.made_up import facts, plan, prepared, trained

NAME = next(iter(READY))


def texts(app) -> list[str]:
    return [element.value for element in (*app.markdown, *app.caption, *app.header, *app.subheader)]


def buttons(app) -> dict:
    return {button.label: button for button in app.button}


def test_every_claim_is_on_the_page_and_leads_to_its_experiment(open_page):
    app = open_page("experiments")
    assert not app.exception
    said = " ".join(texts(app))
    assert all(plain(experiment.claim) in said for experiment in READY.values())
    app.button(key=f"open-{NAME}").click().run()
    assert app.query_params["experiment"] in (NAME, [NAME])
    assert READY[NAME].title in [title.value for title in app.title]


@pytest.mark.parametrize("name", READY)
def test_a_recorded_result_is_shown_with_its_verdict_and_its_circumstances(open_page, name):
    app = open_page("experiments", experiment=name)
    assert not app.exception and not app.error
    if (known := experiments.recording(name)) is None:
        assert app.info
        return
    _, verdict = known.results.about(READY[name])
    said = " ".join(texts(app))
    assert verdict in said
    assert known.date in said


def test_run_it_now_puts_a_race_with_so_many_seeds_into_the_queue(open_page):
    app = open_page("experiments", experiment=NAME)
    app.number_input(key=f"seeds-{NAME}").set_value(2).run()
    buttons(app)["Run it now"].click().run()
    [race] = races.listed()
    assert race.job.status().state == "queued"
    assert race.plan.seeds == (0, 1)
    assert race.plan.experiment == NAME


def test_a_class_bets_before_the_teacher_starts(open_page):
    app = open_page("experiments", experiment=NAME)
    buttons(app)["Let the class bet first"].click().run()
    [race] = races.listed()
    app = open_page("experiments", race=race.id)
    assert not app.exception
    buttons(app)["Place my bet"].click().run()
    assert bets.count(race) == 1
    buttons(app)["Start"].click().run()
    assert race.job.status().state == "queued"


def test_a_race_that_is_over_shows_its_curves_its_finding_and_who_was_right(open_page):
    race = prepared(plan(seeds=(0, 1)))
    bets.place(race, bets.Bet(1, 0.8))
    for seed in (0, 1):
        trained(race, 0, seed, [0.3, 0.4, 0.5 + seed / 100])
        trained(race, 1, seed, [0.4, 0.6, 0.8])
        facts(race, 0, seed)
    race.job.write_status(type(race.job.status())(state="finished", created=1.0))
    app = open_page("experiments", race=race.id)
    assert not app.exception and not app.error
    said = " ".join(texts(app))
    assert "fast minus slow" in said
    assert "Place my bet" not in buttons(app)


@pytest.mark.parametrize(
    "query", [{"race": "race-0"}, {"race": "../x"}, {"experiment": "<b>x"}, {"futures": "x"}]
)
def test_an_address_that_means_nothing_is_one_sentence(open_page, query):
    app = open_page("experiments", **query)
    assert not app.exception
    assert len(app.error) == 1


def test_futures_of_a_run_begin_from_its_weights(open_page):
    run = runs.create(plan().arms[0].config)
    app = open_page("experiments", futures=run.id)
    assert not app.exception
    assert not any(button.label == "Watch them" for button in app.button)
    (run.folder / "checkpoints" / "last.keras").write_bytes(b"weights")
    app = open_page("experiments", futures=run.id)
    buttons(app)["Watch them"].click().run()
    [race] = races.listed()
    assert len(race.plan.arms) == 2
    assert (race.job.folder / "parent" / "checkpoints" / "initial.keras").read_bytes() == b"weights"


def test_a_race_of_ones_own_differs_in_the_setting_that_was_chosen(open_page):
    app = open_page("experiments", state={"own_race": True})
    app.selectbox(key="race_varied").set_value("batch_size").run()
    assert buttons(app)["Start the race"].disabled
    app.text_input(key="race_batch_size").set_value("16, 64").run()
    buttons(app)["Start the race"].click().run()
    [race] = races.listed()
    assert [arm.config.batch_size for arm in race.plan.arms] == [16, 64]
    first, second = (arm.config.to_dict() for arm in race.plan.arms)
    assert {key for key in first if first[key] != second[key]} == {"batch_size"}


def test_numbers_that_are_none_are_one_sentence_and_start_nothing(open_page):
    app = open_page("experiments", state={"own_race": True})
    app.text_input(key="race_learning_rate").set_value("0.1, fast").run()
    assert not app.exception
    assert buttons(app)["Start the race"].disabled
    assert not list(races.listed())


@pytest.mark.parametrize("kind", ["CPU", "GPU"])
def test_what_no_cpu_can_train_is_offered_where_there_is_a_gpu(open_page, monkeypatch, kind: str):
    monkeypatch.setattr("cnnlab.machine.describe", lambda: Device(kind, "A device", 1, 2))
    app = open_page("experiments", experiment="mixed-precision")
    assert buttons(app)["Run it now"].disabled is (kind == "CPU")
    assert any("GPU" in info.value for info in app.info) is (kind == "CPU")


def test_a_recorded_result_that_does_not_tell_its_images_is_shown_without(open_page, monkeypatch):
    known = experiments.recording("dropout")
    untold = replace(known, results=replace(known.results, images=None))
    monkeypatch.setattr("cnnlab.experiments.recording", lambda name: untold)
    app = open_page("experiments", experiment="dropout")
    assert not app.exception
    assert any(known.date in caption.value for caption in app.caption)
