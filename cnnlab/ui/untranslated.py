"""Tells browsers that they are not to translate a page: it speaks their language, or has a switch for it.

A browser's own translation replaces the nodes of the texts, which a page that changes by itself still holds:
it would end in an error, and numbers would stand still.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cnnlab.ui.teacher_link import asks_for_page

WHOLE = b"<html "
MARKED = b'<html translate="no" class="notranslate" '


class Untranslated:
    """Marks each page that is served as one that is not to be translated."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with the mark in what is a page."""
        if scope["type"] != "http" or not asks_for_page(scope):
            await self._app(scope, receive, send)
            return
        head: Message | None = None
        body = bytearray()

        async def marked(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start" and _can_be_marked(message):
                head = message  # its length is known with the whole body
            elif head is not None and message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if message.get("more_body"):
                    return
                whole = bytes(body).replace(WHOLE, MARKED, 1)
                MutableHeaders(scope=head)["content-length"] = str(len(whole))
                await send(head)
                head = None
                await send({"type": "http.response.body", "body": whole})
            else:
                await send(message)

        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._app({**scope, "headers": headers}, receive, marked)  # a page is small: 6 kB


def _can_be_marked(head: Message) -> bool:
    return MutableHeaders(scope=head).get("content-type", "").startswith("text/html")
