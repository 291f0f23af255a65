"""What stands beside a scene: its formula, the terms explained, where it occurs."""

import re

import streamlit as st

from cnnlab import architectures
from cnnlab.errors import CnnLabError
from cnnlab.inspection.figures import LayerRow
from cnnlab.languages import _, _n, _p
from cnnlab.ui.architecture.inspected import Shown, inspected
from cnnlab.ui.architecture.scene import Scene
from cnnlab.ui.concepts.catalogue import of_layer
from cnnlab.ui.concepts.concept import Concept, nowhere
from cnnlab.ui.warm_up import need_tensorflow
from cnnlab.ui.wording import plain, refusal

_TEXT = re.compile(r"\\text\{([^}]*?)(\s*)\}")


def notes(concept: Concept) -> None:
    """Show the formula, the terms, and the networks with layers of this concept."""
    if concept.formula:
        st.latex(_worded(concept.formula))
    st.markdown("\n".join(f"- {_(term)}" for term in concept.terms))
    if concept.occurs is not nowhere or concept.activations:
        networks(concept)


def _worded(formula: str) -> str:
    """Return LaTeX with the words within it in the language of the page."""
    words = {
        "image": _p("in a formula", "image"),
        "batch": _p("in a formula", "batch"),
        "zeros": _p("in a formula", "zeros"),
        "max:": _p("in a formula", "max:"),
        "average:": _p("in a formula", "average:"),
        "conv:": _p("in a formula", "conv:"),
        "dense:": _p("in a formula", "dense:"),
        "field:": _p("in a formula", "field:"),
    }
    return _TEXT.sub(lambda found: rf"\text{{{words.get(found[1], found[1])}{found[2]}}}", formula)


@st.fragment
def networks(concept: Concept) -> None:
    """Offer, behind a fold, the first layer of this concept in each network."""
    key = f"concept_networks_{concept.name}"
    fold = st.popover(_("In which networks"), icon=":material/account_tree:", on_change="rerun", key=key)
    if not fold.open:
        return
    with fold:
        try:
            need_tensorflow()
            for name in architectures.built_in():
                _network(concept, name)
        except CnnLabError as error:
            st.error(refusal(error))


def _network(concept: Concept, name: str) -> None:
    scene = Scene.of(name)
    network = inspected(scene)
    rows = [row for row in network.rows if concept.has(row, network.settings.get(row.name, {}))]
    if not rows:
        return
    st.page_link(
        "pages/architecture.py",
        label=f"**{plain(_(architectures.get(name).title))}**: {_places(rows)}",
        query_params={**scene.address(), "layer": rows[0].name},
    )


def _places(rows: list[LayerRow]) -> str:
    """Name the first of some layers and count the others, as Markdown."""
    first = plain(rows[0].name)
    if len(rows) == 1:
        return first
    return _n("{layer} and {n} more", "{layer} and {n} more", len(rows) - 1, layer=first)


def concept_links(row: LayerRow, network: Shown) -> None:
    """Offer, beside a layer, the concepts that it is an example of, with the layer's own numbers."""
    chosen = network.settings.get(row.name, {})
    found = of_layer(row, chosen)
    if not found:
        return
    before = next((other for other in network.rows if row.inputs and other.name == row.inputs[0]), None)
    with st.container(horizontal=True, gap="small"):
        for concept in found:
            st.page_link(
                "pages/concepts.py",
                label=_("Concept: {title}", title=plain(_(concept.title))),
                icon=":material/calculate:",
                query_params={"concept": concept.name, **concept.prepared(row, before, chosen)},
            )
