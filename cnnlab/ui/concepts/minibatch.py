"""Mini-batches and shuffle: what the order of samples, the batch size and the optimizer do to the loss."""

from cnnlab.ui.concepts.concept import Concept

CONCEPT = Concept(
    name="minibatch",
    title="Mini-batches, shuffle, optimizers",
    idea="Each step sees only a few samples: its gradient is a noisy guess of that of all samples.",
    formula=r"\theta \leftarrow \theta - \frac{\eta}{B} \sum_{i \in \text{batch}} \nabla_{\theta} L_i",
    terms=(
        "**Model**: $p = \\sigma(w x + b)$ on 64 samples of two classes, drawn at random; "
        "its two weights are $\\theta$.",
        "**Batch size** $B$: larger batches, less noise, fewer steps in an epoch.",
        "**Shuffle**: sorted by class, batches pull to one class and then to the other.",
        "**Momentum** adds 0.9 of the last step to each: faster along a valley, but it overshoots. "
        "**Nesterov** looks ahead.",
        "**Adam** divides each step by the recent size of the gradient, per weight.",
        "**Centred** features make the valley rounder: another reason to normalise inputs.",
    ),
)
