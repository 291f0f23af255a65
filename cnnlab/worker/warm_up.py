"""A few steps of a small network: what Python and TensorFlow do once in a process is then already done."""

import keras
import tensorflow as tf

from cnnlab import architectures, datasets
from cnnlab.datasets import LoadOptions
from cnnlab.preprocessing import Preprocessing
from cnnlab.training.loop import train
from cnnlab.training.pipeline import Batches

FEW = LoadOptions(image_size=16, channels=1, max_per_class=3)


def warm_up() -> None:
    """Train LeNet-5 on a few digits, unless there is a GPU: the first operation would take hold of all."""
    if tf.config.list_physical_devices("GPU"):
        return
    digits = datasets.load("digits", FEW)
    batches = Batches(digits.train, 16, Preprocessing(16, 16, 1))
    model = architectures.build("lenet5", (16, 16, 1), len(digits.classes))
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    train(model, batches, batches, keras.callbacks.CallbackList([], model=model), range(1), seed=0)
