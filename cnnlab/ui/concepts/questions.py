"""The shape quiz: numbers of a layer table that a student works out, each with its worked formula."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.inspection.figures import LayerRow
from cnnlab.languages import _, _p

QUESTIONS = 6
OUTPUT, PARAMETERS, FIELD = "output", "parameters", "field"
LEVELS: dict[int, tuple[str, ...]] = {
    1: (OUTPUT,),
    2: (OUTPUT, PARAMETERS),
    3: (OUTPUT, PARAMETERS, FIELD),
}
"""What is asked for at each level."""
_SLIDING = ("Conv2D", "DepthwiseConv2D", "MaxPooling2D", "AveragePooling2D")


@dataclass(frozen=True)
class Question:
    """A blank of the table: what is asked of a layer, and how it is worked out.

    Attributes:
        layer: its name.
        what: the layer in words, with its settings.
        given: the shape of its input; for a receptive field also that of its input and its jump.
        asks: ``OUTPUT``, ``PARAMETERS`` or ``FIELD``.
        answer: rows, columns and channels of an output, else one number.
        formula: worked out, with the result.
    """

    layer: str
    what: str
    given: str
    asks: str
    answer: tuple[int, ...]
    formula: str


def quiz(
    rows: Sequence[LayerRow], settings: Mapping[str, Mapping[str, Any]], seed: int, level: int
) -> list[Question]:
    """Return the questions of a seed, in the order of the layers: the same ones for everybody.

    Fewer than ``QUESTIONS`` where the network has no more that differ.
    """
    place = {row.name: number for number, row in enumerate(rows)}
    left = {asks: list(_asked(rows, settings, asks)) for asks in LEVELS[level]}
    for questions in left.values():
        questions.sort(key=lambda question: _drawn(seed, question))
    found: list[Question] = []
    seen: set[tuple[str, str]] = set()
    while len(found) < QUESTIONS and any(left.values()):
        for questions in left.values():
            if questions and len(found) < QUESTIONS:
                question = questions.pop(0)
                if (question.asks, question.formula) not in seen:
                    seen.add((question.asks, question.formula))
                    found.append(question)
    return sorted(found, key=lambda question: place[question.layer])


def _drawn(seed: int, question: Question) -> bytes:
    """Return what questions are sorted by: the same on every machine."""
    return hashlib.sha256(f"{seed}/{question.layer}/{question.asks}".encode()).digest()


def _asked(
    rows: Sequence[LayerRow], settings: Mapping[str, Mapping[str, Any]], asks: str
) -> Iterator[Question]:
    by_name = {row.name: row for row in rows}
    for row in rows:
        before = by_name.get(row.inputs[0]) if row.inputs else None
        if before is None:
            continue
        chosen = settings.get(row.name, {})
        what, given = _said(row, chosen), _times(before.output_shape)
        if asks == OUTPUT and row.shape_formula and row.type in (*_SLIDING, "Flatten"):
            formula = _shape(row, chosen)
            yield Question(row.name, what, given, asks, row.output_shape, formula)
        elif asks == PARAMETERS and row.params and row.parameter_formula:
            yield Question(row.name, what, given, asks, (row.params,), row.parameter_formula)
        elif asks == FIELD and (formula := _field(row, before, chosen)):
            assert before.receptive_field and before.effective_stride and row.receptive_field
            known = f"{given}; r = {before.receptive_field[0]}, j = {before.effective_stride[0]}"
            yield Question(row.name, what, known, asks, row.receptive_field[:1], formula)


def _shape(row: LayerRow, chosen: Mapping[str, Any]) -> str:
    if len(row.output_shape) != 3:
        return row.shape_formula
    channels = row.output_shape[2]
    if row.type == "Conv2D":
        return _("{formula}; {n} filters make {n} channels", formula=row.shape_formula, n=channels)
    return _("{formula}; the {n} channels stay", formula=row.shape_formula, n=channels)


def _field(row: LayerRow, before: LayerRow, chosen: Mapping[str, Any]) -> str:
    """Return the receptive field worked out from that of the input; empty where that is not all."""
    if row.type not in _SLIDING or len(row.inputs) != 1 or not row.kernel_size:
        return ""
    if not (row.receptive_field and before.receptive_field and before.effective_stride):
        return ""
    size, jump = before.receptive_field[0], before.effective_stride[0]
    kernel, dilation = row.kernel_size[0], int(chosen.get("dilation_rate", 1))
    if size + dilation * (kernel - 1) * jump != row.receptive_field[0]:
        return ""
    spread = f"{dilation}×" if dilation > 1 else ""
    return f"{size} + {spread}({kernel} − 1)×{jump} = {row.receptive_field[0]}"


def _said(row: LayerRow, chosen: Mapping[str, Any]) -> str:
    """Say a layer with all that a student needs to know."""
    words: list[str] = []
    if row.kernel_size:
        words.append(_times(row.kernel_size))
    if row.type == "Conv2D":
        words.append(_("{n} filters", n=row.output_shape[-1]))
    if row.type == "Dense":
        words.append(_("{n} units", n=row.output_shape[-1]))
    if row.strides and max(row.strides) > 1:
        words.append(_("stride {n}", n=row.strides[0]))
    if (dilation := chosen.get("dilation_rate", 1)) != 1:
        words.append(_("dilation {n}", n=dilation))
    if (groups := chosen.get("groups", 1)) != 1:
        words.append(_("groups {n}", n=groups))
    if row.padding:
        words.append(_("padding {kind}", kind=row.padding))
    if row.type in ("Conv2D", "DepthwiseConv2D", "Dense") and row.params:
        words.append(_("with biases") if " + " in row.parameter_formula else _("without biases"))
    return f"{row.type} {_p('between the settings of a layer', ', ').join(words)}".strip()


def _times(sizes: Sequence[int]) -> str:
    return "×".join(f"{size:,}" for size in sizes)
