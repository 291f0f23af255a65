"""A fair queue: round robin between people, the teacher first, moves; the same for every server."""

import json
import random
import time
from dataclasses import replace

import pytest

from cnnlab import access, runs
from cnnlab.access import SHELL, Role, Visitor, limits
from cnnlab.errors import AccessError, RunError
from cnnlab.runs import Supervisor, jobs, races, turns
from cnnlab.runs.kinds import EVALUATE, EXPORT, LIGHT, RACE, RATE_SWEEP
from cnnlab.settings import RunConfig

ANNA, BEN, CLEO = (Visitor(letter * 16, Role.STUDENT) for letter in "abc")
TEACHER = Visitor("teacher", Role.TEACHER)
CONFIG = RunConfig("lenet5", "digits", epochs=3)


class Nobody:
    """Workers that begin, and say nothing more."""

    def launch(self, job, slot) -> None:
        now = time.time()
        job.write_status(
            replace(job.status(), state="starting", slot=slot, heartbeat=now + 3600, started=now)
        )

    def tick(self, soon: bool) -> None: ...

    def close(self) -> None: ...


def ask(visitor: Visitor, boss: Supervisor | None = None) -> runs.Run:
    with access.acting_as(visitor):
        return boss.submit(CONFIG) if boss else runs.create(CONFIG)


def served_in_turn(waiting: list[str], served: dict[str, float]) -> str:
    named = [f"{owner}{number}" for number, owner in enumerate(waiting)]
    return " ".join(turns.in_turn(named, lambda name: name.rstrip("0123456789"), served))


@pytest.mark.parametrize(
    ("waiting", "served", "order"),
    [
        ("a a a", {}, "a0 a1 a2"),
        ("a a a b b c", {}, "a0 b3 c5 a1 b4 a2"),
        ("a a b", {"a": 5.0}, "b2 a0 a1"),
        ("a b c", {"a": 9.0, "b": 7.0, "c": 8.0}, "b1 c2 a0"),
        ("a teacher b teacher", {"teacher": 99.0}, "teacher1 teacher3 a0 b2"),
    ],
)
def test_people_take_turns_and_the_teacher_is_first(waiting, served, order):
    assert served_in_turn(waiting.split(), served) == order


def test_nobody_waits_for_more_than_one_run_of_each_other_person_between_two_of_their_own():
    draw = random.Random(1)
    for _ in range(200):
        waiting = [draw.choice("abcdef") for _ in range(draw.randint(1, 40))]
        order = [name[0] for name in served_in_turn(waiting, {}).split()]
        assert sorted(order) == sorted(waiting)
        for person in set(waiting):
            places = [place for place, owner in enumerate(order) if owner == person]
            for begin, end in zip([-1, *places], places, strict=False):
                between = order[begin + 1 : end]
                assert all(between.count(other) <= 1 for other in set(between))


def test_what_was_told_is_what_happens_while_nobody_else_asks():
    draw = random.Random(2)
    for _ in range(100):
        waiting = [f"{draw.choice('abcd')}{number}" for number in range(12)]
        served = {owner: draw.random() for owner in "ab"}
        told = turns.in_turn(waiting, lambda name: name[0], served)
        happened, now = [], 1.0
        while waiting:
            first = turns.in_turn(waiting, lambda name: name[0], served)[0]
            now += 1
            served[first[0]] = now
            waiting.remove(first)
            happened.append(first)
        assert happened == told


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        (RACE, races.Plan("Who", (races.Arm("a", CONFIG), races.Arm("b", CONFIG)), (0,)).to_dict()),
        (RATE_SWEEP, {"config": CONFIG.to_dict()}),
    ],
    ids=lambda given: getattr(given, "name", ""),
)
def test_whoever_had_the_device_for_another_job_has_had_their_turn(kind, request_):
    boss = Supervisor(Nobody())
    with access.acting_as(ANNA):
        job = jobs.ask(kind, request_)
    boss.tick()
    assert job.status().started
    job.write_status(replace(job.status(), state="finished"))
    mine, others = ask(ANNA), ask(BEN)
    assert boss.queue() == [others.id, mine.id]
    assert Supervisor(Nobody()).queue() == [others.id, mine.id]


def test_the_teacher_moves_what_waits_and_nobody_else():
    boss = Supervisor(Nobody())
    names = [ask(ANNA).id for _ in range(3)]
    with access.acting_as(TEACHER):
        boss.move(names[2], "first")
        assert boss.queue() == [names[2], names[0], names[1]]
        boss.move(names[2], "down")
        assert boss.queue() == [names[0], names[2], names[1]]
        boss.move(names[1], "up")
        assert boss.queue() == names
        boss.move(names[0], "up")
        boss.move(names[2], "down")
        assert boss.queue() == names
        with pytest.raises(RunError):
            boss.move("no-such-run-at-all", "first")
    with access.acting_as(ANNA), pytest.raises(AccessError):
        boss.move(names[2], "first")
    assert Supervisor(Nobody()).queue() == names  # another server on this workspace


def test_a_run_that_was_moved_stays_before_those_who_come_later():
    boss = Supervisor(Nobody())
    first, second = ask(ANNA), ask(BEN)
    with access.acting_as(TEACHER):
        boss.move(second.id, "up")
    third = ask(CLEO)
    assert boss.queue() == [second.id, first.id, third.id]


@pytest.mark.parametrize("content", ["[]", "{", '{"moves": 5}', '{"moves": [["a"], 5, ["x", null]]}'])
def test_a_damaged_file_of_moves_moves_nothing(content, home):
    names = [ask(ANNA).id for _ in range(2)]
    (home / "queue.json").write_text(content)
    turns._kept.clear()
    assert Supervisor(Nobody()).queue() == names


def test_two_servers_come_to_the_same_order_and_start_each_run_once():
    one, other = Supervisor(Nobody(), slots=2), Supervisor(Nobody(), slots=2)
    for visitor in (ANNA, ANNA, BEN, ANNA, CLEO):
        ask(visitor, one)
    assert one.queue() == other.queue()
    one.tick()
    other.tick()
    assert one.running() == other.running()
    owners = [runs.get(name).owner for name in one.running()]
    assert owners == [ANNA.id, BEN.id]
    assert one.queue() == other.queue()
    assert runs.get(one.queue()[0]).owner == CLEO.id


def test_a_student_trains_as_many_runs_at_a_time_as_may_and_others_pass():
    boss = Supervisor(Nobody(), slots=3)
    for visitor in (ANNA, ANNA, ANNA, BEN):
        ask(visitor, boss)
    boss.tick()
    assert sorted(runs.get(name).owner for name in boss.running()) == [ANNA.id, BEN.id]
    with access.acting_as(TEACHER):
        limits.change({"running_runs": 2})
    boss.tick()
    assert [runs.get(name).owner for name in boss.running()].count(ANNA.id) == 2


def test_only_the_teacher_clears_the_queue_and_what_trains_goes_on():
    boss = Supervisor(Nobody())
    ask(ANNA, boss)
    boss.tick()
    for visitor in (ANNA, BEN):
        ask(visitor, boss)
    with access.acting_as(BEN), pytest.raises(AccessError):
        boss.clear_queue()
    with access.acting_as(TEACHER):
        assert boss.clear_queue() == 2
    assert boss.queue() == []
    assert len(boss.running()) == 1


def test_light_work_takes_turns_too():
    boss = Supervisor(Nobody(), light=1)
    asked = []
    for visitor, number in ((ANNA, 1), (ANNA, 2), (BEN, 3)):
        with access.acting_as(visitor):
            asked.append(boss.ask(EXPORT, {"run": f"run-{number}"}).id)
    boss.tick()
    assert boss.running(LIGHT) == asked[:1]
    assert boss.queue(LIGHT) == [asked[2], asked[1]]


def test_a_student_has_so_many_runs_in_the_queue_and_so_many_jobs_and_the_teacher_any_number():
    most = limits.read()
    for _ in range(most.queued_runs):
        ask(ANNA)
    with pytest.raises(AccessError, match="queue"):
        ask(ANNA)
    ask(BEN)
    ask(TEACHER)
    ask(SHELL)
    boss = Supervisor(Nobody())
    with access.acting_as(ANNA):
        for number in range(most.jobs):
            boss.ask(EVALUATE, {"run": f"run-{number}"})
        with pytest.raises(AccessError):
            boss.ask(EVALUATE, {"run": "another"})
        boss.ask(EVALUATE, {"run": "run-0"})  # is asked for already: watched, not asked again
    assert len(runs.list_runs()) == most.queued_runs + 3


def test_a_fork_and_a_resumed_run_are_held_against_the_limits_too():
    mine, parent = ask(ANNA), ask(BEN)
    (parent.folder / "checkpoints" / "best.keras").write_bytes(b"weights")
    mine.write_status(replace(mine.status(), state="stopped", epoch=1))
    for _ in range(limits.read().queued_runs):
        ask(ANNA)
    with access.acting_as(ANNA):
        for more in (lambda: runs.fork(parent, CONFIG), lambda: Supervisor(Nobody()).resume(mine.id)):
            with pytest.raises(AccessError, match="queue"):
                more()
    mine.write_status(replace(mine.status(), state="stopped"))
    with access.acting_as(BEN):
        with pytest.raises(AccessError, match="epochs"):
            runs.create(CONFIG.changed(epochs=limits.read().epochs + 1))
        with pytest.raises(AccessError, match="pixels"):
            runs.create(CONFIG.changed(image_size=limits.read().image_size + 1))
    with access.acting_as(ANNA), pytest.raises(AccessError, match="epochs"):
        mine.resume(limits.read().epochs + 1)
    assert not [run for run in runs.list_runs() if run.folder.name.startswith(".")]


def test_many_tabs_of_one_student_together_get_no_more_than_one():
    from concurrent.futures import ThreadPoolExecutor

    def try_once(_: int) -> bool:
        try:
            ask(ANNA)
        except AccessError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_once, range(16))) == limits.read().queued_runs


def test_what_a_run_says_of_its_owner_is_read_from_its_folder_and_older_ones_are_nobodys():
    mine, old = ask(ANNA), ask(SHELL)
    assert (mine.owner, old.owner) == (ANNA.id, "")
    assert "owner" not in json.loads((old.folder / "config.json").read_text())
    assert {seen.run: seen.owner for seen in runs.overview(0)} == {mine: ANNA.id, old: ""}


def over(run: runs.Run) -> runs.Run:
    run.write_status(replace(run.status(), state="stopped", epoch=1))
    (run.folder / "checkpoints" / "last.keras").write_bytes(b"weights")
    return run


def deleted(run: runs.Run) -> runs.Run:
    runs.delete(over(run))
    return run


CHANGES = {
    "stop": (lambda run: run, lambda run: run.request_stop()),
    "stop by the supervisor": (lambda run: run, lambda run: Supervisor(Nobody()).stop(run.id)),
    "resume": (over, lambda run: run.resume(5)),
    "delete": (over, runs.delete),
    "restore": (deleted, lambda run: runs.restore(run.id)),
    "rename": (over, lambda run: run.rename("mine now")),
    "note": (over, lambda run: run.note("a text")),
    "star": (over, lambda run: run.star(True)),
    "learning rate": (lambda run: run, lambda run: runs.learning_rate.ask(run, 0.1)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_not_ones_own_is_refused_where_it_is_done(name):
    prepare, change = CHANGES[name]
    for owner in (ANNA, SHELL, TEACHER):
        run = prepare(ask(owner))
        before = {path: path.read_bytes() for path in run.folder.parent.rglob("*") if path.is_file()}
        for other in (BEN, access.GUEST, Visitor("", Role.STUDENT)):
            with access.acting_as(other), pytest.raises(AccessError):
                change(run)
        after = {path: path.read_bytes() for path in run.folder.parent.rglob("*") if path.is_file()}
        assert after == before
        with access.acting_as(owner if owner != SHELL else TEACHER):
            change(run)


def test_everybody_may_fork_into_a_run_of_their_own():
    parent = over(ask(ANNA))
    with access.acting_as(BEN):
        child = runs.fork(parent, CONFIG, "last")
    assert (child.owner, parent.owner) == (BEN.id, ANNA.id)
    with access.acting_as(BEN):
        child.request_stop()


def test_a_job_is_stopped_by_who_asked_first_or_the_teacher():
    boss = Supervisor(Nobody())
    with access.acting_as(ANNA):
        job = boss.ask(EXPORT, {"run": "some-run"})
    with access.acting_as(BEN):
        assert boss.ask(EXPORT, {"run": "some-run"}) == job
        with pytest.raises(AccessError, match="this work"):
            job.request_stop()
    with access.acting_as(ANNA):
        job.request_stop()
    assert job.status().state == "stopped"
