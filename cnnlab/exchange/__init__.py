"""Runs that leave and runs that arrive: model files and listings to take away, and a ZIP that comes back.

    model.keras        the best weights, without their optimizer
    model.tflite       the same for phones and small computers, float32
    model-int8.tflite  every number a byte, its scales measured on training images
    metrics.csv        the history, a line for each epoch and each point of the curves
    train.py           Keras that builds and trains the network as the run did, on the images of split.csv
    split.csv          the images of the training and the validation set, in the order of the run
    images.zip         these images, where the dataset has no files
    weights.txt        each weight: name and shape, and its values; of large ones the first and last only
    run.zip            everything; another CNN Lab opens it

What arrives is hostile until it has been checked, and nothing of it is kept before. TensorFlow loads on first
use.
"""

from cnnlab.exchange.files import WHAT, Export, ExportedFile, export, exported, prepared
from cnnlab.exchange.history import csv_lines
from cnnlab.exchange.opening import open_run

__all__ = ["WHAT", "Export", "ExportedFile", "csv_lines", "export", "exported", "open_run", "prepared"]
