"""Lessons on the pages: which one is open, what stands beside every page, their list and overviews."""
