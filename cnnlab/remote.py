"""Files from the network: with progress, a checksum and a time limit, and never half a file.

Datasets lie in ``CNNLAB_HOME/datasets``, pretrained weights in ``$KERAS_HOME/models``; a dataset that Keras
has fetched before (``$KERAS_HOME/datasets``) is used as it is. ``CNNLAB_MIRROR`` names another server to
fetch from, so that a class can download from its teacher: ``http://teacher:8000`` then has to offer
``http://teacher:8000/cifar-10-python.tar.gz``.
"""

import hashlib
import os
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib.error import HTTPError

from cnnlab import workspace
from cnnlab.errors import DatasetError, DownloadError
from cnnlab.languages import texts

Progress = Callable[[float, str], object]
"""Called with the fraction done, 0 to 1, and what is being done."""

TIMEOUT_SECONDS = 20
CHUNK = 2**18
ATTEMPTS = 5
"""How often a download that made progress and broke off is taken up again."""
PARTIAL = 206


class BrokenOffError(ValueError):
    """The connection ended before the file did."""


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
        with workspace.scratch(folder) as temporary:
            part = temporary / file.name
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
    """Write the answer to ``part``; a connection that breaks off is taken up again where it ended.

    Raises:
        ValueError: what arrived is not the published file, or not whole.
        OSError, HTTPException: the server cannot be reached, hangs, or answers with an error.
    """
    for attempts_left in reversed(range(ATTEMPTS)):
        before = part.stat().st_size if part.exists() else 0
        try:
            _receive(url, part, file, progress)
            break
        except (OSError, HTTPException, BrokenOffError):
            if not attempts_left or not part.exists() or part.stat().st_size <= before:
                raise
    _refuse_another_file(part, file)


def _receive(url: str, part: Path, file: RemoteFile, progress: Progress) -> None:
    """Add what is missing to ``part``; a server that cannot start in the middle begins anew."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        received = have if answer.status == PARTIAL else 0
        length = answer.headers.get("Content-Length")
        expected = received + int(length) if length else int(file.megabytes * 1e6)
        with part.open("ab" if received else "wb") as target:
            if not received:
                target.write(_expected_start(answer, file))
                received = target.tell()
            while chunk := answer.read1(CHUNK):
                target.write(chunk)
                received += len(chunk)
                progress(min(received / expected, 1.0), f"{received / 1e6:.0f} of {expected / 1e6:.0f} MB")
    if length and received < expected:
        raise BrokenOffError(
            texts(f"the connection ended after {received / 1e6:.1f} of {expected / 1e6:.1f} MB")
        )


def _expected_start(answer: IO[bytes], file: RemoteFile) -> bytes:
    """Read as many bytes as the format is known by: a page that a gateway answers with is refused at once."""
    if (start := answer.read(len(file.begins))) != file.begins:
        raise ValueError(texts("what arrives is not the published file"))
    return start


def _refuse_another_file(part: Path, file: RemoteFile) -> None:
    for name, published in (("sha256", file.sha256), ("md5", file.md5)):
        if not published:
            continue
        with part.open("rb") as whole:
            digest = hashlib.file_digest(whole, partial(hashlib.new, name, usedforsecurity=False))
        if digest.hexdigest() != published:
            raise ValueError(texts("what arrived is not the published file"))
    if not (file.sha256 or file.md5) and part.suffix == ".zip":
        _refuse_torn_zip(part)


def _refuse_torn_zip(path: Path) -> None:
    """Check every member's own sum: all there is to go by where no checksum is published."""
    try:
        with zipfile.ZipFile(path) as archive:
            torn = archive.testzip()
    except Exception as error:  # zipfile, zlib and struct each have their own
        raise ValueError(texts("what arrived is not a whole ZIP file")) from error
    if torn:
        raise ValueError(texts(f"{torn} is damaged within the ZIP"))
