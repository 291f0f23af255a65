"""What a file is that no decoder here reads, told from its first bytes: named, counted, with what to do."""

import re
import struct
from dataclasses import dataclass

from cnnlab.languages import texts

ENOUGH = 4096
"""The first bytes of a file that ``kind_of`` looks at; a caller need not read more."""

SAVE_AS_PNG = texts("open it in its program and save it as PNG")
NOT_AN_IMAGE = texts("leave it out")
UNPACK = texts("unpack it, and give the images in it")


@dataclass(frozen=True)
class _Kind:
    """How a kind is called, alone and counted, and what a person does about it."""

    with_article: str
    counted: str
    many: str
    remedy: str

    @property
    def one(self) -> str:
        """Its name, by which it is known."""
        return self.with_article.partition(" ")[2]


def _kind(with_article: str, counted: str, many: str, remedy: str) -> _Kind:
    return _Kind(with_article, counted, many, remedy)


SUBFILE, DNG_VERSION = 254, 50706
"""Tags of TIFF: bit 0 of the first says that a page is a smaller copy; the second is in DNG files alone."""

_HEIC = _kind(
    "a HEIC photo",
    "1 HEIC photo",
    "{n} HEIC photos",
    "on the iPhone choose Settings > Camera > Formats > Most Compatible, or convert it to JPEG",
)
_VIDEO = _kind("a video", "1 video", "{n} videos", "export single images from it")
_RAW = _kind(
    "a camera RAW photo",
    "1 camera RAW photo",
    "{n} camera RAW photos",
    "export it as JPEG from the camera's program",
)
_SVG = _kind("an SVG drawing", "1 SVG drawing", "{n} SVG drawings", "export it as PNG")
_WEB_PAGE = _kind(
    "a web page", "1 web page", "{n} web pages", "open it in a browser, and save the image that it shows"
)
_TEXT = _kind("a text file", "1 text file", "{n} text files", NOT_AN_IMAGE)
_OFFICE = _kind(
    "an office document", "1 office document", "{n} office documents", "save the images in it as PNG"
)
_BRANDS = {
    **dict.fromkeys(("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"), _HEIC),
    "avif": _kind("an AVIF image", "1 AVIF image", "{n} AVIF images", "convert it to JPEG or PNG"),
    "avis": _kind(
        "an animated AVIF image",
        "1 animated AVIF image",
        "{n} animated AVIF images",
        "save one image of it as PNG",
    ),
    "crx ": _RAW,
    "jp2 ": _kind("a JPEG 2000 image", "1 JPEG 2000 image", "{n} JPEG 2000 images", SAVE_AS_PNG),
    **dict.fromkeys(
        ("M4A ", "M4B ", "M4P "), _kind("a sound file", "1 sound file", "{n} sound files", NOT_AN_IMAGE)
    ),
}
"""The brands of files that begin with a box ``ftyp``; all others are videos."""

_SIGNATURES: tuple[tuple[int, bytes, _Kind], ...] = (
    (0, b"%PDF-", _kind("a PDF", "1 PDF", "{n} PDFs", "export its pages as PNG")),
    (0, b"%!PS", _kind("a PostScript file", "1 PostScript file", "{n} PostScript files", "export it as PNG")),
    (
        0,
        b"\xc5\xd0\xd3\xc6",
        _kind("a PostScript file", "1 PostScript file", "{n} PostScript files", "export it as PNG"),
    ),
    (
        0,
        b"8BPS",
        _kind("a Photoshop document", "1 Photoshop document", "{n} Photoshop documents", SAVE_AS_PNG),
    ),
    (0, b"gimp xcf", _kind("a GIMP document", "1 GIMP document", "{n} GIMP documents", SAVE_AS_PNG)),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", _BRANDS["jp2 "]),
    (0, b"\xff\x4f\xff\x51", _BRANDS["jp2 "]),
    (
        0,
        b"\x00\x00\x00\x0cJXL \r\n\x87\n",
        _kind("a JPEG XL image", "1 JPEG XL image", "{n} JPEG XL images", "convert it to JPEG or PNG"),
    ),
    (
        0,
        b"\xff\x0a",
        _kind("a JPEG XL image", "1 JPEG XL image", "{n} JPEG XL images", "convert it to JPEG or PNG"),
    ),
    (0, b"\x00\x00\x01\x00", _kind("an icon", "1 icon", "{n} icons", SAVE_AS_PNG)),
    (0, b"\x00\x00\x02\x00", _kind("a cursor", "1 cursor", "{n} cursors", SAVE_AS_PNG)),
    (0, b"icns", _kind("an icon", "1 icon", "{n} icons", SAVE_AS_PNG)),
    (0, b"v/1\x01", _kind("an OpenEXR image", "1 OpenEXR image", "{n} OpenEXR images", SAVE_AS_PNG)),
    (
        0,
        b"#?RADIANCE",
        _kind("a Radiance HDR image", "1 Radiance HDR image", "{n} Radiance HDR images", SAVE_AS_PNG),
    ),
    (0, b"FUJIFILMCCD-RAW", _RAW),
    (0, b"IIRO", _RAW),
    (0, b"IIRS", _RAW),
    (0, b"IIU\x00", _RAW),
    (8, b"CR\x02", _RAW),
    (0, b"II\x1a\x00\x00\x00HEAPCCDR", _RAW),
    (0, b"FOVb", _RAW),
    (0, b"II\xbc\x01", _kind("a JPEG XR image", "1 JPEG XR image", "{n} JPEG XR images", SAVE_AS_PNG)),
    (
        128,
        b"DICM",
        _kind("a DICOM image", "1 DICOM image", "{n} DICOM images", "export it as PNG from its viewer"),
    ),
    (0, b"SIMPLE  =", _kind("a FITS image", "1 FITS image", "{n} FITS images", SAVE_AS_PNG)),
    (
        344,
        b"n+1\x00",
        _kind("an NIfTI volume", "1 NIfTI volume", "{n} NIfTI volumes", "export its slices as PNG"),
    ),
    (
        0,
        b"\x89HDF\r\n\x1a\n",
        _kind("an HDF5 file", "1 HDF5 file", "{n} HDF5 files", "write each image in it to a file of its own"),
    ),
    (
        0,
        b"\x93NUMPY",
        _kind(
            "a NumPy array",
            "1 NumPy array",
            "{n} NumPy arrays",
            "write each image in it to a file of its own",
        ),
    ),
    (
        0,
        b"MATLAB 5.0",
        _kind(
            "a MATLAB file",
            "1 MATLAB file",
            "{n} MATLAB files",
            "write each image in it to a file of its own",
        ),
    ),
    (0, b"SQLite format 3\x00", _kind("a database", "1 database", "{n} databases", NOT_AN_IMAGE)),
    (
        0,
        b"\x01\x00\x00\x00",
        _kind("an EMF drawing", "1 EMF drawing", "{n} EMF drawings", "export it as PNG"),
    ),
    (0, b"\xd7\xcd\xc6\x9a", _kind("a WMF drawing", "1 WMF drawing", "{n} WMF drawings", "export it as PNG")),
    (
        0,
        b"AT&TFORM",
        _kind("a DjVu document", "1 DjVu document", "{n} DjVu documents", "export its pages as PNG"),
    ),
    (0, b"PK\x03\x04", _kind("a ZIP archive", "1 ZIP archive", "{n} ZIP archives", UNPACK)),
    (0, b"PK\x05\x06", _kind("a ZIP archive", "1 ZIP archive", "{n} ZIP archives", UNPACK)),
    (0, b"Rar!\x1a\x07", _kind("a RAR archive", "1 RAR archive", "{n} RAR archives", UNPACK)),
    (0, b"7z\xbc\xaf\x27\x1c", _kind("a 7-Zip archive", "1 7-Zip archive", "{n} 7-Zip archives", UNPACK)),
    (0, b"\x1f\x8b", _kind("a gzip archive", "1 gzip archive", "{n} gzip archives", UNPACK)),
    (0, b"BZh", _kind("a bzip2 archive", "1 bzip2 archive", "{n} bzip2 archives", UNPACK)),
    (0, b"\xfd7zXZ\x00", _kind("an xz archive", "1 xz archive", "{n} xz archives", UNPACK)),
    (257, b"ustar", _kind("a tar archive", "1 tar archive", "{n} tar archives", UNPACK)),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OFFICE),
    (
        0,
        b"\x00\x05\x16\x07",
        _kind(
            "a note that a Mac made beside a file",
            "1 note that a Mac made beside a file",
            "{n} notes that a Mac made beside files",
            NOT_AN_IMAGE,
        ),
    ),
    (
        0,
        b"\x00\x05\x16\x00",
        _kind(
            "a note that a Mac made beside a file",
            "1 note that a Mac made beside a file",
            "{n} notes that a Mac made beside files",
            NOT_AN_IMAGE,
        ),
    ),
    (
        0,
        b"version https://git-lfs",
        _kind(
            "a Git LFS pointer",
            "1 Git LFS pointer",
            "{n} Git LFS pointers",
            "fetch the file itself with: git lfs pull",
        ),
    ),
    (0, b"\x1aE\xdf\xa3", _VIDEO),
    (0, b"FLV\x01", _VIDEO),
    (0, b"0&\xb2u\x8ef\xcf\x11", _VIDEO),
    (0, b"\x00\x00\x01\xba", _VIDEO),
    (0, b"\x00\x00\x01\xb3", _VIDEO),
    *((4, box, _VIDEO) for box in (b"moov", b"mdat", b"wide", b"free")),
    (0, b"ID3", _BRANDS["M4A "]),
    (0, b"OggS", _BRANDS["M4A "]),
    (0, b"fLaC", _BRANDS["M4A "]),
    (0, b"MZ", _kind("a Windows program", "1 Windows program", "{n} Windows programs", NOT_AN_IMAGE)),
    (0, b"\x7fELF", _kind("a program", "1 program", "{n} programs", NOT_AN_IMAGE)),
    (0, b"\x00asm", _kind("a program", "1 program", "{n} programs", NOT_AN_IMAGE)),
)
"""Where a file of a kind has which bytes; the first that fits counts."""

_TEXTS: tuple[tuple[re.Pattern[bytes], _Kind], ...] = (
    (re.compile(rb"<svg[\s>]|<!DOCTYPE svg", re.I), _SVG),
    (re.compile(rb"^\s*<(!doctype html|html|head|body|script)", re.I), _WEB_PAGE),
    (
        re.compile(rb"^P[1-7]\s"),
        _kind(
            "a PBM, PGM or PPM image", "1 PBM, PGM or PPM image", "{n} PBM, PGM or PPM images", SAVE_AS_PNG
        ),
    ),
    (re.compile(rb"^P[Ff]\s"), _kind("a PFM image", "1 PFM image", "{n} PFM images", SAVE_AS_PNG)),
    (
        re.compile(rb"XPM \*/|^#define \w+_width "),
        _kind("an XPM or XBM image", "1 XPM or XBM image", "{n} XPM or XBM images", SAVE_AS_PNG),
    ),
)
_READ = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_NOT_TEXT = bytes({*range(9), *range(14, 27), *range(28, 32), 127})

_ALL = {
    kind.one: kind
    for kind in (
        *_BRANDS.values(),
        *(kind for *_, kind in _SIGNATURES),
        *(kind for _, kind in _TEXTS),
        _kind(
            "a file of zeros",
            "1 file of zeros",
            "{n} files of zeros",
            "it was never written in full; copy it again",
        ),
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
    return _ALL[kind].counted if count == 1 else _ALL[kind].many.format(n=f"{count:,}")


def with_article(kind: str) -> str:
    """Return ``"a HEIC photo"``, ``"an icon"``."""
    return _ALL[kind].with_article


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
