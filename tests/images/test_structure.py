"""Files built to cost far more than they are: each is refused, or read at the cost of an honest one."""

import contextlib
import functools
import itertools
import re
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cnnlab import images
from cnnlab.errors import ImageError
from cnnlab.images import jpeg
from tests.images.test_images import PHOTO, encoded, png_chunk


def deflated_zeros(megabytes: int) -> bytes:
    """Return that many megabytes of zeros as one zlib stream, without packing them all."""
    packer = zlib.compressobj(9)
    first, again = (packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (megabytes - 2) + packer.flush()


def png(*chunks: tuple[bytes, bytes], size=(4, 4), bits=8, colour=2) -> bytes:
    header = struct.pack(">IIBBBBB", *size, bits, colour, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, data) for kind, data in parts)


PIXELS = (b"IDAT", zlib.compress(bytes(4 * (4 * 3 + 1))))


def jpeg_parts(data: bytes) -> list[bytes]:
    """Return the segments of a JPEG, each scan with its pixels, without begin and end."""
    marks = [2]
    while data[marks[-1] + 1] != 0xD9:
        at = marks[-1]
        end = at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        if data[at + 1] == 0xDA:
            end = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]").search(data, end).start()
        marks.append(end)
    return [data[start:end] for start, end in itertools.pairwise(marks)]


def scans_repeated(times: int, which: int = -1, side: int = 64, progressive: bool = True) -> bytes:
    """Return a JPEG whose scan ``which`` is there so many times more."""
    parts = jpeg_parts(encoded(Image.new("L", (side, side), 120), "JPEG", progressive=progressive))
    scans = [part for part in parts if part[1] == 0xDA]
    head = [part for part in parts if part[1] != 0xDA] if not progressive else parts[: parts.index(scans[1])]
    return b"\xff\xd8" + b"".join(head) + b"".join(scans) + scans[which] * times + b"\xff\xd9"


def tiff(
    entries: dict[int, tuple[str, list[int]]], following: int = 0, tail: bytes = b"", order="<"
) -> bytes:
    """Return a TIFF of these tags, in any number: ``H`` or ``I`` and values."""
    start = 8 + 2 + 12 * len(entries) + 4
    directory, values = struct.pack(order + "H", len(entries)), b""
    for tag, (kind, numbers) in sorted(entries.items()):
        raw = struct.pack(f"{order}{len(numbers)}{kind}", *numbers)
        directory += struct.pack(order + "HHI", tag, 3 if kind == "H" else 4, len(numbers))
        if len(raw) <= 4:
            directory += raw.ljust(4, b"\0")
        else:
            directory += struct.pack(order + "I", start + len(values))
            values += raw
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return head + directory + struct.pack(order + "I", following) + values + tail


def gray_tiff(width: int, height: int, **other) -> dict[int, tuple[str, list[int]]]:
    tags = {256: ("I", [width]), 257: ("I", [height]), 258: ("H", [8]), 259: ("H", [1]), 262: ("H", [1])}
    tags |= {273: ("I", [200]), 277: ("H", [1]), 278: ("I", [height]), 279: ("I", [width * height])}
    return tags | {int(tag[1:]): value for tag, value in other.items()}


def bmp(**patch: bytes) -> bytes:
    data = bytearray(encoded(PHOTO, "BMP"))
    for at, value in patch.items():
        data[int(at[1:]) : int(at[1:]) + len(value)] = value
    return bytes(data)


GIF = encoded(Image.new("P", (40, 30)), "GIF")
FRAME = GIF.index(b",")
WEBP = encoded(PHOTO, "WEBP")
REFUSED = {
    "jpeg: scans": scans_repeated(400),
    "jpeg: scans of a file that is not progressive": scans_repeated(400, progressive=False),
    "jpeg: few scans of many blocks": scans_repeated(90, side=4800),
    "jpeg: only markers": b"\xff\xd8" + b"\xff\xd0" * 2_000_000,
    "jpeg: only FF": b"\xff\xd8" + b"\xff" * 4_000_000,
    "jpeg: empty segments": b"\xff\xd8" + b"\xff\xe0\0\2" * 1_000_000,
    "jpeg: two frames": encoded(PHOTO, "JPEG").replace(
        b"\xff\xda", encoded(PHOTO, "JPEG")[2:][:300] + b"\xff\xda"
    ),
    "jpeg: no height": re.sub(rb"(\xff\xc0\0\x11\x08)..", b"\\1\0\0", encoded(PHOTO, "JPEG"), flags=re.S),
    "jpeg: 65,000 a side": re.sub(
        rb"(\xff\xc0\0\x11\x08)....", b"\\1\xfd\xe8\xfd\xe8", encoded(PHOTO, "JPEG"), flags=re.S
    ),
    "jpeg: arithmetic coding": encoded(PHOTO, "JPEG").replace(b"\xff\xc0", b"\xff\xc9"),
    "jpeg: 12 bits": encoded(PHOTO, "JPEG").replace(b"\xff\xc0\0\x11\x08", b"\xff\xc1\0\x11\x0c"),
    "png: a chunk longer than the file": png(PIXELS).replace(
        b"\0\0\0" + bytes([len(PIXELS[1])]) + b"IDAT", b"\x7f\xff\xff\xffIDAT"
    ),
    "png: empty chunks": b"\x89PNG\r\n\x1a\n"
    + png_chunk(b"IHDR", bytes(13))
    + png_chunk(b"aaAa", b"") * 300_000,
    "png: pixels after the last row": png((b"IDAT", deflated_zeros(20_000))),
    "png: 30,000 a side": png(PIXELS, size=(30_000, 30_000)),
    "png: 200 MB of deep pixels": png(PIXELS, size=(5000, 5000), bits=16, colour=6),
    "webp: longer than the file": WEBP[:4] + struct.pack("<I", 2**31) + WEBP[8:],
    "webp: a chunk longer than the file": WEBP[:16] + struct.pack("<I", 2**31) + WEBP[20:],
    "webp: no frame": b"RIFF\x0c\0\0\0WEBPEXIF\0\0\0\0",
    "bmp: 65,000 a side": bmp(_18=struct.pack("<ii", 65_000, -65_000)),
    "bmp: pixels outside": bmp(_10=struct.pack("<I", 2**31)),
    "bmp: fewer bytes than pixels": bmp(_18=struct.pack("<ii", 400, 300)),
    "bmp: a JPEG in it": bmp(_30=struct.pack("<I", 4)),
    "gif: empty comments": GIF[:FRAME] + b"\x21\xfe\0" * 500_000 + GIF[FRAME:],
    "gif: comments of one letter": GIF[:FRAME] + b"\x21\xfe" + b"\1a" * 1_000_000 + b"\0" + GIF[FRAME:],
    "gif: a frame of 65,000 a side": GIF[: FRAME + 5] + b"\xe8\xfd\xe8\xfd" + GIF[FRAME + 9 :],
    "tiff: 65,535 tags": tiff(gray_tiff(9, 9))[:8] + b"\xff\xff" + tiff(gray_tiff(9, 9))[10:],
    "tiff: the directory is outside": b"II*\0\xff\xff\xff\x7f" + bytes(90),
    "bigtiff: the directory is outside": b"II+\0\x08\0\0\0" + b"\xff" * 8 + bytes(90),
    "tiff: a tag twice": tiff(gray_tiff(9, 9), tail=bytes(90)).replace(
        struct.pack("<H", 277), struct.pack("<H", 278)
    ),
    "tiff: values outside": tiff(gray_tiff(9, 9, _258=("H", [8] * 3)))[:-6],
    "tiff: strips of one place": tiff(
        gray_tiff(300, 2000, _278=("I", [1]), _273=("I", [40_000] * 2000), _279=("I", [9000] * 2000)),
        tail=bytes(50_000),
    ),
    "tiff: millions of values that all tags share": tiff(
        dict.fromkeys((256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 317, 320, 338, 339), ("I", [9]))
    )
    .replace(struct.pack("<HII", 4, 1, 9), struct.pack("<HII", 4, 4_000_000, 200))
    .ljust(16_000_300, b"\1"),
    "tiff: a fax of a million rows": tiff(
        gray_tiff(8, 1_000_000, _258=("H", [1]), _259=("H", [3]), _279=("I", [9])), tail=bytes(300)
    ),
    "tiff: fewer strips than rows": tiff(gray_tiff(300, 9000, _278=("I", [1])), tail=bytes(90_000)),
    "tiff: a strip outside": tiff(gray_tiff(9, 9), tail=bytes(9)),
    "tiff: tiles far larger than itself": tiff(
        gray_tiff(9, 9, _322=("I", [65_536]), _323=("I", [65_536]), _324=("I", [200]), _325=("I", [9])),
        tail=bytes(90),
    ),
    "tiff: 65,000 a side": tiff(gray_tiff(65_000, 65_000), tail=bytes(90)),
    "tiff: ten channels": tiff(gray_tiff(3, 3, _277=("H", [10])), tail=bytes(900)),
    "tiff: scans in a JPEG strip": tiff(
        gray_tiff(64, 64, _259=("H", [7]), _273=("I", [140]), _279=("I", [len(scans_repeated(50))])),
        tail=bytes(140 - len(tiff(gray_tiff(64, 64)))) + scans_repeated(50),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_built_to_cost_much_is_refused_before_a_decoder_sees_it(case):
    for door in (images.decode, images.size) if "after the last row" not in case else (images.decode,):
        with pytest.raises(ImageError, match=r"^hand\.png .*\.$"):
            door(REFUSED[case], "hand.png")


READ = {
    "png: a gigabyte of text": png((b"zTXt", b"a\0\0" + deflated_zeros(5000)), PIXELS),
    "png: a colour profile that is a bomb": png((b"iCCP", b"a\0\0" + deflated_zeros(500)), PIXELS),
    "gif: a screen of 65,000 a side": GIF[:6] + b"\xe8\xfd\xe8\xfd" + GIF[10:],
    "tiff: a second page that leads back to the first": tiff(gray_tiff(9, 9), following=8, tail=bytes(200)),
    "tiff: written on another machine": tiff(gray_tiff(9, 9), tail=bytes(200), order=">"),
    "tiff: links to thumbnails, to itself": tiff(
        gray_tiff(9, 9, _330=("I", [8] * 3), _34665=("I", [8])), tail=bytes(300)
    ),
    "jpeg: what follows its end": encoded(PHOTO, "JPEG") + b"\xff\xda" * 1000,
}


@pytest.mark.parametrize("case", READ)
def test_what_an_image_does_not_need_is_never_looked_at(case):
    assert images.decode(READ[case]).shape[:2] == images.size(READ[case])


def test_an_honest_progressive_photo_is_read():
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    assert images.decode(encoded(noise, "JPEG", progressive=True, quality=95)).shape == (300, 400, 3)
    assert images.decode(scans_repeated(0)).shape == (64, 64, 3)


@pytest.mark.parametrize(
    ("mode", "size", "reduced"),
    [("L", (5000, 5000), 1), ("L", (12_000, 9000), 4), ("RGB", (8064, 6048), 2), ("CMYK", (6000, 5000), 2)],
)
def test_a_large_photo_is_decoded_at_a_fraction_of_its_sides(mode, size, reduced):
    halves = Image.new("RGB", size, "black").convert(mode)
    halves.paste(Image.new("RGB", (size[0] // 2, size[1]), "white").convert(mode), (0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(halves, "JPEG", exif=exif, quality=30)
    decoded = images.decode(data)
    assert decoded.shape == (size[0] // reduced, size[1] // reduced, 3) == (*images.size(data), 3)
    assert (
        decoded[: size[0] // reduced // 2 - 9].min() > 250
        and decoded[size[0] // reduced // 2 + 9 :].max() < 5
    )


def test_a_large_photo_keeps_its_colours():
    photo = Image.fromarray(PHOTO).resize((8000, 6000))
    decoded = images.decode(encoded(photo, "JPEG", quality=90))
    assert np.abs(images.resize(decoded, (30, 40)).astype(int) - PHOTO).mean() < 4


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")
def test_no_file_takes_more_than_a_gigabyte_and_all_of_them_together_take_seconds(tmp_path):
    """Limits that the system holds: of address space beside what is loaded, and of processor time."""
    for number, data in enumerate((REFUSED | READ).values()):
        (tmp_path / str(number)).write_bytes(data)
    code = """
import pathlib, resource, sys
from cnnlab import images
from cnnlab.errors import ImageError
pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 2**30,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
for path in pathlib.Path(sys.argv[1]).iterdir():
    try:
        images.decode(path.read_bytes(), path.name)
    except ImageError:
        pass
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@functools.cache
def whole_images() -> list[bytes]:
    """Return a small image of each format and kind."""
    photo, exif = Image.fromarray(PHOTO), Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "a camera"
    alpha = photo.copy()
    alpha.putalpha(Image.fromarray(PHOTO[..., 0]))
    deep = Image.fromarray(PHOTO[..., 0].astype(np.uint16) * 16)
    several = {"save_all": True, "append_images": [photo.rotate(90)]}
    return [
        encoded(photo, "JPEG", exif=exif),
        encoded(photo, "JPEG", progressive=True, exif=exif),
        encoded(photo.convert("CMYK"), "JPEG"),
        encoded(photo, "PNG", exif=exif),
        encoded(photo.convert("P"), "PNG", transparency=3),
        encoded(alpha, "PNG", **several),
        encoded(deep, "PNG"),
        encoded(photo, "WEBP", exif=exif),
        encoded(alpha, "WEBP", lossless=True),
        encoded(alpha, "WEBP", **several),
        encoded(photo, "BMP"),
        encoded(photo.convert("P"), "BMP"),
        encoded(photo, "GIF", **several),
        encoded(photo, "TIFF", exif=exif),
        encoded(alpha, "TIFF", compression="tiff_lzw"),
        encoded(photo, "TIFF", compression="jpeg"),
        encoded(deep, "TIFF", compression="tiff_deflate"),
        encoded(photo.convert("F"), "TIFF", big_tiff=True),
        encoded(photo.convert("1"), "TIFF", compression="group4"),
    ]


def only_image_errors(data: bytes) -> bool:
    """Ask every door about a file; return whether it can be read."""
    images.kind_of(data)
    for door in (images.size, images.peak):
        with contextlib.suppress(ImageError):
            door(data)
    try:
        decoded = images.decode(data)
    except ImageError as error:
        assert str(error).startswith("this image ") and str(error).endswith(".") and "\n" not in str(error)
        return False
    assert decoded.dtype == np.uint8 and decoded.shape == (*images.size(data), 3)
    return True


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_header_followed_by_anything_is_read_or_refused_and_nothing_else(data):
    start = data.draw(st.sampled_from([b"", *(image[:40] for image in whole_images()), b"II+\0\x08\0\0\0"]))
    only_image_errors(start[: data.draw(st.integers(0, 40))] + data.draw(st.binary(max_size=200)))


@given(st.binary(max_size=60))
def test_any_bytes_as_exif_give_an_orientation(exif):
    data = png((b"eXIf", exif), PIXELS)
    assert images.size(data) == (4, 4)


def test_scans_are_found_where_a_decoder_finds_them():
    """Bytes of pixels that look like a marker, FF 00 and restarts, are none."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    data = encoded(noise, "JPEG", quality=100, restart_marker_blocks=2)
    assert b"\xff\x00" in data and b"\xff\xd3" in data
    assert jpeg.look(data).size == (64, 64)
