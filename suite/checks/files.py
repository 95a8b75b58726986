"""What holds for every plug-in file, whatever its kind: it loads, has a name and a title, and imports the contract."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from suite.checks.check import expect
from suite.checks.kit import Kit
from suite.contract.registry import Entry

HEAVY = {"torch", "torchvision", "scipy", "pandas", "matplotlib", "xarray", "zarr", "optuna", "ray", "sklearn"}


def it_is_usable_and_its_name_is_plain(kit: Kit, entry: Entry) -> None:
    """The file loads, and its name serves as one in studies and cubes."""
    expect(entry.reason == "", "a file that can be used", f"that {entry.reason}", "mend the file")
    plain = entry.name.isidentifier() and entry.name == entry.name.lower()
    expect(plain, "a name of lower-case letters, digits and _", repr(entry.name), "rename the file")


def its_title_tells_it_apart(kit: Kit, entry: Entry) -> None:
    """Figures and tables call it by its title."""
    title = entry.value.title
    expect(title.strip() == title != "", "a title without blanks around it", repr(title), "mend `title`")
    others = [
        str(other.path)
        for other in kit.plugins.entries(entry.kind)
        if other.value and other.path != entry.path and other.value.title == title
    ]
    expect(not others, f"a title that no other {entry.kind} has", f"{title!r} in {others}", "choose another `title`")


def it_names_its_source(kit: Kit, entry: Entry) -> None:
    """Who proposed or measured it."""
    source = entry.value.source
    expect(source.strip() != "", "a source", repr(source), "name a paper, a repository or a laboratory in `source`")


def it_begins_with_a_docstring(kit: Kit, entry: Entry) -> None:
    """The file is its own data card."""
    found = ast.get_docstring(_tree(entry)) or ""
    expect(len(found) > 40, "a docstring of a sentence at least", repr(found), "say first in the file what it is")


def of_the_suite_it_imports_the_contract_and_what_files_share_alone(kit: Kit, entry: Entry) -> None:
    """Whatever else moves within the suite leaves the file as it is."""
    modules = {module for node in ast.walk(_tree(entry)) for module in _imported(node)}
    of_the_suite = {module for module in modules if module.split(".")[0] in ("suite", "workloads", "tests", "")}
    found = {module for module in of_the_suite if not module.startswith("workloads.shared.")}
    fix = "import what it needs from suite.contract (`load` from suite.data), and nothing else of the suite"
    sound = "suite.contract" in found and found <= {"suite.contract", "suite.data"}
    expect(sound, "an import of suite.contract, and of suite.data at most", sorted(found), fix)


def heavy_libraries_wait_inside_functions(kit: Kit, entry: Entry) -> None:
    """Listing plug-ins stays instant."""
    at_import = {module.split(".")[0] for node in _run_at_import(_tree(entry)) for module in _imported(node)}
    found = sorted(at_import & HEAVY)
    fix = "import it inside the functions that use it, and for annotations under TYPE_CHECKING"
    expect(not found, "no heavy library imported with the file", ", ".join(found), fix)


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
