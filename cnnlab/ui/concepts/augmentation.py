"""Augmentation: which numbers change, which features stay, and when a flip makes a label wrong."""

from cnnlab.ui.concepts.concept import Concept

CONCEPT = Concept(
    name="augmentation",
    title="Augmentation",
    idea="Augmentation changes the image but not its label, so that the network learns what does not matter.",
    formula=r"\text{image}' = A(\text{image}), \quad y' = y",
    terms=(
        "**Augmentation** $A$: a random change, drawn anew in each epoch.",
        "**Equivariant**: shift the image, and the feature map of a convolution shifts as well. "
        "The error shows where it does not.",
        "**Invariant**: global pooling of a shifted map gives nearly the same number.",
        "**Neither**: flips and rotations; those the network has to learn from augmented images.",
        "**The label must stay true**: a flipped cat is a cat, a flipped right hand is a left hand.",
    ),
    image="gestures_drawn-0",
    side=32,
)
