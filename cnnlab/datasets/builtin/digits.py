"""The digits of scikit-learn: real handwriting, 8 x 8 pixels, offline."""

import numpy as np

from cnnlab.datasets.imageset import ImageSet, LoadOptions, Progress, Samples
from cnnlab.datasets.registry import register
from cnnlab.languages import texts


@register(
    title=texts("Digits"),
    source="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI 1998, in scikit-learn",
    licence="CC BY 4.0",
    lesson=texts(
        "The first network of a course: LeNet-5 learns it in seconds, without a network connection."
    ),
    summary=texts("1,797 handwritten digits from 43 people, scanned and reduced to 8 × 8 pixels."),
    classes="0123456789",
    images=1797,
    native_shape=(8, 8, 1),
    training=(178, 182, 177, 183, 181, 182, 181, 179, 174, 180),
)
def digits(options: LoadOptions, progress: Progress) -> Samples:
    """Return the scans that scikit-learn has."""
    from sklearn.datasets import load_digits

    scans = load_digits()  # ink counts from 0 to 16
    pixels = np.round(scans.images * (255 / 16)).astype(np.uint8)[..., None]
    return Samples(ImageSet.numbered(pixels, scans.target, "digit"))
