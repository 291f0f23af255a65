"""A ZIP that somebody uploads to be opened by a job: kept on the disk until that is done."""

import tempfile
from pathlib import Path

from cnnlab import workspace
from cnnlab.access import disk, limits
from cnnlab.errors import CnnLabError
from cnnlab.runs.kinds import Kind
from cnnlab.streamlit_internals import UploadedFile, forget_upload
from cnnlab.ui import jobs

_PREFIX = ".uploaded-"
_KEPT_SECONDS = 3600


def ask_to_open(kind: Kind, file: UploadedFile) -> str:
    """Ask for a job of this kind to open an upload, and return the path of the file that it opens.

    Raises:
        AccessError: it is more than a student may bring.
        CnnLabError: the job is refused, or the file cannot be written; then nothing is kept.
    """
    path = _stored(file.getbuffer())
    forget_upload(file)
    try:
        jobs.ask(kind, zip=str(path))
    except CnnLabError:
        path.unlink(missing_ok=True)
        raise
    return str(path)


@workspace.writing()
def _stored(data: memoryview) -> Path:
    """Write an upload where the process finds it; what was forgotten there goes."""
    limits.check_upload(len(data))
    disk.check(len(data))
    folder = workspace.runs_dir()
    workspace.purge(folder, f"{_PREFIX}*", _KEPT_SECONDS)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=_PREFIX, suffix=".zip", delete=False) as file:
        file.write(data)
    return Path(file.name)
