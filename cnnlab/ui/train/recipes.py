"""Recipes on the training form: begin with one, save settings as one, delete one."""

from contextlib import suppress

import streamlit as st

from cnnlab import architectures, datasets
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, _n, _p, texts
from cnnlab.settings import RunConfig, all_settings, setting_named
from cnnlab.training import recipes, terms
from cnnlab.training.own_recipes import TO_DELETE
from cnnlab.training.recipes import Recipe
from cnnlab.ui.attempt import attempt, complain
from cnnlab.ui.state import lab
from cnnlab.ui.train.form_state import chosen, fill_in, is_recipe, suit_split
from cnnlab.ui.visitors import allowed
from cnnlab.ui.wording import plain, refusal

CUSTOM, PLACE = texts("Custom"), "recipe"
FIRST = "lenet5-digits"
CHANGES_TOLD = 4
RECIPE = "recipe"
"""In the address: the recipe that the form begins with."""


def recipe_choice() -> None:
    """Show the recipes; choosing one fills in the form. Changed settings are called custom, and whence."""
    known = {recipe.name: recipe for recipe in recipes.list_recipes()}
    if "run_recipe" not in st.session_state:
        _begin()
    if (asked := st.query_params.get(RECIPE, "")) != st.session_state.get("run_recipe_asked"):
        st.session_state.run_recipe_asked = asked  # once: what is changed afterwards stays
        if asked in known:
            st.session_state.run_recipe = asked
            _take()
    if st.session_state.run_recipe not in {CUSTOM, *known}:  # deleted, perhaps in another browser
        st.session_state.run_recipe = CUSTOM
    _follow_changes(known)
    origin = known.get(st.session_state.get("run_recipe_from", ""))
    sizes = {name: download_mb(recipe.config) for name, recipe in known.items()}

    titles = {name: recipe.title_in_words for name, recipe in known.items()}
    words = {n: with_download(title, sizes[n]) if sizes[n] else title for n, title in titles.items()}
    words[CUSTOM] = _("Custom (from {recipe})", recipe=origin.title_in_words) if origin else _(CUSTOM)
    st.selectbox(
        _(setting_named("recipe").label),
        [CUSTOM, *sorted(known, key=lambda name: bool(sizes[name]))],
        format_func=words.__getitem__,
        key="run_recipe",
        on_change=_take,
        persist_state="session",
    )
    _about(base(), origin)


def _follow_changes(known: dict[str, Recipe]) -> None:
    """Call settings custom that are a recipe's no more, and by the recipe's name when they are again."""
    state = st.session_state
    name = state.run_recipe
    if name in known:
        state.run_recipe_from = name
        if not is_recipe(known[name]):
            state.run_recipe = CUSTOM
    elif (origin := known.get(state.get("run_recipe_from", ""))) and is_recipe(origin):
        state.run_recipe = origin.name


def with_download(title: str, megabytes: float) -> str:
    """Return a title and how much has to be fetched for it."""
    return _("{title} · {size} MB download", title=title, size=f"{megabytes:,.0f}")


def download_mb(config: RunConfig) -> float:
    """Return what has to be fetched before a run with these settings: images and pretrained weights."""
    size = 0.0
    with suppress(CnnLabError):  # a dataset or a network that was deleted
        if not datasets.is_ready(config.dataset):
            size += datasets.get(config.dataset).download_mb
        weights = architectures.missing_weights(config.architecture)
        if weights and architectures.get(config.architecture).begins_pretrained(config.options):
            size += weights.megabytes
    return size


def _begin() -> None:
    """Fill in the first recipe, unless another page has handed over a choice that it would undo."""
    first = recipes.get(FIRST).config
    handed = RunConfig(lab().architecture, lab().dataset, augmentation=dict(lab().augmentation))
    if handed != RunConfig(first.architecture, first.dataset, augmentation=first.augmentation):
        with suppress(CnnLabError):  # a network that was deleted meanwhile
            begin_with(handed)
            suit_split()
            return
    st.session_state.run_recipe = FIRST
    fill_in(first)


def begin_with(config: RunConfig) -> None:
    """Fill the form with settings that are no recipe's, and go on from no run.

    Raises:
        ArchitectureError: the network is unknown; the form stays as it was.
    """
    fill_in(config)
    st.session_state.run_recipe = CUSTOM
    st.session_state.run_recipe_from = config.recipe
    st.session_state.pop("run_fork", None)


def base() -> Recipe | None:
    """Return the recipe whose settings the form holds, if any."""
    name = st.session_state.run_recipe
    return None if name == CUSTOM else next((r for r in recipes.list_recipes() if r.name == name), None)


def save_recipe() -> None:
    """Offer to keep the settings as a recipe, and to delete the chosen one where somebody saved it."""
    with st.popover(_("Save as a recipe"), icon=":material/bookmark_add:", key="save_as_recipe"):
        st.text_input(_("Name"), max_chars=60, key="recipe_title", placeholder=_("Hands, second lesson"))
        if st.button(_("Save"), key="save_recipe", type="primary"):
            _save()
    recipe = base()
    if recipe and recipe.is_own:
        may = allowed(recipe.owner, TO_DELETE)
        icon, what = ":material/delete:", (PLACE, _delete, recipe.name)
        st.button(_("Delete this recipe"), key="delete_recipe", icon=icon, on_click=attempt, args=what, **may)
    complain(PLACE)


def _save() -> None:
    try:
        saved = recipes.save(st.session_state.recipe_title, chosen())
    except CnnLabError as error:
        st.error(refusal(error))
    else:
        st.success(_("Saved: {title} is in the list of recipes now.", title=plain(saved.title)))


def _delete(name: str) -> None:
    recipes.delete(name)
    st.session_state.run_recipe = CUSTOM
    st.toast(_("The recipe is deleted; its settings are still in the form."))


def _about(recipe: Recipe | None, origin: Recipe | None) -> None:
    if recipe:
        st.caption(plain(recipe.in_words))
    elif origin and (changes := _changes(origin)):
        listed = _p("between the parts of a sentence", "; ").join(changes)
        st.caption(_("Changed from the recipe: {changes}.", changes=plain(listed)))


def _changes(origin: Recipe) -> list[str]:
    """Say the settings that differ from those of a recipe, at most some of them."""
    try:
        mine = chosen()
    except CnnLabError:
        return []
    settings = [known for name, known in all_settings().items() if name not in {"title", "recipe"}]
    differ = [known for known in settings if known.of(mine) != known.of(origin.config)]
    said = [
        f"{_(known.label)} {terms.said(known.name, known.of(origin.config), origin.config)} → "
        f"{terms.said(known.name, known.of(mine), mine)}"
        for known in differ[:CHANGES_TOLD]
    ]
    more = len(differ) - CHANGES_TOLD
    return said + ([_n("{n} more", "{n} more", more)] if more > 0 else [])


def _take() -> None:
    st.session_state.run_recipe_from = None
    if recipe := base():
        try:
            fill_in(recipe.config)
        except CnnLabError as error:  # its network is somebody's own, and gone
            st.session_state.run_recipe = CUSTOM
            st.toast(refusal(error), icon=":material/error:")
        else:
            st.session_state.pop("run_fork", None)
