"""The ready experiments: claims of papers and courses, each with settings that show it or not."""

from cnnlab.experiments.ready import layers, training

READY = {experiment.name: experiment for experiment in (*layers.ALL, *training.ALL)}
"""All by name, in the order of a course."""
