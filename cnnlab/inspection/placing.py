"""Where the blocks of a diagram stand: columns, lanes, and the size and the words of each.

Lengths are in pixels of a screen before it is scaled; y points down and is 0 in the middle of the main path.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log2, sqrt
from unicodedata import east_asian_width

from cnnlab.inspection.figures import LayerRow
from cnnlab.inspection.layer_kinds import kind_of
from cnnlab.inspection.stages import Group, Part, in_words, short_name
from cnnlab.languages import _, _n, _p

SIDE, CLOSE_SIDE, LEAST_SIDE = 96, 80, 28
"""The largest feature map, also where blocks stand close; the least that a letter fits into."""
THIN, VECTOR, MOST_HEIGHT = 28, 26, 112
SHEET, MOST_SHEETS = 4, 11
CHARACTER, LINE = 7.4, 17
"""A letter of a label, as wide as most are, and the height of a line of text."""


@dataclass(frozen=True)
class Node:
    """One block: its front face ``width`` × ``height`` at ``x``, ``y`` (top left), ``sheets`` deep.

    The sheets behind go up and to the left, ``SHEET`` each; ``labels`` stand centred on ``middle`` from
    ``below`` on. ``opens`` is True for a folded group. ``said`` is all of it in words.
    """

    name: str
    kind: str
    letter: str
    x: float
    y: float
    width: float
    height: float
    sheets: int
    middle: float
    below: float
    labels: tuple[str, ...]
    lane: float
    opens: bool
    said: str

    @property
    def top(self) -> float:
        """The upper edge of the sheet furthest back."""
        return self.y - SHEET * (self.sheets - 1)

    @property
    def left(self) -> float:
        """The left edge of the sheet furthest back."""
        return self.x - SHEET * (self.sheets - 1)

    @property
    def level(self) -> float:
        """The middle of it with its sheets, where paths arrive and leave."""
        return (self.top + self.y + self.height) / 2

    @property
    def left_at_level(self) -> float:
        """The left edge of the first sheet from behind that reaches down to the level."""
        return self.left + SHEET * max(0, ceil((self.level - self.top - self.height) / SHEET))

    @property
    def right_at_level(self) -> float:
        """The right edge of the last sheet that reaches up to the level."""
        number = min(self.sheets - 1, floor((self.level - self.top) / SHEET))
        return self.left + SHEET * number + self.width

    @property
    def bottom(self) -> float:
        """Where its labels end."""
        return self.below + LINE * len(self.labels)


@dataclass(frozen=True)
class Cell:
    """A part that is visible as one block: the row to show, and where its inputs come from."""

    part: Part
    row: LayerRow
    inputs: tuple[str, ...]
    around: tuple[str, ...]

    @property
    def name(self) -> str:
        """That of its layer or group."""
        return self.part.name

    @property
    def label(self) -> str:
        """Its name, without that of the group around it."""
        return in_words(short_name(self.name, self.around[-1] if self.around else ""))


def width_of(text: str) -> float:
    """Return how wide a label is: a Chinese character takes the room of two letters."""
    return CHARACTER * sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def visible(tree: Sequence[Part], opened: Collection[str]) -> Iterator[Cell]:
    """Return the layers and folded groups that are drawn, in the order of their rows."""
    shown = list(_shown(tree, opened, ()))
    owner = {name: part.name for part, _ in shown for name in _members(part)}
    for part, around in shown:
        inside = set(_members(part))
        sources = [name for row in _rows(part) for name in row.inputs if name not in inside]
        row = part.as_row() if isinstance(part, Group) else part
        yield Cell(part, row, tuple(dict.fromkeys(owner[name] for name in sources)), around)


def _shown(
    tree: Sequence[Part], opened: Collection[str], around: tuple[str, ...]
) -> Iterator[tuple[Part, tuple[str, ...]]]:
    for part in tree:
        if isinstance(part, Group) and part.name in opened:
            yield from _shown(part.parts, opened, (*around, part.name))
        else:
            yield part, around


def _rows(part: Part) -> tuple[LayerRow, ...]:
    return part.rows if isinstance(part, Group) else (part,)


def _members(part: Part) -> tuple[str, ...]:
    return tuple(row.name for row in _rows(part))


def columns(cells: Sequence[Cell]) -> dict[str, int]:
    """Return the column of each block: right of all its inputs."""
    found: dict[str, int] = {}
    for cell in cells:
        found[cell.name] = max((found[name] + 1 for name in cell.inputs), default=0)
    return found


def lanes(cells: Sequence[Cell]) -> dict[str, float]:
    """Return how many lanes above the main path each block is; paths that part share the room there."""
    users = defaultdict(list)
    for cell in cells:
        for name in cell.inputs:
            users[name].append(cell)
    found: dict[str, float] = {}
    for cell in cells:
        if len(cell.inputs) != 1:
            found[cell.name] = sum(found[name] for name in cell.inputs) / max(1, len(cell.inputs))
            continue
        (source,) = cell.inputs
        paths = [user.name for user in users[source] if len(user.inputs) == 1]
        found[cell.name] = found[source] + (len(paths) - 1) / 2 - paths.index(cell.name)
    return found


class Plan:
    """Where columns and lanes are, and how large each block is."""

    def __init__(self, cells: Sequence[Cell], column: dict[str, int], lane: dict[str, float], *, close: bool):
        self._cells, self._column, self._lane, self._close = cells, column, lane, close
        maps = [cell.row.output_shape for cell in cells if len(cell.row.output_shape) == 3]
        self._largest = max((side for shape in maps for side in shape[:2]), default=1)
        members = defaultdict(list)
        for cell in cells:
            members[column[cell.name]].append(cell)
        self._members = members
        self._side = CLOSE_SIDE if close else SIDE
        gap, left, self._centre = 10 if close else 26, 8.0, {}
        opening = self._edges_of_frames()
        for place in sorted(members):
            wide = max(map(self._width_of, members[place]))
            left += 8 * opening[place][0]
            self._centre[place] = left + wide / 2
            left += wide + gap + 8 * opening[place][1]
        self.width = left - gap + 8
        crowded = [cell for group in members.values() if len(group) > 1 for cell in group]
        crowded += [cell for cell in cells if lane[cell.name]]
        self._pitch = max((self._depth_of(cell) for cell in crowded), default=0) + 12
        alone = [cell for cell in cells if self._is_alone(cell)]
        self._foot = max((self._box(cell)[1] / 2 for cell in alone), default=0)

    def nodes(self) -> dict[str, Node]:
        """Return the blocks by name."""
        return {cell.name: self._node(cell) for cell in self._cells}

    def _node(self, cell: Cell) -> Node:
        row, kind, part = cell.row, kind_of(cell.row), cell.part
        wide, high = self._box(cell)
        back = SHEET * (_sheets(cell) - 1)
        middle, level = self._centre[self._column[cell.name]], -self._lane[cell.name] * self._pitch
        group = part if isinstance(part, Group) else None
        return Node(
            name=cell.name,
            kind="group" if group else kind.name,
            letter=f"▸{len(group.parts)}" if group else kind.letter,
            x=middle - wide / 2 + back,
            y=level - high / 2 + back,
            width=wide - back,
            height=high - back,
            sheets=_sheets(cell),
            middle=middle,
            below=level + (self._foot if self._is_alone(cell) else high / 2) + 4,
            labels=self._labels(cell),
            lane=self._lane[cell.name],
            opens=group is not None,
            said=_said(cell.part, row),
        )

    def _is_alone(self, cell: Cell) -> bool:
        return not self._lane[cell.name] and len(self._members[self._column[cell.name]]) == 1

    def _edges_of_frames(self) -> dict[int, tuple[int, int]]:
        """Return how many frames begin and how many end at a column: they need room."""
        ends = defaultdict(list)
        for cell in self._cells:
            for name in cell.around:
                ends[name].append(self._column[cell.name])
        first, last = ([edge(places) for places in ends.values()] for edge in (min, max))
        return {place: (first.count(place), last.count(place)) for place in self._members}

    def _box(self, cell: Cell) -> tuple[float, float]:
        """Return width and height with all sheets."""
        face, back = self._face(cell), SHEET * (_sheets(cell) - 1)
        return face[0] + back, face[1] + back

    def _face(self, cell: Cell) -> tuple[float, float]:
        shape, kind = cell.row.output_shape, kind_of(cell.row)
        folded = isinstance(cell.part, Group)
        if kind.name in ("add", "multiply", "concatenate") and not folded:
            return THIN + 4, THIN + 4
        if len(shape) != 3:
            return VECTOR if kind.main else THIN, min(MOST_HEIGHT, max(LEAST_SIDE, 12 * log2(1 + shape[0])))
        high, wide = (max(LEAST_SIDE, self._side * sqrt(side / self._largest)) for side in shape[:2])
        return (wide if kind.main or folded else THIN), high

    def _labels(self, cell: Cell) -> tuple[str, ...]:
        *sides, channels = cell.row.output_shape
        if not sides:
            return cell.label, f"{channels:,}"
        size = "×".join(map(str, sides))
        return (cell.label, size, f"×{channels}") if self._close else (cell.label, f"{size}×{channels}")

    def _width_of(self, cell: Cell) -> float:
        return max(self._box(cell)[0], *map(width_of, self._labels(cell)))

    def _depth_of(self, cell: Cell) -> float:
        return self._box(cell)[1] + 4 + LINE * len(self._labels(cell))


def _sheets(cell: Cell) -> int:
    shape = cell.row.output_shape
    deep = isinstance(cell.part, Group) or kind_of(cell.row).main
    joins = kind_of(cell.row).name in ("add", "multiply", "concatenate") and not isinstance(cell.part, Group)
    if len(shape) != 3 or not deep or joins:
        return 1
    return min(MOST_SHEETS, 1 + round(log2(shape[2])))


def _said(part: Part, row: LayerRow) -> str:
    if isinstance(part, Group):
        what = _n("{n} part, folded", "{n} parts, folded", len(part.parts))
    else:
        what = _(kind_of(row).said)
    sizes = row.output_shape
    shape = "×".join(map(str, sizes)) if len(sizes) == 3 else _("{count} units", count=sizes[0])
    weights = [_("{count} parameters", count=f"{row.params:,}")] if row.params else []
    return _p("between phrases", ", ").join([in_words(part.name), what, shape, *weights])
