"""What this machine has, with and without the limits of a container."""

import os
from pathlib import Path

import psutil
import pytest

from cnnlab import machine

GB = 2**30


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that lets this process be in groups with these files, as Linux shows them."""

    def groups(own: str, files: dict[str, str]) -> None:
        (tmp_path / "cgroup").write_text(own)
        for name, content in files.items():
            path = tmp_path / "fs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        monkeypatch.setattr(machine, "_GROUPS", tmp_path / "cgroup")
        monkeypatch.setattr(machine, "_MOUNT", tmp_path / "fs")

    monkeypatch.setattr(machine, "usable_cores", lambda: 8)
    memory = psutil.virtual_memory()._replace(total=64 * GB, available=32 * GB)
    monkeypatch.setattr(machine.psutil, "virtual_memory", lambda: memory)
    return groups


def test_without_a_container_it_is_what_psutil_says(groups):
    groups("0::/user.slice\n", {"user.slice/memory.max": "max\n", "user.slice/cpu.max": "max 100000\n"})
    assert (machine.cores(), machine.memory_bytes(), machine.free_bytes()) == (8, 64 * GB, 32 * GB)


@pytest.mark.parametrize("own", ["0::/\n", "0::/class/lab\n", "0::/not/to/be/seen\n"])
def test_a_container_of_version_2_limits_cores_and_memory(groups, own):
    files = {"memory.max": f"{4 * GB}\n", "memory.current": f"{3 * GB}\n", "cpu.max": "250000 100000\n"}
    files["memory.stat"] = f"anon {GB}\ninactive_file {2 * GB}\n"
    groups(own, files | {"class/lab/memory.max": "max\n", "class/lab/cpu.max": "max 100000\n"})
    assert (machine.cores(), machine.memory_bytes(), machine.free_bytes()) == (3, 4 * GB, 3 * GB)


def test_the_least_of_the_groups_above_each_other_counts(groups):
    files = {"a/memory.max": f"{2 * GB}", "a/memory.current": "0", "a/memory.stat": ""}
    files |= {"a/b/memory.max": f"{9 * GB}", "a/b/memory.current": f"{8 * GB}", "a/b/memory.stat": ""}
    groups("0::/a/b\n", files | {"a/cpu.max": "20000 100000", "a/b/cpu.max": "400000 100000"})
    assert (machine.cores(), machine.memory_bytes(), machine.free_bytes()) == (1, 2 * GB, GB)


@pytest.mark.parametrize("mount", ["cpu,cpuacct", "cpu"])
def test_a_container_of_version_1_does_so_too(groups, mount):
    own = "9:memory:/docker/c0ffee\n4:cpu,cpuacct:/docker/c0ffee\n0::/\n"
    files = {"memory/memory.limit_in_bytes": f"{GB}", "memory/memory.usage_in_bytes": f"{GB // 2}"}
    files["memory/memory.stat"] = "total_inactive_file 0\n"
    files |= {f"{mount}/cpu.cfs_quota_us": "200000\n", f"{mount}/cpu.cfs_period_us": "100000\n"}
    groups(own, files)
    assert (machine.cores(), machine.memory_bytes(), machine.free_bytes()) == (2, GB, GB // 2)


def test_without_limits_version_1_names_huge_numbers_and_minus_one(groups):
    files = {"memory/memory.limit_in_bytes": "9223372036854771712", "memory/memory.usage_in_bytes": "5"}
    files |= {"memory/memory.stat": "", "cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}
    groups("4:memory:/\n1:cpu:/\n", files)
    assert (machine.cores(), machine.memory_bytes(), machine.free_bytes()) == (8, 64 * GB, 32 * GB)


def test_on_another_system_there_are_no_groups(groups, monkeypatch):
    groups("", {})
    monkeypatch.setattr(machine, "_GROUPS", Path("/no/such/file"))
    assert (machine.cores(), machine.memory_bytes()) == (8, 64 * GB)


def test_tensorflow_is_told_of_fewer_threads_where_a_container_grants_fewer(groups, monkeypatch):
    environment: dict[str, str] = {}
    monkeypatch.setattr(machine.os, "environ", environment)
    groups("0::/\n", {"cpu.max": "max 100000"})
    machine.keep_to_granted_cores()
    assert environment == {}
    groups("0::/\n", {"cpu.max": "300000 100000"})
    machine.keep_to_granted_cores()
    assert environment["TF_NUM_INTRAOP_THREADS"] == "3"
    environment["TF_NUM_INTRAOP_THREADS"] = "1"  # somebody decided
    machine.keep_to_granted_cores()
    assert environment["TF_NUM_INTRAOP_THREADS"] == "1"


def test_this_machine_has_what_it_has():
    assert 1 <= machine.cores() <= (os.cpu_count() or 1)
    assert 0 < machine.free_bytes() <= machine.memory_bytes() <= psutil.virtual_memory().total
    assert str(machine.describe())


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (machine.Device("CPU", "CPU", 1, 2), "CPU, 2 cores"),
        (machine.Device("GPU", "Tesla T4", 1, 8, 15360), "GPU: Tesla T4, 15 GB"),
        (machine.Device("GPU", "A100", 2, 8), "2 GPU: A100"),
    ],
)
def test_a_device_is_said_in_few_words(device, words):
    assert str(device) == words
