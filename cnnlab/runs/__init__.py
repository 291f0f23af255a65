"""The run folder, its states and its metrics log; the supervisor that queues work and starts its workers.

A run is a folder. Whoever can read the folder can watch the run; whoever can write it can stop the run. So it
is with any other work that takes long, see ``job`` and ``jobs``.

    runs/<run_id>/
      config.json       settings, seed and library versions; never rewritten
      model.json        what inference needs: classes, preprocessing, input shape
      status.json       state, epoch, step, pid, heartbeat, error; replaced atomically
      fork.json         which run and epoch its first weights come from, if from another run
      metrics.jsonl     one object a line, kind "batch", "epoch" or "rate"; a torn last line is ignored
      control/          stop (please end), learning_rate (go on with this one), probe (the image
                        whose maps to write down), claim (who starts it)
      checkpoints/      last.keras, best.keras; initial.keras where a fork begins; running-STEP.npz: the
                        running averages of batch norm that last.keras of that step goes on with
      snapshots/        the inside of the network after each epoch, see ``snapshots``
      trained_on.npz    which images it was trained and validated on, as digests; split_labels.npz: their
                        classes; parent_trained_on.npz: the digests of the run that a fork comes from
      evaluation.json   the last evaluation, once there is one
      comparison.npz    images asked again with the best and the last weights, to tell overfitting from chance
      notes.json        the name, the star and the text that people gave it later
      log.txt           what the worker printed

Standard library, numpy and psutil only: listing runs never loads TensorFlow.
"""

from cnnlab.runs import learning_rate
from cnnlab.runs.creation import create
from cnnlab.runs.deleted import Deleted, delete, list_deleted, restore
from cnnlab.runs.launchers import Launcher, ProcessLauncher, ThreadLauncher
from cnnlab.runs.lineage import Origin, fork, origin
from cnnlab.runs.metrics import Metrics
from cnnlab.runs.overview import Overview, list_runs, overview
from cnnlab.runs.run import Run, get
from cnnlab.runs.status import ACTIVE, STATES, Phase, Status
from cnnlab.runs.supervisor import Supervisor

__all__ = [
    "ACTIVE",
    "STATES",
    "Deleted",
    "Launcher",
    "Metrics",
    "Origin",
    "Overview",
    "Phase",
    "ProcessLauncher",
    "Run",
    "Status",
    "Supervisor",
    "ThreadLauncher",
    "create",
    "delete",
    "fork",
    "get",
    "learning_rate",
    "list_deleted",
    "list_runs",
    "origin",
    "overview",
    "restore",
]
