"""Asking a trained run: classify photographs, and measure how often it is right."""

from cnnlab.inference.classifier import Classifier, Prediction
from cnnlab.inference.evaluation import ClassScore, Evaluation, ImagePrediction, evaluate, wilson

__all__ = ["ClassScore", "Classifier", "Evaluation", "ImagePrediction", "Prediction", "evaluate", "wilson"]
