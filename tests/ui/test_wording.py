"""Numbers and names as people read them."""

import re

import pytest

from cnnlab.runs import Status
from cnnlab.ui import wording
from tests.browser.peoples_text import TEXTS


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (80, "1 min 20 s"), (7500, "2 h 5 min")],
)
def test_durations_have_units_and_never_sixty_seconds(seconds: float, words: str):
    assert wording.duration(seconds) == words


@pytest.mark.parametrize("text", TEXTS)
def test_peoples_text_is_shown_letter_for_letter(text: str):
    said = wording.plain(text)
    assert re.sub(r"\\(.)", r"\1", re.sub(r":color\[(\\?.)\]", r"\1", said)) == " ".join(text.split())
    assert not re.search(r"(?<!\\)[`*_#!<>~$&|]", said)
    assert not re.search(r"(?i)https?:/|www\.|\w@\w", said)  # what Streamlit makes a link of


def test_half_a_character_is_shown_as_something():
    wording.plain("caf\udce9").encode()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status("queued", epochs=5), "queued"),
        (Status("starting", epochs=5), "starting"),
        (Status("running", epochs=5), "epoch 1 of 5"),
        (Status("running", epoch=2, epochs=5, best_val_accuracy=0.5), "epoch 3 of 5 · best 50.0 %"),
        (Status("stopped", epoch=2, epochs=5), "stopped · epoch 2 of 5"),
        (Status("finished", epoch=5, epochs=5, best_val_accuracy=0.98), "finished · best 98.0 %"),
    ],
)
def test_progress_is_said_in_few_words(status: Status, words: str):
    assert wording.progress(status) == words
