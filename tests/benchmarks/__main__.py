"""``python -m tests.benchmarks [NAME...] [--json] [--write FILE.md]``: every module with a ``run``."""

import argparse
import importlib
import json
import os
import pkgutil
import sys
import tempfile
import traceback
from contextlib import redirect_stdout
from pathlib import Path

from tests import benchmarks
from tests.benchmarks import report
from tests.benchmarks.result import Result

NOT_BENCHMARKS = {"__main__", "result", "report", "school", "sessions"}


def main() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    modules = {module.name for module in pkgutil.iter_modules(benchmarks.__path__)}
    names = sorted(modules - NOT_BENCHMARKS)
    parser = argparse.ArgumentParser("python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"of {', '.join(names)}; default: all")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument(
        "--write", metavar="FILE.md", type=Path, help="write the table; rows of other benchmarks stay"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(names):
        parser.error(f"no benchmark is called {min(unknown)}; choose from {', '.join(names)}")
    results: dict[str, list[Result]] = {}
    failed: dict[str, str] = {}
    for name in arguments.names or names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        try:
            results[name] = measure(name)
        except Exception as error:  # one that breaks must not end the others; it is told at the end
            traceback.print_exc()
            failed[name] = f"{type(error).__name__}: {error}".splitlines()[0]
        if not arguments.json:
            print(*results.get(name, ()), sep="\n", flush=True)
        if arguments.write:
            report.write(arguments.write, results)
    if arguments.json:
        print(json.dumps([result.to_dict() for found in results.values() for result in found], indent=2))
    for name, why in failed.items():
        print(f"{name} broke: {why}", file=sys.stderr)
    sys.exit(bool(failed))


def measure(name: str) -> list[Result]:
    """Run one benchmark in a workspace of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, redirect_stdout(sys.stderr):
        os.environ["CNNLAB_HOME"] = home
        found = importlib.import_module(f"{benchmarks.__name__}.{name}").run()
        return [found] if isinstance(found, Result) else list(found)


if __name__ == "__main__":
    main()
