"""Drawn hands: a skeleton in a pose, rendered as shaded round limbs, in front of a background."""
