"""``python -m tests.benchmarks [NAME...] [--json]``: every module of this folder that has a ``run``."""

import argparse
import importlib
import json
import os
import pkgutil
import sys
import tempfile
from contextlib import redirect_stdout

from tests import benchmarks
from tests.benchmarks.result import Result


def main() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    modules = {module.name for module in pkgutil.iter_modules(benchmarks.__path__)}
    names = sorted(modules - {"__main__", "result"})
    parser = argparse.ArgumentParser("python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"of {', '.join(names)}; default: all")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(names):
        parser.error(f"no benchmark is called {min(unknown)}; choose from {', '.join(names)}")
    results = []
    for name in arguments.names or names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        found = measure(name)
        results += found
        if not arguments.json:
            print(*found, sep="\n", flush=True)
    if arguments.json:
        print(json.dumps([result.to_dict() for result in results], indent=2))


def measure(name: str) -> list[Result]:
    """Run one benchmark in a workspace of its own."""
    with tempfile.TemporaryDirectory() as home, redirect_stdout(sys.stderr):
        os.environ["CNNLAB_HOME"] = home
        found = importlib.import_module(f"{benchmarks.__name__}.{name}").run()
    return [found] if isinstance(found, Result) else list(found)


if __name__ == "__main__":
    main()
