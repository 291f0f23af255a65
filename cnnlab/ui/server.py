"""The web server around the pages: what it begins with, and what it answers beside Streamlit's own routes."""

import contextlib
import gc
import gzip
import importlib
import threading
import webbrowser
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import plotly
import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit import config

from cnnlab.access import disk
from cnnlab.languages import catalogues
from cnnlab.streamlit_internals import address, let_parts_follow_their_page
from cnnlab.ui import engine, following, pulse, teacher_link, thumbnails
from cnnlab.ui.classify import live
from cnnlab.ui.untranslated import Untranslated

PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
LIBRARY = f"plotly-{plotly.__version__}.min.js"
LASTING = "public, max-age=31536000, immutable"
USED_LATER = ("pandas", "pyarrow", "plotly.graph_objects", "sklearn.datasets")
"""What some pages import when they are first shown; nobody's first click waits for it."""


@contextlib.asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Start what the pages need before the first of them is asked for; end it with the server."""
    let_parts_follow_their_page()
    teacher_link.hang_door()
    gauge = disk.watch()
    engine.service()
    engine.supervisor()
    threading.Thread(target=settle, name="settle", daemon=True).start()
    if not config.get_option("server.headless"):
        webbrowser.open(address("localhost"))
    yield
    gauge.close()
    engine.service().close()


def settle() -> None:
    """Import what is used later, then freeze the heap: what is imported now lives for ever.

    A full collection walks all that is not frozen, with the interpreter locked.
    """
    for name in USED_LATER:
        importlib.import_module(name)
    _zipped()
    gc.collect()
    gc.freeze()


async def _beat(request: Request) -> Response:
    """Say, in a word, how far something is that pages watch: another word once it has changed."""
    of, known = request.query_params.get("of", ""), request.query_params.get("known")
    if known is not None and of in pulse.WAITS:
        word = await pulse.other_word(of, known)
    else:
        word = await run_in_threadpool(pulse.word, of)
    return PlainTextResponse(word, headers={"Cache-Control": "no-store"})


async def _chart_library(request: Request) -> Response:
    """Lead to the chart library under the name of its version."""
    return RedirectResponse(LIBRARY, headers={"Cache-Control": "no-cache"})


def _plotly(request: Request) -> Response:
    """Give the chart library, to be kept for a year: another version has another name."""
    headers = {"Cache-Control": LASTING, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(_zipped(), media_type="text/javascript", headers=headers)


@cache
def _zipped() -> bytes:
    return gzip.compress(PLOTLY.read_bytes(), mtime=0)


async def _words(request: Request) -> Response:
    """Give what the scripts of the browser say in a language."""
    asked = request.query_params.get("lang", "")
    words = catalogues.words(asked) if asked in catalogues.LANGUAGES else {}
    return JSONResponse(words, headers={"Cache-Control": "no-cache"})


def routes() -> list[Route]:
    """Return our routes, below the path that Streamlit's own are below."""
    base = f"{teacher_link.base_path()}/cnnlab"
    return [
        Route(f"{base}/teacher", teacher_link.teacher, methods=["GET", "POST"]),
        Route(f"{base}/pulse", _beat),
        Route(f"{base}/screen", following.report, methods=["POST"]),
        Route(f"{base}/answer", live.answer, methods=["POST"]),
        Route(f"{base}/thumbnail", thumbnails.thumbnail),
        Route(f"{base}/words", _words),
        Route(f"{base}/plotly.js", _chart_library),
        Route(f"{base}/{LIBRARY}", _plotly),
    ]


def middleware() -> list[Middleware]:
    """Return what stands before every answer of the server."""
    return [Middleware(teacher_link.StudentCookies), Middleware(Untranslated)]
