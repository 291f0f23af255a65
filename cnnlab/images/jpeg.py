"""A JPEG's markers, looked through before it is decoded: its size, and how much work its scans are."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from cnnlab.images.header import DAMAGED, MAX_PIXELS, UNUSUAL, Header, RefusedError, orientation_in, require
from cnnlab.languages import texts

TOO_LARGE = texts("{name} is too large for {kind}; choose a smaller image.")
TOO_MANY = texts("{name} is a JPEG of {scans} scans and more, built to keep a computer busy; save it again.")

MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""Skips entropy-coded bytes too: there, FF is followed by 00 or by one of the restarts D0 to D7."""

MOST_SEGMENTS = 4096
MOST_SCANS = 100
"""Honest progressive files have about 10; coders that search for the smallest file come to about 20."""
MOST_BLOCK_VISITS = 16_000_000
"""Blocks of 8 x 8 times the scans that go over them: 100 megapixels in 10 scans are 12 million."""
MOST_COEFFICIENT_BYTES = 512 * 2**20
"""What a decoder keeps of an image in several scans: 2 bytes for each coefficient, at its full size."""
MOST_PIXELS = 256_000_000
"""As stored, before the reduction."""

SOI, EOI, SOS, APP1 = 0xD8, 0xD9, 0xDA, 0xE1
ALONE = {0x01, *range(0xD0, 0xD8)}
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
BASELINE, EXTENDED, PROGRESSIVE = 0xC0, 0xC1, 0xC2


def look(data: bytes, most_segments: int = MOST_SEGMENTS, most_scans: int = MOST_SCANS) -> Header:
    """Return the header of a JPEG; at most ``most_segments`` steps, whatever the file says.

    Raises:
        RefusedError: it is not whole, of a rare kind, too large, or has far more scans than any honest file.
    """
    frame: _Frame | None = None
    orientation: int | None = None
    for marker, segment in _segments(data, most_segments):
        if marker in FRAMES:
            require(frame is None)
            frame = _frame(marker, segment)
        elif marker == SOS:
            if frame is None:
                raise RefusedError(DAMAGED)
            frame.scan(segment, most_scans)
        elif marker == APP1 and orientation is None and segment.startswith(b"Exif\0\0"):
            orientation = orientation_in(segment)
    if frame is None or not frame.scans:
        raise RefusedError(DAMAGED)
    return Header(
        "JPEG",
        frame.width,
        frame.height,
        data,
        orientation or 1,
        reduced=_reduced(frame.width, frame.height),
        coefficients=frame.coefficients,
    )


def _segments(data: bytes, most: int) -> Iterator[tuple[int, bytes]]:
    """Yield marker and content of each segment, up to the end of the image."""
    at = 2
    for _ in range(most):
        if (found := MARKER.search(data, at)) is None:
            raise RefusedError(DAMAGED)
        at, marker = found.end(), data[found.end() - 1]
        if marker == EOI:
            return
        if marker in ALONE:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        require(marker != SOI and length >= 2 and at + length <= len(data))
        yield marker, data[at + 2 : at + length]
        at += length
    raise RefusedError(DAMAGED)


@dataclass
class _Frame:
    """What is to be decoded: ``blocks`` counts those of 8 x 8 by the number of each component."""

    width: int
    height: int
    is_progressive: bool
    blocks: dict[int, int]
    scans: int = 0
    visits: int = 0
    coefficients: int = 0
    """Bytes of them that a decoder keeps."""

    def scan(self, segment: bytes, most_scans: int) -> None:
        """Count a scan, and refuse it where that makes too many."""
        numbers = segment[1 : 1 + 2 * segment[0] : 2]
        require(bool(numbers) and self.blocks.keys() >= {*numbers})
        scanned = [self.blocks[number] for number in numbers]
        self.scans += 1
        self.visits += sum(scanned)
        if self.is_progressive or len(scanned) < len(self.blocks):
            self.coefficients = 128 * sum(self.blocks.values())
        is_honest = self.scans <= most_scans and self.visits <= MOST_BLOCK_VISITS
        require(is_honest, TOO_MANY, scans=f"{self.scans:,}")
        require(self.coefficients <= MOST_COEFFICIENT_BYTES, TOO_LARGE, kind=texts("a progressive JPEG"))


def _frame(marker: int, segment: bytes) -> _Frame:
    """Return what a frame header announces."""
    require(marker in (BASELINE, EXTENDED, PROGRESSIVE), UNUSUAL, kind=texts("rare kind of JPEG"))
    bits, height, width, count = struct.unpack_from(">BHHB", segment)
    require(bits == 8, UNUSUAL, kind=texts(f"JPEG of {bits} bits a channel"))
    require(width > 0 and height > 0 and count in (1, 3, 4) and len(segment) >= 6 + 3 * count)
    require(width * height <= MOST_PIXELS, TOO_LARGE, kind=texts("a JPEG"))
    parts = [segment[6 + 3 * number : 9 + 3 * number] for number in range(count)]
    sampling = {number: (both >> 4, both & 15) for number, both, _ in parts}
    require(len(sampling) == count and all(1 <= s <= 4 for pair in sampling.values() for s in pair))
    widest, highest = (max(pair[axis] for pair in sampling.values()) for axis in (0, 1))
    blocks = {
        number: -(-width * across // (8 * widest)) * -(-height * down // (8 * highest))
        for number, (across, down) in sampling.items()
    }
    return _Frame(width, height, marker == PROGRESSIVE, blocks)


def _reduced(width: int, height: int) -> int:
    """Return by how much to divide both sides, so that no more than ``MAX_PIXELS`` are decoded."""
    return next(by for by in (1, 2, 4, 8) if -(-width // by) * -(-height // by) <= MAX_PIXELS)
