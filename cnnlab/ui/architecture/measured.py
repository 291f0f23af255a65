"""The effective receptive field of a unit: its gradient as heat, untrained and trained."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnlab import inspection
from cnnlab.charts.heat import heat_over
from cnnlab.errors import ArchitectureError
from cnnlab.inference.effective import FRACTION, EffectiveField, images_within_budget
from cnnlab.inspection.figures import Box, LayerRow
from cnnlab.languages import _, _n
from cnnlab.service import Weights
from cnnlab.ui.architecture.framed import framed
from cnnlab.ui.architecture.inspected import as_input
from cnnlab.ui.architecture.look import Look
from cnnlab.ui.architecture.sizes import fraction_of
from cnnlab.ui.architecture.weights import ChosenWeights
from cnnlab.ui.engine import service
from cnnlab.ui.wording import plain, refusal

SOON = 2 * 10**9
"""Multiply-accumulates for one image; below that nobody waits, so nobody is asked."""
PAPER = "https://arxiv.org/abs/1701.04128"


def measured(looked: Look, row: LayerRow, rows: Sequence[LayerRow], box: Box) -> None:
    """Show the effective receptive field of a unit for each of the chosen weights."""
    cost = inspection.Totals.of(inspection.up_to(rows, row.name))
    macs = cost.macs or 0  # where they are not known the memory decides
    try:
        count = images_within_budget(len(looked.others), macs, cost.activation_bytes)
    except ArchitectureError as error:
        st.caption(refusal(error))
        return
    wanted = macs <= SOON or st.toggle(
        _("Measure it: {count} × {billions} billion MACs", count=count, billions=f"{macs / 1e9:.1f}"),
        key="look_measure",
    )
    if not wanted:
        return
    size = rows[0].output_shape
    for column, weights in zip(st.columns(2), looked.weights, strict=False):
        with column:
            try:
                field = _field(weights, row.name, looked, count)
            except ArchitectureError as error:
                st.caption(refusal(error))
                continue
            shown = heat_over(as_input(looked.image, size), field.heat)
            st.image(
                framed(shown, np.ones(size[:2], bool), box),
                width="stretch",
                output_format="PNG",
                alt=_("Effective receptive field, {weights}: the gradient as heat", weights=weights.title),
            )
            said = _said(field, box.clip(*size[:2]))
            st.caption(_("{weights}: {said}", weights=f"**{plain(weights.title)}**", said=said))
    st.caption(
        _n(
            "Heat: how much each pixel changes the unit, |∂unit/∂pixel|, mean over this image "
            "([Luo et al., 2016]({paper})). Spread evenly, {fraction} of it would need {fraction} of the "
            "theoretical receptive field.",
            "Heat: how much each pixel changes the unit, |∂unit/∂pixel|, mean over {n} images "
            "([Luo et al., 2016]({paper})). Spread evenly, {fraction} of it would need {fraction} of the "
            "theoretical receptive field.",
            count,
            paper=PAPER,
            fraction=fraction_of(FRACTION, 1, 0),
        )
    )


def _field(weights: ChosenWeights, layer: str, looked: Look, count: int) -> EffectiveField:
    first = [looked.image, *(other for other in looked.others if other is not looked.image)]
    bar = st.empty()
    gradients = []
    for number, image in enumerate(first[:count], start=1):
        gradients.append(_gradient(weights.weights, layer, looked.unit, weights.prepared(image)))
        bar.progress(number / count, _("Image {number} of {count}", number=number, count=count))
    bar.empty()
    return EffectiveField.mean(gradients)


def _said(field: EffectiveField, box: Box) -> str:
    if field.silent:
        return _("the gradient is zero everywhere: this unit is inactive on all of them.")
    area = (box.bottom - box.top) * (box.right - box.left)
    return _(
        "{fraction} of the gradient lies on {pixels} of the {area} pixels of the theoretical receptive field "
        "({part}).",
        fraction=fraction_of(FRACTION, 1, 0),
        pixels=f"{field.pixels:,}",
        area=f"{area:,}",
        part=fraction_of(field.pixels, area, 0),
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _gradient(weights: Weights, layer: str, unit: tuple[int, int], image: np.ndarray) -> np.ndarray:
    """Measure once for all browsers."""
    return service().ask("gradient", weights, layer, unit, image)
