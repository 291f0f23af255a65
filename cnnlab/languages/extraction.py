"""The texts that stand in the code: what is marked with ``_``, raised as an error, or declared."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cnnlab import errors
from cnnlab.languages.catalogues import SCRIPTS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("app.py", "pages", "cnnlab")
LEFT_OUT = ("cli", "languages")
"""Parts of cnnlab that speak English only."""
MARKS = ("_", "_n", "_p")
DECLARED: dict[str, tuple[int | str, ...]] = {
    "_angle": (0, 1, 2),
    "_cifar10": (1, 2, "title", "summary", "expected", "cost"),
    "_fraction": (0, 1, 2),
    "_kind": (0, 1, 2, 3),
    "_refused": (0, 1),
    "allowed": (1,),
    "Arm": (0,),
    "Check": (0, 2),
    "Concept": ("idea", "terms", "title"),
    "DamagedError": (0,),
    "Done": (0,),
    "Experiment": ("title", "claim", "claimed_by", "look_for", "lesson"),
    "LayerKind": (2,),
    "Limit": (0,),
    "of_run": (1,),
    "progress": (1,),
    "Recipe": (1, 2, 3, "title", "summary", "source", "expected", "cost"),
    "refusal": (1,),
    "refuse": (1,),
    "RefusedError": (0,),
    "register": ("notes", "summary", "title"),
    "require": (1,),
    "Setting": (0, 1, "label", "help", "choices", "unit", "none", "wrong", "measure"),
    "setting": (0, 1, "choices", "unit", "none", "wrong", "measure"),
    "UnreachableError": (0,),
    "texts": (0,),
}
"""Calls whose arguments are texts that pages show: the places and names of these arguments."""
ERRORS = tuple(
    name for name, found in vars(errors).items() if isinstance(found, type) and issubclass(found, Exception)
)
SHOWN_DOCSTRINGS = "cnnlab/architectures/networks/"
"""Of these modules pages show the docstring, word for word."""
_NAME = re.compile(r"[A-Za-z_]\w*")
_WORD = re.compile(r"[A-Za-z]{2}")
_COMMENT = re.compile(r"^\s*(//|\*|/\*).*$", re.MULTILINE)
_SAID = re.compile(r"""(?<![\w.$])t\(\s*("(?:[^"\\\n]|\\.)*")""")


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
        case ("cnnlab", "ui", "confusion_table"):
            return "runs"
        case ("pages", page):
            return f"page-{page}"
        case ("cnnlab", "ui", "frontend", script, *_):
            return f"{SCRIPTS}{script}"
        case ("cnnlab", "ui", "augmentation_form" | "option_notes"):
            return "train"
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
    """Yield the texts of a script of the browser: ``t("Step {n}", { n })``.

    Babel's reader of JavaScript loses its way in templates that stand within templates.
    """
    code = _COMMENT.sub("", file.read_text("utf-8"))
    yield from (Found((json.loads(found[1]),), name) for found in _SAID.finditer(code))


def of_module(file: Path, name: str) -> Iterator[Found]:
    """Yield the texts of a module."""
    tree = ast.parse(file.read_text("utf-8"))
    if name.startswith(SHOWN_DOCSTRINGS) and file.stem != "__init__" and (said := ast.get_docstring(tree)):
        yield Found((said,), name)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in MARKS:
            yield _marked(node, called, name)
        elif called in ERRORS and node.args:
            yield from (Found((text,), name, is_sentence=True) for text in _sentences(node.args[0]))
        elif called in DECLARED:
            for argument in _declared(node, DECLARED[called]):
                # the braces of a formula are no places
                yield from (
                    Found((text,), name, is_sentence="\\" not in text) for text in _sentences(argument)
                )


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
