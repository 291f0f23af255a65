"""How a setting is declared: a field of a dataclass with everything that anybody asks about it.

    @group
    class OptimizerSettings:
        epochs: int = setting("Epochs", "Passes over the training set.", default=5, low=1, high=10_000)

``declared`` reads the settings of a class back, with their names, types and defaults. A setting has the name
of its field, in files and on the command line too, or keeps another one there, ``name="deviation"``:
``named_values`` and ``as_arguments`` translate.

What is declared is English. Who shows a label or a help translates it, ``_(known.help)``; what a method puts
into words is in the language of the page.
"""

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

from cnnlab.languages import _, _p

NOTHING = "–"
LARGEST = 1e300
"""A whole number may be larger than any float."""
_KEY = "setting"

Class = TypeVar("Class")


@dataclass(frozen=True)
class Setting:
    """One setting: what it may be, and what people read of it.

    Args:
        label: what papers and Keras call it.
        help: one sentence on what it does.
        low: the least a number may be; of several numbers the least each may be.
        high: the most.
        above: whether ``low`` itself is too little.
        choices: the values it can take, each with its words; empty where it is no choice.
        unit: ``px``, ``epochs``.
        none: what None stands for, where it may be None.
        say: gives a value in words, where number and unit are not enough.
        step: by how much a button of the form changes it.
        format: how the form writes it, such as ``%.6g``.
        typed: what else to know on the command line; None where it is nothing to type.
        needs: a setting, and those of its values with which this one has an effect.
        quiet: whether it is said of a run only where it is not the default.
        wrong: the sentence for a value that cannot be, where the usual one does not fit.
        check: says what is wrong with a value, where type and range are not all.
        measure: what the number is, such as ``a fraction of the width``.
        usual: up to where a slider of the form reaches.
        name: what files, the command line and the keys of a form call it; as the field, unless given.
        attribute: the field.
        kind: its type, without None.
        items: the type of what a tuple holds.
        optional: whether it may be None.
        default: what it is when nobody says.
    """

    label: str
    help: str
    low: float | None = None
    high: float | None = None
    above: bool = False
    choices: Mapping[Any, str] = field(default_factory=dict)
    unit: str = ""
    none: str = NOTHING
    say: Callable[[Any], str] | None = None
    step: float | None = None
    format: str | None = None
    typed: str | None = ""
    needs: tuple[str, tuple[Any, ...]] | None = None
    quiet: bool = False
    wrong: str = ""
    check: Callable[[Any], str] | None = None
    measure: str = ""
    usual: float | None = None
    name: str = ""
    attribute: str = ""
    kind: type = str
    items: Any = None
    optional: bool = False
    default: Any = None

    @property
    def label_with_unit(self) -> str:
        """What a field of a form is called: ``Image size (px)``."""
        if not self.unit:
            return _(self.label)
        return _("{label} ({unit})", label=_(self.label), unit=_(self.unit))

    @property
    def label_within(self) -> str:
        """The label within a sentence: ``image size``."""
        label = _(self.label)
        return label[:1].lower() + label[1:] if label == self.label else label

    def of(self, held: object) -> Any:
        """Return the value that an object of a group holds."""
        return getattr(held, self.attribute)

    def said(self, value: Any) -> str:
        """Say a value in words; one that no setting should have, as it stands."""
        if isinstance(value, str | int | float | None) and value in self.choices:
            return _(self.choices[value])
        if value is None:
            return _(self.none)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if self.say:
            with suppress(TypeError, ValueError, AttributeError):  # a file may hold anything
                return self.say(value)
        if isinstance(value, int | float):
            number = f"{value:,}" if isinstance(value, int) else f"{value:.6g}"
            return f"{number} {_(self.unit) if self.unit else ''}".strip()
        return str(value) if value else NOTHING

    def has_effect(self, config: object) -> bool:
        """Whether the setting does anything beside the others of a config."""
        return self.needs is None or declared(_group_of(config))[self.needs[0]].of(config) in self.needs[1]

    def is_of_type(self, value: Any) -> bool:
        """Whether a value has the declared type; whole numbers are numbers, true and false are none."""
        if value is None:
            return self.optional
        if self.kind is tuple:
            return isinstance(value, tuple) and all(is_a(item, self.items) for item in value)
        if self.kind is dict:
            return isinstance(value, dict) and all(
                is_a(key, str) and is_a(item, self.items) for key, item in value.items()
            )
        return is_a(value, self.kind)

    def problem(self, value: Any) -> str:
        """Say in one sentence why a value cannot be; nothing where it can."""
        if value is None and self.optional:
            return ""
        if self.check:
            return self.check(value)
        if self.choices:
            if any(type(value) is type(known) and value == known for known in self.choices):
                return ""
            words = ", ".join(str(known) for known in self.choices if known is not None)
            label = self.label_with_unit
            return _("{label} must be one of {words}, not {value}.", label=label, words=words, value=value)
        several = self.kind is tuple and isinstance(value, tuple)
        if self.is_of_type(value) and all(map(self._is_within, value if several else (value,))):
            missing = several and self.default and not value
            return _(self.wrong) if missing else ""
        return _(self.wrong) if self.wrong else self._wrong(value)

    def _wrong(self, value: Any) -> str:
        if self.low is None or self.high is None:
            return _("The setting {name} is of the wrong type.", name=self.name)
        low, high = f"{self.low:,}", f"{self.high:,}"
        if self.above:
            return _(
                "The {label} must be greater than {low} and at most {high}, not {value}.",
                **{"label": self.label_within, "low": low, "high": high, "value": value},
            )
        said = {"label": self.label_with_unit, "low": low, "high": high, "value": value}
        if self.kind is int:
            return _("{label} must be a whole number from {low} to {high}, not {value}.", **said)
        return _("{label} must be a number from {low} to {high}, not {value}.", **said)

    def _is_within(self, value: Any) -> bool:
        if self.low is not None and (value <= self.low if self.above else value < self.low):
            return False
        return self.high is None or value <= self.high


def setting(
    label: str,
    help: str,
    *,
    default: Any = dataclasses.MISSING,
    default_factory: Any = dataclasses.MISSING,
    kw_only: bool = True,
    **more: Any,
) -> Any:
    """Return a field of a ``group`` that declares a setting.

    Args:
        label: of the ``Setting``.
        help: of the ``Setting``.
        default: what it is when nobody says; without one the setting has to be given.
        default_factory: what makes the default, of a dictionary.
        kw_only: whether it is given by its name, never by its place.
        more: the other arguments of ``Setting``.
    """
    metadata = {_KEY: Setting(label, help, **more)}
    return field(default=default, default_factory=default_factory, kw_only=kw_only, metadata=metadata)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(setting,))
def group(cls: type[Class]) -> type[Class]:
    """Make a class with settings a frozen dataclass, which type checkers understand as well."""
    return dataclass(frozen=True, kw_only=True)(cls)


@cache
def declared(group: type) -> dict[str, Setting]:
    """Return the settings of a dataclass by name, in their order; its other fields are none."""
    hints = get_type_hints(group)
    found = {}
    for one in dataclasses.fields(group):
        if known := one.metadata.get(_KEY):
            given = one.default_factory() if callable(one.default_factory) else one.default
            default = None if given is dataclasses.MISSING else given
            name = known.name or one.name
            found[name] = completed(known, name, one.name, hints[one.name], default)
    return found


def named_values(held: Any) -> dict[str, Any]:
    """Return all that an object of a group holds, as ``asdict`` does, but each setting under its name."""
    names = {known.attribute: name for name, known in declared(_group_of(held)).items()}
    return {names.get(key, key): value for key, value in dataclasses.asdict(held).items()}


def _group_of(held: object) -> type:
    return type(held)


def as_arguments(group: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings by their names as the arguments that a group takes."""
    known = declared(group)
    return {known[name].attribute if name in known else name: value for name, value in values.items()}


def completed(known: Setting, name: str, attribute: str, hint: Any, default: Any) -> Setting:
    """Return a setting with names, type (``int | None``, ``tuple[float, ...]``) and default."""
    optional = get_origin(hint) in (Union, UnionType) and type(None) in get_args(hint)
    if optional:
        [hint] = [kind for kind in get_args(hint) if kind is not type(None)]
    items = {tuple: 0, dict: 1}.get(get_origin(hint))
    return dataclasses.replace(
        known,
        name=name,
        attribute=attribute,
        kind=get_origin(hint) or hint,
        items=None if items is None else get_args(hint)[items],
        optional=optional,
        default=default,
    )


def enumerated(words: Iterable[str]) -> str:
    """Return words with commas between them."""
    return _p("between the items of a list", ", ").join(words)


def is_a(value: Any, hint: Any) -> bool:
    """Whether a value is of a simple type, or of one of several; a float is finite, and may be whole."""
    if hint is Any:
        return True
    if kinds := get_args(hint):
        return any(is_a(value, kind) for kind in kinds)
    if hint is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and -LARGEST <= value <= LARGEST and math.isfinite(value)
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


def named(known: Mapping[str, Setting], name: str) -> Setting:
    """Return a setting; of one that only a newer version knows, its name in readable form."""
    return known.get(name) or Setting(name.replace("_", " ").capitalize(), "", name=name)
