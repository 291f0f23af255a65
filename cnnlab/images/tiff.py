"""A TIFF's first directory, looked through before it is decoded, and left as the only one.

All tags but those that lay out the pixels are cut out of it: links to other pages, to thumbnails, to EXIF and
to whatever programs hide in a TIFF are not there any more when a decoder reads it.
"""

import struct
from dataclasses import dataclass

from cnnlab.images import jpeg
from cnnlab.images.header import (
    DAMAGED,
    MAX_RAW_BYTES,
    ORIENTATION,
    UNUSUAL,
    Header,
    RefusedError,
    check_size,
    require,
)
from cnnlab.languages import texts

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
"""Bytes of a value, by TIFF's number for its type."""
WHOLE = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}

WIDTH, HEIGHT, BITS, COMPRESSION, COLOUR, CHANNELS, ROWS, PLANES = 256, 257, 258, 259, 262, 277, 278, 284
STRIPS, STRIP_BYTES, TILES, TILE_BYTES, TILE_WIDTH, TILE_HEIGHT = 273, 279, 324, 325, 322, 323
PREDICTOR, PALETTE, EXTRA, KIND, JPEG_TABLES = 317, 320, 338, 339, 347
FAX = (266, 292, 293)
LUMA_CHROMA = (529, 530, 531, 532)
KEPT = {
    *(WIDTH, HEIGHT, BITS, COMPRESSION, COLOUR, CHANNELS, ROWS, PLANES, PREDICTOR, PALETTE, EXTRA, KIND),
    *(STRIPS, STRIP_BYTES, TILES, TILE_BYTES, TILE_WIDTH, TILE_HEIGHT, JPEG_TABLES, *FAX, *LUMA_CHROMA),
}
FAX_CODED, JPEG_CODED = {2, 3, 4}, 7
CODED = {1, 5, 8, 32773, 32946, JPEG_CODED} | FAX_CODED  # none, LZW, deflate, PackBits
COLOURS = {0, 1, 2, 3, 5, 6}  # gray from white, gray from black, RGB, palette, CMYK, luma and chroma

TOO_LARGE = texts("{name} has tiles far larger than itself; save it again.")
MOST_ENTRIES = 1000
MOST_PARTS = 65_536
MOST_VALUE_BYTES = 8 * MOST_PARTS
"""Of one tag: Pillow reads all of them, and many tags may share one place in the file."""
MOST_FAX_ROWS = 20_000
"""libtiff goes on after a damaged row, and writes a line about each; A3 at 600 dots an inch has 9,921."""
MOST_JPEG_PARTS = 4096


@dataclass(frozen=True)
class _Layout:
    """How numbers are written: byte order, and the sizes of classic TIFF or BigTIFF."""

    order: str
    entry: str
    count: str
    offset: str

    def read(self, kind: str, data: bytes, at: int, many: int = 1) -> tuple[int, ...]:
        require(0 <= at <= len(data))
        return struct.unpack_from(f"{self.order}{many}{kind}", data, at)


CLASSIC, BIG = ("HHI", "H", "I"), ("HHQ", "Q", "Q")
Tags = dict[int, tuple[int, ...]]


def look(data: bytes) -> Header:
    """Return the header of a TIFF's first page.

    Raises:
        RefusedError: it is not whole, of a rare kind, or too large.
    """
    order = "<" if data[:1] == b"I" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    layout = _Layout(order, *(BIG if big else CLASSIC))
    (at,) = layout.read(layout.offset, data, 8 if big else 4)
    tags, entries = _directory(data, at, layout)
    width, height, bits, channels = _pixels(tags)
    _check_parts(data, tags, width, height, bits * channels)
    orientation = tags.get(ORIENTATION, (1,))
    return Header(
        "TIFF",
        width,
        height,
        _alone(data, at, entries, layout),
        orientation[0] if len(orientation) == 1 and 1 <= orientation[0] <= 8 else 1,
        max(bits, 8),
        has_alpha=tags.get(EXTRA, (0,))[0] in (1, 2),
        inverted=tags[COLOUR][0] == 0 and bits > 8,
    )


def _directory(data: bytes, at: int, layout: _Layout) -> tuple[Tags, list[bytes]]:
    """Return the whole numbers of the first directory's tags, and the entries to keep."""
    (count,) = layout.read(layout.count, data, at)
    require(0 < count <= MOST_ENTRIES)
    at += struct.calcsize(layout.count)
    size = 4 + 2 * struct.calcsize(layout.offset)
    require(at + count * size <= len(data))
    tags: Tags = {}
    entries = []
    for start in range(at, at + count * size, size):
        tag, kind, many = struct.unpack_from(layout.order + layout.entry, data, start)
        if tag not in KEPT and tag != ORIENTATION:
            continue
        require(kind in SIZES and 0 < many * SIZES[kind] <= MOST_VALUE_BYTES and tag not in tags)
        place = start + 4 + struct.calcsize(layout.offset)
        if many * SIZES[kind] > struct.calcsize(layout.offset):
            (place,) = layout.read(layout.offset, data, place)
            require(place + many * SIZES[kind] <= len(data))
        if tag in KEPT:
            entries.append(data[start : start + size])
        tags[tag] = layout.read(WHOLE[kind], data, place, many) if kind in WHOLE else ()
    return tags, entries


def _pixels(tags: Tags) -> tuple[int, int, int, int]:
    """Return width, height, bits of a channel and channels."""
    width, height = (_one(tags, tag) for tag in (WIDTH, HEIGHT))
    channels = _one(tags, CHANNELS, 1)
    bits = set(tags.get(BITS, (1,)))
    coded, colour = _one(tags, COMPRESSION, 1), _one(tags, COLOUR)
    usual = len(bits) == 1 and bits <= {1, 2, 4, 8, 10, 12, 14, 16, 32, 64} and channels in (1, 2, 3, 4)
    usual &= coded in CODED and colour in COLOURS and len(set(tags.get(KIND, (1,)))) == 1
    usual &= coded not in FAX_CODED or (bits == {1} and channels == 1 and height <= MOST_FAX_ROWS)
    usual &= colour != 6 or coded == JPEG_CODED
    usual &= coded != JPEG_CODED or bits == {8}
    require(usual, UNUSUAL, kind=texts("rare kind of TIFF"))
    check_size(width, height, channels * max(bits))
    return width, height, max(bits), channels


def _check_parts(data: bytes, tags: Tags, width: int, height: int, pixel_bits: int) -> None:
    """Check that strips or tiles are as many as the image needs, lie in the file and do not overlap."""
    planes = _one(tags, CHANNELS, 1) if _one(tags, PLANES, 1) == 2 else 1
    if TILES in tags or TILE_BYTES in tags:
        across, down = _one(tags, TILE_WIDTH), _one(tags, TILE_HEIGHT)
        places, lengths = tags.get(TILES, ()), tags.get(TILE_BYTES, ())
    else:
        across, down = width, min(_one(tags, ROWS, height), height)
        places, lengths = tags.get(STRIPS, ()), tags.get(STRIP_BYTES, ())
    require(across > 0 and down > 0)
    parts = -(-width // across) * -(-height // down) * planes
    require(parts == len(places) == len(lengths) and parts <= MOST_PARTS)
    require(across * down * parts * pixel_bits <= 2 * 8 * MAX_RAW_BYTES * planes, TOO_LARGE)
    require(all(place + length <= len(data) for place, length in zip(places, lengths, strict=True)))
    require(sum(lengths) <= len(data))
    if _one(tags, COMPRESSION, 1) == JPEG_CODED:
        require(parts <= MOST_JPEG_PARTS, UNUSUAL, kind=texts("rare kind of TIFF"))
        for place, length in zip(places, lengths, strict=True):
            part = jpeg.look(data[place : place + length], most_segments=64, most_scans=4)
            require(part.width <= across and part.height <= down)


def _one(tags: Tags, tag: int, default: int | None = None) -> int:
    values = tags.get(tag) or (default,)
    if values[0] is None:
        raise RefusedError(DAMAGED)
    return values[0]


def _alone(data: bytes, at: int, entries: list[bytes], layout: _Layout) -> bytes:
    """Return the file with a first directory of these entries, and none after it."""
    directory = struct.pack(layout.order + layout.count, len(entries)) + b"".join(entries)
    directory += struct.pack(layout.order + layout.offset, 0)
    return data[:at] + directory + data[at + len(directory) :]
