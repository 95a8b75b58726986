"""What code a result depends on: what runs counts, what is only said or only typed does not."""

from pathlib import Path

import pytest

import suite
from suite.fingerprint import closure, digest, fingerprint

HOUSE = Path(suite.__file__).parent
SOURCE = '''"""A module."""

from suite.seeds import stream


def rate(step: int) -> float:
    """A rate."""
    # why
    return 0.5 * step


class Thing:
    """A thing."""

    def method(self):
        """Does nothing."""
'''


def of(folder, text, name="workloads/code.py"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return fingerprint(path)


def names(*files):
    return {path.relative_to(HOUSE.parent).as_posix() for path in closure(files) if path.is_relative_to(HOUSE.parent)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""A module."""', '"""Another word\n\nor two."""'),
        ('"""A module."""', ""),
        ('"""A rate."""', '"""The rate of a step."""'),
        ('"""A thing."""', '"""Another thing."""'),
        ("# why", "# for another reason"),
        ("    # why\n", "\n\n"),
        ("0.5 * step", "(0.5 * step)"),
    ],
)
def test_words_and_layout_change_nothing(tmp_path, old, new):
    assert old in SOURCE
    assert of(tmp_path / "a", SOURCE) == of(tmp_path / "b", SOURCE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"), [("0.5", "0.6"), ("* step", "+ step"), ("Thing", "Think"), ("stream", "TUNING_SEED")]
)
def test_code_changes_everything(tmp_path, old, new):
    assert of(tmp_path / "a", SOURCE) != of(tmp_path / "b", SOURCE.replace(old, new))


def test_a_string_that_is_no_docstring_counts(tmp_path):
    assert of(tmp_path / "a", "x = 1\n'text'") != of(tmp_path / "b", "x = 1\n'other'")


def test_two_plugins_of_one_name_both_count(tmp_path):
    """A workload and a method may have the same stem."""

    def pair(folder, workload, method):
        of(folder, workload, "workloads/same.py"), of(folder, method, "methods/same.py")
        return fingerprint(folder / "workloads/same.py", folder / "methods/same.py")

    prints = {pair(tmp_path / str(i), f"x = {i % 2}", f"x = {i // 2}") for i in range(4)}
    assert len(prints) == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import suite.seeds", {"suite/seeds.py"}),
        ("from suite.seeds import stream", {"suite/seeds.py"}),
        ("from suite import names", {"suite/__init__.py", "suite/names.py"}),
        ("def f():\n    from suite.seeds import stream", {"suite/seeds.py"}),
        ("import suite_elsewhere, torch, json.decoder", set()),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from suite.seeds import stream", set()),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nelse:\n    import suite.seeds",
            {"suite/seeds.py"},
        ),
        ("load('mnist', root)", {"suite/sources/mnist.py"}),
        ("contract.load('mnist', root).splits(scale)", {"suite/sources/mnist.py"}),
        ("load(name, root)\njson.load('no_such_source')", set()),
    ],
)
def test_the_closure_is_what_is_imported_when_the_code_runs(tmp_path, text, expected):
    of(tmp_path, text)
    found = names(tmp_path / "workloads/code.py")
    assert expected <= found
    assert expected or not found


def test_imports_are_followed():
    assert {"suite/contract.py", "suite/conditions.py", "suite/seeds.py"} <= names(HOUSE / "training.py")


@pytest.mark.parametrize("file", ["training.py", "sweep.py", "tuning.py", "devices/lognormal.py", "methods/erm.py"])
def test_scores_depend_on_no_figure_cube_or_command_line(file):
    rooms = ("suite/figures", "suite/cube", "suite/executors", "suite/cli", "suite/driver", "suite/plan", "suite/study")
    assert [name for name in names(HOUSE / file) if name.startswith(rooms)] == []


def test_workloads_depend_on_the_source_that_they_name():
    for name, source in (("mnist_mlp", "mnist"), ("mnist_lenet", "mnist"), ("cifar_resnet", "cifar10")):
        assert f"suite/sources/{source}.py" in names(HOUSE.parent / "workloads" / f"{name}.py")


def test_the_order_of_files_does_not_matter():
    files = HOUSE / "sweep.py", HOUSE / "training.py"
    assert fingerprint(*files) == fingerprint(*reversed(files))


def test_a_process_speaks_of_the_code_that_it_loaded(tmp_path):
    """A file that is edited while a process lives is not the code that runs in it."""
    path = tmp_path / "workloads" / "code.py"
    before = of(tmp_path, SOURCE)
    path.write_text(SOURCE.replace("0.5", "0.6"))
    assert fingerprint(path) == before


def test_digest_knows_no_order_of_keys():
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1}) != digest({"a": 1, "b": [2, 1]})
