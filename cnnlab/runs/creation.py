"""New runs: a folder with a name that only the server makes, in the state queued."""

import platform
import secrets
import shutil
import time
from importlib import metadata
from pathlib import Path

from cnnlab import access, workspace
from cnnlab.languages import texts
from cnnlab.runs import admission
from cnnlab.runs.run import SHELF, Run
from cnnlab.runs.status import Status
from cnnlab.settings import RunConfig
from cnnlab.shelf import slug, write_json

_VERSIONED = ("tensorflow", "keras", "numpy", "opencv-python-headless")


def create(config: RunConfig, claimed: bool = False) -> Run:
    """Make the folder of a new run in the state queued; a claimed one is left alone by supervisors.

    Raises:
        WorkspaceError: the disk is full, or the folder for runs cannot be written.
        AccessError: it is more than a student may ask for.
    """
    folder = None
    try:
        with admission.asked_for(config):
            folder = _new_folder(config)
            return furnished(folder, config, claimed)
    except OSError as error:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        raise workspace.unwritable(error) from error


def furnished(folder: Path, config: RunConfig, claimed: bool = False) -> Run:
    """Make an empty folder a run in the state queued.

    Raises:
        OSError: it cannot be written.
    """
    run = Run(folder)
    for part in ("control", "checkpoints"):
        (run.folder / part).mkdir()
    if claimed:
        run.claim()
    versions = {"python": platform.python_version(), **{name: _version(name) for name in _VERSIONED}}
    document = {"config": config.to_dict(), "versions": versions, **access.mark()}
    write_json(run.folder / "config.json", document)
    run.write_status(Status(epochs=config.epochs, created=time.time(), message=texts("Waiting.")))
    return run


def new_id(config: RunConfig) -> str:
    """Return an id that no run has yet, readable from the settings."""
    words = f"{config.architecture}-{Path(config.dataset).stem}"
    while True:
        name = f"{slug(words, 30) or 'run'}-{secrets.token_hex(3)}"
        if not SHELF.path(name).exists():
            return name


def _new_folder(config: RunConfig) -> Path:
    while True:
        folder = SHELF.folder() / new_id(config)
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
