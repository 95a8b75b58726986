"""The arrows of the house: who may import whom, and which room owns which library."""

from __future__ import annotations

import ast

import pytest

from tests.house.sources import house, imports, libraries, modules, reach, room, tree

PLUGINS = [module for module in room("workloads", "suite.methods", "suite.devices") if module.count(".")]
FOLDERS = {"suite.methods", "suite.devices"}
PLUGIN_FILES = [module for module in PLUGINS if module not in FOLDERS]
SOURCES = room("suite.data.sources")
SHARED = room("workloads.shared")
NUMERIC = room("suite.devices", "suite.crossbar", "suite.methods", "suite.training.loop", "suite.sweep.sweep")
# All that the numeric rooms may know of the house beside each other.
GROUND = {
    "suite.contract",
    "suite.contract.cells",
    "suite.contract.conditions",
    "suite.contract.levels",
    "suite.contract.matrices",
    "suite.contract.noise",
    "suite.contract.observations",
    # A formula over numpy arrays, which workloads may use.
    "suite.contract.energy",
    "suite.contract.seeds",
    "suite.data.datasets",
    *SOURCES,
}

# library: where it may be imported; a room ends in its name. Typing is everybody's.
OWNERS = {
    "ray": ("suite.run.executors.ray",),
    "zarr": ("suite.results.cube",),
    "xarray": ("suite.results.cube",),
    "dask": ("suite.results.cube",),
    "optuna": ("suite.training.search", "suite.run.tuning_log"),
    "matplotlib": ("suite.figures",),
    "click": ("suite.cli",),
    "rich": ("suite.cli.progress",),
    "safetensors": ("suite.results.store", "suite.training.external"),
    "pooch": ("suite.data.datasets",),
    "snakemake": (),
}


def test_the_walk_sees_the_house():
    assert {"suite.contract", "suite.sweep.sweep", "suite.results.cube.read", "workloads.mnist_mlp"} <= set(modules())
    assert "suite.sweep.sweep" in house("suite.training.search")
    assert "torch" in libraries("suite.sweep.sweep")
    assert "suite.results.cube" in imports("suite.plan.plan")
    assert "suite.results.cube" in imports("suite.plan.units", typing=True) - imports("suite.plan.units")
    assert len(PLUGIN_FILES) >= 5
    assert len(NUMERIC) >= 10


@pytest.mark.parametrize("module", PLUGIN_FILES)
def test_a_plugin_knows_the_contract_and_what_plugins_share(module):
    assert house(module) <= {"suite.contract", *SHARED}


@pytest.mark.parametrize("module", SHARED)
def test_what_plugins_share_knows_the_contract_and_its_own_room(module):
    assert house(module) <= {"suite.contract", *SHARED}


@pytest.mark.parametrize("module", SOURCES)
def test_a_source_knows_the_contract_keyed_streams_and_its_own_room(module):
    assert house(module) <= {"suite.contract", "suite.contract.seeds", *SOURCES}


@pytest.mark.parametrize("module", sorted(modules()))
def test_only_the_registry_loads_plugins(module):
    assert not imports(module, typing=True) & set(PLUGINS)
    loads = any(
        isinstance(node, ast.Attribute) and node.attr == "spec_from_file_location" for node in ast.walk(tree(module))
    )
    assert loads == (module == "suite.contract.registry")


@pytest.mark.parametrize("module", NUMERIC)
def test_a_numeric_room_reaches_numeric_rooms_and_the_ground_alone(module):
    assert reach(module) <= {*NUMERIC, *GROUND}


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_stays_in_its_room(library):
    users = {module for module in modules() if library in libraries(module)}
    assert users <= set(room(*OWNERS[library]))


def test_numeric_rooms_never_see_the_libraries_of_orchestration():
    seen = {library for module in NUMERIC for inner in reach(module) for library in libraries(inner, typing=True)}
    assert not seen & {"ray", "optuna", "zarr", "xarray", "snakemake", "dask", "click"}
    assert "torch" in seen


def test_the_command_line_stands_on_top():
    assert {module for module in modules() if "suite.cli" in house(module)} == {"suite.__main__"}


def test_the_checks_are_asked_by_the_command_line_alone():
    checks = {*room("suite.checks")}
    assert {module for module in modules() if house(module) & checks} - checks == {"suite.cli.check"}


def test_the_contract_stands_on_the_ground():
    assert reach("suite.contract") <= GROUND
