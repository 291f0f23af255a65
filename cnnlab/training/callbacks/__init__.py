"""What happens beside the arithmetic of a run: one callback a file."""
