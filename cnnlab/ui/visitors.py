"""Who looks at a page, as its browser's cookies tell; and how buttons say that they are not for everybody.

The rights themselves are checked in the library, see ``cnnlab.access``: a button that is disabled here is a
courtesy, no lock.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st
from starlette.requests import Request

from cnnlab import access, runs
from cnnlab.access import Role, Visitor, people
from cnnlab.access.entry import FORWARDED
from cnnlab.access.visitor import GUEST_ID, TEACHER_ID
from cnnlab.languages import _
from cnnlab.runs import Run
from cnnlab.streamlit_internals import is_in_a_session
from cnnlab.ui.wording import refusal

KEPT_SECONDS = 0.5
"""So long an answer holds for the same cookies: a page asks some dozen times."""
_SENT, _KNOWN = "visitor_sent", "visitor_known"
FOLLOWS = "follows_teacher"
"""Under this name a session knows that it follows, see ``following``: whoever it is changes nothing."""
Sent = tuple[dict[str, str], dict[str, str]]


def sent() -> Sent:
    """Return the cookies and those headers that matter, with which the browser of this session connected."""
    cookies, headers = st.context.cookies.to_dict(), st.context.headers
    return cookies, {name: value for name in ("host", "origin", *FORWARDED) if (value := headers.get(name))}


def visitor() -> Visitor:
    """Return who looks at this page."""
    return access.current()


def of_session() -> Visitor | None:
    """Return whose session this code runs in; None outside of any."""
    if not is_in_a_session():
        return None
    now = sent()
    if now[1] or _SENT not in st.session_state:
        st.session_state[_SENT] = now
    now = st.session_state[_SENT]  # of a browser that has gone, what it was known by
    known = st.session_state.get(_KNOWN)
    if known is None or known[0] != now or time.monotonic() - known[1] > KEPT_SECONDS:
        known = st.session_state[_KNOWN] = (now, time.monotonic(), access.door().visitor(*now))
    return replace(known[2], is_following=True) if st.session_state.get(FOLLOWS) else known[2]


def of_request(request: Request) -> Visitor:
    """Return who asks one of our routes."""
    return access.door().visitor(request.cookies, _headers(request.headers))


def address_of(request: Request) -> str:
    """Return the address by which wrong tokens are counted: behind a proxy here, that of its client."""
    peer = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return (forwarded or peer)[:60] if peer in {"", "127.0.0.1", "::1"} else peer


def sign_out() -> None:
    """Make the teacher who looks at this page a student again, in every tab of the browser.

    Raises:
        AccessError: that cannot be written down.
    """
    access.door().sign_out(sent()[0])
    st.session_state.pop(_KNOWN, None)


def allowed(
    owner: str | None, action: str, disabled: bool = False, help: str | None = None
) -> dict[str, Any]:
    """Return ``disabled`` and ``help`` for a button that does ``action`` with what is ``owner``'s.

    Args:
        owner: whose it is.
        action: as in ``access.require``.
        disabled: whether the button is of no use anyway.
        help: what it says where it may be pressed.
    """
    refused = access.refusal(owner, action)
    return {"disabled": disabled or bool(refused), "help": refusal(refused) if refused else help}


def owner_of(run: Run) -> str:
    """Return whose a run is, as it is known already: no file is read."""
    return next((seen.owner for seen in runs.overview() if seen.run == run), "")


def of_run(run: Run, action: str, disabled: bool = False, help: str | None = None) -> dict[str, Any]:
    """Return what ``allowed`` does for a button that does ``action`` with a run."""
    if access.current().has_all_rights:
        return {"disabled": disabled, "help": help}
    return allowed(owner_of(run), action, disabled, help)


def may_change(owner: str | None) -> bool:
    """Whether who looks at this page may change what is ``owner``'s."""
    return access.current().may_change(owner)


def whose(owner: str | None) -> str:
    """Say whose something is: to the teacher by name, to students only which are theirs; else nothing."""
    visitor = access.current()
    if visitor.role is Role.TEACHER:
        return people.name_of(owner) or called(owner)
    return _("yours") if visitor.role is Role.STUDENT and visitor.may_change(owner) else ""


def called(owner: str | None) -> str:
    """Return how a page names an owner who has no name, as ``access.called``, in its language."""
    if not owner:
        return _("nobody")
    if owner == TEACHER_ID:
        return _("Teacher")
    return _("Guest") if owner == GUEST_ID else _("Student {code}", code=owner[:4])


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name in ("host", "origin", *FORWARDED) if (value := headers.get(name))}


access.know_by(of_session)
