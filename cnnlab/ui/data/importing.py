"""Importing a dataset: what was found in the files is said, and can be corrected, before anything is kept."""

from collections.abc import Mapping

import streamlit as st

from cnnlab import datasets, images
from cnnlab.datasets import DatasetInfo, Preview
from cnnlab.datasets.catalogue import Files
from cnnlab.datasets.imageset import Part
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, _p, texts
from cnnlab.streamlit_internals import forget_upload
from cnnlab.ui.asking import FORMATS
from cnnlab.ui.data.words import listed, told
from cnnlab.ui.state import lab
from cnnlab.ui.wording import plain, refusal

FOLDER, ZIP = texts(("A folder", "ZIP or image files"))
ROLES = texts(
    {
        "train": "Training set",
        "validation": "Validation set",
        "test": "Test set",
        "unlabelled": "Skip: no classes",
        "unused": "Skip",
    }
)
NAMES_SHOWN = 12
PARTS_SHOWN = 30


def import_form(turn: int) -> None:
    """Show the form; after each success it has another ``turn`` in its keys, which empties it."""
    st.page_link("pages/collect.py", label=_("**Collect with the camera**"), icon=":material/add_a_photo:")
    st.caption(_("Or import: a folder for each class with its images inside, or files named `class.1.jpg`."))
    title = st.text_input(_("Name"), placeholder=_("Our hands"), max_chars=60, key=f"data_title_{turn}")
    kind = st.segmented_control(
        _p("of a dataset", "From"),
        (FOLDER, ZIP),
        format_func=_,
        default=FOLDER,
        required=True,
        label_visibility="collapsed",
        key="data_kind",
    )
    files = st.file_uploader(
        _("{formats} images", formats=_(FORMATS))  # no types: none vanishes
        if kind == FOLDER
        else _("A ZIP, or {formats} images", formats=_(FORMATS)),
        accept_multiple_files="directory" if kind == FOLDER else True,
        key=f"data_files_{kind}_{turn}",
    )
    found = _found(files, turn) if files else None
    refused = st.container()
    pressed = st.button(
        _("Import"), type="primary", icon=":material/check:", disabled=not found, key="data_add"
    )
    if pressed and found:
        try:
            info = _imported(title, files, _chosen(files, turn))
        except CnnLabError as error:
            refused.error(refusal(error))
        else:
            for file in files:
                forget_upload(file)
            st.session_state.pop("data_previews", None)
            lab().dataset = info.name
            st.session_state.data_turn += 1
            st.rerun()


def _found(files: list, turn: int) -> Preview | None:
    """Say what the files hold, and let it be corrected; None if they are no dataset."""
    try:
        _choose_roles(_preview(files, None), files, turn)
        found = _preview(files, _chosen(files, turn))
    except CnnLabError as error:
        st.error(refusal(error))
        return None
    st.markdown(
        _(
            "**{images} images in {count} classes:** {classes}",
            images=f"{found.images:,}",
            count=f"{len(found.classes):,}",
            classes=listed(map(plain, found.classes), NAMES_SHOWN),
        )
    )
    for item in found.left_out:
        st.caption(f":material/warning: {refusal(item.sentence)}")
    return found


def _choose_roles(found: Preview, files: list, turn: int) -> None:
    """Show what each folder was taken for, to change."""
    key, parts = _key(files, turn), found.parts or found.nested
    if not parts:
        return
    words = _("These folders are the training, validation or test set, not classes")
    if not st.toggle(words, value=bool(found.parts), key=f"data_are_parts_{key}"):
        return
    columns = [
        place for _two in parts[:PARTS_SHOWN:2] for place in st.columns(2)
    ]  # in this order on a phone too
    for number, part in enumerate(parts[:PARTS_SHOWN]):
        columns[number].selectbox(
            _part(part),
            list(ROLES),
            index=list(ROLES).index(part.role),
            format_func=lambda role: _(ROLES[role]),
            key=f"data_role_{key}_{number}",
        )


def _part(part: Part) -> str:
    """Say what a folder holds, for Markdown."""
    found = {"folder": part.folder, "images": f"{part.images:,}", "classes": f"{len(part.classes):,}"}
    if part.classes:
        return plain(_("{folder}: {images} images, {classes} classes", **found))
    return plain(_("{folder}: {images} images", **found))


def _chosen(files: list, turn: int) -> Mapping[str, str] | None:
    """Return the roles as they are chosen; None where they are those that were found."""
    key, first = _key(files, turn), _preview(files, None)
    if not st.session_state.get(f"data_are_parts_{key}", bool(first.parts)):
        return {} if first.parts else None
    found = {part.folder: part.role for part in first.parts or first.nested}
    chosen = {
        folder: st.session_state.get(f"data_role_{key}_{number}", role)
        for number, (folder, role) in enumerate(found.items())
    }
    return None if first.parts and chosen == found else chosen


def _key(files: list, turn: int) -> str:
    return f"{files[0].file_id}_{len(files)}_{turn}"


def _preview(files: list, roles: Mapping[str, str] | None) -> Preview:
    """Return what an import would make of the files; looked through once for each choice."""
    key = (tuple(file.file_id for file in files), None if roles is None else tuple(sorted(roles.items())))
    kept = st.session_state.setdefault("data_previews", {})
    if key not in kept:
        if len(kept) > 3:
            kept.clear()
        with st.spinner(_("Looking through the files…")):
            kept[key] = datasets.preview(_files(files), roles)
    return kept[key]


def _files(files: list) -> Files:
    if len(files) == 1 and not files[0].name.lower().endswith(images.SUFFIXES):
        return files[0]
    return [(file.name, file.getbuffer()) for file in files]


def _imported(title: str, files: list, roles: Mapping[str, str] | None) -> DatasetInfo:
    bar = st.progress(0.0, _("Reading the images…"))
    try:
        given = _files(files)
        if isinstance(given, list):
            return datasets.import_files(title, given, told(bar), roles)
        return datasets.import_zip(title, given, told(bar), roles)
    finally:
        bar.empty()
