"""The exported script is run where there is no CNN Lab, and sees exactly what the run saw."""

import ast
import csv
import os
import runpy
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from cnnlab import datasets, images, inspection, runs, training
from cnnlab.datasets import Splits
from cnnlab.exchange import image_list
from cnnlab.exchange.copied_source import copied_source
from cnnlab.exchange.files import _write as written
from cnnlab.exchange.image_list import list_lines
from cnnlab.exchange.script import training_script
from cnnlab.keras_internals import without_weights
from cnnlab.runs import Run
from cnnlab.settings import ModelFacts, RunConfig
from cnnlab.training import batch_norm
from cnnlab.training.batch_norm import TrainingStatistics, held, moving
from cnnlab.training.features import Learner, run_base_once
from cnnlab.training.preparation import Work, prepare
from cnnlab.worker.reporter import Reporter
from tests.long import LONG

ALL_CHANGES = {
    **{"flip": 1, "rotation": 20.0, "zoom": 0.2, "shift_x": 0.1, "shift_y": 0.1, "fill": "reflect"},
    **{"brightness": 0.1, "contrast": 0.2, "saturation": 0.3, "hue": 20.0, "crop": 0.2, "cutout": 0.3},
    **{"gamma": 0.5, "light": 1.0},
}
DRIVER = """
import importlib.util, runpy, sys
import numpy as np
from pathlib import Path

assert importlib.util.find_spec("cnnlab") is None
for script, data in zip(sys.argv[1::2], sys.argv[2::2]):
    sys.argv = [script, data]
    space = runpy.run_path(script)
    try:
        model, history = space["main"]()
    except SystemExit as end:
        print("STOPPED", end)
        continue
    model.save(Path(script).with_name("kept.keras"))
    x_train, y_train = space["load"]("train")
    x_validation, y_validation = space["load"]("validation")
    first, labels = next(space["batches"](x_train, y_train))
    np.savez(
        Path(script).with_name("seen.npz"), first=first, labels=labels, losses=history.history["val_loss"],
        classes=space["CLASSES"], x_train=x_train, y_train=y_train, x_validation=x_validation,
        y_validation=y_validation,
    )
"""
rng = np.random.default_rng(0)


def pixels(*shape: int) -> np.ndarray:
    return images.blur(rng.integers(0, 256, shape, dtype=np.uint8), 2.0)


def saved(path: Path, image: np.ndarray, kind: str = "", **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path, kind or None, **options)


def mixed(at: Path) -> None:
    """Photos of all kinds, sizes and colours; their classes are in no other order than by name."""
    turned = Image.Exif()
    for name, orientation in (("zebra", 6), ("ant", 3), ("Mole", 7)):
        turned[0x0112] = orientation
        white_on_nothing = np.full((40, 40, 4), 255, np.uint8)
        white_on_nothing[..., 3] = pixels(40, 40)
        saved(at / name / "a.png", pixels(30, 50, 3))
        saved(at / name / "b.jpg", pixels(60, 40, 3), exif=turned, quality=90)
        saved(at / name / "c.webp", pixels(33, 21, 3), quality=80, exif=turned)
        saved(at / name / "d.BMP", pixels(20, 20, 3), "BMP")
        saved(at / name / "e.jpeg", pixels(41, 40), quality=50)
        Image.fromarray(pixels(41, 40, 3)).convert("CMYK").save(at / name / "f.jfif", "JPEG")
        saved(at / name / "g.gif", pixels(30, 20, 3))
        saved(at / name / "h.tif", pixels(30, 20, 3))
        saved(at / name / "drawn.png", pixels(40, 40, 4))
        saved(at / name / "drawn white.png", white_on_nothing)
        saved(at / name / "drawn.webp", pixels(40, 40, 4), lossless=True)
        saved(at / name / "deep.png", pixels(25, 45).astype(np.uint16) << 3)
        saved(at / name / "deeper.png", pixels(25, 45).astype(np.uint16) << 7)
        saved(at / name / "key.png", pixels(25, 45), transparency=100)
        (at / name / "lies.jpg").write_bytes((at / name / "g.gif").read_bytes() + name.encode())
        (at / name / "notes.txt").write_text("no picture")


def in_parts(at: Path) -> None:
    for part, count in (("train", 5), ("test", 2)):
        for name in ("cats", "dogs"):
            for number in range(count):
                saved(at / part / name / f"{number}.jpg", pixels(30, 30, 3))


def in_three_parts(at: Path) -> None:
    """A doubled folder, names that come again in each part, and images without a class."""
    for part, count in (("Training", 4), ("valid_set/valid_set", 2), ("test", 3)):
        for name in ("10", "2"):
            for number in range(count):
                saved(at / part / name / f"{number}.jpg", pixels(30, 30, 3))
    saved(at / "pred" / "0.jpg", pixels(30, 30, 3))


def grouped(at: Path) -> None:
    for name in ("rock", "paper"):
        for person in ("anna", "ben", "cem", "dora", "emil"):
            for number in range(3):
                saved(at / name / f"{person}__{number}.png", pixels(24, 24, 3))


def numbered(at: Path) -> None:
    for number in range(6):
        saved(at / f"cat.{number}.jpg", pixels(20, 30, 3))
        saved(at / f"hot_dog_{number}.png", pixels(20, 30, 3))


def oddly_named(at: Path) -> None:
    """Names that a spreadsheet, a console or UTF-8 has trouble with."""
    for name in ("C++", '=1+1, "a"'):
        for file in (b"1.png", b"2 \xff.png", b"3,\n.png", b"\xe7\x9f\xb3.png", b"5\r.png"):
            saved(at / name / os.fsdecode(file), pixels(24, 24, 3), "PNG")


@dataclass(frozen=True)
class Case:
    """A dataset, settings of a run on it, and how many images of which class should be in which part.

    ``zipped``: the run is trained on a ZIP of the folder. ``imported``: on a copy in the library, where files
    are named anew. Either way the script is given what a person has: the ZIP, the folder.
    """

    make: Callable[[Path], None]
    settings: dict[str, object]
    parts: dict[str, dict[str, int]]
    zipped: bool = False
    imported: bool = False


def evenly(classes: str, train: int, validation: int) -> dict[str, dict[str, int]]:
    sizes = {"train": train, "validation": validation}
    return {part: dict.fromkeys(classes.split(), size) for part, size in sizes.items()}


CASES = {
    "mixed": Case(
        mixed, {"resize_mode": "crop", "augmentation": ALL_CHANGES}, evenly("Mole ant zebra", 12, 3)
    ),
    "bilinear": Case(
        mixed,
        {"resample": "bilinear", "scaling": "dataset", "seed": 5, "augmentation": {"cutout": 0.4}},
        evenly("Mole ant zebra", 12, 3),
    ),
    "given": Case(
        in_parts, {"split_by": "given", "shuffle": False, "sort_by_class": True}, evenly("cats dogs", 5, 2)
    ),
    "not given": Case(in_parts, {"validation_fraction": 0.4}, evenly("cats dogs", 3, 2)),
    "three parts": Case(in_three_parts, {}, evenly("2 10", 4, 2)),
    "grouped": Case(
        grouped, {"split_by": "group", "seed": 3, "ema_momentum": 0.5}, evenly("paper rock", 12, 3)
    ),
    "fewer": Case(grouped, {"max_per_class": 10, "seed": 7}, evenly("paper rock", 8, 2)),
    "oddly named": Case(
        oddly_named,
        {},
        {part: dict.fromkeys(('=1+1, "a"', "C++"), n) for part, n in (("train", 4), ("validation", 1))},
    ),
    "numbered": Case(numbered, {"channels": 1}, evenly("cat hot_dog", 5, 1), zipped=True),
    "imported": Case(mixed, {}, evenly("Mole ant zebra", 12, 3), imported=True),
    "imported parts": Case(in_parts, {"split_by": "given"}, evenly("cats dogs", 5, 2), imported=True),
}


@dataclass(frozen=True)
class Exported:
    """A run that is ready to train, and the folder with its script and what that saw."""

    run: Run
    work: Work
    splits: Splits
    folder: Path

    @property
    def rows(self) -> list[dict[str, str]]:
        path = self.folder / "split.csv"
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            return list(csv.DictReader(file))

    @property
    def seen(self) -> dict[str, np.ndarray]:
        return dict(np.load(self.folder / "seen.npz"))


def export(settings: dict[str, object], dataset: str, folder: Path) -> Exported:
    """Prepare a run as a worker does, but train nothing, and write its script."""
    config = {"epochs": 1, "batch_size": 4, "image_size": 16, "max_per_class": None}
    run = runs.create(RunConfig("baseline", dataset, **(config | settings)), claimed=True)
    reporter = Reporter(run)
    work = prepare(run, run.config, reporter)
    reporter.end("finished", "")
    write_script(run, work, folder)
    return Exported(run, work, training.images_of(run), folder)


def write_script(run: Run, work: Work, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.py").write_text(training_script(run, work.model), "utf-8")
    lines = list_lines(run, training.images_of(run), folder, lambda fraction: None)
    written(folder / "split.csv", lines)


def run_scripts(*scripts: tuple[Path, Path]) -> subprocess.CompletedProcess[str]:
    """Run scripts with their data one after the other in a process of its own, far from this repository."""
    arguments = [str(path) for pair in scripts for path in pair]
    return subprocess.run(
        [sys.executable, "-I", "-c", DRIVER, *arguments],
        cwd=scripts[0][0].parent,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exported]:
    """The script of each case, after it was run."""
    at = tmp_path_factory.mktemp("away")
    made, given = {}, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(at / "home"))
        for name, case in CASES.items():
            data = at / name / "brought"
            case.make(data)
            if case.zipped or case.imported:
                archive = Path(shutil.make_archive(str(data), "zip", data))
            dataset = str(archive if case.zipped else data)
            if case.imported:
                dataset = datasets.import_zip(f"Our {name}", archive).name
            made[name] = export(case.settings, dataset, at / name / "script")
            given.append((made[name].folder / "train.py", archive if case.zipped else data))
        done = run_scripts(*given)
        assert done.returncode == 0, done.stderr[-3000:]
        yield made


every_case = pytest.mark.parametrize("name", CASES)


@pytest.mark.slow
@every_case
def test_the_script_sees_the_images_of_the_run_in_its_order(exported: dict[str, Exported], name: str):
    splits, seen = exported[name].splits, exported[name].seen
    assert tuple(seen["classes"]) == splits.classes == tuple(CASES[name].parts["train"])
    for part, ours in (("train", splits.train), ("validation", splits.validation)):
        np.testing.assert_array_equal(seen[f"y_{part}"], ours.labels)
        np.testing.assert_array_equal(seen[f"x_{part}"], ours.images)


@pytest.mark.slow
@every_case
def test_no_image_is_missed_and_each_is_in_one_part(exported: dict[str, Exported], name: str):
    rows = exported[name].rows
    for part, expected in CASES[name].parts.items():
        assert Counter(row["class"] for row in rows if row["part"] == part) == expected
    assert len({row["file"] for row in rows}) == len(rows)


@pytest.mark.slow
@every_case
def test_the_first_batch_is_that_of_the_run(exported: dict[str, Exported], name: str):
    work, seen = exported[name].work, exported[name].seen
    first, labels = next(iter(work.training.shuffled(exported[name].run.config.seed, 0)))
    np.testing.assert_array_equal(seen["labels"], labels)
    np.testing.assert_array_equal(seen["first"], first)
    assert seen["first"].dtype == np.float32 and np.isfinite(seen["losses"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mixed", "grouped", "three parts"])
def test_the_script_asks_and_saves_with_the_batch_norm_statistics_of_the_run(
    exported: dict[str, Exported], name: str
):
    work, config = exported[name].work, exported[name].run.config
    model = keras.models.load_model(exported[name].folder / "kept.keras")
    measured = TrainingStatistics(model, work.training, work.validation.batch_size, config.seed)
    for found, expected in zip(held(measured.layers), measured.measure(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)
    loss = model.evaluate(work.validation.in_order(), verbose=0)[0]
    np.testing.assert_allclose(exported[name].seen["losses"][-1], loss, rtol=1e-3)


def test_many_images_are_looked_at_in_the_batches_of_the_run_and_training_does_not_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(batch_norm, "MOST_AT_ONCE", 5)
    grouped(tmp_path / "data")
    made = export({"seed": 4}, str(tmp_path / "data"), tmp_path / "script")
    space = runpy.run_path(str(made.folder / "train.py"))
    model = space["network"]()
    measured = TrainingStatistics(model, made.work.training, 256, 4)
    norms = measured.layers
    assert measured.images == 20 and norms
    batch_norm.put(norms, [(mean + 1, variance + 2) for mean, variance in held(norms)])
    before, settings = held(norms), [layer.get_config() for layer in model.layers]
    statistics = space["MeasuredStatistics"](made.splits.train.images)
    statistics.set_model(model)
    statistics.on_test_begin()
    for found, expected in zip(held(norms), measured.measure(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    statistics.on_test_end()
    np.testing.assert_array_equal(np.concatenate(before, 1), np.concatenate(held(norms), 1))
    assert settings == [layer.get_config() for layer in model.layers]


@pytest.mark.slow
@every_case
def test_no_name_of_the_script_means_two_things(exported: dict[str, Exported], name: str):
    tree = ast.parse((exported[name].folder / "train.py").read_text("utf-8"))
    bound: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.append(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound += [alias.asname or alias.name for alias in node.names]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound += [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    assert {"HEIGHT", "decode", "main", "np"} <= set(bound)
    assert [name for name, count in Counter(bound).items() if count > 1] == []


@pytest.mark.slow
def test_a_run_that_was_split_by_group_is_split_by_group(exported: dict[str, Exported]):
    people = {
        part: {
            Path(row["file"]).name.partition("__")[0]
            for row in exported["grouped"].rows
            if row["part"] == part
        }
        for part in ("train", "validation")
    }
    assert people["train"] and people["validation"] and not people["train"] & people["validation"]


def test_what_was_added_after_the_run_is_not_seen(tmp_path: Path):
    numbered(tmp_path / "data")
    made = export({}, str(tmp_path / "data"), tmp_path / "script")
    before = made.rows
    for name in ("cat.6.jpg", "hot_dog_6.png"):
        saved(tmp_path / "data" / name, pixels(20, 30, 3))
    write_script(made.run, made.work, tmp_path / "script")
    assert made.rows == before and len(before) == 12


def test_two_images_of_one_name_are_told_apart(tmp_path: Path):
    in_parts(tmp_path / "data")
    for name in ("cats", "dogs"):
        for number in range(5):
            saved(tmp_path / "data" / "training" / name / f"{number}.jpg", pixels(30, 30, 3))
    made = export({}, str(tmp_path / "data"), tmp_path / "script")
    files = [row["file"] for row in made.rows]
    assert len(files) == len(set(files)) == 20
    ours = [*made.splits.train.images, *made.splits.validation.images]
    for row, image in zip(made.rows, ours, strict=True):
        shown = images.resize(images.read(tmp_path / "data" / row["file"]), (16, 16))
        np.testing.assert_array_equal(shown, image)


@LONG
@pytest.mark.slow
def test_a_frozen_base_sees_the_same_copies(tmp_path: Path):
    """The first layer is frozen, so that the run lets it look at a few augmented copies once."""
    grouped(tmp_path / "data")
    made = export({"augmentation": {"rotation": 30.0}}, str(tmp_path / "data"), tmp_path / "script")
    run, work = made.run, made.work
    config = run.config.changed(augmented_copies=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "config", property(lambda self: config))
        first_layer = next(layer for layer in work.model.layers if layer.weights)
        first_layer.trainable = False
        write_script(run, work, made.folder)
    done = run_scripts((made.folder / "train.py", tmp_path / "data"))
    assert done.returncode == 0, done.stderr[-3000:]
    usual = Learner(work.model, work.training, work.validation, work.model.save)
    learner = run_base_once(usual, config, lambda fraction: None)
    assert learner is not usual
    features, labels = next(iter(learner.training.shuffled(config.seed, 0)))
    np.testing.assert_array_equal(made.seen["labels"], labels)
    np.testing.assert_allclose(first_layer(made.seen["first"]), features, atol=1e-5)


@pytest.mark.slow
def test_the_script_says_what_it_misses(exported: dict[str, Exported], tmp_path: Path):
    numbered(tmp_path / "elsewhere")
    script, first = exported["grouped"].folder / "train.py", exported["grouped"].rows[0]["file"]
    alone = Path(shutil.copy(script, tmp_path / "my-run-train.py"))
    done = run_scripts(
        (script, tmp_path / "elsewhere"), (script, tmp_path / "missing"), (alone, tmp_path / "elsewhere")
    )
    assert done.returncode == 0, done.stderr[-3000:]
    elsewhere, missing, alone = (line for line in done.stdout.splitlines() if line.startswith("STOPPED"))
    assert "elsewhere" in elsewhere and first in elsewhere
    assert "missing" in missing and first in missing
    assert "my-run-split.csv" in alone


def test_images_without_files_are_refused_when_they_are_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = {"max_per_class": 4, "channels": 1}
    run = runs.create(RunConfig("baseline", "digits", **settings), claimed=True)
    splits = datasets.load("digits", datasets.LoadOptions(max_per_class=4))
    image_list.write_images(run, splits, tmp_path / "images.zip", lambda fraction: None)
    with zipfile.ZipFile(tmp_path / "images.zip") as archive:
        assert len(archive.namelist()) == 40
    monkeypatch.setattr(image_list, "MOST_BYTES", 40 * 64 - 1)
    with pytest.raises(image_list.RunError, match="40 images"):
        image_list.write_images(run, splits, tmp_path / "again.zip", lambda fraction: None)


def test_copied_source_brings_what_it_needs_and_no_more():
    from cnnlab.augmentation import Augmentation, image_draws

    copied = copied_source(Augmentation.apply)
    assert "def warp(" in copied.text and "def channel_means(" in copied.text
    assert "images.warp" not in copied.text
    assert "def from_dict" not in copied.text and "def blur(" not in copied.text
    space: dict = {}
    exec("\n".join(copied.imports) + "\n" + copied.text, space)
    batch, draws = np.stack([pixels(20, 20, 3) for _ in range(3)]), image_draws(0, 0, 3)
    changed = space["Augmentation"](**ALL_CHANGES).apply(batch, draws)
    np.testing.assert_array_equal(changed, Augmentation(**ALL_CHANGES).apply(batch, draws))


def test_copied_source_keeps_things_of_one_name_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "cnnlab_away"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "left.py").write_text("TOP, LOW = 2, 1\n\n\ndef look(x):\n    return x * TOP\n")
    (package / "right.py").write_text(
        "import math\n\nfrom cnnlab_away import left\nfrom cnnlab_away.left import LOW\n\n\n"
        "def look(x):\n    return left.look(x) + LOW + math.floor(0.5)\n\n\n"
        "def talk():\n    raise AssertionError\n\n\n"
        'TABLE = {\'é\': (look, left.look)}\n"""All looks."""\n\n\n'
        "def both(x):\n    talk()\n    return [f(x) for f in TABLE['é']]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("cnnlab.exchange.copied_source.PACKAGE", "cnnlab_away")
    right = __import__("cnnlab_away.right").right
    copied = copied_source(right.both, without=[right.talk], reserved=["look", "TOP"])
    space: dict = {}
    exec("\n".join(copied.imports) + "\n" + copied.text, space)
    assert space["both"](5) == [11, 10]
    assert "look" not in space and "TOP" not in space and copied.text.count("= 2, 1") == 1


@pytest.mark.parametrize("name", ["alexnet_2012", "mobilenetv2_transfer"])
def test_the_script_builds_a_network_that_has_layers_of_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    options = {"base_weights": "untrained"} if name == "mobilenetv2_transfer" else {}
    run = runs.create(RunConfig(name, "digits", options=options), claimed=True)
    seen = {"height": 96, "width": 96, "channels": 3, "white": None}
    facts = {"classes": ["a", "b"], "preprocessing": seen, "input_shape": [96, 96, 3], "split": {"train": 9}}
    monkeypatch.setattr(Run, "model_facts", property(lambda self: ModelFacts.from_dict(facts)))
    for nothing in (keras.Model, "compile"), (keras.optimizers, "Adam"):  # an optimizer needs weights
        monkeypatch.setattr(*nothing, lambda *_, **__: None)
    model = inspection.shape_only_model(name, (96, 96, 3), 2, **options)
    (tmp_path / "train.py").write_text(training_script(run, model), "utf-8")
    assert ("MeasuredStatistics" in (tmp_path / "train.py").read_text("utf-8")) == bool(moving(model))
    with without_weights():
        built = runpy.run_path(str(tmp_path / "train.py"))["network"]()
    assert inspection.layer_table(built) == inspection.layer_table(model)
