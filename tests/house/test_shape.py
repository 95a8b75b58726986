"""The shape of the code: modules and functions that fit, and words on everything public."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.sources import modules, tree

LONGEST_MODULE, LONGEST_FUNCTION = 300, 50
EVERY_MODULE = pytest.mark.parametrize("module", sorted(modules()))
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@EVERY_MODULE
def test_a_module_is_read_in_one_go(module):
    assert len(modules()[module].read_text().splitlines()) <= LONGEST_MODULE


@EVERY_MODULE
def test_a_function_fits_a_screen(module):
    functions = (node for node in ast.walk(tree(module)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@EVERY_MODULE
def test_everything_public_has_a_docstring(module):
    content = tree(module)
    assert not content.body or ast.get_docstring(content)
    assert [name for name, node in _public(content, "") if not ast.get_docstring(node)] == []


def _public(scope: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, Definition]]:
    """Public classes and functions of a module, and public methods of its public classes; overrides of a library's
    methods are documented there."""
    for node in scope.body:
        if not isinstance(node, Definition) or node.name.startswith("_"):
            continue
        yield f"{prefix}{node.name}", node
        if isinstance(node, ast.ClassDef):
            yield from _public(node, f"{prefix}{node.name}.")
