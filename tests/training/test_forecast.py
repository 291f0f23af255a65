"""What a run will take, told before it starts."""

import json
from dataclasses import replace

import pytest

from cnnlab import runs
from cnnlab.machine import Device
from cnnlab.settings import RunConfig
from cnnlab.training.forecast import Amount, NetworkCost, Speed, forecast, speeds

CONFIG = RunConfig("lenet5", "digits", epochs=30)
LENET = NetworkCost(61_706, 61_706, 281_640, 0, 34_000)
TRANSFER = NetworkCost(2_261_827, 3_843, 300_000_000, 299_996_000, 50_000)
DIGITS = Amount(1438, 359, (32, 32, 1))
CPU = Device("CPU", "CPU", 1, 2)


def seconds(config: RunConfig = CONFIG, cost: NetworkCost = LENET, device: Device = CPU) -> float | None:
    return forecast(config, cost, DIGITS, device).seconds


def test_steps_are_those_of_whole_epochs_the_last_batch_included():
    found = forecast(CONFIG, LENET, DIGITS, CPU)
    assert (found.steps_per_epoch, found.steps) == (45, 1350)


def test_twice_the_epochs_take_twice_as_long_and_more_cores_less():
    assert seconds(CONFIG.changed(epochs=60)) == pytest.approx(2 * seconds())
    heavy = replace(LENET, macs=10**9)
    assert seconds(cost=heavy, device=replace(CPU, cores=8)) < seconds(cost=heavy) / 3


def test_a_frozen_base_is_computed_once_unless_augmentation_changes_the_images():
    once = seconds(cost=TRANSFER)
    assert seconds(CONFIG.changed(augmentation={"flip": 1}), TRANSFER) > 10 * once
    cached = seconds(CONFIG.changed(augmentation={"flip": 1}, augmented_copies=3), TRANSFER)
    assert once < cached < 6 * once


def test_of_a_gpu_nothing_is_told_until_something_was_trained_on_it():
    gpu = Device("GPU", "H100", 1, 16)
    assert seconds(device=gpu) is None
    earlier = Speed("Earlier", CONFIG, DIGITS, 0.2, str(gpu))
    assert forecast(CONFIG, LENET, DIGITS, gpu, [earlier]).seconds == pytest.approx(6)


def test_an_earlier_run_of_the_same_network_tells_the_time():
    earlier = Speed("Earlier", CONFIG.changed(epochs=3), DIGITS, 2.0, str(CPU))
    found = forecast(CONFIG, LENET, DIGITS, CPU, [earlier])
    assert (found.seconds, found.measured_by) == (pytest.approx(60), "Earlier")
    half = forecast(CONFIG, LENET, Amount(719, 180, (32, 32, 1)), CPU, [earlier])
    assert half.seconds == pytest.approx(30, rel=0.01)
    for other in (
        replace(earlier, device="CPU, 64 cores"),
        replace(earlier, amount=Amount(1438, 359, (64, 64, 1))),
        replace(earlier, config=CONFIG.changed(batch_size=2)),
        replace(earlier, config=CONFIG.changed(architecture="baseline")),
    ):
        assert not forecast(CONFIG, LENET, DIGITS, CPU, [other]).measured_by


def test_memory_grows_with_the_batch_the_images_and_what_the_optimizer_keeps():
    def needed(amount: Amount = DIGITS, **settings: object) -> int:
        return forecast(CONFIG.changed(**settings), LENET, amount, CPU).memory_bytes

    assert needed(batch_size=512) - needed(batch_size=256) == 256 * 2 * LENET.activation_bytes
    assert needed(Amount(100_000, 359, (32, 32, 1))) > needed() + 90 * 2**20
    assert needed() - needed(optimizer="sgd") == 4 * LENET.params


def test_speeds_are_read_from_runs_that_are_over_and_of_this_machine():
    run = runs.create(CONFIG)
    facts = {"split": {"train": 1438, "validation": 359}, "input_shape": [32, 32, 1]}
    (run.folder / "model.json").write_text(json.dumps(facts))
    assert speeds(runs.overview(0)) == ()
    run.write_status(replace(run.status(), state="finished", epoch=4, seconds=8.0, device="CPU, 2 cores"))
    broken = runs.create(CONFIG)
    broken.write_status(replace(run.status(), state="finished"))
    [speed] = speeds(runs.overview(0))
    assert (speed.seconds_per_epoch, speed.amount) == (2.0, DIGITS)
