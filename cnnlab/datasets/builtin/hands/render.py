"""Round limbs into an image: what is in front at every pixel and where it faces, then light on skin."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cnnlab import images
from cnnlab.datasets.builtin.hands.pose import FINGER, PALM, SLEEVE, TIP, Limbs

# By kind of limb (palm, finger, tip, arm, sleeve): a palm and a wrist are flatter than the cones they are of.
SLOPE = np.array([0.3, 1.0, 1.0, 0.75, 0.8], np.float32)
BULGE = np.array([1.0, 1.0, 1.0, 0.55, 0.7], np.float32)
PERSPECTIVE = 0.10
SCREEN = np.array([1, -1, 1])  # rows run downwards
NAIL = np.array([0.16, 0.10, 0.09])  # lighter and pinker than the skin by this much
BLOCK = 8
IN_BLOCK = np.arange(BLOCK * BLOCK)


@dataclass(frozen=True, eq=False)
class Surface:
    """The ``p`` pixels in which the viewer sees limbs; float32 ``(p,)`` unless said."""

    pixel: np.ndarray
    """Index into the flattened image, int."""
    limb: np.ndarray
    """Which limb is in front, int."""
    cover: np.ndarray
    """How much of the pixel is hand, 0 to 1."""
    depth: np.ndarray
    """Towards the viewer, in pixels."""
    normal: np.ndarray
    """``(3, p)``: where the surface faces, as right, down, towards the viewer."""
    along: np.ndarray
    """Place along the limb, 0 at its start to 1."""


@dataclass(frozen=True)
class Light:
    """A lamp in a room: ``direction`` is the unit vector to it (right, down, towards the viewer)."""

    direction: np.ndarray
    lamp: float
    room: float
    gloss: float


class Cones(NamedTuple):
    """Limbs as the viewer sees them, in pixels; ``k`` of them, each field float32 ``(k, 1)``."""

    column: np.ndarray
    row: np.ndarray
    depth: np.ndarray
    """Towards the viewer."""
    radius: np.ndarray
    right: np.ndarray
    """With ``down``, ``nearer`` and ``wider``: how the end differs from the start."""
    down: np.ndarray
    nearer: np.ndarray
    wider: np.ndarray
    bulge: np.ndarray
    slope: np.ndarray

    @classmethod
    def of(cls, limbs: Limbs, scale: float, wrist: np.ndarray) -> "Cones":
        """Project limbs; ``scale`` is a palm's length in pixels, ``wrist`` its (column, row)."""
        ends = np.stack([limbs.start, limbs.end])  # (2, k, xyz)
        size = scale * (1 + PERSPECTIVE * ends[..., 2:])
        ends = np.concatenate([ends * SCREEN * size + [*wrist, 0], limbs.radius.T[..., None] * size], axis=-1)
        start, end = ends.astype(np.float32)
        start[:, 2] -= 1e-3 * np.arange(len(start))  # no two limbs are equally near
        fields = (*start.T, *(end - start).T, BULGE[limbs.kind], SLOPE[limbs.kind])
        return cls(*(field[:, None] for field in fields))

    def only(self, which: np.ndarray) -> "Cones":
        """Return the cones of these numbers."""
        return Cones(*(field[which] for field in self))

    def nearest(self, columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return, for points ``(k or 1, p)``, the place 0 to 1 on each bone nearest to them, and the way from
        there (right, down) with its square: four arrays ``(k, p)``."""
        right, down = columns - self.column, rows - self.row
        length = self.right * self.right + self.down * self.down + 1e-6  # squared
        along = right * (self.right / length)
        along += down * (self.down / length)
        np.minimum(np.maximum(along, 0, out=along), 1, out=along)
        right -= along * self.right
        down -= along * self.down
        return along, right, down, right * right + down * down


def surface(limbs: Limbs, shape: tuple[int, int], scale: float, wrist: np.ndarray) -> Surface:
    """Look at the limbs from +z, in an image of ``shape``; see ``Cones.of``.

    The image is cut into small blocks, and each block is compared only with the limbs nearby: everything
    below is one array for all pairs of a block and a limb, ``(pairs, pixels of a block)``.
    """
    cones = Cones.of(limbs, scale, wrist)
    block, limb = _pairs(cones, shape)
    pairs = cones.only(limb)
    top, left = np.divmod(block, -(-shape[1] // BLOCK))
    columns = (left[:, None] * BLOCK + IN_BLOCK % BLOCK).astype(np.float32)
    rows = (top[:, None] * BLOCK + IN_BLOCK // BLOCK).astype(np.float32)
    along, right, down, distance = pairs.nearest(columns, rows)
    radius = pairs.radius + along * pairs.wider
    edge = radius - np.sqrt(distance) + 0.5
    depth = np.sqrt(np.maximum(radius * radius - distance, 0)) * pairs.bulge
    depth += pairs.depth + along * pairs.nearer
    depth[(edge <= 0) | (columns >= shape[1]) | (rows >= shape[0])] = -np.inf
    first = np.flatnonzero(np.diff(block, prepend=-1))  # where the pairs of another block begin
    of_block = np.repeat(np.arange(len(first)), np.diff(first, append=len(block)))
    front = np.maximum.reduceat(depth, first)[of_block]
    cover = np.maximum.reduceat(edge, first)[of_block]
    won = np.nonzero((depth == front) & (depth > -np.inf))
    slope = pairs.slope[won[0], 0] / radius[won]
    across, downwards = right[won] * slope, down[won] * slope
    towards = np.sqrt(np.maximum(1 - across * across - downwards * downwards, 0.02))
    return Surface(
        pixel=(rows[won] * shape[1] + columns[won]).astype(np.intp),
        limb=limb[won[0]],
        cover=np.minimum(cover[won], 1),
        depth=depth[won],
        normal=np.stack([across, downwards, towards]),
        along=along[won],
    )


def _pairs(cones: Cones, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return which blocks and limbs touch, as two arrays of numbers ordered by block."""
    height, width = (-(-side // BLOCK) for side in shape)
    rows, columns = np.divmod(np.arange(height * width), width)
    middle = (BLOCK - 1) / 2
    distance = cones.nearest(columns * BLOCK + middle, rows * BLOCK + middle)[3]
    widest = np.maximum(cones.radius, cones.radius + cones.wider)
    reach = widest + 0.75 * BLOCK + 1  # half a diagonal and the edge
    block, limb = np.nonzero((distance < reach * reach).T)
    return block, limb


def shade(
    seen: Surface, shape: tuple[int, int], limbs: Limbs, skin: np.ndarray, sleeve: np.ndarray, light: Light
) -> np.ndarray:
    """Return the light from the surface, ``(p, 3)``; like the two colours it is RGB around 0 to 1."""
    normal, crevices = _softened(seen, shape, limbs)
    facing = np.maximum(light.direction @ normal, 0)
    strength = (light.room + light.lamp * facing) * (0.6 + 0.4 * normal[2]) * crevices * _creases(seen, limbs)
    cloth = (limbs.kind == SLEEVE)[seen.limb]
    colour = np.where(cloth[:, None], sleeve, skin)
    colour = colour + _nails(seen, limbs)[:, None] * (NAIL + 0.1 * skin)
    gloss = light.gloss * light.lamp * facing**12 * ~cloth
    return (colour * strength[:, None] + gloss[:, None]).astype(np.float32)


def _softened(seen: Surface, shape: tuple[int, int], limbs: Limbs) -> tuple[np.ndarray, np.ndarray]:
    """Return the normals, flowing into each other on the palm, and 0.5 to 1: darker where something stands in
    front nearby."""
    fields = np.zeros((*shape, 4), np.float32)
    flat = fields.reshape(-1, 4)
    flat[seen.pixel] = np.stack([seen.depth, np.ones_like(seen.depth), *seen.normal[:2]], axis=1)
    sigma = max(1.0, 0.03 * shape[0])
    depth, fraction, right, down = images.blur(fields, sigma).reshape(-1, 4)[seen.pixel].T
    crevices = np.clip(1 - 0.16 * (depth - seen.depth * fraction) / sigma, 0.5, 1)
    smooth = np.stack([right, down, seen.normal[2] * fraction]) / fraction
    return np.where((limbs.kind == PALM)[seen.limb], smooth, seen.normal), crevices


def _creases(seen: Surface, limbs: Limbs) -> np.ndarray:
    """Return 0.84 to 1: dark lines across the fingers where bones meet."""
    jointed = (limbs.kind == FINGER) | (limbs.kind == TIP)
    return 1 - 0.16 * jointed[seen.limb] * np.exp(-((seen.along * 12) ** 2))


def _nails(seen: Surface, limbs: Limbs) -> np.ndarray:
    """Return 0 to 1: the end of a finger, where it faces as the back of the hand does."""
    back = (limbs.back * SCREEN * (limbs.kind == TIP)[:, None]).astype(np.float32)
    facing = (seen.normal * back[seen.limb].T).sum(axis=0)
    return np.clip(facing * 8 - 5.8, 0, 1) * np.clip(seen.along * 8 - 2.8, 0, 1)
