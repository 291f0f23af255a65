"""The receptive field of every unit, against brute force: which pixels change it."""

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from keras import layers

from cnnlab import architectures, inspection
from tests.inspection.brute_force import influence
from tests.long import LONG

SLOW = {"mobilenetv2_transfer", "inception10"}
"""Many layers: they stand behind the flag."""
UNITS_PER_LAYER = 3
"""And the first and the last one."""


@pytest.mark.parametrize("more", [0, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=LONG if name in SLOW else ()) for name in architectures.built_in()]
)
def test_boxes_of_every_layer_hold_exactly_the_pixels_that_change_a_unit(name, more):
    """At a small size, even by odd, and in the slow run at another one."""
    size = max(architectures.get(name).min_size, 12) + more
    model = inspection.shape_only_model(name, (size, size + 1, 3), 2)
    expect_exact_boxes(model, np.random.default_rng(size), UNITS_PER_LAYER)


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # Keras seeds its layers with it
@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_boxes_are_exact_in_random_graphs(data):
    model = data.draw(random_graphs())
    expect_exact_boxes(model, np.random.default_rng(0), 40)


def expect_exact_boxes(model: keras.Model, random: np.random.Generator, units: int) -> None:
    fields = inspection.receptive_fields(model)
    for name, pixels in influence(model).items():
        rows, columns, height, width = pixels.shape
        assert fields[name] is not None, name
        chosen = random.permutation(rows * columns)[:units].tolist()
        for unit in {0, rows * columns - 1, *chosen}:
            row, column = divmod(unit, columns)
            seen = pixels[row, column]
            where = f"{name} unit {row},{column}"
            assert np.array_equal(inspection.seen_pixels(model, name, row, column), seen), where
            box = inspection.receptive_box(model, name, row, column).clip(height, width)
            assert bounds(seen) == box or (not seen.any() and empty(box)), where


def bounds(mask: np.ndarray) -> inspection.Box | None:
    if not mask.any():
        return None
    rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
    return inspection.Box(*(int(n) for n in (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1)))


def empty(box: inspection.Box) -> bool:
    return box.top >= box.bottom or box.left >= box.right


@st.composite
def random_graphs(draw: st.DrawFn) -> keras.Model:
    """Draw a chain of layers and small branches on an image of 4 to 11 pixels a side."""
    names = (f"layer{n}" for n in range(1000))
    x = image = keras.Input((draw(st.integers(4, 11)), draw(st.integers(4, 11)), 1), name="image")
    try:
        for _ in range(draw(st.integers(1, 4))):
            x = draw(st.sampled_from((one_layer, one_layer, branches, nested)))(draw, x, names)
        return keras.Model(image, x)
    except ValueError:
        assume(False)


def one_layer(draw, x, names):
    pair = st.tuples(st.integers(1, 4), st.integers(1, 4))
    sides = st.tuples(st.integers(0, 2), st.integers(0, 2))
    padding, name = draw(st.sampled_from(("same", "valid"))), next(names)
    match draw(st.sampled_from(("conv", "dilated", "depthwise", "max", "average", "pad", "crop", "global"))):
        case "conv":  # a stride larger than the kernel leaves holes
            return layers.Conv2D(1, draw(pair), draw(pair), padding, name=name)(x)
        case "dilated":
            return layers.Conv2D(1, draw(pair), 1, padding, dilation_rate=draw(pair), name=name)(x)
        case "depthwise":  # TensorFlow wants equal strides here
            return layers.DepthwiseConv2D(draw(pair), draw(st.integers(1, 3)), padding, name=name)(x)
        case "max":
            return layers.MaxPooling2D(draw(pair), draw(pair), padding, name=name)(x)
        case "average":
            return layers.AveragePooling2D(draw(pair), draw(pair), padding, name=name)(x)
        case "pad":
            return layers.ZeroPadding2D((draw(sides), draw(sides)), name=name)(x)
        case "crop":
            return layers.Cropping2D((draw(sides), draw(sides)), name=name)(x)
        case "global":
            pooled = layers.GlobalAveragePooling2D(keepdims=True, name=name)(x)
            return layers.Add(name=next(names))([layers.ReLU(name=next(names))(x), pooled])


def branches(draw, x, names):
    """Two paths of any windows and strides, cropped to the same size and joined: often not aligned."""
    paths = [one_layer(draw, x, names), one_layer(draw, x, names)]
    rows, columns = (min(path.shape[axis] for path in paths) for axis in (1, 2))
    paths = [
        layers.Cropping2D(((0, path.shape[1] - rows), (0, path.shape[2] - columns)), name=next(names))(path)
        for path in paths
    ]
    return layers.Concatenate(name=next(names))(paths)


def nested(draw, x, names):
    entry = keras.Input(x.shape[1:], name=next(names))
    model = keras.Model(entry, one_layer(draw, entry, names), name=next(names))
    return layers.ReLU(name=next(names))(model(x))
