"""Layer classes that Keras does not have; ``registered`` makes them known to it."""
