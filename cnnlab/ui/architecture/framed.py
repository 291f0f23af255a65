"""An image with a box drawn on it, and what lies outside of it."""

import numpy as np

from cnnlab import inspection

SIDE = 480
"""Pixels on the screen for the longer side of the image."""
PADDING_GRAY = 150
FRAME = (178, 58, 85)
"""The colour of an output, as page.css has it."""


def framed(image: np.ndarray, seen: np.ndarray, box: "inspection.Box") -> np.ndarray:
    """Return an image (uint8 RGB) with unseen pixels dimmed and the box in a frame, padding in gray.

    ``seen`` is a bool mask of the image's size. A box that reaches further out is cut half an image away.
    """
    height, width = seen.shape
    limit = max(height, width) // 2
    above, left = (min(max(0, -side), limit) for side in (box.top, box.left))
    below, right = (min(max(0, side), limit) for side in (box.bottom - height, box.right - width))
    canvas = np.full((above + height + below, left + width + right, 3), PADDING_GRAY, np.uint8)
    canvas[above : above + height, left : left + width] = np.where(seen[..., None], image, image // 3)
    scale = max(1, SIDE // max(canvas.shape[:2]))
    canvas = canvas.repeat(scale, 0).repeat(scale, 1)
    rows = slice(max(0, box.top + above) * scale, (box.bottom + above) * scale)
    columns = slice(max(0, box.left + left) * scale, (box.right + left) * scale)
    frame, thick = canvas[rows, columns], max(2, scale // 3)
    for edge in (frame[:thick], frame[-thick:], frame[:, :thick], frame[:, -thick:]):
        edge[:] = FRAME
    return canvas
