"""JSON as other programs read it: NaN and infinity, which it has no words for, are written as null.

Everything that is printed for programs or kept in a file is written here. Python's own ``json`` writes
``NaN``, and then neither a browser nor ``jq`` reads the document.
"""

import json
import math
from typing import Any


def dumps(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON; numbers that are not finite become null, wherever they are.

    Raises:
        TypeError: it holds what JSON cannot.
    """
    try:
        return json.dumps(value, indent=indent, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_finite_key(key): _finite(inner) for key, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list | tuple) else value


def _finite_key(key: Any) -> Any:
    """Return a key; of one that is not finite, Python's word for it as a text."""
    return str(key) if isinstance(key, float) and not math.isfinite(key) else key
