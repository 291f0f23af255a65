"""What a run will take, told before it starts: steps, time and memory. No TensorFlow here.

The time is that of earlier runs of the same network on this machine, where there are any; else it follows
from the multiply-accumulates, at a usual speed. Both are rough.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from cnnlab.errors import CnnLabError
from cnnlab.machine import Device
from cnnlab.runs import Overview, Run
from cnnlab.settings import RunConfig

BACKWARD = 2.0
"""The gradient with respect to weights and to inputs costs as much as the forward pass, each."""
MACS_PER_CORE = 12e9
"""Multiply-accumulates a second and core of float32 convolutions, in TensorFlow on a CPU."""
STEP_SECONDS = 0.004
"""What a step takes beside its arithmetic, on a CPU."""
PROCESS_BYTES = 750 * 2**20
"""A worker with TensorFlow, before it has loaded anything."""
SLOTS = {"sgd": 1, "rmsprop": 1, "adagrad": 1, "adam": 2, "adamw": 2, "adadelta": 2}
"""Numbers that an optimizer keeps for each weight."""
KEPT = 2
"""Copies of the output of each layer: the output, for the way back, and its gradient."""
LOOKED_AT = 40
"""So many of the newest runs are looked at for their speed."""


@dataclass(frozen=True)
class NetworkCost:
    """The cost of one image: ``frozen_macs`` of the ``macs`` lie before the first trainable layer.

    None where a layer is of a kind whose arithmetic is not known.
    """

    params: int
    trainable_params: int
    macs: int | None
    frozen_macs: int | None
    activation_bytes: int


@dataclass(frozen=True)
class Amount:
    """How many images there are to train on and to validate, in the size in which the network sees them."""

    train: int
    validation: int
    input_shape: tuple[int, int, int]


@dataclass(frozen=True)
class Forecast:
    """``seconds`` is None where nothing is known; ``measured_by`` names the run that tells them."""

    steps_per_epoch: int
    steps: int
    memory_bytes: int
    seconds: float | None
    measured_by: str = ""


@dataclass(frozen=True)
class Speed:
    """An earlier run: what it trained, and the seconds that an epoch took."""

    title: str
    config: RunConfig
    amount: Amount
    seconds_per_epoch: float
    device: str


def forecast(
    config: RunConfig, cost: NetworkCost, amount: Amount, device: Device, earlier: Iterable[Speed] = ()
) -> Forecast:
    """Return what a run with these settings will take, roughly.

    Args:
        config: the settings.
        cost: of its network at ``amount.input_shape``.
        amount: the images.
        device: what this machine trains on.
        earlier: runs of this machine; those of another device are not looked at.
    """
    steps = math.ceil(amount.train / config.batch_size)
    memory = PROCESS_BYTES + _bytes(config, cost, amount)
    same = [
        speed
        for speed in earlier
        if speed.device == str(device) and _key(speed.config, speed.amount) == _key(config, amount)
    ]
    if same:
        for_each = median(speed.seconds_per_epoch / max(1.0, _looked_at(speed.amount)) for speed in same)
        seconds = for_each * _looked_at(amount) * config.epochs
        return Forecast(steps, steps * config.epochs, memory, seconds, same[0].title)
    return Forecast(steps, steps * config.epochs, memory, _computed(config, cost, amount, device))


def speeds(some: Iterable[Overview]) -> tuple[Speed, ...]:
    """Return how fast earlier runs of this machine were, the newest first; some files are read, and kept."""
    known = []
    for seen in [*some][:LOOKED_AT]:
        status = seen.status
        if seen.damage or seen.imported or status.is_active or not (status.epoch and status.seconds):
            continue
        if speed := _speed(seen.run, status.epoch, status.seconds, status.device):
            known.append(speed)
    return tuple(known)


@lru_cache(maxsize=512)
def _speed(run: Run, epochs: int, seconds: float, device: str) -> Speed | None:
    try:
        facts = run.model_facts
        amount = Amount(facts.split["train"], facts.split["validation"], facts.input_shape)
        config = run.config.validated()
    except (CnnLabError, KeyError):
        return None
    return Speed(run.title, config, amount, seconds / epochs, device)


def _key(config: RunConfig, amount: Amount) -> tuple:
    """Return what two runs have in common whose epochs take as long for each image."""
    return (
        config.architecture,
        str(config.network),
        tuple(sorted(config.options.items())),
        amount.input_shape,
        config.batch_size,
        bool(config.augmentation),
        config.augmented_copies,
        (config.precision, config.devices),
    )


def _looked_at(amount: Amount) -> float:
    """Return the images of an epoch, one that is only validated on for a third."""
    return amount.train + amount.validation / (1 + BACKWARD)


def _computed(config: RunConfig, cost: NetworkCost, amount: Amount, device: Device) -> float | None:
    """Return the seconds that the arithmetic takes on a CPU."""
    if device.kind != "CPU" or cost.macs is None or cost.frozen_macs is None:
        return None
    learning = cost.macs - cost.frozen_macs
    each_epoch = learning * ((1 + BACKWARD) * amount.train + amount.validation)
    frozen_once = cost.frozen_macs and (not config.augmentation or config.augmented_copies)
    looks = amount.train * (1 + config.augmented_copies * bool(config.augmentation)) + amount.validation
    if not frozen_once:
        looks = config.epochs * (amount.train + amount.validation)
    macs = config.epochs * each_epoch + cost.frozen_macs * looks
    steps = config.epochs * math.ceil(amount.train / config.batch_size)
    return macs / (MACS_PER_CORE * device.cores) + STEP_SECONDS * steps


def _bytes(config: RunConfig, cost: NetworkCost, amount: Amount) -> int:
    """Return what weights, gradients, the outputs of a batch and the images take."""
    kept = SLOTS[config.optimizer] + (config.ema_momentum is not None)
    weights = 4 * cost.params + 4 * cost.trainable_params * (1 + kept)
    batch = KEPT * cost.activation_bytes * min(config.batch_size, amount.train)
    images = math.prod(amount.input_shape) * (amount.train + amount.validation)
    return weights + batch + images
