"""The teacher's token, and who comes in with which cookies.

A server has one ``Door``: with a token there are a teacher and students; without one, whoever comes from the
machine itself has all rights, and nobody else has any.
"""

import hmac
import ipaddress
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cnnlab.access import cookies as jar
from cnnlab.access import secret
from cnnlab.access.visitor import GUEST, SHELL, Visitor
from cnnlab.errors import AccessError

VARIABLE = "CNNLAB_TEACHER_TOKEN"
SINGLE_USER = "CNNLAB_SINGLE_USER"
"""Set to 1 where a proxy lets one person in and nobody else, as JupyterHub does."""
SHORTEST = 12
TRIES, PAUSE_SECONDS = 5, 60.0
"""So many wrong tokens of one address, then none is looked at for so long."""
TRIES_OF_ALL = 1_000
"""So many wrong tokens of all addresses within the pause."""
MOST_ADDRESSES = 1_000
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_TOKEN = re.compile(rf"[!-~]{{{SHORTEST},200}}")


def checked(token: str) -> str:
    """Return a teacher's token without the spaces around it.

    Raises:
        AccessError: it is too easy to guess, or cannot stand in an address.
    """
    token = token.strip()
    if not _TOKEN.fullmatch(token):
        raise AccessError(
            f"The teacher's token must have {SHORTEST} to 200 letters, digits or signs without spaces; set "
            f"another one as {VARIABLE} or as teacher_token in .streamlit/secrets.toml."
        )
    return token


def made() -> str:
    """Return the token that this workspace has made for itself: the same at the next start."""
    try:
        return secret.kept("teacher_token", secrets.token_urlsafe(24))
    except OSError:
        return secrets.token_urlsafe(24)


@dataclass
class Door:
    """Tells who a browser is, and lets a teacher in.

    Args:
        token: the teacher's; None where there is none: the server is for one person on its machine.
        is_served: whether browsers come over a network; in tests and notebooks none do, so who is without any
            headers is no browser.
        has_one_user: whether somebody else has seen to it that one person alone reaches the server.
    """

    token: str | None = field(default=None, repr=False)
    is_served: bool = False
    has_one_user: bool = False
    _tries: "Tries" = field(default_factory=lambda: Tries(), repr=False)

    @property
    def has_roles(self) -> bool:
        """Whether there are a teacher and students here."""
        return self.token is not None

    def visitor(self, cookies: Mapping[str, str], headers: Mapping[str, str]) -> Visitor:
        """Return who a browser is, by what it sent when it connected; names of headers are small letters."""
        if self.token is None:
            nobody_asks = not (self.is_served or headers)
            return SHELL if self.has_one_user or nobody_asks or is_from_here(headers) else GUEST
        return jar.visitor_in(cookies, self.token) or GUEST

    def let_in(self, shown: str, address: str) -> str:
        """Return the cookie of a teacher for whoever shows the token.

        Args:
            shown: what was shown.
            address: where it came from: wrong ones are counted by it.

        Raises:
            AccessError: it is wrong, or too many wrong ones were shown; or there are no roles here.
        """
        if self.token is None:
            raise AccessError("There is no teacher's link: whoever sits at this machine has all rights.")
        self._tries.refuse_too_many(address)
        if not hmac.compare_digest(shown.strip().encode(), self.token.encode()):
            self._tries.count(address)
            raise AccessError("This is not the teacher's token; use the link that the server printed.")
        return jar.for_teacher(self.token)

    def sign_out(self, cookies: Mapping[str, str]) -> None:
        """Make a teacher a student again, in every tab of the browser.

        Raises:
            AccessError: that cannot be written down, so it would not outlive a restart of the server.
        """
        if self.token is None:
            return
        try:
            jar.sign_out(cookies, self.token)
        except OSError as error:
            raise AccessError(
                f"Signing out cannot be written down ({error.strerror}); delete this site's cookies instead."
            ) from error


def is_from_here(headers: Mapping[str, str]) -> bool:
    """Whether a browser asked for this very machine by its own name, and no proxy stands between."""
    if any(name in headers for name in FORWARDED):
        return False
    return is_loopback(f"//{headers.get('host', '')}") and is_loopback(headers.get("origin", "//localhost"))


def is_loopback(address: str) -> bool:
    """Whether an address such as ``//localhost:8501`` or ``http://127.0.0.1`` means the machine itself."""
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Tries:
    """Counts wrong tokens: of each address, and of all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: OrderedDict[str, list[float]] = OrderedDict()
        self._all: list[float] = []

    def refuse_too_many(self, address: str) -> None:
        """Raise where a token of this address is not looked at now.

        Raises:
            AccessError: too many wrong ones came.
        """
        with self._lock:
            now = time.monotonic()
            mine = self._recent(self._of.get(address, []), now)
            self._all = self._recent(self._all, now)
            if len(mine) >= TRIES or len(self._all) >= TRIES_OF_ALL:
                raise AccessError(f"Too many wrong tokens; try again in {PAUSE_SECONDS:.0f} seconds.")

    def count(self, address: str) -> None:
        """Note a wrong token."""
        with self._lock:
            now = time.monotonic()
            self._of[address] = [*self._recent(self._of.pop(address, []), now), now]
            self._all.append(now)
            while len(self._of) > MOST_ADDRESSES:
                self._of.popitem(last=False)

    @staticmethod
    def _recent(times: list[float], now: float) -> list[float]:
        return [at for at in times if now - at < PAUSE_SECONDS]


_door = [Door()]


def door() -> Door:
    """Return the door of this server; before ``hang`` it is one without roles."""
    return _door[0]


def hang(new: Door) -> None:
    """Give the server its door: once, when it starts."""
    _door[0] = new
