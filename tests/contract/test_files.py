"""What holds for every plug-in file, whatever its kind: it loads, has a name and a title, and imports the contract."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from suite.registry import Entry
from tests.contract.plugins import ALL, DROPINS, KINDS, files

HEAVY = {"torch", "torchvision", "scipy", "pandas", "matplotlib", "xarray", "zarr", "optuna", "ray", "sklearn"}


def test_house_files_and_drop_ins_are_found():
    for kind in KINDS:
        folders = {entry.path.parent for entry in ALL.entries(kind)}
        assert {DROPINS / f"{kind}s"} < folders


@pytest.mark.parametrize("entry", files(*KINDS))
def test_it_is_usable_and_its_name_is_plain(entry: Entry) -> None:
    assert entry.reason == ""
    assert entry.name.isidentifier()
    assert entry.name == entry.name.lower()


@pytest.mark.parametrize("kind", KINDS)
def test_titles_tell_the_files_apart(kind):
    titles = [entry.value.title for entry in ALL.entries(kind)]
    assert all(title.strip() == title != "" for title in titles)
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("entry", files("method", "device"))
def test_it_names_its_source(entry: Entry) -> None:
    assert entry.value.source.strip()


@pytest.mark.parametrize("entry", files(*KINDS))
def test_it_begins_with_a_docstring(entry: Entry) -> None:
    assert len(ast.get_docstring(_tree(entry)) or "") > 40


@pytest.mark.parametrize("entry", files(*KINDS))
def test_of_the_suite_it_imports_the_contract_and_what_files_share_alone(entry: Entry) -> None:
    modules = {module for node in ast.walk(_tree(entry)) for module in _imported(node)}
    of_the_suite = {module for module in modules if module.split(".")[0] in ("suite", "workloads", "tests", "")}
    assert {module for module in of_the_suite if not module.startswith("suite.shared.")} == {"suite.contract"}


@pytest.mark.parametrize("entry", files(*KINDS))
def test_heavy_libraries_wait_inside_functions(entry: Entry) -> None:
    at_import = {module.split(".")[0] for node in _run_at_import(_tree(entry)) for module in _imported(node)}
    assert not at_import & HEAVY


def _tree(entry: Entry) -> ast.Module:
    return ast.parse(entry.path.read_text())


def _imported(node: ast.AST) -> list[str]:
    """Dotted names; "" for a relative import."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return ["" if node.level else node.module or ""]
    return []


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the file is imported: neither inside functions nor under TYPE_CHECKING."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from _run_at_import(child)
