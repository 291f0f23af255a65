"""What a run says of its speed while it trains."""

from types import SimpleNamespace

import pytest

from cnnlab.training.callbacks import progress


class Batches(SimpleNamespace):
    """Ten batches of ten images."""

    batch_size, count = 10, 100

    def __len__(self) -> int:
        return 10


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Return a clock that a test sets."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(progress.time, "perf_counter", lambda: clock.now)
    return clock


def test_the_time_to_compile_the_first_batch_is_not_taken_for_the_speed_of_training(clock):
    said: dict = {}
    callback = progress.ReportProgress(
        SimpleNamespace(update=lambda **words: said.update(words)), Batches(), 2
    )
    callback.on_epoch_begin(0)
    clock.now = 30.0  # compiling
    callback.on_train_batch_end(0)
    assert said["step"] == 1 and "seconds_left" not in said
    clock.now = 31.0
    callback.on_train_batch_end(1)
    assert said["images_per_second"] == pytest.approx(10)
    assert said["seconds_left"] == pytest.approx(18)  # 80 images of this epoch, 100 of the next, 10 a second
