"""The sheet of predictions: validation images, the most confident mistakes first."""

import streamlit as st

from cnnlab.errors import CnnLabError
from cnnlab.inference import Evaluation
from cnnlab.languages import _, texts
from cnnlab.runs import Run, Status
from cnnlab.ui.runs.image_sheet import sheet
from cnnlab.ui.runs.looked_at import LookedAt, in_order, looked_at
from cnnlab.ui.wording import refusal

ON_A_PAGE = 48
ALL, ERRORS, CORRECT = texts(("All", "✗ Errors", "✓ Correct"))


def predictions(run: Run, status: Status) -> None:
    """Show what the best weights, or those of another epoch, say of the validation images."""
    if seen := looked_at(run):
        _sheet(seen)


@st.fragment
def _sheet(seen: LookedAt) -> None:
    run, found = seen.run, seen.found
    names: list[int | None] = [None, *range(len(found.classes))]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        kind = st.segmented_control(
            _("Show"),
            (ALL, ERRORS, CORRECT),
            format_func=_,
            default=ALL,
            required=True,
            key=f"predictions-{run.id}",
            wrap=True,
        )
        truth = st.selectbox(
            _("True class"),
            names,
            format_func=lambda number: _("any class") if number is None else found.classes[number],
            placeholder=_("any class"),
            key=f"predictions-class-{run.id}",
            width=200,
        )
        numbers = of_kind(found, kind, truth)
        pages, page = -(-len(numbers) // ON_A_PAGE), 1
        if pages > 1:
            page = st.pagination(pages, max_visible_pages=5, key=f"page-{run.id}-{kind}-{truth}")
    if not numbers:
        st.caption(_("No errors.") if kind == ERRORS else _("No such image."))
        return
    first = (page - 1) * ON_A_PAGE
    try:
        shown = slice(first, first + ON_A_PAGE)
        sheet(seen, numbers, shown, f"sheet-{run.id}", _("Validation images"))
    except CnnLabError as error:
        st.caption(refusal(error))
    said = _(
        "✓ label, ✗ label → prediction, with the probability of the predicted class. Most confident errors "
        "first, then the correct ones, least confident first. Click an image to open it."
    )
    st.caption(said)


def of_kind(found: Evaluation, kind: str = ALL, truth: int | None = None) -> list[int]:
    """Return the numbers of predictions: errors, the most confident first, then hits, the least first."""
    label = None if truth is None else found.classes[truth]
    chosen = [
        number
        for number, said in enumerate(found.predictions)
        if label in (None, said.label) and kind in (ALL, ERRORS if said.label != said.predicted else CORRECT)
    ]
    return in_order(found.predictions, chosen)
