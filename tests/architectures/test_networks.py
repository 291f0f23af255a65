"""Every registered network: the figures of its reference, the shapes of its paper, and that it runs."""

import keras
import numpy as np
import pytest

from cnnlab import architectures, inspection
from cnnlab.errors import ArchitectureError

every_architecture = pytest.mark.parametrize("name", architectures.names())


def outline(name: str, size: int | None = None) -> keras.Model:
    reference = architectures.get(name).reference
    shape = reference.input_shape if size is None else (size, size, 3)
    return inspection.outline(name, shape, reference.num_classes)


@every_architecture
def test_parameters_match_the_reference(name):
    reference, count = architectures.get(name).reference, inspection.count_params(outline(name))
    assert (count.total, count.trainable) == (reference.total_params, reference.trainable_params)


@every_architecture
def test_layers_have_names_of_their_own_the_same_in_every_build(name):
    first, second = ([layer.name for layer in outline(name).layers] for _ in range(2))  # Keras would count on
    assert first == second
    assert (first[0], first[-1]) == ("image", "output")


@every_architecture
def test_min_size_is_the_smallest_that_fits(name):
    smallest = architectures.get(name).min_size
    outline(name, smallest)
    if smallest > 1:
        with pytest.raises(ArchitectureError, match=rf"{name} does not fit .*: \w+ slides a .* over a map"):
            outline(name, smallest - 1)


@every_architecture
@pytest.mark.parametrize(("channels", "classes"), [(1, 2), (3, 7)])
def test_probabilities_come_out_for_other_channels_and_classes(name, channels, classes):
    size = max(architectures.get(name).min_size, 8)
    model = architectures.build(name, (size, size + 3, channels), classes)
    pictures = np.random.default_rng(0).random((2, size, size + 3, channels), np.float32)
    probabilities = model(pictures, training=False).numpy()
    assert probabilities.shape == (2, classes)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)


@every_architecture
def test_description_confesses_the_differences_from_the_paper(name):
    architecture = architectures.get(name)
    assert "Differences from the paper" in architecture.description
    assert architecture.paper.startswith("https://")
    assert len(architecture.summary) < 120
