"""Deep and transparent images: nothing in them gets lost, and the rule is the one that is written down."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from cnnlab import images
from tests.images.test_images import encoded
from tests.images.test_structure import gray_tiff, tiff

RNG = np.random.default_rng(0)


def deep(bits: int, channels: int = 1) -> np.ndarray:
    """Return uint16 ``(20, 30, channels)`` that uses all of so many bits."""
    pixels = RNG.integers(0, 2**bits, (20, 30, channels), np.uint16)
    pixels[0, 0] = 2**bits - 1
    return pixels


def saved(pixels: np.ndarray, suffix: str) -> bytes:
    bgr = pixels[..., [2, 1, 0, 3][: pixels.shape[2]]] if pixels.shape[2] > 1 else pixels
    return cv2.imencode(suffix, bgr)[1].tobytes()


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_a_deep_image_keeps_the_uppermost_bits_of_those_it_uses(bits, channels, suffix):
    pixels = deep(bits, channels)
    data = saved(pixels, suffix)
    assert images.peak(data) == 2**bits - 1
    assert images.white_for(2**bits - 1) == 2**bits - 1
    assert np.array_equal(images.decode(data), np.broadcast_to(pixels >> (bits - 8), (20, 30, 3)))


@pytest.mark.parametrize(
    ("peak", "white"),
    [
        (0, 255),
        (1, 255),
        (255, 255),
        (256, 1023),
        (4000, 4095),
        (4096, 16383),
        (65535, 65535),
        (65536, 2**24 - 1),
    ],
)
def test_white_is_the_smallest_usual_depth_that_holds_the_largest_value(peak, white):
    assert images.white_for(peak) == white


@pytest.mark.parametrize(("peak", "white"), [(0.25, 1), (1.0, 1), (1.5, 255), (4000.0, 4095)])
def test_fractions_up_to_one_are_fractions_of_white(peak, white):
    assert images.white_for(peak) == white


def test_images_of_one_dataset_stay_comparable_under_its_white():
    dim, bright = (np.full((4, 4, 1), value, np.uint16) for value in (400, 4000))
    own = [images.decode(saved(pixels, ".png")).max() for pixels in (dim, bright)]
    white = images.white_for(max(images.peak(saved(pixels, ".png")) for pixels in (dim, bright)))
    shared = [images.decode(saved(pixels, ".png"), white=white).max() for pixels in (dim, bright)]
    assert own == [400 >> 2, 4000 >> 4]
    assert shared == [400 >> 4, 4000 >> 4]


def test_what_is_brighter_than_the_given_white_is_white():
    assert images.decode(saved(np.full((4, 4, 1), 60_000, np.uint16), ".png"), white=4095).min() == 255


@pytest.mark.parametrize("white", [1, 255, 1000, 65_535, 2**24 - 1, 2**64 - 1, 2**1024 - 1])
@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_any_white_that_a_file_may_ask_for_is_applied(dtype, white):
    pixels = np.full((4, 4), 900, dtype)
    level = images.decode(cv2.imencode(".tiff", pixels)[1].tobytes(), white=white)[0, 0, 0]
    assert level == pytest.approx(min(900 * 256 / (white + 1), 255), abs=1)


def test_a_white_changes_nothing_in_an_image_of_eight_bits():
    photo = RNG.integers(0, 256, (9, 9, 3), np.uint8)
    assert images.peak(encoded(photo, "PNG")) is None
    assert np.array_equal(images.decode(encoded(photo, "PNG"), white=4095), photo)


def test_read_takes_a_white_too(tmp_path):
    (tmp_path / "a.png").write_bytes(saved(np.full((4, 4, 1), 400, np.uint16), ".png"))
    assert images.read(tmp_path / "a.png", white=4095).max() == 400 >> 4


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (np.float32([0, 0.5, 1.0, np.nan]), [0, 128, 255, 0]),
        (np.float32([-3, 0, 255, np.inf]), [0, 0, 255, 255]),
        (np.float64([0, 2047, 4095, -np.inf]), [0, 127, 255, 0]),
        (np.float32([np.nan] * 4), [0] * 4),
        (np.int32([-5, 0, 2048, 4095]), [0, 0, 128, 255]),
    ],
)
def test_fractions_and_whole_numbers_of_32_bits_are_scaled_by_the_same_rule(values, levels):
    decoded = images.decode(cv2.imencode(".tiff", values[None])[1].tobytes())
    assert decoded[0, :, 0].tolist() == levels


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_gray_that_begins_at_white_is_turned_at_every_depth(bits):
    pixels = np.linspace(0, 2**bits - 1, 30).astype(np.uint8 if bits == 8 else np.uint16).reshape(5, 6)
    black_is_zero = struct.pack("<HHIH", 262, 3, 1, 1)
    data = encoded(Image.fromarray(pixels), "TIFF").replace(black_is_zero, black_is_zero[:-2] + bytes(2))
    assert images.decode(data)[..., 0].tolist() == (255 - (pixels >> (bits - 8))).tolist()


def drawing(level: int | tuple[int, int], mode: str = "RGBA") -> tuple[np.ndarray, np.ndarray]:
    """Return a transparent RGBA image with two bars of these gray levels, and where they are."""
    levels = level if isinstance(level, tuple) else (level, level)
    image = np.zeros((20, 30, 4), np.uint8)
    image[..., :3] = levels[0]
    image[5:15, 5:10, 3] = image[5:15, 20:25, 3] = 255
    image[5:15, 20:25, :3] = levels[1]
    return image, image[..., 3] > 0


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    ("levels", "ground"),
    [(0, 255), (100, 255), (180, 255), (200, 0), (255, 0), ((255, 0), 128), ((255, 100), 0), ((0, 150), 255)],
)
def test_a_drawing_is_seen_on_its_ground_whatever_its_colour(levels, ground, kind):
    image, drawn = drawing(levels)
    decoded = images.decode(encoded(image, kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert (decoded[~drawn] == ground).all()
    assert np.array_equal(decoded[drawn], image[drawn][:, :3])


def test_half_transparent_pixels_are_half_of_their_ground():
    colours = np.zeros((1, 3, 4), np.uint8)
    colours[0, :, 3] = 0, 128, 255
    assert images.decode(encoded(colours, "PNG"))[0, :, 0].tolist() == [255, 127, 0]
    colours[..., :3] = 255
    assert images.decode(encoded(colours, "PNG"))[0, :, 0].tolist() == [0, 128, 255]


def test_nothing_drawn_at_all_is_white():
    assert images.decode(encoded(np.zeros((5, 5, 4), np.uint8), "PNG")).min() == 255


def test_an_alpha_that_hides_nothing_changes_nothing():
    photo = RNG.integers(0, 256, (9, 9, 4), np.uint8)
    photo[..., 3] = 255
    assert np.array_equal(images.decode(encoded(photo, "PNG")), photo[..., :3])


def test_sixteen_bit_alpha_is_alpha():
    pixels = np.zeros((1, 3, 4), np.uint16)
    pixels[..., :3] = 4095
    pixels[0, :, 3] = 0, 2**15, 2**16 - 1
    assert images.decode(saved(pixels, ".png"))[0, :, 0].tolist() == [0, 128, 255]  # white, so on black


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_transparent_palette_entry_shows_the_ground(kind):
    for colour, ground in ((40, 255), (250, 0)):
        palette = Image.new("P", (4, 4), 1)
        palette.putpalette([10, 20, 30, colour, colour, colour])
        palette.putpixel((0, 0), 0)
        decoded = images.decode(encoded(palette, kind, transparency=0))
        assert decoded[0, 0].tolist() == [ground] * 3
        assert decoded[1, 1].tolist() == [colour] * 3


@pytest.mark.parametrize("value", [0, 255])
def test_a_transparent_gray_or_colour_of_a_png_shows_the_ground(value):
    gray = np.full((4, 4), value, np.uint8)
    gray[1:3, 1:3] = 90
    for image, key in ((gray, value), (np.dstack([gray] * 3), (value,) * 3), (gray > 100, value)):
        data = encoded(Image.fromarray(image), "PNG", transparency=key)
        if image.dtype == bool:
            assert images.decode(data).shape == (4, 4, 3)
        else:
            assert images.decode(data)[..., 0].tolist() == np.where(gray == value, 255, 90).tolist()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode_of_pillow_is_read_from_a_tiff(mode):
    gray = Image.fromarray((np.arange(600).reshape(20, 30) % 256).astype(np.uint8))
    image = gray.convert(mode) if mode != "I;16" else Image.fromarray(np.asarray(gray).astype(np.uint16))
    buffer = io.BytesIO()
    image.save(buffer, "TIFF")
    decoded = images.decode(buffer.getvalue())
    expected = np.asarray(gray.convert("1").convert("L") if mode == "1" else gray)
    assert np.abs(decoded[..., 0].astype(int) - expected).max() <= 1


@pytest.mark.parametrize("alpha", [0, 255])
def test_a_bmp_whose_alpha_was_left_empty_is_opaque(alpha):
    photo = RNG.integers(0, 256, (6, 8, 3), np.uint8)
    stored = np.dstack([photo[::-1, :, ::-1], np.full((6, 8), alpha, np.uint8)]).tobytes()
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 108, 8, 6, 1, 32, 3, len(stored), 0, 0, 0, 0) + masks + bytes(52)
    data = b"BM" + struct.pack("<IHHI", 14 + 108 + len(stored), 0, 0, 14 + 108) + header + stored
    assert np.array_equal(images.decode(data), photo)


@pytest.mark.parametrize("order", ["<", ">"])
def test_deep_pixels_of_either_byte_order_are_the_same(order):
    pixels = deep(12)[..., 0]
    tags = gray_tiff(30, 20, _258=("H", [16]), _279=("I", [20 * 30 * 2]))
    head = tiff(tags, order=order)
    data = head + bytes(200 - len(head)) + pixels.astype(order + "u2").tobytes()
    assert np.array_equal(images.decode(data)[..., 0], pixels >> 4)
