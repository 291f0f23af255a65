"""Image files: where they lie, which class each shows, and their pixels as arrays."""
