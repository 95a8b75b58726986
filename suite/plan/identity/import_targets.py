"""Where an import leads: to a file of the house or of the user, or to a library, which its version stands for.

What is neither the suite nor installed is followed wherever it lies. What cannot be followed is refused: no hash would
hold it.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from suite.contract import SuiteError
from suite.data.datasets import source_file
from suite.plan.identity.code_text import Imported, Target, imports, tree

_HOUSE = ("suite", "workloads")
_INSTALLED = {"site-packages", "dist-packages"}
_STANDARD = Path(ast.__file__).parent
# Calls that import what they name, and calls that run files that reading does not tell.
_BY_NAME = ("import_module", "__import__")
_UNTOLD = ("spec_from_file_location", "SourceFileLoader", "run_path", "run_module")


class Unfollowable(SuiteError):
    """An import of a plug-in that cannot be followed; the message says where and what to write instead."""


def is_house(path: Path) -> bool:
    """Whether a file is the suite's own."""
    return any(path.is_relative_to(_ROOT / name) for name in _HOUSE)


def _is_ours(path: Path) -> bool:
    """Whether a file is none of those that users add: the suite has tests of its own for what it imports."""
    return path.is_relative_to(_ROOT / _HOUSE[0])


def is_installed(path: Path) -> bool:
    """Whether a file came with an installed package or with Python."""
    return not _INSTALLED.isdisjoint(path.parts) or path.is_relative_to(_STANDARD)


def module_file(name: str) -> Path:
    """The file of a module of the house."""
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None, f"no module {name}"
    return Path(spec.origin)


_ROOT = module_file("suite").parent.parent


@cache
def target(importer: Path, what: Imported) -> Target | None:
    """What an import in the file `importer` leads to; None for a library. Raises Unfollowable."""
    if what.level:
        bases: list[Path] | None = [importer.parents[what.level - 1]]
        parts = what.module.split(".") if what.module else []
    else:
        top, *parts = what.module.split(".")
        bases = _bases(top, importer, what)
    if bases is None:
        return None
    for base in bases:
        if found := _in_package(base, parts, what.name):
            return found
    # The suite runs without libraries of which it makes no use.
    if what.optional or (_is_ours(importer) and what.module.partition(".")[0] not in _HOUSE):
        return None
    raise _refused(importer, what.line, f"`{_written(what)}` leads to no file and no installed package")


def by_name(importer: Path) -> list[Path]:
    """What a file reaches by calls instead of imports: the data sources that it loads, and modules that it imports by
    name. Raises Unfollowable for calls of a plug-in whose names are not written out."""
    found = [*_loaded(importer), *([] if _is_ours(importer) else _imported_by_name(importer))]
    return sorted(dict.fromkeys(found), key=lambda path: path.name)


def libraries(files: Iterable[Path]) -> set[str]:
    """The top-level names of the installed packages that files import."""
    return {name for path in files if path.suffix == ".py" for name in _libraries(path)}


@cache
def _libraries(path: Path) -> frozenset[str]:
    found = (what.module.partition(".")[0] for what in imports(path) if target(path, what) is None)
    return frozenset(found) - sys.stdlib_module_names


# ------------------------------------------------------------------------------------------------ statements


def _bases(top: str, importer: Path, what: Imported) -> list[Path] | None:
    """Where a top-level name lies, packages as folders and modules as files; None for a library, [] for nowhere."""
    if top in sys.stdlib_module_names:
        return None
    found = _known(top)
    if top in _HOUSE:
        return [_ROOT / top, *found]
    if any(map(is_installed, found)):
        return None
    if _is_ours(importer):
        return found
    beside = [file for folder in importer.parents[:2] if (file := _module(folder, [top]))]
    _check_one(top, found, beside, importer, what)
    return found or [_base(file) for file in beside]


@cache
def _known(top: str) -> list[Path]:
    """Where Python finds a top-level name: whoever was imported first holds it."""
    try:
        spec = importlib.util.find_spec(top)
    except ValueError:  # a module that does not say where it came from
        spec = None
    if spec is None:
        return []
    places = spec.submodule_search_locations or [spec.origin or ""]
    return [Path(place) for place in places]


def _check_one(top: str, found: list[Path], beside: list[Path], importer: Path, what: Imported) -> None:
    """Python has one module of a name: of two plug-ins whose helpers are called alike, one would get the other's."""
    known = [place.resolve() for place in found]
    other = [file for file in beside if _base(file).resolve() not in known]
    if found and len(other) == len(beside) > 0:
        raise _refused(importer, what.line, f"`import {top}` finds {found[0]}, and {other[0]} has the same name")


def _base(file: Path) -> Path:
    return file.parent if file.name == "__init__.py" else file


def _in_package(base: Path, parts: list[str], name: str | None) -> Target | None:
    """A module below a package, or a name in it. Of packages of the user what runs on the way counts as well."""
    module = _module(base, parts)
    inner = _module(base, [*parts, name]) if name else None
    meant = inner or module
    if meant is None:
        return None
    packages = [_module(base, parts[:depth]) for depth in range(len(parts) + 1)] if not is_house(base) else []
    on_the_way = [file for file in packages if file is not None and file != meant]
    return Target((meant, *on_the_way), whole=name is None or inner is not None)


def _module(base: Path, parts: list[str]) -> Path | None:
    if base.is_file():
        return None if parts else base
    at = base.joinpath(*parts)
    candidates = [at / "__init__.py"]
    if parts:
        candidates.append(at.with_name(f"{at.name}.py"))
    return next((file for file in candidates if file.is_file()), None)


# ----------------------------------------------------------------------------------------------------- calls


def _loaded(importer: Path) -> Iterator[Path]:
    """The files of the data sources that a file asks for: `load("mnist", root)` of `suite.data`."""
    named, modules = _loaders(importer)
    for call in _calls(importer) if named or modules else ():
        function = call.func
        of_module = isinstance(function, ast.Attribute) and function.attr == "load"
        if ast.unparse(function.value) in modules if of_module else getattr(function, "id", None) in named:  # type: ignore[attr-defined]
            source = _constant(importer, _first(call, "source"))
            if source is not None:
                file = source_file(source)
                yield from [file] if file.is_file() else []
            elif not _is_ours(importer):
                raise _refused(importer, call.lineno, f"`{ast.unparse(call)}` does not say which data source it loads")


def _loaders(importer: Path) -> tuple[set[str], set[str]]:
    """What a file calls the `load` of `suite.data`, and the modules that have it."""
    homes = {module_file("suite.data"), module_file("suite.data.datasets")}
    found = [(what, target(importer, what)) for what in imports(importer)]
    known = [(what, leads) for what, leads in found if leads and leads.files[0] in homes]
    functions = {what.bound for what, leads in known if what.name == "load" and not leads.whole}
    return functions, {what.bound for what, leads in known if leads.whole}


def _imported_by_name(importer: Path) -> Iterator[Path]:
    called = {what.bound: what.name for what in imports(importer)}
    for call in _calls(importer):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        function = called.get(name) or name
        if function in _UNTOLD:
            raise _refused(importer, call.lineno, f"what `{function}` runs cannot be told")
        if function in _BY_NAME:
            module = _constant(importer, _first(call, "name"))
            if module is None or module.startswith("."):
                raise _refused(importer, call.lineno, f"`{ast.unparse(call)}` does not say which module it imports")
            leads = target(importer, Imported(module, None, module, 0, call.lineno))
            yield from leads.files if leads else ()


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def _first(call: ast.Call, keyword: str) -> ast.expr | None:
    named = [given.value for given in call.keywords if given.arg == keyword]
    return next(iter([*call.args, *named]), None)


def _constant(path: Path, value: ast.expr | None) -> str | None:
    """A text that is written out, here or as a constant of this module or of one that it is imported from."""
    if isinstance(value, ast.Constant):
        return value.value if isinstance(value.value, str) else None
    if not isinstance(value, ast.Name):
        return None
    for what in imports(path):
        if what.bound == value.id and (leads := target(path, what)) and not leads.whole:
            return _constant(leads.files[0], ast.Name(what.name or ""))
    stored = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Name) and node.id == value.id]
    assigned = [node for node in stored if isinstance(node.ctx, ast.Store)]
    values = [
        node.value
        for node in tree(path).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and any(one in assigned for one in ast.walk(node))
    ]
    return _constant(path, values[0]) if len(values) == len(assigned) == 1 else None


def _written(what: Imported) -> str:
    module = "." * what.level + what.module
    return f"import {module}" if what.name is None else f"from {module} import {what.name}"


def _refused(importer: Path, line: int, reason: str) -> Unfollowable:
    return Unfollowable(
        f"{importer}, line {line}: {reason}, so no hash could hold it; write `import NAME` of a file beside this one "
        "(its folder put into sys.path at the top), or of an installed package, and give no two files one name"
    )
