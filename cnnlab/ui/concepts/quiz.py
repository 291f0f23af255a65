"""Shape quiz: blanks in the layer table of a network. The seed in the address gives a class the same ones."""

from dataclasses import asdict
from typing import Any

import streamlit as st

from cnnlab import architectures
from cnnlab.errors import ArchitectureError
from cnnlab.languages import _, texts
from cnnlab.ui.architecture.inspected import inspected
from cnnlab.ui.architecture.scene import Scene
from cnnlab.ui.concepts import address
from cnnlab.ui.concepts.concept import Concept
from cnnlab.ui.concepts.questions import LEVELS, quiz
from cnnlab.ui.state import lab
from cnnlab.ui.warm_up import need_tensorflow

MOST_SEED = 9999
NETWORK, LEVEL, SEED = "arch", "level", "seed"
LEVEL_TITLES = texts({1: "Shapes", 2: "+ parameters", 3: "+ receptive field"})


def _supply() -> dict[str, Any]:
    """Ask for network, level and seed, and return the questions."""
    known, hide = architectures.names(), address.hidden()
    asked = st.query_params.get(NETWORK) or lab().architecture
    network = asked if asked in known else "lenet5"
    level, seed = _number(LEVEL, 1, max(LEVELS)), _number(SEED, 1, MOST_SEED)
    if NETWORK not in hide:
        _choose_network(network, known)
    if LEVEL not in hide:
        _choose_level(level)
    if SEED not in hide:
        _choose_seed(seed)
    need_tensorflow()
    table = inspected(Scene.of(network))
    questions = quiz(table.rows, table.settings, seed, level)
    return {
        "questions": [asdict(question) for question in questions],
        "network": _(architectures.get(network).title),
        "quiz": f"{network}/{level}/{seed}",
    }


def _number(name: str, least: int, most: int) -> int:
    """Return a number of the address that people may have typed."""
    text = st.query_params.get(name, "")
    return min(most, max(least, int(text))) if text.isascii() and text.isdigit() and len(text) < 7 else least


def _put(name: str, key: str) -> None:
    address.put(**{name: str(st.session_state[key])})


def _choose_network(network: str, known: tuple[str, ...]) -> None:
    st.session_state.quiz_network = network
    st.selectbox(
        _("Network"),
        known,
        format_func=_title,
        key="quiz_network",
        label_visibility="collapsed",
        width=220,
        on_change=_put,
        args=(NETWORK, "quiz_network"),
    )


def _title(name: str) -> str:
    try:
        return _(architectures.get(name).title)
    except ArchitectureError:  # deleted by somebody else while the page was drawn
        return name


def _choose_level(level: int) -> None:
    st.session_state.quiz_level = level
    st.segmented_control(
        _("Questions"),
        list(LEVELS),
        format_func=lambda level: _(LEVEL_TITLES[level]),
        key="quiz_level",
        required=True,
        label_visibility="collapsed",
        on_change=_put,
        args=(LEVEL, "quiz_level"),
        wrap=True,
    )


def _choose_seed(seed: int) -> None:
    st.session_state.quiz_seed = seed
    st.number_input(
        _("Quiz number"),
        1,
        MOST_SEED,
        step=1,
        key="quiz_seed",
        label_visibility="collapsed",
        width=130,
        on_change=_put,
        args=(SEED, "quiz_seed"),
    )


CONCEPT = Concept(
    name="quiz",
    title="Shape quiz",
    idea="Work out the missing numbers of the layer table; the address of this page gives everybody "
    "the same questions.",
    formula=r"\begin{aligned}\text{valid:}\;& \bigl\lfloor \tfrac{n-k'}{s} \bigr\rfloor + 1 \\"
    r"\text{same:}\;& \bigl\lceil \tfrac{n}{s} \bigr\rceil \\"
    r"\text{conv:}\;& F\,k_h k_w C + F \\ \text{dense:}\;& U\,N + U \\"
    r"\text{field:}\;& r + d\,(k-1)\,j\end{aligned}",
    terms=(
        "**Output**: rows × columns × channels, such as 28×28×6. Padding does not change the channels.",
        "**Parameters**: weights and biases, as $F$ filters, $C$ input channels (of a group), $U$ units, "
        "$N$ inputs. Batch norm has 4 per channel: γ, β, mean and variance.",
        "**Receptive field**: $r$ and jump $j$ of the layer's input are given.",
        "A right answer at once counts 1, at the second attempt ½; then the worked formula is shown.",
    ),
    supply=_supply,
)
