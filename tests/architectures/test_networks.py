"""Every registered network: the figures of its reference, the shapes of its paper, and that it runs."""

import keras
import numpy as np
import pytest

from cnnlab import architectures, inspection
from cnnlab.errors import ArchitectureError

every_architecture = pytest.mark.parametrize("name", architectures.built_in())


def shape_only(name: str, size: int | None = None) -> keras.Model:
    reference = architectures.get(name).reference
    shape = reference.input_shape if size is None else (size, size, 3)
    return inspection.shape_only_model(name, shape, reference.num_classes)


@every_architecture
def test_parameters_match_the_reference(name):
    reference, count = architectures.get(name).reference, inspection.count_params(shape_only(name))
    assert (count.total, count.trainable) == (reference.total_params, reference.trainable_params)


@every_architecture
def test_layers_have_names_of_their_own_the_same_in_every_build(name):
    first, second = (
        [layer.name for layer in shape_only(name).layers] for _ in range(2)
    )  # Keras would count on
    assert first == second
    assert (first[0], first[-1]) == ("image", "output")


@every_architecture
def test_min_size_is_the_smallest_that_fits(name):
    smallest = architectures.get(name).min_size
    shape_only(name, smallest)
    if smallest > 1:
        with pytest.raises(ArchitectureError, match=r"does not fit .*: (\w+ slides|its layers need)"):
            shape_only(name, smallest - 1)


@every_architecture
def test_probabilities_come_out_for_gray_oblong_images_and_seven_classes(name):
    size = max(architectures.get(name).min_size, 8)
    options = architectures.get(name).options.keys() & {"base_weights"}
    model = architectures.build(name, (size, size + 3, 1), 7, **dict.fromkeys(options, "untrained"))
    images = np.random.default_rng(0).random((2, size, size + 3, 1), np.float32)
    probabilities = model(images, training=False).numpy()
    assert probabilities.shape == (2, 7)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)


@every_architecture
def test_description_confesses_the_differences_from_the_paper(name):
    architecture = architectures.get(name)
    assert "Differences from the paper" in architecture.description
    assert architecture.paper.startswith("https://")
    assert len(architecture.summary) < 120


def test_published_shapes_of_alexnet_come_out():
    """Krizhevsky et al., figure 2: 55, 27 and 13 rows, 96, 256 and 384 maps."""
    maps = {row.name: row.output_shape for row in inspection.layer_table(shape_only("alexnet_2012"))}
    assert (maps["conv1"], maps["conv2"], maps["conv3"]) == ((55, 55, 96), (27, 27, 256), (13, 13, 384))
    assert maps["pool5"] == (6, 6, 256)


def test_alexnet_page_shows_why_it_takes_a_padding_of_2():
    formulas = {row.name: row.shape_formula for row in inspection.layer_table(shape_only("alexnet"))}
    assert formulas["pad"] == "224 + 2 + 2 = 228"
    assert formulas["conv1"] == "⌊(228 − 11)/4⌋ + 1 = 55"


def test_alexnet_cifar_has_the_parameters_that_its_course_lists():
    listed = [34_944, 614_656, 885_120, 1_327_488, 884_992, 1_052_672, 16_781_312, 40_970]
    assert [row.params for row in inspection.layer_table(shape_only("alexnet_cifar")) if row.params] == listed


def test_inception_with_frozen_batch_norm_never_moves_its_statistics():
    def moved(batch_norm: str) -> bool:
        model = architectures.build("inception10", (8, 8, 1), 2, batch_norm=batch_norm)
        model(np.ones((4, 8, 8, 1), np.float32), training=True)
        return bool(np.abs(model.get_layer("conv1_norm").moving_mean.numpy()).max())

    assert moved("learning")
    assert not moved("frozen")
