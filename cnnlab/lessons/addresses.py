"""The addresses of the app's pages: which arguments each page reads, and whether what they name is there.

    concepts?concept=convolution&image=digits-3&kernel=sobel_x
    architecture?arch=lenet5&input=32x32x1&layer=conv1

What the scene of a concept reads stands in its script, ``ui/frontend/concepts/NAME.js``, and is read there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from cnnlab import architectures, datasets, experiments, runs
from cnnlab.architectures.own.edit import Edit
from cnnlab.errors import CnnLabError, LessonError
from cnnlab.runs import races
from cnnlab.training import recipes

EVERYWHERE = ("present", "hide", "lang")
"""Arguments that any page takes: how it is shown to a class, and in which language."""
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "home": (),
    "lessons": ("about",),
    "data": ("dataset",),
    "collect": ("dataset",),
    "concepts": ("concept", "image", "run"),  # and those of the scene
    "architecture": ("arch", "input", "classes", "layer", "edit"),  # and the options of the network
    "train": ("run", "recipe"),
    "runs": ("run", "view", "epoch"),
    "experiments": ("experiment", "race", "futures"),
    "classify": ("run", "epoch", "source"),
    "before_class": (),
}
"""The pages of the app, and the arguments that each reads from its address."""
SOURCES = ("samples", "upload", "camera", "draw")
VIEWS = ("evaluation", "curves", "settings", "downloads", "compare-settings")
QUIZ = ("arch", "level", "seed")
PLAY = "play"
"""The step to which a scene plays by itself when it begins."""
PATTERNS = ("dot", "edge", "stripes", "checkerboard", "ramp", "cross", "colours")
"""Test images of Concepts."""
LONGEST = 2_000
_SCENES = Path(__file__).resolve().parents[1] / "ui" / "frontend" / "concepts"
_STATE = re.compile(r"^  state: \{(?:\},|\n(.*?)^  \},)$", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r"^ {4}(\w+): (.*?),?$", re.MULTILINE)
_KIND = re.compile(r"(whole|decimal|flag|word|numbers)\((.*)\)")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Address:
    """A page, ``concepts``, and its arguments."""

    page: str
    query: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        query = "&".join(f"{name}={quote(value, safe=',~/:')}" for name, value in self.query.items())
        return f"{self.page}?{query}" if query else self.page


def parse(text: str) -> Address:
    """Return an address as the app writes it: the name of a page, and its arguments.

    Raises:
        LessonError: it is none, or there is no such page.
    """
    try:
        parts = urlsplit(text)
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        parts, pairs = urlsplit(""), []
    if parts.scheme or parts.netloc or parts.fragment or len(text) > LONGEST or not parts.path:
        raise LessonError(
            f"{text[:60]!r} is no address of a page; copy what follows the server's name, "
            "such as concepts?concept=image."
        )
    if parts.path not in ARGUMENTS:
        raise LessonError(f"There is no page {parts.path[:40]!r}; the pages are {', '.join(ARGUMENTS)}.")
    if len({name for name, _ in pairs}) < len(pairs):
        raise LessonError(f"{text[:60]!r} has an argument twice; leave one of them out.")
    return Address(parts.path, dict(pairs))


def faults(address: Address) -> Iterator[str]:
    """Yield a sentence for each argument that its page does not read, and each thing that is not there."""
    page, query = address.page, address.query
    scene = _scene_of(address)
    known = {*EVERYWHERE, *ARGUMENTS[page], *scene, *(QUIZ if query.get("concept") == "quiz" else ())}
    if "step" in scene:
        known.add(PLAY)
    if page == "architecture":
        known |= set(_options(query.get("arch", "")))
    for name, value in query.items():
        if name not in known:
            yield f"The page {page} does not read {name[:40]!r}; it reads {', '.join(sorted(known))}."
        elif name in scene:
            if not _is_value_of(scene[name], value):
                yield f"The scene {query['concept']!r} has no {name} {value[:40]!r}."
        else:
            yield from _fault(name, value)
    if page == "architecture" and "arch" not in query and query.keys() - set(EVERYWHERE):
        yield "An address of architecture names its network, as in architecture?arch=lenet5."


def scenes() -> dict[str, dict[str, str]]:
    """Return the arguments that the scene of each concept reads, with the words of what they may be."""
    return {name: dict(found) for name, found in _declared().items()}


@cache
def _declared() -> dict[str, dict[str, str]]:
    scripts = {path.stem: path.read_text("utf-8") for path in sorted(_SCENES.glob("*.js"))}
    found = {name: _STATE.search(text) for name, text in scripts.items()}
    return {name: dict(_ENTRY.findall(match[1] or "")) for name, match in found.items() if match}


def _scene_of(address: Address) -> Mapping[str, str]:
    return _declared().get(address.query.get("concept", ""), {}) if address.page == "concepts" else {}


def _is_value_of(kind: str, value: str) -> bool:
    """Whether a value is one of a kind, as far as its words tell: other constants are not followed."""
    if not (match := _KIND.fullmatch(kind)):
        return bool(value)
    name, inside = match.groups()
    if name == "flag":
        return value in ("0", "1")
    if name == "numbers":
        return all(_NUMBER.fullmatch(number) for number in value.split("_"))
    if name == "word":
        allowed = re.findall(r'"([^"]*)"', inside.partition("[")[2])
        return value in allowed if allowed and "=>" not in inside and "..." not in inside else bool(value)
    if not _NUMBER.fullmatch(value) or (name == "whole" and "." in value):
        return False
    words = [word.strip() for word in inside.split(",")[1:]]
    least, most = (float(word) if _NUMBER.fullmatch(word) else None for word in words)
    return (least is None or float(value) >= least) and (most is None or float(value) <= most)


def _options(architecture: str) -> tuple[str, ...]:
    try:
        return tuple(architectures.get(architecture).options)
    except CnnLabError:
        return ()


def _fault(name: str, value: str) -> Iterator[str]:
    """Yield a sentence where what an argument names is not there, or it is not written as pages read it."""
    try:
        match name:
            case "concept" if value not in _declared():
                yield f"There is no concept {value[:40]!r}; the concepts are {', '.join(_declared())}."
            case "image" if not _is_image(value):
                yield f"There is no image {value[:40]!r}; take one such as cross or digits-3."
            case "arch":
                architectures.get(value)
            case "dataset":
                datasets.get(value)
            case "experiment":
                experiments.get(value)
            case "race":
                races.get(value)
            case "run" | "futures":
                runs.get(value)
            case "recipe":
                recipes.get(value)
            case "about":
                pass  # a lesson of a name that is not there is said on its page
            case "input" if not re.fullmatch(r"[1-9]\d{0,3}x[1-9]\d{0,3}x[1-4]", value):
                yield f"An input is written like 32x32x3, not {value[:40]!r}."
            case "classes" | "level" | "seed" | "epoch" | "play" if not re.fullmatch(r"[1-9]\d{0,4}", value):
                yield f"{name} is a whole number, not {value[:40]!r}."
            case "edit":
                for one in filter(None, value.split("~")):
                    Edit.parsed(one)
            case "source" if value not in SOURCES:
                yield f"There is no source {value[:40]!r}; the sources are {', '.join(SOURCES)}."
            case "view" if value not in VIEWS:
                yield f"There is no view {value[:40]!r}; the views are {', '.join(VIEWS)}."
    except CnnLabError as error:
        yield str(error)


def _is_image(value: str) -> bool:
    dataset, _, number = value.rpartition("-")
    return value in PATTERNS or (dataset in datasets.names() and number.isascii() and number.isdigit())
