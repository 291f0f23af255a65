"""QR codes of addresses of this app, for phones in the same network."""

import functools
from urllib.parse import urlencode, urlsplit, urlunsplit

import segno
import streamlit as st

from cnnlab import access
from cnnlab.languages import _
from cnnlab.streamlit_internals import network_address
from cnnlab.ui.wording import plain

LOCAL = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}
SIDE_PIXELS = 190


def address(page: str, **query: str) -> str:
    """Return the address of a page as other machines reach it.

    It is the one by which this browser came; a browser on the server itself came by ``localhost``, which
    becomes the server's address in its network.
    """
    here = urlsplit(st.context.url or "http://localhost:8501")
    host = here.hostname or "localhost"
    host = network_address() if host in LOCAL else host
    netloc = f"[{host}]" if ":" in host else host
    netloc += f":{here.port}" if here.port else ""
    base = "/".join(part for part in here.path.split("/")[1:-1] if part)
    path = "/" + "/".join(part for part in (base, page) if part)
    return urlunsplit((here.scheme, netloc, path, urlencode(query), ""))


def code(page: str, **query: str) -> None:
    """Show the QR code of a page with its address below; or why no other machine could open it."""
    if not access.door().has_roles:
        st.info(
            _(
                "Only this machine can open these pages. For a class, start the app with "
                "`streamlit run app.py --server.address 0.0.0.0`."
            ),
            icon=":material/wifi_off:",
        )
        return
    text = address(page, **query)
    st.image(_drawn(text), width=SIDE_PIXELS, alt=_("QR code of {address}", address=text))
    st.caption(plain(text))


@functools.lru_cache(maxsize=256)
def _drawn(text: str) -> str:
    return str(segno.make(text, error="m").svg_data_uri(scale=4, border=3, dark="#000", light="#fff"))
