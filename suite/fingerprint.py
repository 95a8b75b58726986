"""What code a result depends on: a hash of modules and their in-house imports, blind to comments and docstrings."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parent.parent
_JSON = json.JSONEncoder(sort_keys=True, default=str)


def digest(content: Any) -> str:
    """SHA-256 of a JSON-able value, as hex."""
    return hashlib.sha256(_JSON.encode(content).encode()).hexdigest()


def fingerprint(*files: Path, alone: Iterable[Path] = ()) -> str:
    """Hash of these files and of every in-house module they import, however deep; of `alone` without their imports.

    Code is compared as text without comments, docstrings and layout, which no Python version writes differently.
    """
    return digest({_label(path): _code(path) for path in {*closure(files), *alone}})


def closure(files: Iterable[Path]) -> list[Path]:
    """The files and all in-house files they reach by import, sorted."""
    found: set[Path] = set()
    waiting = [Path(file).resolve() for file in files]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imports(path))
    return sorted(found)


def _label(path: Path) -> str:
    """Position in the house, so that a moved checkout keeps its hashes; plug-ins of the user go by kind and name."""
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else f"{path.parent.name}/{path.name}"


# Cached by path, as modules are: a process runs the code that it loaded, whatever became of the file since.
@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def _code(path: Path) -> str:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and _has_docstring(node):
            node.body = node.body[1:]
    return ast.unparse(tree)


def _has_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return ast.get_docstring(node, clean=False) is not None


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    names: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import) and not _typing_only(node, path):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not _typing_only(node, path):
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and (source := _source_of(node)):
            names.add(f"suite.sources.{source}")
    files = (_file(name) for name in names)
    return tuple(file for file in files if file is not None)


def _source_of(call: ast.Call) -> str | None:
    """A workload names its data source in `load("mnist", root)`: that file is part of what it depends on."""
    function = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    first = call.args[0] if call.args else None
    if function == "load" and isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return None


@cache
def _typing_only_lines(path: Path) -> frozenset[int]:
    """Lines under `if TYPE_CHECKING:`, which never run."""
    lines: set[int] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for child in node.body:
                lines.update(range(child.lineno, (child.end_lineno or child.lineno) + 1))
    return frozenset(lines)


def _typing_only(node: ast.stmt, path: Path) -> bool:
    return node.lineno in _typing_only_lines(path)


def _file(module: str) -> Path | None:
    """The in-house file of a dotted name, or None for libraries and for names inside modules."""
    parts = module.split(".")
    if parts[0] not in ("suite", "workloads"):
        return None
    base = _ROOT.joinpath(*parts)
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None
