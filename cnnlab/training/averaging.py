"""Averaged weights: the exponential moving average over the steps that Keras's optimizers keep.

Training goes on with the weights themselves, and the network is asked with the averages (Polyak and Juditsky
1992; with a moving average Tarvainen and Valpola 2017, arXiv:1703.01780). A saved network has the averages as
its weights, so that whoever loads it needs to know nothing of this, and the weights themselves in the place
of the optimizer's averages: ``swap`` puts both back, to the last bit.
"""

import keras
import numpy as np

from cnnlab.keras_internals import averages


def swap(model: keras.Model) -> None:
    """Exchange the weights of a network and their averages; without averages nothing happens."""
    for weight, average in averages(model.optimizer):
        kept = np.array(weight.numpy())  # a copy: on a CPU it may share the memory of the weight
        weight.assign(np.array(average.numpy()))
        average.assign(kept)


def begin(model: keras.Model) -> None:
    """Let the averages be the weights, before the first step.

    Keras begins with zeros and overwrites them at the step that is called the first; where that one is
    skipped, as mixed precision does, zeros would stay in the average.
    """
    for weight, average in averages(model.optimizer):
        average.assign(weight.numpy())
