"""How much of uploads the server keeps in memory, of all browsers and of each.

Streamlit checks the size of one file. It keeps every file that a browser sends until that browser takes it
back or its session ends: thirty who upload 100 MB each are 3 GB, and one who means harm has no limit at all.
"""

from collections import Counter

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from cnnlab import machine
from cnnlab.streamlit_internals import kept_uploads

LEAST_BYTES = 2**30
MEMORY_DIVISOR = 4
"""The part of the machine's memory that uploads may take: one in so many, at least ``LEAST_BYTES``."""
OF_ONE = 2
"""The part of that which one browser may take."""
FULL = "The server keeps as many uploads as it has memory for; try again in a minute, or upload less."
_PLACE = "/_stcore/upload_file/"


def most_bytes() -> int:
    """Return how many bytes of uploads are kept at most, of all browsers."""
    return max(LEAST_BYTES, machine.memory_bytes() // MEMORY_DIVISOR)


class Limit:
    """Refuses an upload for which there is no room, before any of it is read; those on their way count."""

    def __init__(self, app: ASGIApp):
        self._app = app
        self._coming: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the app answer it."""
        session = _session(scope)
        if not session:
            await self._app(scope, receive, send)
            return
        size = _declared(scope)
        if not self._has_room(session, size):
            await PlainTextResponse(FULL, 413)(scope, receive, send)
            return
        self._coming[session] += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[session] -= size
            if not self._coming[session]:
                del self._coming[session]

    def _has_room(self, session: str, size: int) -> bool:
        of_all, of_one = kept_uploads(session)
        most = most_bytes()
        return (
            of_all + self._coming.total() + size <= most
            and of_one + self._coming[session] + size <= most // OF_ONE
        )


def _session(scope: Scope) -> str:
    """Return whose upload a request is; nothing for any other request."""
    if scope["type"] != "http" or scope["method"] != "PUT" or _PLACE not in scope["path"]:
        return ""
    return scope["path"].partition(_PLACE)[2].partition("/")[0]


def _declared(scope: Scope) -> int:
    """Return how large a body says to be; one that does not say counts as the largest."""
    said = dict(scope["headers"]).get(b"content-length", b"")
    return (
        int(said) if said.isdigit() and len(said) < 15 else config.get_option("server.maxUploadSize") * 2**20
    )
