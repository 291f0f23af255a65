"""What the Collect page is made of: classes as cards, the camera, and the first run on what came of it."""
