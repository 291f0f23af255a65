"""TensorFlow without its greetings."""

import os
import sys
from pathlib import Path


def import_tensorflow() -> None:
    """Import TensorFlow and Keras; what TensorFlow's libraries print while they load is dropped.

    They print it before they read TF_CPP_MIN_LOG_LEVEL, so only the file descriptor can be silenced.
    """
    sys.stderr.flush()
    standard_error = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        import keras  # noqa: F401
    finally:
        os.dup2(standard_error, 2)
        os.close(standard_error)
