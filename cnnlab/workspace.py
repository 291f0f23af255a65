"""Where datasets and runs live: ``$CNNLAB_HOME``, by default ``~/.cnnlab``."""

import os
from pathlib import Path

from cnnlab.errors import WorkspaceError


def home() -> Path:
    """Return the workspace folder as an absolute path; it may not exist yet."""
    return Path(os.environ.get("CNNLAB_HOME") or "~/.cnnlab").expanduser().absolute()


def datasets_dir() -> Path:
    """Return ``home()/datasets``, created when missing.

    Raises:
        WorkspaceError: the folder cannot be created.
    """
    return _made(home() / "datasets")


def runs_dir() -> Path:
    """Return ``home()/runs``, created when missing.

    Raises:
        WorkspaceError: the folder cannot be created.
    """
    return _made(home() / "runs")


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"{folder} cannot be created ({error.strerror}); set CNNLAB_HOME to a folder you may write to."
        ) from error
    return folder
