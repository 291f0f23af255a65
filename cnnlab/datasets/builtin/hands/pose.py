"""The skeleton of a right hand in three dimensions, bent into rock, paper or scissors.

Units are palm lengths (wrist to middle knuckle, about 10 cm). The wrist is the origin, the fingers point to
+y, the thumb to +x, and the palm looks to +z, which is where the viewer is.
"""

from dataclasses import dataclass, replace

import numpy as np

GESTURES = ("paper", "rock", "scissors")
PALM, FINGER, TIP, ARM, SLEEVE = range(5)

# index, middle, ring and little finger
KNUCKLES = np.array([[0.29, 0.95, -0.02], [0.10, 1.0, 0.02], [-0.10, 0.95, 0.01], [-0.28, 0.84, -0.04]])
LENGTHS = np.array([[0.43, 0.26, 0.20], [0.48, 0.30, 0.21], [0.44, 0.28, 0.21], [0.34, 0.20, 0.18]])
FAN = np.radians([9, 2, -6, -15])
STRAIGHT, CURLED = np.radians([6, 8, 5]), np.radians([78, 98, 62])

THUMB_BASE = [0.19, 0.17, 0.06]
THUMBS = {  # base, knuckle, joint, tip
    "out": np.array([THUMB_BASE, [0.46, 0.42, 0.12], [0.67, 0.66, 0.14], [0.80, 0.84, 0.12]]),
    "wide": np.array([THUMB_BASE, [0.50, 0.36, 0.12], [0.78, 0.51, 0.14], [0.96, 0.62, 0.12]]),
    "along": np.array([THUMB_BASE, [0.40, 0.48, 0.12], [0.44, 0.78, 0.12], [0.43, 1.00, 0.08]]),
    "across": np.array([THUMB_BASE, [0.40, 0.45, 0.26], [0.33, 0.66, 0.52], [0.06, 0.66, 0.60]]),
    "beside": np.array([THUMB_BASE, [0.42, 0.47, 0.22], [0.43, 0.76, 0.32], [0.33, 0.97, 0.38]]),
    "folded": np.array([THUMB_BASE, [0.33, 0.44, 0.30], [0.12, 0.60, 0.52], [-0.13, 0.62, 0.58]]),
}
THUMB_SIDE = np.array([0.35, -0.2, 1.0])  # a thumb shows its side when the palm shows its face

PALM_START = np.vstack([KNUCKLES * [0.55, 0, 0] + [0, 0.1, 0], [[-0.20, 0.22, 0.05], [0.20, 0.42, 0.03]]])
PALM_END = np.vstack([KNUCKLES * [1, 0.97, 1], [[-0.26, 0.62, 0.03], [0.37, 0.50, 0.07]]])
ARM_START, ARM_END = np.array([0.0, 0.08, 0.0]), np.array([0.0, -8.0, 0.0])

_FINGER_RADII = np.outer([1.0, 1.03, 0.97, 0.86], [0.106, 0.094, 0.088, 0.068])  # knuckle, joints, tip
RADII = np.concatenate(
    [
        [[0.16, 0.13]] * 3 + [[0.15, 0.115], [0.15, 0.12], [0.10, 0.08]],
        np.stack([_FINGER_RADII[:, :-1], _FINGER_RADII[:, 1:]], axis=-1).reshape(-1, 2),
        [[0.17, 0.125], [0.125, 0.105], [0.105, 0.078]],
        [[0.25, 0.50], [0.30, 0.60]],
    ]
)
KINDS = np.array([PALM] * 6 + [FINGER, FINGER, TIP] * 4 + [PALM, FINGER, TIP] + [ARM, SLEEVE])
TOWARDS_PALM = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, eq=False)
class Limbs:
    """``n`` round limbs, each a cone with round ends."""

    start: np.ndarray
    """``(n, 3)``, as are ``end`` and ``back``, which points from the bone to the back of the hand."""
    end: np.ndarray
    back: np.ndarray
    radius: np.ndarray
    """``(n, 2)``: at the start and at the end."""
    kind: np.ndarray
    """``(n,)``: PALM, FINGER, TIP, ARM or SLEEVE."""

    def turned(self, rotation: np.ndarray) -> "Limbs":
        """Return the limbs rotated by a 3 x 3 matrix."""
        start, end, back = (vectors @ rotation.T for vectors in (self.start, self.end, self.back))
        return replace(self, start=start, end=end, back=back)


def hand(gesture: str, rng: np.random.Generator) -> Limbs:
    """Return a hand with its forearm, showing a gesture in one of its natural variations."""
    spread, bend, thumb = _variation(gesture, rng)
    finger_start, finger_end, finger_back = _fingers(spread, bend)
    arm_end = rotation(0.0, *rng.normal(0, 0.2, 2)) @ ARM_END  # bent at the wrist
    cuff = ARM_START + (arm_end - ARM_START) * rng.uniform(0.02, 0.2)
    start = np.vstack([PALM_START, finger_start, thumb[:-1], ARM_START, cuff])
    end = np.vstack([PALM_END, finger_end, thumb[1:], arm_end, arm_end])
    back = np.tile(-TOWARDS_PALM, (len(start), 1))
    back[6:18] = finger_back
    back[18:21] = np.cross(thumb[1:] - thumb[:-1], THUMB_SIDE) * 3  # bones are a third of a unit
    radius = RADII * rng.uniform(0.88, 1.15)  # slender to sturdy
    shown = len(start) - (rng.random() < 0.4)  # without a sleeve
    return Limbs(start[:shown], end[:shown], back[:shown], radius[:shown], KINDS[:shown])


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Return the matrix that turns about the hand's length, tips it to the viewer, then turns the image."""
    (cy, cx, cz), (sy, sx, sz) = np.cos([yaw, pitch, roll]), np.sin([yaw, pitch, roll])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_z @ about_x @ about_y


def _variation(gesture: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the spread of the four fingers, their bends ``(4, 3)`` in radians, and the thumb's joints."""
    bend = rng.normal(0, 0.07, (4, 3)) + rng.normal(0, 0.05, (4, 1))
    spread = rng.normal(0, 0.03, 4)
    if gesture == "paper":
        spread += FAN * rng.uniform(0.0, 1.9)
        bend += STRAIGHT * rng.uniform(0.0, 2.6)
        thumb = "out", ("wide", "along")[rng.integers(2)], rng.beta(0.7, 0.9)
    elif gesture == "rock":
        bend += CURLED
        thumb = "across", "beside", rng.beta(0.6, 0.9)
    else:
        opening = np.radians(rng.uniform(12, 42))
        spread[:2] += rng.normal(0.05, 0.05) + opening * np.array([0.5, -0.5])
        bend[:2] += STRAIGHT * rng.uniform(0.0, 3.0)
        bend[2:] += CURLED
        thumb = "folded", "across", rng.beta(0.7, 1.5)
    first, second, fraction = thumb
    joints = THUMBS[first] * (1 - fraction) + THUMBS[second] * fraction
    return spread, bend, joints + rng.normal(0, 0.02, (4, 3)) * [[0], [0.5], [1], [1.5]]


def _fingers(spread: np.ndarray, bend: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return start, end and back of the twelve bones, each ``(12, 3)``."""
    spread = spread * np.maximum(np.cos(bend[:, 0]), 0)  # a bent finger cannot be spread
    ahead = np.stack([np.sin(spread), np.cos(spread), np.zeros(4)], axis=1)[:, None]  # (4, 1, 3)
    total = bend.cumsum(axis=1)[..., None]  # (4, 3, 1)
    cosine, sine = np.cos(total), np.sin(total)
    bones = (cosine * ahead + sine * TOWARDS_PALM) * LENGTHS[..., None]  # (4, 3, 3): finger, bone, xyz
    end = KNUCKLES[:, None] + bones.cumsum(axis=1)
    back = sine * ahead - cosine * TOWARDS_PALM
    return (end - bones).reshape(12, 3), end.reshape(12, 3), back.reshape(12, 3)
