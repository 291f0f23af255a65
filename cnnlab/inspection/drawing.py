"""A network as a drawing in plain numbers: blocks from the image on the left to the classes on the right.

Each layer, or folded group of layers, is a block as high and wide as its feature maps (on a root scale), with
sheets behind it for its channels (on a log scale). Each stands right of all its inputs. Paths that part have
a lane each; a path without layers of its own, a skip connection, is drawn over what it skips. Lengths are in
pixels of a screen before it is scaled; y points down and is 0 in the middle of the main path.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cnnlab.inspection.layer_kinds import KINDS
from cnnlab.inspection.placing import LINE, SHEET, SIDE, Cell, Node, Plan, columns, lanes, visible, width_of
from cnnlab.inspection.stages import Group, Part, groups, in_words, short_name
from cnnlab.languages import _, _n

WIDEST = 1000
"""A wider drawing writes the shapes on two lines, and its blocks stand closer."""
HEADER, ABOVE = 20, 14

Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """An unfolded group: a frame around its parts, its ``label`` above them."""

    name: str
    label: str
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


def draw(tree: Sequence[Part], opened: Collection[str] = ()) -> Drawing:
    """Draw a network; groups whose name is in ``opened`` show their parts."""
    cells = list(visible(tree, opened))
    column, lane = columns(cells), lanes(cells)
    plan = Plan(cells, column, lane, close=False)
    if plan.width > WIDEST:
        plan = Plan(cells, column, lane, close=True)
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


def _order(tree: Sequence[Part], opened: Collection[str]) -> Iterator[str]:
    for part in tree:
        yield part.name
        if isinstance(part, Group) and part.name in opened:
            yield from _order(part.parts, opened)


def _frames(tree: Sequence[Part], cells: Sequence[Cell], nodes: dict[str, Node]) -> list[Frame]:
    found = []
    for group in groups(tree):
        inside = [cell for cell in cells if group.name in cell.around]
        if not inside:
            continue
        deeper = max(len(cell.around) - cell.around.index(group.name) for cell in inside)
        margin = 7 * deeper
        shown = [nodes[cell.name] for cell in inside]
        halves = [max(max(map(width_of, node.labels)) / 2, node.middle - node.left) for node in shown]
        left = min(node.middle - half for node, half in zip(shown, halves, strict=True)) - margin
        right = max(node.middle + half for node, half in zip(shown, halves, strict=True)) + margin
        over = ABOVE + 6 if _skips(inside) else 0
        top = min(node.top for node in shown) - over - (HEADER + 4) * (deeper - 1) - 8
        bottom = max(node.bottom for node in shown) + margin
        said = _n(
            "{group}, unfolded, {n} part",
            "{group}, unfolded, {n} parts",
            len(group.parts),
            group=in_words(group.name),
        )
        around = inside[0].around[: inside[0].around.index(group.name)]
        label = in_words(short_name(group.name, around[-1] if around else ""))
        found.append(Frame(group.name, label, left, top, right - left, bottom - top, said))
    return found


def _skips(cells: Sequence[Cell]) -> bool:
    return any(len(cell.inputs) > 1 for cell in cells)


def _edge(
    cells: Sequence[Cell], nodes: dict[str, Node], column: dict[str, int], name: str, cell: Cell
) -> tuple[Point, ...]:
    """Run level, but for where paths part or meet; over blocks in the same lane, go above them."""
    start, end = nodes[name], nodes[cell.name]
    one, two = start.level, end.level
    begins, ends = start.right_at_level, end.left_at_level
    skipped = [nodes[other.name] for other in cells if column[name] < column[other.name] < column[cell.name]]
    if start.lane == end.lane and skipped:
        top = min(node.top for node in skipped) - ABOVE
        return (begins, one), (begins + 5, top), (ends - 5, top), (ends, two)
    if abs(end.lane) > abs(start.lane):  # paths part: each goes to its lane at once
        beside = min(max(begins, start.middle + max(map(width_of, start.labels)) / 2), ends - 8)
        return (begins, one), (beside, one), (min(beside + 10, ends), two), (ends, two)
    turn = max((begins + ends) / 2, ends - 14)
    return (begins, one), (turn, one), (ends, two)


def _legend(nodes: Collection[Node]) -> tuple[tuple[str, str, str], ...]:
    used = {(node.kind, node.letter) for node in nodes}
    return tuple((kind.name, kind.letter, _(kind.said)) for kind in KINDS if (kind.name, kind.letter) in used)
