"""``export`` and ``open``: a run to take away, and a run that someone gives you."""

import argparse
import os
from pathlib import Path
from typing import Any

from cnnlab import exchange, runs
from cnnlab.cli.output import Answer, ProgressBar, table
from cnnlab.cli.quiet import import_tensorflow
from cnnlab.exchange import Export
from cnnlab.inference import accuracy_in_words


def add_to(verbs: Any) -> None:
    """Add the verbs of this group."""
    away = verbs.add_parser(
        "export", help="write the models of a run (Keras, TensorFlow Lite), history and ZIP"
    )
    away.add_argument("run", metavar="RUN")
    away.add_argument(
        "--to",
        metavar="DIR",
        type=Path,
        help="a folder that holds none of the files yet; default: the run's own",
    )
    away.set_defaults(verb=_export)

    arrived = verbs.add_parser("open", help="import a run from a run.zip; it is checked first")
    arrived.add_argument("zip", metavar="ZIP", type=Path)
    arrived.set_defaults(verb=_open)


def _export(arguments: argparse.Namespace) -> Answer:
    run = runs.get(arguments.run)
    keep_off_the_gpu()
    with ProgressBar() as bar:
        if arguments.to:
            made = exchange.export(run, arguments.to.expanduser().absolute(), bar)
        else:
            made = exchange.prepared(run, bar)
    return Answer(made.to_dict(), _summary(made))


def _open(arguments: argparse.Namespace) -> Answer:
    keep_off_the_gpu()
    with ProgressBar() as bar:
        run = exchange.open_run(arguments.zip.expanduser(), bar)
    return Answer({"run_id": run.id, "title": run.title}, f"Imported {run.title} as {run.id}.")


def keep_off_the_gpu() -> None:
    """Import TensorFlow without a GPU: a run may be using all of its memory."""
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    import_tensorflow()


def _summary(made: Export) -> str:
    rows = [
        (file.name, None if file.missing else file.size_bytes, file.missing or exchange.WHAT[file.name])
        for file in made.files
    ]
    lines = [f"In {made.folder}:", table(("file", "bytes", "what"), rows)]
    if found := made.agreement:
        lines.append(
            "int8 and float32 predict the same class for "
            f"{accuracy_in_words(found.agreement, found.n)} of the validation images. Accuracy of float32: "
            f"{accuracy_in_words(found.float_accuracy, found.n)}; of int8: "
            f"{accuracy_in_words(found.int8_accuracy, found.n)}."
        )
    elif made.unmeasured:
        lines.append(f"int8 could not be compared with float32: {made.unmeasured}")
    return "\n\n".join(lines)
