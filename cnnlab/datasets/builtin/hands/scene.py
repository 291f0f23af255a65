"""A photograph that never was: a hand somewhere in a room, seen by a webcam."""

import numpy as np

from cnnlab import images
from cnnlab.datasets.builtin.hands import pose
from cnnlab.datasets.builtin.hands.render import Light, Surface, shade, surface

SKIN = np.array(
    [[0.96, 0.80, 0.70], [0.90, 0.69, 0.56], [0.76, 0.53, 0.39], [0.55, 0.36, 0.26], [0.33, 0.21, 0.16]]
)


def photograph(
    gesture: str, size: int, rng: np.random.Generator, person: np.random.Generator | None = None
) -> np.ndarray:
    """Return a uint8 RGB image ``(size, size, 3)`` of a hand that shows a gesture.

    ``person`` decides room, light, skin and sleeve, ``rng`` all else; without one ``rng`` decides everything.
    """
    own = person or rng
    shape = size, round(size * rng.uniform(1.0, 1.4))  # a webcam is wider than high; squashed at the end
    limbs, light = _posed(gesture, rng), _light(own)
    seen = surface(limbs, shape, *_framed(limbs, shape, rng))
    image = background(shape, own).reshape(-1, 3)
    if rng.random() < 0.4:
        image *= 1 - rng.uniform(0.1, 0.5) * _shadow(seen, shape, light, rng)
    hand = shade(seen, shape, limbs, _skin(own), own.uniform(0.02, 0.8, 3), light)
    image[seen.pixel] += (hand - image[seen.pixel]) * seen.cover[:, None]
    return _webcam(images.resize(image.reshape(*shape, 3), (size, size)), rng)


def background(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return float32 ``(H, W, 3)``: a plain wall, a wall with uneven light, or a cluttered room."""
    wall = np.full((*shape, 3), _colour(rng), np.float32)
    kind = rng.random()
    if kind > 0.2:
        wall *= 0.4 + 1.2 * _cloud(shape, int(rng.integers(2, 4)), rng)
    if kind > 0.6:
        for _ in range(rng.integers(2, 14)):
            _thing(wall, rng)
        wall += (0.5 * rng.random()) * (_cloud(shape, int(rng.integers(6, 24)), rng) - 0.5)
        wall = images.blur(wall, rng.uniform(0.3, max(0.3, 0.03 * shape[0])))
    return wall


def _posed(gesture: str, rng: np.random.Generator) -> pose.Limbs:
    """Return a hand turned towards the viewer as people turn it: palm or back, the forearm from any edge."""
    yaw, pitch = np.pi * rng.integers(2) + rng.normal(0, 0.3), rng.normal(0, 0.22)
    if gesture == "rock":  # a fist is a fist from every side, and often comes knuckles first
        yaw += rng.normal(0, 0.4)
        pitch += max(0.0, rng.uniform(-1.5, 1.3))
    edge = (0, 0, 0, 0, 0, 0, 0, 0, 1.4, 1.4, -1.4, -1.4, np.pi)[rng.integers(13)]
    turn = pose.rotation(yaw, pitch, edge + rng.normal(0, 0.3))
    left_or_right = np.array([rng.choice((-1.0, 1.0)), 1, 1])
    return pose.hand(gesture, rng).turned(turn * left_or_right)


def _framed(limbs: pose.Limbs, shape: tuple[int, int], rng: np.random.Generator) -> tuple[float, np.ndarray]:
    """Return the scale and where the wrist is: the hand lies in the image, or reaches in from an edge."""
    of_hand = limbs.kind <= pose.TIP
    points = np.concatenate([limbs.start[of_hand], limbs.end[of_hand]])[:, :2] * [1, -1]
    low, high = points.min(axis=0) - 0.1, points.max(axis=0) + 0.1
    scale = shape[0] * min(rng.uniform(0.26, 0.54), 0.98 / (high - low).max())
    room = np.array([shape[1], shape[0]]) - (high - low) * scale
    corner = room * (0.5 + np.clip(rng.normal(0, 0.3, 2), -0.6, 0.6))
    if rng.random() < 0.3:
        (arm,) = np.flatnonzero(limbs.kind == pose.ARM)
        x, y = (limbs.end[arm] - limbs.start[arm])[:2]
        axis, towards_end = (0, x > 0) if abs(x) > abs(y) else (1, y < 0)
        outside = rng.uniform(0, 0.3) * (high - low)[axis] * scale
        corner[axis] = room[axis] + outside if towards_end else -outside
    return scale, corner - low * scale


def _skin(rng: np.random.Generator) -> np.ndarray:
    darker, fraction = divmod(rng.uniform(0, len(SKIN) - 1), 1)
    tone = SKIN[int(darker)] * (1 - fraction) + SKIN[int(darker) + 1] * fraction
    return tone * rng.normal(1, 0.05, 3)


def _light(rng: np.random.Generator) -> Light:
    direction = np.array([*rng.normal([0, -0.4], 0.7), rng.uniform(0.3, 1.2)])
    lamp = rng.uniform(0.1, 0.9)
    room = rng.uniform(0.85, 1.1) - 0.75 * lamp
    return Light(direction / np.linalg.norm(direction), lamp, room, rng.uniform(0, 0.8) * rng.random())


def _shadow(seen: Surface, shape: tuple[int, int], light: Light, rng: np.random.Generator) -> np.ndarray:
    """Return 0 to 1, ``(H * W, 1)``: the hand's shadow on the wall behind it."""
    cover = np.zeros(shape, np.float32)
    cover.flat[seen.pixel] = seen.cover
    right, down = (-light.direction[:2] * rng.uniform(0.03, 0.2) * shape[0]).astype(int)
    return images.blur(
        np.roll(cover, (down, right), axis=(0, 1)), rng.uniform(0.02, 0.08) * shape[0]
    ).reshape(-1, 1)


def _colour(rng: np.random.Generator) -> np.ndarray:
    """Return gray more often than colour, as rooms are."""
    return np.clip(rng.beta(1.2, 1.2) + rng.normal(0, 0.22, 3) * rng.random(), 0.02, 1)


def _cloud(shape: tuple[int, int], cells: int, rng: np.random.Generator) -> np.ndarray:
    """Return smooth noise ``(H, W, 1)`` from 0 to 1 with about ``cells`` bumps across."""
    coarse = rng.random((cells, cells, 1), np.float32)
    return images.resize(coarse, shape, resample="bilinear")


def _thing(wall: np.ndarray, rng: np.random.Generator) -> None:
    """Paint a box or a disc in place: furniture, windows, faces."""
    height, width = wall.shape[:2]
    half_height, half_width = height * rng.uniform(0.02, 0.35, 2)
    top, left = rng.uniform(-half_height, height - half_height), rng.uniform(-half_width, width - half_width)
    box = wall[
        max(0, int(top)) : int(top + 2 * half_height) + 1, max(0, int(left)) : int(left + 2 * half_width) + 1
    ]
    colour = _skin(rng) * rng.uniform(0.4, 1.1) if rng.random() < 0.25 else _colour(rng)
    if rng.random() < 0.6:
        box[:] = colour
        return
    y = np.linspace(-1, 1, box.shape[0])[:, None]
    x = np.linspace(-1, 1, box.shape[1])
    box[x * x + y * y < 1] = colour


def _webcam(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return uint8: exposure, white balance, focus, noise and contrast of a cheap camera."""
    image = image * (rng.uniform(0.65, 1.4) * np.exp(rng.normal(0, 0.08, 3))).astype(np.float32)
    if rng.random() < 0.5:
        image = images.blur(image, rng.uniform(0.2, max(0.3, 0.012 * len(image))))
    image += rng.standard_normal(image.shape, np.float32) * 0.04 * rng.random() ** 2
    gamma = (255 * np.linspace(0, 1, 256) ** rng.uniform(0.75, 1.25)).astype(np.uint8)
    return gamma[(np.clip(image, 0, 1) * 255).astype(np.uint8)]
