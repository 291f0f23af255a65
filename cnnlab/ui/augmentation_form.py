"""Augmentation as widgets: what the Data page previews and the Train page trains with."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from cnnlab.augmentation import Augmentation
from cnnlab.languages import _, texts
from cnnlab.settings import AUGMENTATIONS, Setting

PRESETS = {
    texts("Off"): ({}, texts("The images as they are.")),
    texts("Hands"): (
        {"flip": 1, "rotation": 10, "zoom": 0.1, "shift_x": 10 / 224, "shift_y": 10 / 224, "fill": "reflect"},
        texts(
            "The VGG-16 lesson on rock, paper, scissors: 10°, zoom 10 %, flips, shifts of 10 pixels of 224."
        ),
    ),
    texts("Small photos"): (
        {"flip": 1, "shift_x": 0.125, "shift_y": 0.125},
        texts("The AlexNet lesson on CIFAR-10: flips, and shifts of an eighth, filled with black."),
    ),
    texts("Webcam"): (
        {
            **{"flip": 1, "rotation": 20, "zoom": 0.2, "shift_x": 0.1, "shift_y": 0.1, "fill": "reflect"},
            **{"brightness": 0.15, "contrast": 0.3, "saturation": 0.3, "hue": 15},
        },
        texts("Unseen people, other rooms: both geometry and colours change."),
    ),
}
"""Settings for one click, and what they are good for."""

_SLIDERS = {name: known for name, known in AUGMENTATIONS.items() if known.kind is float}


def augmentation_form(current: Mapping[str, Any], key: str) -> dict[str, float | str]:
    """Show the settings and return them as a person has them now.

    The caller keeps them: ``state = augmentation_form(state, key)``. A ``current`` that is not what was
    returned last (a recipe was chosen) fills the form anew.

    Args:
        current: as ``Augmentation.to_dict`` gives it.
        key: begins the keys of all widgets; one for each place where the form stands.
    """
    if st.session_state.get(f"{key}_returned") != dict(current):
        _fill_in(current, key)
    _presets(key)
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    values: dict[str, float | str] = {
        "flip": int(left.toggle(_(AUGMENTATIONS["flip"].label), key=f"{key}_flip", persist_state="session"))
    }
    with right:
        values["fill"] = _fill(key)
    for number, name in enumerate(_SLIDERS):
        with (left, right)[number % 2]:
            values[name] = _slider(name, current.get(name, 0), key)
    st.caption(_("Sampled uniformly in ± the range, per image and epoch."))
    chosen = Augmentation.from_dict(values).to_dict()
    st.session_state[f"{key}_returned"] = chosen
    return chosen


def _presets(key: str) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for name, (values, why) in PRESETS.items():
            icon = None if values else ":material/restart_alt:"
            st.button(
                _(name),
                icon=icon,
                help=_(why),
                key=f"{key}_preset_{name}",
                on_click=_fill_in,
                args=(values, key),
            )


def _slider(name: str, before: float, key: str) -> float:
    known = _SLIDERS[name]
    kind = _kind(known)
    most = kind(max(known.usual or 0, before, st.session_state[f"{key}_{name}"]))
    value = st.slider(
        _(known.label),
        kind(0),
        min(most, kind(known.high or 1)),
        step=known.step,
        format="%d°" if kind is int else "percent",
        help=_(known.help),
        key=f"{key}_{name}",
        persist_state="session",
    )
    if value == kind(before):
        return before
    return round(value, 2) if abs(value - round(value, 2)) < 1e-6 else value  # 0.3, not 0.30000000000000004


def _kind(known: Setting) -> type[int] | type[float]:
    """Return whether a slider goes by whole degrees or by parts of the whole."""
    return int if known.unit == "°" else float


def _fill(key: str) -> str:
    known = AUGMENTATIONS["fill"]
    words = {fill: _(said) for fill, said in known.choices.items()}
    chosen = st.segmented_control(
        _(known.label),
        list(words),
        format_func=words.__getitem__,
        required=True,
        key=f"{key}_fill",
        persist_state="session",
        wrap=True,
    )
    return chosen or known.default


def _fill_in(values: Mapping[str, Any], key: str) -> None:
    chosen = Augmentation.from_dict(values)
    st.session_state[f"{key}_flip"] = bool(chosen.flip)
    st.session_state[f"{key}_fill"] = chosen.fill
    for name, known in _SLIDERS.items():
        st.session_state[f"{key}_{name}"] = _kind(known)(getattr(chosen, name))
