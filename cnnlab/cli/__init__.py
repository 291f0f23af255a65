"""The command line. Each verb takes the parsed arguments and returns an ``Answer``; only ``main`` prints.

Exit status: 0 done, 1 what was asked for failed (one line on standard error), 2 bad usage. With ``--json``
standard output is one JSON document and nothing else. TensorFlow loads only in the verbs that need it.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout

from cnnlab import __version__, machine, strict_json
from cnnlab.cli import (
    asking,
    catalogue,
    doctor,
    experiments,
    export,
    inside,
    lessons,
    networks,
    running,
    trained,
)
from cnnlab.cli.output import Answer, show_any_name
from cnnlab.errors import CnnLabError
from cnnlab.plain_text import one_line, showable


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    machine.keep_to_granted_cores()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    show_any_name()
    arguments = parser().parse_args(argv)
    try:
        with redirect_stdout(sys.stderr):  # Keras and downloads print; standard output is for the answer
            answer = arguments.verb(arguments)
    except CnnLabError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("Interrupted.")
    _print(answer, arguments.json)
    return _fail(answer.failure) if answer.failure else 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
    top = argparse.ArgumentParser(
        "cnnlab", description="Train convolutional networks, inspect them, and predict with them."
    )
    top.add_argument("--version", action="version", version=f"cnnlab {__version__}")
    verbs = top.add_subparsers(required=True, metavar="VERB")
    groups = (
        networks,
        catalogue,
        running,
        trained,
        experiments,
        lessons,
        asking,
        inside,
        export,
        doctor,
    )
    for group in groups:
        group.add_to(verbs)
    for verb in verbs.choices.values():
        verb.add_argument("--json", action="store_true", help="print one JSON document")
    return top


def _print(answer: Answer, as_json: bool) -> None:
    text = strict_json.dumps(answer.document, indent=2) if as_json else showable(answer.text)
    try:
        print(text, flush=True)
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(sentence: str) -> int:
    print("cnnlab:", one_line(sentence), file=sys.stderr)
    return 1
