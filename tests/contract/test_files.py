"""What holds for every plug-in file, whatever its kind, and that no check is forgotten."""

import inspect
import pkgutil
from importlib import import_module
from pathlib import Path

import suite.checks
from suite.checks import files
from suite.checks.table import CHECKS, KINDS
from tests.contract.plugins import ALL, DROPINS, held, hold


def test_house_files_and_drop_ins_are_found():
    for kind in KINDS:
        folders = {entry.path.parent for entry in ALL.entries(kind)}
        assert {DROPINS / f"{kind}s"} < folders


def test_every_check_stands_in_the_table_and_is_held_by_a_file_of_its_name():
    modules = [import_module(f"suite.checks.{module.name}") for module in pkgutil.iter_modules(suite.checks.__path__)]
    assert {check.run for check in CHECKS} == {function for module in modules for function in _checks(module)}
    rooms = {check.run.__module__.rpartition(".")[2] for check in CHECKS}
    assert rooms <= {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}


def _checks(module):
    """What is written like a check: a public function of a kit, a file and a case that only ever raises."""
    for name, function in inspect.getmembers(module, inspect.isfunction):
        signature = inspect.signature(function)
        begins = [*signature.parameters][:2] == ["kit", "entry"] and signature.return_annotation == "None"
        if begins and function.__module__ == module.__name__ and not name.startswith("_"):
            yield function


@held(files)
def test_it_holds(check, entry, case):
    hold(check, entry, case)
