"""Plain data in, plotly figures out; importing this package registers the template "cnnlab"."""

from cnnlab.charts.class_bars import class_bars
from cnnlab.charts.comparison import comparison
from cnnlab.charts.learning_curves import Band, Frame, learning_curves
from cnnlab.charts.learning_rates import rate_preview, rate_sweep
from cnnlab.charts.overlay import MEASURES, Curve, overlay
from cnnlab.charts.race import race
from cnnlab.charts.template import COLOURS

__all__ = [
    "COLOURS",
    "MEASURES",
    "Band",
    "Curve",
    "Frame",
    "class_bars",
    "comparison",
    "learning_curves",
    "overlay",
    "race",
    "rate_preview",
    "rate_sweep",
]
