"""Why a run failed, in one sentence that says what to do; the traceback stays in the run's log."""

import errno

import tensorflow as tf

from cnnlab.errors import CnnLabError
from cnnlab.training.callbacks.metrics import LossNotFiniteError


def _disk(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "The disk is full."
    return f"The disk did not take or give a file of this run ({error.strerror or 'no reason is known'})."


def explain(error: BaseException) -> dict[str, str]:
    """Return ``kind``, ``message`` (what happened) and ``hint`` (what to do) of a failure, for people."""
    if isinstance(error, CnnLabError):
        kind, message, hint = type(error).__name__, str(error), ""
    elif isinstance(error, LossNotFiniteError):
        kind, message = "diverged", f"The loss became infinite at {error}."
        hint = "Start again with a learning rate ten times lower."
    elif isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        kind, message = "memory", "The memory of the device is used up."
        hint = "Start again with half the batch size."
    elif isinstance(error, OSError):
        kind, message = "disk", _disk(error)
        hint = "Free some space, then go on from the weights of the last epoch."
    else:
        kind, message = type(error).__name__, f"Training failed ({type(error).__name__})."
        hint = "The log.txt in the folder of the run tells more."
    return {"kind": kind, "message": message, "hint": hint}
