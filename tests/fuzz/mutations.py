"""What happens to files: on their way, on a bad disk, and in the hands of people who mean harm."""

import copy
import json
import math
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

ENDS = 400
"""Bytes at either end that are hit more often: formats keep their lengths, counts and lists there."""
NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**62, 2**64 - 1)
"""What stands in fields of lengths, counts and offsets of files that are built to harm."""
KINDS = ("bit", "byte", "number", "cut", "lose", "double", "swap", "insert", "splice", "join", "zeros")

HOSTILE_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 10**400, -1e308, 1e308, math.nan, math.inf, 0.5),
    *("", "x", "..", "../../x", "/etc/passwd", "C:\\x", "\\\\server\\share", "a" * 5000, "nul\0", "\ud800"),
    *(
        "\u202etxt.exe",
        "\x1b[31m",
        "<img src=x onerror=alert(1)>",
        "![](http://example.org/a.png)",
        "☃",
        "NaN",
    ),
    *([], {}, [[]], {"": None}, [1] * 300, {"class_name": "Lambda", "module": "keras.layers"}),
)
"""Values in place of those that are expected."""


NAME_PARTS = (
    *(
        "rock",
        "paper",
        "../",
        "..\\",
        "/",
        "\\",
        "C:",
        "\\\\server\\share\\",
        ".",
        "..",
        "~",
        "$HOME",
        "%2e%2e/",
    ),
    *(
        "\0",
        "\n",
        "\r",
        "\t",
        "\x1b[2J",
        "\x7f",
        "\u202e",
        "\u2066",
        "\u200f",
        "\ufeff",
        "\ud800",
        "é",
        "e\u0301",
    ),
    *(
        "con",
        "aux",
        "nul",
        ".deleted",
        ".work-1-x-y",
        "__MACOSX/",
        "dataset.json",
        ".jpg",
        ".PNG",
        ".zip",
        " ",
    ),
    *(
        "<script>",
        "![](http://example.org/a.png)",
        "{{7*7}}",
        "%s",
        "%n",
        "'; --",
        "石头",
        "שלום",
        "😀",
        "a" * 300,
    ),
)
hostile_names = st.lists(st.sampled_from(NAME_PARTS), min_size=0, max_size=6).map("".join)
"""Names that are paths, markup, control characters, reserved, too long, or empty."""

LETTERS = (
    "aZ09 _-.,:;|`*#[]()<>&$%{}~^+=!?'\"@éßÅŁшя石頭ー한שعก\u0301\u200b\u200d\u2028\xa0\xad\ufffd😀\U0001f9d1"
)
odd_texts = st.lists(st.sampled_from(LETTERS), max_size=30).map("".join)
"""Short texts of many scripts. Not ``st.text``: its table of all characters takes memory that is measured."""


@st.composite
def mutated(draw: st.DrawFn, wholes: Sequence[bytes], most: int = 5) -> bytes:
    """Give a file of ``wholes`` to which happened one thing, or a few."""
    data = bytearray(draw(st.sampled_from(wholes)))
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3, most)))):
        if not data:
            break
        _happen(draw, data, wholes)
    return bytes(data)


def _happen(draw: st.DrawFn, data: bytearray, wholes: Sequence[bytes]) -> None:
    kind, at = draw(st.sampled_from(KINDS)), _place(draw, len(data))
    few = draw(st.integers(1, 40))
    match kind:
        case "bit":
            data[at] ^= 1 << few % 8
        case "byte":
            data[at] = draw(st.integers(0, 255))
        case "number":
            size, order = draw(st.sampled_from((1, 2, 4, 8))), draw(st.sampled_from(("little", "big")))
            value = draw(st.sampled_from(NUMBERS)) % 256**size
            data[at : at + size] = value.to_bytes(size, order)
        case "cut":
            del data[at:]
        case "lose":
            del data[at : at + few]
        case "double":
            data[at:at] = data[at : at + few * draw(st.sampled_from((1, 1, 10)))]
        case "swap":
            other = _place(draw, len(data))
            first, second = data[at : at + few], data[other : other + few]
            data[at : at + few], data[other : other + few] = second, first
        case "insert":
            data[at:at] = draw(st.binary(min_size=1, max_size=8))
        case "splice":
            other = draw(st.sampled_from(wholes))
            data[at:] = other[_place(draw, len(other)) if other else 0 :]
        case "join":
            data += draw(st.sampled_from(wholes))
        case "zeros":
            data[at : at + few * 20] = bytes(len(data[at : at + few * 20]))


def _place(draw: st.DrawFn, size: int) -> int:
    """Give a place in a file, mostly near its beginning or its end."""
    where, near = draw(st.sampled_from(("begin", "end", "anywhere"))), min(ENDS, size)
    if where == "anywhere" or near == 0:
        return draw(st.integers(0, max(0, size - 1)))
    offset = draw(st.integers(0, near - 1))
    return offset if where == "begin" else size - 1 - offset


@st.composite
def mutated_value(draw: st.DrawFn, whole: Any, most: int = 3) -> Any:
    """Give a JSON value in which some parts are others, are gone, or are where another was."""
    value = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(1, most))):
        places = list(_places(value))
        if not places:
            return draw(st.sampled_from(HOSTILE_VALUES))
        holder, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(("replace", "replace", "remove", "copy", "nest", "number", "add"))):
            case "replace":
                holder[key] = copy.deepcopy(draw(st.sampled_from(HOSTILE_VALUES)))
            case "remove":
                del holder[key]
            case "copy":
                other, name = draw(st.sampled_from(places))
                if _has(other, name):
                    holder[key] = json.loads(json.dumps(other[name]))
            case "nest":
                holder[key] = {"a": [holder[key]] * draw(st.sampled_from((1, 2, 50)))}
            case "number":
                holder[key] = draw(st.integers(-(2**70), 2**70) | st.floats())
            case "add":
                if isinstance(holder, dict):
                    holder[draw(hostile_names)] = copy.deepcopy(draw(st.sampled_from(HOSTILE_VALUES)))
    return value


def _has(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else isinstance(key, int) and key < len(holder)


def _places(value: Any) -> Any:
    """Yield (list or object, key) of every part of a value; of a long list the first few."""
    items = (
        value.items() if isinstance(value, dict) else enumerate(value[:8]) if isinstance(value, list) else ()
    )
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)


def written(value: Any) -> bytes:
    """Return a value as JSON as a careless program writes it: NaN, halves of characters and all."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


def documents(wholes: Sequence[Any]) -> st.SearchStrategy[bytes]:
    """Give the bytes of a JSON file: values mutated, or its bytes."""
    plain = [written(whole) for whole in wholes]
    return st.one_of(*(mutated_value(whole).map(written) for whole in wholes), mutated(plain))
