"""Receptive fields of whole networks, against figures that others published."""

import keras
import pytest
from keras import layers

from cnnlab import architectures, inspection
from cnnlab.keras_internals import without_weights

# Araujo et al., "Computing receptive fields of convolutional neural networks", Distill 2019, at 224 pixels:
# https://github.com/google-research/receptive_field, RECEPTIVE_FIELD_TABLE.md: size, stride, padding.
MOBILENET_V1 = {
    "conv1": (3, 2, 0),
    "conv_pw_1": (7, 2, 2),
    "conv_pw_2": (11, 4, 2),
    "conv_pw_3": (19, 4, 6),
    "conv_pw_4": (27, 8, 6),
    "conv_pw_5": (43, 8, 14),
    "conv_pw_6": (59, 16, 14),
    "conv_pw_7": (91, 16, 30),
    "conv_pw_11": (219, 16, 94),
    "conv_pw_12": (251, 32, 94),
    "conv_pw_13": (315, 32, 126),
}
VGG_16 = {
    "block1_conv1": (3, 1, 1),
    "block1_pool": (6, 2, 2),
    "block2_pool": (16, 4, 6),
    "block3_conv2": (32, 4, 14),
    "block3_pool": (44, 8, 18),
    "block4_conv1": (60, 8, 26),
    "block4_pool": (100, 16, 42),
    "block5_conv1": (132, 16, 58),
    "block5_pool": (212, 32, 90),
}


def lasting(model: keras.Model) -> inspection.LayerRow:
    """Return the last layer that still has rows and columns."""
    return [row for row in inspection.layer_table(model) if row.receptive_field][-1]


@pytest.mark.parametrize("name", architectures.built_in())
def test_last_map_sees_as_far_as_the_reference_says(name):
    reference = architectures.get(name).reference
    row = lasting(inspection.shape_only_model(name, reference.input_shape, reference.num_classes))
    assert row.receptive_field == (reference.receptive_field,) * 2


@pytest.mark.parametrize(("application", "published"), [("MobileNet", MOBILENET_V1), ("VGG16", VGG_16)])
def test_fields_agree_with_the_distill_table_layer_by_layer(application, published):
    with without_weights():
        model = getattr(keras.applications, application)(weights=None)
    rows = {row.name: row for row in inspection.layer_table(model)}
    for name, (size, stride, padding) in published.items():
        row = rows[name]
        assert (row.receptive_field, row.effective_stride, row.effective_padding) == (
            (size, size),
            (stride, stride),
            (padding, padding),
        ), name


def test_inception_v3_sees_1183_pixels_at_the_first_convolution_of_its_last_block():
    """Distill's own notebook for Keras (RF_Keras_Applications.ipynb) prints 1183 for ``conv2d_85``."""
    with without_weights():
        model = keras.applications.InceptionV3(weights=None, include_top=False, input_shape=(299, 299, 3))
    convolutions = [row for row in inspection.layer_table(model) if row.type == "Conv2D"]
    convolutions.sort(key=lambda row: int(row.name.partition("_")[2] or 0))  # in the order of creation
    assert convolutions[85].receptive_field == (1183, 1183)


def test_resnet18_with_the_7x7_stem_of_the_paper_sees_435_pixels():
    row = lasting(imagenet_resnet18())
    assert (row.receptive_field, row.effective_stride) == ((435, 435), (32, 32))


def imagenet_resnet18() -> keras.Model:
    x = image = keras.Input((224, 224, 3))
    x = layers.Conv2D(64, 7, 2, "same")(x)
    x = layers.MaxPooling2D(3, 2, "same")(x)
    for stage, filters in enumerate((64, 128, 256, 512)):
        for block in range(2):
            stride = 2 if stage and not block else 1
            y = layers.Conv2D(filters, 3, stride, "same")(x)
            y = layers.Conv2D(filters, 3, 1, "same")(y)
            x = layers.Add()([y, x if stride == 1 else layers.Conv2D(filters, 1, stride)(x)])
    return keras.Model(image, x)
