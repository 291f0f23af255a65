"""The ZIP of a run and the ZIPs within it: whatever is wrong with one is one sentence, soon."""

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from cnnlab.errors import RunError
from cnnlab.exchange.members import FREE_BYTES, Members

LIMITS = {"config.json": 10**6, "metrics.jsonl": 10**6, "weights.h5": 2**31}
FILES = {
    "config.json": b'{"epochs": 3}' * 20,
    "metrics.jsonl": b'{"step": 1}\n' * 300,
    "weights.h5": bytes(range(256)) * 40,
}


def zipped(files: dict[str, bytes] = FILES, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def read_through(data: bytes) -> dict[str, bytes]:
    with Members(io.BytesIO(data), LIMITS) as members:
        return {name: members.read(name) for name in LIMITS}


def refusal(data: bytes) -> str:
    """Return the sentence with which a ZIP is refused when it is opened, or when it is read."""
    with pytest.raises(RunError) as refused:
        read_through(data)
    sentence = str(refused.value)
    assert sentence.endswith(".") and "\n" not in sentence
    return sentence


def listed(data: bytes, field: int, value: bytes) -> bytes:
    """Return a ZIP whose list says something else of its last file; ``field`` is an offset there."""
    entry = data.rindex(b"PK\x01\x02")
    return data[: entry + field] + value + data[entry + field + len(value) :]


def test_a_whole_zip_is_read_as_it_was_written(tmp_path: Path):
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        assert read_through(zipped(method=method)) == FILES
    (tmp_path / "run.zip").write_bytes(zipped())
    with Members(tmp_path / "run.zip", LIMITS) as members:
        members.copy("weights.h5", tmp_path / "weights.h5")
        assert list(members.lines("metrics.jsonl", 100, 1000)) == [b'{"step": 1}\n'] * 300
    assert (tmp_path / "weights.h5").read_bytes() == FILES["weights.h5"]


def test_what_a_mac_puts_beside_the_files_does_not_matter():
    beside = {"__MACOSX/._config.json": b"x", "._weights.h5": b"x", ".DS_Store": b"x"}
    assert read_through(zipped(FILES | beside)) == FILES


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped(method=zipfile.ZIP_BZIP2), "not read here"),
        (zipped(method=zipfile.ZIP_LZMA), "not read here"),
        (listed(zipped(), 10, struct.pack("<H", 93)), "not read here"),  # zstandard
        (listed(zipped(), 8, struct.pack("<H", 1)), "is encrypted"),
        (listed(zipped(), 8, struct.pack("<H", 0x41)), "is encrypted"),
        (listed(zipped(), 38, struct.pack("<I", 0o120777 << 16)), "the link 'weights.h5'"),
        (zipped(FILES | {"weights.h5/../../x": b""}), "unsafe path"),
        (zipped(FILES | {"C:weights.h5": b""}), "unsafe path"),
        (zipped(FILES | {"weights.h6": b""}), "'weights.h6', which is no part of a run"),
        (zipped(FILES | {"run.zip": zipped()}), "another ZIP, 'run.zip'"),
        (zipped({"config.json": b"{}"}), "has no metrics.jsonl"),
        (b"\x89HDF\r\n\x1a\n" + bytes(50), "HDF5 file, not a ZIP"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(50), "RAR archive, not a ZIP"),
        (b"", "not a whole ZIP"),
        (zipped()[:-40], "not a whole ZIP"),
    ],
)
def test_what_no_export_writes_is_named(data: bytes, words: str):
    assert words in refusal(data)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused(name: str):
    buffer = io.BytesIO(zipped())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(name, b"{}")
    assert f"{name} twice" in refusal(buffer.getvalue())


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_one_lost_byte_is_harmless_or_one_sentence(method: int):
    data = zipped(method=method)
    for at in range(0, len(data), 5):
        torn = data[:at] + data[at + 1 :]
        try:
            assert read_through(torn) == FILES
        except RunError as error:
            assert "export the run again" in str(error)


def bomb(megabytes: int) -> bytes:
    return zipped(FILES | {"weights.h5": bytes(megabytes * 2**20)})


@pytest.mark.parametrize(
    "data",
    [
        bomb(64),
        listed(bomb(64), 20, struct.pack("<I", 0x7FFFFFFF)),  # its list: so many bytes packed
        listed(bomb(64), 24, struct.pack("<I", 10)),  # its list: so few unpacked
        listed(bomb(64), 20, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF)),  # zip64, without its numbers
    ],
    ids=["plain", "packed", "unpacked", "zip64"],
)
def test_a_bomb_is_left_soon_whatever_its_list_says(data: bytes):
    tracemalloc.start()
    assert refusal(data)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 4 * FREE_BYTES


def test_a_list_that_lies_about_what_is_packed_buys_no_more_room(monkeypatch: pytest.MonkeyPatch):
    """Where the reader of ZIPs lets such a lie pass, what counts is how large the whole ZIP is."""
    data = bomb(64)
    with Members(io.BytesIO(data), LIMITS) as members:
        entry = members._archive.members["weights.h5"]
        entry.compress_size = 2**40
        assert members._archive.packed_bytes("weights.h5") == len(data)
        with pytest.raises(RunError, match=r"weights.h5 is (larger|damaged)"):
            members.read("weights.h5")
