"""``doctor``: is everything here that a lesson needs?"""

import argparse
from dataclasses import asdict
from typing import Any

from cnnlab import readiness
from cnnlab.cli.output import Answer, table
from cnnlab.cli.quiet import import_tensorflow
from cnnlab.readiness import Check


def add_to(verbs: Any) -> None:
    """Add the verb."""
    verbs.add_parser("doctor", help="check this machine before a lesson").set_defaults(verb=_doctor)


def _doctor(_: argparse.Namespace) -> Answer:
    checks = [
        readiness.python_version(),
        *readiness.libraries(),
        _device(),
        readiness.memory(),
        *readiness.cluster_answers(),
        readiness.workspace_check(),
        readiness.disk_space(),
        *readiness.weights(),
        readiness.data(),
        readiness.server_names(),
        readiness.fallback(),
        _camera(),
    ]
    broken = [check.name for check in checks if check.state == "broken"]
    failure = f"Something a lesson needs is broken: {', '.join(broken)}." if broken else ""
    rows = [(check.state, check.name, check.message) for check in checks]
    document = {"ok": not broken, "checks": [asdict(check) for check in checks]}
    return Answer(document, table(("state", "what", "finding"), rows), failure)


def _device() -> Check:
    try:
        import_tensorflow()
        from cnnlab.worker import devices

        return Check("device", "ok", str(devices.describe()))
    except Exception as error:  # a half-installed TensorFlow fails in any way it likes
        return Check("device", "broken", f"TensorFlow cannot be loaded: {error}")


def _camera() -> Check:
    return Check(
        "camera",
        "note",
        "Browsers open it on https and on localhost only: serve https as docs/install.md shows, and try it "
        "on the page Before class; elsewhere upload photos.",
    )
