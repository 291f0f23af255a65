"""What the look through a container finds: size, depth, orientation, and the bytes that a decoder gets."""

import struct
from dataclasses import dataclass

from cnnlab.languages import texts

MAX_BYTES = 32 * 10**6
"""Of an encoded image."""
MAX_PIXELS = 25_000_000
"""Of a decoded image: a larger JPEG is decoded at half, a quarter or an eighth of its sides."""
MAX_RAW_BYTES = 128 * 10**6
"""Of an image as it is stored, unpacked."""

LARGE_BYTES = 100 * 2**20

DAMAGED = texts("{name} is damaged or incomplete; save or copy it again.")
UNUSUAL = texts("{name} is a {kind} that is not read here; open it in its program and save it as PNG.")
LARGE = texts("{name} has more than {most} of pixels; choose a smaller image.")
MANY = texts("{name} has more than {most} megapixels; choose a smaller image.")

ORIENTATION = 0x0112
_INTEGERS = {1: "B", 3: "H", 4: "I"}  # TIFF's BYTE, SHORT and LONG


class RefusedError(Exception):
    """Why an image must not be decoded: a sentence with a place for its ``name``, and other values in it."""

    def __init__(self, sentence: str, **values: object):
        super().__init__(sentence)
        self._values = values

    def said(self, name: str) -> str:
        """Return the sentence about an image."""
        return str(self).format(name=name, **self._values)


@dataclass(frozen=True)
class Header:
    """An image whose container was looked through.

    ``data`` is the file or what a decoder needs of it; ``height`` and ``width`` as they are stored,
    ``orientation`` EXIF's, 1 to 8; ``bits`` how many a channel has, and ``has_alpha`` whether there may be
    transparency. ``key`` is the transparent value of a gray PNG; ``reduced`` by how much a JPEG's sides are
    divided.
    """

    format: str
    width: int
    height: int
    data: bytes
    orientation: int = 1
    bits: int = 8
    has_alpha: bool = False
    key: int | None = None
    reduced: int = 1
    coefficients: int = 0
    """Bytes of what a decoder keeps of a JPEG in several scans beside its pixels."""
    inverted: bool = False
    """Whether 0 is white in a TIFF of more than 8 bits."""

    @property
    def is_large(self) -> bool:
        """Whether decoding takes so much memory that it should be the only one at a time."""
        pixels = self.width * self.height // self.reduced**2
        return self.coefficients + pixels * (3 + self.has_alpha * 4 + self.bits // 8) > LARGE_BYTES

    @property
    def size(self) -> tuple[int, int]:
        """``(height, width)`` as decoded and upright; EXIF swaps rows and columns from 5 on."""
        height, width = (-(-side // self.reduced) for side in (self.height, self.width))
        return (width, height) if self.orientation >= 5 else (height, width)


def require(condition: bool, reason: str = DAMAGED, **values: object) -> None:
    """Raise ``RefusedError`` unless the condition holds."""
    if not condition:
        raise RefusedError(reason, **values)


def check_size(width: int, height: int, pixel_bits: int = 8) -> None:
    """Refuse images without pixels and those that cannot be decoded at their full size."""
    require(width > 0 and height > 0)
    require(width * height <= MAX_PIXELS, MANY, most=MAX_PIXELS // 10**6)
    require(width * height * pixel_bits <= 8 * MAX_RAW_BYTES, LARGE, most=f"{MAX_RAW_BYTES // 10**6} MB")


def orientation_in(exif: bytes) -> int:
    """Return the orientation in an EXIF block (a TIFF header and its first directory), 1 where it says none.

    Anything but a single whole number from 1 to 8 is none: text, fractions, lists, an offset that leads out.
    """
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if not order:
        return 1
    try:
        (directory,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, directory)
        for at in range(directory + 2, directory + 2 + 12 * min(count, 512), 12):
            tag, kind, values = struct.unpack_from(f"{order}HHI", exif, at)
            if tag == ORIENTATION:
                return _orientation(order, kind, values, exif[at + 8 : at + 12])
    except struct.error:
        pass
    return 1


def _orientation(order: str, kind: int, count: int, value: bytes) -> int:
    if kind not in _INTEGERS or count != 1:
        return 1
    (number,) = struct.unpack_from(order + _INTEGERS[kind], value)
    return number if 1 <= number <= 8 else 1
