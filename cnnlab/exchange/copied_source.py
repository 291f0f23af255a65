"""Source of our own functions for a script that has no CNN Lab: they are copied, so the script does the same.

What a function needs of this package comes along: other functions, constants, and of a class the methods that
are called. ``images.resize(…)`` becomes ``resize(…)``.
"""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType

PACKAGE = "cnnlab"


@dataclass(frozen=True)
class CopiedSource:
    """Import lines of what is not ours, and the text: constants, then functions and classes."""

    imports: frozenset[str]
    text: str


def copied_source(*wanted: Callable) -> CopiedSource:
    """Return the source of functions of ours (a method stands for its class) and of all that they need.

    Raises:
        ValueError: two modules use one name for different things, so that one of them has to be renamed.
    """
    copy = _Copy()
    for function in wanted:
        outer, _, name = function.__qualname__.rpartition(".")
        copy.called.add(name)
        copy.add(outer or name, function.__module__)
    copy.add_called_methods()
    pieces = copy.pieces.values()
    constants = [piece.text() for piece in pieces if not piece.is_code]
    code = [piece.text() for piece in pieces if piece.is_code]
    text = "\n\n\n".join(["\n".join(constants), *code] if constants else code)
    return CopiedSource(frozenset(copy.imports), f"{text}\n")


@dataclass(frozen=True)
class _Definition:
    """A function, a class, or a constant with the string that tells of it; rows are counted from 1."""

    node: ast.stmt
    last_row: int


@dataclass(frozen=True)
class _Module:
    """A file of ours: its rows as bytes, what it defines, and what it imports, by name.

    An import is the module and, of ``from module import name``, the name.
    """

    name: str
    rows: list[bytes]
    definitions: dict[str, _Definition]
    imports: dict[str, tuple[str, str]]

    @property
    def known(self) -> set[str]:
        return self.definitions.keys() | self.imports.keys()


@dataclass
class _Piece:
    """A definition to copy: the methods to keep, and what is cut away as ``(row, from byte, to byte)``."""

    definition: _Definition
    module: _Module
    methods: set[str] = field(default_factory=set)
    cuts: set[tuple[int, int, int]] = field(default_factory=set)

    @property
    def is_code(self) -> bool:
        return isinstance(self.definition.node, ast.FunctionDef | ast.ClassDef)

    @property
    def inner(self) -> list[ast.FunctionDef]:
        """The methods of a class."""
        node = self.definition.node
        body = node.body if isinstance(node, ast.ClassDef) else []
        return [method for method in body if isinstance(method, ast.FunctionDef)]

    def text(self) -> str:
        kept = {row: self.module.rows[row - 1] for row in self._rows()}
        for row, begin, end in sorted(self.cuts, reverse=True):
            if row in kept:
                kept[row] = kept[row][:begin] + kept[row][end:]
        return b"\n".join(kept.values()).decode().rstrip()

    def _rows(self) -> Iterator[int]:
        left_out: set[int] = set()
        for method in self.inner:
            if method.name not in self.methods:
                left_out.update(range(_first_row(method), method.end_lineno + 2))  # and the empty row behind
        for row in range(_first_row(self.definition.node), self.definition.last_row + 1):
            if row not in left_out:
                yield row


class _Copy:
    """What has been copied so far; ``called`` are the names of all attributes that were seen."""

    def __init__(self) -> None:
        self.pieces: dict[str, _Piece] = {}
        self.imports: set[str] = set()
        self.called: set[str] = set()

    def add(self, name: str, module_name: str) -> None:
        """Copy a definition, unless it is there, after all that it needs."""
        module = _module(module_name)
        if name not in module.definitions:
            self._add_imported(name, module)
        elif name not in self.pieces:
            self.pieces[name] = piece = _Piece(module.definitions[name], module)
            node = piece.definition.node
            self._follow(piece, (part for part in ast.iter_child_nodes(node) if part not in piece.inner))
            self.pieces[name] = self.pieces.pop(name)
        elif self.pieces[name].module is not module:
            raise ValueError(f"{self.pieces[name].module.name} and {module.name} both define {name}.")

    def add_called_methods(self) -> None:
        """Copy of each class the methods whose names were seen, until no new one turns up."""
        while new := [
            (piece, method)
            for piece in self.pieces.values()
            for method in piece.inner
            if method.name in self.called - piece.methods
        ]:
            for piece, method in new:
                piece.methods.add(method.name)
                self._follow(piece, [method])

    def _follow(self, piece: _Piece, parts: Iterable[ast.AST]) -> None:
        """Copy all that parts of a definition name."""
        nodes = [node for part in parts for node in ast.walk(part)]
        local = {node.arg for node in nodes if isinstance(node, ast.arg)}
        local |= _stored(nodes)
        for node in nodes:
            if isinstance(node, ast.Attribute):
                self.called.add(node.attr)
                self._add_from_module(piece, node, local)
            elif isinstance(node, ast.Name) and node.id in piece.module.known - local:
                self.add(node.id, piece.module.name)

    def _add_from_module(self, piece: _Piece, node: ast.Attribute, local: set[str]) -> None:
        """Copy ``warp`` for ``images.warp``, and cut ``images.`` away."""
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if name not in local and (module := _module_of_ours(piece.module.imports.get(name))):
            piece.cuts.add((node.lineno, node.col_offset, node.value.end_col_offset + 1))
            self.add(node.attr, module)

    def _add_imported(self, name: str, module: _Module) -> None:
        source, original = module.imports[name]
        alias = f" as {name}" if name != (original or source) else ""
        if source.partition(".")[0] != PACKAGE:
            self.imports.add(
                f"from {source} import {original}{alias}" if original else f"import {source}{alias}"
            )
        elif alias:
            raise ValueError(f"{module.name} gives {original} the name {name}.")
        elif not _module_of_ours((source, original)):  # of a module only what is used of it
            self.add(original, source)


@cache
def _module(name: str) -> _Module:
    text = inspect.getsource(importlib.import_module(name))
    body = ast.parse(text).body
    definitions: dict[str, _Definition] = {}
    imports: dict[str, tuple[str, str]] = {}
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            definitions[node.name] = _Definition(node, node.end_lineno)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            last = following if _is_text(following) else node
            definitions |= {stored: _Definition(node, last.end_lineno) for stored in _stored(ast.walk(node))}
        elif isinstance(node, ast.Import):
            imports |= {alias.asname or alias.name: (alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    return _Module(name, text.encode().split(b"\n"), definitions, imports)


def _module_of_ours(imported: tuple[str, str] | None) -> str | None:
    """Return the module's name where a name was bound to a module of this package."""
    source, original = imported or ("", "")
    if source.partition(".")[0] != PACKAGE or not original:
        return None
    found = getattr(importlib.import_module(source), original)
    return found.__name__ if isinstance(found, ModuleType) else None


def _first_row(node: ast.stmt) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])


def _stored(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that get a value."""
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _is_text(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)
