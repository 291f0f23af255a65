"""What if: a network with some layers changed, left out, added or moved. An edit is three words.

conv1.kernel_size.3            a setting of a layer
pool1.left_out.1               the layer passes its input on
dropout_1.added_after.conv2    a new layer, with the name of its kind and a number
pool1.moved_after.conv2        the layer works somewhere else
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cnnlab.architectures.own import kinds
from cnnlab.architectures.own.kinds import KINDS, LIMITS, Value
from cnnlab.errors import ArchitectureError
from cnnlab.languages import _

if TYPE_CHECKING:
    import keras

LEFT_OUT, ADDED, MOVED = "left_out", "added_after", "moved_after"
MOST_EDITS = 200
_WRITTEN = re.compile(r"(\w{1,60})\.([a-z_]{1,20})\.(\w{1,60}|\d{1,2}\.\d{1,6})", re.ASCII)
_NUMBERED = re.compile(r"([a-z_]+?)_\d{1,4}", re.ASCII)


class Edit(NamedTuple):
    """A layer, what to do with it, and how."""

    layer: str
    setting: str
    value: Value

    @classmethod
    def parsed(cls, text: str) -> "Edit":
        """Return the edit that is written in three words.

        Raises:
            ArchitectureError: the text is no edit.
        """
        match = _WRITTEN.fullmatch(text)
        if not match or match[2] not in (*LIMITS, LEFT_OUT, ADDED, MOVED):
            raise ArchitectureError(f"An edit is written like conv1.kernel_size.3, not {text[:60]!r}.")
        layer, setting, value = match.groups()
        if setting in (ADDED, MOVED):
            return cls(layer, setting, value)
        number = float(value) if re.fullmatch(r"\d+\.\d+", value) else value
        number = int(value) if value.isdecimal() and len(value) <= 6 else number
        if setting == LEFT_OUT:
            return cls(layer, LEFT_OUT, 1)
        return cls(layer, setting, kinds.checked(layer, setting, number))

    def __str__(self) -> str:
        return ".".join(map(str, self))


def said(edit: Edit) -> str:
    """Return an edit as people say it."""
    layer, setting, value = edit
    if setting == LEFT_OUT:
        return _("{layer} bypassed", layer=layer)
    if setting == ADDED:
        return _("{layer} added after {place}", layer=layer, place=value)
    if setting == MOVED:
        return _("{layer} moved after {place}", layer=layer, place=value)
    return _("{layer} {setting} {value}", layer=layer, setting=kinds.setting_named(setting), value=value)


@dataclass
class _Plan:
    """What becomes of each layer; ``chains`` has the layers that work where a layer of the network was."""

    chains: dict[str, list[str]]
    added: dict[str, str] = field(default_factory=dict)
    settings: dict[str, dict[str, Value]] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, names: Sequence[str], edits: Iterable[Edit]) -> "_Plan":
        plan = cls({name: [name] for name in names})
        for layer, setting, value in edits:
            if setting == ADDED:
                plan._add(layer, str(value))
            elif layer not in plan.chains and layer not in plan.added:
                raise ArchitectureError(f"The network has no layer {layer[:60]!r} to change.")
            elif layer in (names[0], names[-1]):
                raise ArchitectureError(f"{layer} belongs to the images and classes, so it stays as it is.")
            elif setting == MOVED:
                plan._move(layer, str(value))
            elif setting == LEFT_OUT:
                plan.left_out.add(layer)
            else:
                plan.settings.setdefault(layer, {})[setting] = value
        if len(plan.chains[names[-1]]) > 1:
            raise ArchitectureError(f"{names[-1]} names the classes, so no layer comes after it.")
        return plan

    def _add(self, layer: str, place: str) -> None:
        kind = _NUMBERED.fullmatch(layer)
        if not kind or kind[1] not in KINDS:
            raise ArchitectureError(f"A layer to add is called like dropout_1, not {layer[:60]!r}.")
        if layer in self.chains or layer in self.added:
            raise ArchitectureError(f"The network has a layer {layer} already, so another cannot be added.")
        self._put(layer, place)
        self.added[layer] = kind[1]

    def _move(self, layer: str, place: str) -> None:
        if layer == place:
            raise ArchitectureError(f"{layer} cannot be moved to a place after itself.")
        self._chain(place)
        self._chain(layer).remove(layer)
        self._put(layer, place)

    def _put(self, layer: str, place: str) -> None:
        chain = self._chain(place)
        chain.insert(chain.index(place) + 1, layer)

    def _chain(self, layer: str) -> list[str]:
        for chain in self.chains.values():
            if layer in chain:
                return chain
        raise ArchitectureError(f"The network has no layer {layer[:60]!r} to put another after.")


def edited(model: "keras.Model", edits: Sequence[Edit], *, show_left_out: bool = False) -> "keras.Model":
    """Return a copy of ``model`` with new weights and the edits made, in their order.

    A layer that is left out is gone, or with ``show_left_out`` an ``Identity`` of its name.

    Raises:
        ArchitectureError: an edit is impossible, or a layer does not fit any more.
    """
    import keras

    from cnnlab.architectures.shape_errors import explained

    if len(edits) > MOST_EDITS:
        raise ArchitectureError(f"A network can have at most {MOST_EDITS} edits; save it, then go on.")
    plan = _Plan.of([layer.name for layer in model.layers], edits)
    made = {name: kinds.make(kind, name, plan.settings.get(name, {})) for name, kind in plan.added.items()}
    for layer in model.layers[1:]:
        made[layer.name] = kinds.changed(layer, plan.settings.get(layer.name, {}))

    def passed(name: str, inputs: object, *args: object, **options: object) -> object:
        if name not in plan.left_out:
            return kinds.called(made[name], inputs, *args, **options)
        if isinstance(inputs, list):
            raise ArchitectureError(f"{name} merges branches, so it cannot be bypassed.")
        return keras.layers.Identity(name=name)(inputs) if show_left_out else inputs

    def call(layer: "keras.Layer", inputs: object, *args: object, **options: object) -> object:
        x = keras.tree.map_structure(lambda tensor: begun if tensor is image else tensor, inputs)
        first, *others = plan.chains[layer.name] or [""]
        if first != layer.name and isinstance(x, list):
            raise ArchitectureError(f"{layer.name} merges branches, so it cannot be moved.")
        if first == layer.name:
            x = passed(first, x, *args, **options)
        elif first:
            x = passed(first, x)
        for name in others:
            x = passed(name, x)
        return x

    with explained(model.name, tuple(model.input.shape[1:])):
        image = begun = keras.Input(model.input.shape[1:], name=model.layers[0].name)
        for name in plan.chains[model.layers[0].name][1:]:
            begun = passed(name, begun)
        copy = keras.models.clone_model(
            model, image, clone_function=lambda layer: made[layer.name], call_function=call
        )
    return keras.Model(image, copy.output, name=model.name)
