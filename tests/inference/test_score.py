"""An accuracy is never bare where few pictures stand behind it, or where it is perfect."""

import pytest

from cnnlab.inference import accuracy_in_words, interval_in_words, validation_pictures
from cnnlab.runs import create


# Newcombe (1998), Statistics in Medicine 17, table I: 0 of 20 is 0 to 0.1611, 1 of 29 0.0061 to 0.1718.
@pytest.mark.parametrize(
    ("accuracy", "pictures", "words"),
    [
        (1.0, 20, "100.0 % of 20 (83.9 to 100.0 %)"),
        (28 / 29, 29, "96.6 % of 29 (82.8 to 99.4 %)"),
        (0.0, 20, "0.0 % of 20 (0.0 to 16.1 %)"),
        (0.981, 2000, "98.1 %"),
        (1.0, 2000, "100.0 % of 2,000 (99.8 to 100.0 %)"),
        (0.5, None, "50.0 %"),
    ],
)
def test_few_pictures_and_a_perfect_score_come_with_their_interval(accuracy, pictures, words):
    assert accuracy_in_words(accuracy, pictures) == words


def test_the_interval_says_of_how_many():
    assert interval_in_words(0.0, 20) == "0.0 to 16.1 % of 20"


def test_a_run_that_has_loaded_nothing_has_no_number_of_pictures():
    run = create({"architecture": "lenet5", "dataset": "digits"})
    assert validation_pictures(run) is None
    (run.folder / "model.json").write_text('{"split": {"train": 9, "validation": 5}}')
    assert validation_pictures(run) == 5
