"""Bad input at each door of library and command line: one sentence, nothing crashes, nothing stays."""

import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from cnnlab import datasets, images, runs
from cnnlab.cli import main
from cnnlab.errors import CnnLabError, ConfigError, DatasetError, ImageError, RunNotFoundError
from cnnlab.settings import RunConfig
from cnnlab.settings.declaration import as_arguments


def jpeg() -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    return images.encode_jpeg(noise)


def huge_png() -> bytes:
    """A valid PNG of 30,000 × 30,000 black pixels in about 110 kB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows, row = zlib.compressobj(1), bytes(1 + 30_000 // 8)
    pixels = b"".join(rows.compress(row) for _ in range(30_000)) + rows.flush()
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def scan_of(data: bytes) -> bytes:
    """Return the only scan of a JPEG, with its pixels."""
    return data[data.index(b"\xff\xda") : -2]


def zipped(*members: str) -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name in members:
            file.writestr(name, jpeg())
    return archive.getvalue()


IMAGES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"I am a text that calls itself a picture.\n" * 9,
    "huge": huge_png,
    "truncated": lambda: jpeg()[:-700],
    "scans": lambda: jpeg()[:-2] + scan_of(jpeg()) * 400 + b"\xff\xd9",
    "long chunk": lambda: images.encode_png(np.zeros((9, 9, 3), np.uint8))[:33] + b"\x7f\xff\xff\xffIDATx",
    "HEIC": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500),
    "PDF": lambda: b"%PDF-1.7\n" + bytes(500),
    "video": lambda: b"\0\0\0\x18ftypisom\0\0\0\0isomavc1" + bytes(500),
}
ARCHIVES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"I am a text.",
    "truncated": lambda: zipped("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg")[:-40],
    "climbs out": lambda: zipped("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/../../../x.jpg"),
    "absolute": lambda: zipped("a/1.jpg", "a/2.jpg", "b/1.jpg", "/x.jpg"),
    "one class": lambda: zipped("a/1.jpg", "a/2.jpg"),
    "no images": lambda: zipped("a/1.txt", "b/2.txt"),
    "one image a class": lambda: zipped("a/1.jpg", "b/1.jpg"),
}
HOSTILE_IDS = [
    "no-such-run",
    "../../etc",
    "/etc/passwd",
    ".",
    "",
    "a" * 5000,
    "run\0id-12345",
    "RUN-123456",
    "☃" * 9,
]


def short(text: str) -> str:
    """Return a name for the test of this text."""
    return ascii(text[:12])


every_image = pytest.mark.parametrize("image", IMAGES)
every_archive = pytest.mark.parametrize("archive", ARCHIVES)
every_hostile_id = pytest.mark.parametrize("run_id", HOSTILE_IDS, ids=short)


def one_sentence(error: pytest.ExceptionInfo[CnnLabError]) -> str:
    """Return the message, which must be one line that ends in a full stop."""
    message = str(error.value)
    assert message.endswith(".") and "\n" not in message
    return message


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """Run a command that must fail with one line on standard error, and return that line."""
    assert main(argv) == 1
    printed = capsys.readouterr()
    assert not printed.out
    [line] = printed.err.splitlines()
    assert line.startswith("cnnlab: ")
    return line


def left_behind(folder: Path) -> list[Path]:
    """Return every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


@every_image
def test_a_bad_image_is_named_in_one_sentence(image: str) -> None:
    with pytest.raises(ImageError) as error:
        images.decode(IMAGES[image](), "hand.png")
    assert "hand.png" in one_sentence(error)


@pytest.mark.parametrize(
    "name", ["", ".", "missing.png", "no/such/a.png", "a" * 5000, "nul\0.png"], ids=short
)
def test_a_path_that_is_no_image_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError) as error:
        images.read(tmp_path / name)
    one_sentence(error)


@every_image
def test_a_bad_image_among_good_ones_is_skipped_and_named(image: str, tmp_path: Path) -> None:
    for name in ("a/1.jpg", "a/2.jpg", "a/3.jpg", "b/1.jpg", "b/2.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(jpeg())
    (tmp_path / "b/bad.png").write_bytes(IMAGES[image]())
    splits = datasets.load(tmp_path, datasets.LoadOptions(image_size=16))
    assert len(splits.train) + len(splits.validation) == 5
    assert [skipped.name for skipped in splits.skipped] == ["b/bad.png"]


@every_archive
def test_a_bad_zip_leaves_the_library_as_it_was(archive: str, home: Path) -> None:
    with pytest.raises(DatasetError) as error:
        datasets.import_zip("hands", BytesIO(ARCHIVES[archive]()))
    one_sentence(error)
    assert not left_behind(home)


@every_archive
def test_training_on_a_bad_zip_fails_in_one_line(
    archive: str, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hands.zip").write_bytes(ARCHIVES[archive]())
    argv = ["train", "--architecture", "lenet5", "--dataset", str(tmp_path / "hands.zip")]
    assert main(argv) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert not (home.parent / "x.jpg").exists()
    assert not any(run.status().is_active for run in runs.list_runs())


def test_a_folder_without_images_is_refused(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError) as error:
        datasets.load(tmp_path / "empty")
    assert "holds no images" in one_sentence(error)
    refused(capsys, "train", "--architecture", "lenet5", "--dataset", str(tmp_path / "empty"))
    assert not list(home.glob("runs/*"))


@pytest.mark.parametrize(
    "name", ["", "no-such-dataset", "../../etc/passwd", "a" * 5000, "nul\0", "☃"], ids=short
)
def test_a_dataset_that_does_not_exist_is_refused(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DatasetError) as error:
        datasets.load(name)
    one_sentence(error)
    refused(capsys, "train", "--architecture", "lenet5", "--dataset", name)
    assert not list(home.glob("runs/*"))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", 0),
        ("epochs", 10**9),
        ("learning_rate", -1.0),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("batch_size", 0),
        ("image_size", -5),
        ("channels", 2),
        ("optimizer", "magic"),
        ("validation_share", 1.0),
        ("split_by", "luck"),
        ("deviation", (0.0,)),
        ("seed", -1),
        ("max_per_class", 0),
        ("momentum", 1.0),
    ],
)
def test_a_setting_out_of_range_is_refused_before_a_run_is_made(
    setting: str, value: object, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError) as error:
        RunConfig("lenet5", "digits", **as_arguments(RunConfig, {setting: value})).validated()
    one_sentence(error)
    text = str(value[0] if isinstance(value, tuple) else value)
    refused(capsys, "train", "--recipe", "lenet5-digits", f"--{setting.replace('_', '-')}={text}")
    assert not list(home.glob("runs/*"))


@every_hostile_id
def test_a_run_id_that_is_none_is_refused_everywhere(
    run_id: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RunNotFoundError) as error:
        runs.get(run_id)
    one_sentence(error)
    for verb in (["stop"], ["evaluate"], ["classify", str(tmp_path / "a.png")]):
        refused(capsys, verb[0], run_id, *verb[1:])
    assert not left_behind(home)


def test_a_run_folder_with_a_hostile_name_is_not_listed(home: Path) -> None:
    for name in ("Evil Run", "..evil", "x"):
        (home / "runs" / name).mkdir(parents=True)
        (home / "runs" / name / "status.json").write_text("{}")
    assert runs.list_runs() == []


def test_a_workspace_that_cannot_be_made_is_said_in_one_line(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.write_text("a file where the folder should be")
    for verb in ("runs", "datasets"):
        assert "CNNLAB_HOME" in refused(capsys, verb)


NETWORKS: dict[str, bytes] = {
    "torn": b'{"title": "Torn',
    "deep": b"[" * 50_000,
    "large": b" " * 200_000,
    "code": b'{"title": "C", "input_shape": [8,8,1], "classes": 2, "layers": [{"kind": "exec"}]}',
    "itself": b'{"title": "It", "input_shape": [8, 8, 1], "classes": 2, "base": "odd", "edits": []}',
}


@pytest.mark.parametrize("content", NETWORKS.values(), ids=NETWORKS)
def test_a_damaged_network_of_ones_own_is_refused_and_left_out(
    content: bytes, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "networks").mkdir(parents=True)
    (home / "networks" / "odd.json").write_bytes(content)
    for argv in (["inspect", "odd"], ["train", "--architecture", "odd", "--dataset", "digits"]):
        assert "odd" in refused(capsys, *argv)
    assert not list(home.glob("runs/*"))
    assert main(["architectures"]) == 0
    assert "odd" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "a" * 5000, "nul\0", "☃", "networks/odd"], ids=short
)
def test_a_network_that_does_not_exist_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(capsys, "inspect", name)
    assert "There is no architecture" in line and len(line) < 500
