"""Back through a convolution: the gradients of output, kernel and input, and steps of gradient descent."""

from cnnlab.inspection.figures import LayerRow
from cnnlab.ui.concepts.concept import Concept


def _occurs(row: LayerRow) -> bool:
    return row.type == "Conv2D" and max(row.kernel_size or (0,)) > 1


CONCEPT = Concept(
    name="backward",
    title="Back through a convolution",
    idea="Training finds the kernel: each step moves its weights a little against the gradient of the loss.",
    formula=r"\begin{gathered} \frac{\partial L}{\partial K_{u,v}} = \sum_{i,j} G_{i,j}\, X_{i+u,\;j+v} \\"
    r" K \leftarrow K - \eta\,\frac{\partial L}{\partial K} \end{gathered}",
    terms=(
        "**Loss** $L = \\frac{1}{2n}\\sum (Y-T)^2$: how far the output $Y$ is from the wanted one $T$, "
        "over its $n$ cells.",
        "**Gradient** $G = (Y-T)/n$: how the loss changes with each output.",
        "**Gradient of the kernel**: the input correlated with $G$. "
        "Click a weight: its part of $X$ is framed.",
        "**Gradient of the input**: $G$ spread back through the kernel; the layer before goes on with it.",
        "**Learning rate** $\\eta$: how far a step goes. Beyond $2/\\lambda$ the loss grows in the end; "
        "$\\lambda$ is its largest curvature.",
    ),
    image="digits-3",
    side=12,
    occurs=_occurs,
)
