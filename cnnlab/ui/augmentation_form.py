"""Augmentation as widgets: what the Data page previews and the Train page trains with."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from cnnlab.augmentation import RANGES, Augmentation

PRESETS = {
    "Off": ({}, "The images as they are."),
    "Hands": (
        {"flip": 1, "rotation": 10, "zoom": 0.1, "shift_x": 10 / 224, "shift_y": 10 / 224, "fill": "reflect"},
        "The VGG-16 lesson on rock, paper, scissors: 10°, zoom 10 %, flips, shifts of 10 pixels of 224.",
    ),
    "Small photos": (
        {"flip": 1, "shift_x": 0.125, "shift_y": 0.125},
        "The AlexNet lesson on CIFAR-10: flips, and shifts of an eighth, filled with black.",
    ),
    "Webcam": (
        {
            **{"flip": 1, "rotation": 20, "zoom": 0.2, "shift_x": 0.1, "shift_y": 0.1, "fill": "reflect"},
            **{"brightness": 0.15, "contrast": 0.3, "saturation": 0.3, "hue": 15},
        },
        "Unseen people, other rooms: both geometry and colours change.",
    ),
}
"""Settings for one click, and what they are good for."""

_SLIDERS = {
    "rotation": ("Rotation", 90, None),
    "zoom": ("Zoom", 0.5, None),
    "shift_x": ("Horizontal shift", 0.5, None),
    "shift_y": ("Vertical shift", 0.5, None),
    "crop": ("Random crop", 0.5, "So much of each side is cut away; the rest is enlarged."),
    "cutout": ("Cutout", 0.5, "Side of a black square somewhere in the image."),
    "brightness": ("Brightness", 0.5, None),
    "contrast": ("Contrast", 1.0, None),
    "saturation": ("Saturation", 1.0, "Gray images have none."),
    "hue": ("Hue", 90, "The colours turn about gray; 120° make red green. Gray images have none."),
}
"""Label, what the slider reaches to, and help."""

_FILLS = {"constant": "constant (black)", "reflect": "reflect"}


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
        "flip": int(left.toggle("Horizontal flip", key=f"{key}_flip", persist_state="session"))
    }
    with right:
        values["fill"] = _fill(key)
    for number, name in enumerate(_SLIDERS):
        with (left, right)[number % 2]:
            values[name] = _slider(name, current.get(name, 0), key)
    st.caption("Sampled uniformly in ± the range, per image and epoch.")
    chosen = Augmentation.from_dict(values).to_dict()
    st.session_state[f"{key}_returned"] = chosen
    return chosen


def _presets(key: str) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for name, (values, why) in PRESETS.items():
            icon = None if values else ":material/restart_alt:"
            st.button(
                name, icon=icon, help=why, key=f"{key}_preset_{name}", on_click=_fill_in, args=(values, key)
            )


def _slider(name: str, before: float, key: str) -> float:
    label, most, why = _SLIDERS[name]
    whole = name in ("rotation", "hue")
    kind = int if whole else float
    most = kind(max(most, before, st.session_state[f"{key}_{name}"]))
    value = st.slider(
        label,
        kind(0),
        min(most, kind(RANGES[name][0])),
        step=1 if whole else 0.01,
        format="%d°" if whole else "percent",
        help=why,
        key=f"{key}_{name}",
        persist_state="session",
    )
    if value == kind(before):
        return before
    return round(value, 2) if abs(value - round(value, 2)) < 1e-6 else value  # 0.3, not 0.30000000000000004


def _fill(key: str) -> str:
    chosen = st.segmented_control(
        "Fill mode",
        list(_FILLS),
        format_func=_FILLS.__getitem__,
        required=True,
        key=f"{key}_fill",
        persist_state="session",
    )
    return chosen or next(iter(_FILLS))


def _fill_in(values: Mapping[str, Any], key: str) -> None:
    chosen = Augmentation.from_dict(values)
    st.session_state[f"{key}_flip"] = bool(chosen.flip)
    st.session_state[f"{key}_fill"] = chosen.fill
    for name in _SLIDERS:
        kind = int if name in ("rotation", "hue") else float
        st.session_state[f"{key}_{name}"] = kind(getattr(chosen, name))
