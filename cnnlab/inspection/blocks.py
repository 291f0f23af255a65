"""Blocks of a network, found in its graph: where paths part and join again, as one row.

A block begins behind a layer whose output goes several ways and ends where all of them have met: a region
with a single entry and a single exit. When its layers share the beginning of their names, as in
``stage1_block1_``, neighbours named by that pattern are blocks too, and a ReLU behind a join belongs to it.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cnnlab.inspection.figures import LayerRow, Totals

MOST = 0.5
"""Of a network's layers; a larger region, as a U-Net's outer path, is opened: its inner ones are blocks."""


@dataclass(frozen=True)
class Block:
    """Neighbouring rows of a layer table; only the last one's output is used outside."""

    name: str
    rows: tuple[LayerRow, ...]

    @property
    def end(self) -> LayerRow:
        """The row whose output is the block's."""
        return self.rows[-1]

    @property
    def members(self) -> tuple[str, ...]:
        """The names of its rows."""
        return tuple(row.name for row in self.rows)

    def as_row(self) -> LayerRow:
        """Return the block as one row: sums of its layers, shape and fields at its end."""
        sums, end = Totals.of(self.rows), self.end
        outside = dict.fromkeys(name for row in self.rows for name in row.inputs if name not in self.members)
        return LayerRow(
            name=self.name,
            type=f"{len(self.rows)} layers",
            inputs=tuple(outside),
            output_shape=end.output_shape,
            params=sums.params,
            trainable_params=sums.trainable_params,
            macs=sums.macs,
            activation_bytes=sums.activation_bytes,
            kernel_size=None,
            strides=None,
            padding=None,
            receptive_field=end.receptive_field,
            effective_stride=end.effective_stride,
            effective_padding=end.effective_padding,
            aligned=end.aligned,
            parameter_formula="",
            shape_formula="",
        )


def find_blocks(rows: Sequence[LayerRow]) -> list[Block]:
    """Return the blocks of a layer table in its order; none for a network without branches."""
    regions = _regions(rows)
    if not regions:
        return []
    named = [_common_beginning([rows[i].name for i in region]) for region in regions]
    patterns = {_pattern(beginning) for beginning in named if beginning}
    spans = {span: beginning for span, beginning in _alike(rows, patterns) if is_closed(rows, span)}
    for region, beginning in zip(regions, named, strict=True):
        if not any(set(region) <= set(span) for span in spans):
            spans[region] = beginning
    taken = {row.name for row in rows}
    found = []
    for span in sorted(spans, key=lambda span: span.start):
        title = spans[span].rstrip("_-./") or f"{rows[span.start].name} to {rows[span.stop - 1].name}"
        name = title if title not in taken else f"{title} (block)"
        taken.add(name)
        found.append(Block(name, tuple(rows[i] for i in span)))
    return found


def _regions(rows: Sequence[LayerRow]) -> list[range]:
    """Return the outermost neighbouring rows between a parting of paths and their meeting, with that."""
    place = {row.name: index for index, row in enumerate(rows)}
    users = defaultdict(list)
    for index, row in enumerate(rows):
        for name in row.inputs:
            users[place[name]].append(index)
    meeting = _meetings(users, len(rows))
    found: list[range] = []
    for fork in range(len(rows)):
        if len(users[fork]) < 2 or meeting[fork] >= len(rows):
            continue
        region = range(fork + 1, meeting[fork] + 1)
        inside_another = any(region.start < old.stop for old in found)
        if not inside_another and len(region) <= MOST * len(rows) and is_closed(rows, region):
            found.append(region)
    return found


def _meetings(users: dict[int, list[int]], count: int) -> list[int]:
    """Return for each row the first one that all paths from it run through (its immediate post-dominator)."""
    meeting = [count] * count  # count stands for the end of the network
    for index in reversed(range(count)):
        places = users[index] or [count]
        while len(set(places)) > 1:
            earliest = min(places)
            places = [meeting[earliest] if place == earliest else place for place in places]
        meeting[index] = places[0]
    return meeting


def is_closed(rows: Sequence[LayerRow], span: range) -> bool:
    """Whether one row outside feeds the rows of a span, and only its last one feeds others."""
    inside = {rows[i].name for i in span}
    entries = {name for i in span for name in rows[i].inputs} - inside
    used_outside = {name for i, row in enumerate(rows) if i not in span for name in row.inputs}
    return len(entries) == 1 and used_outside & inside <= {rows[span.stop - 1].name}


def _alike(rows: Sequence[LayerRow], patterns: set[str]) -> list[tuple[range, str]]:
    """Return runs of neighbouring rows whose names begin alike by one of the patterns, and how."""
    found: list[tuple[range, str]] = []
    for index, row in enumerate(rows):
        beginning = next((m.group() for p in sorted(patterns) if (m := re.match(p, row.name))), "")
        if found and found[-1][1] == beginning:
            found[-1] = (range(found[-1][0].start, index + 1), beginning)
        else:
            found.append((range(index, index + 1), beginning))
    return [(span, beginning) for span, beginning in found if beginning and len(span) > 1]


def _common_beginning(names: Sequence[str]) -> str:
    """Return what names begin with, up to the last of the signs that part words."""
    first, last = min(names), max(names)
    alike = next((i for i, sign in enumerate(first) if last[i : i + 1] != sign), len(first))
    parted = re.match(r".*[_\-./]", first[:alike])
    return parted.group() if parted else ""


def _pattern(beginning: str) -> str:
    """Return the regular expression of a beginning with any numbers: ``stage1_`` gives ``stage\\d+_``."""
    return re.sub(r"\d+", r"\\d+", re.escape(beginning))
