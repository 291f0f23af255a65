"""Files from the network: with progress, a checksum and a time limit, and never half a file.

Datasets lie in ``CNNLAB_HOME/datasets``, pretrained weights in ``$KERAS_HOME/models``; a dataset that Keras
has fetched before (``$KERAS_HOME/datasets``) is used as it is. ``CNNLAB_MIRROR`` names another server to
fetch from, so that a class can download from its teacher: ``http://teacher:8000`` then has to offer
``http://teacher:8000/cifar-10-python.tar.gz``.
"""

import hashlib
import os
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

from cnnlab import workspace
from cnnlab.errors import DatasetError, DownloadError

Progress = Callable[[float, str], None]
"""Called with the share done, 0 to 1, and what is being done."""

TIMEOUT_SECONDS = 20
CHUNK = 2**18


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch.

    ``sha256`` and ``md5`` are empty when none is published; ``begins`` are the first bytes of its format,
    unlike those of a page that some gateway answers with. ``keras_name`` is what Keras calls it in its cache.
    """

    name: str
    url: str
    sha256: str
    megabytes: float
    keras_name: str = ""
    md5: str = ""
    begins: bytes = b""

    def path(self) -> Path | None:
        """Return where the dataset's file lies on this machine, or None."""
        places = (
            workspace.datasets_dir() / self.name,
            keras_home() / "datasets" / (self.keras_name or self.name),
        )
        return next((place for place in places if place.is_file()), None)


def keras_home() -> Path:
    """Return the folder of what Keras has fetched: ``$KERAS_HOME``, by default ``~/.keras``."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()


def fetch(file: RemoteFile, progress: Progress) -> Path:
    """Return the path of a dataset's file, after downloading it where it is missing.

    Raises:
        DownloadError: see :func:`download`.
    """
    return file.path() or download(file, workspace.datasets_dir(), progress)


def download(file: RemoteFile, folder: Path, progress: Progress) -> Path:
    """Download a file into ``folder``, made when missing, under its own name; return its path.

    Raises:
        DownloadError: no network, a server that hangs or answers with an error, a broken or changed file, a
            folder that cannot be written. The folder is left as it was.
    """
    mirror = os.environ.get("CNNLAB_MIRROR")
    url = f"{mirror.rstrip('/')}/{file.name}" if mirror else file.url
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
            part = Path(temporary) / file.name
            _stream(url, part, file, progress)
            return part.replace(folder / file.name)
    except (OSError, HTTPException, ValueError) as error:
        reason = error if isinstance(error, HTTPError) else getattr(error, "reason", error)
        raise DownloadError(
            f"{file.name} could not be downloaded ({reason}); fetch {url} by hand and put it into {folder}."
        ) from error


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
    sha256, md5, received = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, part.open("wb") as target:
        expected = int(answer.headers.get("Content-Length") or file.megabytes * 1e6)
        while chunk := answer.read(CHUNK):
            if not received and not chunk.startswith(file.begins):
                raise ValueError("what arrives is not the published file")
            target.write(chunk)
            sha256.update(chunk)
            md5.update(chunk)
            received += len(chunk)
            progress(min(received / expected, 1.0), f"{received / 1e6:.0f} of {expected / 1e6:.0f} MB")
    if received < expected and answer.headers.get("Content-Length"):
        raise ValueError(f"the connection ended after {received / 1e6:.1f} of {expected / 1e6:.1f} MB")
    for published, digest in ((file.sha256, sha256), (file.md5, md5)):
        if published and digest.hexdigest() != published:
            raise ValueError("what arrived is not the published file")
