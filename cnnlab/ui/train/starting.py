"""Starting a run with one click: what Home does, and what any page can that knows the settings."""

from typing import NoReturn

import streamlit as st

from cnnlab.settings import RunConfig
from cnnlab.training import recipes
from cnnlab.training.pinning import pinned
from cnnlab.ui.state import lab
from cnnlab.ui.train.form_state import title_of
from cnnlab.ui.train.recipes import FIRST
from cnnlab.ui.train.submitting import submit


def start_first_recipe() -> NoReturn:
    """Start the recipe that needs no download, and go to its run.

    Raises:
        WorkspaceError: the disk is full, or the workspace cannot be written.
    """
    start_now(recipes.get(FIRST).config.changed(recipe=FIRST))


def start_now(config: RunConfig) -> NoReturn:
    """Put a run with these settings into the queue, and go to the page that shows it.

    Raises:
        AccessError: it is more than a student may ask for.
        CnnLabError: a setting is out of range, its network is gone, or the workspace cannot be written.
    """
    config = pinned(config.validated())
    run = submit(config.changed(title=config.title or title_of(config)))
    lab().run_id = run.id
    st.switch_page("pages/train.py")
