"""The texts that stand in the code: what is marked with ``_``, raised as an error, or declared."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract_javascript

from cnnlab import errors
from cnnlab.languages.catalogues import SCRIPTS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("app.py", "pages", "cnnlab")
LEFT_OUT = ("cli", "languages", "worker", "cluster")
"""Parts of cnnlab that speak English only."""
MARKS = ("_", "_n", "_p")
DECLARED: dict[str, tuple[int | str, ...]] = {
    "Arm": (0,),
    "Experiment": ("title", "claim", "claimed_by", "look_for", "lesson"),
    "texts": (0,),
}
"""Calls whose arguments are texts that pages show: the places and names of these arguments."""
ERRORS = tuple(
    name for name, found in vars(errors).items() if isinstance(found, type) and issubclass(found, Exception)
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_WORD = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True)
class Found:
    """A text in the code: singular and plural or one form, its context, and whether pages recognise it."""

    text: tuple[str, ...]
    path: str
    context: str | None = None
    is_sentence: bool = False


def catalogue_of(path: str) -> str:
    """Return the name of the catalogue of a file, by the part of the code that it stands in."""
    match Path(path).with_suffix("").parts:
        case ("pages", page):
            return f"page-{page}"
        case ("cnnlab", "ui", "frontend", script, *_):
            return f"{SCRIPTS}{script}"
        case ("cnnlab", "ui", part, _, *_):
            return part
        case ("cnnlab", "ui", _) | ("app",):
            return "frame"
        case ("cnnlab", part, _, *_):
            return part
    return "cnnlab"


def everything() -> Iterator[Found]:
    """Yield each text of the code, file after file."""
    for source in SOURCES:
        path = ROOT / source
        for file in [path] if path.is_file() else sorted([*path.rglob("*.py"), *path.rglob("*.js")]):
            name = file.relative_to(ROOT).as_posix()
            if not any(name.startswith(f"cnnlab/{part}") for part in LEFT_OUT):
                yield from of_script(file, name) if file.suffix == ".js" else of_module(file, name)


def of_script(file: Path, name: str) -> Iterator[Found]:
    """Yield the texts of a script of the browser: ``t("Step {n}", { n })``."""
    with file.open("rb") as opened:
        for _line, _function, text, _comments in extract_javascript(
            opened, {"t": None}, (), {"encoding": "utf-8", "template_string": False, "jsx": False}
        ):
            yield Found((text if isinstance(text, str) else text[0],), name)


def of_module(file: Path, name: str) -> Iterator[Found]:
    """Yield the texts of a module."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in MARKS:
            yield _marked(node, called, name)
        elif called in ERRORS and node.args:
            yield from (Found((text,), name, is_sentence=True) for text in _sentences(node.args[0]))
        elif called in DECLARED:
            for argument in _declared(node, DECLARED[called]):
                yield from (Found((text,), name, is_sentence=True) for text in _sentences(argument))


def _marked(node: ast.Call, called: str, name: str) -> Found:
    given = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    texts = tuple(text for text in given if isinstance(text, str))
    expected = {"_": 1, "_n": 2, "_p": 2}[called]
    if len(texts) < expected:
        # a text that is declared elsewhere is looked up by what it is: _(setting.label)
        return Found((), name)
    if called == "_p":
        return Found(texts[1:2], name, context=texts[0])
    return Found(texts[:expected], name)


def _declared(node: ast.Call, wanted: tuple[int | str, ...]) -> Iterator[ast.expr]:
    for number, argument in enumerate(node.args):
        if number in wanted:
            yield argument
    for keyword in node.keywords:
        if keyword.arg in wanted:
            yield keyword.value


def _sentences(node: ast.expr) -> Iterator[str]:
    """Yield the texts of an expression: f-strings with a place for each value, both sides of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORD.search(node.value):
        yield node.value.strip()
    elif isinstance(node, ast.JoinedStr):
        text = _template(node)
        if _WORD.search(re.sub(r"\{\w*\}", "", text)):
            yield text.strip()
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _sentences(part.value)
    elif isinstance(node, ast.IfExp):
        yield from _sentences(node.body)
        yield from _sentences(node.orelse)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _sentences(value)
    elif isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from _sentences(item)
    elif isinstance(node, ast.Lambda):
        yield from _sentences(node.body)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _sentences(value)


def _template(node: ast.JoinedStr) -> str:
    names: list[str] = []
    parts: list[str] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value).replace("{", "").replace("}", ""))
        elif isinstance(part, ast.FormattedValue):
            words = _NAME.findall(ast.unparse(part.value))
            name = words[-1] if words else "value"
            while name in names:
                name += "_"
            names.append(name)
            parts.append(f"{{{name}}}")
    return "".join(parts)
