"""``architectures`` and ``inspect``: the networks, and every layer of one."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from cnnlab import architectures, inspection
from cnnlab.cli.output import Answer, table
from cnnlab.cli.quiet import import_tensorflow
from cnnlab.errors import ArchitectureError

FACTS = ("name", "title", "year", "paper", "summary", "min_size", "options", "choices")


def add_to(verbs: Any) -> None:
    """Add the verbs of this group."""
    listing = verbs.add_parser("architectures", help="list the networks")
    listing.set_defaults(verb=_architectures)

    inspect = verbs.add_parser("inspect", help="show every layer of a network")
    inspect.add_argument("architecture", metavar="ARCH")
    inspect.add_argument("--input", type=_shape, metavar="HxWxC", help="input shape, such as 32x32x3")
    inspect.add_argument("--classes", type=int, metavar="N", help="number of classes")
    inspect.add_argument("--layer", metavar="NAME", help="with --unit: the layer the unit is in")
    inspect.add_argument("--unit", type=_unit, metavar="ROW,COL", help="show this unit's receptive field")
    inspect.set_defaults(verb=_inspect, usage_error=inspect.error)


def _architectures(arguments: argparse.Namespace) -> Answer:
    import_tensorflow()
    networks = [architectures.get(name) for name in architectures.names()]
    header = ("name", "title", "year", "at", "parameters", "receptive field", "what")
    rows, document = [], []
    for network in networks:
        at = _figures(network)
        shape = f"{_dimensions(at.input_shape)}, {at.num_classes}"
        year = "own" if network.definition else str(network.year)
        figures = (at.total_params, at.receptive_field)
        rows.append((network.name, network.title, year, shape, *figures, network.summary))
        facts = {name: getattr(network, name) for name in FACTS}
        definition = network.definition.to_dict() if network.definition else None
        document.append(facts | {"reference": asdict(at), "definition": definition})
    return Answer(document, table(header, rows))


def _figures(network: architectures.Architecture) -> architectures.Reference:
    """Return the published figures of a network, of a person's own the computed ones."""
    at = network.reference
    if not network.definition:
        return at
    try:
        rows = inspection.layer_table(
            inspection.shape_only_model(network.name, at.input_shape, at.num_classes)
        )
    except ArchitectureError:
        return at
    totals = inspection.Totals.of(rows)
    field = totals.receptive_field[0] if totals.receptive_field else None
    return replace(
        at, total_params=totals.params, trainable_params=totals.trainable_params, receptive_field=field
    )


def _inspect(arguments: argparse.Namespace) -> Answer:
    if (arguments.layer is None) != (arguments.unit is None):
        arguments.usage_error("--layer and --unit go together")
    import_tensorflow()
    report = inspection.report(
        arguments.architecture,
        arguments.input,
        arguments.classes,
        layer=arguments.layer,
        unit=arguments.unit or (0, 0),
    )
    return Answer(report, _summary(report, arguments))


def _summary(report: dict[str, Any], arguments: argparse.Namespace) -> str:
    header = ("layer", "type", "output", "parameters", "MACs", "kernel", "stride", "receptive field", "jump")
    rows = [
        (
            *(row["name"], row["type"], _dimensions(row["output_shape"]), row["params"], row["macs"]),
            *(_dimensions(row[key]) for key in ("kernel_size", "strides", "receptive_field")),
            _dimensions(row["effective_stride"]),
        )
        for row in report["layers"]
    ]
    parts = [
        f"{report['architecture']} on {_dimensions(report['input_shape'])}",
        table(header, rows),
        f"{report['total_params']:,} parameters, {report['trainable_params']:,} trainable; "
        + ("MACs unknown" if report["macs"] is None else f"{report['macs']:,} MACs per image"),
    ]
    if "box" in report:
        top, left, bottom, right = report["box"]
        row, column = arguments.unit
        parts.append(
            f"Receptive field of unit {row},{column} of {arguments.layer}: input rows {top} to {bottom - 1}, "
            f"columns {left} to {right - 1}."
        )
    return "\n\n".join(parts)


def _dimensions(shape: Sequence[int] | None) -> str | None:
    return None if shape is None else "×".join(map(str, shape))


def _shape(text: str) -> tuple[int, int, int]:
    if not (match := re.fullmatch(r"(\d+)x(\d+)x(\d+)", text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not HxWxC, such as 32x32x3")
    return int(match[1]), int(match[2]), int(match[3])


def _unit(text: str) -> tuple[int, int]:
    if not (match := re.fullmatch(r"(\d+),(\d+)", text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not ROW,COL, such as 3,4")
    return int(match[1]), int(match[2])
