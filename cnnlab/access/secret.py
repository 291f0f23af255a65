"""What signs cookies: random bytes in a file of the workspace that only its owner can read."""

import base64
import hashlib
import hmac
import os
import secrets
import stat
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cnnlab import workspace
from cnnlab.shelf import replacing

BYTES = 32
SHORTEST = 20
_PRIVATE = 0o600


def folder() -> Path:
    """Return the folder of what access needs, made when missing; only its owner can look into it.

    Raises:
        OSError: it cannot be made.
    """
    place = workspace.home() / "access"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def kept(name: str, make: str) -> str:
    """Return the text of a private file; ``make`` is written where there is none, or none worth the name.

    Of several servers that begin at the same moment one writes, and all read that.

    Raises:
        OSError: the file can be neither read nor written.
    """
    path = folder() / name
    with workspace.locked("access"):
        with suppress(FileNotFoundError, UnicodeDecodeError):
            if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) != _PRIVATE:
                path.chmod(_PRIVATE)
            if len(found := path.read_text("ascii").strip()) >= SHORTEST:
                return found
        with replacing(path) as aside, open(aside, "x", opener=_privately) as file:
            file.write(make)
    return make


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, _PRIVATE)


def signature(purpose: str, text: str) -> str:
    """Return what proves that this workspace wrote ``text`` for a purpose: 43 characters."""
    key = _secret(workspace.home())
    signed = hmac.digest(key, f"{purpose}\0{text}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def is_signed(purpose: str, text: str, found: str) -> bool:
    """Whether a signature is right; takes as long whatever is wrong with it."""
    return hmac.compare_digest(signature(purpose, text).encode(), found.encode())


@lru_cache(maxsize=4)
def _secret(home: Path) -> bytes:
    """Return the secret of a workspace; of one that cannot be written one as long as the server lasts."""
    try:
        return kept("secret", secrets.token_hex(BYTES)).encode()
    except OSError:
        return secrets.token_bytes(BYTES)
