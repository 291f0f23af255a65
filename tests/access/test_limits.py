"""How much a student may take, and who may say so; how full the disk is."""

import json
import shutil
from dataclasses import asdict

import pytest

from cnnlab import access
from cnnlab.access import GUEST, SHELL, Role, Visitor, disk, limits
from cnnlab.access.disk import Gauge, Usage
from cnnlab.errors import AccessError

ANNA, TEACHER = Visitor("a" * 16, Role.STUDENT), Visitor("teacher", Role.TEACHER)
GB = 10**9


@pytest.fixture
def write(home):
    def write(content) -> None:
        home.mkdir(exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        (home / limits.NAME).write_text(text)
        limits._kept.clear()  # written twice within the step of a clock

    return write


def test_what_the_file_leaves_out_is_as_usual(write):
    assert limits.read() == limits.Limits()
    write({"epochs": 7})
    assert asdict(limits.read()) == asdict(limits.Limits()) | {"epochs": 7}
    assert limits.problem() == ""


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({"epochs": 0}, "Epochs"),
        ({"epochs": "many"}, "Epochs"),
        ({"epochs": True}, "Epochs"),
        ({"epochs": 1.5}, "Epochs"),
        ({"queued_runs": -1}, "Queued"),
        ({"epoch": 3}, "epoch"),
        ("[]", "JSON"),
        ("{", "JSON"),
        ("[" * 9_000, "JSON"),
        ("{}" + " " * 20_000, "JSON"),
    ],
)
def test_a_bad_value_is_said_in_one_sentence_and_the_usual_limits_hold(write, content, word):
    write(content)
    assert limits.read() == limits.Limits()
    assert word in limits.problem()
    assert "\n" not in limits.problem()


def test_only_the_teacher_changes_limits_and_bad_ones_change_nothing():
    with access.acting_as(ANNA), pytest.raises(AccessError):
        limits.change({"epochs": 1_000})
    with access.acting_as(TEACHER):
        limits.change({"epochs": 9})
        with pytest.raises(AccessError, match="from 1 to"):
            limits.change({"epochs": 0, "jobs": 1})
    assert (limits.read().epochs, limits.read().jobs) == (9, limits.Limits().jobs)


@pytest.mark.parametrize(
    "check",
    [
        lambda most, more: limits.check_settings(epochs=most.epochs + more),
        lambda most, more: limits.check_settings(image_size=most.image_size + more),
        lambda most, more: limits.check_settings(parameters=most.parameters + more),
        lambda most, more: limits.check_upload(most.upload_mb * 10**6 + more),
        lambda most, more: limits.check_queue(most.queued_runs - 1 + more, 0),
        lambda most, more: limits.check_queue(0, most.server_queued_runs - 1 + more),
        lambda most, more: limits.check_jobs(most.jobs - 1 + more),
    ],
)
def test_students_have_what_the_limit_says_and_not_more(check):
    for student in (ANNA, GUEST):
        with access.acting_as(student):
            check(limits.read(), 0)
            with pytest.raises(AccessError) as refused:
                check(limits.read(), 1)
        assert any(character.isdigit() for character in str(refused.value))
    for other in (SHELL, TEACHER):
        with access.acting_as(other):
            check(limits.read(), 10**6)


def test_the_disk_is_measured_in_all_and_for_each_owner(home):
    for name, owner, size in (("one", ANNA.id, 1_000), ("two", "", 2_000), ("three", ANNA.id, 300)):
        folder = home / "runs" / name
        (folder / "checkpoints").mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps({"owner": owner} if owner else {}))
        (folder / "checkpoints" / "last.keras").write_bytes(b"x" * size)
    (home / "datasets" / "hands" / "rock").mkdir(parents=True)
    (home / "datasets" / "hands" / "dataset.json").write_text(json.dumps({"owner": ANNA.id}))
    gauge = Gauge()
    before = gauge.measure()
    assert before.of.keys() == {ANNA.id}
    assert 1_300 <= before.of[ANNA.id] <= 1_500
    assert 3_300 <= before.used <= 3_700
    (home / "datasets" / "hands" / "rock" / "a.jpg").write_bytes(b"x" * 5_000)
    assert gauge.measure().of[ANNA.id] == before.of[ANNA.id] + 5_000


def test_a_workspace_that_is_not_there_yet_has_the_space_of_the_disk_it_will_be_on(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "not" / "yet"))
    seen = disk.Gauge().measure()
    assert seen.used == 0
    assert abs(seen.free - shutil.disk_usage(tmp_path).free) < 10**9


def test_a_disk_that_fills_up_warns_before_it_is_full(write):
    write({"server_disk_gb": 20})
    assert Usage(10 * GB, 100 * GB).warning() == ""
    assert "nearly" in Usage(17 * GB, 100 * GB).warning()
    assert Usage(20 * GB, 100 * GB).is_full()
    write({})
    assert Usage(500 * GB, 100 * GB).warning() == ""  # no budget: only the disk counts
    assert "nearly" in Usage(500 * GB, 4 * GB).warning()
    assert Usage(500 * GB, GB // 2).is_full()


def test_a_student_whose_space_or_the_servers_is_used_up_stores_no_more(monkeypatch):
    most = limits.read().disk_mb * 10**6
    for known, refused in (
        (Usage(GB, 50 * GB, {ANNA.id: most - 1}), False),
        (Usage(GB, 50 * GB, {ANNA.id: most + 1}), True),
        (Usage(GB, 50 * GB, {"b" * 16: most + 1}), False),
        (Usage(GB, GB // 2), True),
    ):
        monkeypatch.setattr(disk, "usage", lambda known=known: known)
        with access.acting_as(TEACHER):
            disk.check()
        with access.acting_as(ANNA):
            if refused:
                with pytest.raises(AccessError):
                    disk.check()
            else:
                disk.check()
