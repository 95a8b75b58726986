"""What data a result depends on: the files that are read, whatever they are called; else what the samples are."""

import pytest
import torch
from torch.utils.data import ConcatDataset, Dataset, Subset, TensorDataset

from suite.contract import Splits
from suite.contract.opened import opened_by
from suite.contract.registry import registry
from suite.data.datasets import find
from suite.plan.identity import content
from tests.toys import WORKLOAD, plugin

FILES = (
    "    def split(number):",
    """    from pathlib import Path
    folder = Path(__file__).parent
    READ

    def split(number):""",
)
TABLES = {"a.csv": "1,2,3", "b.csv": "4,5,6"}
READS = [
    "[(folder / name).read_text() for name in ('a.csv', 'b.csv')]",
    "import numpy; [numpy.loadtxt(folder / name, delimiter=',') for name in ('a.csv', 'b.csv')]",
    "import numpy; [numpy.fromfile(str(folder / name), dtype='uint8') for name in ('a.csv', 'b.csv')]",
    "import numpy; [numpy.memmap(folder / name, dtype='uint8') for name in ('a.csv', 'b.csv')]",
    "import pandas; [pandas.read_csv(folder / name) for name in ('a.csv', 'b.csv')]",
    "import os; [os.close(os.open(folder / name, os.O_RDONLY)) for name in ('a.csv', 'b.csv')]",
    "from concurrent.futures import ThreadPoolExecutor as Pool\n"
    "    list(Pool(2).map(lambda name: (folder / name).read_text(), ('a.csv', 'b.csv')))",
]


def written(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def digest_of(folder, *edits, files=TABLES, seed=0):
    """The digest of the toy's data, read by an edited file with other files beside it."""
    written(folder / "workloads", files)
    path = plugin(folder, "workload", "toy", WORKLOAD, *edits)
    (entry,) = [entry for entry in registry((folder,)).entries("workload") if entry.path == path]
    assert not entry.reason
    return content.read(entry.value.at("ci", {}), path, "ci", None, seed).splits.digest


def reading(line):
    return FILES[0], FILES[1].replace("READ", line)


@pytest.mark.parametrize("line", READS)
def test_the_files_that_are_read_count_by_what_they_hold(tmp_path, line):
    edit = reading(line)
    first = digest_of(tmp_path / "1", edit)
    assert digest_of(tmp_path / "2", edit, files={**TABLES, "c.csv": "9"}) == first
    assert digest_of(tmp_path / "3", edit, files={**TABLES, "b.csv": "4,5,7"}) != first


def test_files_that_changed_places_are_other_data(tmp_path):
    edit = reading(READS[0])
    swapped = {"a.csv": TABLES["b.csv"], "b.csv": TABLES["a.csv"]}
    assert digest_of(tmp_path / "1", edit) != digest_of(tmp_path / "2", edit, files=swapped)


def test_what_pip_keeps_beside_an_editable_checkout_is_no_data(tmp_path):
    """importlib.metadata reads it in the first process that asks, and in no other."""
    info = tmp_path / "own.egg-info" / "entry_points.txt"
    written(info.parent, {info.name: "[console_scripts]"})
    _, opened = opened_by(info.read_text)
    assert opened.files == {}


def test_a_database_counts(tmp_path):
    import sqlite3

    found = []
    for number in (1, 2, 2):
        folder = tmp_path / str(len(found))
        (folder / "workloads").mkdir(parents=True)
        with sqlite3.connect(folder / "workloads" / "a.db") as base:
            base.execute("create table t (x)")
            base.execute("insert into t values (?)", [number])
        base.close()
        line = "import sqlite3; sqlite3.connect(folder / 'a.db').execute('select * from t').fetchall()"
        found.append(digest_of(folder, reading(line), files={}))
    assert found[0] != found[1] == found[2]


def test_a_reader_that_keeps_what_it_read_is_seen_again(tmp_path):
    kept = (
        "def data(scale",
        "import functools\n\n@functools.cache\ndef table(path):\n    return path.read_text()\n\n\ndef data(scale",
    )
    edit = reading("table(folder / 'a.csv')")
    assert digest_of(tmp_path, kept, edit) == digest_of(tmp_path, kept, edit)
    assert digest_of(tmp_path, kept, edit) != digest_of(tmp_path / "2", kept, edit, files={"a.csv": "2"})


def test_a_cache_that_the_reader_writes_makes_no_difference(tmp_path):
    line = (
        "cache = folder / 'cache.txt'\n"
        "    cache.exists() or cache.write_text((folder / 'a.csv').read_text().upper())\n"
        "    cache.read_text()"
    )
    assert digest_of(tmp_path, reading(line)) == digest_of(tmp_path, reading(line))


def test_without_files_samples_count(tmp_path):
    points = ("manual_seed(number)", "manual_seed(10 + number)")
    assert digest_of(tmp_path / "1") == digest_of(tmp_path / "2") != digest_of(tmp_path / "3", points)


def test_what_is_synthetic_is_told_by_its_code(tmp_path):
    named = ("toy:half-planes", "synthetic:half-planes")
    points = ("manual_seed(number)", "manual_seed(10 + number)")
    assert digest_of(tmp_path / "1", named) == digest_of(tmp_path / "2", named, points)


@pytest.mark.parametrize("way", ["def other():\n    import pyarrow", "def other(pandas):\n    pandas.read_hdf('a.h5')"])
def test_beside_a_library_that_may_read_unseen_samples_count(tmp_path, way):
    edit = reading("(folder / 'a.csv').read_text()")
    unseen = ("def data(scale", f"{way}\n\n\ndef data(scale")
    points = ("manual_seed(number)", "manual_seed(10 + number)")
    assert digest_of(tmp_path / "1", edit) == digest_of(tmp_path / "2", edit, points)
    assert digest_of(tmp_path / "3", edit, unseen) != digest_of(tmp_path / "4", edit, unseen, points)


def test_a_stated_digest_is_taken(tmp_path):
    def stated(text):
        return '"toy:half-planes")', f'"toy:half-planes", digest="{text}")'

    edit, other = reading("(folder / 'a.csv').read_text()"), {"a.csv": "7"}
    assert digest_of(tmp_path / "1", edit, stated("x")) == digest_of(tmp_path / "2", edit, stated("x"), files=other)
    assert digest_of(tmp_path / "3", stated("x")) != digest_of(tmp_path / "4", stated("y"))


LAZY = (
    "def data(scale",
    """class Rows:
    def __init__(self, path):
        self.path = path

    def __len__(self):
        return 2

    def __getitem__(self, index):
        import torch

        return torch.tensor(float(self.path.read_text().split(",")[index])), 0


def data(scale""",
)
LATER = ("split(2), {", "Rows(folder / 'a.csv'), {")


def test_what_is_read_sample_by_sample_counts(tmp_path):
    edits = LAZY, reading("pass"), LATER
    first = digest_of(tmp_path / "1", *edits)
    assert digest_of(tmp_path / "2", *edits) == first != digest_of(tmp_path / "3", *edits, files={"a.csv": "1,4,3"})


def test_what_a_network_reads_counts(tmp_path):
    before = "def network(generator, scale, settings):"
    edit = before, f"{before}\n    from pathlib import Path\n    Path(__file__).with_name('a.csv').read_text()"
    first = digest_of(tmp_path / "1", edit)
    assert digest_of(tmp_path / "2", edit) == first != digest_of(tmp_path / "3", edit, files={"a.csv": "7"})


def test_each_seed_has_its_own_data(tmp_path):
    own = ("split(1), split(2)", "split(1 + seed), split(2)")
    assert digest_of(tmp_path, own, seed=0) != digest_of(tmp_path, own, seed=7)


@pytest.mark.parametrize("name", ["mnist", "digits", "glycowork"])
def test_tables_inside_packages_are_seen_each_time(name):
    for _ in range(2):
        found, opened = opened_by(find(name).packaged)
        assert found is not None
        assert [path.suffix for path in opened.files] == [".csv" if name == "glycowork" else ".gz"]


@pytest.mark.parametrize(
    "sample",
    [
        torch.tensor([1.0]),
        torch.tensor([1.0, 0.0]),
        torch.tensor([[1.0]]),
        torch.tensor([1], dtype=torch.int32),
        [torch.tensor([1.0]), torch.tensor([])],
        {"a": torch.tensor([1.0])},
        {"b": torch.tensor([1.0])},
        torch.tensor([1.0]).numpy(),
        torch.tensor([True]),
        "1",
        1,
        1.5,
        None,
    ],
    ids=repr,
)
def test_samples_are_told_apart(sample):
    others = [torch.tensor([2.0]), {"a": torch.tensor([2.0])}, "2", 2]
    splits = [Splits([one], [], {}, "x") for one in (sample, *others)]
    assert content._samples_digest(splits[0]) == content._samples_digest(splits[0])
    assert len({content._samples_digest(one) for one in splits}) == len(splits)


class Points(Dataset):
    def __len__(self):
        return 1

    def __getitem__(self, index):
        return 1


def test_which_data_sets_may_read_later():
    whole = TensorDataset(torch.zeros(2))
    held = [whole, Subset(whole, [0]), ConcatDataset([whole, whole]), [1, 2], ((1, 2), (3, 4))]
    later = [Points(), Subset(Points(), [0]), ConcatDataset([whole, Points()])]
    assert not any(map(content._is_lazy, held))
    assert all(map(content._is_lazy, later))
