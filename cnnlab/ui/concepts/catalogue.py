"""All concepts, in the order in which a course meets them."""

from cnnlab.inspection.figures import LayerRow
from cnnlab.ui.concepts import (
    activations,
    augmentation,
    backward,
    channels,
    convolution,
    dropout,
    image_numbers,
    minibatch,
    normalisation,
    output_size,
    pooling,
    quiz,
    receptive_field,
    softmax,
)
from cnnlab.ui.concepts.concept import Concept

CONCEPTS: tuple[Concept, ...] = (
    image_numbers.CONCEPT,
    convolution.CONCEPT,
    output_size.CONCEPT,
    channels.CONCEPT,
    pooling.CONCEPT,
    activations.CONCEPT,
    softmax.CONCEPT,
    backward.CONCEPT,
    normalisation.CONCEPT,
    dropout.CONCEPT,
    receptive_field.CONCEPT,
    minibatch.CONCEPT,
    augmentation.CONCEPT,
    quiz.CONCEPT,
)
BY_NAME = {concept.name: concept for concept in CONCEPTS}
MOST_OF_A_LAYER = 3


def of_layer(row: LayerRow) -> list[Concept]:
    """Return the concepts that a layer is an example of, the first ones of the course first."""
    return [concept for concept in CONCEPTS if concept.occurs(row)][:MOST_OF_A_LAYER]
