"""What the Architecture page looks at: a network, its input, its edits; it lives in the page's address."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import streamlit as st

from cnnlab import architectures
from cnnlab.architectures.own.edit import Edit
from cnnlab.errors import ArchitectureError
from cnnlab.languages import _, texts
from cnnlab.settings import Setting, option_named
from cnnlab.ui.state import Lab, lab
from cnnlab.ui.wording import plain

MOST_OPTION = 99
MOVED_ON = "scene_moved_on"
FIELD_PIXELS, OPTION_PIXELS = 150, 230
FIELDS = texts({"height": "Height", "width": "Width", "channels": "Channels", "classes": "Classes"})
NOUNS = texts(("height", "width", "channels", "classes"))
LIMITS = {"height": (1, 1024), "width": (1, 1024), "channels": (1, 4), "classes": (2, 10_000)}


@dataclass(frozen=True)
class Scene:
    """A network at an input; its address is what a teacher sends around: ``?arch=lenet5&input=32x32x3``."""

    architecture: str
    input_shape: architectures.Shape
    classes: int
    layer: str | None = None
    options: tuple[tuple[str, int | str], ...] = ()
    edits: tuple[Edit, ...] = ()

    @classmethod
    def of(cls, name: str) -> "Scene":
        """Return a network at the input of its reference."""
        reference = architectures.get(name).reference
        return cls(name, reference.input_shape, reference.num_classes)

    @classmethod
    def at(cls, address: Mapping[str, str]) -> "Scene":
        """Return the scene of an address that people may have typed.

        Raises:
            ArchitectureError: a part of the address means nothing.
        """
        usual = cls.of(address["arch"])
        size = address.get("input", "x".join(map(str, usual.input_shape)))
        classes = address.get("classes", str(usual.classes))
        if not re.fullmatch(r"\d{1,4}x\d{1,4}x\d", size) or not re.fullmatch(r"\d{1,5}", classes):
            raise ArchitectureError(
                "This address has an input or class count that is not like 32x32x3 and 10."
            )
        height, width, channels = map(int, size.split("x"))
        shape = (height, width, channels)
        for number, noun in zip((*shape, int(classes)), NOUNS, strict=True):
            least, most = LIMITS[noun]
            if not least <= number <= most:
                raise ArchitectureError(f"This address asks for {noun} {number}; take {least} to {most:,}.")
        known = architectures.get(usual.architecture).options
        options = tuple((name, _value(address[name])) for name in known if name in address)
        for name, value in options:
            if type(value) is not type(known[name]) or (isinstance(value, int) and value > MOST_OPTION):
                raise ArchitectureError(f"This address has no possible value for {name}.")
        edits = tuple(Edit.parsed(text) for text in address.get("edit", "").split("~") if text)
        return cls(usual.architecture, shape, int(classes), address.get("layer") or None, options, edits)

    def address(self) -> dict[str, str]:
        """Return the query parameters that restore this scene."""
        size = "x".join(map(str, self.input_shape))
        found = {"arch": self.architecture, "input": size, "classes": str(self.classes)}
        found |= {name: str(value) for name, value in self.options}
        if self.layer:
            found["layer"] = self.layer
        if self.edits:
            found["edit"] = "~".join(map(str, self.edits))
        return found

    def edited(self, layer: str, setting: str, value: int | float | str | None) -> "Scene":
        """Return the scene with a layer's setting changed; the value None takes the change back."""
        others = tuple(edit for edit in self.edits if edit[:2] != (layer, setting))
        return replace(
            self, edits=others if value is None else (*others, Edit(layer, setting, value)), layer=layer
        )


def _value(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) <= 4 else text


def asked() -> Scene:
    """Return what the page looks at: by its address, else as this browser left it, else the chosen network.

    Raises:
        ArchitectureError: the address means nothing; the next call starts afresh.
    """
    st.session_state.pop(MOVED_ON, None)
    if "arch" in st.query_params:
        try:
            return Scene.at(st.query_params)
        except ArchitectureError:
            st.query_params.clear()
            raise
    remembered = st.session_state.get("scene")
    if remembered and remembered.architecture == lab().architecture:
        return remembered
    try:
        return Scene.of(lab().architecture)
    except ArchitectureError:
        lab().architecture = Lab.architecture
        raise


def usual() -> Scene:
    """Return what the page shows in place of an address that means nothing."""
    return last_that_fitted() or Scene.of(Lab.architecture)


def look_at(seen: Scene) -> None:
    """Put a scene into the page's address and remember it for the pages to come."""
    st.query_params.from_dict(seen.address())
    remember(seen)
    st.session_state[MOVED_ON] = True


def follow_scene() -> None:
    """Run the whole page, where a part of it that runs by itself has put another scene into the address."""
    if st.session_state.get(MOVED_ON):
        st.rerun(scope="app")


def remember(seen: Scene) -> None:
    """Keep a scene for the pages to come."""
    st.session_state.scene = seen
    lab().architecture = seen.architecture


def network_form(seen: Scene) -> None:
    """Show the choice of network; another one is looked at at once."""
    st.session_state.scene_architecture = seen.architecture
    st.selectbox(
        _("Network"),
        architectures.names(),
        format_func=_said,
        key="scene_architecture",
        on_change=_take_network,
    )


def input_form(seen: Scene) -> None:
    """Show the choices of input, classes and what else the network has; a change looks at another scene."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="scene_input"):
        for field, value in zip(LIMITS, (*seen.input_shape, seen.classes), strict=True):
            st.session_state[f"scene_{field}"] = value
            st.number_input(
                _(FIELDS[field]),
                *LIMITS[field],
                step=1,
                width=FIELD_PIXELS,
                key=f"scene_{field}",
                on_change=_take_input,
                args=(seen,),
            )
        options_form(seen)


def _said(name: str) -> str:
    try:
        facts = architectures.get(name)
    except ArchitectureError:  # deleted by somebody else while the page was drawn
        return name
    return f"{title_in_words(facts)} ({facts.year or _('own')})"


def title_in_words(facts: architectures.Architecture) -> str:
    """Return what people call a network; a name that a person gave is the same in every language."""
    return facts.title if facts.definition else _(facts.title)


def headline(architecture: architectures.Architecture) -> None:
    """Say what a network is, and where to read on."""
    paper = f" [{_('Paper')}]({architecture.paper})" if architecture.paper else ""
    st.markdown(f":small[{plain(_(architecture.summary))}{paper}]")


def keep(seen: Scene) -> None:
    """Remember a scene whose network fits, for ``last_that_fitted``."""
    st.session_state.scene_that_fits = seen


def last_that_fitted() -> Scene | None:
    """Return the last scene of this browser whose network fits."""
    return st.session_state.get("scene_that_fits")


def way_back() -> None:
    """Offer the last network that did fit, where there is one."""
    if fitting := last_that_fitted():
        st.button(_("Go back"), icon=":material/undo:", on_click=look_at, args=(fitting,))


def now(seen: Scene) -> Scene:
    """Return a scene with the layer that the address has by now: a part of the page may have changed it."""
    if st.query_params.get("arch") != seen.architecture:
        return seen
    return replace(seen, layer=st.query_params.get("layer"))


def choose_layer(seen: Scene, layer: str) -> None:
    """Put another layer into the page's address; only the part of the page that asked runs again."""
    seen = replace(seen, layer=layer)
    st.query_params.from_dict(seen.address())
    remember(seen)


def options_form(seen: Scene) -> None:
    """Show the named choices of a network that change what is computed here, where it has any."""
    facts = architectures.get(seen.architecture)
    shown = facts.shape_options
    for name, default in shown.items():
        key, term = f"scene_option_{name}", option_named(name)
        st.session_state[key] = dict(seen.options).get(name, default)
        if name in facts.choices:
            st.segmented_control(
                _(term.label),
                facts.choices[name],
                format_func=_said_by(term),
                key=key,
                required=True,
                wrap=True,
                on_change=_take_option,
                args=(seen, name),
            )
        else:
            st.number_input(
                _(term.label),
                0,
                MOST_OPTION,
                step=1,
                key=key,
                width=OPTION_PIXELS,
                on_change=_take_option,
                args=(seen, name),
            )


def _said_by(term: Setting) -> Callable[[str], str]:
    return lambda value: _(term.said(value))


def _take_option(seen: Scene, name: str) -> None:
    seen = now(seen)
    chosen = dict(seen.options) | {name: st.session_state[f"scene_option_{name}"]}
    look_at(replace(seen, options=tuple(chosen.items())))


def _take_network() -> None:
    look_at(Scene.of(st.session_state.scene_architecture))


def _take_input(seen: Scene) -> None:
    seen = now(seen)
    *shape, classes = (st.session_state[f"scene_{field}"] for field in LIMITS)
    look_at(replace(seen, input_shape=tuple(shape), classes=classes))
