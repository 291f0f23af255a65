"""The live camera: the answers to its questions, without a run of the page for each of them.

A browser asks by a small request that bears one frame, and draws the answer itself. What a page would cost,
tens of milliseconds of the interpreter, would leave nothing for others when thirty browsers film.
"""

import functools
import time
from typing import Any

import anyio
import numpy as np
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cnnlab import images, runs
from cnnlab.errors import CnnLabError, ImageError, RunError
from cnnlab.inference import Classifier
from cnnlab.ui.asking import classifier
from cnnlab.ui.image_wall import address_of
from cnnlab.ui.own_component import own_component

MOST_BYTES = 300_000
MOST_PIXELS = 1024
AT_ONCE = 2
"""Frames at work at the same time, of all browsers; the others wait, and their browsers with them."""
FRAME_PIXELS = 224, 512
"""The side of a frame: at least, so that a stretched network input is sharp, and at most."""
SHOWN_PIXELS = 320
NOT_A_FRAME = "The browser sent what is no frame of its camera; reload the page."


def live_camera(run: runs.Run, network: Classifier, invert: bool, live: bool) -> None:
    """Show the camera beside what the run answers: all the time while ``live``, else to each photo."""
    height, width, channels = network.input_shape
    least, most = FRAME_PIXELS
    own_component("cnnlab.live_camera", "camera", "live_camera")(
        key="classify_camera",
        data={
            "run": run.id,
            "classes": list(network.classes),
            "input": f"{width} × {height}, {'grayscale' if channels == 1 else 'RGB'}",
            "invert": invert,
            "live": live,
            "pixels": min(max(least, height, width), most),
        },
    )


async def answer(request: Request) -> Response:
    """Answer a frame, a JPEG in the body: probabilities in the order of classes, and the network input."""
    if request.headers.get("content-type") != "image/jpeg":  # no form of another site can send it
        return _said({"error": NOT_A_FRAME}, 415)
    frame = await _body(request)
    if frame is None:
        return _said({"error": NOT_A_FRAME}, 413)
    run_id, invert = request.query_params.get("run", ""), request.query_params.get("invert") == "1"
    try:
        return _said(await anyio.to_thread.run_sync(_answer, run_id, frame, invert, limiter=_limiter()))
    except CnnLabError as error:
        return _said({"error": str(error)}, 422)


def _answer(run_id: str, frame: bytes, invert: bool) -> dict[str, Any]:
    began = time.perf_counter()
    if max(images.size(frame, "The frame")) > MOST_PIXELS:
        raise ImageError(NOT_A_FRAME)
    network = classifier(runs.get(run_id))
    seen = network.as_seen(network.preprocessing.decode(frame, "The frame"), invert)
    probabilities = network.probabilities(seen[None])[0]
    if not np.isfinite(probabilities).all():
        raise RunError("The weights of this run are not finite: its training diverged. Choose another run.")
    return {
        "probabilities": [round(float(value), 4) for value in probabilities],
        "input": address_of(images.at_most(seen, SHOWN_PIXELS), 90),
        "inference_ms": network.model.seconds * 1000,
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


def _said(told: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse(told, status, headers={"Cache-Control": "no-store"})


@functools.cache
def _limiter() -> CapacityLimiter:
    return CapacityLimiter(AT_ONCE)
