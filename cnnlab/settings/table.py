"""The table of all settings, as the README shows it."""

from cnnlab.settings.declaration import NOTHING, Setting, declared
from cnnlab.settings.groups import GROUPS

HEAD = "| setting | option | values | default | what it does |\n|---|---|---|---|---|"
_KINDS = {int: "whole number", float: "number", str: "text", dict: "names with values"}


def markdown() -> str:
    """Return the table of all settings that can be typed, a bold row before each group."""
    lines = [HEAD]
    for title, group in GROUPS.items():
        lines.append(f"| **{title}** | | | | |")
        lines += [_row(known) for known in declared(group).values() if known.typed is not None]
    return "\n".join(lines) + "\n"


def _row(known: Setting) -> str:
    option = f"`--{known.name.replace('_', '-')}`"
    return f"| {known.label} | {option} | {_values(known)} | {_default(known)} | {known.help} |"


def _values(known: Setting) -> str:
    """Say what a setting may be: ``1 to 10,000``, ``area, bilinear``."""
    if known.choices:
        return ", ".join(f"`{value}`" for value in known.choices if value is not None)
    if known.kind is bool:
        return "on, off"
    if known.low is not None and known.high is not None:
        span = f"{'above ' if known.above else ''}{known.low:,} to {known.high:,}"
        return f"{span} {known.unit}".strip()
    return f"{_KINDS[known.items]}s" if known.kind is tuple else _KINDS[known.kind]


def _default(known: Setting) -> str:
    """Say what a setting is unasked."""
    value = known.default
    if value is None:
        return known.choices.get(None, known.none)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(f"{number:g}" for number in value) or NOTHING
    return f"{value:,}" if isinstance(value, int | float) else f"`{value}`" if value else NOTHING
