"""A network of one's own: a list of layers, or a built-in network with edits. It is data, never code.

    {"title": "Two blocks", "input_shape": [32, 32, 3], "classes": 10,
     "layers": [{"kind": "convolution", "name": "conv1", "filters": 8}, {"kind": "flatten", "name": "flat"}]}

    {"title": "Wide eyes", "input_shape": [32, 32, 3], "classes": 10,
     "base": "inception10", "options": {"batch_norm": "frozen"}, "edits": ["conv1.kernel_size.7"]}

The image comes before the list, a dense layer with softmax after it, behind a flatten where maps are left.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from textwrap import shorten
from typing import Any, TypeGuard

from cnnlab.architectures.own import kinds
from cnnlab.architectures.own.edit import MOST_EDITS, Edit, said
from cnnlab.architectures.own.kinds import KINDS, Value
from cnnlab.errors import ArchitectureError
from cnnlab.languages import _, _n, _p
from cnnlab.shelf import nfc

MOST_LAYERS = 200
TITLE = re.compile(r"[\w .,()+×&'-]{1,40}")
ENDS = ("image", "output")
"""Names of the layers that every network has."""
_LAYER_NAME = re.compile(r"[A-Za-z]\w{0,59}", re.ASCII)


@dataclass(frozen=True)
class Listed:
    """A layer of a list; settings that are not given have the defaults of the kind."""

    kind: str
    name: str
    settings: dict[str, Value] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """Say in one line what the layer is."""
        settings = {**KINDS[self.kind].settings, **self.settings}
        words = [f"{kinds.setting_named(name)} {value}" for name, value in settings.items()]
        return f"{self.name}: {_called(self.kind)} {', '.join(words)}".rstrip()


@dataclass(frozen=True)
class Definition:
    """What a person's network is made of: ``layers``, or a ``base`` with its ``options`` and ``edits``.

    ``input_shape`` and ``classes`` are those that it was made at; it takes others where its layers allow.
    """

    title: str
    input_shape: tuple[int, int, int]
    classes: int
    layers: tuple[Listed, ...] = ()
    base: str = ""
    options: dict[str, Value] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()

    @property
    def version(self) -> str:
        """Return a short word that is another one for any other content."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()[:12]

    @property
    def summary(self) -> str:
        """Say in one line what the network is made of."""
        if self.base:
            if not self.edits:
                return _("Your own: {base}, no changes.", base=self.base)
            return _n(
                "Your own: {base}, {n} change.",
                "Your own: {base}, {n} changes.",
                len(self.edits),
                base=self.base,
            )
        if not self.layers:
            return _("Your own: nothing between image and classes.")
        kinds_used = _p("between words", ", ").join(_called(layer.kind) for layer in self.layers)
        return shorten(_("Your own: {kinds}.", kinds=kinds_used), 110)

    @property
    def lines(self) -> list[str]:
        """Return a line for each layer of the list, or for each option and edit of the base."""
        if self.base:
            return [
                self.base,
                *(f"{name} {value}" for name, value in self.options.items()),
                *map(said, self.edits),
            ]
        return [layer.line for layer in self.layers]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        content = {"title": self.title, "input_shape": list(self.input_shape), "classes": self.classes}
        if self.base:
            return content | {"base": self.base, "options": self.options, "edits": list(map(str, self.edits))}
        return content | {"layers": [{"kind": x.kind, "name": x.name, **x.settings} for x in self.layers]}

    @classmethod
    def from_dict(cls, content: Any) -> "Definition":
        """Return the definition of ``to_dict``, whoever wrote it.

        Raises:
            ArchitectureError: a part is missing, unknown or out of its limits.
        """
        if not isinstance(content, Mapping):
            raise ArchitectureError("A network of your own is an object with a title and its layers.")
        shape, classes = content.get("input_shape"), content.get("classes")
        if not (
            isinstance(shape, list | tuple) and len(shape) == 3 and all(_whole(n, 1, 1024) for n in shape)
        ):
            raise ArchitectureError("Its input_shape must be three whole numbers from 1 to 1,024.")
        if not _whole(classes, 2, 10_000):
            raise ArchitectureError("Its classes must be a whole number from 2 to 10,000.")
        height, width, channels = shape
        start = cls(titled(content.get("title")), (height, width, channels), classes)
        if "base" not in content:
            return replace(start, layers=_layers(content.get("layers")))
        options, edits = content.get("options", {}), content.get("edits", [])
        if not isinstance(options, Mapping) or not all(isinstance(v, str | int) for v in options.values()):
            raise ArchitectureError("Its options must have names and values.")
        if not isinstance(edits, list | tuple) or len(edits) > MOST_EDITS:
            raise ArchitectureError(f"Its edits must be a list of at most {MOST_EDITS}.")
        edits = tuple(Edit.parsed(str(text)) for text in edits)
        return replace(start, base=str(content["base"])[:60], options=dict(options), edits=edits)


def _called(kind: str) -> str:
    return _(KINDS[kind].title).lower()


def titled(title: object) -> str:
    """Return a network's name without the spaces around it.

    Raises:
        ArchitectureError: it is none that every page can show.
    """
    text = nfc(title.strip()) if isinstance(title, str) else ""
    if not TITLE.fullmatch(text) or not any(letter.isalnum() for letter in text):
        raise ArchitectureError("A network's name has 1 to 40 letters, digits, spaces or . , ( ) + & ' -.")
    return text


def _layers(items: Any) -> tuple[Listed, ...]:
    if not isinstance(items, list | tuple) or len(items) > MOST_LAYERS:
        raise ArchitectureError(f"Its layers must be a list of at most {MOST_LAYERS}.")
    found = [_listed(item, number) for number, item in enumerate(items, start=1)]
    names = [layer.name for layer in found]
    if twice := next((name for name in names if names.count(name) > 1 or name in ENDS), None):
        raise ArchitectureError(f"Two of its layers would be called {twice}; give each a name of its own.")
    return tuple(found)


def _listed(item: Any, number: int) -> Listed:
    if not isinstance(item, Mapping):
        raise ArchitectureError(f"Its layer {number} must be an object with a kind and a name.")
    kind, name = str(item.get("kind", ""))[:40], str(item.get("name", ""))
    if not _LAYER_NAME.fullmatch(name):
        raise ArchitectureError(
            f"Its layer {number} needs a name of letters, digits and _ that begins with a letter."
        )
    if kind not in KINDS:
        raise ArchitectureError(f"{name} is of no known kind: {kind!r}; choose one of {', '.join(KINDS)}.")
    settings = {key: value for key, value in item.items() if key not in ("kind", "name")}
    if unknown := settings.keys() - KINDS[kind].settings.keys():
        raise ArchitectureError(f"{name} has no setting {str(min(unknown))[:40]!r} to change.")
    return Listed(kind, name, {key: kinds.checked(name, key, value) for key, value in settings.items()})


def _whole(value: Any, least: int, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
