"""What the Architecture page looks at: a network and its input. It lives in the page's address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from cnnlab import architectures
from cnnlab.errors import ArchitectureError
from cnnlab.ui.state import lab

LIMITS = {"height": (1, 1024), "width": (1, 1024), "channels": (1, 4), "classes": (2, 10_000)}


@dataclass(frozen=True)
class Scene:
    """A network at an input; its address is what a teacher sends around: ``?arch=lenet5&input=32x32x3``."""

    architecture: str
    input_shape: architectures.Shape
    classes: int
    layer: str | None = None

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
        scene = cls.of(address["arch"])
        size, classes = address.get("input"), address.get("classes", str(scene.classes))
        if size is None:
            size = "x".join(map(str, scene.input_shape))
        if not re.fullmatch(r"\d{1,4}x\d{1,4}x\d", size) or not re.fullmatch(r"\d{1,5}", classes):
            raise ArchitectureError(
                "This address has an input or class count that is not like 32x32x3 and 10."
            )
        shape = tuple(map(int, size.split("x")))
        for number, (name, (least, most)) in zip((*shape, int(classes)), LIMITS.items(), strict=True):
            if not least <= number <= most:
                raise ArchitectureError(f"This address asks for {name} {number}; take {least} to {most:,}.")
        return cls(scene.architecture, shape, int(classes), address.get("layer"))

    def address(self) -> dict[str, str]:
        """Return the query parameters that restore this scene."""
        size = "x".join(map(str, self.input_shape))
        layer = {"layer": self.layer} if self.layer else {}
        return {"arch": self.architecture, "input": size, "classes": str(self.classes), **layer}


def scene() -> Scene:
    """Return what the page looks at: by its address, else as this browser left it, else the chosen network.

    Raises:
        ArchitectureError: the address means nothing; the next call starts afresh.
    """
    if "arch" in st.query_params:
        try:
            return Scene.at(st.query_params)
        except ArchitectureError:
            st.query_params.clear()
            raise
    remembered = st.session_state.get("scene")
    return (
        remembered
        if remembered and remembered.architecture == lab().architecture
        else Scene.of(lab().architecture)
    )


def look_at(seen: Scene) -> None:
    """Put a scene into the page's address and remember it for the pages to come."""
    st.query_params.from_dict(seen.address())
    st.session_state.scene = seen
    lab().architecture = seen.architecture


def scene_form(seen: Scene) -> None:
    """Show the choices of network, input and classes; a change looks at another scene at once."""
    network, *numbers = st.columns([3, 1, 1, 1, 1], vertical_alignment="bottom")
    st.session_state.scene_architecture = seen.architecture
    network.selectbox(
        "Network",
        architectures.names(),
        format_func=lambda name: "{0.title} ({0.year})".format(architectures.get(name)),
        key="scene_architecture",
        on_change=_take_network,
    )
    for column, field, value in zip(numbers, LIMITS, (*seen.input_shape, seen.classes), strict=True):
        st.session_state[f"scene_{field}"] = value
        column.number_input(
            field.capitalize(), *LIMITS[field], step=1, key=f"scene_{field}", on_change=_take_input
        )


def _take_network() -> None:
    look_at(Scene.of(st.session_state.scene_architecture))


def _take_input() -> None:
    *shape, classes = (st.session_state[f"scene_{field}"] for field in LIMITS)
    look_at(Scene(st.session_state.scene_architecture, tuple(shape), classes, st.query_params.get("layer")))
