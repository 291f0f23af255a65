"""One look through an image's container, for each format, before any decoder sees it.

A look costs a bounded number of steps, whatever the file says of itself, and it hands on no more of the file
than the image needs: no text, no colour profile, no second frame, no second page.
"""

import struct
import zlib
from collections.abc import Callable, Iterator

from cnnlab.errors import ImageError
from cnnlab.images import jpeg, kinds, tiff
from cnnlab.images.header import (
    DAMAGED,
    MAX_BYTES,
    MAX_RAW_BYTES,
    UNUSUAL,
    Header,
    RefusedError,
    check_size,
    orientation_in,
    require,
)
from cnnlab.languages import texts

FORMATS = texts("PNG, JPEG, WEBP, BMP, GIF or TIFF")
SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".gif", ".tif", ".tiff")
"""Under which names images that can be read are found; the content decides what they are."""

MOST_CHUNKS = 100_000
MOST_SPARE_BYTES = 2**28
PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def look(data: bytes, name: str) -> Header:
    """Return the header of an encoded image, whose container is whole.

    Raises:
        ImageError: empty, larger than ``MAX_BYTES``, of another kind (named, with what to do), with too many
            pixels, damaged, or built to cost far more than any honest file.
    """
    if not data:
        raise ImageError(f"{name} is empty; choose a {FORMATS} image.")
    if len(data) > MAX_BYTES:
        raise ImageError(f"{name} is larger than {MAX_BYTES // 10**6} MB; choose a smaller image.")
    data = bytes(data)
    for format_of, look_through in _LOOKS:
        if format_of(data):
            try:
                return look_through(data)
            except RefusedError as refusal:
                raise ImageError(refusal.said(name)) from None
            except (struct.error, IndexError) as error:  # it ends where something should follow
                raise ImageError(DAMAGED.format(name=name)) from error
    if kind := kinds.kind_of(data):
        found, remedy = kinds.with_article(kind), kinds.remedy(kind)
        raise ImageError(f"{name} is {found}, which is not read here; {remedy}.")
    raise ImageError(f"{name} is not a whole {FORMATS} image; choose another.")


def check_pixels(header: Header) -> None:
    """Refuse a PNG whose compressed pixels go on long after its last row: libpng reads them to the end.

    Deflate makes at most 1,032 bytes of one, so that few bytes need no look.

    Raises:
        ValueError, zlib.error: they go on, or are damaged.
    """
    if header.format != "PNG" or 1032 * len(header.data) <= MOST_SPARE_BYTES:
        return
    inflate, made = zlib.decompressobj(), 0
    for kind, start, end in _png_chunks(header.data):
        for at in range(start, end if kind == b"IDAT" else start, 2**16):
            left = header.data[at : min(at + 2**16, end)]
            while left and not inflate.eof:
                made += len(inflate.decompress(left, 2**20))
                if made > MAX_RAW_BYTES + MOST_SPARE_BYTES:
                    raise ValueError("more pixels than rows")
                left = inflate.unconsumed_tail


def _png(data: bytes) -> Header:
    """Keep the chunks that make the image; the frames of an animation and all text go."""
    kept: dict[bytes, list[bytes]] = {kind: [] for kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")}
    orientation = 0
    for kind, start, end in _png_chunks(data):
        if kind in kept:
            kept[kind].append(data[start - 8 : end + 4])
        elif kind == b"eXIf" and not orientation:
            orientation = orientation_in(data[start:end])
    require(all(len(kept[kind]) == 1 for kind in (b"IHDR", b"IEND")) and bool(kept[b"IDAT"]))
    require(all(len(kept[kind]) <= 1 for kind in (b"PLTE", b"tRNS")))
    width, height, bits, colour = struct.unpack_from(">IIBB", data, 16)
    require(bits in (1, 2, 4, 8, 16) and colour in PNG_CHANNELS)
    check_size(width, height, bits * PNG_CHANNELS[colour])
    key = None
    if colour == 0 and kept[b"tRNS"]:  # OpenCV knows transparent colours, but not transparent grays
        key = struct.unpack_from(">H", kept.pop(b"tRNS")[0], 8)[0] * (255 // (2**bits - 1) if bits < 8 else 1)
    has_alpha = colour in (4, 6) or key is not None or bool(kept.get(b"tRNS"))
    whole = data[:8] + b"".join(chunk for chunks in kept.values() for chunk in chunks)
    return Header("PNG", width, height, whole, orientation or 1, max(bits, 8), has_alpha, key)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of each chunk's content, up to the last."""
    at = 8
    for number in range(MOST_CHUNKS):
        length, kind = struct.unpack_from(">I4s", data, at)
        require(at + 12 + length <= len(data) and (number > 0 or (kind == b"IHDR" and length == 13)))
        yield kind, at + 8, at + 8 + length
        if kind == b"IEND":
            return
        at += 12 + length
    raise RefusedError(DAMAGED)


def _webp(data: bytes) -> Header:
    """Keep one frame, with its alpha."""
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    require(end <= len(data))
    orientation, alpha, frame = 0, b"", None
    for kind, start, stop in _riff_chunks(data, 12, end):
        content = data[start:stop]
        if kind == b"EXIF" and not orientation:
            orientation = orientation_in(content)
        elif kind == b"ANMF" and not frame:
            inner = {k: (content[a:b], k) for k, a, b in _riff_chunks(content, 16, len(content))}
            alpha = inner.get(b"ALPH", (b"",))[0]
            frame = inner.get(b"VP8 ") or inner.get(b"VP8L")
            require(frame is not None)
        elif kind == b"ALPH" and not frame:
            alpha = content
        elif kind in (b"VP8 ", b"VP8L") and not frame:
            frame = content, kind
    if frame is None:
        raise RefusedError(DAMAGED)
    content, kind = frame
    width, height, has_alpha = _webp_frame(kind, content)
    check_size(width, height)
    chunks = _riff_chunk(kind, content)
    if alpha and kind == b"VP8 ":
        has_alpha = True
        canvas = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
        canvas = struct.pack("<I", 0x10) + canvas
        chunks = _riff_chunk(b"VP8X", canvas) + _riff_chunk(b"ALPH", alpha) + chunks
    whole = b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks
    return Header("WEBP", width, height, whole, orientation or 1, has_alpha=has_alpha)


def _riff_chunks(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    for _ in range(MOST_CHUNKS):
        if at + 8 > end:
            return
        kind, length = struct.unpack_from("<4sI", data, at)
        require(at + 8 + length <= end)
        yield kind, at + 8, at + 8 + length
        at += 8 + length + length % 2
    raise RefusedError(DAMAGED)


def _riff_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _webp_frame(kind: bytes, content: bytes) -> tuple[int, int, bool]:
    """Return width, height and whether there is alpha, as the coded frame itself says."""
    if kind == b"VP8L":
        signature, packed = struct.unpack_from("<BI", content)
        require(signature == 0x2F)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1, bool(packed >> 28 & 1)
    start_code, width, height = struct.unpack_from("<3sHH", content, 3)
    require(start_code == b"\x9d\x01\x2a")
    return width & 0x3FFF, height & 0x3FFF, False


def _bmp(data: bytes) -> Header:
    offset, header = struct.unpack_from("<II", data, 10)
    require(header in (12, 40, 52, 56, 64, 108, 124) and offset <= len(data))
    if header == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        compression = 0
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    check_size(width, abs(height))
    require(bits in (1, 2, 4, 8, 16, 24, 32))
    require(compression in (0, 1, 2, 3, 6), UNUSUAL, kind=texts("rare kind of BMP"))
    row = -(-width * bits // 32) * 4
    require(compression in (1, 2) or offset + row * abs(height) <= len(data))
    return Header("BMP", width, abs(height), data, has_alpha=bits == 32)


def _gif(data: bytes) -> Header:
    """Keep the first frame alone: its palette, its transparent colour, its pixels."""
    flags, at = data[10], 13
    palette = _gif_palette(data, at, flags)
    at, control = at + len(palette), b""
    steps = iter(range(MOST_CHUNKS + len(data) // 64))  # honest coders fill their blocks
    for _ in range(MOST_CHUNKS):
        if data[at] == 0x2C:
            break
        require(data[at] == 0x21)
        after = _gif_blocks(data, at + 2, steps)
        if data[at + 1] == 0xF9:
            control = data[at:after]
        at = after
    require(data[at] == 0x2C)
    width, height, local = struct.unpack_from("<HHB", data, at + 5)
    check_size(width, height)
    own = _gif_palette(data, at + 10, local)
    pixels = data[at + 10 : _gif_blocks(data, at + 11 + len(own), steps)]
    screen = struct.pack("<HH", width, height) + bytes([flags, 0, 0])
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, local)
    whole = b"".join((b"GIF89a", screen, palette, control, frame, pixels, b"\x3b"))
    return Header("GIF", width, height, whole, has_alpha=bool(control))


def _gif_palette(data: bytes, at: int, flags: int) -> bytes:
    length = 3 << (flags & 7) + 1 if flags & 0x80 else 0
    require(at + length <= len(data))
    return data[at : at + length]


def _gif_blocks(data: bytes, at: int, steps: Iterator[int]) -> int:
    """Return where a chain of blocks ends; each block takes one of the steps that are left."""
    for _ in steps:
        length = data[at]
        at += 1 + length
        if not length:
            return at
    raise RefusedError(DAMAGED)


_LOOKS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], Header]], ...] = (
    (lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"), _png),
    (lambda data: data.startswith(b"\xff\xd8\xff"), jpeg.look),
    (lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", _webp),
    (lambda data: data.startswith(b"BM"), _bmp),
    (lambda data: data.startswith((b"GIF87a", b"GIF89a")), _gif),
    (lambda data: data[:4] in tiff.SIGNATURES and not kinds.kind_of(data), tiff.look),
)
