"""Who acts, and whether they may."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cnnlab.errors import AccessError
from cnnlab.languages import texts

TEACHER_ID, GUEST_ID = "teacher", "guest"
OWNER = "owner"
"""The key under which files tell whose something is."""
_ID = re.compile(r"[0-9a-f]{16}")


class Role(StrEnum):
    """What somebody is here."""

    ALONE = "alone"
    TEACHER = "teacher"
    STUDENT = "student"


@dataclass(frozen=True)
class Visitor:
    """Somebody who acts.

    Args:
        id: 16 hexadecimal digits for a student; ``teacher``, all teachers being one; ``guest`` for all
            browsers that keep no cookie; empty for whoever is alone.
        role: what they are here.
        name: what they call themselves, which may be nothing.
        is_following: whether they look at what the teacher shows, which changes nothing.
    """

    id: str
    role: Role
    name: str = ""
    is_following: bool = False

    @property
    def owner(self) -> str:
        """What is written on what they make; empty where it is to belong to nobody."""
        return self.id

    @property
    def has_all_rights(self) -> bool:
        """Whether they may change everything: the teacher, and whoever is alone."""
        return self.role is not Role.STUDENT and not self.is_following

    def may_change(self, owner: str | None) -> bool:
        """Whether they may change what belongs to ``owner``, as files tell it; None and empty: to nobody."""
        is_mine = self.id == owner and _ID.fullmatch(self.id) is not None
        return self.has_all_rights or (is_mine and not self.is_following)

    def called(self) -> str:
        """What a teacher reads: the name, or what tells one nameless student from another."""
        return self.name or called(self.id)


SHELL = Visitor("", Role.ALONE)
"""Whoever has the shell, such as the command line and the threads of the server: all rights."""
GUEST = Visitor(GUEST_ID, Role.STUDENT)
"""All browsers without a cookie of ours are one student, who owns nothing and shares one set of limits."""

_acting: ContextVar[Visitor | None] = ContextVar("acting", default=None)
_sources: list[Callable[[], Visitor | None]] = []


def know_by(source: Callable[[], Visitor | None]) -> None:
    """Let ``source`` tell who acts; where it answers None, it is not asked in a session of the pages."""
    _sources[:] = [source]


def current() -> Visitor:
    """Return who acts here and now; costs next to nothing."""
    if acting := _acting.get():
        return acting
    for source in _sources:
        if found := source():
            return found
    return SHELL


@contextmanager
def acting_as(visitor: Visitor) -> Iterator[None]:
    """Let the block act for somebody: a route of the web server, a worker, a test."""
    token = _acting.set(visitor)
    try:
        yield
    finally:
        _acting.reset(token)


def require(owner: str | None, action: str) -> None:
    """Refuse what the current visitor may not do.

    Args:
        owner: whose the thing is.
        action: what is to be done, after "may": ``stop this run``.

    Raises:
        AccessError: it is not theirs.
    """
    refuse_follower()
    if not current().may_change(owner):
        raise AccessError(f"Only {_whose(owner)} may {action}.")


def refuse_follower() -> None:
    """Refuse what changes something while the current visitor follows the teacher.

    Raises:
        AccessError: they do.
    """
    if current().is_following:
        raise AccessError("This tab follows the teacher, read only; leave it to change something yourself.")


def _whose(owner: str | None) -> str:
    is_nobodys = not owner or owner in (TEACHER_ID, GUEST_ID)
    return texts("the teacher" if is_nobodys else "its owner or the teacher")


def refusal(owner: str | None, action: str) -> str:
    """Return the sentence of ``require`` for the help of a disabled button; empty where they may."""
    try:
        require(owner, action)
    except AccessError as error:
        return str(error)
    return ""


def owner_in(document: Any) -> str:
    """Return whose something is, by the document beside it; empty, for nobody's, where that does not tell."""
    found = document.get(OWNER) if isinstance(document, Mapping) else None
    return found if isinstance(found, str) and is_owner(found) else ""


def mark(owner: str | None = None) -> dict[str, str]:
    """Return what a document has more to say whose something is: of the current visitor, or of ``owner``.

    Raises:
        AccessError: the current visitor follows the teacher, and makes nothing.
    """
    refuse_follower()
    whose = current().owner if owner is None else owner
    return {OWNER: whose} if whose else {}


def is_owner(text: str) -> bool:
    """Whether a text is the id of somebody who can own things."""
    return text in (TEACHER_ID, GUEST_ID) or _ID.fullmatch(text) is not None


def called(owner: str | None) -> str:
    """Return how a page names an owner who has no name."""
    if not owner:
        return "nobody"
    if owner == TEACHER_ID:
        return "Teacher"
    return "Guest" if owner == GUEST_ID else f"Student {owner[:4]}"
