"""Files from the network: with progress, a checksum and a time limit, and never half a file.

A file lies in ``CNNLAB_HOME/datasets``; one that Keras has fetched before (``$KERAS_HOME/datasets``) is used
as it is. ``CNNLAB_MIRROR`` names another server to fetch from, so that a class can download from its
teacher: ``http://teacher:8000`` then has to offer ``http://teacher:8000/cifar-10-python.tar.gz``.
"""

import hashlib
import os
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

from cnnlab import workspace
from cnnlab.datasets.imageset import Progress
from cnnlab.errors import DatasetError, DownloadError

TIMEOUT_SECONDS = 20
CHUNK = 2**18


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch.

    ``sha256`` is empty when none is published; ``keras_name`` is what Keras calls it in its cache.
    """

    name: str
    url: str
    sha256: str
    megabytes: float
    keras_name: str = ""

    def path(self) -> Path | None:
        """Return where the file lies on this machine, or None."""
        keras_home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
        places = (
            workspace.datasets_dir() / self.name,
            keras_home / "datasets" / (self.keras_name or self.name),
        )
        return next((place for place in places if place.is_file()), None)


def fetch(file: RemoteFile, progress: Progress) -> Path:
    """Return the file's path, after downloading it where it is missing.

    Raises:
        DownloadError: no network, a server that hangs or answers with an error, a broken or changed file. The
            folder is left as it was.
    """
    if path := file.path():
        return path
    folder = workspace.datasets_dir()
    mirror = os.environ.get("CNNLAB_MIRROR")
    url = f"{mirror.rstrip('/')}/{file.name}" if mirror else file.url
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
        part = Path(temporary) / file.name
        try:
            _stream(url, part, file, progress)
        except (OSError, HTTPException, ValueError) as error:
            reason = error if isinstance(error, HTTPError) else getattr(error, "reason", error)
            raise DownloadError(
                f"{file.name} could not be downloaded ({reason}); "
                f"fetch {url} by hand and put it into {folder}."
            ) from error
        return part.replace(folder / file.name)


@contextmanager
def damaged(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while a downloaded file is read into one sentence about that file."""
    try:
        yield
    except Exception as error:  # a mangled archive raises whatever its reader trips over
        reason = str(error).partition("\n")[0].rstrip(":")
        raise DatasetError(f"{path} is damaged ({reason}); delete it and download it again.") from error


def _stream(url: str, part: Path, file: RemoteFile, progress: Progress) -> None:
    """Write the answer to ``part``; ``ValueError`` when it is not the published file."""
    digest, received = hashlib.sha256(), 0
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, part.open("wb") as target:
        expected = int(answer.headers.get("Content-Length") or file.megabytes * 1e6)
        while chunk := answer.read(CHUNK):
            target.write(chunk)
            digest.update(chunk)
            received += len(chunk)
            progress(min(received / expected, 1.0), f"{received / 1e6:.0f} of {expected / 1e6:.0f} MB")
    if received < expected and answer.headers.get("Content-Length"):
        raise ValueError(f"the connection ended after {received / 1e6:.1f} of {expected / 1e6:.1f} MB")
    if file.sha256 and digest.hexdigest() != file.sha256:
        raise ValueError("what arrived is not the published file")
