"""Pictures in, pictures out: safe decoding, colour, size. The only part that knows OpenCV and Pillow.

    kinds       what a file is that no decoder here reads: named, counted, with what to do
    decoding    encoded pictures to pixels, and their size
    pixels      colour, size, blur, warp; encoding

A picture is a uint8 array ``(H, W, C)``, RGB or gray.
"""

import os

# OpenCV reads both while it is imported.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", "25000000")
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")  # a damaged file is our message, not OpenCV's

from cnnlab.images.decoding import MAX_BYTES, MAX_PIXELS, SUFFIXES, decode, read, size
from cnnlab.images.kinds import ENOUGH, counted, kind_of, remedy
from cnnlab.images.pixels import (
    BORDERS,
    FIT,
    RESAMPLE,
    blur,
    channel_means,
    contact_sheet,
    encode_jpeg,
    encode_png,
    mix_channels,
    recolour,
    resize,
    warp,
)

__all__ = [
    "BORDERS",
    "ENOUGH",
    "FIT",
    "MAX_BYTES",
    "MAX_PIXELS",
    "RESAMPLE",
    "SUFFIXES",
    "blur",
    "channel_means",
    "contact_sheet",
    "counted",
    "decode",
    "encode_jpeg",
    "encode_png",
    "kind_of",
    "mix_channels",
    "read",
    "recolour",
    "remedy",
    "resize",
    "size",
    "warp",
]
