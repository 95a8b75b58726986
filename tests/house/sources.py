"""The house as source text: its modules, what they import and when, its functions, its files under version control."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@cache
def modules() -> dict[str, Path]:
    """{dotted name: file} of everything in suite/ and workloads/."""
    paths = sorted(path for folder in ("suite", "workloads") for path in (ROOT / folder).rglob("*.py"))
    return {_dotted(path): path for path in paths}


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(name: str) -> ast.Module:
    """The parsed module."""
    return ast.parse(modules()[name].read_text())


@cache
def imports(name: str, typing: bool = False) -> frozenset[str]:
    """Dotted names that a module imports anywhere, functions included; `typing`: under TYPE_CHECKING as well.

    `from suite.a import b` gives suite.a.b if that is a module, else suite.a.
    """
    return frozenset(target for node in _nodes(tree(name), typing) for target in _targets(node))


def _nodes(node: ast.AST, typing: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not typing and isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        yield child
        yield from _nodes(child, typing)


def _targets(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"a relative import of {node.module}"
        module = node.module or ""
        for alias in node.names:
            inner = f"{module}.{alias.name}"
            yield inner if inner in modules() else module


def house(name: str) -> frozenset[str]:
    """The in-house modules that a module imports at run time."""
    return frozenset(target for target in imports(name) if target in modules())


def libraries(name: str, typing: bool = False) -> frozenset[str]:
    """The packages, by their first name, that a module imports."""
    return frozenset(target.split(".")[0] for target in imports(name, typing) if target not in modules())


def reach(name: str) -> frozenset[str]:
    """The module and all in-house modules that it reaches by import, however deep."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(house(current))
    return frozenset(found)


def room(*names: str) -> list[str]:
    """The modules that are one of these, or lie below one of them."""
    return [module for module in modules() if any(module == name or module.startswith(f"{name}.") for name in names)]


def repository_files() -> list[Path]:
    """Files under version control, or new and not ignored; skips the test outside a checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [path for name in sorted(set(listed.stdout.split("\0"))) if name and (path := ROOT / name).is_file()]
