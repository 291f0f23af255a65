"""An HDF5 file of weights that someone gives you: walked without trust before Keras reads it.

HDF5 is a file system in a file: a group may hold its own parent, a name may stand for another file on this
computer, and a few bytes may unpack to any amount of numbers. Keras writes a tree of groups with arrays.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnlab.errors import RunError

DEEPEST = 32
MOST_OBJECTS = 20_000
"""Groups and arrays: a ResNet-152 with its optimizer has about 4,000."""
MOST_ATTRIBUTES = 8


class _Odd(Exception):  # noqa: N818 - caught below, and said as a RunError
    """The file holds something else than a tree of plain arrays."""


def weight_bytes(path: Path) -> int:
    """Return how many bytes of numbers a weights file holds.

    Raises:
        RunError: it is damaged, or is more than a tree of plain arrays: links, an object that is met twice, a
            kind that is neither group nor array, compressed arrays, texts, more numbers than bytes.
    """
    import h5py

    found, most = 0, path.stat().st_size
    try:
        with h5py.File(path, "r") as file:
            for array in _arrays(file):
                found += array.nbytes
                if _is_odd(array) or found > most:
                    raise _Odd
    except _Odd as error:
        raise RunError(
            "The weights are not plain numbers as Keras writes them; take another file."
        ) from error
    except Exception as error:  # h5py raises nearly anything for a file that was tampered with
        raise RunError("The weights are damaged; export the run again.") from error
    return found


def _arrays(file: Any) -> Iterator[Any]:
    """Yield every array of a file; each object is met once, or the file is refused."""
    import h5py

    groups, met = [(file, 0)], {_address(file)}
    if len(file.attrs) > MOST_ATTRIBUTES:
        raise _Odd
    while groups:
        group, depth = groups.pop()
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise _Odd
            inner = group[name]
            address = _address(inner)
            if address in met or len(met) > MOST_OBJECTS or len(inner.attrs) > MOST_ATTRIBUTES:
                raise _Odd
            met.add(address)
            if any(inner.attrs.get_id(key).shape != () for key in inner.attrs):
                raise _Odd
            if isinstance(inner, h5py.Group):
                if depth >= DEEPEST:
                    raise _Odd
                groups.append((inner, depth + 1))
            elif isinstance(inner, h5py.Dataset):
                yield inner
            else:
                raise _Odd


def _address(thing: Any) -> tuple[int, int]:
    """Return where an object lies: two names of one object have one address."""
    import h5py

    known = h5py.h5o.get_info(thing.id)
    return known.fileno, known.addr


def _is_odd(array: Any) -> bool:
    """Whether an array is filtered, kept in another file, or made of something else than numbers."""
    elsewhere = array.is_virtual or array.external
    filtered = array.id.get_create_plist().get_nfilters() > 0
    return bool(elsewhere or filtered or array.dtype.kind not in "fiub" or array.shape is None)
