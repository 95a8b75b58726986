"""The arrows of the house: which package may import which, and which room owns which library."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter

from tests.house.sources import house, imports, libraries, modules, reach, room, tree

# package: those that it may import beside itself, functions and types included. `cli` and the root may import all.
ARROWS = {
    "contract": "",
    "crossbar": "contract",
    "data": "contract",
    "devices": "contract",
    "methods": "contract",
    "results": "contract",
    "sweep": "contract crossbar",
    "statistics": "contract results",
    "training": "contract crossbar sweep",
    "lab": "contract data results statistics",
    "studies": "contract crossbar lab",
    "figures": "contract data lab results statistics",
    "plan": "contract crossbar data results statistics studies sweep",
    "certify": "contract crossbar plan results sweep",
    "run": "contract crossbar plan results statistics studies sweep training",
    "report": "contract certify figures lab plan results statistics",
    "checks": "contract crossbar data plan results run studies sweep training",
    "workloads.shared": "contract data",
    "workloads": "contract data workloads.shared",
}
ON_TOP = ("suite", "__main__", "cli")

PLUGINS = [module for module in room("workloads", "suite.methods", "suite.devices") if module.count(".")]
PLUGIN_FILES = [module for module in PLUGINS if module not in ("suite.methods", "suite.devices")]
NUMERIC = room("suite.devices", "suite.crossbar", "suite.methods", "suite.training.loop", "suite.sweep")

# library: where it may be imported; a room ends in its name. Typing is everybody's.
OWNERS = {
    "ray": ("suite.run.executors.ray",),
    "zarr": ("suite.results.cube",),
    "xarray": ("suite.results.cube",),
    "dask": ("suite.results.cube",),
    "optuna": ("suite.training.search", "suite.run.tuning_log"),
    "matplotlib": ("suite.figures",),
    "bokeh": ("suite.report.charts",),
    "jinja2": ("suite.report.page",),
    "click": ("suite.cli",),
    "rich": ("suite.cli.progress", "suite.cli.watching"),
    "obstore": ("suite.results.cube.remote",),
    "safetensors": ("suite.results.store", "suite.training.external"),
    "pooch": ("suite.data.datasets",),
    "snakemake": (),
}


def package(module):
    """The package of a module: the row of the table that it belongs to."""
    top, *inner = module.split(".")
    if top == "suite":
        return inner[0] if inner else top
    return "workloads.shared" if inner[:1] == ["shared"] else top


def test_the_walk_sees_the_house():
    assert {"suite.contract", "suite.sweep.sweep", "suite.results.cube.read", "workloads.mnist_mlp"} <= set(modules())
    assert "suite.sweep.sweep" in house("suite.training.search")
    assert "torch" in libraries("suite.sweep.sweep")
    assert "suite.results.cube" in imports("suite.plan.units", typing=True) - imports("suite.plan.units")
    assert len(PLUGIN_FILES) >= 5
    assert len(NUMERIC) >= 10


def test_every_package_has_its_row():
    found = {package(module) for module in modules()} - set(ON_TOP)
    assert found - set(ARROWS) == set()


def test_every_arrow_is_in_the_table():
    found = [
        f"{module} -> {target}"
        for module in modules()
        if (own := package(module)) in ARROWS
        for target in imports(module, typing=True) & set(modules())
        if package(target) not in (own, *ARROWS[own].split())
    ]
    assert sorted(found) == []


def test_packages_make_no_circle():
    TopologicalSorter({own: arrows.split() for own, arrows in ARROWS.items()}).prepare()


def test_modules_make_no_circle():
    inner = {module: {deep for target in house(module) for deep in reach(target)} for module in modules()}
    assert [module for module in modules() if module in inner[module]] == []


def test_a_plugin_needs_the_front_of_the_contract_alone():
    inside = {*room("suite.contract")} - {"suite.contract"}
    assert {module: found for module in PLUGIN_FILES if (found := house(module) & inside)} == {}


def test_only_the_registry_loads_plugins():
    def loads(module):
        return any(getattr(node, "attr", "") == "spec_from_file_location" for node in ast.walk(tree(module)))

    shared = {*room("workloads.shared")}
    asked = {module: found for module in modules() if (found := imports(module, typing=True) & {*PLUGINS} - shared)}
    assert asked == {}
    assert [module for module in modules() if loads(module)] == ["suite.contract.registry"]


def test_a_library_stays_in_its_room():
    users = {library: {module for module in modules() if library in libraries(module)} for library in OWNERS}
    assert {library: away for library in OWNERS if (away := users[library] - {*room(*OWNERS[library])})} == {}


def test_numeric_rooms_never_see_the_libraries_of_orchestration():
    seen = {library for module in NUMERIC for inner in reach(module) for library in libraries(inner, typing=True)}
    assert not seen & {"ray", "optuna", "zarr", "xarray", "snakemake", "dask", "click"}
    assert "torch" in seen
