"""People's own networks: as data, as Keras models, and the folder that keeps them."""
