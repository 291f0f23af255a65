"""One scale for all images of a dataset that are deeper than 8 bits a channel.

What a microscope's files use of their 16 bits is known only when all of them are decoded. So they are decoded
with what the first one uses; one that uses more begins it anew. Most datasets have one depth and begin twice.
"""

from collections.abc import Callable

from cnnlab import images
from cnnlab.datasets.cache import Gathered


class DepthScale:
    """Gives every deep image the same white; ``white`` stays None until one asks, unless it is ``given``.

    Where it is not given, an image that needs more than ``at_least`` raises ``BrighterError``.
    """

    def __init__(self, given: int | None = None, at_least: int = 0):
        self.white, self.given, self._at_least = given, given, at_least

    def __call__(self, peak: int | float) -> int:
        """Return what becomes 255 in an image whose largest value is ``peak``; on any thread."""
        if self.given:
            return self.given
        if (needed := images.white_for(peak)) > self._at_least:
            raise BrighterError(needed)
        self.white = self._at_least
        return self.white


class BrighterError(Exception):
    """An image uses more bits than those before it."""

    def __init__(self, white: int):
        super().__init__(white)
        self.white = white


def in_one_scale(given: int | None, load: Callable[[DepthScale], Gathered]) -> Gathered:
    """Return what ``load`` gathers with one scale for all images: the given one, else what they use.

    It is called again where an image turns out brighter, and where they use another scale than the given
    one: so a dataset that has not changed is kept once.
    """
    found = _in_its_own(load)
    return found if found.white is None or given in (None, found.white) else load(DepthScale(given))


def _in_its_own(load: Callable[[DepthScale], Gathered]) -> Gathered:
    at_least = 0
    while True:
        try:
            return load(DepthScale(at_least=at_least))
        except BrighterError as brighter:
            at_least = brighter.white
