"""Which epoch's weights are kept as the best: also where a run stopped and went on."""

from types import SimpleNamespace

import numpy as np
import pytest

from cnnlab import runs
from cnnlab.runs import metrics
from cnnlab.runs.metrics import MetricsLog
from cnnlab.settings import RunConfig
from cnnlab.training.callbacks.checkpoints import SaveCheckpoints
from cnnlab.training.callbacks.progress import ReportProgress
from cnnlab.training.preparation import best_of
from cnnlab.worker.reporter import Reporter

TIES = [(0.5, 1.2), (1.0, 1.3), (1.0, 0.4), (1.0, 0.01), (1.0, 0.02), (0.98, 0.001)]
"""The fourth is the best: no other with all images right has less loss."""


class Training:
    """A model whose file says which epoch it is of."""

    def __init__(self, folder, best=None, done: int = 0):
        self.steps = done
        self.checkpoints = SaveCheckpoints(folder, best, lambda path: path.write_text(str(self.steps)))
        iterations = SimpleNamespace(numpy=lambda: np.int64(self.steps))
        self.checkpoints.set_model(SimpleNamespace(optimizer=SimpleNamespace(iterations=iterations)))

    def epochs(self, scores, log: MetricsLog | None = None) -> None:
        for accuracy, loss in scores:
            self.steps += 1
            if log:
                row = {"loss": 1.0, "accuracy": 0.5, "learning_rate": 0.1, "seconds": 1.0}
                log.append(
                    "epoch", epoch=self.steps, step=self.steps, val_loss=loss, val_accuracy=accuracy, **row
                )
            self.checkpoints.on_epoch_end(self.steps - 1, {"val_accuracy": accuracy, "val_loss": loss})


def test_of_equal_epochs_the_one_with_the_least_loss_is_kept(tmp_path):
    Training(tmp_path).epochs(TIES)
    assert (tmp_path / "best.keras").read_text() == "4"
    assert (tmp_path / "last.keras").read_text() == "6"


@pytest.mark.parametrize("stopped_after", range(1, 6))
def test_a_run_that_goes_on_remembers_the_best_with_its_loss(tmp_path, stopped_after):
    with MetricsLog(tmp_path / "metrics.jsonl") as log:
        Training(tmp_path).epochs(TIES[:stopped_after], log)
    step, best = best_of(metrics.read_whole(tmp_path / "metrics.jsonl"))
    assert step == min(stopped_after, 4)
    Training(tmp_path, best, stopped_after).epochs(TIES[stopped_after:])
    assert (tmp_path / "best.keras").read_text() == "4"


def test_the_status_names_the_epoch_whose_weights_are_kept():
    run = runs.create(RunConfig("lenet5", "digits"), claimed=True)
    reporter = Reporter(run)
    progress = ReportProgress(reporter, [None] * 3, len(TIES))
    for epoch, (accuracy, loss) in enumerate(TIES):
        progress.on_epoch_end(epoch, {"val_accuracy": accuracy, "val_loss": loss})
    reporter.end("finished", "Done.")
    assert (run.status().best_epoch, run.status().best_val_accuracy) == (4, 1.0)
