"""Plain data in, plotly figures out; importing this package registers the template "cnnlab"."""

from cnnlab.charts.class_bars import class_bars
from cnnlab.charts.comparison import comparison
from cnnlab.charts.confusion import confusion
from cnnlab.charts.learning_curves import learning_curves
from cnnlab.charts.learning_rates import rate_preview, rate_sweep
from cnnlab.charts.overlay import MEASURES, Curve, overlay
from cnnlab.charts.template import COLOURS

__all__ = [
    "COLOURS",
    "MEASURES",
    "Curve",
    "class_bars",
    "comparison",
    "confusion",
    "learning_curves",
    "overlay",
    "rate_preview",
    "rate_sweep",
]
