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
from cnnlab.ui.concepts.concept import Concept, Settings

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
MOST_OF_A_LAYER = 4


def of_layer(row: LayerRow, chosen: Settings) -> list[Concept]:
    """Return the concepts that a layer with these settings is an example of, in the order of the course."""
    return [concept for concept in CONCEPTS if concept.has(row, chosen)][:MOST_OF_A_LAYER]
