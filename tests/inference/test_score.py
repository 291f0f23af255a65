"""An accuracy comes with the number of images behind it and its interval, in the form of the field."""

import json

import pytest

from cnnlab.inference import ImageCount, accuracy_in_words, interval_in_words, validation_count
from cnnlab.runs import create
from cnnlab.settings import RunConfig


# Newcombe (1998), Statistics in Medicine 17, table I: 0 of 20 is 0 to 0.1611, 1 of 29 0.0061 to 0.1718.
@pytest.mark.parametrize(
    ("accuracy", "images", "words"),
    [
        (1.0, 20, "100.0 % (95 % CI 83.9–100.0, n = 20)"),
        (28 / 29, 29, "96.6 % (95 % CI 82.8–99.4, n = 29)"),
        (0.0, 20, "0.0 % (95 % CI 0.0–16.1, n = 20)"),
        (1.0, 2000, "100.0 % (95 % CI 99.8–100.0, n = 2,000)"),
        (0.5, None, "50.0 %"),
    ],
)
def test_an_accuracy_comes_with_its_interval_and_the_number_of_images(accuracy, images, words):
    assert accuracy_in_words(accuracy, images) == words


def test_the_interval_says_of_how_many():
    assert interval_in_words(0.0, 20) == "95 % CI 0.0–16.1, n = 20"


def test_a_run_that_has_loaded_nothing_has_no_number_of_images():
    run = create(RunConfig("lenet5", "digits"))
    assert validation_count(run) is None
    (run.folder / "model.json").write_text('{"split": {"train": 9, "validation": 5}}')
    assert validation_count(run) == 5


def test_an_accuracy_whose_validation_data_leaked_is_marked_wherever_it_is_written():
    for words in (
        accuracy_in_words(13 / 18, ImageCount(18, leaked=12)),
        accuracy_in_words(0.8, ImageCount(2000, leaked=12)),
        interval_in_words(13 / 18, ImageCount(18, leaked=12)),
    ):
        assert "leakage" in words and "over-optimistic" in words and " 12 of " in words
    assert accuracy_in_words(0.8, ImageCount(18)) == accuracy_in_words(0.8, 18)


def test_a_run_knows_how_many_of_its_validation_images_leaked():
    run = create(RunConfig("lenet5", "digits"))
    (run.folder / "model.json").write_text('{"split": {"train": 9, "validation": 5}, "leaked": 3}')
    known = validation_count(run)
    assert (known, known.leaked) == (5, 3)
    assert json.dumps({"n": known}) == '{"n": 5}'  # for whoever wants the number alone
