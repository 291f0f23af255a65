"""Whose turn it is: in each lane the teacher first, then round robin between people, each one's oldest first.

Who was served longest ago is next. That is told by when the folders of runs and jobs say that they began, so
two servers on one workspace come to the same order, and so does the next server. Where the teacher moved a
run in the queue stands in a file that all of them read:

    queue.json    {"moves": [["run-b", "run-a"], ["run-c", ""]]}     b before a; c before all
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from cnnlab import access, workspace
from cnnlab.access.visitor import TEACHER_ID
from cnnlab.errors import RunError
from cnnlab.runs import reading
from cnnlab.runs.reading import DamagedError, is_text
from cnnlab.shelf import write_json

MOST_MOVES = 200
Move = tuple[str, str]
"""An id, and the id that it is to stand before; empty: before all."""
Thing = TypeVar("Thing")
_kept: dict[Path, tuple[tuple[int, int], tuple[Move, ...]]] = {}


def in_turn(
    waiting: Iterable[Thing], owner_of: Callable[[Thing], str], served: Mapping[str, float]
) -> list[Thing]:
    """Return what waits in the order in which it begins.

    Args:
        waiting: the oldest first.
        owner_of: whose a thing is.
        served: when something of each owner began last, in Unix seconds; who is not in it never was served.
    """
    lines: dict[str, list[Thing]] = {}
    for thing in waiting:
        lines.setdefault(owner_of(thing), []).append(thing)
    order = lines.pop(TEACHER_ID, [])
    last = {owner: served.get(owner, 0.0) for owner in lines}  # equal ones stay in the order of their oldest
    now = max(last.values(), default=0.0)
    while lines:
        owner = min(lines, key=last.__getitem__)
        order.append(lines[owner].pop(0))
        now += 1.0
        last[owner] = now
        if not lines[owner]:
            del lines[owner]
    return order


def moved(order: Sequence[Thing], id_of: Callable[[Thing], str], moves: Iterable[Move]) -> list[Thing]:
    """Return an order with the moves applied, one after the other; those of what is not in it do nothing."""
    result = list(order)
    for name, before in moves:
        ids = [id_of(thing) for thing in result]
        if name not in ids or (before and before not in ids):
            continue
        at, to = ids.index(name), ids.index(before) if before else 0
        if at > to:
            result.insert(to, result.pop(at))
    return result


def moves() -> tuple[Move, ...]:
    """Return the moves that the teacher made; the file is read again once it has changed."""
    path = _path()
    try:
        now = path.stat()
        stamp = (now.st_mtime_ns, now.st_size)
        if (known := _kept.get(path)) is None or known[0] != stamp:
            rows = reading.document(path).get("moves")
            _kept.clear()
            _kept[path] = known = stamp, tuple((row[0], row[1]) for row in rows or () if _is_move(row))
    except (OSError, DamagedError, TypeError):
        return ()
    return known[1]


def move(name: str, where: str, order: Sequence[str]) -> None:
    """Move what waits ``up`` or ``down`` by one place, or to the ``first``; in order: what waits, as ids.

    Raises:
        AccessError: only the teacher may.
        RunError: it does not wait any more, or the move cannot be written down.
    """
    access.require(None, "change the order of the queue")
    if name not in order:
        raise RunError("This run does not wait any more; look at the queue again.")
    at = order.index(name)
    try:
        with workspace.locked("moves"):
            kept = [one for one in moves() if one[0] in order and (not one[1] or one[1] in order)]
            if where == "first":
                kept = [*(one for one in kept if one[0] != name), (name, "")]
            elif where == "up" and at > 0:
                kept = [*_without(kept, name, order[at - 1]), (name, order[at - 1])]
            elif where == "down" and at + 1 < len(order):
                kept = [*_without(kept, name, order[at + 1]), (order[at + 1], name)]
            write_json(_path(), {"moves": kept[-MOST_MOVES:]})
            _kept.pop(_path(), None)
    except OSError as error:
        raise RunError(f"The order cannot be written down ({error.strerror}); free some space.") from error


def _without(kept: Iterable[Move], one: str, other: str) -> list[Move]:
    """Leave out the moves between two that are moved past each other again."""
    return [move for move in kept if set(move) != {one, other}]


def _is_move(row: Any) -> bool:
    return isinstance(row, list) and len(row) == 2 and all(is_text(name, 100) for name in row)


def _path() -> Path:
    return workspace.home() / "queue.json"
