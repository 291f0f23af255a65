"""A network as a tree: stages of a deep network, the blocks in them, and the layers in those.

A stage has neighbours at one resolution. Of plain layers it ends with its pooling, as in VGG, or before the
next convolution with a stride; of blocks it has those with one output shape, as in ResNet and MobileNet.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnnlab.inspection.blocks import Block, find_blocks, is_closed
from cnnlab.inspection.figures import LayerRow
from cnnlab.inspection.layer_kinds import POOLING, kind_of
from cnnlab.languages import _

MOST_UNFOLDED = 16
"""Layers that compute (not those that only normalise, activate, ...); a deeper network is folded by stage."""


@dataclass(frozen=True)
class Group(Block):
    """A block or a stage; ``parts`` is what it shows when it is unfolded."""

    parts: tuple["Part", ...] = ()


Part = LayerRow | Group
Tree = tuple[Part, ...]


def grouped(rows: Sequence[LayerRow]) -> Tree:
    """Return the rows of a network with its blocks, and those of a deep one with its stages, in one piece."""
    parts = _with_blocks(rows)
    if sum(kind_of(row).main for row in rows) <= MOST_UNFOLDED:
        return tuple(parts)
    place = {row.name: number for number, row in enumerate(rows)}
    found: list[Part | list[Part]] = []
    for run in _runs(parts):
        span = range(place[_rows(run[0])[0].name], place[_rows(run[-1])[-1].name] + 1)
        if sum(isinstance(part, Group) or kind_of(part).main for part in run) > 1 and is_closed(rows, span):
            found.append(run)
        else:
            found += run
    names = _names([run for run in found if isinstance(run, list)], {*place, *_all_names(parts)})
    return tuple(_stage(next(names), part) if isinstance(part, list) else part for part in found)


def groups(tree: Sequence[Part]) -> Iterator[Group]:
    """Return all groups of a tree, each before those inside it."""
    for part in tree:
        if isinstance(part, Group):
            yield part
            yield from groups(part.parts)


def short_name(name: str, group: str) -> str:
    """Return the name of a part without the beginning that it shares with its group."""
    return (name.removeprefix(group).lstrip("_-./") or name) if group else name


def in_words(name: str) -> str:
    """Return the name of a part in the language of the page: that of a layer is the same in each."""
    if name == "stem":
        return _("stem")
    if known := re.fullmatch(r"(.+) \((block|stage)\)", name):
        called = in_words(known[1])
        return _("{name} (block)", name=called) if known[2] == "block" else _("{name} (stage)", name=called)
    if known := re.fullmatch(r"(stage|layers) (\d+)", name):
        return _("stage {n}", n=known[2]) if known[1] == "stage" else _("layers {n}", n=known[2])
    if known := re.fullmatch(r"(\S+) to (\S+)", name):
        return _("{first} to {last}", first=known[1], last=known[2])
    return name


def around(tree: Sequence[Part], name: str) -> set[str]:
    """Return the names of the groups that have a layer or a group of this name inside."""
    return {
        group.name
        for group in groups(tree)
        if name in group.members or any(inner.name == name for inner in groups(group.parts))
    }


def _with_blocks(rows: Sequence[LayerRow]) -> list[Part]:
    block_of = {name: block for block in find_blocks(rows) for name in block.members}
    found: list[Part] = []
    for row in rows:
        block = block_of.get(row.name)
        if block is None:
            found.append(row)
        elif row.name == block.members[0]:
            found.append(Group(block.name, block.rows, block.rows))
    return found


def _runs(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Return the parts, those of one stage together."""
    run: list[Part] = []
    for part in parts:
        if run and not (_has_maps(part) and _belongs(part, run)):
            yield run
            run = []
        if _has_maps(part) and (run or isinstance(part, Group) or kind_of(part).main):
            run.append(part)
        else:
            yield [part]
    if run:
        yield run


def _belongs(part: Part, run: Sequence[Part]) -> bool:
    before = _end(run[-1])
    if isinstance(part, Group):
        return isinstance(run[-1], Group) and part.end.output_shape == before.output_shape
    if not kind_of(part).main:
        return not isinstance(run[-1], Group)
    if isinstance(run[-1], Group) or any(_end(other).type in POOLING for other in run):
        return False
    return part.type in POOLING or part.output_shape[:2] == before.output_shape[:2]


def _has_maps(part: Part) -> bool:
    row = _end(part)
    return len(row.output_shape) == 3 and bool(row.inputs)


def _end(part: Part) -> LayerRow:
    return part.end if isinstance(part, Group) else part


def _rows(part: Part) -> tuple[LayerRow, ...]:
    return part.rows if isinstance(part, Group) else (part,)


def _all_names(parts: Sequence[Part]) -> set[str]:
    return {group.name for group in groups(parts)}


def _stage(name: str, run: Sequence[Part]) -> Group:
    return Group(name, tuple(row for part in run for row in _rows(part)), tuple(run))


def _names(runs: Sequence[Sequence[Part]], taken: set[str]) -> Iterator[str]:
    """Name stages as their parts are named, where those begin alike; else by their number."""
    cut = [_common_words([part.name for part in run]) for run in runs]
    for number, (run, beginning) in enumerate(zip(runs, cut, strict=True), start=1):
        blocks = isinstance(run[0], Group)
        if beginning and cut.count(beginning) == 1:
            name = beginning
        elif beginning and blocks:
            name = f"{run[0].name}–{run[-1].name[len(beginning) + 1 :]}"
        elif not blocks and any(isinstance(other[0], Group) for other in runs):
            name = "stem" if number == 1 else f"layers {number}"
        else:
            name = f"stage {number}"
        name = name if name not in taken else f"{name} (stage)"
        taken.add(name)
        yield name


def _common_words(names: Sequence[str]) -> str:
    """Return what names begin with, up to the last sign between words that they share."""
    first, last = min(names), max(names)
    alike = next((place for place, sign in enumerate(first) if last[place : place + 1] != sign), len(first))
    return first[: max(0, *(first.rfind(sign, 0, alike) for sign in "_-./"))]
