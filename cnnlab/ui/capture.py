"""The camera of the browser: single photos, and bursts while a button is held.

Streamlit's own camera takes one photo and stops. This component films on, crops to a square, scales down in
the browser, and sends numbered frames; ``frontend/outbox.js`` tells how none is lost or doubled. What
arrives is other people's data until it has been checked here and decoded by ``images.decode``.
"""

import base64
import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from cnnlab import images
from cnnlab.errors import CnnLabError, ImageError
from cnnlab.ui.own_component import own_component, words_of

MOST_FRAMES = 16
MOST_CHARACTERS = 300_000
MOST_PIXELS = 1024
NUMBER_LIMIT = 10**9
CLIENTS_KEPT = 8

Receive = Callable[[str, list[bytes]], None]
"""Called with a ``Choice.target`` and its new images as files, in the order in which they were taken."""


@dataclass(frozen=True)
class Choice:
    """Where images can go: a name for the component, the words for people, how many there are."""

    target: str
    label: str
    count: int = 0


@dataclass(frozen=True)
class Frame:
    """An image as it arrived: its number, where it should go, its file if it is one."""

    number: int
    target: str
    data: bytes | None


def capture(key: str, choices: Sequence[Choice], receive: Receive, hint: str = "") -> None:
    """Film, with a button for each of ``choices``, and hand on the frames taken while people hold one."""
    targets = {choice.target for choice in choices} | st.session_state.get(f"{key}_targets", set())
    st.session_state[f"{key}_targets"] = targets  # earlier ones too: frames may still be on their way
    own_component("cnnlab.capture", "outbox", "camera", "capture")(
        key=key,
        data={
            "name": key,
            "hint": hint,
            "camera": words_of("camera"),
            "words": words_of("capture"),
            "choices": [asdict(choice) for choice in choices],
            "received": st.session_state.setdefault(f"{key}_received", {}),
        },
        on_frames_change=functools.partial(_take_in, key, receive),
    )


def problem(key: str) -> str | None:
    """Return, once, why the last images were not taken in."""
    return st.session_state.pop(f"{key}_problem", None)


def _take_in(key: str, receive: Receive) -> None:
    """Hand on what is new in a batch; this runs before the page does."""
    received: dict[str, int] = st.session_state.setdefault(f"{key}_received", {})
    try:
        client, frames = checked(st.session_state[key].get("frames"))
        fresh = [frame for frame in frames if frame.number > received.get(client, 0)]
        for name in [name for name in received if name != client][: 1 - CLIENTS_KEPT]:
            del received[name]
        received[client] = max([received.get(client, 0), *(frame.number for frame in frames)])
        offered = st.session_state.get(f"{key}_targets", set())
        good = [frame for frame in fresh if frame.target in offered and frame.data]
        for target in dict.fromkeys(frame.target for frame in good):
            receive(target, [frame.data for frame in good if frame.data and frame.target == target])
        if len(good) < len(fresh):
            raise not_a_camera()
    except CnnLabError as error:
        st.session_state[f"{key}_problem"] = str(error)


def checked(payload: Any) -> tuple[str, list[Frame]]:
    """Return who sent a batch, and its frames in their order.

    Raises:
        ImageError: it is not built as capture.js builds it, or it is larger.
    """
    match payload:
        case {"client": str(client), "frames": list(sent)} if re.fullmatch("[0-9a-f]{16}", client):
            frames = [_frame(item) for item in sent[: MOST_FRAMES + 1]]
            numbers = [frame.number for frame in frames]
            if len(frames) <= MOST_FRAMES and numbers == sorted(set(numbers)):
                return client, frames
    raise not_a_camera()


def _frame(item: Any) -> Frame:
    match item:
        case {"number": int(number), "target": str(target), "jpeg": str(text)}:
            if 0 < number < NUMBER_LIMIT:
                return Frame(number, target, _decoded(text))
    raise not_a_camera()


def not_a_camera() -> ImageError:
    """Return the error for what no camera of ours has sent."""
    return ImageError("The browser sent what is no photo of its camera; reload the page.")


def _decoded(text: str) -> bytes | None:
    """Return the file, or None for what is larger than this component makes, or no image."""
    try:
        data = base64.b64decode(text[:MOST_CHARACTERS], validate=True)
        return data if max(images.size(data)) <= MOST_PIXELS else None
    except (ValueError, ImageError):
        return None
