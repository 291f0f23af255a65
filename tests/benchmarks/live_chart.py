"""The live chart against ``st.plotly_chart``: both draw 10,000 batches, and 10 more each second.

Measured in a real Chromium: from the moment the server knows the new numbers to the frame that shows them,
bytes over the websocket, and whether the chart's node and a person's zoom survive. This file is also the page
that is measured: ``streamlit run tests/benchmarks/live_chart.py``.
"""

import tempfile
import time
from contextlib import suppress
from pathlib import Path
from statistics import median, quantiles

import numpy as np
import streamlit as st
from playwright.sync_api import Page, TimeoutError

from cnnlab import charts
from cnnlab.runs import Metrics
from cnnlab.ui import live_chart
from tests.benchmarks.result import Result
from tests.browser import chromium

ROWS, ROWS_AN_UPDATE, EPOCHS = 10_000, 5, 20
POLL_SECONDS = 0.5
WARM_UP, UPDATES, TRIES = 5, 40, 50
HEIGHT = 520
OURS, OTHER = "ours", "other"
WATCH = """
    window.seen = [];
    const nodes = [];
    (function look() {
        const node = document.querySelector(".js-plotly-plot"), layout = node?._fullLayout;
        if (layout?.meta && layout.meta !== seen.at(-1)?.stamp) {
            if (!nodes.includes(node)) nodes.push(node);
            const milliseconds = Date.now() - layout.meta * 1000, range = [...layout.xaxis.range];
            seen.push({ stamp: layout.meta, milliseconds, nodes: nodes.length, range });
        }
        requestAnimationFrame(look);
    })();
"""


def run() -> list[Result]:
    """Measure both charts one after the other and compare them."""
    with tempfile.TemporaryDirectory() as home, chromium.served(Path(__file__), Path(home)) as address:
        ours, other = (_measure(f"{address}?side={side}") for side in (OURS, OTHER))
    words = {
        "ours_is": "live_chart.live_chart, 600 points a curve",
        "other_is": "st.plotly_chart, 10,000 points",
    }
    return [
        Result(f"live chart: {name}", unit, ours=ours[name], other=other[name], **words, ours_at_most=aim)
        for name, unit, aim in (
            ("numbers to chart, p50", "ms", 150),
            ("numbers to chart, p95", "ms", 150),
            ("sent for an update", "kB", 10),
            (f"chart nodes in {UPDATES} updates", "nodes", 1),
            (f"zooms lost in {UPDATES} updates", "zooms", 0),
        )
    ]


def _measure(address: str) -> dict[str, float]:
    received: list[int] = []
    with chromium.launched() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.on("websocket", lambda socket: socket.on("framereceived", lambda f: received.append(len(f))))
        page.goto(address)
        page.evaluate(WATCH)
        page.wait_for_function(f"seen.length >= {WARM_UP}", timeout=120_000)
        zoomed = _zoom_in(page)
        page.evaluate("seen = seen.slice(-1)")
        received.clear()
        page.wait_for_function(f"seen.length > {UPDATES}", timeout=300_000)
        size, seen = sum(received), page.evaluate("seen")
    before, updates = seen[0], seen[1:]
    latencies = [update["milliseconds"] for update in updates]
    return {
        "numbers to chart, p50": median(latencies),
        "numbers to chart, p95": quantiles(latencies, n=20)[-1],
        "sent for an update": size / len(updates) / 1000,
        f"chart nodes in {UPDATES} updates": updates[-1]["nodes"] - before["nodes"] + 1,
        f"zooms lost in {UPDATES} updates": sum(u["range"] != zoomed for u in updates),
    }


def _zoom_in(page: Page) -> list[float]:
    """Zoom in; return the epochs that the chart shows then. A new node may swallow the mouse: try again."""
    shown = page.evaluate("seen.at(-1).range[1]")
    is_zoomed = f"""() => {{
        const range = document.querySelector(".js-plotly-plot")?._fullLayout?.xaxis?.range;
        return range && range[1] < {shown} / 2 && [...range];
    }}"""
    for _ in range(TRIES):
        chromium.drag_over_left_third(page)
        with suppress(TimeoutError):
            return page.wait_for_function(is_zoomed, polling=5, timeout=500).json_value()
    raise RuntimeError("the chart cannot be zoomed")


def history(rows: int) -> Metrics:
    """Return a noisy falling loss and a rising accuracy over ``rows`` batches."""
    noise = np.random.default_rng(0).random(rows)
    steps = np.arange(1.0, rows + 1)
    loss = 2.3 * np.exp(-3 * steps / ROWS) + noise / 5
    batches = {"step": steps, "epoch": steps, "loss": loss, "accuracy": 1 - loss / 3, "seconds": steps}
    ends = np.linspace(0, rows - 1, EPOCHS).astype(int)
    epochs = {"epoch": np.arange(1.0, EPOCHS + 1), "loss": loss[ends], "val_loss": loss[ends] + 0.1}
    return Metrics(batches, epochs | {"accuracy": 1 - loss[ends] / 3, "val_accuracy": 0.9 - loss[ends] / 3})


@st.fragment(run_every=POLL_SECONDS)
def page() -> None:
    """Draw one side's chart of the history so far; the layout's meta carries the time."""
    rows = st.session_state.rows = st.session_state.get("rows", ROWS) + ROWS_AN_UPDATE
    metrics = history(rows)
    began = time.time()
    if st.query_params.get("side") == OURS:
        figure = charts.learning_curves(metrics.downsample(600), ROWS // EPOCHS)
        live_chart.live_chart(figure.update_layout(meta=began), key="live", height=HEIGHT)
    else:
        figure = charts.learning_curves(metrics, ROWS // EPOCHS)
        figure.update_layout(meta=began, uirevision="live")
        st.plotly_chart(figure, key="live", height=HEIGHT)


if __name__ == "__main__":
    page()
