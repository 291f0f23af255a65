"""What the teacher shows to those who follow: a page of this app with its address, one for the server.

It is kept in ``CNNLAB_HOME/shared_screen.json`` too, so that a server that starts again goes on with it:

    {"page": "train", "query": "run=lenet5-digits-257a0d", "token": "5f0c…"}

The token tells the one tab that is shown from the teacher's other tabs.
"""

import json
import re
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from cnnlab import access, workspace
from cnnlab.errors import AccessError
from cnnlab.shelf import write_json

NOT_SHARED = {"present", "follow", "lang", "embed", "embed_options"}
"""Of an address: how one browser looks at it."""
NAME = "shared_screen.json"
MOST_BYTES, MOST_PARAMETERS, LONGEST_VALUE = 5_000, 60, 2_000
_PARAMETER = re.compile(r"[A-Za-z_][\w-]{0,39}", re.ASCII)
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Screen:
    """A page by its name, the parameters of its address in their order, and whose tab it is."""

    page: str
    pairs: Pairs
    token: str = ""

    @property
    def word(self) -> str:
        """The address from the root of the app on: ``train?run=lenet5-digits-257a0d``."""
        return f"{self.page}?{urlencode(self.pairs)}"


class _Kept:
    """The screen of one workspace, read from the disk once."""

    def __init__(self, home: Path):
        self.path = home / NAME
        self.lock = threading.Lock()
        self.screen = self._read()

    def _read(self) -> Screen | None:
        with suppress(OSError, ValueError, RecursionError, AccessError, TypeError, KeyError):
            with self.path.open("rb") as file:
                known = json.loads(file.read(4 * MOST_BYTES))
            if re.fullmatch(r"[0-9a-f]{16}", known["token"]):
                return screen_of(f"{known['page']}?{known['query']}", known["token"])
        return None

    def keep(self, screen: Screen | None) -> None:
        """Change it in memory, whatever the disk says."""
        self.screen = screen
        try:
            if screen:
                document = {"page": screen.page, "query": urlencode(screen.pairs), "token": screen.token}
                self.path.parent.mkdir(parents=True, exist_ok=True)
                write_json(self.path, document)
            else:
                self.path.unlink(missing_ok=True)
        except OSError:
            return  # a full disk: a restart of the server would forget it


_of = cache(_Kept)


def _kept() -> _Kept:
    return _of(workspace.home())


@cache
def pages() -> frozenset[str]:
    """Return the names of the pages of this app."""
    return frozenset(path.stem for path in (Path(__file__).parents[2] / "pages").glob("*.py"))


def screen_of(address: str, token: str = "") -> Screen:
    """Return the screen of an address such as ``train?run=…``; it may come from anybody.

    What its parameters say is for the page to check, as with any address that people type.

    Raises:
        AccessError: it is no address of a page here.
    """
    page, _, query = address.partition("?")
    page = page.strip("/") or "home"
    try:
        if len(address) > MOST_BYTES or page not in pages():
            raise ValueError
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="strict")
        usable = tuple((name, value) for name, value in pairs if name not in NOT_SHARED)
        if any(not _PARAMETER.fullmatch(name) or _is_odd(value) for name, value in usable):
            raise ValueError
    except ValueError:
        raise AccessError("This is no address of a page here; open the page from the navigation.") from None
    return Screen(page, usable, token)


def _is_odd(value: str) -> bool:
    return len(value) > LONGEST_VALUE or not value.isprintable()


def now() -> Screen | None:
    """Return what is shown; None while nobody shows anything. Costs next to nothing."""
    return _kept().screen


def word() -> str:
    """Return the address that is shown, another one once it has changed; empty while nothing is."""
    return screen.word if (screen := now()) else ""


def share(address: str) -> Screen:
    """Show a page from now on, in place of whatever was shown.

    Raises:
        AccessError: only the teacher may; or it is no address of a page.
    """
    access.require(None, "show the class a page")
    screen = screen_of(address, secrets.token_hex(8))
    kept = _kept()
    with kept.lock:
        kept.keep(screen)
    return screen


def move(token: str, address: str) -> bool:
    """Show where the tab with this token is by now; return whether it is the one that is shown.

    Raises:
        AccessError: only the teacher may; or it is no address of a page.
    """
    access.require(None, "show the class a page")
    kept = _kept()
    with kept.lock:
        if kept.screen is None or not secrets.compare_digest(kept.screen.token.encode(), token.encode()):
            return False
        if (screen := screen_of(address, token)) != kept.screen:
            kept.keep(screen)
    return True


def stop() -> None:
    """Show nothing any more.

    Raises:
        AccessError: only the teacher may.
    """
    access.require(None, "stop showing the class a page")
    kept = _kept()
    with kept.lock:
        kept.keep(None)
