"""TensorFlow is imported once, in the background, and pages know how far that is."""

import threading

import pytest

from cnnlab.ui import warm_up
from cnnlab.ui.warm_up import WarmUp


def test_pages_are_told_that_tensorflow_warms_up_and_then_that_it_is_ready(monkeypatch: pytest.MonkeyPatch):
    gate = threading.Event()
    monkeypatch.setattr(warm_up, "import_tensorflow", lambda: gate.wait(10))
    state = WarmUp()
    thread = threading.Thread(target=state.run)
    thread.start()
    assert (state.ready, state.message) == (False, "TensorFlow is warming up…")
    gate.set()
    assert state.wait(10)
    assert (state.ready, state.message) == (True, "TensorFlow is ready.")
    thread.join()


def test_a_broken_installation_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    def broken() -> None:
        raise ImportError("no module named tensorflow")

    monkeypatch.setattr(warm_up, "import_tensorflow", broken)
    state = WarmUp()
    state.run()
    assert not state.ready
    assert "pip install -r requirements.txt" in state.message
