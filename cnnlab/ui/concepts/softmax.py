"""Softmax, cross-entropy and temperature: from scores to probabilities, a loss and its gradient."""

from cnnlab.ui.concepts.concept import Concept

CONCEPT = Concept(
    name="softmax",
    title="Softmax, cross-entropy, temperature",
    idea="Softmax turns scores into probabilities; cross-entropy is low where the true class has a high one.",
    formula=r"\begin{gathered} p_i = \frac{e^{z_i/T}}{\sum_j e^{z_j/T}} \\ L = -\sum_i y_i \ln p_i \\"
    r" \frac{\partial L}{\partial z_i} = \frac{p_i - y_i}{T} \end{gathered}",
    terms=(
        "**Scores** $z$ (logits): the sums of the last layer.",
        "**Softmax**: probabilities $p$ above 0 that add up to 1.",
        "**Temperature** $T$: a high one makes them more equal, a low one gives more to the highest score.",
        "**Target** $y$: 1 for the true class, else 0.",
        "**Cross-entropy** $L$, in nats. Equal probabilities for 4 classes cost $\\ln 4 = 1.386$.",
        "**Label smoothing** $\\varepsilon$: the target is $(1-\\varepsilon)\\,y + \\varepsilon/4$; "
        "the loss is least at finite scores.",
    ),
    occurs=lambda row: row.type == "Softmax",
    activations=("softmax",),
)
