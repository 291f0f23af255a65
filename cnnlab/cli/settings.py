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
    "options": ("NAME=VALUE", "options of the network, such as unfreeze_blocks=2"),
    "epochs": ("N", "passes over the training set"),
    "batch_size": ("B", "images per gradient step"),
    "optimizer": ("O", ", ".join(training.OPTIMIZERS)),
    "learning_rate": ("R", "learning rate; default: Keras's for the optimizer"),
    "momentum": ("M", "of SGD and RMSprop"),
    "nesterov": (None, "Nesterov momentum of SGD"),
    "schedule": ("HOW", "LR schedule: constant, step, exponential, cosine or plateau"),
    "schedule_factor": ("F", "decay factor at each milestone, epoch (exponential) or plateau"),
    "schedule_epochs": ("N", "milestones of the step schedule, in epochs"),
    "schedule_patience": ("N", "patience of the plateau schedule: epochs without a lower validation loss"),
    "warm_up_epochs": ("N", "linear warm-up to the base learning rate, in epochs"),
    "stop_patience": ("N", "early stopping: patience in epochs without a lower validation loss"),
    "image_size": ("S", "resize to S by S pixels; default: as the dataset has them"),
    "channels": ("C", "1 gray, 3 colour; default: as the dataset has them"),
    "seed": ("K", "fixes the split, the order of the images and the initial weights"),
    "validation_share": ("V", "fraction of the images held out for validation"),
    "split_by": ("HOW", "random; group (no person is in both sets); given (the provided test set)"),
    "resample": ("HOW", "interpolation: area or bilinear"),
    "fit": ("HOW", "aspect ratio of images that are not square: squash (stretch) or crop"),
    "max_per_class": ("N", "max. images per class"),
    "mean": ("PIXEL", "subtracted first: one number, or one per channel, 0 to 255"),
    "deviation": ("PIXEL", "divided by next: one number, or one per channel"),
    "scaling": ("HOW", "normalisation: given (--mean and --deviation) or dataset (standardise per channel)"),
    "shuffle": (None, "a new random order of the training images in each epoch"),
    "augmentation": (
        "NAME=VALUE",
        "augmentation of the training images, such as flip=1 rotation=10 zoom=0.1",
    ),
    "augmented_copies": (
        "N",
        "cached augmented features per image, for a frozen base",
    ),
    "dropout": ("P", "rate of all dropout layers; default: that of the network"),
    "l2": ("F", "weight decay (L2) of the kernels"),
    "label_smoothing": ("F", "label smoothing: target probability moved from the true class to all"),
    "precision": ("HOW", "float32; mixed (16-bit arithmetic where the device has it)"),
    "devices": ("HOW", "one; all (every GPU of the machine takes a share of each batch)"),
    "deterministic": (None, "the same run gives the same weights; slower"),
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
