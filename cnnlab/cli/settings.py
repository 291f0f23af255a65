"""The options of ``train``: one for every setting of a run, made from what is declared of it."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from cnnlab import datasets
from cnnlab.settings import GROUPS, NOTHING, RunConfig, Setting, all_settings, setting_named
from cnnlab.settings.declaration import as_arguments, declared
from cnnlab.training import recipes

METAVARS = {int: "N", float: "X", str: "NAME", dict: "NAME=VALUE"}


def add_to(verb: argparse.ArgumentParser, without: Sequence[str] = ()) -> None:
    """Add an option for each setting but those named, in the groups of the settings."""
    for title, group in GROUPS.items():
        options = verb.add_argument_group(title)
        for known in declared(group).values():
            if known.name not in without and known.typed is not None:
                flag = f"--{known.name.replace('_', '-')}"
                options.add_argument(flag, help=_help(known), default=argparse.SUPPRESS, **_reading(known))


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
    """Return the settings that the options give, as a config takes them."""
    given = {name: getattr(arguments, name) for name in all_settings() if name in arguments}
    kinds = {name: setting_named(name).kind for name in given}
    plain = {name: kinds[name](value) if isinstance(value, list) else value for name, value in given.items()}
    return as_arguments(RunConfig, plain)


def _settled(config: RunConfig) -> RunConfig:
    return config.validated().changed(dataset=_found(config.dataset))


def _found(dataset: str) -> str:
    """Return a dataset's name, or a folder's or ZIP's absolute path: later commands may start elsewhere."""
    datasets.get(dataset)
    return dataset if dataset in datasets.names() else str(Path(dataset).resolve())


def _help(known: Setting) -> str:
    """Say what a setting does, what it may be, and what it is unasked."""
    said = {str(value): words for value, words in known.choices.items() if value is not None}
    choices = [value if words.startswith(value) else f"{value} ({words})" for value, words in said.items()]
    one_of = f"One of {', '.join(choices)}" if choices else ""
    parts = [known.help.rstrip("."), known.typed, one_of, _unasked(known)]
    return ". ".join(filter(None, parts)).replace("%", "%%") + "."


def _unasked(known: Setting) -> str:
    """Say what a setting is when nobody says; nothing where that is nothing."""
    if isinstance(known.default, bool):
        return f"Default: {'on' if known.default else 'off'}"
    value = known.choices.get(None, known.none) if known.default is None else known.default
    is_said = value not in ("", NOTHING, "default") and not isinstance(value, tuple | dict)
    return f"Default: {value}" if is_said else ""


def _reading(known: Setting) -> dict[str, Any]:
    """Return how argparse reads a setting: its type, and whether it takes several values."""
    if known.kind is bool:
        return {"action": argparse.BooleanOptionalAction}
    kind = known.items if known.kind is tuple else known.kind
    if known.kind is dict:
        return {"type": _name_and_value, "nargs": "+", "metavar": METAVARS[dict]}
    several = {"nargs": "+"} if known.kind is tuple else {}
    return {"type": kind, "metavar": METAVARS[kind], **several}


def _name_and_value(text: str) -> tuple[str, str | float]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    for number in (int, float):
        with suppress(ValueError):
            return name, number(value)
    return name, value
