"""The options of ``train``: one for every setting of a run, made from the settings themselves."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from cnnlab import datasets, training
from cnnlab.training import RunConfig, recipes

SETTINGS = {
    "architecture": ("A", "network, see `architectures`"),
    "dataset": ("D", "dataset, see `datasets`; or a folder with one folder per class, or a ZIP of it"),
    "options": ("NAME=VALUE", "choices of the network, such as unfreeze_blocks=2"),
    "epochs": ("N", "times through the training pictures"),
    "batch_size": ("B", "pictures per step"),
    "optimizer": ("O", ", ".join(training.OPTIMIZERS)),
    "learning_rate": ("R", "step size; default: Keras's own for the optimizer"),
    "momentum": ("M", "of SGD and RMSprop"),
    "nesterov": (None, "look ahead with the momentum of SGD"),
    "schedule": ("HOW", "of the learning rate: constant, step, exponential, cosine or plateau"),
    "schedule_factor": ("F", "times this at each step, epoch (exponential) or plateau"),
    "schedule_epochs": ("N", "epochs at which the step schedule drops the rate"),
    "schedule_patience": ("N", "epochs without a lower validation loss that make a plateau"),
    "warm_up_epochs": ("N", "epochs in which the rate climbs to its first value"),
    "stop_patience": ("N", "stop early after N epochs without a lower validation loss"),
    "image_size": ("S", "resize to S by S pixels; default: as the dataset has them"),
    "channels": ("C", "1 gray, 3 colour; default: as the dataset has them"),
    "seed": ("K", "fixes the split, the order and the first weights"),
    "validation_share": ("V", "part of the pictures kept for validation"),
    "split_by": ("HOW", "random; group (each person on one side only); given (the dataset's own test part)"),
    "resample": ("HOW", "area or bilinear"),
    "fit": ("HOW", "squash or crop pictures that are not square"),
    "max_per_class": ("N", "use at most N pictures of a class"),
    "mean": ("PIXEL", "subtracted first: one number, or one per channel, 0 to 255"),
    "deviation": ("PIXEL", "divided by next: one number, or one per channel"),
    "scaling": ("HOW", "given (mean and deviation as they stand); dataset (its own, per channel)"),
    "shuffle": (None, "draw a new order in each epoch"),
    "augmentation": (
        "NAME=VALUE",
        "random changes in training, such as flip=1 rotation=10 zoom=0.1",
    ),
    "augmented_copies": (
        "N",
        "a frozen base sees N augmented copies of each picture, once",
    ),
    "dropout": ("P", "rate of all dropout layers; default: as the network has it"),
    "l2": ("F", "penalty on squared kernel weights"),
    "label_smoothing": ("F", "part of the truth given to all classes alike"),
    "precision": ("HOW", "float32; mixed (16-bit arithmetic where the device has it)"),
    "devices": ("HOW", "one; all (every GPU of the machine takes a share of each batch)"),
    "deterministic": (None, "the same arithmetic in the same order every time; slower"),
    "title": ("TEXT", "what to call the run"),
    "recipe": ("NAME", "start from these settings, see `recipes`; other options override it"),
}
"""Option value and help of every setting."""


def add_to(verb: argparse.ArgumentParser, without: Sequence[str] = ()) -> None:
    """Add an option for each setting but those named."""
    kinds = get_type_hints(RunConfig)
    for name, (metavar, what) in SETTINGS.items():
        if name in without:
            continue
        option = {"help": what, "default": argparse.SUPPRESS} | _option(kinds[name])
        if metavar:
            option["metavar"] = metavar
        verb.add_argument(f"--{name.replace('_', '-')}", **option)


def config(arguments: argparse.Namespace) -> RunConfig:
    """Return the settings that the options give, over those of a recipe where one is named."""
    flags = _given(arguments)
    if "recipe" in flags:
        chosen = recipes.get(flags["recipe"]).config.changed(**flags)
    elif {"architecture", "dataset"} <= flags.keys():
        chosen = RunConfig(**flags)
    else:
        arguments.usage_error("give --recipe NAME, or --architecture A and --dataset D")
    return _settled(chosen)


def changed(base: RunConfig, arguments: argparse.Namespace) -> RunConfig:
    """Return ``base`` with the settings that the options give; it is no recipe's any more."""
    return _settled(base.changed(**_given(arguments), recipe=None))


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that the options give, as a config holds them."""
    flags = {
        field.name: getattr(arguments, field.name) for field in fields(RunConfig) if field.name in arguments
    }
    flags |= {name: dict(flags[name]) for name in ("options", "augmentation") if name in flags}
    return flags | {name: tuple(value) for name, value in flags.items() if isinstance(value, list)}


def _settled(config: RunConfig) -> RunConfig:
    return config.validated().changed(dataset=_found(config.dataset))


def _found(dataset: str) -> str:
    """Return a dataset's name, or a folder's or ZIP's absolute path: later commands may start elsewhere."""
    datasets.get(dataset)
    return dataset if dataset in datasets.names() else str(Path(dataset).resolve())


def _option(kind: Any) -> dict[str, Any]:
    """Return how argparse reads a setting of this type; ``int | None`` reads as int."""
    if kind is bool:
        return {"action": argparse.BooleanOptionalAction}
    if get_origin(kind) is dict:
        return {"type": _name_and_value, "nargs": "+"}
    if get_origin(kind) is tuple:
        return {"type": get_args(kind)[0], "nargs": "+"}
    return {"type": next(t for t in (int, float, str) if t in (kind, *get_args(kind)))}


def _name_and_value(text: str) -> tuple[str, str | float]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    for number in (int, float):
        with suppress(ValueError):
            return name, number(value)
    return name, value
