"""The table of all benchmarks as Markdown, with the machine it was measured on."""

import os
import platform
import re
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.result import Result

HEAD = """# Benchmarks

Both sides are measured in one run on one machine, by `python -m tests.benchmarks --write docs/benchmarks.md`.
Compare the two sides of a row; between rows, and between days, the machine may have been quicker or slower.
"""
COLUMNS = "| what | measured | beside it | ratio | aim | |\n|---|---|---|---|---|---|\n"


def write(path: Path, results: Mapping[str, Sequence[Result]]) -> None:
    """Write the rows of these benchmarks; those of others, measured before, stay as they stand."""
    sections = kept(path) | {name: section(name, rows) for name, rows in results.items() if rows}
    path.write_text(HEAD + "".join(f"\n{sections[name]}" for name in sorted(sections)), encoding="utf-8")


def section(name: str, rows: Sequence[Result]) -> str:
    """Return a benchmark as a heading, where and when it was measured, and a table."""
    table = "".join(row(result) for result in rows)
    return f"## {name}\n\n{machine()}\n\n{COLUMNS}{table}"


def row(result: Result) -> str:
    """Return one line of the table."""
    ratio = "–" if result.ratio is None else f"{result.ratio:.3g}"
    return (
        f"| {result.name} | **{result.ours:,.4g} {result.unit}**: {result.ours_is} "
        f"| {result.other:,.4g} {result.unit}: {result.other_is} "
        f"| {ratio} | {result.aim} | {'met' if result.met else 'missed'} |\n"
    )


def machine() -> str:
    """Say on what was measured, and when."""
    try:
        cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())[1]
    except (OSError, TypeError):
        cpu = platform.processor() or platform.machine()
    versions = ", ".join(f"{name} {version(name)}" for name in ("streamlit", "tensorflow", "keras"))
    return (
        f"{time.strftime('%Y-%m-%d')}, {cpu}, {os.cpu_count()} cores, no GPU used, "
        f"Python {platform.python_version()}, {versions}."
    )


def kept(path: Path) -> dict[str, str]:
    """Return the sections of a table that was written before."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return {}
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    return {part.splitlines()[0].removeprefix("## "): part.rstrip() + "\n" for part in parts}
