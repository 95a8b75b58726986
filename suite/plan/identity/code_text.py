"""A module's code as text that says what runs: no docstrings, no comments, and no word of where in-house code lies.

An in-house import leaves a mark in the text with the name that it takes and the name that it binds; what stands behind
the mark is told apart. Imports that follow each other stand in the order of the names that they bind: where a module
lies decides nothing, not even through the order that a formatter gives to imports.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import decode_source
from itertools import groupby
from pathlib import Path

# Stands for every in-house module.
MARK = "_"
# What is raised where a module is absent: code that catches it goes on without.
_ABSENT = {"ImportError", "ModuleNotFoundError", "Exception"}

Import = ast.Import | ast.ImportFrom
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Imported:
    """One name of an import statement: `name` of `module` (None: the module itself), which with a `level` is relative,
    under the name `bound`; optional: the code goes on where there is none."""

    module: str
    name: str | None
    bound: str
    level: int
    line: int
    optional: bool = False


@dataclass(frozen=True)
class Target:
    """The in-house files that an import runs, first the one that is meant; whole: it binds the module, not a name of
    it."""

    files: tuple[Path, ...]
    whole: bool


# What is imported -> where that leads; None for libraries.
Follow = Callable[[Imported], Target | None]


# Cached by path, as modules are: a process runs the code that it loaded, whatever became of the file since.
@cache
def _source(path: Path) -> str:
    """The file as Python itself reads it: encoding, byte order mark, line ends."""
    return decode_source(path.read_bytes())


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file less docstrings and what only type checkers read; not to be changed."""
    return _running(path)


def _running(path: Path) -> ast.Module:
    module = ast.parse(_source(path))
    for node in (module, *_statements(module)):
        if isinstance(node, Documented) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    for block in _blocks(module):
        block[:] = [kept for statement in block for kept in _run(statement)]
    return module


def imports(path: Path) -> list[Imported]:
    """Every name that the file imports when its code runs, functions included."""
    found = [statement for statement in _statements(tree(path)) if isinstance(statement, Import)]
    optional = _optional(tree(path))
    return [_imported(single, optional) for node in found for single in _singles(node)]


def text(path: Path, follow: Follow) -> tuple[str, list[tuple[Path, ...]]]:
    """The code with its in-house imports marked, and the files behind each mark, in the order of the marks."""
    module = _running(path)
    optional = _optional(module)
    behind: list[tuple[Path, ...]] = []

    def marked(statement: ast.stmt) -> ast.stmt:
        if not isinstance(statement, Import):
            return statement
        target = follow(_imported(statement, optional))
        if target is None:
            return statement
        behind.append(target.files)
        return _mark(statement.names[0], target.whole)

    for block in _blocks(module):
        block[:] = [marked(statement) for statement in _in_order(block)]
    return ast.unparse(module), behind


def _run(statement: ast.stmt) -> list[ast.stmt]:
    """What runs of a statement: nothing under `if TYPE_CHECKING:`."""
    if isinstance(statement, ast.If) and "TYPE_CHECKING" in (
        getattr(statement.test, "id", ""),
        getattr(statement.test, "attr", ""),
    ):
        return statement.orelse
    return [statement]


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every list of statements below a node, outer ones first: they may be changed on the way."""
    for _, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield value
    # Expressions hold no statements.
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr):
            yield from _blocks(child)


def _statements(module: ast.Module) -> Iterator[ast.stmt]:
    return (statement for block in _blocks(module) for statement in block)


def _optional(module: ast.Module) -> set[int]:
    """The lines under a `try` that goes on where a module is absent."""
    lines: set[int] = set()
    for node in _statements(module):
        if isinstance(node, ast.Try) and any(_catches_absence(handler) for handler in node.handlers):
            first, last = node.body[0].lineno, node.body[-1].end_lineno or 0
            lines |= {*range(first, last + 1)}
    return lines


def _catches_absence(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(one is None or ast.unparse(one) in _ABSENT for one in caught)


def _in_order(block: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a block, with runs of imports one by one in the order of the names that they bind."""
    for is_import, run in groupby(block, lambda statement: isinstance(statement, Import)):
        if not is_import:
            yield from run
            continue
        singles = [single for statement in run for single in _singles(statement)]
        # A star binds names unseen, and of two that bind a name the last one wins.
        starred = any(single.names[0].name == "*" for single in singles)
        yield from singles if starred else sorted(singles, key=lambda single: _bound(single.names[0]))


def _singles(statement: ast.stmt) -> Iterator[Import]:
    """An import statement of several names as several statements."""
    for alias in statement.names if isinstance(statement, Import) else ():
        single = (
            ast.ImportFrom(statement.module, [alias], statement.level)
            if isinstance(statement, ast.ImportFrom)
            else ast.Import([alias])
        )
        yield ast.copy_location(single, statement)


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _imported(single: Import, optional: set[int]) -> Imported:
    alias, line = single.names[0], single.lineno
    if isinstance(single, ast.ImportFrom):
        return Imported(single.module or "", alias.name, _bound(alias), single.level, line, line in optional)
    return Imported(alias.name, None, alias.asname or alias.name, 0, line, line in optional)


def _mark(alias: ast.alias, whole: bool) -> Import:
    """The import of the same name from nowhere."""
    if whole:
        return ast.Import([ast.alias(MARK, _bound(alias))])
    return ast.ImportFrom(MARK, [alias], 0)
