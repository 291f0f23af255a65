"""Recipes on the training form: begin with one, save settings as one, delete one."""

from contextlib import suppress

import streamlit as st

from cnnlab.errors import CnnLabError
from cnnlab.training import RunConfig, recipes
from cnnlab.training.recipes import Recipe
from cnnlab.ui.state import lab
from cnnlab.ui.train.form_state import chosen, fill_in
from cnnlab.ui.wording import plain

OWN = "Own settings"
FIRST = "lenet5-digits"


def recipe_choice() -> None:
    """Show the recipes; choosing one fills in the form."""
    titles = {recipe.name: recipe.title for recipe in recipes.all()}
    if "run_recipe" not in st.session_state:
        _begin()
    elif st.session_state.run_recipe not in {OWN, *titles}:  # deleted, perhaps in another browser
        st.session_state.run_recipe = OWN
    st.selectbox(
        "Start from a recipe",
        [OWN, *titles],
        format_func=lambda name: titles.get(name, name),
        key="run_recipe",
        on_change=_take,
        persist_state="session",
    )
    _about(base())


def _begin() -> None:
    """Fill in the first recipe, unless another page has handed over a choice that it would undo."""
    first = recipes.get(FIRST).config
    handed = RunConfig(lab().architecture, lab().dataset, augmentation=dict(lab().augmentation))
    if handed != RunConfig(first.architecture, first.dataset, augmentation=first.augmentation):
        with suppress(CnnLabError):  # a network that was deleted meanwhile
            begin_with(handed)
            return
    st.session_state.run_recipe = FIRST
    fill_in(first)


def begin_with(config: RunConfig) -> None:
    """Fill the form with settings that are no recipe's, and go on from no run.

    Raises:
        ArchitectureError: the network is unknown; the form stays as it was.
    """
    fill_in(config)
    st.session_state.run_recipe = OWN
    st.session_state.pop("run_fork", None)


def base() -> Recipe | None:
    """Return the recipe that the form was filled from, if any."""
    name = st.session_state.run_recipe
    return None if name == OWN else next((r for r in recipes.all() if r.name == name), None)


def save_recipe() -> None:
    """Offer to keep the settings as a recipe, and to delete the chosen one where somebody saved it."""
    with st.popover("Save as a recipe", icon=":material/bookmark_add:"):
        st.text_input("Name", max_chars=60, key="recipe_title", placeholder="Hands, second lesson")
        if st.button("Save", key="save_recipe", type="primary"):
            _save()
    recipe = base()
    if recipe and recipe.is_own:
        st.button("Delete this recipe", icon=":material/delete:", on_click=_delete, args=(recipe.name,))


def _save() -> None:
    try:
        saved = recipes.save(st.session_state.recipe_title, chosen())
    except CnnLabError as error:
        st.error(plain(str(error)))
    else:
        st.success(f"Saved: {plain(saved.title)} is in the list of recipes now.")


def _delete(name: str) -> None:
    recipes.delete(name)
    st.session_state.run_recipe = OWN
    st.toast("The recipe is gone; its settings are still in the form.")


def _about(recipe: Recipe | None) -> None:
    if recipe is None:
        st.caption("Every setting below is yours to choose.")
        return
    st.caption(plain(" ".join(filter(None, (recipe.summary, recipe.expected, recipe.cost)))))
    st.caption(f"Source: {plain(recipe.source)}")


def _take() -> None:
    if recipe := base():
        try:
            fill_in(recipe.config)
        except CnnLabError as error:  # its network is somebody's own, and gone
            st.session_state.run_recipe = OWN
            st.toast(plain(str(error)), icon=":material/error:")
        else:
            st.session_state.pop("run_fork", None)
