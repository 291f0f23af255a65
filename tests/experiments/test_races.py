"""Races: plans that can work, folders that anybody may have written, results, bets, futures, more seeds."""

import json
import math
from dataclasses import replace

import pytest

from cnnlab import access, runs
from cnnlab.access import Role, Visitor, limits
from cnnlab.errors import AccessError, ConfigError, ExperimentError, RunError, RunNotFoundError
from cnnlab.experiments import bets, course, futures, of_race, spread
from cnnlab.experiments.bets import Bet
from cnnlab.runs import jobs, races
from cnnlab.runs.kinds import RACE
from cnnlab.runs.races import Arm, Plan
from cnnlab.settings import RunConfig
from cnnlab.shelf import write_json
from tests.experiments.made_up import facts, plan, prepared, trained

ANNA, BEN = (Visitor(letter * 16, Role.STUDENT) for letter in "ab")
CONFIG = RunConfig("lenet5", "digits")


@pytest.fixture(autouse=True)
def _home(home):
    return home


@pytest.mark.parametrize(
    "wrong",
    [
        Plan("no side", (), (0, 1)),
        Plan("one run", (Arm("a", CONFIG),), (0,)),
        Plan("a label twice", (Arm("a", CONFIG), Arm("a", CONFIG)), (0,)),
        Plan("no label", (Arm("", CONFIG), Arm("a", CONFIG)), (0,)),
        Plan("a long label", (Arm("a" * 41, CONFIG), Arm("a", CONFIG)), (0,)),
        Plan("no seed", (Arm("a", CONFIG), Arm("b", CONFIG)), ()),
        Plan("a seed twice", (Arm("a", CONFIG), Arm("b", CONFIG)), (1, 1)),
        Plan("a negative seed", (Arm("a", CONFIG), Arm("b", CONFIG)), (-1,)),
        Plan("eleven sides", tuple(Arm(f"{n}", CONFIG) for n in range(11)), (0,)),
        Plan("no epoch", (Arm("a", CONFIG), Arm("b", CONFIG.changed(epochs=0))), (0,)),
    ],
    ids=lambda plan: plan.title,
)
def test_a_plan_that_cannot_work_is_refused(wrong):
    with pytest.raises(ConfigError):
        wrong.checked()


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"title": 1, "arms": [], "seeds": []},
        {"title": "", "arms": None, "seeds": [0]},
        {"title": "", "arms": [1, 2], "seeds": [0]},
        {"title": "", "arms": [{"label": "a", "config": []}], "seeds": [0, 1]},
        {"title": "", "arms": [{"label": "a", "config": CONFIG.to_dict()}], "seeds": [0, True]},
        {
            "title": "",
            "arms": [{"label": "a", "config": CONFIG.to_dict()}],
            "seeds": [0, 1],
            "experiment": "../x",
        },
    ],
)
def test_a_plan_of_a_stranger_is_one_sentence(written):
    with pytest.raises(ConfigError):
        Plan.from_dict(written)


def test_a_race_is_found_by_its_address_and_nothing_else_is():
    race = prepared()
    assert races.get(race.id).plan == plan()
    assert [found.id for found in races.listed()] == [race.id]
    for wrong in ("", "race-0000000000000000", "../../etc/passwd", "export-0123456789abcdef"):
        with pytest.raises(RunNotFoundError):
            races.get(wrong)


def test_a_damaged_race_is_one_sentence_and_stays_out_of_no_list():
    race = prepared()
    (race.job.folder / "job.json").write_text(json.dumps({"kind": "race", "request": {"title": 3}}))
    with pytest.raises(RunError, match="cannot be read"):
        _ = races.get(race.id).plan
    assert [found.id for found in races.listed()] == [race.id]


def test_results_are_those_of_the_runs_and_a_run_that_failed_counts_for_nothing():
    race = prepared(plan(seeds=(0, 1, 2)))
    for seed, (slow, fast) in enumerate([(0.5, 0.8), (0.6, 0.8), (0.7, 0.9)]):
        trained(race, 0, seed, [0.2, 0.3, slow])
        trained(race, 1, seed, [0.4, 0.6, fast], "failed" if seed == 2 else "finished")
    facts(race, 0, 0)
    results = of_race(race)
    assert results.sides[0].values("val_accuracy") == [0.5, 0.6, 0.7]
    found = results.compared(1, 0)
    assert found.pairs == 2
    assert found.mean == pytest.approx(0.25)
    assert results.images == 40
    assert results.sides[0].parameters == 1234


def test_sides_are_read_at_the_cost_that_all_of_them_have_reached():
    race = prepared(plan(seeds=(0, 1)))
    for seed in (0, 1):
        trained(race, 0, seed, [0.1, 0.2, 0.3, 0.4, 0.5 + seed / 10])  # an epoch takes a second
        trained(race, 1, seed, [0.6, 0.7 + seed / 10])
    results = of_race(race)
    assert results.values("val_accuracy") == [[0.5, 0.6], [0.7, 0.8]]
    assert results.budgets("epoch") == results.budgets("seconds") == [2, 2]
    assert results.values("val_accuracy", "seconds") == [[0.2, 0.2], [0.7, 0.8]]
    assert results.compared(1, 0, equal="seconds").mean == pytest.approx(0.55)
    small, large = (replace(side, macs=macs) for side, macs in zip(results.sides, (10, 40), strict=True))
    costly = replace(results, sides=(small, large))
    assert costly.budgets("macs") == [50, 50]  # five epochs of 10; one epoch of 40 and not two
    assert costly.values("val_accuracy", "macs") == [[0.5, 0.6], [0.6, 0.6]]
    never = replace(results, sides=(small, replace(large, macs=51)))
    assert all(math.isnan(value) for value in never.values("val_accuracy", "macs")[1])
    unknown = replace(results, sides=(replace(small, macs=None), large))
    assert all(math.isnan(value) for side in unknown.values("val_accuracy", "macs") for value in side)


def test_a_course_is_the_mean_over_seeds_also_where_one_has_not_come_so_far():
    race = prepared()
    trained(race, 0, 0, [0.2, 0.4, 0.6])
    trained(race, 0, 1, [0.4], "running")
    went = course(of_race(race).sides[0], "val_accuracy")
    assert list(went.mean) == pytest.approx([0.3, 0.4, 0.6])
    assert list(went.least) == pytest.approx([0.2, 0.4, 0.6])
    assert list(went.x) == [1, 2, 3]
    assert list(course(of_race(race).sides[0], "val_accuracy", epochs=1).mean) == pytest.approx([0.3])
    assert not len(course(of_race(race).sides[1], "val_accuracy").mean)


def test_a_race_stays_when_jobs_are_forgotten_and_goes_when_it_is_deleted(monkeypatch):
    race = prepared()
    monkeypatch.setattr("cnnlab.workspace.KEPT_SECONDS", -1.0)
    jobs.ask(jobs.get(race.id).kind, plan().to_dict())
    assert races.get(race.id)
    race.delete()
    assert not race.job.folder.exists()


def test_whoever_does_not_own_a_race_neither_starts_nor_deletes_it():
    with access.acting_as(ANNA):
        race = prepared()
    with access.acting_as(BEN):
        for change in (race.delete, lambda: jobs.resume(race.job)):
            with pytest.raises(AccessError):
                change()
    with access.acting_as(ANNA):
        jobs.resume(race.job)
        assert race.job.status().state == "queued"


def test_a_student_s_race_is_held_to_the_limits_of_a_run():
    run = runs.create(CONFIG)
    most = limits.read()
    too_large = (
        {"epochs": most.epochs + 1},
        {"image_size": most.image_size + 1},
    )
    for settings in too_large:
        wide = plan(**settings)
        with access.acting_as(ANNA):
            for ask in (jobs.ask, lambda kind, request: jobs.prepared(kind, request, "Not yet.")):
                with pytest.raises(AccessError, match="student"):
                    ask(RACE, wide.to_dict())
        assert not list(races.listed())
    (run.folder / "checkpoints" / "last.keras").write_bytes(b"weights")
    write_json(run.folder / "model.json", {"params": most.parameters + 1, "split": {}})
    with access.acting_as(ANNA):
        with pytest.raises(AccessError, match="parameters"):
            races.futures(run, "last", futures.plan(run, ["unchanged", "no dropout"], 2))
        with pytest.raises(AccessError, match="parameters"):
            spread.plan(run)
        jobs.ask(RACE, plan(epochs=most.epochs, image_size=most.image_size).to_dict())
    assert len(list(races.listed())) == 1
    jobs.ask(RACE, plan(epochs=most.epochs + 1).to_dict())  # whoever is alone may


def test_bets_are_taken_until_the_first_epoch_is_over_one_of_each():
    race = prepared()
    with access.acting_as(ANNA):
        bets.place(race, Bet(0, 0.5))
        bets.place(race, Bet(1, 0.79, 3))
        assert bets.of_visitor(race) == Bet(1, 0.79, 3)
    with access.acting_as(BEN):
        bets.place(race, Bet(0, 0.2, 1))
    assert bets.count(race) == 2
    trained(race, 0, 0, [0.5])
    with access.acting_as(BEN), pytest.raises(ExperimentError, match="no longer"):
        bets.place(race, Bet(1, 0.8))
    assert bets.count(race) == 2


@pytest.mark.parametrize("bet", [Bet(-1, 0.5), Bet(2, 0.5), Bet(0, -0.1), Bet(0, 1.1)])
def test_a_bet_on_what_cannot_be_is_refused(bet):
    with pytest.raises(ExperimentError):
        bets.place(prepared(), bet)


def test_points_follow_the_race():
    race = prepared(plan(seeds=(0,)))
    for visitor, bet in ((ANNA, Bet(1, 0.79, 3)), (BEN, Bet(0, 0.2, 1))):
        with access.acting_as(visitor):
            bets.place(race, bet)
    assert [s.points for s in bets.standings(race, of_race(race))] == [0, 0]
    trained(race, 0, 0, [0.3, 0.4, 0.5])
    trained(race, 1, 0, [0.4, 0.6, 0.8])
    first, second = bets.standings(race, of_race(race))
    assert first.bet.winner == 1
    assert first.points == 3 + 3 + 3
    assert second.points == 0 + 0 + 1  # epoch 1 is two off


@pytest.mark.parametrize(
    "written", ["", "[]", '{"winner": 7, "accuracy": 0.5}', '{"winner": 0, "accuracy": "x"}']
)
def test_a_damaged_bet_is_no_bet(written):
    race = prepared()
    (race.job.folder / "bets").mkdir()
    (race.job.folder / "bets" / f"{ANNA.id}.json").write_text(written)
    assert bets.standings(race, of_race(race)) == []


def test_futures_begin_with_copies_of_the_weights_and_with_the_seed_of_the_run():
    run = runs.create(CONFIG.changed(seed=7, augmentation={"flip": 1.0}))
    with pytest.raises(RunError, match="weights"):
        races.futures(run, "last", futures.plan(run, futures.possible(run)[:2], 2))
    (run.folder / "checkpoints" / "last.keras").write_bytes(b"weights")
    assert "no augmentation" in futures.possible(run)
    assert "flips and shifts" in futures.possible(run)
    chosen = ["unchanged", "learning rate × 10"]
    race = races.futures(run, "last", futures.plan(run, chosen, 2))
    assert race.job.status().state == "queued"
    assert [arm.label for arm in race.plan.arms] == chosen
    assert race.plan.seeds == (7,)
    rates = [arm.config.initial_learning_rate for arm in race.plan.arms]
    assert rates[1] == pytest.approx(10 * rates[0])
    (run.folder / "checkpoints" / "last.keras").unlink()
    child = race.begin(1, 7)
    assert child.checkpoint("initial").read_bytes() == b"weights"
    assert runs.origin(child).run_id == run.id


def test_more_seeds_are_other_seeds_of_the_same_settings_and_give_a_spread():
    run = runs.create(CONFIG.changed(seed=2**31 - 2))
    wanted = spread.plan(run)
    assert len({run.config.seed, *wanted.seeds}) == 5
    assert wanted.checked().arms[0].config.changed(title=run.config.title) == run.config
    race = prepared(wanted)
    spread.remember(run, race)
    assert spread.race_of(run).id == race.id
    assert spread.spread_of(run) is None
    run.write_status(type(run.status())(state="finished", best_val_accuracy=0.9, created=1.0))
    for seed, best in zip(wanted.seeds, (0.8, 0.85, 0.95, 1.0), strict=True):
        trained(race, 0, seed, [0.1, best, best - 0.05])
    found = spread.spread_of(run)
    assert found.accuracies == pytest.approx((0.9, 0.8, 0.85, 0.95, 1.0))
    assert "90.0 ± 7.9 %" in str(found)  # by hand: squares 0, 1, .25, .25, 1 of 100ths; root of 2.5/4 = 7.9


@pytest.mark.parametrize("kind", [{}, [], None, 3, "nothing"])
def test_a_job_of_no_kind_is_one_sentence_and_stops_no_list(kind):
    race = prepared()
    (race.job.folder / "job.json").write_text(json.dumps({"kind": kind, "request": {}}))
    with pytest.raises(RunError, match="cannot be read"):
        _ = race.job.kind
    jobs.unfinished(0)
