"""Pictures in, pictures out: safe decoding, colour, size. The only module that knows OpenCV.

A picture is a uint8 array ``(H, W, C)``, RGB or gray. What people upload is hostile until its header has been
read: a PNG of 854 KiB can ask for 2.6 GB. So Pillow reads type and size first, and OpenCV, which is three
times as fast, decodes what is allowed.
"""

import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from cnnlab.errors import ImageError

MAX_BYTES = 10 * 2**20
MAX_PIXELS = 25_000_000
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
RESAMPLE = ("area", "bilinear")
FIT = ("squash", "crop")
BORDERS = ("constant", "reflect")
ORIENTATION = 0x0112  # EXIF: from 5 on, rows and columns are swapped

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PIXELS))  # OpenCV reads it while it is imported
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")  # a damaged file is our message, not OpenCV's

import cv2  # noqa: E402


def decode(data: bytes, name: str = "this picture") -> np.ndarray:
    """Return an encoded picture as uint8 RGB ``(H, W, 3)``, turned upright by its EXIF orientation.

    The content decides the type, not the name: PNG, JPEG, WEBP or BMP; gray, palette, CMYK and 16-bit files
    become 8-bit RGB, transparent pixels become white.

    Raises:
        ImageError: empty, larger than ``MAX_BYTES`` or ``MAX_PIXELS``, of another type, or damaged.
    """
    if _header(data, name).has_transparency_data:
        return _on_white(data, name)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        image = None
    if image is None:
        raise _damaged(name)
    return image


def read(path: str | Path) -> np.ndarray:
    """Return the picture in a file as uint8 RGB ``(H, W, 3)``; see ``decode``.

    Raises:
        ImageError: the file cannot be opened, or ``decode`` refuses it.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{path.name} cannot be opened ({reason}); check its path.") from error
    return decode(data, path.name)


def size(data: bytes, name: str = "this picture") -> tuple[int, int]:
    """Return ``(height, width)`` of an encoded picture as ``decode`` would, from its header alone.

    Raises:
        ImageError: as ``decode``, except that damage further on is not seen.
    """
    header = _header(data, name)
    turned = header.getexif().get(ORIENTATION, 1) >= 5
    return header.size if turned else header.size[::-1]


def recolour(image: np.ndarray, channels: int) -> np.ndarray:
    """Return ``(H, W, 1 or 3)`` as ``(H, W, channels)``: luminance (ITU-R BT.601), or gray repeated."""
    if image.shape[2] == channels:
        return image
    return (
        cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None] if channels == 1 else np.repeat(image, 3, axis=2)
    )


def resize(
    image: np.ndarray, size: tuple[int, int], resample: str = "area", fit: str = "squash"
) -> np.ndarray:
    """Return a picture ``(H, W, C)`` as ``(*size, C)``, ``size`` being ``(height, width)``.

    ``resample="area"`` averages all pixels that fall into one, and interpolates where the picture grows;
    ``"bilinear"`` takes the four nearest. ``fit="squash"`` changes the proportions, ``"crop"`` cuts out the
    middle.
    """
    if fit == "crop":
        image = _middle(image, size)
    if image.shape[:2] == tuple(size):
        return image
    shrinks = image.shape[0] >= size[0] and image.shape[1] >= size[1]
    method = cv2.INTER_AREA if resample == "area" and shrinks else cv2.INTER_LINEAR
    return cv2.resize(image, (size[1], size[0]), interpolation=method).reshape(*size, image.shape[2])


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Return a Gaussian blur of ``(H, W)`` or ``(H, W, C)``, of the same type; ``sigma`` in pixels."""
    return cv2.GaussianBlur(image, (0, 0), sigma).reshape(image.shape)


def warp(image: np.ndarray, matrix: np.ndarray, border: str = "constant") -> np.ndarray:
    """Return a uint8 picture ``(H, W, C)`` whose pixel (x, y) is the old one's at ``matrix @ (x, y, 1)``.

    ``matrix`` is ``(2, 3)``; pixel centres are whole numbers, between them the four nearest count. Outside
    the old picture it is 0, or with ``border="reflect"`` the picture mirrored at its edge (``dcba|abcd``).
    """
    beyond = cv2.BORDER_REFLECT if border == "reflect" else cv2.BORDER_CONSTANT
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (image.shape[1], image.shape[0])
    return cv2.warpAffine(image, matrix, size, flags=how, borderMode=beyond).reshape(image.shape)


def mix_channels(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return a uint8 picture ``(H, W, C)`` with ``matrix @ (channels, 1)`` for each pixel, kept in 0 to 255.

    ``matrix`` is ``(C, C + 1)``; the result may be off by one level.
    """
    return cv2.transform(image, matrix).reshape(image.shape)


def channel_means(image: np.ndarray) -> np.ndarray:
    """Return the mean of each channel of ``(H, W, C)``, float64 ``(C,)``."""
    return np.array(cv2.mean(image)[: image.shape[2]])


def encode_png(image: np.ndarray) -> bytes:
    """Return a picture as a PNG file."""
    return _encode(image, ".png", [])


def encode_jpeg(image: np.ndarray, quality: int = 90) -> bytes:
    """Return a picture as a JPEG file; ``quality`` from 0 to 100."""
    return _encode(image, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])


def contact_sheet(images: Sequence[np.ndarray], columns: int, gap: int = 2) -> np.ndarray:
    """Return pictures of one shape side by side on white, row by row."""
    height, width, channels = images[0].shape
    rows = -(-len(images) // columns)
    sheet = np.full(
        (rows * (height + gap) - gap, columns * (width + gap) - gap, channels), 255, dtype=np.uint8
    )
    for index, image in enumerate(images):
        top, left = (index // columns) * (height + gap), (index % columns) * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet


def _header(data: bytes, name: str) -> Image.Image:
    """Return the picture with only its header read, or refuse what must not be decoded."""
    if not data:
        raise ImageError(f"{name} is empty; choose a PNG, JPEG, WEBP or BMP picture.")
    if len(data) > MAX_BYTES:
        raise ImageError(f"{name} is larger than {MAX_BYTES // 2**20} MB; choose a smaller picture.")
    too_large = ImageError(
        f"{name} has more than {MAX_PIXELS // 10**6} megapixels; choose a smaller picture."
    )
    try:
        header = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "BMP"))
    except Image.DecompressionBombError as error:
        raise too_large from error
    except Exception as error:  # Pillow's parsers raise whatever a mangled header makes them trip over
        raise ImageError(f"{name} is not a whole PNG, JPEG, WEBP or BMP picture; choose another.") from error
    if header.width * header.height > MAX_PIXELS:
        raise too_large
    return header


def _on_white(data: bytes, name: str) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(data)) as file:
            image = ImageOps.exif_transpose(file).convert("RGBA")
    except Exception as error:
        raise _damaged(name) from error
    return np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB"))


def _damaged(name: str) -> ImageError:
    return ImageError(f"{name} is damaged or incomplete; save or copy it again.")


def _middle(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the largest centred part with the proportions of ``size``."""
    height, width = image.shape[:2]
    scale = min(height / size[0], width / size[1])
    rows, columns = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    top, left = (height - rows) // 2, (width - columns) // 2
    return image[top : top + rows, left : left + columns]


def _encode(image: np.ndarray, suffix: str, parameters: list[int]) -> bytes:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.shape[2] == 3 else image
    return cv2.imencode(suffix, bgr, parameters)[1].tobytes()
