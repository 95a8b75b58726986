"""What code a result depends on: what runs counts; what is only said or typed, and where it lies, does not."""

import itertools
from pathlib import Path

import pytest

import suite
from suite.contract import SuiteError
from suite.contract.digests import digest
from suite.contract.registry import registry
from suite.plan.identity.fingerprint import closure, fingerprint

HOUSE = Path(suite.__file__).parent
SOURCE = '''"""A module."""

from suite.contract.seeds import stream


def rate(step: int) -> float:
    """A rate."""
    # why
    return 0.5 * step


class Thing:
    """A thing."""

    def method(self):
        """Does nothing."""
'''


def written(folder, text, name="workloads/code.py"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def of(folder, text, name="workloads/code.py"):
    return fingerprint(written(folder, text, name))


def names(*files):
    return {path.relative_to(HOUSE.parent).as_posix() for path in closure(files) if path.is_relative_to(HOUSE.parent)}


@pytest.fixture
def two(tmp_path):
    """The digests of two texts, each in a folder of its own: equal or not."""
    return lambda one, other: of(tmp_path / "a", one) == of(tmp_path / "b", other)


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
def test_words_and_layout_change_nothing(two, old, new):
    assert old in SOURCE
    assert two(SOURCE, SOURCE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"), [("0.5", "0.6"), ("* step", "+ step"), ("Thing", "Think"), ("import stream", "import TUNING_SEED")]
)
def test_code_changes_everything(two, old, new):
    assert old in SOURCE
    assert not two(SOURCE, SOURCE.replace(old, new))


def test_a_string_that_is_no_docstring_counts(two):
    assert not two("x = 1\n'text'", "x = 1\n'other'")


def test_a_byte_order_mark_is_no_code(tmp_path):
    marked = written(tmp_path / "a", "")
    marked.write_bytes(b"\xef\xbb\xbf" + SOURCE.encode())
    assert fingerprint(marked) == of(tmp_path / "b", SOURCE)


# --------------------------------------------------------------------------------------------------- imports


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("from suite.contract.seeds import stream as f", "from suite.contract.seeds import TUNING_SEED as f"),
        ("from suite.contract.seeds import stream as f", "from suite.contract.seeds import stream as g"),
        ("from math import sin as f", "from math import cos as f"),
        ("from math import sin", "from cmath import sin"),
        ("import numpy.random as f", "import numpy.linalg as f"),
        ("from suite.contract import seeds as f", "from suite.contract import names as f"),
        # Of two imports of one name the last one holds.
        ("from math import sin\nfrom cmath import sin", "from cmath import sin\nfrom math import sin"),
        ("from math import *\nfrom cmath import sin", "from cmath import sin\nfrom math import *"),
        # In another function.
        (
            "def f():\n    from math import pi as x\ndef g():\n    from math import e as x",
            "def f():\n    from math import e as x\ndef g():\n    from math import pi as x",
        ),
    ],
)
def test_another_import_is_other_code(two, one, other):
    assert not two(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "import math\nfrom suite.contract.seeds import stream",
            "from suite.contract.seeds import stream\nimport math",
        ),
        ("from math import cos, sin", "from math import sin\nfrom math import cos"),
        ("from suite.contract import seeds", "import suite.contract.seeds as seeds"),
        ("x = 1", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import suite.contract.seeds\nx = 1"),
    ],
)
def test_the_same_imports_written_otherwise_are_the_same(two, one, other):
    if "TYPE_CHECKING" in other:
        one = f"from typing import TYPE_CHECKING\n{one}"
    assert two(one, other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import suite.contract.seeds", {"suite/contract/seeds.py"}),
        ("from suite.contract.seeds import stream", {"suite/contract/seeds.py"}),
        ("from suite.contract import seeds", {"suite/contract/seeds.py"}),
        ("def f():\n    from suite.contract.seeds import stream", {"suite/contract/seeds.py"}),
        ("import torch, json.decoder", set()),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from suite.contract.seeds import stream", set()),
        ("import typing\nif typing.TYPE_CHECKING:\n    from suite.contract.seeds import stream", set()),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nelse:\n    import suite.contract.seeds",
            {"suite/contract/seeds.py"},
        ),
        ("from suite.data import load\nload('mnist', root)", {"suite/data/sources/mnist.py"}),
        ("from suite.data import load as get\nget('mnist', root)", {"suite/data/sources/mnist.py"}),
        ("from suite.data import load\nload(source='mnist', root=None)", {"suite/data/sources/mnist.py"}),
        ("from suite import data\ndata.load('mnist', root).splits(scale)", {"suite/data/sources/mnist.py"}),
        ("import suite.data\nsuite.data.load('mnist', root)", {"suite/data/sources/mnist.py"}),
        ("from suite.data import load\nNAME = 'mnist'\nload(NAME, root)", {"suite/data/sources/mnist.py"}),
        ("import json\nload = json.load\nload(name)\njson.load('no_such_source')", set()),
    ],
)
def test_the_closure_is_what_is_imported_when_the_code_runs(tmp_path, text, expected):
    found = names(written(tmp_path, text))
    assert expected <= found
    assert expected or not found


def test_a_source_may_be_named_by_a_constant_of_another_file(tmp_path):
    written(tmp_path, "SOURCE = 'mnist'", "workloads/names_of_mine.py")
    path = written(tmp_path, "from suite.data import load\nfrom names_of_mine import SOURCE as S\nload(S, None)")
    assert "suite/data/sources/mnist.py" in names(path)


def test_imports_are_followed():
    expected = {"suite/contract/__init__.py", "suite/contract/conditions.py", "suite/contract/seeds.py"}
    assert expected <= names(HOUSE / "training/loop.py")


NUMERIC = ["training/loop.py", "sweep/sweep.py", "training/search.py", "sweep/observe.py"]


@pytest.mark.parametrize("file", [*NUMERIC, "devices/lognormal.py", "methods/erm.py"])
def test_scores_depend_on_no_figure_cube_or_command_line(file):
    rooms = ("figures", "results/cube", "run/executors", "cli", "run/driver", "plan", "studies/study", "lab", "certify")
    assert all((HOUSE / room).exists() or (HOUSE / f"{room}.py").is_file() for room in rooms)
    assert [name for name in names(HOUSE / file) if name.startswith(tuple(f"suite/{room}" for room in rooms))] == []


@pytest.mark.parametrize("file", NUMERIC)
def test_what_only_hands_on_does_not_count(file):
    glue = {"suite/data/datasets.py", "suite/contract/names.py", "suite/run/work.py", "suite/run/campaign.py"}
    assert all((HOUSE.parent / name).is_file() for name in glue)
    assert names(HOUSE / file).isdisjoint(glue)


def test_workloads_depend_on_the_source_that_they_name():
    for name, source in (("mnist_mlp", "mnist"), ("mnist_lenet", "mnist"), ("cifar_resnet", "cifar10")):
        assert f"suite/data/sources/{source}.py" in names(HOUSE.parent / "workloads" / f"{name}.py")


# ---------------------------------------------------------------------------------------- files of the user

HELPERS = itertools.count()


@pytest.fixture
def helper():
    """A module name that no other test has: Python holds one module of a name."""
    return f"helper_of_mine_{next(HELPERS)}"


@pytest.mark.parametrize("place", ["workloads/{}.py", "{}.py", "{}/__init__.py", "workloads/{}/__init__.py"])
@pytest.mark.parametrize(
    "line",
    ["import {}", "from {} import size", "def f():\n    import {} as h", "__import__('{}')"],
)
def test_a_helper_beside_a_plugin_counts(tmp_path, helper, place, line):
    def with_size(folder, size):
        written(folder, f"size = {size}", place.format(helper))
        return of(folder, line.format(helper))

    assert with_size(tmp_path / "a", 2) == with_size(tmp_path / "b", 2) != with_size(tmp_path / "c", 32)


def test_a_helper_of_a_helper_counts(tmp_path, helper):
    def with_size(folder, size):
        written(folder, f"size = {size}", f"{helper}/inner/deep.py")
        written(folder, "from .inner.deep import size", f"{helper}/__init__.py")
        return of(folder, f"from {helper} import size")

    assert with_size(tmp_path / "a", 2) == with_size(tmp_path / "b", 2) != with_size(tmp_path / "c", 32)


def test_what_runs_on_the_way_to_a_helper_counts(tmp_path, helper):
    def with_package(folder, text):
        written(folder, text, f"{helper}/__init__.py")
        written(folder, "size = 2", f"{helper}/inner.py")
        return of(folder, f"from {helper}.inner import size")

    assert with_package(tmp_path / "a", "x = 1") != with_package(tmp_path / "b", "x = 2")


def test_a_helper_far_away_counts(tmp_path, helper, monkeypatch):
    def with_size(folder, size):
        written(folder, f"size = {size}", f"lib/{helper}_{folder.name}.py")
        monkeypatch.syspath_prepend(folder / "lib")
        return of(folder, f"import {helper}_{folder.name} as helper")

    assert with_size(tmp_path / "a", 2) != with_size(tmp_path / "b", 32)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\nimport no_such_module_at_all", "line 2: `import no_such_module_at_all` leads to no file"),
        ("from .beside import x", "line 1: `from .beside import x` leads to no file"),
        ("from importlib import import_module\nimport_module(name)", "`import_module(name)` does not say which module"),
        ("from importlib.util import spec_from_file_location as s\ns(1, 2)", "what `spec_from_file_location` runs"),
        ("import importlib.util as u\nu.spec_from_file_location('a', 'b.py')", "what `spec_from_file_location` runs"),
        ("from suite.data import load\nload(f'{x}', None)", "`load(f'{x}', None)` does not say which data source"),
        ("from suite.data import load\nS = 'a'\nS = 'mnist'\nload(S)", "`load(S)` does not say which data source"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_file_line_and_fix(tmp_path, text, said):
    path = written(tmp_path, text)
    with pytest.raises(SuiteError) as caught:
        fingerprint(path)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)
    assert "write `import NAME` of a file beside this one" in str(caught.value)


def test_an_import_that_the_code_can_do_without_is_not_refused(tmp_path):
    of(tmp_path, "try:\n    import no_such_module_at_all\nexcept ImportError:\n    pass")


def test_of_two_helpers_of_one_name_python_would_take_the_first(tmp_path, helper, monkeypatch):
    paths = [written(tmp_path / folder, f"import {helper}") for folder in "ab"]
    for folder, size in (("a", 2), ("b", 32)):
        written(tmp_path / folder, f"size = {size}", f"workloads/{helper}.py")
    monkeypatch.syspath_prepend(tmp_path / "a" / "workloads")
    fingerprint(paths[0])
    with pytest.raises(SuiteError, match=r"line 1: `import \w+` finds .*a/workloads.*b/workloads.* has the same name"):
        fingerprint(paths[1])


def test_a_file_that_is_read_at_import_counts(tmp_path):
    text = "from pathlib import Path\nTABLE = Path(__file__).with_name('table.csv').read_text()\n"

    def with_table(folder, table):
        written(folder, table, "devices/table.csv")
        path = written(folder, text, "devices/mine.py")
        registry((folder,))
        return fingerprint(path)

    one, same, other = (with_table(tmp_path / str(number), text) for number, text in enumerate(["1", "1", "2"]))
    assert one == same != other


# ----------------------------------------------------------------------------------------------- as a whole


def test_modules_that_import_each_other_all_count(tmp_path, helper):
    def circle(folder, one, other):
        written(folder, f"import {helper}_b\nx = {one}", f"workloads/{helper}_a.py")
        written(folder, f"import {helper}_a\nx = {other}", f"workloads/{helper}_b.py")
        return of(folder, f"from {helper}_a import x")

    found = {circle(tmp_path / f"{one}{other}", one, other) for one in (1, 2) for other in (1, 2)}
    assert len(found) == 4
    assert circle(tmp_path / "again", 1, 1) in found


def test_which_module_of_a_circle_is_meant_counts(tmp_path, helper):
    def circle(folder, meant):
        written(folder, f"import {helper}_b\nx = 1", f"workloads/{helper}_a.py")
        written(folder, f"import {helper}_a\nx = 2", f"workloads/{helper}_b.py")
        return of(folder, f"from {helper}_{meant} import x")

    assert circle(tmp_path / "1", "a") != circle(tmp_path / "2", "b")


def test_each_file_has_its_place(tmp_path):
    """A workload and a method may have the same stem."""

    def pair(folder, workload, method):
        files = (
            written(folder, f"x = {workload}", "workloads/same.py"),
            written(folder, f"x = {method}", "methods/same.py"),
        )
        return fingerprint(*files)

    prints = {pair(tmp_path / str(i), i % 2, i // 2) for i in range(4)}
    assert len(prints) == 4


def test_a_process_speaks_of_the_code_that_it_loaded(tmp_path):
    """A file that is edited while a process lives is not the code that runs in it."""
    path = tmp_path / "workloads" / "code.py"
    before = of(tmp_path, SOURCE)
    path.write_text(SOURCE.replace("0.5", "0.6"))
    assert fingerprint(path) == before


def test_digest_knows_no_order_of_keys():
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1}) != digest({"a": 1, "b": [2, 1]})
