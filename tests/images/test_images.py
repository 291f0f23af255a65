"""What people upload, made by Pillow byte by byte, and what becomes of it."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from cnnlab import images
from cnnlab.errors import ImageError

RAMP = np.stack(np.meshgrid(np.arange(40) * 6, np.arange(30) * 8, indexing="xy"), axis=-1)
PHOTO = np.dstack([RAMP, np.full((30, 40), 90)]).astype(np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
WIDE_HEADER = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)


def encoded(image, kind, **options) -> bytes:
    buffer = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(buffer, kind, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_deflate"}, 0),
        ("TIFF", {"compression": "packbits"}, 0),
        ("TIFF", {"compression": "jpeg", "quality": 95}, 12),
        ("TIFF", {"big_tiff": True}, 0),
        ("GIF", {}, 30),
        ("WEBP", {"lossless": True}, 0),
        ("JPEG", {"quality": 95, "subsampling": 0}, 6),
    ],
)
def test_every_allowed_type_gives_the_pixels_that_were_saved(kind, options, tolerance):
    decoded = images.decode(encoded(PHOTO, kind, **options))
    assert decoded.dtype == np.uint8
    assert decoded.shape == (30, 40, 3)
    assert np.abs(decoded.astype(int) - PHOTO).max() <= tolerance


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_exif_orientation_turns_the_image_upright(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(PHOTO, kind, exif=exif)
    with Image.open(io.BytesIO(data)) as file:
        expected = np.asarray(ImageOps.exif_transpose(file).convert("RGB"))
    decoded = images.decode(data)
    assert decoded.shape == expected.shape == (*images.size(data), 3)
    assert decoded.shape[0] == (30 if orientation < 5 else 40)
    assert np.abs(decoded.astype(int) - expected).mean() < 8


@pytest.mark.parametrize(
    ("kind", "count", "value"),
    [
        (2, 4, b"abc\0"),  # text
        (7, 4, b"\6\0\0\0"),  # bytes of no type
        (5, 1, b"\x1a\0\0\0"),  # a fraction, somewhere else
        (11, 1, struct.pack("<f", float("nan"))),
        (3, 2, b"\6\0\6\0"),  # a list
        (3, 0, b"\6\0\0\0"),
        (3, 1, b"\0\0\0\0"),
        (3, 1, b"\x09\0\0\0"),
        (4, 1, b"\xff\xff\xff\xff"),
        (99, 1, b"\6\0\0\0"),
    ],
)
def test_an_exif_orientation_that_is_no_number_from_1_to_8_is_none(kind, count, value):
    entry = struct.pack("<HHI", 0x0112, kind, count) + value
    tiff = b"II*\0\x08\0\0\0\x01\0" + entry + bytes(4)
    for data in (
        encoded(PHOTO, "JPEG", exif=b"Exif\0\0" + tiff, quality=95),
        encoded(PHOTO, "WEBP", exif=tiff, lossless=True),
        encoded(PHOTO, "PNG", exif=tiff),
    ):
        assert images.size(data) == (30, 40)
        assert np.abs(images.decode(data).astype(int) - PHOTO).mean() < 8


@pytest.mark.parametrize("length", range(0, 40, 3))
def test_an_exif_block_that_is_cut_or_points_outside_says_nothing(length):
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = exif.tobytes()
    for block in (whole[:length], whole[:10] + b"\xff\xff\xff\x7f" + whole[14:]):
        assert images.size(encoded(PHOTO, "JPEG", exif=block)) in ((30, 40), (40, 30))


def test_size_is_that_of_the_upright_image_and_needs_no_decoding():
    exif = Image.Exif()
    exif[0x0112] = 8
    assert images.size(encoded(PHOTO, "BMP")) == (30, 40)
    assert images.size(encoded(PHOTO, "JPEG", exif=exif.tobytes())) == (40, 30)
    with pytest.raises(ImageError, match="more than 25 megapixels"):
        images.size(BOMB)


def test_gray_becomes_three_equal_channels():
    decoded = images.decode(encoded(PHOTO[..., 0], "PNG"))
    assert np.array_equal(decoded, np.repeat(PHOTO[..., :1], 3, axis=2))


def test_one_bit_becomes_black_and_white():
    decoded = images.decode(encoded(Image.fromarray(PHOTO[..., 0] > 100), "PNG"))
    assert np.array_equal(decoded[..., 1], np.where(PHOTO[..., 0] > 100, 255, 0))


def test_palette_becomes_its_colours():
    palette = Image.fromarray(PHOTO).convert("P", palette=Image.Palette.ADAPTIVE)
    assert np.array_equal(images.decode(encoded(palette, "PNG")), np.asarray(palette.convert("RGB")))


def test_cmyk_jpeg_keeps_its_colours():
    decoded = images.decode(encoded(Image.fromarray(PHOTO).convert("CMYK"), "JPEG", quality=95))
    assert np.abs(decoded.astype(int) - PHOTO).mean() < 4


JPEG = encoded(NOISE, "JPEG")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
BOMB = (
    b"\x89PNG\r\n\x1a\n"
    + png_chunk(b"IHDR", WIDE_HEADER)
    + png_chunk(b"IDAT", zlib.compress(bytes(2**16)))
    + png_chunk(b"IEND", b"")
)
REFUSED = {
    "empty": (b"", "is empty"),
    "text named .png": (b"this is not a whole PNG", "is a text file"),
    "bytes of nothing known": (bytes(range(99, 9, -1)), "is not a whole PNG"),
    "truncated JPEG": (JPEG[:-300], "is damaged"),
    "truncated transparent PNG": (encoded(Image.new("LA", (90, 90)), "PNG")[:-40], "is damaged"),
    "only a header": (b"\x89PNG\r\n\x1a\n", "is damaged"),
    "SVG": (SVG, "is an SVG drawing"),
    "PDF": (encoded(PHOTO, "PDF"), "is a PDF"),
    "HEIC": (b"\0\0\0\x18ftypheic" + bytes(99), "is a HEIC photo.*Most Compatible"),
    "30,000 x 30,000": (BOMB, "more than 25 megapixels"),
    "26 megapixels": (encoded(Image.new("1", (5200, 5000)), "PNG"), "more than 25 megapixels"),
    "too many bytes": (bytes(images.MAX_BYTES + 1), f"larger than {images.MAX_BYTES // 10**6} MB"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_image_is_refused_in_one_sentence_with_its_name(case):
    data, reason = REFUSED[case]
    with pytest.raises(ImageError, match=reason) as refusal:
        images.decode(data, "hand.png")
    message = str(refusal.value)
    assert message.startswith("hand.png ")
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_an_image_cut_anywhere_is_refused_or_read_but_never_crashes(kind):
    whole = encoded(Image.fromarray(PHOTO).convert("RGB"), kind)
    for length in range(0, len(whole) - 16, 7):
        with pytest.raises(ImageError):
            images.decode(whole[:length])


def test_read_takes_a_file_and_names_a_missing_one(tmp_path):
    (tmp_path / "hand.webp").write_bytes(encoded(PHOTO, "WEBP", lossless=True))
    assert np.array_equal(images.read(tmp_path / "hand.webp"), PHOTO)
    with pytest.raises(ImageError, match=r"gone.png cannot be opened \(No such file or directory\)"):
        images.read(tmp_path / "gone.png")


def test_recolour_to_gray_weighs_the_colours_as_the_eye_does():
    primaries = np.uint8([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]])
    assert images.recolour(primaries, 1)[0, :, 0].tolist() == [76, 150, 29]  # ITU-R BT.601
    gray = np.uint8([[[7], [9]]])
    assert images.recolour(gray, 3).tolist() == [[[7, 7, 7], [9, 9, 9]]]
    assert images.recolour(primaries, 3) is primaries


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(32, 32), (5, 100), (30, 40)])
@pytest.mark.parametrize("resize_mode", images.RESIZE_MODES)
def test_resize_gives_the_size_and_keeps_the_channels(channels, size, resize_mode):
    assert images.resize(PHOTO[..., :channels], size, resize_mode=resize_mode).shape == (*size, channels)


def test_area_averages_and_bilinear_takes_neighbours():
    stripes = np.zeros((8, 8, 1), np.uint8)
    stripes[:, ::4] = 200
    assert (images.resize(stripes, (2, 2), resample="area") == 50).all()
    assert (images.resize(stripes, (2, 2), resample="bilinear") == 0).all()


def test_area_enlarges_smoothly():
    enlarged = images.resize(np.uint8([[[0], [200]]]), (1, 8))[0, :, 0]
    assert len(set(enlarged.tolist())) > 4


def test_crop_keeps_the_proportions_of_the_middle():
    image = np.zeros((10, 30, 3), np.uint8)
    image[:, 10:20] = 255
    assert (images.resize(image, (5, 5), resize_mode="crop") == 255).all()
    assert not (images.resize(image, (5, 5), resize_mode="squash") == 255).all()


def test_png_is_lossless_and_jpeg_is_close():
    assert np.array_equal(images.decode(images.encode_png(PHOTO)), PHOTO)
    assert np.abs(images.decode(images.encode_jpeg(PHOTO, quality=100)).astype(int) - PHOTO).mean() < 4


def test_contact_sheet_places_row_by_row():
    sheet = images.contact_sheet([np.full((2, 3, 1), v, np.uint8) for v in (10, 20, 30)], columns=2, gap=1)
    assert sheet.shape == (5, 7, 1)
    assert [sheet[0, 0, 0], sheet[0, 4, 0], sheet[3, 0, 0], sheet[3, 4, 0]] == [10, 20, 30, 255]


def test_blur_spreads_a_point_and_keeps_the_sum():
    point = np.zeros((31, 31), np.float32)
    point[15, 15] = 1
    blurred = images.blur(point, 2.0)
    assert blurred.sum() == pytest.approx(1, abs=1e-3)
    assert blurred[15, 15] == pytest.approx(1 / (2 * np.pi * 4), rel=0.02)
