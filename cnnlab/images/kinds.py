"""What a file is that no decoder here reads, told from its first bytes: named, counted, with what to do."""

import re
import struct
from dataclasses import dataclass

ENOUGH = 4096
"""The first bytes of a file that ``kind_of`` looks at; a caller need not read more."""

SAVE_AS_PNG = "open it in its program and save it as PNG"
NOT_A_PICTURE = "leave it out"
UNPACK = "unpack it, and give the images in it"


@dataclass(frozen=True)
class _Kind:
    """How a kind is called, one and many, and what a person does about it."""

    one: str
    many: str
    remedy: str


def _kind(one: str, remedy: str, many: str = "") -> _Kind:
    return _Kind(one, many or f"{one}s", remedy)


SUBFILE, DNG_VERSION = 254, 50706
"""Tags of TIFF: bit 0 of the first says that a page is a smaller copy; the second is in DNG files alone."""

_HEIC = _kind(
    "HEIC photo",
    "on the iPhone choose Settings > Camera > Formats > Most Compatible, or convert it to JPEG",
)
_VIDEO = _kind("video", "export single images from it")
_RAW = _kind("camera RAW photo", "export it as JPEG from the camera's program")
_SVG = _kind("SVG drawing", "export it as PNG")
_WEB_PAGE = _kind("web page", "open it in a browser, and save the image that it shows")
_TEXT = _kind("text file", NOT_A_PICTURE)
_OFFICE = _kind("office document", "save the images in it as PNG")
_BRANDS = {
    **dict.fromkeys(("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"), _HEIC),
    "avif": _kind("AVIF image", "convert it to JPEG or PNG"),
    "avis": _kind("animated AVIF image", "save one image of it as PNG"),
    "crx ": _RAW,
    "jp2 ": _kind("JPEG 2000 image", SAVE_AS_PNG),
    **dict.fromkeys(("M4A ", "M4B ", "M4P "), _kind("sound file", NOT_A_PICTURE)),
}
"""The brands of files that begin with a box ``ftyp``; all others are videos."""

_SIGNATURES: tuple[tuple[int, bytes, _Kind], ...] = (
    (0, b"%PDF-", _kind("PDF", "export its pages as PNG")),
    (0, b"%!PS", _kind("PostScript file", "export it as PNG")),
    (0, b"\xc5\xd0\xd3\xc6", _kind("PostScript file", "export it as PNG")),
    (0, b"8BPS", _kind("Photoshop document", SAVE_AS_PNG)),
    (0, b"gimp xcf", _kind("GIMP document", SAVE_AS_PNG)),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", _BRANDS["jp2 "]),
    (0, b"\xff\x4f\xff\x51", _BRANDS["jp2 "]),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", _kind("JPEG XL image", "convert it to JPEG or PNG")),
    (0, b"\xff\x0a", _kind("JPEG XL image", "convert it to JPEG or PNG")),
    (0, b"\x00\x00\x01\x00", _kind("icon", SAVE_AS_PNG)),
    (0, b"\x00\x00\x02\x00", _kind("cursor", SAVE_AS_PNG)),
    (0, b"icns", _kind("icon", SAVE_AS_PNG)),
    (0, b"v/1\x01", _kind("OpenEXR image", SAVE_AS_PNG)),
    (0, b"#?RADIANCE", _kind("Radiance HDR image", SAVE_AS_PNG)),
    (0, b"FUJIFILMCCD-RAW", _RAW),
    (0, b"IIRO", _RAW),
    (0, b"IIRS", _RAW),
    (0, b"IIU\x00", _RAW),
    (8, b"CR\x02", _RAW),
    (0, b"II\x1a\x00\x00\x00HEAPCCDR", _RAW),
    (0, b"FOVb", _RAW),
    (0, b"II\xbc\x01", _kind("JPEG XR image", SAVE_AS_PNG)),
    (128, b"DICM", _kind("DICOM image", "export it as PNG from its viewer")),
    (0, b"SIMPLE  =", _kind("FITS image", SAVE_AS_PNG)),
    (344, b"n+1\x00", _kind("NIfTI volume", "export its slices as PNG")),
    (0, b"\x89HDF\r\n\x1a\n", _kind("HDF5 file", "write each image in it to a file of its own")),
    (0, b"\x93NUMPY", _kind("NumPy array", "write each image in it to a file of its own")),
    (0, b"MATLAB 5.0", _kind("MATLAB file", "write each image in it to a file of its own")),
    (0, b"SQLite format 3\x00", _kind("database", NOT_A_PICTURE)),
    (0, b"\x01\x00\x00\x00", _kind("EMF drawing", "export it as PNG")),
    (0, b"\xd7\xcd\xc6\x9a", _kind("WMF drawing", "export it as PNG")),
    (0, b"AT&TFORM", _kind("DjVu document", "export its pages as PNG")),
    (0, b"PK\x03\x04", _kind("ZIP archive", UNPACK)),
    (0, b"PK\x05\x06", _kind("ZIP archive", UNPACK)),
    (0, b"Rar!\x1a\x07", _kind("RAR archive", UNPACK)),
    (0, b"7z\xbc\xaf\x27\x1c", _kind("7-Zip archive", UNPACK)),
    (0, b"\x1f\x8b", _kind("gzip archive", UNPACK)),
    (0, b"BZh", _kind("bzip2 archive", UNPACK)),
    (0, b"\xfd7zXZ\x00", _kind("xz archive", UNPACK)),
    (257, b"ustar", _kind("tar archive", UNPACK)),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OFFICE),
    (
        0,
        b"\x00\x05\x16\x07",
        _kind("note that a Mac made beside a file", NOT_A_PICTURE, "notes that a Mac made beside files"),
    ),
    (
        0,
        b"\x00\x05\x16\x00",
        _kind("note that a Mac made beside a file", NOT_A_PICTURE, "notes that a Mac made beside files"),
    ),
    (0, b"version https://git-lfs", _kind("Git LFS pointer", "fetch the file itself with: git lfs pull")),
    (0, b"\x1aE\xdf\xa3", _VIDEO),
    (0, b"FLV\x01", _VIDEO),
    (0, b"0&\xb2u\x8ef\xcf\x11", _VIDEO),
    (0, b"\x00\x00\x01\xba", _VIDEO),
    (0, b"\x00\x00\x01\xb3", _VIDEO),
    *((4, box, _VIDEO) for box in (b"moov", b"mdat", b"wide", b"free")),
    (0, b"ID3", _BRANDS["M4A "]),
    (0, b"OggS", _BRANDS["M4A "]),
    (0, b"fLaC", _BRANDS["M4A "]),
    (0, b"MZ", _kind("Windows program", NOT_A_PICTURE)),
    (0, b"\x7fELF", _kind("program", NOT_A_PICTURE)),
    (0, b"\x00asm", _kind("program", NOT_A_PICTURE)),
)
"""Where a file of a kind has which bytes; the first that fits counts."""

_TEXTS: tuple[tuple[re.Pattern[bytes], _Kind], ...] = (
    (re.compile(rb"<svg[\s>]|<!DOCTYPE svg", re.I), _SVG),
    (re.compile(rb"^\s*<(!doctype html|html|head|body|script)", re.I), _WEB_PAGE),
    (re.compile(rb"^P[1-7]\s"), _kind("PBM, PGM or PPM image", SAVE_AS_PNG)),
    (re.compile(rb"^P[Ff]\s"), _kind("PFM image", SAVE_AS_PNG)),
    (re.compile(rb"XPM \*/|^#define \w+_width "), _kind("XPM or XBM image", SAVE_AS_PNG)),
)
_READ = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_NOT_TEXT = bytes({*range(9), *range(14, 27), *range(28, 32), 127})

_ALL = {
    kind.one: kind
    for kind in (
        *_BRANDS.values(),
        *(kind for *_, kind in _SIGNATURES),
        *(kind for _, kind in _TEXTS),
        _kind("file of zeros", "it was never written in full; copy it again", "files of zeros"),
        _SVG,
        _OFFICE,
        _TEXT,
    )
}


def kind_of(data: bytes) -> str | None:
    """Return what a file is that ``decode`` cannot read, such as ``"HEIC photo"`` or ``"PDF"``.

    The content decides, not the name; the first ``ENOUGH`` bytes of the file are enough. None for the formats
    that ``decode`` reads (a damaged one too), for nothing at all, and for what is not known. The answer is a
    key for ``remedy`` and ``counted``.
    """
    start = bytes(data[:ENOUGH])
    if start.startswith(_READ):
        return None
    if start[4:8] == b"ftyp":
        return _brand(start).one
    if start[:4] == b"RIFF" and start[8:12] in (b"AVI ", b"WAVE"):
        return (_VIDEO if start[8:12] == b"AVI " else _BRANDS["M4A "]).one
    for at, signature, kind in _SIGNATURES:
        if start.startswith(signature, at):
            if kind.one == "EMF drawing" and start[40:44] != b" EMF":
                continue
            return (_OFFICE if kind.one == "ZIP archive" and b"[Content_Types].xml" in start else kind).one
    return _RAW.one if _is_raw(start) else _text(start)


def remedy(kind: str) -> str:
    """Return what a person does about a file of a kind: a clause without capital and full stop."""
    return _ALL[kind].remedy


def counted(kind: str, count: int) -> str:
    """Return ``"1 HEIC photo"``, ``"6 HEIC photos"``."""
    return f"{count:,} {_ALL[kind].one if count == 1 else _ALL[kind].many}"


def _brand(start: bytes) -> _Kind:
    """Return the kind of a file that begins with a box ``ftyp``: its brand, or one it is compatible with."""
    end = min(int.from_bytes(start[:4], "big"), len(start), 256)
    brands = [start[at : at + 4].decode("latin-1") for at in (8, *range(16, end, 4))]
    own = {"mif1": 1, "msf1": 1}  # any still image: what it is compatible with says more
    known = sorted((brand for brand in brands if brand in _BRANDS), key=lambda brand: own.get(brand, 0))
    return _BRANDS[known[0]] if brands[0] in _BRANDS else _VIDEO


def _is_raw(start: bytes) -> bool:
    """Whether this is a TIFF whose first page is only the thumbnail of a photo (NEF, ARW, DNG)."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(start[:4])
    try:
        (at,) = struct.unpack_from(f"{order}I", start, 4) if order else (0,)
        (count,) = struct.unpack_from(f"{order}H", start, at) if order else (0,)
        entries = [
            struct.unpack_from(f"{order}HHII", start, at + 2 + 12 * number)
            for number in range(min(count, 300))
        ]
    except struct.error:  # no TIFF, or its directory lies further on
        return False
    return any(tag == DNG_VERSION or (tag == SUBFILE and value & 1) for tag, _, _, value in entries)


def _text(start: bytes) -> str | None:
    if not start or start.startswith((b"BM", b"GIF8", b"RIFF")):
        return None
    if not start.strip(b"\0"):
        return "file of zeros" if len(start) > 16 else None
    for pattern, kind in _TEXTS:
        if pattern.search(start.removeprefix(b"\xef\xbb\xbf")[:1024]):
            return kind.one
    return None if start.translate(None, _NOT_TEXT) != start else _TEXT.one
