"""Round limbs into a picture: what is in front at every pixel and where it faces, then light on skin."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cnnlab import images
from cnnlab.datasets.hands.pose import FINGER, PALM, SLEEVE, TIP, Limbs

# By kind of limb (palm, finger, tip, arm, sleeve): a palm and a wrist are flatter than the cones they are of.
SLOPE = np.float32([0.3, 1.0, 1.0, 0.75, 0.8])
BULGE = np.float32([1.0, 1.0, 1.0, 0.55, 0.7])
PERSPECTIVE = 0.10
SCREEN = np.array([1, -1, 1])  # rows run downwards
NAIL = np.array([0.16, 0.10, 0.09])  # lighter and pinker than the skin by this much
TILE = 32


@dataclass(frozen=True, eq=False)
class Surface:
    """The ``p`` pixels in which the viewer sees limbs; float32 ``(p,)`` unless said."""

    pixel: np.ndarray
    """Index into the flattened picture, int."""
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
    """Limbs as the viewer sees them, in pixels; ``k`` of them, float32 unless said."""

    number: np.ndarray
    """Which limb each is, int ``(k,)``."""
    start: np.ndarray
    """``(k, 3)``: column, row, towards the viewer; ``way`` leads from there to the end."""
    way: np.ndarray
    radius: np.ndarray
    """``(k, 1)`` at the start, and ``growth`` is how much more it is at the end."""
    growth: np.ndarray
    bulge: np.ndarray
    slope: np.ndarray

    @classmethod
    def of(cls, limbs: Limbs, scale: float, wrist: np.ndarray) -> "Cones":
        """Project limbs; ``scale`` is a palm's length in pixels, ``wrist`` its (column, row)."""
        ends = np.stack([limbs.start, limbs.end])  # (2, k, xyz)
        size = scale * (1 + PERSPECTIVE * ends[..., 2:])
        start, end = (ends * SCREEN * size + [*wrist, 0]).astype(np.float32)
        radius, end_radius = (limbs.radius.T[..., None] * size).astype(np.float32)
        bulge, slope = BULGE[limbs.kind, None], SLOPE[limbs.kind, None]
        return cls(np.arange(len(start)), start, end - start, radius, end_radius - radius, bulge, slope)

    def only(self, which: np.ndarray) -> "Cones":
        """Return some of the cones, by a mask."""
        return Cones(*(column[which] for column in self))

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the first and last (column, row) that each cone may reach, both ``(k, 2)``."""
        start, end = self.start[:, :2], (self.start + self.way)[:, :2]
        reach = np.maximum(self.radius, self.radius + self.growth) + 1
        return np.minimum(start, end) - reach, np.maximum(start, end) + reach


def surface(limbs: Limbs, shape: tuple[int, int], scale: float, wrist: np.ndarray) -> Surface:
    """Look at the limbs from +z, in a picture of ``shape``; see ``Cones.of``.

    The picture is cut into tiles, so that each pixel is compared only with the limbs nearby.
    """
    cones = Cones.of(limbs, scale, wrist)
    first, last = cones.bounds()
    tiles = []
    for top in range(0, shape[0], TILE):
        for left in range(0, shape[1], TILE):
            near = ((first < (left + TILE, top + TILE)) & (last > (left, top))).all(axis=1)
            if near.any():
                rows = np.arange(top, min(top + TILE, shape[0]))[:, None]
                columns = np.arange(left, min(left + TILE, shape[1]))
                tiles.append(_nearest(cones.only(near), rows, columns, shape[1]))
    return Surface(*(np.concatenate(parts, axis=-1) for parts in zip(*tiles, strict=True)))


def _nearest(cones: Cones, rows: np.ndarray, columns: np.ndarray, width: int) -> tuple[np.ndarray, ...]:
    """Return the fields of ``Surface`` for a tile; arrays are (cones, pixels) until one cone has won."""
    grid = np.empty((3, len(rows), len(columns)), np.float32)
    grid[0], grid[1], grid[2] = columns, rows, 1
    grid = grid.reshape(3, -1)
    start, way = cones.start[:, :2], cones.way[:, :2]
    length = (way * way).sum(axis=1, keepdims=True) + 1e-6  # squared
    offset = -(start * way).sum(axis=1, keepdims=True)
    place = np.hstack([way, offset]) / length @ grid  # on the endless line through the bone
    share = np.minimum(np.maximum(place, 0), 1)
    distance = np.hstack([-2 * start, (start * start).sum(axis=1, keepdims=True)]) @ grid
    distance += (grid[:2] ** 2).sum(axis=0)  # squared, to the start of the bone …
    distance -= share * (2 * place - share) * length  # … and now to its nearest point
    radius = cones.radius + share * cones.growth
    height = np.sqrt(np.maximum(radius * radius - distance, 0))
    depth = height * cones.bulge + cones.start[:, 2:] + share * cones.way[:, 2:]
    edge = radius - np.sqrt(np.maximum(distance, 0)) + 0.5
    depth[edge <= 0] = -np.inf
    cover = edge.max(axis=0)
    inside = np.flatnonzero(cover > 0)
    front = depth[:, inside].argmax(axis=0)
    won = front, inside
    bone = start[front].T + share[won] * way[front].T
    across = (grid[:2, inside] - bone) * (cones.slope[front, 0] / radius[won])
    normal = np.vstack([across, np.sqrt(np.maximum(1 - (across * across).sum(axis=0), 0.02))])
    pixel = (rows * width + columns).ravel()[inside]
    return pixel, cones.number[front], np.minimum(cover[inside], 1), depth[won], normal, share[won]


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
    depth, share, right, down = images.blur(fields, sigma).reshape(-1, 4)[seen.pixel].T
    crevices = np.clip(1 - 0.16 * (depth - seen.depth * share) / sigma, 0.5, 1)
    smooth = np.stack([right, down, seen.normal[2] * share]) / share
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
