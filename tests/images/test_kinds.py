"""What cannot be decoded is named: files as cameras, browsers and archives begin them."""

import gzip
import io
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from cnnlab import images


def box(brand: bytes, *compatible: bytes) -> bytes:
    content = brand + bytes(4) + b"".join(compatible)
    return (len(content) + 8).to_bytes(4, "big") + b"ftyp" + content + bytes(400)


def zipped(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "x")
    return buffer.getvalue()


def tarred() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return buffer.getvalue()


def saved(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(buffer, kind)
    return buffer.getvalue()


def array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(9))
    return buffer.getvalue()


KINDS = {
    "HEIC photo": [box(b"heic", b"mif1", b"heic"), box(b"mif1", b"heic"), box(b"heix")],
    "video": [
        box(b"isom", b"avc1"),
        box(b"qt  "),
        b"\x1aE\xdf\xa3\x01",
        b"RIFF\0\0\0\0AVI LIST",
        b"\0\0\0\x08wide",
    ],
    "camera RAW photo": [box(b"crx "), b"II*\0\x10\0\0\0CR\x02\0"],
    "sound file": [box(b"M4A "), b"ID3\x03", b"RIFF\0\0\0\0WAVEfmt "],
    "PDF": [saved("PDF")],
    "PostScript file": [saved("EPS")],
    "JPEG 2000 image": [saved("JPEG2000")],
    "icon": [saved("ICO"), saved("ICNS")],
    "PBM, PGM or PPM image": [saved("PPM")],
    "DICOM image": [bytes(128) + b"DICM" + bytes(90)],
    "NumPy array": [array()],
    "HDF5 file": [b"\x89HDF\r\n\x1a\n" + bytes(90)],
    "ZIP archive": [zipped("a.txt")],
    "office document": [zipped("[Content_Types].xml"), bytes.fromhex("d0cf11e0a1b11ae1") + bytes(90)],
    "gzip archive": [gzip.compress(b"x")],
    "tar archive": [tarred()],
    "SVG drawing": [b"<svg xmlns='x'/>", b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- made by -->\n<svg>"],
    "web page": [b"<!DOCTYPE html><html>", b"\n  <html><body>404 not found"],
    "text file": [b"I am a text that calls itself a picture.\n", "灰度".encode()],
    "Git LFS pointer": [b"version https://git-lfs.github.com/spec/v1\noid sha256:0"],
    "note that a Mac made beside a file": [b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X"],
    "file of zeros": [bytes(5000)],
}


@pytest.mark.parametrize(("kind", "data"), [(kind, data) for kind in KINDS for data in KINDS[kind]])
def test_what_no_decoder_reads_has_a_name_and_a_remedy(kind, data):
    assert images.kind_of(data) == kind
    assert images.kind_of(data[: images.ENOUGH]) == kind
    assert images.remedy(kind)
    assert images.counted(kind, 1).startswith("1 ")
    assert images.counted(kind, 6).startswith("6 ")
    assert images.counted(kind, 6) != f"6 {kind}"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_what_is_read_needs_no_name_whole_or_torn(kind):
    data = saved(kind)
    assert all(
        images.kind_of(data[:length]) is None for length in (*range(12, 20), len(data) // 2, len(data))
    )


def test_what_nobody_knows_has_no_name():
    assert images.kind_of(b"") is None
    assert images.kind_of(bytes(range(100, 0, -1))) is None
