"""The teacher's link: a page of its own that takes the token and gives a cookie for it. Students' cookies.

    https://SERVER/cnnlab/teacher#TOKEN

What stands behind ``#`` never leaves the browser by itself: it is in no log of a server or a proxy and in no
Referer. The page takes it out of the address bar at once and sends it in the body of a form; the browser then
goes on to the app. Without a script, or the ``#``, the token can be typed.
"""

import base64
import hashlib
import html
import os
import sys
import time
from contextlib import suppress
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from cnnlab import access
from cnnlab.access import cookies as jar
from cnnlab.access import entry
from cnnlab.errors import AccessError
from cnnlab.languages import catalogues, sentences, texts
from cnnlab.streamlit_internals import address, network_address
from cnnlab.ui import language, visitors
from cnnlab.ui.frame import HTML_NAMES

SECRET = "teacher_token"
"""The name of the token in .streamlit/secrets.toml."""
MOST_BYTES = 1_000
SCRIPT = """
const token = decodeURIComponent(location.hash.slice(1));
history.replaceState(null, "", location.pathname);
if (token) {
  document.forms[0].token.value = token;
  document.forms[0].submit();
}
"""
STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 26rem; margin: 15vh auto; padding: 0 1rem }
input, button { font: inherit; padding: .5rem .75rem; box-sizing: border-box; width: 100%; margin-top: .5rem }
"""
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>CNN Lab: {teacher}</title>
<meta name="viewport" content="width=device-width"><style>{style}</style></head>
<body><h1>{teacher}</h1><p role="status">{said}</p>
<form method="post" autocomplete="off"><label for="token">{token}</label>
<input id="token" name="token" type="password" required maxlength="200">
<button>{sign_in}</button></form>
<script>{script}</script></body></html>
"""
WORDS = texts({"teacher": "Teacher", "token": "Token", "sign_in": "Sign in"})


def _digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; script-src {_digest(SCRIPT)}; "
    f"style-src {_digest(STYLE)}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def base_path() -> str:
    """Return the path below which the server answers, without a slash at its end: ``/class/room``."""
    return "/".join(("", *filter(None, config.get_option("server.baseUrlPath").split("/"))))


async def teacher(request: Request) -> Response:
    """Show the page that takes the token, or take it."""
    if request.method != "POST":
        said = texts("Open the link that the server printed when it started, or type its token.")
        return _page(request, said)
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return _page(request, texts("Another site sent this; open the teacher's link itself."), 403)
    try:
        cookie = access.door().let_in(await _token(request), visitors.address_of(request))
    except AccessError as error:
        return _page(request, str(error), 403)
    done = RedirectResponse(f"{base_path()}/", 303, headers=HEADERS)
    done.headers.append("set-cookie", _set(jar.names()[1], cookie, jar.TEACHER_SECONDS, request.scope))
    return done


async def _token(request: Request) -> str:
    """Return the token in the body of a form; nothing where there is none, or far more than one."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return ""
    with suppress(ValueError):
        return parse_qs(body.decode("ascii"), max_num_fields=5).get("token", [""])[0]
    return ""


def _page(request: Request, said: str, status: int = 200) -> Response:
    """Show the page with a sentence, in the language of the browser."""
    name = language.of_request(request)
    words = {key: catalogues.translated(name, text) for key, text in WORDS.items()}
    words |= {"said": sentences.recognised(name, said), "language": HTML_NAMES[name]}
    safe = {key: html.escape(text) for key, text in words.items()}
    return HTMLResponse(PAGE.format(style=STYLE, script=SCRIPT, **safe), status, headers=HEADERS)


class StudentCookies:
    """Gives every browser that opens a page a cookie, by which its student is known again; renews old ones.

    Where there are no roles no cookie is given.
    """

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with a cookie where one is due."""
        if scope["type"] != "http" or not access.door().has_roles or not asks_for_page(scope):
            await self._app(scope, receive, send)
            return
        cookie = _due(Request(scope))

        async def with_cookie(message: Message) -> None:
            if cookie and message["type"] == "http.response.start":
                said = _set(jar.names()[0], cookie, jar.STUDENT_SECONDS, scope)
                MutableHeaders(scope=message).append("set-cookie", said)
            await send(message)

        await self._app(scope, receive, with_cookie)


def asks_for_page(scope: Scope) -> bool:
    """Whether a browser asks for a whole page, not for an image or a part of one."""
    headers = Request(scope).headers
    wanted = headers.get("sec-fetch-dest")
    if scope["method"] != "GET" or "/_stcore/" in scope["path"]:
        return False
    return wanted == "document" if wanted else "text/html" in headers.get("accept", "")


def _due(request: Request) -> str:
    """Return the cookie that a browser is to be given; empty where it has one that is good for long."""
    known = jar.student_in(request.cookies)
    if known is None:
        return jar.for_student()
    return jar.for_student(known[0]) if time.time() - known[1] > jar.STUDENT_SECONDS / 2 else ""


def _set(name: str, value: str, seconds: int, scope: Scope) -> str:
    """Return a Set-Cookie header that no script can read and no other site can use."""
    made: SimpleCookie = SimpleCookie()
    made[name] = value
    for attribute, said in (("path", base_path() or "/"), ("max-age", seconds), ("samesite", "Lax")):
        made[name][attribute] = said
    made[name]["httponly"] = True
    forwarded = Request(scope).headers.get("x-forwarded-proto", "").partition(",")[0].strip()
    if "https" in (scope.get("scheme"), forwarded):
        made[name]["secure"] = True
    return made.output(header="").strip()


def hang_door() -> None:
    """Give the server its door: with the token that is set, or one of its own where others reach it."""
    token, said = _set_token()
    if said or (token is None and not listens_here_alone()):
        token = entry.made()
        _print_link(said, f"#{token}")
    elif token:
        _print_link("", "", " (with your token behind a #)")
    one_user = token is None and os.environ.get(entry.SINGLE_USER) == "1"
    access.hang(access.Door(token, is_served=True, has_one_user=one_user))


def listens_here_alone() -> bool:
    """Whether only this machine can reach the server."""
    where = config.get_option("server.address") or ""
    return where.startswith("unix://") or entry.is_loopback(f"//{f'[{where}]' if ':' in where else where}")


def _set_token() -> tuple[str | None, str]:
    """Return the token that somebody set, and a sentence where it cannot be one."""
    found = os.environ.get(entry.VARIABLE, "")
    if not found:
        with suppress(FileNotFoundError, KeyError):  # Streamlit's error for a missing file is one of these
            found = str(st.secrets[SECRET])
    if not found.strip():
        return None, ""
    try:
        return entry.checked(found), ""
    except AccessError as error:
        return None, f"{error} Until then this server has made one."


def _print_link(said: str, fragment: str, note: str = "") -> None:
    """Print the teacher's link where the server was started, and nowhere else."""
    hosts = ["localhost"] if listens_here_alone() else ["localhost", network_address()]
    links = [f"  {address(host)}/cnnlab/teacher{fragment}{note}" for host in dict.fromkeys(hosts)]
    words = [said, "Teacher's link, to keep to yourself (everybody else is a student):", *links, ""]
    sys.stdout.write("\n".join(filter(None, ["", *words])) + "\n\n")
    sys.stdout.flush()
