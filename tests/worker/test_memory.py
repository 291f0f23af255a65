"""How much memory training takes, and what is said when no more can be had."""

import keras
import pytest
import tensorflow as tf

from cnnlab import architectures
from cnnlab.worker import memory
from cnnlab.worker.failures import explain


@pytest.fixture(scope="module")
def lenet5() -> keras.Model:
    return architectures.build("lenet5", input_shape=(32, 32, 3), num_classes=10)


def test_an_image_takes_the_outputs_of_all_layers_twice(lenet5):
    # input; convolutions with their pools; flattened; dense layers: counted by hand from LeCun's figure 2
    numbers = 32 * 32 * 3 + 6 * 28 * 28 + 6 * 14 * 14 + 16 * 10 * 10 + 16 * 5 * 5 + 400 + 120 + 84 + 10
    assert memory.bytes_per_image(lenet5) == 2 * 4 * numbers
    assert memory.gradient_bytes(lenet5) == 4 * 62_006


def test_the_layers_of_a_base_network_count_too():
    small = {"input_shape": (64, 64, 3), "num_classes": 3}
    model = architectures.build("vgg16_transfer", base_weights="untrained", **small)
    assert memory.bytes_per_image(model) > 2 * 4 * 64 * 64 * 64 * 2  # its first two convolutions alone


@pytest.mark.parametrize("shape", ["2000,28,28,6", "2000,6,28,28"])
def test_the_layer_is_told_from_the_shape_in_whatever_order_a_device_keeps_it(lenet5, shape):
    message = f"OOM when allocating tensor with shape[{shape}] and type float on /device:GPU:0 by allocator"
    size, what = memory.wanted(message, lenet5)
    assert size == 4 * 2000 * 28 * 28 * 6
    assert what == "the output of conv1 for 2,000 images is 38 MB"
    assert memory.wanted("OOM when allocating tensor with shape[1,28,28,6]", lenet5) == (4 * 28 * 28 * 6, "")
    assert memory.wanted("OOM when allocating tensor with shape[7,7]", lenet5) == (0, "")
    assert memory.wanted("no shape at all", lenet5) == (0, "")


@pytest.mark.parametrize(("status", "out"), [(1, True), (5, True), (2, False), (11, False)])
def test_the_kernels_of_onednn_say_in_their_own_words_that_memory_ran_out(status, out):
    message = f"Operation received an exception:Status: {status}, message: could not create a memory object"
    assert memory.ran_out(tf.errors.AbortedError(None, None, message)) == out


@pytest.mark.parametrize(
    ("room", "failed", "fits"),
    [(1000, 512, 64), (10**6, 512, 256), (10**6, 100, 32), (5, 512, 1), (-5, 512, 1), (10**6, 1, None)],
)
def test_the_batch_that_fits_is_a_power_of_two_and_at_most_half_of_what_failed(room, failed, fits):
    assert memory.batch_that_fits(room, per_image=10, failed=failed) == fits


def test_what_runs_out_in_training_is_told_with_the_batch_that_fits(lenet5, monkeypatch):
    used = iter([10 * 2**20])
    monkeypatch.setattr(memory, "in_use", lambda: next(used))
    monkeypatch.setattr(memory, "peak", lambda: 12 * 2**20)
    with pytest.raises(memory.MemoryUsedUp) as caught, memory.watched(lenet5, batch_size=512):
        raise tf.errors.ResourceExhaustedError(
            None, None, "OOM when allocating tensor with shape[512,28,28,6]"
        )
    # 2 MB were in use beside 10, and 9.2 MB were wanted: 6.6 MB, of which the gradients take 0.2
    assert caught.value.batch_size == 64
    failure = explain(caught.value)
    assert failure["batch_size"] == 64
    assert failure["message"] == (
        "The memory of the device is used up: the output of conv1 for 512 images is 10 MB."
    )
    assert failure["hint"] == "A batch size of 64 should fit; start again with it."


def test_where_not_even_one_image_fits_no_smaller_batch_is_offered(lenet5):
    with pytest.raises(memory.MemoryUsedUp) as caught, memory.watched(lenet5, batch_size=1):
        raise MemoryError
    failure = explain(caught.value)
    assert failure["batch_size"] is None
    assert "smaller images or a smaller network" in failure["hint"]


def test_memory_that_runs_out_is_known_in_whatever_error_tensorflow_wraps_it():
    wrapped = "in user code:\n    MemoryError: Exception encountered when calling BatchNormalization.call()."
    assert memory.ran_out(RuntimeError(wrapped))
    assert not memory.ran_out(ValueError("There is room for 3 more pictures."))
    with pytest.raises(ValueError), memory.watched(None, batch_size=1):
        raise ValueError


def test_memory_in_use_is_that_of_this_process():
    assert 2**20 < memory.in_use() <= memory.peak()
