"""The arithmetic of the concepts, run by Chromium, against NumPy, SciPy, Keras and TensorFlow."""

import functools
import itertools
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from playwright.sync_api import Browser
from scipy import ndimage, signal, special

from cnnlab.architectures.keras_layers.local_response import LocalResponseNormalization
from tests.browser import scripts
from tests.browser.scripts import Scripts

pytestmark = pytest.mark.browser

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Scripts]:
    with scripts.opened(browser) as page:
        yield page


@pytest.fixture
def run(page: Scripts) -> Callable[[list[tuple]], list]:
    return page.run


close = functools.partial(np.testing.assert_allclose, rtol=1e-9, atol=1e-9)


def both(rng: np.random.Generator, low: int, high: int) -> list[int]:
    return [int(n) for n in rng.integers(low, high + 1, 2)]


# ---- convolution


def convolutions() -> list[SimpleNamespace]:
    """Return cases that go through all paddings, strides, dilations and groups, sizes and kernels drawn."""
    rng = np.random.default_rng(7)
    cases = []
    axes = itertools.product(("valid", "same", 1, "explicit"), (1, 2, 3), (1, 2, 3), (1, 2, 3), range(2))
    for padding, stride, dilation, groups, _ in axes:
        inside, per_group = (int(n) for n in rng.integers(1, 4, 2))
        kernel = both(rng, 1, 5)
        sizes = [
            (k - 1) * dilation + int(more) for k, more in zip(kernel, rng.integers(1, 9, 2), strict=True)
        ]
        strides = [stride, int(rng.integers(1, 4))]
        sides = [both(rng, 0, 3), both(rng, 0, 3)] if padding == "explicit" else padding
        case = SimpleNamespace(
            image=rng.normal(size=(*sizes, inside * groups)),
            kernel=rng.normal(size=(*kernel, inside, per_group * groups)),
            bias=rng.normal(size=per_group * groups).tolist(),
            options={"padding": sides, "stride": strides, "dilation": [dilation, dilation], "groups": groups},
        )
        cases.append(case)
    return cases


def pads_of(options: dict) -> list[list[int]]:
    padding = options["padding"]
    return [[padding] * 2] * 2 if isinstance(padding, int) else padding


def by_scipy(case: SimpleNamespace) -> np.ndarray:
    """Correlate each channel of the padded image with the dilated kernel, add up, keep every s-th."""
    options = case.options
    pads = [[0, 0], [0, 0]] if options["padding"] == "valid" else pads_of(options)
    image = np.pad(case.image, [*pads, [0, 0]])
    kernel, dilation = case.kernel, options["dilation"][0]
    spread = np.zeros([(k - 1) * dilation + 1 for k in kernel.shape[:2]] + list(kernel.shape[2:]))
    spread[::dilation, ::dilation] = kernel
    inside, filters = kernel.shape[2:]
    maps = []
    for f in range(filters):
        first = f // (filters // options["groups"]) * inside
        terms = [
            signal.correlate2d(image[..., first + c], spread[..., c, f], mode="valid") for c in range(inside)
        ]
        maps.append(sum(terms) + case.bias[f])
    return np.stack(maps, axis=-1)[:: options["stride"][0], :: options["stride"][1]]


def by_tensorflow(image: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, options: dict) -> tf.Tensor:
    """Return the output by ``tf.nn.conv2d`` on each group, with a kernel that is spread out by hand.

    TensorFlow has no gradients of dilated convolutions with a stride on a CPU.
    """
    padding, dilation = options["padding"], options["dilation"][0]
    given = padding.upper() if isinstance(padding, str) else [[0, 0], *pads_of(options), [0, 0]]
    rows, columns = (
        tf.one_hot(range(0, k * dilation, dilation), (k - 1) * dilation + 1, dtype=tf.float64)
        for k in kernel.shape[:2]
    )
    spread = tf.einsum("ijcf,iy,jx->yxcf", kernel, rows, columns)
    pairs = zip(
        tf.split(image, options["groups"], axis=2), tf.split(spread, options["groups"], axis=3), strict=True
    )
    maps = [tf.nn.conv2d(part[None], weights, options["stride"], given)[0] for part, weights in pairs]
    return tf.concat(maps, axis=2) + bias


def test_convolution_is_keras_s_and_scipy_s(run: Call):
    cases = convolutions()
    outputs = run([("convolve", c.image, c.kernel, c.options | {"bias": c.bias}) for c in cases])
    for case, output in zip(cases, outputs, strict=True):
        options = case.options
        if options["padding"] != "same":
            close(output, by_scipy(case), err_msg=str(options))
        keras_can = isinstance(options["padding"], str) and 1 in (
            max(options["stride"]),
            options["dilation"][0],
        )
        if keras_can and options["groups"] == 1:  # those of Keras have no groups on every CPU
            layer = keras.ops.conv(
                case.image[None],
                case.kernel,
                options["stride"],
                options["padding"],
                None,
                options["dilation"],
            )
            close(output, layer[0] + np.array(case.bias), err_msg=str(options))


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_gradients_of_a_convolution_are_tensorflow_s(run: Call, every: int):
    rng, cases, calls, expected = np.random.default_rng(8), convolutions()[::every], [], []
    for case in cases:
        given = [tf.constant(value, tf.float64) for value in (case.image, case.kernel, case.bias)]
        with tf.GradientTape() as tape:
            tape.watch(given)
            output = by_tensorflow(*given, case.options)
            upstream = rng.normal(size=output.shape)
            loss = tf.reduce_sum(output * upstream)
        expected.append([output, *tape.gradient(loss, given)])
        calls.append(("convolve", case.image, case.kernel, case.options | {"bias": case.bias}))
        calls.append(("convolveGradients", case.image, case.kernel, upstream, case.options))
    results = run(calls)
    for case, output, found, wanted in zip(cases, results[::2], results[1::2], expected, strict=True):
        close(output, wanted[0], err_msg=str(case.options))
        for name, gradient in zip(("image", "kernel", "bias"), wanted[1:], strict=True):
            close(found[name], gradient, err_msg=f"{name} {case.options}")


def test_terms_of_each_cell_add_up_to_it(run: Call):
    cases = convolutions()[::5]
    rng, calls = np.random.default_rng(9), []
    for case in cases:
        options = case.options | {"bias": case.bias, "activation": "relu"}
        expected = by_tensorflow(case.image, case.kernel, case.bias, case.options).numpy()
        cell = [int(rng.integers(n)) for n in expected.shape]
        case.cell, case.expected = cell, expected[tuple(cell)]
        calls.append(("cellTerms", case.image, case.kernel, cell, options))
    for case, found in zip(cases, run(calls), strict=True):
        close(found["total"], case.expected)
        close(found["output"], max(0, case.expected))
        close(found["sum"] + found["bias"], found["total"])
        close(sum(term["pixel"] * term["weight"] for term in found["terms"]), found["sum"])
        assert len(found["terms"]) == np.prod(case.kernel.shape[:3])
        for term in found["terms"]:
            weight = case.kernel[term["weightRow"], term["weightColumn"]][:, case.cell[2]]
            assert term["weight"] in weight
            if term["inside"]:
                assert term["pixel"] == case.image[term["row"], term["column"], term["channel"]]
            else:
                assert term["pixel"] == 0
            top, left, bottom, right = found["box"]
            assert top <= term["row"] < bottom and left <= term["column"] < right


def test_depthwise_and_flipped_kernels(run: Call):
    rng, cases, calls = np.random.default_rng(10), [], []
    for padding, stride, times in itertools.product(("valid", "same"), (1, 2), (1, 3)):
        image, kernel = rng.normal(size=(9, 8, 4)), rng.normal(size=(*both(rng, 1, 4), 4, times))
        options = {"padding": padding, "stride": stride}
        cases.append(keras.ops.depthwise_conv(image[None], kernel, stride, padding)[0])
        calls.append(("depthwise", image, kernel, options))
    for found, wanted in zip(run(calls), cases, strict=True):
        close(found, wanted)
    image, kernel = rng.normal(size=(7, 6, 1)), rng.normal(size=(3, 4, 1, 1))
    turned = run([("flipped", kernel)])[0]
    output = run([("convolve", image, turned, {})])[0]
    close(output[..., 0], signal.convolve2d(image[..., 0], kernel[..., 0, 0], mode="valid"))


def test_sizes_are_those_of_keras(run: Call):
    calls, expected = [], []
    for n, k, s, d in itertools.product((5, 12, 32, 224), (1, 2, 3, 4, 11), (1, 2, 4), (1, 2)):
        for padding in ("valid", "same"):
            if (s > 1 and d > 1) or (padding == "valid" and (k - 1) * d + 1 > n):
                continue
            calls.append(("outputSize", n, k, {"padding": padding, "stride": s, "dilation": d}))
            layer = keras.layers.Conv2D(1, k, s, padding, dilation_rate=d)
            expected.append(layer.compute_output_shape((None, n, n, 1))[1])
    assert [found["size"] for found in run(calls)] == expected
    sizes = run([("outputSize", 224, 11, {"stride": 4, "padding": p}) for p in ("valid", 2, "same")])
    assert [found["size"] for found in sizes] == [54, 55, 56]
    assert (sizes[2]["before"], sizes[2]["after"]) == (3, 4)  # the odd zero stands after
    assert run([("outputSize", 3, 5, {})])[0]["size"] == 0


@pytest.mark.parametrize(
    ("layer", "kernel", "filters", "options"),
    [
        (keras.layers.Conv2D(8, (3, 5), padding="same"), (3, 5), 8, {"padding": "same"}),
        (keras.layers.Conv2D(8, 3, groups=2, use_bias=False), (3, 3), 8, {"groups": 2, "useBias": False}),
        (keras.layers.DepthwiseConv2D(3, depth_multiplier=2), (3, 3), 8, {"groups": 4}),
        (keras.layers.Conv2D(6, 1), (1, 1), 6, {}),
    ],
)
def test_parameters_are_those_of_keras(run: Call, layer: Any, kernel: tuple, filters: int, options: dict):
    layer.build((None, 12, 10, 4))
    rows, columns = layer.compute_output_shape((None, 12, 10, 4))[1:3]
    cost = run([("convolutionCost", [12, 10, 4], kernel, filters, options)])[0]
    assert cost["parameters"] == layer.count_params()
    assert cost["multiplications"] == np.prod(layer.weights[0].shape) * rows * columns


# ---- pooling


def test_pooling_is_keras_s_with_its_winners_and_gradients(run: Call):
    rng, calls, expected = np.random.default_rng(11), [], []
    for kind, padding, size, stride in itertools.product(
        ("max", "average"), ("valid", "same"), (2, 3, [2, 3]), (1, 2, 3)
    ):
        image = tf.constant(rng.normal(size=(*both(rng, 3, 10), 2)))
        options = {"kind": kind, "padding": padding, "size": size, "stride": stride}
        pooling = keras.ops.max_pool if kind == "max" else keras.ops.average_pool
        with tf.GradientTape() as tape:
            tape.watch(image)
            output = pooling(image[None], size, stride, padding)[0]
            upstream = rng.normal(size=output.shape)
            loss = tf.reduce_sum(output * upstream)
        calls.append(("pool", image.numpy(), options))
        calls.append(("poolGradient", image.numpy(), upstream, options))
        expected.append((image.numpy(), output, tape.gradient(loss, image), kind))
    results = run(calls)
    for pooled, gradient, (image, output, wanted, kind) in zip(
        results[::2], results[1::2], expected, strict=True
    ):
        close(pooled["output"], output)
        close(gradient, wanted)
        if kind == "max":
            close(image.ravel()[pooled["winners"]], np.ravel(output))
        else:
            assert set(pooled["winners"]) == {-1}


def test_first_of_equal_pixels_wins_and_global_pooling(run: Call):
    image = np.random.default_rng(12).normal(size=(5, 7, 3))
    equal, most, average = run(
        [("pool", np.ones((4, 4, 1)), {}), ("globalPool", image, "max"), ("globalPool", image, "average")]
    )
    assert equal["winners"].tolist() == [0, 2, 8, 10]
    close(most["output"], image.max((0, 1)))
    close(average["output"], image.mean((0, 1)))


# ---- activations and losses


def test_activations_and_derivatives_are_tensorflow_s(run: Call):
    x = np.concatenate([np.random.default_rng(13).normal(0, 3, 40), [0.0, 40.0, -40.0, 800.0, -800.0]])
    functions: dict[str, Call] = {
        "linear": tf.identity,
        "sigmoid": tf.sigmoid,
        "tanh": tf.tanh,
        "relu": tf.nn.relu,
        "leaky_relu": functools.partial(tf.nn.leaky_relu, alpha=0.3),
    }
    for name, function in functions.items():
        given = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(given)
            output = function(given)
        slopes = tape.gradient(output, given)
        close(run([("activate", name, value) for value in x]), output, rtol=1e-7)  # 0.3 in single precision
        close(run([("derivative", name, value) for value in x]), slopes, rtol=1e-7, atol=1e-15)


def test_softmax_cross_entropy_and_their_gradients(run: Call):
    rng, calls, expected = np.random.default_rng(14), [], []
    for smoothing, temperature, classes in itertools.product((0, 0.1, 0.9), (0.25, 1, 5), (2, 5, 10)):
        scores, label = tf.constant(rng.normal(0, 4, classes)), int(rng.integers(classes))
        loss_of = keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=smoothing, reduction="sum", dtype="float64"
        )
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(scores)
            probabilities = tf.nn.softmax(scores / temperature)
            loss = loss_of(np.eye(classes)[[label]], (scores / temperature)[None])
        jacobian = tape.jacobian(probabilities, scores, experimental_use_pfor=False)
        expected.append((probabilities, loss, tape.gradient(loss, scores), jacobian))
        options = {"smoothing": smoothing, "temperature": temperature}
        calls.append(("crossEntropy", scores.numpy().tolist(), label, options))
        calls.append(("softmaxJacobian", scores.numpy().tolist(), temperature))
    results = run(calls)
    for found, jacobian, wanted in zip(results[::2], results[1::2], expected, strict=True):
        close(found["probabilities"], wanted[0])
        close(found["loss"], wanted[1])
        close(found["terms"].sum(), wanted[1])
        close(found["gradient"], wanted[2])
        close(jacobian, wanted[3])
    close(run([("softmax", [1000, 0, -1000])])[0], special.softmax([1000, 0, -1000]))


def test_squared_error_and_dense_layers(run: Call):
    rng = np.random.default_rng(15)
    batch, weights, bias = (tf.constant(rng.normal(size=size)) for size in ((4, 3), (3, 5), (5,)))
    wanted = rng.normal(size=(4, 5))
    with tf.GradientTape() as tape:
        tape.watch([batch, weights, bias])
        output = batch @ weights + bias
        loss = tf.reduce_mean((output - wanted) ** 2) / 2
    gradients = tape.gradient(loss, [output, batch, weights, bias])
    found, error = run(
        [
            ("dense", batch.numpy(), weights.numpy(), bias.numpy().tolist()),
            ("squaredError", output.numpy(), wanted),
        ]
    )
    close(found, output)
    close(error["loss"], loss)
    close(error["gradient"], gradients[0])
    back = run([("denseGradients", batch.numpy(), weights.numpy(), error["gradient"])])[0]
    for name, gradient in zip(("batch", "weights", "bias"), gradients[1:], strict=True):
        close(back[name], gradient)


# ---- normalisation


def test_batch_norm_is_keras_s_in_training_and_in_use(run: Call):
    rng = np.random.default_rng(16)
    for shape in ((2, 3), (8, 5, 4, 3)):
        x, upstream = tf.constant(rng.normal(3, 5, shape)), rng.normal(size=shape)
        gamma, beta = rng.normal(size=(2, 3))
        layer = keras.layers.BatchNormalization(dtype="float64")
        layer.build(shape)
        layer.gamma.assign(gamma)
        layer.beta.assign(beta)
        with tf.GradientTape() as tape:
            tape.watch(x)
            output = layer(x, training=True)
            loss = tf.reduce_sum(output * upstream)
        gradients = tape.gradient(loss, [x, layer.gamma.value, layer.beta.value])
        settings = {"gamma": gamma.tolist(), "beta": beta.tolist()}
        found, back = run(
            [("batchNorm", x.numpy(), settings), ("batchNormGradients", x.numpy(), upstream, settings)]
        )
        close(found["output"], output)
        for name, gradient in zip(("x", "gamma", "beta"), gradients, strict=True):
            close(back[name], gradient)
        start = {"mean": [0, 0, 0], "variance": [1, 1, 1]}
        batch = {name: found[name].tolist() for name in ("mean", "variance")}
        moved = run([("movingStatistics", start, batch)])[0]
        close(moved["mean"], layer.moving_mean, rtol=1e-6)
        close(moved["variance"], layer.moving_variance, rtol=1e-6)
        statistics = {name: value.tolist() for name, value in moved.items()}
        used = run([("batchNorm", x.numpy(), settings | {"statistics": statistics})])[0]
        close(used["output"], layer(x, training=False), rtol=1e-6)


def test_local_response_is_tensorflow_s_and_the_paper_s(run: Call):
    maps = np.random.default_rng(17).normal(0, 4, (3, 4, 9))
    for k, n, alpha, beta in ((2, 5, 1e-4, 0.75), (1, 3, 0.5, 0.5), (1, 11, 1, 1)):
        settings = {"k": k, "n": n, "alpha": alpha, "beta": beta}
        divided = settings | {"alpha": n * alpha, "perChannel": True}  # Caffe's and PyTorch's
        found, same = run([("localResponse", maps, settings), ("localResponse", maps, divided)])
        layer = LocalResponseNormalization(k=k, size=n, alpha=alpha, beta=beta)
        close(found["output"], layer(maps[None].astype(np.float32))[0], rtol=2e-6, atol=1e-6)
        close(same["output"], found["output"])
        for channel in range(9):  # section 3.3 of the paper, as it is printed
            first, last = max(0, channel - n // 2), min(8, channel + n // 2)
            total = (maps[..., first : last + 1] ** 2).sum(-1)
            close(found["output"][..., channel], maps[..., channel] / (k + alpha * total) ** beta)


def test_dropout_keeps_the_mean_and_drops_cells_or_channels(run: Call):
    ones, rate = np.ones((40, 40, 10)), 0.3
    each, channels, unscaled, used, asis = run(
        [
            ("dropout", ones, rate, {"generator": 3}),
            ("dropout", ones, rate, {"generator": 3}, {"spatial": True}),
            ("dropout", ones, rate, {"generator": 3}, {"scaling": "use"}),
            ("dropout", ones, rate, {"generator": 3}, {"scaling": "use", "training": False}),
            ("dropout", ones, rate, {"generator": 3}, {"training": False}),
        ]
    )
    kept = each["mask"].mean()
    assert abs(kept - 0.7) < 6 * np.sqrt(0.3 * 0.7 / 16000)
    close(each["output"], each["mask"] / 0.7)
    assert 0 < channels["mask"].mean() < 1
    assert all(len(np.unique(channels["mask"][..., c])) == 1 for c in range(10))
    close(unscaled["output"], each["mask"])
    close(used["output"], 0.7 * ones)
    close(asis["output"], ones)


# ---- pixels, optimisers, chance


def test_pixels(run: Call):
    rng = np.random.default_rng(18)
    image = rng.integers(0, 256, (6, 5, 3)).astype(float)
    gray, scaled, standard, mirrored = run(
        [
            ("gray", image),
            ("rescaled", image),
            ("rescaled", image, [1, 2, 3], [4, 5, 6]),
            ("mirrored", image),
        ]
    )
    close(gray[..., 0], image @ [0.299, 0.587, 0.114])  # ITU-R BT.601
    close(scaled, image / 255)
    close(standard, (image - [1, 2, 3]) / [4, 5, 6])
    close(mirrored, image[:, ::-1])


OUTSIDE = ("zero", "edge")


def test_shifted_image_is_numpy_s(run: Call):
    image = np.random.default_rng(21).normal(size=(6, 5, 3))
    moves = [(down, right, o) for down, right in ((1, 2), (-2, 1), (0, -3), (9, 0)) for o in OUTSIDE]
    for found, (down, right, outside) in zip(
        run([("shifted", image, *m) for m in moves]), moves, strict=True
    ):
        mode = "edge" if outside == "edge" else "constant"
        wide = np.pad(image, ((10, 10), (10, 10), (0, 0)), mode)
        close(found, wide[10 - down : 16 - down, 10 - right : 15 - right])


@pytest.mark.parametrize("outside", OUTSIDE)
def test_turned_image_is_scipy_s(run: Call, outside: str):
    image = np.random.default_rng(20).normal(size=(7, 9, 2))
    angles = (0, 10, -35.5, 90, 180)
    mode = {"edge": "nearest", "zero": "grid-constant"}[outside]
    for angle, found in zip(angles, run([("turned", image, a, outside) for a in angles]), strict=True):
        close(found, ndimage.rotate(image, angle, reshape=False, order=1, mode=mode), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "optimizer"),
    [
        ("sgd", functools.partial(keras.optimizers.SGD, 0.1)),
        ("momentum", functools.partial(keras.optimizers.SGD, 0.1, momentum=0.9)),
        ("nesterov", functools.partial(keras.optimizers.SGD, 0.1, momentum=0.9, nesterov=True)),
        ("adam", functools.partial(keras.optimizers.Adam, 0.1)),
    ],
)
def test_optimisers_are_keras_s(run: Call, name: str, optimizer: Call):
    rng = np.random.default_rng(19)
    weights, keras_s = keras.Variable(rng.normal(size=2), dtype="float64"), optimizer()
    found = {"position": weights.numpy().copy(), "state": {}}
    for _ in range(5):
        gradient = rng.normal(size=2)
        keras_s.apply([keras.ops.convert_to_tensor(gradient, "float64")], [weights])
        state = {key: np.asarray(value).tolist() for key, value in found["state"].items()}
        given = (found["position"].tolist(), gradient.tolist(), state, {"rate": 0.1})
        found = run([("optimiserStep", name, *given)])[0]
        close(found["position"], weights, rtol=1e-5)  # Keras holds the rate in single precision


def test_a_seed_gives_the_same_numbers_everywhere(page: Scripts):
    drawn = page.page.evaluate(
        """async seed => {
            const { arithmetic } = await import("/arithmetic.js");
            const random = arithmetic.randomOf(seed);
            const uniform = Array.from({length: 50}, random.uniform);
            const normal = Array.from({length: 5000}, random.normal);
            return [uniform, normal, random.order(100)];
        }""",
        2**32 + 41,
    )
    uniform, normal, order = drawn
    assert uniform == [mulberry32(41 + 0x6D2B79F5 * n) for n in range(1, 51)]
    assert abs(np.mean(normal)) < 6 / np.sqrt(5000) and abs(np.std(normal) - 1) < 6 / np.sqrt(10000)
    assert sorted(order) == list(range(100)) != order


def mulberry32(state: int) -> float:
    """Return the number in [0, 1) of one state (Tommy Ettinger, public domain)."""
    word = 0xFFFFFFFF
    state &= word
    t = (state ^ state >> 15) * (state | 1) & word
    t ^= t + ((t ^ t >> 7) * (t | 61) & word) & word
    return ((t ^ t >> 14) & word) / 2**32
