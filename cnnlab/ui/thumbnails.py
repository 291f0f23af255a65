"""Small images that a browser asks for one by one, such as when it points at one of a thousand points.

A page that shows them keeps them here first; ``GET cnnlab/thumbnail?of=NAME&number=N`` gives one.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cnnlab import images

PIXELS = 128
MOST_SETS = 16
LONGEST_NUMBER = 9

_kept: OrderedDict[str, dict[int, bytes]] = OrderedDict()
_lock = threading.Lock()


def keep(name: str, numbers: Iterable[int], image: Callable[[int], np.ndarray]) -> None:
    """Keep the thumbnails of images, uint8 ``(H, W, 1 or 3)``, under a name; those of a known name stay."""
    with _lock:
        if name in _kept:
            _kept.move_to_end(name)
            return
    made = {number: _encoded(image(number)) for number in numbers}
    with _lock:
        _kept[name] = made
        while len(_kept) > MOST_SETS:
            _kept.popitem(last=False)


def thumbnail(request: Request) -> Response:
    """Give one: a PNG, or a JPEG where it is larger; 404 where it is not kept any more."""
    of, number = request.query_params.get("of", ""), request.query_params.get("number", "")
    is_number = number.isascii() and number.isdigit() and len(number) < LONGEST_NUMBER
    found = _kept.get(of, {}).get(int(number)) if is_number else None
    if found is None:
        return PlainTextResponse("There is no such image; reload the page.", 404)
    kind = "image/png" if found.startswith(b"\x89PNG") else "image/jpeg"
    return Response(found, media_type=kind, headers={"Cache-Control": "private, max-age=3600"})


def _encoded(image: np.ndarray) -> bytes:
    small = np.ascontiguousarray(images.at_most(image, PIXELS))
    return images.encode_png(small) if max(small.shape[:2]) < PIXELS else images.encode_jpeg(small, 85)
