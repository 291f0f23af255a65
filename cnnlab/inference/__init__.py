"""Asking a trained run: classify images, and measure how often it is right."""

from cnnlab.inference.classifier import Classifier, Compiled, Prediction
from cnnlab.inference.evaluation import ClassScore, Evaluation, ImagePrediction, evaluate, wilson
from cnnlab.inference.score import (
    ImageCount,
    accuracy_in_words,
    ends_in_words,
    interval_in_words,
    percent,
    validation_count,
)

__all__ = [
    "ClassScore",
    "Classifier",
    "Compiled",
    "Evaluation",
    "ImageCount",
    "ImagePrediction",
    "Prediction",
    "accuracy_in_words",
    "ends_in_words",
    "evaluate",
    "interval_in_words",
    "percent",
    "validation_count",
    "wilson",
]
