"""A dataset that does not exist yet: the camera is open already, and the first image makes it.

Names are optional: classes are called Class 1 and Class 2, the dataset My images, until somebody says better.
"""

import itertools
import re

import streamlit as st

from cnnlab.datasets.files.names import in_order
from cnnlab.datasets.own import collection
from cnnlab.datasets.own.collection import ClassImages, Collection
from cnnlab.errors import DatasetError
from cnnlab.languages import _, texts

TITLE, CLASSES = texts(("My images", "Class 1, Class 2"))
NEW = "?"
TITLE_KEY, CLASSES_KEY = "collect_title", "collect_classes"
NUMBER, MADE = "collect_draft", "collect_draft_made"


def draft() -> Collection:
    """Return the dataset as it would be made now; without classes while their names cannot be used.

    Its classes have the names and the order that they will have: nothing moves when the first image makes it.
    """
    names = () if problem() else in_order(collection.check_classes(class_names()))
    return Collection(
        f"{NEW}{st.session_state.setdefault(NUMBER, 0)}",
        _("New dataset"),
        tuple(ClassImages(name, ()) for name in names),
    )


def names_form() -> None:
    """Ask for the names of the dataset and its classes; both may stay as they are."""
    st.session_state.setdefault(CLASSES_KEY, _(CLASSES))
    st.text_input(
        _("Name of the dataset"),
        placeholder=_("{title} (optional)", title=_(TITLE)),
        max_chars=60,
        key=TITLE_KEY,
    )
    st.text_input(
        _("Class names, comma-separated"),
        placeholder=_("rock, paper, scissors"),
        max_chars=4000,
        key=CLASSES_KEY,
    )


def class_names() -> list[str]:
    """Return the names of the classes as they are typed."""
    typed = st.session_state.get(CLASSES_KEY, _(CLASSES))
    return [name for name in map(str.strip, re.split("[,，、]", typed)) if name]


def problem() -> str | None:
    """Say why no dataset can have these classes; None if one can."""
    try:
        collection.check_classes(class_names())
    except DatasetError as error:
        return str(error)
    return None


def create() -> str:
    """Make the dataset under the names that were typed; return its name.

    Raises:
        DatasetError: the title is taken or has no letter; classes as ``collection.check_classes``.
    """
    title = st.session_state.get(TITLE_KEY, "").strip()
    name = collection.create(title, class_names()).name if title else _numbered(_(TITLE))
    st.session_state.setdefault(MADE, {})[draft().name] = name
    return name


def made(name: str) -> str:
    """Return the dataset that a name stands for: a draft's is made now, under a free title, if it is not yet.

    Raises:
        DatasetError: as ``create``.
    """
    if not name.startswith(NEW):
        return name
    known = st.session_state.setdefault(MADE, {})
    if name not in known:
        known[name] = _numbered(st.session_state.get(TITLE_KEY, "").strip() or _(TITLE))
    return known[name]


def finished(name: str) -> str | None:
    """Return the dataset that a draft has become."""
    return st.session_state.get(MADE, {}).get(name)


def begin_anew() -> None:
    """Forget what the draft has become: the next first image makes another dataset."""
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1
    for key in (TITLE_KEY, CLASSES_KEY):
        st.session_state.pop(key, None)


def _numbered(title: str) -> str:
    """Make the dataset under this title, or the first free one with a number behind it."""
    names = class_names()
    collection.check_classes(names)
    taken = {one.title.casefold() for one in collection.every()}
    for number in itertools.count(1):
        wish = title if number == 1 else f"{title} {number}"
        if wish.casefold() in taken:
            continue
        try:
            return collection.create(wish, names).name
        except DatasetError:  # taken this very moment, or by another kind of dataset
            if number > 50:
                raise
    raise AssertionError("numbers do not end")
