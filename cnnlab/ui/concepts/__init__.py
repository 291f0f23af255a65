"""Concepts: what a layer computes, changed by hand. A module tells of one concept; ``catalogue`` lists them."""
