"""Concepts: what a layer computes, by hand. A module tells of one concept; ``catalogue`` lists them."""
