"""Round limbs into a picture: what is in front at every pixel and where it faces, then light on skin."""

from dataclasses import dataclass

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


def surface(limbs: Limbs, shape: tuple[int, int], scale: float, wrist: np.ndarray) -> Surface:
    """Look at the limbs from +z; ``scale`` is a palm's length in pixels, ``wrist`` its (column, row).

    The picture is cut into tiles, so that each pixel is compared only with the limbs nearby.
    """
    ends = np.stack([limbs.start, limbs.end])  # (2, n, xyz)
    size = scale * (1 + PERSPECTIVE * ends[..., 2:])
    points = (ends * SCREEN * size + [*wrist, 0]).astype(np.float32)  # column, row, depth
    radii = (limbs.radius.T * size[..., 0]).astype(np.float32)  # (2, n)
    low = (points[..., :2] - radii[..., None] - 1).min(axis=0)
    high = (points[..., :2] + radii[..., None] + 1).max(axis=0)
    tiles = []
    for top in range(0, shape[0], TILE):
        for left in range(0, shape[1], TILE):
            near = np.flatnonzero(
                (low[:, 0] < left + TILE) & (low[:, 1] < top + TILE) & (high > (left, top)).all(1)
            )
            if len(near):
                rows = np.arange(top, min(top + TILE, shape[0]))
                columns = np.arange(left, min(left + TILE, shape[1]))
                grid = np.empty((3, len(rows), len(columns)), np.float32)
                grid[0], grid[1], grid[2] = columns, rows[:, None], 1
                pixel = (rows[:, None] * shape[1] + columns).ravel()
                tiles.append(_nearest(pixel, grid.reshape(3, -1), near, points, radii, limbs.kind))
    return Surface(*(np.concatenate(parts, axis=-1) for parts in zip(*tiles, strict=True)))


def _nearest(
    pixel: np.ndarray,
    grid: np.ndarray,
    near: np.ndarray,
    points: np.ndarray,
    radii: np.ndarray,
    kind: np.ndarray,
) -> tuple[np.ndarray, ...]:
    """Return a tile's fields of ``Surface``; ``grid`` is (column, row, 1), arrays are (limbs, pixels)."""
    start, way = points[0, near], points[1, near] - points[0, near]
    radius, growth = radii[0, near, None], radii[1, near, None] - radii[0, near, None]
    length = (way[:, :2] ** 2).sum(axis=1, keepdims=True) + 1e-6  # squared, in the picture
    reach = (start[:, :2] * way[:, :2]).sum(axis=1, keepdims=True)
    place = np.hstack([way[:, :2], -reach]) / length @ grid  # on the endless line through the bone
    share = np.minimum(np.maximum(place, 0), 1)
    distance = np.hstack([-2 * start[:, :2], (start[:, :2] ** 2).sum(axis=1, keepdims=True)]) @ grid
    distance += grid[0] ** 2 + grid[1] ** 2  # squared, to the start; next, to the nearest point of the bone
    distance -= share * (2 * place - share) * length
    radius = radius + share * growth
    height = np.sqrt(np.maximum(radius * radius - distance, 0))
    depth = height * BULGE[kind[near], None] + start[:, 2:] + share * way[:, 2:]
    edge = radius - np.sqrt(np.maximum(distance, 0)) + 0.5
    depth[edge <= 0] = -np.inf
    cover = edge.max(axis=0)
    inside = np.flatnonzero(cover > 0)
    front = depth[:, inside].argmax(axis=0)
    seen = front, inside
    share = share[seen]
    middle = start[front, :2].T + share * way[front, :2].T
    across = (grid[:2, inside] - middle) * (SLOPE[kind[near[front]]] / radius[seen])
    normal = np.vstack([across, np.sqrt(np.maximum(1 - (across**2).sum(axis=0), 0.02))])
    return pixel[inside], near[front], np.minimum(cover[inside], 1), depth[seen], normal, share


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
