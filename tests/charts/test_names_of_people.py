"""Names that people gave: plotly reads some of HTML, and must not read theirs."""

import json

import numpy as np
import pytest

from cnnlab import charts
from cnnlab.charts import datasets

NAME = '<a href="http://example.org">x</a> & <b>y</b>'
EPOCHS = {name: np.arange(3.0) for name in (*charts.MEASURES, "epoch", "step", "seconds")}


@pytest.mark.parametrize(
    "figure",
    [
        charts.overlay([charts.Curve(NAME, EPOCHS), charts.Curve("b", EPOCHS)], smoothing=0.5),
        charts.class_bars([NAME, "b"], [0.9, 0.1]),
        datasets.class_balance([NAME, "b"], [1, 2], [3, 4]),
    ],
    ids=["overlay", "class bars", "class balance"],
)
def test_names_of_people_are_no_markup_in_charts(figure):
    text = json.loads(figure.to_json())
    told = json.dumps(
        {"data": text["data"], "layout": {k: v for k, v in text["layout"].items() if k != "template"}}
    )
    assert "<a" not in told and "<b>" not in told and "&lt;a" in told
