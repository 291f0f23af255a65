"""Asking a trained run: classify photographs, and measure how often it is right."""

from cnnlab.inference.classifier import Classifier, Prediction
from cnnlab.inference.evaluation import ClassScore, Evaluation, ImagePrediction, evaluate, wilson
from cnnlab.inference.score import accuracy_in_words, interval_in_words, validation_pictures

__all__ = [
    "ClassScore",
    "Classifier",
    "Evaluation",
    "ImagePrediction",
    "Prediction",
    "accuracy_in_words",
    "evaluate",
    "interval_in_words",
    "validation_pictures",
    "wilson",
]
