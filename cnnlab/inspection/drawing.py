"""A network as a drawing in plain numbers: blocks from the image on the left to the classes on the right.

Each layer, or folded group of layers, is a block as high and wide as its feature maps (on a root scale), with
sheets behind it for its channels (on a log scale). Each stands right of all its inputs. Paths that part have
a lane each; a path without layers of its own, a skip connection, is drawn over what it skips. Lengths are in
pixels of a screen before it is scaled; y points down and is 0 in the middle of the main path.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from math import log2, sqrt
from typing import Any

from cnnlab.inspection.figures import LayerRow
from cnnlab.inspection.layer_kinds import KINDS, kind_of
from cnnlab.inspection.stages import Group, Part, groups

SIDE, LEAST_SIDE = 96, 28
"""The largest feature map, and the least that a letter fits into."""
THIN, VECTOR, MOST_HEIGHT = 28, 26, 112
SHEET, MOST_SHEETS = 4, 11
CHARACTER, LINE = 7.4, 17
"""A letter of a label, as wide as most are, and the height of a line of text."""
WIDEST = 1080
"""A wider drawing writes the shapes on two lines, and stands closer."""
HEADER, ABOVE = 20, 14

Point = tuple[float, float]


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
    def bottom(self) -> float:
        """Where its labels end."""
        return self.below + LINE * len(self.labels)


@dataclass(frozen=True)
class Frame:
    """An unfolded group: a frame around its parts, its name above them."""

    name: str
    x: float
    y: float
    width: float
    height: float
    said: str


@dataclass(frozen=True)
class Drawing:
    """All of it. ``order`` has the names of blocks and frames as a keyboard walks them."""

    left: float
    top: float
    width: float
    height: float
    nodes: tuple[Node, ...]
    frames: tuple[Frame, ...]
    edges: tuple[tuple[Point, ...], ...]
    legend: tuple[tuple[str, str, str], ...]
    order: tuple[str, ...]

    def as_plain(self) -> dict[str, Any]:
        """Return it as a browser takes it."""
        return asdict(self) | {"sheet": SHEET, "line": LINE}


@dataclass(frozen=True)
class _Cell:
    """A part that is visible as one block: the row to show, and where its inputs come from."""

    part: Part
    row: LayerRow
    inputs: tuple[str, ...]
    around: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.part.name


def draw(tree: Sequence[Part], opened: Collection[str] = ()) -> Drawing:
    """Draw a network; groups whose name is in ``opened`` show their parts."""
    cells = list(_cells(tree, opened))
    column, lane = _columns(cells), _lanes(cells)
    plan = _Plan(cells, column, lane, close=False)
    if plan.width > WIDEST:
        plan = _Plan(cells, column, lane, close=True)
    nodes = plan.nodes()
    frames = _frames(tree, cells, nodes)
    tops = [*(node.top for node in nodes.values()), *(frame.y - HEADER for frame in frames)]
    edges = tuple(_edge(cells, nodes, column, name, cell) for cell in cells for name in cell.inputs)
    top = min(*tops, *(y for edge in edges for _, y in edge), *(-SIDE / 2,)) - ABOVE
    bottom = max(*(node.bottom for node in nodes.values()), *(f.y + f.height for f in frames), SIDE / 2) + 6
    return Drawing(
        0,
        top,
        plan.width,
        bottom - top,
        tuple(nodes.values()),
        tuple(frames),
        edges,
        _legend(nodes.values()),
        tuple(_order(tree, opened)),
    )


def _cells(tree: Sequence[Part], opened: Collection[str]) -> Iterator[_Cell]:
    shown = list(_visible(tree, opened, ()))
    owner = {name: part.name for part, _ in shown for name in _members(part)}
    for part, around in shown:
        inside = set(_members(part))
        sources = [name for row in _rows(part) for name in row.inputs if name not in inside]
        row = part.as_row() if isinstance(part, Group) else part
        yield _Cell(part, row, tuple(dict.fromkeys(owner[name] for name in sources)), around)


def _visible(
    tree: Sequence[Part], opened: Collection[str], around: tuple[str, ...]
) -> Iterator[tuple[Part, tuple[str, ...]]]:
    for part in tree:
        if isinstance(part, Group) and part.name in opened:
            yield from _visible(part.parts, opened, (*around, part.name))
        else:
            yield part, around


def _order(tree: Sequence[Part], opened: Collection[str]) -> Iterator[str]:
    for part in tree:
        yield part.name
        if isinstance(part, Group) and part.name in opened:
            yield from _order(part.parts, opened)


def _rows(part: Part) -> tuple[LayerRow, ...]:
    return part.rows if isinstance(part, Group) else (part,)


def _members(part: Part) -> tuple[str, ...]:
    return tuple(row.name for row in _rows(part))


def _columns(cells: Sequence[_Cell]) -> dict[str, int]:
    found: dict[str, int] = {}
    for cell in cells:
        found[cell.name] = max((found[name] + 1 for name in cell.inputs), default=0)
    return found


def _lanes(cells: Sequence[_Cell]) -> dict[str, float]:
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


class _Plan:
    """Where columns and lanes are, and how large each block is."""

    def __init__(
        self, cells: Sequence[_Cell], column: dict[str, int], lane: dict[str, float], *, close: bool
    ):
        self._cells, self._column, self._lane, self._close = cells, column, lane, close
        maps = [cell.row.output_shape for cell in cells if len(cell.row.output_shape) == 3]
        self._largest = max((side for shape in maps for side in shape[:2]), default=1)
        members = defaultdict(list)
        for cell in cells:
            members[column[cell.name]].append(cell)
        self._members = members
        gap, left, self._centre = 14 if close else 26, 8.0, {}
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

    def _node(self, cell: _Cell) -> Node:
        row, kind, part = cell.row, kind_of(cell.row), cell.part
        wide, high = self._box(cell)
        back = SHEET * (_sheets(cell) - 1)
        middle, level = self._centre[self._column[cell.name]], -self._lane[cell.name] * self._pitch
        folded = isinstance(part, Group)
        return Node(
            name=cell.name,
            kind="group" if folded else kind.name,
            letter=f"▸{len(part.parts)}" if folded else kind.letter,
            x=middle - wide / 2 + back,
            y=level - high / 2 + back,
            width=wide - back,
            height=high - back,
            sheets=_sheets(cell),
            middle=middle,
            below=level + (self._foot if self._is_alone(cell) else high / 2) + 4,
            labels=self._labels(cell),
            lane=self._lane[cell.name],
            opens=folded,
            said=_said(cell.part, row),
        )

    def _is_alone(self, cell: _Cell) -> bool:
        return not self._lane[cell.name] and len(self._members[self._column[cell.name]]) == 1

    def _edges_of_frames(self) -> dict[int, tuple[int, int]]:
        """Return how many frames begin and how many end at a column: they need room."""
        ends = defaultdict(list)
        for cell in self._cells:
            for name in cell.around:
                ends[name].append(self._column[cell.name])
        first, last = ([edge(places) for places in ends.values()] for edge in (min, max))
        return {place: (first.count(place), last.count(place)) for place in self._members}

    def _box(self, cell: _Cell) -> tuple[float, float]:
        """Return width and height with all sheets."""
        face, back = self._face(cell), SHEET * (_sheets(cell) - 1)
        return face[0] + back, face[1] + back

    def _face(self, cell: _Cell) -> tuple[float, float]:
        shape, kind = cell.row.output_shape, kind_of(cell.row)
        folded = isinstance(cell.part, Group)
        if kind.name in ("add", "multiply", "concatenate") and not folded:
            return THIN + 4, THIN + 4
        if len(shape) != 3:
            return VECTOR if kind.main else THIN, min(MOST_HEIGHT, max(LEAST_SIDE, 12 * log2(1 + shape[0])))
        high, wide = (max(LEAST_SIDE, SIDE * sqrt(side / self._largest)) for side in shape[:2])
        return (wide if kind.main or folded else THIN), high

    def _labels(self, cell: _Cell) -> tuple[str, ...]:
        *sides, channels = cell.row.output_shape
        if not sides:
            return cell.name, f"{channels:,}"
        size = "×".join(map(str, sides))
        return (cell.name, size, f"×{channels}") if self._close else (cell.name, f"{size}×{channels}")

    def _width_of(self, cell: _Cell) -> float:
        return max(self._box(cell)[0], *(CHARACTER * len(label) for label in self._labels(cell)))

    def _depth_of(self, cell: _Cell) -> float:
        return self._box(cell)[1] + 4 + LINE * len(self._labels(cell))


def _sheets(cell: _Cell) -> int:
    shape = cell.row.output_shape
    deep = isinstance(cell.part, Group) or kind_of(cell.row).main
    joins = kind_of(cell.row).name in ("add", "multiply", "concatenate") and not isinstance(cell.part, Group)
    if len(shape) != 3 or not deep or joins:
        return 1
    return min(MOST_SHEETS, 1 + round(log2(shape[2])))


def _frames(tree: Sequence[Part], cells: Sequence[_Cell], nodes: dict[str, Node]) -> list[Frame]:
    found = []
    for group in groups(tree):
        inside = [cell for cell in cells if group.name in cell.around]
        if not inside:
            continue
        deeper = max(len(cell.around) - cell.around.index(group.name) for cell in inside)
        margin = 7 * deeper
        shown = [nodes[cell.name] for cell in inside]
        halves = [max(CHARACTER * max(map(len, node.labels)) / 2, node.middle - node.left) for node in shown]
        left = min(node.middle - half for node, half in zip(shown, halves, strict=True)) - margin
        right = max(node.middle + half for node, half in zip(shown, halves, strict=True)) + margin
        over = ABOVE + 6 if _skips(inside) else 0
        top = min(node.top for node in shown) - over - (HEADER + 4) * (deeper - 1) - 8
        bottom = max(node.bottom for node in shown) + margin
        said = f"{group.name}, unfolded, {len(group.parts)} parts"
        found.append(Frame(group.name, left, top, right - left, bottom - top, said))
    return found


def _skips(cells: Sequence[_Cell]) -> bool:
    return any(len(cell.inputs) > 1 for cell in cells)


def _edge(
    cells: Sequence[_Cell], nodes: dict[str, Node], column: dict[str, int], name: str, cell: _Cell
) -> tuple[Point, ...]:
    """Run level to just before the next block; over blocks in the same lane, go above them."""
    start, end = nodes[name], nodes[cell.name]
    one, two = start.y + start.height / 2, end.y + end.height / 2
    begins, ends = start.x + start.width, end.left
    skipped = [nodes[other.name] for other in cells if column[name] < column[other.name] < column[cell.name]]
    if start.lane == end.lane and skipped:
        top = min(node.top for node in skipped) - ABOVE
        return (begins, one), (begins + 5, top), (ends - 5, top), (ends, two)
    turn = max(begins, ends - 14)
    return (begins, one), (turn, one), (ends, two)


def _legend(nodes: Collection[Node]) -> tuple[tuple[str, str, str], ...]:
    used = {(node.kind, node.letter) for node in nodes}
    return tuple((kind.name, kind.letter, kind.said) for kind in KINDS if (kind.name, kind.letter) in used)


def _said(part: Part, row: LayerRow) -> str:
    what = f"{len(part.parts)} parts, folded" if isinstance(part, Group) else kind_of(row).said
    sizes = row.output_shape
    shape = "×".join(map(str, sizes)) if len(sizes) == 3 else f"{sizes[0]} units"
    weights = f", {row.params:,} parameters" if row.params else ""
    return f"{part.name}, {what}, {shape}{weights}"
