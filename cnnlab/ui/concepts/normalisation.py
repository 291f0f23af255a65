"""Batch normalisation on real batches, and local response normalisation across channels."""

import base64
from typing import Any

import numpy as np
import streamlit as st

from cnnlab import datasets
from cnnlab.inspection.figures import LayerRow
from cnnlab.ui.concepts.concept import Address, Concept, Settings

TYPES = {
    "BatchNormalization": "batch",
    "FrozenBatchNormalization": "batch",
    "LocalResponseNormalization": "response",
}
"""Layers of this concept, and the part of the scene that shows them."""
MOST = 64


@st.cache_resource(show_spinner=False)
def _batch() -> dict[str, Any]:
    """Return 64 scans of digits, 8 × 8 gray pixels, in base64."""
    images = datasets.load("digits", datasets.LoadOptions()).train.images[:MOST]
    pixels = np.ascontiguousarray(images[..., 0])
    count, height, width = pixels.shape
    return {
        "batch": {
            "count": count,
            "height": height,
            "width": width,
            "pixels": base64.b64encode(pixels.tobytes()).decode(),
        }
    }


def _prepared(row: LayerRow, before: LayerRow | None, chosen: Settings) -> Address:
    dense = TYPES[row.type] == "batch" and len(row.output_shape) == 1
    return {"part": TYPES[row.type]} | ({"unit": "dense"} if dense else {})


CONCEPT = Concept(
    name="normalisation",
    title="Batch norm and LRN",
    idea="Batch norm gives each channel mean β and deviation γ; LRN lets neighbouring channels compete.",
    formula=r"\begin{gathered} y = \gamma\,\frac{x-\mu}{\sqrt{\sigma^2+\varepsilon}} + \beta \\"
    r" b_c = \frac{a_c}{\bigl(k+\alpha \sum_{j} a_j^2\bigr)^{\beta}} \end{gathered}",
    terms=(
        "$\\mu$, $\\sigma^2$: mean and variance of one channel, over all images of a batch and positions.",
        "$\\gamma$, $\\beta$: two numbers per channel that training learns.",
        "**Training** uses the batch's own $\\mu$ and $\\sigma$: an output depends on the other images.",
        "**Inference** uses moving averages, $\\mu \\leftarrow m\\,\\mu + (1-m)\\,\\mu_{batch}$, "
        "and so for $\\sigma^2$.",
        "**LRN** (AlexNet, 2012): $j$ runs over $n$ neighbouring channels; "
        "$k=2$, $n=5$, $\\alpha=10^{-4}$, $\\beta=0.75$.",
        "$\\alpha$ multiplies the sum in the paper and TensorFlow; Caffe and PyTorch divide it by $n$ first.",
    ),
    occurs=lambda row: row.type in TYPES,
    prepared=_prepared,
    supply=_batch,
)
