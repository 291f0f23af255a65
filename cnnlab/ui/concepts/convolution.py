"""Convolution: a kernel slides over the image, and each output value is one sum of products."""

from cnnlab.inspection.figures import LayerRow
from cnnlab.ui.concepts.concept import Concept


def _occurs(row: LayerRow) -> bool:
    return row.type == "Conv2D" and max(row.kernel_size or (0,)) > 1


CONCEPT = Concept(
    name="convolution",
    title="Convolution",
    idea="A small table of weights slides over the image; each output value is one sum of products.",
    formula=r"Y_{i,j} = \varphi\Bigl(b + \sum_{u,v} K_{u,v}\, X_{i+u,\;j+v}\Bigr)",
    terms=(
        "**Input** $X$: the numbers of the image, here from 0 to 1.",
        "**Kernel** $K$: the table of weights; training finds them.",
        "**Patch**: the part of the input that lies under the kernel.",
        "**Bias** $b$: a number added to each sum.",
        "**Activation** $\\varphi$: what is done to each sum, such as ReLU: negative sums become 0.",
        "**Flip**: Keras, like TensorFlow and PyTorch, does not flip the kernel. "
        "Mathematics calls that cross-correlation, and the flipped one convolution.",
    ),
    image="digits-3",
    side=32,
    kernels=True,
    occurs=_occurs,
)
