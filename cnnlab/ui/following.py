"""Watch with me: browsers that follow the teacher's page, read only, and the teacher's switch for it.

A follower's address has ``follow=1``. While it follows, the library refuses every change, see
``access.Visitor.is_following``; the style and the script of the page take the controls away.
"""

from urllib.parse import urlencode

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cnnlab import access
from cnnlab.errors import AccessError
from cnnlab.languages import _
from cnnlab.ui import pulse, qr, shared_screen, visitors
from cnnlab.ui.attempt import attempt, complain
from cnnlab.ui.lessons import standing
from cnnlab.ui.own_component import FRONTEND
from cnnlab.ui.shared_screen import NOT_SHARED, Pairs

FOLLOW = "follow"
PLACE = "shared_screen"
SECONDS = 1.0
"""Between two looks of a follower at where the teacher is."""
_STYLE = FRONTEND / "following.css"
PAGE = "page_shown"
"""Under this name the session knows which page it shows."""
_ON, _LEFT, _WENT, _LEADS = visitors.FOLLOWS, "follow_left", "follow_went", "shows_screen"


def begin() -> None:
    """Read from the address whether this session follows, and style its pages."""
    if (asked := st.query_params.get(FOLLOW)) is not None and not st.session_state.get(_LEFT):
        st.session_state[_ON] = asked == "1"
    if is_on():
        st.html(_STYLE)


def is_on() -> bool:
    """Whether this session follows."""
    return bool(st.session_state.get(_ON))


def keep_up(page: str) -> None:
    """Go where the teacher is, where that is somewhere else.

    Args:
        page: that is about to be shown, by its name.
    """
    if not is_on():
        return
    with st.sidebar:
        pulse.listen(pulse.SCREEN, pulse.word(pulse.SCREEN), SECONDS, key="screen-pulse")
    screen = shared_screen.now()
    if screen is None or st.session_state.get(_WENT) == screen:
        return
    st.session_state[_WENT] = screen
    shown = dict(screen.pairs)
    st.session_state.lab.run_id = shown.get("run")
    standing.follow(shown.get(standing.LESSON))
    if (page, _here()) == (screen.page, screen.pairs):
        return
    query = [*screen.pairs, (FOLLOW, "1")]
    if page != screen.page:
        st.switch_page(f"pages/{screen.page}.py", query_params=query)
    st.query_params.from_dict(_lists(query))


def bar() -> None:
    """Tell whoever follows that they do, with the way out; whoever left, how to come back."""
    with st.container(key="following", horizontal=True, vertical_alignment="center", gap="small"):
        if is_on():
            shown = shared_screen.now() is not None
            words = _("Following the teacher") if shown else _("Waiting: the teacher shares no page now")
            st.markdown(f":material/cast_connected: **{words}** · {_('read only')}", width="content")
            st.button(_("Leave"), key="follow_leave", on_click=_leave)
        elif st.session_state.get(_LEFT) and shared_screen.now():
            st.markdown(f":material/cast: {_('The teacher is sharing a page')}", width="content")
            st.button(_("Follow again"), key="follow_again", on_click=_follow_again)


def invitation() -> None:
    """Offer whoever does not share their own screen to follow what the teacher shares; for a live part."""
    if access.current().has_all_rights or is_on() or st.session_state.get(_LEFT):
        return
    if shared_screen.now():
        st.link_button(
            _("Follow the teacher"),
            f"?{FOLLOW}=1",
            icon=":material/cast:",
            help=_("Opens a tab that shows the teacher's page, read only. This tab stays as it is."),
        )


def switch() -> None:
    """Offer the teacher to share this tab."""
    if is_on() or not access.current().has_all_rights:
        return
    screen = shared_screen.now()
    leads = screen is not None and st.session_state.get(_LEADS) == screen.token
    label = _("Sharing this tab") if leads else _("Watch with me")
    with st.popover(label, icon=":material/cast_connected:" if leads else ":material/cast:"):
        st.markdown(_("Students who open this link see the page of this tab, read only, and follow it."))
        if screen and not leads:
            st.markdown(_("Another of your tabs is shared now."))
        with st.container(horizontal=True):
            if not leads:
                share = _("Share this tab")
                st.button(share, key="share_tab", type="primary", on_click=attempt, args=(PLACE, _share))
            if screen:
                args = (PLACE, shared_screen.stop)
                st.button(_("Stop sharing"), key="share_stop", on_click=attempt, args=args)
        complain(PLACE)
        if screen:
            qr.code("", follow="1")


def for_script() -> dict[str, object]:
    """Return what the script of the page needs, to tell where a shared tab is and to follow one."""
    screen, leads = shared_screen.now(), st.session_state.get(_LEADS)
    may = access.current().has_all_rights
    token = screen.token if screen and leads == screen.token and may else ""
    return {"follows": is_on(), "token": token, "shared": bool(screen and may)}


def kept() -> dict[str, str]:
    """Return what the browser keeps in the address of every page."""
    return {FOLLOW: "1"} if is_on() else {}


async def report(request: Request) -> Response:
    """Take from the teacher's browser where the shared tab is by now: its token, a new line, its address."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return PlainTextResponse("Another site sent this.", 403)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > shared_screen.MOST_BYTES + 100:
            return PlainTextResponse("This address is too long.", 413)
    token, _newline, address = body.decode("utf-8", "replace").partition("\n")
    try:
        with access.acting_as(visitors.of_request(request)):
            shown = await run_in_threadpool(shared_screen.move, token, address)
    except AccessError as error:
        return PlainTextResponse(str(error), 403)
    return PlainTextResponse("", 204 if shown else 409)


def _share() -> None:
    here = urlencode(_here())
    st.session_state[_LEADS] = shared_screen.share(f"{st.session_state.get(PAGE, 'home')}?{here}").token


def lead_again(token: object) -> None:
    """Know the shared tab again, by what its browser has kept, after it was loaded anew."""
    screen = shared_screen.now()
    if screen and access.current().has_all_rights and token == screen.token:
        st.session_state[_LEADS] = screen.token


def _leave() -> None:
    st.session_state[_ON], st.session_state[_LEFT] = False, True
    st.query_params.pop(FOLLOW, None)


def _follow_again() -> None:
    st.session_state[_ON], st.session_state[_LEFT] = True, False
    st.session_state.pop(_WENT, None)
    st.query_params[FOLLOW] = "1"


def _here() -> Pairs:
    names = [name for name in st.query_params if name not in NOT_SHARED]
    return tuple((name, value) for name in names for value in st.query_params.get_all(name))


def _lists(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
