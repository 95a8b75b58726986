"""What code a result depends on: a hash of modules with all that they import, blind to words and to where files lie.

The digest of a module is that of its code as `suite.plan.identity.code_text` has it, of the modules behind its imports,
and of the files that it read while it was imported. So a module may move, and another name in an import line changes
whatever reaches it. Modules that import each other in a circle are told apart by what is seen from each of them.

A module of the house that only hands things on says `__fingerprint__ = "glue"`: neither its code nor what it imports
counts for those who import it. What decides a number has no place in such a module.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from suite.contract.digests import digest, file_hash
from suite.contract.opened import read_at_import
from suite.plan.identity.code_text import text, tree
from suite.plan.identity.import_targets import by_name, is_house, target

_GLUE = "glue"


def fingerprint(*files: Path) -> str:
    """Hash of these files, each in its place, with all that they import. Raises SuiteError for an import of a plug-in
    that cannot be followed."""
    return digest([_module_digest(file.resolve()) for file in files])


def closure(files: Iterable[Path]) -> list[Path]:
    """The files and all that they reach by import, but through glue, sorted."""
    found: set[Path] = set()
    waiting = [Path(file).resolve() for file in files]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_reached(path))
    return sorted(found)


@cache
def _module_digest(path: Path) -> str:
    return _circle_digests(frozenset(_circle(path)))[path]


@cache
def _circle(path: Path) -> tuple[Path, ...]:
    """The modules that import each other in a circle with this one; alone where there is none."""
    return tuple(other for other in closure([path]) if other == path or path in closure([other]))


@cache
def _circle_digests(circle: frozenset[Path]) -> dict[Path, str]:
    """As often as there are modules, each takes in what the round before told of the others: then it has met all."""
    known = dict.fromkeys(circle, "")

    def behind(file: Path) -> str:
        return known[file] if file in circle else _GLUE if _is_glue(file) else _module_digest(file)

    for _ in circle:
        known = {
            path: digest([own, [[behind(file) for file in files] for files in imported], read_at_import(path)])
            for path in circle
            for own, imported in [_content(path)]
        }
    return known


@cache
def _content(path: Path) -> tuple[str, list[tuple[Path, ...]]]:
    """A module's own text, and the files behind each of its imports."""
    if path.suffix != ".py":
        return file_hash(path), []
    own, behind = text(path, lambda what: target(path, what))
    return own, [tuple(file.resolve() for file in files) for files in (*behind, *((file,) for file in by_name(path)))]


@cache
def _reached(path: Path) -> tuple[Path, ...]:
    """What a module imports, less glue."""
    reached = (file for files in _content(path)[1] for file in files)
    return tuple(dict.fromkeys(file for file in reached if not _is_glue(file)))


@cache
def _is_glue(path: Path) -> bool:
    said = (ast.unparse(node) for node in tree(path).body if isinstance(node, ast.Assign)) if is_house(path) else ()
    return f"__fingerprint__ = {_GLUE!r}" in said
