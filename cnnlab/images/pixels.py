"""What is done to the pixels of an image, uint8 ``(H, W, C)``, RGB or gray; and images out again."""

from collections.abc import Sequence

import cv2
import numpy as np

RESAMPLE = ("area", "bilinear")
RESIZE_MODES = ("squash", "crop")
BORDERS = ("constant", "reflect")


def recolour(image: np.ndarray, channels: int) -> np.ndarray:
    """Return ``(H, W, 1 or 3)`` as ``(H, W, channels)``: luminance (ITU-R BT.601), or gray repeated."""
    if image.shape[2] == channels:
        return image
    return (
        cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None] if channels == 1 else np.repeat(image, 3, axis=2)
    )


def resize(
    image: np.ndarray, size: tuple[int, int], resample: str = "area", resize_mode: str = "squash"
) -> np.ndarray:
    """Return an image ``(H, W, C)`` as ``(*size, C)``, ``size`` being ``(height, width)``.

    ``resample="area"`` averages all pixels that fall into one, and interpolates where the image grows;
    ``"bilinear"`` takes the four nearest. ``resize_mode="squash"`` changes the proportions, ``"crop"`` cuts
    out the middle.
    """
    if resize_mode == "crop":
        image = middle(image, size)
    if image.shape[:2] == tuple(size):
        return image
    shrinks = image.shape[0] >= size[0] and image.shape[1] >= size[1]
    method = cv2.INTER_AREA if resample == "area" and shrinks else cv2.INTER_LINEAR
    return cv2.resize(image, (size[1], size[0]), interpolation=method).reshape(*size, image.shape[2])


def at_most(image: np.ndarray, pixels: int) -> np.ndarray:
    """Return an image ``(H, W, C)`` whose longer side is at most ``pixels``: itself, or a smaller one."""
    scale = pixels / max(image.shape[:2])
    if scale >= 1:
        return image
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    return resize(image, (height, width))


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Return a Gaussian blur of ``(H, W)`` or ``(H, W, C)``, of the same type; ``sigma`` in pixels."""
    return cv2.GaussianBlur(image, (0, 0), sigma).reshape(image.shape)


def warp(image: np.ndarray, matrix: np.ndarray, border: str = "constant") -> np.ndarray:
    """Return a uint8 image ``(H, W, C)`` whose pixel (x, y) is the old one's at ``matrix @ (x, y, 1)``.

    ``matrix`` is ``(2, 3)``; pixel centres are whole numbers, between them the four nearest count. Outside
    the old image it is 0, or with ``border="reflect"`` the image mirrored at its edge (``dcba|abcd``).
    """
    beyond = cv2.BORDER_REFLECT if border == "reflect" else cv2.BORDER_CONSTANT
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (image.shape[1], image.shape[0])
    return cv2.warpAffine(image, matrix, size, flags=how, borderMode=beyond).reshape(image.shape)


def mix_channels(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return a uint8 image ``(H, W, C)`` with ``matrix @ (channels, 1)`` for each pixel, kept in 0 to 255.

    ``matrix`` is ``(C, C + 1)``; the result may be off by one level.
    """
    return cv2.transform(image, matrix).reshape(image.shape)


def relight(image: np.ndarray, exponent: float, slope: np.ndarray) -> np.ndarray:
    """Return a uint8 image ``(H, W, C)`` in other light, kept in 0 to 255.

    A value ``v`` becomes ``255 (v / 255)^exponent exp(slope @ (x, y))``, where x and y go from -1 to 1 over
    the image, to the right and downwards.
    """
    height, width = image.shape[:2]
    curve = (255 * np.linspace(0, 1, 256) ** exponent).astype(np.float32)
    across, down = (np.exp(s * np.linspace(-1, 1, n)) for s, n in zip(slope, (width, height), strict=True))
    lit = curve[image] * np.outer(down, across).astype(np.float32)[..., None]
    return np.minimum(np.rint(lit), 255).astype(np.uint8)


def channel_means(image: np.ndarray) -> np.ndarray:
    """Return the mean of each channel of ``(H, W, C)``, float64 ``(C,)``."""
    return np.array(cv2.mean(image)[: image.shape[2]])


def encode_png(image: np.ndarray) -> bytes:
    """Return an image as a PNG file."""
    return _encode(image, ".png", [])


def encode_jpeg(image: np.ndarray, quality: int = 90) -> bytes:
    """Return an image as a JPEG file; ``quality`` from 0 to 100."""
    return _encode(image, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])


def contact_sheet(images: Sequence[np.ndarray], columns: int, gap: int = 2) -> np.ndarray:
    """Return images of one shape side by side on white, row by row."""
    height, width, channels = images[0].shape
    rows = -(-len(images) // columns)
    sheet = np.full(
        (rows * (height + gap) - gap, columns * (width + gap) - gap, channels), 255, dtype=np.uint8
    )
    for index, image in enumerate(images):
        top, left = (index // columns) * (height + gap), (index % columns) * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet


def middle(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the largest centred part of ``(H, W, C)`` with the proportions of ``size`` (height, width)."""
    height, width = image.shape[:2]
    scale = min(height / size[0], width / size[1])
    rows, columns = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    top, left = (height - rows) // 2, (width - columns) // 2
    return image[top : top + rows, left : left + columns]


def _encode(image: np.ndarray, suffix: str, parameters: list[int]) -> bytes:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.shape[2] == 3 else image
    return cv2.imencode(suffix, bgr, parameters)[1].tobytes()
