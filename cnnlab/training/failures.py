"""Why a run failed, in one sentence that says what to do; the traceback stays in the run's log."""

import errno

import tensorflow as tf

from cnnlab.errors import CnnLabError
from cnnlab.training.callbacks.metrics import LossNotFiniteError


def explain(error: BaseException) -> dict[str, str]:
    """Return ``kind``, ``message`` (for people) and ``hint`` of a failure."""
    if isinstance(error, CnnLabError):
        kind, message, hint = type(error).__name__, str(error), ""
    elif isinstance(error, LossNotFiniteError):
        kind, hint = "diverged", "lower the learning rate"
        message = f"The loss became infinite at {error}; start again with a learning rate ten times lower."
    elif isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        kind, hint = "memory", "halve the batch size"
        message = "The memory of the device is used up; start again with half the batch size."
    elif isinstance(error, OSError) and error.errno == errno.ENOSPC:
        kind, hint = "disk", "free some space"
        message = "The disk is full; free some space and start again, the weights of the last epoch are kept."
    else:
        kind, hint = type(error).__name__, "see log.txt"
        message = f"Training failed ({type(error).__name__}); the run's log.txt tells more."
    return {"kind": kind, "message": message, "hint": hint}
