"""The shape of the code: modules and functions that fit, and words on everything public."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.sources import modules, tree

LONGEST_MODULE, LONGEST_FUNCTION = 300, 50
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def test_a_module_is_read_in_one_go():
    lengths = {module: len(path.read_text().splitlines()) for module, path in modules().items()}
    assert {module: length for module, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_a_function_fits_a_screen():
    lengths = {
        f"{module}.{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for module in modules()
        for node in ast.walk(tree(module))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    assert len(lengths) > 1000
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_everything_public_has_a_docstring():
    public = [(name, node) for module in modules() for name, node in _public(tree(module), module)]
    assert len(public) > 500
    assert [name for name, node in public if not ast.get_docstring(node)] == []


def _public(scope: ast.Module | ast.ClassDef, name: str) -> Iterator[tuple[str, ast.Module | Definition]]:
    """A module that holds anything, its public classes and functions, and public methods of its public classes;
    overrides of a library's methods are documented there."""
    if scope.body:
        yield name, scope
    for node in scope.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            inner = f"{name}.{node.name}"
            yield from _public(node, inner) if isinstance(node, ast.ClassDef) else [(inner, node)]
