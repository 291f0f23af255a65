"""What the scenes of the concepts measure by themselves, against TensorFlow, NumPy and what must come out."""

from collections.abc import Iterator

import numpy as np
import pytest
import tensorflow as tf
from playwright.sync_api import Browser

from cnnlab.inference import wilson
from tests.browser import scripts
from tests.browser.scripts import Scripts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Scripts]:
    with scripts.opened(browser) as page:
        yield page


ACTIVATIONS = {
    "sigmoid": tf.sigmoid,
    "tanh": tf.tanh,
    "relu": tf.nn.relu,
    "leaky_relu": lambda x: tf.nn.leaky_relu(x, 0.3),
    "softmax": tf.nn.softmax,
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradients_of_the_deep_stack_are_tensorflow_s(page: Scripts, name: str):
    image = np.random.default_rng(1).uniform(size=(6, 5, 1))
    weights, upstream = page.run(
        [("kernels", 1, "he", 3), ("upstreamOf", [6, 5, 1], 3)], "concepts/deep_stack.js"
    )
    inputs = [tf.constant(image[None])]
    with tf.GradientTape() as tape:
        tape.watch(inputs[0])
        for kernel in weights:
            inputs.append(ACTIVATIONS[name](tf.nn.conv2d(inputs[-1], kernel, 1, "SAME")))
        loss = tf.reduce_sum(inputs[-1] * upstream)
    gradients = tape.gradient(loss, inputs[:-1])
    [found] = page.run([("measured", image, weights, name, upstream)], "concepts/deep_stack.js")
    expected = [np.linalg.norm(gradient) / np.linalg.norm(upstream) for gradient in gradients]
    assert len(expected) == 20
    np.testing.assert_allclose([layer["gradient"] for layer in found], expected, rtol=1e-6)


def test_weights_of_the_stack_have_the_std_of_he_and_glorot(page: Scripts):
    for init, variance in (("he", 2 / 72), ("glorot", 2 / 144)):
        [weights] = page.run([("kernels", 1, init, 5)], "concepts/deep_stack.js")
        values = np.concatenate([kernel.ravel() for kernel in weights[1:]])
        assert abs(values.var() / variance - 1) < 6 * np.sqrt(2 / values.size)


def test_above_the_largest_rate_gradient_descent_explodes_and_below_it_does_not(page: Scripts):
    image = np.random.default_rng(2).uniform(size=(6, 6, 1))
    [limit] = page.run([("largestRate", image, [4, 4, 1])], "concepts/backward.js")
    patches = np.lib.stride_tricks.sliding_window_view(image[..., 0], (3, 3)).reshape(16, 9)
    assert limit == pytest.approx(2 / np.linalg.eigvalsh(patches.T @ patches / 16)[-1])


def test_loss_of_two_weights_and_its_gradient_are_tensorflow_s(page: Scripts):
    rng = np.random.default_rng(3)
    x, labels = rng.normal(size=9), rng.integers(0, 2, 9)
    samples = [{"x": a, "label": int(b)} for a, b in zip(x, labels, strict=True)]
    for w, b in ((0.5, -1.0), (40.0, 30.0)):
        position = tf.constant([w, b], tf.float64)
        with tf.GradientTape() as tape:
            tape.watch(position)
            scores = position[0] * x[:6] + position[1]
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels[:6].astype(float), scores))
        [found] = page.run([("lossOf", samples, list(range(6)), [w, b])], "concepts/minibatch.js")
        assert found["loss"] == pytest.approx(float(loss))
        np.testing.assert_allclose(found["gradient"], tape.gradient(loss, position), rtol=1e-9, atol=1e-12)


def test_an_epoch_takes_each_sample_once_sorted_or_shuffled(page: Scripts):
    samples = [{"x": float(n), "label": int(n >= 32)} for n in range(64)]
    for order in ("sorted", "shuffled"):
        settings = {"order": order, "size": 8, "optimiser": "sgd", "power": -1, "start": [0, 0], "seed": 4}
        [path] = page.run([("walk", samples, settings)], "concepts/minibatch.js")
        seen = np.concatenate([step["batch"] for step in path[:8]])
        assert sorted(seen) == list(range(64))
        assert (seen.tolist() == list(range(64))) == (order == "sorted")
        assert path[0]["noise"] > 0


def test_a_flip_makes_the_label_of_a_hand_wrong_but_not_that_of_a_fist(page: Scripts):
    side, shape, interval = page.run(
        [("flipped", "side", 1), ("flipped", "shape", 1), ("interval", 351, 359)], "concepts/hands.js"
    )
    low, high = wilson(side["kept"], side["test"])
    assert low < 0.5 < high  # by chance
    assert min(side["none"], side["swapped"]) > 0.75 * side["test"]
    assert min(shape["none"], shape["kept"]) > 0.9 * shape["test"]
    assert shape["swapped"] < 0.7 * shape["test"]
    assert tuple(interval) == pytest.approx(wilson(351, 359), abs=1e-4)


def test_a_right_hand_has_its_thumb_on_the_right_and_mirrored_it_is_a_left_one(page: Scripts):
    hands = [
        ("hand", {"generator": seed}, {"right": right, "open": True})
        for seed in range(1, 21)
        for right in (1, 0)
    ]
    images = page.run(hands, "concepts/hands.js")
    for right, left in zip(images[::2], images[1::2], strict=True):
        assert right.max() > 0.6 and right.min() == 0
        assert not np.allclose(right, left)
    mean = np.mean(images[::2], axis=0)[..., 0]
    assert mean[8:12, 15:].sum() > 2 * mean[8:12, :5].sum()
