"""Why a job failed, in one sentence that says what to do; the traceback stays in its log."""

import errno
from typing import Any

from cnnlab.errors import CnnLabError
from cnnlab.languages import texts
from cnnlab.runs.kinds import TRAIN, Kind
from cnnlab.training.callbacks.metrics import LossNotFiniteError
from cnnlab.worker.memory import MemoryUsedUp, ran_out


def _disk(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return texts("The disk is full.")
    why = error.strerror or texts("no reason is known")
    return texts(f"The disk did not take or give a file ({why}).")


def _memory(error: MemoryUsedUp) -> str:
    if not error.what:
        return texts("The memory of the device is used up.")
    return texts(f"The memory of the device is used up: {error.what}.")


def _smaller(error: MemoryUsedUp) -> str:
    if error.batch_size is None:
        return texts("The batch is one image already: smaller images or a smaller network need less.")
    return texts(f"A batch size of {error.batch_size} should fit; start again with it.")


def explain(error: BaseException, kind: Kind = TRAIN) -> dict[str, Any]:
    """Return ``kind``, ``message`` (what happened) and ``hint`` (what to do) of a failure, for people.

    When the memory was used up in training there is ``batch_size``, too: one that should fit, or None.
    """
    more = {}
    if isinstance(error, CnnLabError):
        name, message, hint = type(error).__name__, str(error), ""
    elif isinstance(error, LossNotFiniteError):
        step = str(error).removeprefix("step ")
        name, message = "diverged", texts(f"The loss became infinite at step {step}.")
        hint = texts("Start again with a learning rate ten times lower.")
    elif isinstance(error, MemoryUsedUp):
        name, message, hint = "memory", _memory(error), _smaller(error)
        more = {"batch_size": error.batch_size}
    elif ran_out(error):
        name, message = "memory", texts("The memory of the device is used up.")
        hint = texts("Start again with smaller images or fewer of them.")
    elif isinstance(error, OSError):
        name, message = "disk", _disk(error)
        hint = texts(
            "Free some space, then go on from the weights of the last epoch."
            if kind is TRAIN
            else "Free some space, then try again."
        )
    else:
        name = type(error).__name__
        message = texts(f"{kind.noun} failed ({name}).")
        in_log = texts("The log.txt in the folder of the run tells more.")
        hint = in_log if kind is TRAIN else texts("Try again.")
    return {"kind": name, "message": message, "hint": hint, **more}
