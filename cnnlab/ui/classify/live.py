"""The live camera: the answers to its questions, without a run of the page for each of them.

A browser asks by a small request that bears one frame, and draws the answer itself. What a page would cost,
tens of milliseconds of the interpreter, would leave nothing for others when thirty browsers film.
"""

import functools
import time
from dataclasses import dataclass
from typing import Any

import anyio
import numpy as np
from anyio import CapacityLimiter
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cnnlab import images, languages, runs
from cnnlab.errors import CnnLabError, ImageError, RunError
from cnnlab.inference import Classifier
from cnnlab.languages import LANGUAGES, sentences, texts
from cnnlab.ui.asking import classifier
from cnnlab.ui.classify.answer import input_in_words
from cnnlab.ui.classify.explain.heat import heat_of, overlaid
from cnnlab.ui.image_wall import address_of
from cnnlab.ui.own_component import own_component, words_of

MOST_BYTES = 300_000
MOST_PIXELS = 1024
AT_ONCE = 2
"""Frames at work at the same time, of all browsers; the others wait, and their browsers with them."""
FRAME_PIXELS = 224, 512
"""The side of a frame: at least, so that a stretched network input is sharp, and at most."""
SHOWN_PIXELS = 320
HEAT_OPACITY = 0.8
LONGEST_EPOCH = 8
FRAME = texts("The frame")
NOT_A_FRAME = texts("The browser sent what is no frame of its camera; reload the page.")


@dataclass(frozen=True)
class Filming:
    """Whether the camera is asked all the time, else for each photo, and whether a heat map is asked for."""

    live: bool = True
    heat: bool = False


def live_camera(
    run: runs.Run, network: Classifier, invert: bool, filming: Filming, epoch: int | None = None
) -> None:
    """Show the camera beside what the run's best network, or that of an ``epoch``, answers."""
    height, width, channels = network.input_shape
    least, most = FRAME_PIXELS
    own_component("cnnlab.live_camera", "camera", "live_camera")(
        key="classify_camera",
        data={
            "run": run.id,
            "classes": list(network.classes),
            "input": input_in_words(height, width, channels),
            "language": languages.current(),
            "words": words_of("camera", "live_camera"),
            "invert": invert,
            "live": filming.live,
            "heat": filming.heat,
            "epoch": epoch,
            "pixels": min(max(least, height, width), most),
        },
    )


async def answer(request: Request) -> Response:
    """Answer a frame, a JPEG in the body: probabilities in the order of classes, and the network input.

    With ``heat`` in the query the Grad-CAM of the predicted class lies over the network input.
    """
    if request.headers.get("content-type") != "image/jpeg":  # no form of another site can send it
        return _refused(request, NOT_A_FRAME, 415)
    frame = await _body(request)
    if frame is None:
        return _refused(request, NOT_A_FRAME, 413)
    asked = _Asked.of(request.query_params)
    try:
        return _said(await anyio.to_thread.run_sync(_answer, asked, frame, limiter=_limiter()))
    except CnnLabError as error:
        return _refused(request, str(error), 422)


@dataclass(frozen=True)
class _Asked:
    """What a browser asks: a run, perhaps one of its epochs, and how."""

    run_id: str
    epoch: int | None
    invert: bool
    heat: bool

    @classmethod
    def of(cls, query: QueryParams) -> "_Asked":
        epoch = query.get("epoch", "")
        number = int(epoch) if epoch.isascii() and epoch.isdigit() and len(epoch) < LONGEST_EPOCH else None
        return cls(query.get("run", ""), number, query.get("invert") == "1", query.get("heat") == "1")


def _answer(asked: _Asked, frame: bytes) -> dict[str, Any]:
    began = time.perf_counter()
    if max(images.size(frame, FRAME)) > MOST_PIXELS:
        raise ImageError(NOT_A_FRAME)
    network = classifier(runs.get(asked.run_id), asked.epoch)
    seen = network.as_seen(network.preprocessing.decode(frame, FRAME), asked.invert)
    shown = images.at_most(seen, SHOWN_PIXELS)
    if asked.heat:
        asked_at = time.perf_counter()
        found = heat_of(network, seen)
        seconds, probabilities = time.perf_counter() - asked_at, found.probabilities
        shown = overlaid(seen, found.heatmap, HEAT_OPACITY)
    else:
        probabilities = network.probabilities(seen[None])[0]
        seconds = network.model.seconds
    if not np.isfinite(probabilities).all():
        raise RunError("The weights of this run are not finite: its training diverged. Choose another run.")
    return {
        "probabilities": [round(float(value), 4) for value in probabilities],
        "input": address_of(shown, 90),
        "inference_ms": seconds * 1000,
        "answer_ms": (time.perf_counter() - began) * 1000,
    }


async def _body(request: Request) -> bytes | None:
    """Return what was sent, or None if it is more than a frame; no more than that is ever read."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            return None
    return bytes(data)


def _refused(request: Request, sentence: str, status: int) -> Response:
    """Say why there is no answer, in the language that the page asks in: no session runs here."""
    language = request.query_params.get("lang", "")
    known = language if language in LANGUAGES else languages.ENGLISH
    return _said({"error": sentences.recognised(known, sentence)}, status)


def _said(told: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse(told, status, headers={"Cache-Control": "no-store"})


@functools.cache
def _limiter() -> CapacityLimiter:
    return CapacityLimiter(AT_ONCE)
