"""The numbers behind one value of a layer: plain values, which need no TensorFlow to be read."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Term:
    """One product of a dense layer's sum: ``value`` of input ``index`` × ``weight``."""

    index: int
    value: float
    weight: float

    @property
    def product(self) -> float:
        """What it adds."""
        return self.value * self.weight


@dataclass(frozen=True, eq=False)
class WorkedSum:
    """How one value of a layer came about; parts that a layer does not have are None.

    ``kind`` is ``convolution``, ``maximum``, ``mean``, ``dense``, ``batch_norm``, ``addition``,
    ``concatenation`` or ``activation``. ``value`` is what the network computed, ``before`` the sum before the
    activation, computed here.

    ``patch`` float64 ``(rows, columns, channels)`` is what the cell sees of its input, its first row and
    column at ``corner`` (negative on padding), ``dilation`` apart; ``inside`` bool ``(rows, columns)`` is
    False on padding. ``kernel`` has the patch's shape. ``winner`` (row, column) is the cell of the input that
    was largest. ``terms`` are the largest of a dense layer, ``rest`` the sum of its others. ``parts`` are the
    numbers of the other kinds, by their names.
    """

    kind: str
    layer: str
    cell: tuple[int, ...]
    value: float
    before: float
    activation: str = "linear"
    patch: np.ndarray | None = None
    inside: np.ndarray | None = None
    corner: tuple[int, int] | None = None
    dilation: tuple[int, int] = (1, 1)
    kernel: np.ndarray | None = None
    bias: float | None = None
    winner: tuple[int, int] | None = None
    terms: tuple[Term, ...] = ()
    rest: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)
