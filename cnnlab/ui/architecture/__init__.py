"""What the Architecture page is made of: the scene, the layer table, one layer opened, what if."""
