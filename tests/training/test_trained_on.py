"""A dataset changes after a run was trained on it: the run goes on, and nothing it says becomes a lie."""

import json

import cv2
import numpy as np
import pytest

from cnnlab import datasets, images, runs, training
from cnnlab.datasets import LoadOptions
from cnnlab.errors import RunError
from cnnlab.inference import Classifier
from cnnlab.settings import RunConfig
from cnnlab.training import leakage, trained_on
from cnnlab.training.trained_on import TrainedOn, as_it_was, begin_or_go_on, leaked, trained_on_among
from cnnlab.worker import execute


def photo(seed: int) -> bytes:
    return images.encode_png(np.random.default_rng(seed).integers(0, 256, (16, 16, 3), np.uint8))


@pytest.fixture
def folder(tmp_path):
    """Ten different images for each of two classes."""
    for label, name in enumerate(("paper", "rock")):
        (tmp_path / "hands" / name).mkdir(parents=True)
        for number in range(10):
            add(tmp_path / "hands" / name / f"{number}.png", 100 * label + number)
    return tmp_path / "hands"


def add(path, seed: int) -> None:
    add_bytes(path, photo(seed))


def add_bytes(path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


class Trained:
    """A run that has learned something, without the arithmetic."""

    def __init__(self, folder, **settings):
        self.config = RunConfig("lenet5", str(folder), image_size=16, **settings)
        self.run = runs.create(self.config)
        self.before = begin_or_go_on(self.run, self.load(), self.load_all)
        facts = {"classes": self.before.classes, "input_shape": (16, 16, 3)}
        (self.run.folder / "model.json").write_text(json.dumps(facts))
        (self.run.folder / "checkpoints" / "last.keras").touch()

    def load(self):
        return datasets.load(self.config.dataset, self.config.load_options())

    def load_all(self):
        return datasets.load(self.config.dataset, LoadOptions(image_size=16))

    def go_on(self):
        return begin_or_go_on(self.run, self.load(), self.load_all)


def seen(part) -> set[bytes]:
    return {pixels.tobytes() for pixels in part.images}


def test_an_unchanged_dataset_comes_back_as_it_is(folder):
    trained = Trained(folder)
    again = trained.go_on()
    assert not again.note
    assert again.train.names == trained.before.train.names


def test_images_added_later_are_left_out_and_it_says_so(folder):
    trained = Trained(folder)
    for number in range(7):
        add(folder / "rock" / f"{number}-new.png", 500 + number)
    again = trained.go_on()
    assert again.note == "hands has changed since this run began: 7 new images are left out."
    for before, after in (
        (trained.before.train, again.train),
        (trained.before.validation, again.validation),
    ):
        assert before.names == after.names
        assert np.array_equal(before.images, after.images)
    assert set(trained.load().train.names) != set(again.train.names)  # the new split would have mixed them


def test_an_image_that_was_trained_on_is_never_evaluated_whatever_happens_to_the_folder(folder):
    trained = Trained(folder)
    learned = seen(trained.before.train)
    for number in range(6):
        (folder / "rock" / f"{number}.png").rename(folder / "rock" / f"a{number}.png")
    add(folder / "paper" / "3.png", 999)
    (folder / "paper" / "4.png").unlink()
    again = training.images_of(trained.run)
    assert not seen(again.validation) & learned
    assert seen(again.validation) <= seen(trained.before.validation)
    assert "are gone" in again.note


def test_an_image_whose_label_was_corrected_stays_in_its_part_with_its_new_label(folder):
    trained = Trained(folder)
    for part in (trained.before.train, trained.before.validation):
        wrong = next(name for name in part.names if name.startswith("rock"))
        (folder / wrong).rename(folder / "paper" / f"moved {wrong.removeprefix('rock/')}")
        again = trained.go_on()
        now = again.train if part is trained.before.train else again.validation
        [place] = [part.names.index(wrong)]
        assert now.names[place].startswith("paper/moved ")
        assert (again.classes[part.labels[place]], again.classes[now.labels[place]]) == ("rock", "paper")
        assert np.array_equal(now.images[place], part.images[place])
        assert len(now) == len(part)
    assert again.note == "hands has changed since this run began: 2 have another label or name."


def test_of_three_changes_each_is_said(folder):
    trained = Trained(folder)
    (folder / "rock" / "0.png").rename(folder / "rock" / "zero.png")
    (folder / "rock" / "1.png").unlink()
    add(folder / "paper" / "new.png", 900)
    note = training.images_of(trained.run).note
    assert note.endswith(": 1 has another label or name, 1 new image is left out and 1 is gone.")


def test_those_that_are_gone_are_stood_in_for_so_that_an_epoch_keeps_its_steps(folder):
    trained = Trained(folder)
    gone = trained.before.train.names[:3]
    for name in gone:
        (folder / name).unlink()
    again = trained.go_on()
    assert again.note == "hands has changed since this run began: 3 are gone."
    assert len(again.train) == 16
    assert not set(again.train.names) & set(gone)
    assert not set(again.train.names) & set(again.validation.names)


def test_a_cap_draws_from_a_grown_folder_what_it_drew_before(folder):
    trained = Trained(folder, max_per_class=5)
    for number in range(20):
        add(folder / "rock" / f"{number}-new.png", 500 + number)
    again = trained.go_on()
    assert again.train.names == trained.before.train.names


def test_other_classes_refuse_in_one_sentence(folder):
    trained = Trained(folder)
    for number in range(3):
        add(folder / "scissors" / f"{number}.png", 300 + number)
    with pytest.raises(
        RunError,
        match=r"hands now has the classes paper, rock, scissors, and .* paper, rock; start a new run",
    ):
        trained.go_on()
    with pytest.raises(RunError, match="start a new run"):
        training.images_of(trained.run)


def test_too_little_left_refuses_in_one_sentence(folder):
    trained = Trained(folder)
    for number in range(8):
        (folder / "rock" / f"{number}.png").unlink()
        (folder / "paper" / f"{number}.png").unlink()
    with pytest.raises(RunError, match=r"changed too much .* 1\d of its 20 images are gone; start a new run"):
        trained.go_on()


def test_a_run_that_has_learned_nothing_yet_takes_what_is_there(folder):
    trained = Trained(folder)
    (trained.run.folder / "checkpoints" / "last.keras").unlink()
    add(folder / "rock" / "new.png", 500)
    again = trained.go_on()
    assert not again.note
    assert len(again.train) + len(again.validation) == 21
    assert TrainedOn.read(trained.run).fingerprint == TrainedOn.of(again).fingerprint


def test_a_run_that_does_not_remember_is_taken_at_its_word(folder):
    trained = Trained(folder)
    (trained.run.folder / "trained_on.npz").write_bytes(b"torn")
    splits = trained.load()
    assert as_it_was(trained.run, splits, trained.load_all) is splits


def test_a_run_from_elsewhere_says_when_the_dataset_of_that_name_is_another(folder):
    trained = Trained(folder)
    (trained.run.folder / "trained_on.npz").unlink()
    facts = trained.run.model_facts.to_dict()
    for remembered, note in (
        (TrainedOn.of(trained.before).fingerprint, ""),
        ("0123456789abcdef", "may have seen"),
    ):
        (trained.run.folder / "model.json").write_text(json.dumps(facts | {"trained_on": remembered}))
        assert note in training.images_of(trained.run).note
        assert bool(training.images_of(trained.run).note) == bool(note)
        assert trained.go_on().train.names == trained.before.train.names


def test_what_is_remembered_names_nobody(folder):
    trained = Trained(folder)
    data = (trained.run.folder / "trained_on.npz").read_bytes()
    assert b"png" not in data and len(data) < 1500


@pytest.mark.parametrize(("seed", "seen"), [(0, 0), (1, 3)])
def test_a_fork_that_is_validated_on_what_its_weights_have_seen_says_so(folder, seed, seen):
    parent = Trained(folder)
    (parent.run.folder / "checkpoints" / "best.keras").touch()
    child = runs.fork(parent.run, parent.config.changed(seed=seed))
    splits = datasets.load(folder, LoadOptions(image_size=16, seed=seed))
    overlap = len({*splits.validation.names} & {*parent.before.train.names})
    note = begin_or_go_on(child, splits, parent.load_all).note
    assert overlap == seen
    assert note.startswith(f"{seen} of the 4 validation images were trained on") == bool(seen)
    assert bool(note) == bool(seen)
    (child.folder / "model.json").write_text(json.dumps({"classes": splits.classes}))
    (child.folder / "checkpoints" / "last.keras").touch()
    assert begin_or_go_on(child, splits, parent.load_all).note == note
    grandchild = runs.create(parent.config)
    (grandchild.folder / "parent_trained_on.npz").write_bytes((child.folder / "trained_on.npz").read_bytes())
    begin_or_go_on(grandchild, splits, parent.load_all)
    assert len(TrainedOn.read(grandchild).before) == 32


@pytest.mark.slow
def test_a_run_trains_goes_on_and_is_evaluated_after_its_dataset_grew(folder):
    config = RunConfig("lenet5", str(folder), image_size=16, epochs=1, batch_size=8)
    run = runs.create(config, claimed=True)
    execute(run.folder)
    assert run.status().state == "finished", run.log()
    assert len(run.model_facts.trained_on) == 16
    assert run.model_facts.split == {"train": 16, "validation": 4}
    for number in range(30):
        add(folder / "rock" / f"{number}-new.png", 500 + number)
    run.resume(2)
    run.claim()
    execute(run.folder)
    assert run.status().state == "finished", run.log()
    assert run.model_facts.note.endswith("30 new images are left out.")
    assert run.metrics().epochs["step"].tolist() == [2, 4]
    evaluation = json.loads((run.folder / "evaluation.json").read_text())
    assert evaluation["n"] == 4
    add(folder / "well" / "1.png", 1)
    add(folder / "well" / "2.png", 2)
    run.resume(3)
    run.claim()
    execute(run.folder)
    assert run.status().state == "failed"
    assert "paper, rock, well" in run.status().message
    assert run.checkpoint("best")


TODAY = tuple(sorted(map(str, range(12))))  # 0, 1, 10, 11, 2, …: how classes were ordered once
DRAWN_ONCE = (
    "0/3 1/3 10/3 11/1 2/3 3/2 4/2 5/2 6/3 7/3 8/1 9/2"  # the validation part that was drawn then, seed 3
)


@pytest.fixture
def numbered(tmp_path):
    """Four images for each of the classes 0 to 11; the first pixel is the class."""
    for k in range(12):
        for i in range(4):
            (tmp_path / "numbers" / str(k)).mkdir(parents=True, exist_ok=True)
            pixels = np.full((16, 16, 3), k, np.uint8)
            pixels[1:] = 20 * i
            (tmp_path / "numbers" / str(k) / f"{i}.png").write_bytes(images.encode_png(pixels))
    return tmp_path / "numbers"


def named_right(splits) -> bool:
    """Say whether each label means the class that is in the image."""
    return all(
        splits.classes[label] == str(image[0, 0, 0])
        for part in (splits.train, splits.validation)
        for image, label in zip(part.images, part.labels, strict=True)
    )


def test_a_run_that_learned_its_classes_in_another_order_keeps_that_order(numbered):
    trained = Trained(numbered, seed=3)
    assert trained.before.classes == tuple(map(str, range(12))) and named_right(trained.before)
    facts = {**trained.run.model_facts.to_dict(), "classes": TODAY}
    (trained.run.folder / "model.json").write_text(json.dumps(facts))
    for again in (trained.go_on(), training.images_of(trained.run)):
        assert again.classes == TODAY and named_right(again)
        assert again.note == ""
        assert again.validation.names == tuple(f"{name}.png" for name in DRAWN_ONCE.split())


def test_a_fork_has_its_classes_in_the_order_of_the_weights_it_begins_with(numbered):
    parent = Trained(numbered)
    facts = parent.run.model_facts.to_dict() | {"classes": TODAY}
    (parent.run.folder / "model.json").write_text(json.dumps(facts))
    (parent.run.folder / "checkpoints" / "best.keras").touch()
    child = runs.fork(parent.run, parent.config.changed(seed=9))
    splits = begin_or_go_on(child, parent.load(), parent.load_all)
    assert splits.classes == TODAY and named_right(splits)


def test_other_classes_are_still_refused(numbered):
    trained = Trained(numbered)
    (numbered / "11").rename(numbered / "eleven")
    with pytest.raises(RunError, match="now has the classes"):
        trained.go_on()


def test_a_run_on_images_of_12_bits_keeps_their_scale_for_all_who_ask(tmp_path):
    folder = tmp_path / "cells"
    for label, name in enumerate(("left", "right")):
        for number in range(6):
            pixels = np.zeros((16, 16), np.uint16)
            pixels[4:12, 8 * label : 8 * label + 8] = 700 * (number + 1) - 105
            add_bytes(folder / name / f"{number}.png", cv2.imencode(".png", pixels)[1].tobytes())
    run = runs.create(RunConfig("lenet5", str(folder), epochs=1, image_size=16), claimed=True)
    execute(run.folder)
    assert run.model_facts.preprocessing.white == 4095
    before = training.images_of(run)
    add_bytes(
        folder / "left" / "bright.png",
        cv2.imencode(".png", np.full((16, 16), 60_000, np.uint16))[1].tobytes(),
    )
    after = training.images_of(run)
    assert np.array_equal(after.validation.images, before.validation.images)
    assert "1 new image" in after.note
    network = Classifier.from_run(run)
    for name, pixels in zip(after.validation.names, after.validation.images, strict=True):
        assert np.array_equal(network.as_seen(network.preprocessing.read(folder / name)), pixels)


# --- leaks of forks ---------------------------------------------------------------------------------------


def seen_at(run, size: int) -> None:
    """Let a run say how it sees images."""
    seen = {"height": size, "width": size, "channels": 3, "resample": "area", "fit": "squash"}
    facts = run.model_facts.to_dict() | {"preprocessing": seen, "split": {"train": 16, "validation": 4}}
    (run.folder / "model.json").write_text(json.dumps(facts))
    (run.folder / "checkpoints" / "best.keras").touch()


@pytest.mark.parametrize("size", [16, 24])
def test_a_leak_is_found_whatever_the_image_size_of_the_fork(folder, size):
    parent = Trained(folder)
    seen_at(parent.run, 16)
    config = parent.config.changed(seed=1, image_size=size)
    child = runs.fork(parent.run, config)
    splits = datasets.load(folder, config.load_options())
    begin_or_go_on(child, splits, parent.load_all)
    overlap = len({*splits.validation.names} & {*parent.before.train.names})
    assert leaked(child) == overlap == 3
    assert leakage.of_fork(parent.run, config, splits).leaked == 3  # known before it starts


def test_an_image_that_took_the_place_of_another_has_not_leaked(folder):
    parent = Trained(folder)
    seen_at(parent.run, 16)
    config = parent.config.changed(seed=1)
    for number, name in enumerate(parent.before.train.names):
        add(folder / name, 700 + number)
    splits = datasets.load(folder, config.load_options())
    assert leakage.of_fork(parent.run, config, splits).leaked == 0


def test_equal_names_in_another_dataset_are_not_a_leak(folder, tmp_path):
    parent = Trained(folder)
    seen_at(parent.run, 16)
    for label, name in enumerate(("paper", "rock")):
        for number in range(10):
            (tmp_path / "others" / name).mkdir(parents=True, exist_ok=True)
            add(tmp_path / "others" / name / f"{number}.png", 300 + 100 * label + number)
    for size in (16, 24):
        config = RunConfig("lenet5", str(tmp_path / "others"), image_size=size, seed=1)
        splits = datasets.load(config.dataset, config.load_options())
        child = runs.fork(parent.run, config)
        begin_or_go_on(child, splits, parent.load_all)
        assert leaked(child) == leakage.of_fork(parent.run, config, splits).leaked == 0


def test_a_fork_that_keeps_seed_and_split_is_known_not_to_leak_without_loading_an_image(folder):
    parent = Trained(folder)
    known = leakage.of_same_split(parent.run, parent.config.changed(epochs=9, learning_rate=0.1), 20)
    assert (known, known.leaked) == (4, 0)


@pytest.mark.parametrize(
    ("change", "images"),
    [({"split_by": "group"}, 20), ({"max_per_class": 5}, 20), ({}, 27), ({"seed": 1}, 27)],
)
def test_another_way_to_split_or_a_grown_dataset_has_to_be_counted(folder, change, images):
    parent = Trained(folder)
    assert leakage.of_same_split(parent.run, parent.config.changed(**change), images) is None


@pytest.mark.parametrize("change", [{"seed": 1}, {"seed": 2, "validation_fraction": 0.45}])
@pytest.mark.parametrize("dataset", ["folder", "numbered", "digits"])
def test_what_a_random_split_will_leak_is_drawn_again_without_loading_an_image(
    folder, numbered, monkeypatch, dataset, change
):
    parent = Trained({"folder": folder, "numbered": numbered}.get(dataset, dataset), seed=5)
    seen_at(parent.run, 16)
    config = parent.config.changed(**change)
    counted = leakage.of_fork(parent.run, config, datasets.load(config.dataset, config.load_options()))
    monkeypatch.setattr(datasets, "load", None)
    known = leakage.of_same_split(parent.run, config, None)
    assert (known, known.leaked) == (counted, counted.leaked)
    assert 0 < known.leaked <= known


@pytest.fixture
def people(tmp_path):
    """Six people, of whom each shows two classes three times; two of the images are the same."""
    for label, name in enumerate(("paper", "rock")):
        for person in range(6):
            for number in range(3):
                add(
                    tmp_path / "people" / name / f"p{person}__{number}.png",
                    100 * label + 10 * person + number,
                )
    add(tmp_path / "people" / "rock" / "p5__0.png", 100)
    return tmp_path / "people"


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ({"split_by": "group"}, {"seed": 1}),
        ({"split_by": "group"}, {"split_by": "random"}),
        ({}, {"split_by": "group", "validation_fraction": 0.4}),
        ({"max_per_class": 9}, {"seed": 1}),
        ({"max_per_class": 9}, {"max_per_class": 15}),
        ({}, {"max_per_class": 9, "seed": 2}),
    ],
)
def test_the_names_of_files_tell_what_any_other_split_will_leak(people, monkeypatch, before, change):
    parent = Trained(people, **before)
    seen_at(parent.run, 16)
    config = parent.config.changed(**change)
    counted = leakage.of_fork(parent.run, config, datasets.load(people, config.load_options()))
    monkeypatch.setattr(datasets, "load", None)
    known = leakage.of_names(parent.run, config)
    assert (known, known.leaked) == (counted, counted.leaked)
    assert known.leaked > 0


@pytest.mark.parametrize("before", [{}, {"max_per_class": 9}])
def test_names_tell_nothing_where_they_are_others_or_a_file_cannot_be_read(people, before):
    (people / "rock" / "p0__0.png").write_bytes(b"no image")
    parent = Trained(people, **before)
    seen_at(parent.run, 16)
    assert leakage.of_names(parent.run, parent.config.changed(seed=1)) is None
    for number in range(3):
        add(people / "rock" / f"p0__{number}.png", 900 + number)
    whole = Trained(people)
    assert leakage.of_names(whole.run, whole.config.changed(seed=1)).leaked
    (people / "rock" / "p0__0.png").rename(people / "rock" / "p7__0.png")
    assert leakage.of_names(whole.run, whole.config.changed(seed=1)) is None


def test_a_dataset_that_draws_its_images_draws_others_with_another_seed():
    parent = Trained("gestures_drawn", max_per_class=8)
    seen_at(parent.run, 16)
    config = parent.config.changed(seed=1)
    counted = leakage.of_fork(parent.run, config, datasets.load(config.dataset, config.load_options()))
    known = leakage.of_same_split(parent.run, config, None)
    assert (known, known.leaked) == (counted, counted.leaked) and not known.leaked


def test_a_run_that_does_not_remember_its_classes_says_nothing_of_another_split(folder):
    parent = Trained(folder)
    seen_at(parent.run, 16)
    config = parent.config.changed(seed=1)
    assert leakage.of_same_split(parent.run, config, 20)
    labels = parent.run.folder / trained_on.LABELS
    for damage in (labels.read_bytes()[:-30], b"", b"[]"):
        labels.write_bytes(damage)
        assert leakage.of_same_split(parent.run, config, 20) is None
    labels.unlink()
    assert leakage.of_same_split(parent.run, config, 20) is None


def test_images_from_outside_that_a_run_was_trained_on_are_counted(folder):
    trained = Trained(folder)
    splits = trained.load()
    assert trained_on_among(trained.run, splits.train) == 16
    assert trained_on_among(trained.run, splits.validation) == 0
