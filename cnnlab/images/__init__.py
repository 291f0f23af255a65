"""Images in, images out: safe decoding, colour, size. The only part that knows OpenCV and Pillow.

An image is a uint8 array ``(H, W, C)``, RGB or gray. What people upload is hostile until its container has
been looked through: a JPEG of 1 MB can ask for a minute of decoding, a PNG of 87 bytes for 2 GB.

    kinds       what a file is that no decoder here reads: named, counted, with what to do
    structure   one look through the container of each format, before any decoder (jpeg, tiff, header)
    decoding    encoded images to pixels; their size, their depth
    flatten     deep and transparent pixels to 8 bits a channel, opaque
    pixels      colour, size, blur, warp; encoding
"""

import os

# OpenCV reads both while it is imported.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", "25000000")  # header.MAX_PIXELS, a second lock
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")  # a damaged file is our message, not OpenCV's

from cnnlab.images.decoding import White, as_stored, decode, orientation, peak, read, size
from cnnlab.images.flatten import white_for
from cnnlab.images.header import MAX_BYTES, MAX_PIXELS
from cnnlab.images.kinds import ENOUGH, counted, kind_of, remedy, with_article
from cnnlab.images.pixels import (
    BORDERS,
    RESAMPLE,
    RESIZE_MODES,
    at_most,
    blur,
    channel_means,
    contact_sheet,
    encode_jpeg,
    encode_png,
    middle,
    mix_channels,
    recolour,
    relight,
    resize,
    warp,
)
from cnnlab.images.structure import FORMATS, SUFFIXES

__all__ = [
    "BORDERS",
    "ENOUGH",
    "FORMATS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "RESAMPLE",
    "RESIZE_MODES",
    "SUFFIXES",
    "White",
    "as_stored",
    "at_most",
    "blur",
    "channel_means",
    "contact_sheet",
    "counted",
    "decode",
    "encode_jpeg",
    "encode_png",
    "kind_of",
    "middle",
    "mix_channels",
    "orientation",
    "peak",
    "read",
    "recolour",
    "relight",
    "remedy",
    "resize",
    "size",
    "warp",
    "white_for",
    "with_article",
]
