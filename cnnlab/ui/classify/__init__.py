"""What the Classify page is made of: the answer as bars, and the camera beside it."""
