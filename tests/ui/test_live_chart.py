"""The live chart sends little, and serves what it needs itself."""

import gzip
import json
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from cnnlab import charts
from cnnlab.runs import Metrics
from cnnlab.ui.live_chart import pack

KILOBYTE = 1000


def long_history(rows: int = 10_000, epochs: int = 20) -> Metrics:
    noise = np.random.default_rng(0)
    steps = np.arange(1.0, rows + 1)
    loss = 2.3 * np.exp(-steps / 3000) + noise.random(rows) / 5
    batches = {"step": steps, "epoch": steps, "loss": loss, "accuracy": noise.random(rows), "seconds": steps}
    names = ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds")
    columns = {name: noise.random(epochs) for name in names}
    return Metrics(batches, {"epoch": np.arange(1.0, epochs + 1), "step": steps[:epochs], **columns})


def test_an_update_of_ten_thousand_batches_is_under_ten_kilobytes():
    figure = charts.learning_curves(long_history().downsample(600), steps_per_epoch=500)
    packed = pack(figure)
    assert len(packed) < 10 * KILOBYTE
    assert len(json.loads(gzip.decompress(packed))["data"]) == len(figure.data)


def test_the_chart_mounts_and_the_server_hands_out_its_files():
    def script():
        import streamlit as st

        from cnnlab import charts
        from cnnlab.streamlit_internals import served_folder
        from cnnlab.ui import live_chart

        live_chart.live_chart(charts.class_bars(["a", "b"], [0.9, 0.1]), key="bars")
        for name in ("plotly", "live_chart"):
            st.text(served_folder(f"cnnlab.{name}"))

    app = AppTest.from_function(script, default_timeout=30).run()
    assert not app.exception
    plotly, ours = (Path(text.value) for text in app.text)
    assert (plotly / "plotly.min.js").is_file()
    assert (ours / "live_chart.js").is_file()
