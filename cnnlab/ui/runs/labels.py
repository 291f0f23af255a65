"""A label that is wrong, corrected where it is seen; what a run says of labels corrected since it began."""

import streamlit as st

from cnnlab import access
from cnnlab.datasets.own import corrections, folder
from cnnlab.languages import _, _n, _p
from cnnlab.runs import Run
from cnnlab.ui.attempt import attempt, complain, undo_row
from cnnlab.ui.runs.evaluation import corrected_since
from cnnlab.ui.runs.looked_at import LookedAt
from cnnlab.ui.visitors import may_change
from cnnlab.ui.wording import refusal

PLACE = "label"
CHANGED = "label changed"
"""In the session: the page around an opened image is to be drawn again once that is closed."""


def correct_label(seen: LookedAt, number: int) -> None:
    """Offer another label for an image of ``seen.found``, and a way back; of a dataset of one's own only."""
    dataset = seen.run.config.dataset
    if not corrections.can_correct(dataset):
        return
    said = seen.found.predictions[number]
    change = seen.images.corrected.get(seen.numbers[number])
    complain(PLACE)
    if change and may_change(folder.dataset_folder(dataset).owner):
        words = _("Label corrected: {was} → {now}.", was=change.was, now=change.now)
        undo_row(PLACE, words, _change, dataset, change.after, change.was)
        return
    refused = access.refusal(folder.dataset_folder(dataset).owner, "correct labels of this dataset")
    if refused:
        st.caption(refusal(refused))
        return
    key = f"label-{seen.run.id}-{seen.numbers[number]}"
    with st.popover(_("Correct the label"), icon=":material/edit:", width="stretch"):
        others = [name for name in seen.found.classes if name != said.label]
        asked = _("choose the true class")
        st.selectbox(_("True class"), others, index=None, placeholder=asked, key=key)
        st.button(
            _p("a button", "Correct"),
            type="primary",
            disabled=not st.session_state.get(key),
            on_click=_correct,
            args=(dataset, said.name, key),
            key=f"{key}-go",
        )
        st.caption(_("Moves the image into that class of its dataset, for every run from now on; with undo."))


def _correct(dataset: str, name: str, key: str) -> None:
    if chosen := st.session_state.get(key):
        attempt(PLACE, _change, dataset, name, chosen)


def _change(dataset: str, name: str, class_name: str) -> None:
    corrections.correct(dataset, name, class_name)
    st.session_state[CHANGED] = True


def said_of_corrections(run: Run) -> str:
    """Say how many labels of a run's dataset were corrected since it began; nothing where none was."""
    if not (count := len(corrected_since(run))):
        return ""
    return _n(
        "Its data has changed: {n} label corrected since training began.",
        "Its data has changed: {n} labels corrected since training began.",
        count,
    )
