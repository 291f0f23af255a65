"""Looking after a dataset of one's own: rename, extend, export and delete, with a way back for a day."""

import tempfile
from collections.abc import Callable, Sequence

import streamlit as st

from cnnlab import access, datasets
from cnnlab.datasets.imageset import Skipped
from cnnlab.datasets.own import folder
from cnnlab.datasets.own.deleted import is_kept
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, _n, joined, recognised
from cnnlab.ui.attempt import attempt, complain, undo_row
from cnnlab.ui.data.words import told
from cnnlab.ui.state import Lab, lab
from cnnlab.ui.visitors import may_change
from cnnlab.ui.wording import plain, refusal

PLACE, UNDO, SAID = "care", "care_undo", "care_said"
EXPORT_IN_MEMORY = 64 * 2**20


def care(name: str, leave: Callable[[], None] | None = None) -> None:
    """Show one button that opens everything that can be done with a dataset of the library.

    ``leave`` is called when it is deleted; the page that collects gives one, and needs no link to itself.
    """
    turn = st.session_state.setdefault("care_turn", 0)
    with st.popover(_("Manage"), icon=":material/settings:", key=f"care_{name}_{turn}"):
        dataset = folder.dataset_folder(name)
        owner = dataset.owner
        if said := access.refusal(owner, "change this dataset"):
            st.caption(refusal(said))
        _rename(name, owner)
        if not leave and dataset.is_ours and (may_change(owner) or dataset.is_open):
            _extend(name, turn)
        st.download_button(
            _("Export as ZIP"),
            lambda: _exported(name),
            f"{name}.zip",
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            disabled=name not in datasets.names(),
            width="stretch",
        )
        st.button(
            _("Delete"),
            icon=":material/delete:",
            help=_("Kept for a day: Undo, or Deleted, brings it back."),
            on_click=_delete,
            args=(name, leave),
            key="data_delete",
            width="stretch",
            disabled=not may_change(owner),
        )


def news() -> None:
    """Say what the last change was, offer to undo a deletion, and say why something was refused."""
    complain(PLACE)
    if said := st.session_state.pop(SAID, None):
        st.success(plain(said))
    token, title = st.session_state.get(UNDO, ("", ""))
    if is_kept(token):
        undo_row(PLACE, _("{title} is deleted.", title=title), _bring_back, token)


def _rename(name: str, owner: str) -> None:
    key = f"care_title_{name}"
    st.session_state.setdefault(key, folder.dataset_folder(name).title)
    st.text_input(_("Name of the dataset"), max_chars=60, key=key)
    st.button(
        _("Rename"),
        icon=":material/edit:",
        on_click=attempt,
        args=(PLACE, _take_title, name),
        width="stretch",
        disabled=not may_change(owner),
    )


def _extend(name: str, turn: int) -> None:
    st.page_link(
        "pages/collect.py",
        label=_("Collect more with the camera"),
        icon=":material/add_a_photo:",
        query_params={"dataset": name},
    )
    label = _("More images: a ZIP with a folder for each class")
    file = st.file_uploader(label, ["zip"], key=f"care_zip_{turn}")
    if file and st.button(_("Add images"), icon=":material/add_photo_alternate:", width="stretch"):
        bar = st.progress(0.0, _("Reading the images…"))
        try:
            skipped = datasets.extend(name, file, told(bar))
        except CnnLabError as error:
            st.error(refusal(error))
        else:
            st.session_state[SAID] = _added(file.name, skipped)
            st.session_state.care_turn += 1
            st.rerun()
        finally:
            bar.empty()


def _added(file: str, skipped: Sequence[Skipped]) -> str:
    said = [_("The images of {file} are added.", file=file)]
    if skipped:
        said.append(_n("{n} file is skipped.", "{n} files are skipped.", len(skipped)))
    reasons = list(dict.fromkeys(item.reason for item in skipped))[:3]
    return joined([*said, *map(recognised, reasons)])


def _exported(name: str) -> bytes:
    """Return a dataset as a ZIP; only the browser's copy of it is ever whole in memory."""
    with tempfile.SpooledTemporaryFile(EXPORT_IN_MEMORY) as file:
        datasets.export_zip(name, file)
        file.seek(0)
        return file.read()


def _take_title(name: str) -> None:
    datasets.rename(name, st.session_state[f"care_title_{name}"])


def _delete(name: str, leave: Callable[[], None] | None) -> None:
    attempt(PLACE, _discard, name)
    if name in datasets.names():
        return  # it was refused
    if lab().dataset == name:
        lab().dataset = Lab.dataset
    if leave:
        leave()


def _discard(name: str) -> None:
    title = folder.dataset_folder(name).title
    st.session_state[UNDO] = (datasets.remove(name), title)


def _bring_back(token: str) -> None:
    st.session_state.pop(UNDO, None)
    lab().dataset = datasets.restore(token)
