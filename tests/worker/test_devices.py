"""Which GPU a worker takes: one run on each, or one run on all of them. The GPUs are named, not there."""

from types import SimpleNamespace

import pytest
import tensorflow as tf

from cnnlab import machine
from cnnlab.settings import RunConfig
from cnnlab.worker import devices

CONFIG = RunConfig("lenet5", "digits")


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch):
    """Return a function that says which GPUs are visible after a worker of a slot has taken its own."""
    visible: list[str] = []
    growing: list[str] = []

    def taken(count: int, slot: int, devices_wanted: str = "one") -> list[str]:
        gpus = [SimpleNamespace(name=f"GPU:{number}") for number in range(count)]
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus if kind == "GPU" else [])
        visible.clear()
        growing.clear()
        said = devices.take(CONFIG.changed(devices=devices_wanted), slot)
        assert growing == visible
        return [*visible, said]

    experimental = tf.config.experimental
    monkeypatch.setattr(
        tf.config, "set_visible_devices", lambda mine, kind: visible.extend(g.name for g in mine)
    )
    monkeypatch.setattr(experimental, "set_memory_growth", lambda gpu, grows: growing.append(gpu.name))
    monkeypatch.setattr(experimental, "get_device_details", lambda gpu: {"device_name": "A100"})
    monkeypatch.setattr(machine, "nvidia_gpus", lambda: (("A100", 40960),) * 4)
    return taken


def test_each_slot_has_a_gpu_of_its_own(taken):
    assert [taken(4, slot)[0] for slot in range(4)] == ["GPU:0", "GPU:1", "GPU:2", "GPU:3"]
    assert taken(4, 2) == ["GPU:2", "A100 (GPU 2)"]


def test_a_run_on_all_takes_all_whatever_its_slot(taken):
    assert taken(3, 1, "all")[:-1] == ["GPU:0", "GPU:1", "GPU:2"]


def test_a_worker_that_a_cluster_gave_one_gpu_takes_that_one_whatever_its_slot(taken):
    assert taken(1, 7)[:-1] == ["GPU:0"]


def test_without_a_gpu_nothing_is_hidden(taken):
    (said,) = taken(0, 3)
    assert said.startswith("CPU")
