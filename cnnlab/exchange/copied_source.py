"""Source of our own functions for a script that has no CNN Lab: they are copied, so the script does the same.

What a function needs of this package comes along: other functions, constants, and of a class the methods that
are called. ``images.resize(…)`` becomes ``resize(…)``; of two things with one name the second also gets that
of its module: ``jpeg_look``.
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
    """Import lines of what is not ours, and the text: what is needed stands before what needs it."""

    imports: frozenset[str]
    text: str


def copied_source(
    *wanted: Callable, without: Iterable[Callable] = (), reserved: Iterable[str] = ()
) -> CopiedSource:
    """Return the source of functions of ours (a method stands for its class) and of all that they need.

    Args:
        wanted: the functions; they keep their names.
        without: functions that are not copied, nor what they need: in the copy they return None.
        reserved: names that mean something else where the copy goes; nothing gets them.
    """
    copy = _Copy({(function.__module__, function.__name__) for function in without}, set(reserved))
    for function in wanted:
        outer, _, name = function.__qualname__.rpartition(".")
        copy.names[function.__module__, outer or name] = outer or name
    for function in wanted:
        outer, _, name = function.__qualname__.rpartition(".")
        copy.called.add(name)
        copy.add(outer or name, function.__module__)
    copy.add_called_methods()
    text, before = "", None
    for piece in copy.pieces.values():
        text += ("\n" if piece.is_constant and before and before.is_constant else "\n\n\n") * bool(before)
        text += piece.text()
        before = piece
    return CopiedSource(frozenset(copy.imports), f"{text}\n")


@dataclass(frozen=True)
class _Definition:
    """A function, a class, or a constant with the string that tells of it; rows are counted from 1.

    ``name`` is the first of those that one statement gives a value.
    """

    name: str
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
    """A definition to copy: the methods to keep, and what is written otherwise in it.

    ``edits`` are ``(row, from byte, to byte, text in its place)``.
    """

    definition: _Definition
    module: _Module
    methods: set[str] = field(default_factory=set)
    edits: set[tuple[int, int, int, bytes]] = field(default_factory=set)

    @property
    def is_constant(self) -> bool:
        return not isinstance(self.definition.node, ast.FunctionDef | ast.ClassDef)

    @property
    def inner(self) -> list[ast.FunctionDef]:
        """The methods of a class."""
        node = self.definition.node
        body = node.body if isinstance(node, ast.ClassDef) else []
        return [method for method in body if isinstance(method, ast.FunctionDef)]

    def text(self) -> str:
        kept = {row: self.module.rows[row - 1] for row in self._rows()}
        for row, begin, end, instead in sorted(self.edits, reverse=True):
            if row in kept:
                kept[row] = kept[row][:begin] + instead + kept[row][end:]
        return b"\n".join(kept.values()).decode().rstrip()

    def _rows(self) -> Iterator[int]:
        left_out: set[int] = set()
        for method in self.inner:
            if method.name not in self.methods:
                left_out.update(range(_first_row(method), _last_row(method) + 2))  # and the empty row behind
        for row in range(_first_row(self.definition.node), self.definition.last_row + 1):
            if row not in left_out:
                yield row


@dataclass(frozen=True)
class _LeftOut:
    """What stands in the place of a function that is not copied."""

    name: str
    is_constant = False

    def text(self) -> str:
        return f"def {self.name}(*_):\n    return None  # left out here"


class _Copy:
    """What has been copied so far.

    ``pieces`` by module and name, in their order; ``names`` what they are called in the copy; ``called`` the
    names of all attributes that were seen.
    """

    def __init__(self, without: set[tuple[str, str]], reserved: set[str]) -> None:
        self.pieces: dict[tuple[str, str], _Piece | _LeftOut] = {}
        self.names: dict[tuple[str, str], str] = {}
        self.imports: set[str] = set()
        self.called: set[str] = set()
        self._without, self._reserved = without, reserved

    def add(self, name: str, module_name: str) -> str:
        """Copy a definition, unless it is there, after all that it needs; return what it is called now."""
        module = _module(module_name)
        if name not in module.definitions:
            return self._add_imported(name, module)
        called = self.names.setdefault((module_name, name), self._free(name, module_name))
        key = module_name, module.definitions[name].name
        if key in self._without:
            self.pieces.setdefault(key, _LeftOut(called))
        elif key not in self.pieces:
            self.pieces[key] = piece = _Piece(module.definitions[name], module)
            node = piece.definition.node
            self._follow(piece, (part for part in ast.iter_child_nodes(node) if part not in piece.inner))
            self._rename(piece, name, called)
            self.pieces[key] = self.pieces.pop(key)
        return called

    def add_called_methods(self) -> None:
        """Copy of each class the methods whose names were seen, until no new one turns up."""
        while new := [
            (piece, method)
            for piece in self.pieces.values()
            if isinstance(piece, _Piece)
            for method in piece.inner
            if method.name in self.called - piece.methods
        ]:
            for piece, method in new:
                piece.methods.add(method.name)
                self._follow(piece, [method])

    def _free(self, name: str, module_name: str) -> str:
        if name not in self._reserved.union(self.names.values()):
            return name
        return f"{module_name.rpartition('.')[2]}_{name.lstrip('_')}"

    def _rename(self, piece: _Piece, name: str, called: str) -> None:
        """Write the new name where a function or class is defined."""
        node = piece.definition.node
        if called != name and not piece.is_constant:
            begin = node.col_offset + len("def " if isinstance(node, ast.FunctionDef) else "class ")
            piece.edits.add((node.lineno, begin, begin + len(name.encode()), called.encode()))

    def _follow(self, piece: _Piece, parts: Iterable[ast.AST]) -> None:
        """Copy all that parts of a definition name."""
        nodes = [node for part in parts for node in ast.walk(part)]
        local = {node.arg for node in nodes if isinstance(node, ast.arg)}
        local |= _stored(nodes) - ({*piece.module.definitions} if piece.is_constant else set())
        for node in nodes:
            if isinstance(node, ast.Attribute):
                self.called.add(node.attr)
                self._add_from_module(piece, node, local)
            elif isinstance(node, ast.Name) and node.id in piece.module.known - local:
                called = self.add(node.id, piece.module.name)
                if called != node.id:
                    piece.edits.add((node.lineno, node.col_offset, _end(node), called.encode()))

    def _add_from_module(self, piece: _Piece, node: ast.Attribute, local: set[str]) -> None:
        """Copy ``warp`` for ``images.warp``."""
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if name not in local and (module := _module_of_ours(piece.module.imports.get(name))):
            called = self.add(node.attr, module)
            piece.edits.add((node.lineno, node.col_offset, _end(node), called.encode()))

    def _add_imported(self, name: str, module: _Module) -> str:
        source, original = module.imports[name]
        if source.partition(".")[0] == PACKAGE:
            # of a module only what is used of it
            return name if _module_of_ours((source, original)) else self.add(original, source)
        alias = f" as {name}" if name != (original or source) else ""
        self.imports.add(f"from {source} import {original}{alias}" if original else f"import {source}{alias}")
        return name


@cache
def _module(name: str) -> _Module:
    text = inspect.getsource(importlib.import_module(name))
    body = ast.parse(text).body
    definitions: dict[str, _Definition] = {}
    imports: dict[str, tuple[str, str]] = {}
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            definitions[node.name] = _Definition(node.name, node, _last_row(node))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            last = following if following and _is_text(following) else node
            names = sorted(_stored(ast.walk(node)))
            definitions |= dict.fromkeys(names, _Definition(names[0], node, _last_row(last))) if names else {}
        elif isinstance(node, ast.Import):
            imports |= {alias.asname or alias.name: (alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
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


def _last_row(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _end(node: ast.expr) -> int:
    """Return the byte behind a piece of a row."""
    return node.end_col_offset or node.col_offset


def _stored(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that get a value."""
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)
