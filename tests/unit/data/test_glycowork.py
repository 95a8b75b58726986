"""The glycowork source: what becomes of its rows, and how they are split."""

import numpy as np
import pytest
from glycan_rows import rows

from suite.contract import DataCorrupt
from suite.contract.registry import registry
from suite.data import load
from suite.data.sources import glycowork
from suite.data.sources.glycowork import Row, collect


def labels_of(glycans, number):
    return [glycans.vocabulary[label - 1] for label in glycans.inputs[number, 0] if label]


def test_names_of_one_structure_are_one_glycan_with_all_their_places():
    found = collect(
        [
            Row("Gal(b1-3)[Fuc(a1-2)]Glc", "Homo_sapiens", "Animalia"),
            Row("Fuc(a1-2)[Gal(b1-3)]Glc", "Mus_musculus ", "Metazoa"),
            Row("Man", "Zea_mays", "Plantae"),
        ],
        "rows",
    )
    assert found.inputs.shape == (2, 2, 5)
    assert found.species == ({"Homo_sapiens", "Mus_musculus"}, {"Zea_mays"})
    assert found.kingdoms == ({"Animalia"}, {"Plantae"})
    assert found.dropped == {"does not parse": 0, "another name": 1}


def test_inputs_are_labels_above_parents():
    found = collect([Row("Gal(b1-4)GlcNAc", "a", "b"), Row("Man", "a", "b")], "rows")
    assert found.vocabulary == ("Gal", "GlcNAc", "Man", "b1-4")
    assert found.inputs.dtype == np.int16
    assert found.inputs.tolist() == [[[2, 4, 1], [-1, 0, 1]], [[3, 0, 0], [-1, -1, -1]]]


def test_a_glycan_that_does_not_parse_is_dropped_and_counted():
    found = collect([Row("Gal(b1-4)[GlcNAc", "a", "b"), Row("", "a", "b"), Row("Man", "a", "b")], "rows")
    assert len(found.inputs) == 1
    assert found.dropped["does not parse"] == 2


def test_a_class_with_one_sample_is_dropped_and_counted():
    extra = [Row("Kdo(a2-4)Kdo", "Lonely_one", "Crenarchaeota"), Row("Kdo", "Lonely_one", "Crenarchaeota")]
    found = collect([*rows(40), *extra], "rows")
    assert found.kingdom_task().dropped == {"no label, or several": 0, "small class": 2}
    assert found.species_task().dropped == {"no label, or several": 0, "small class": 2}
    assert "Crenarchaeota" not in found.kingdom_task().classes


def test_a_glycan_of_two_kingdoms_or_of_no_species_is_dropped_and_counted():
    more = [Row("Kdo", "undetermined", "Fungi"), Row("Kdo", "undetermined", "Plantae")]
    found = collect([*rows(40), *more], "rows")
    assert found.kingdom_task().dropped == {"no label, or several": 1, "small class": 0}
    assert found.species_task().dropped == {"no label, or several": 1, "small class": 0}


def test_splits_are_by_glycan_stratified_and_the_same_every_time():
    found = collect(rows(100), "rows")
    splits, again = found.kingdom("reference"), found.kingdom("reference")
    parts = (splits.train, splits.validation, splits.tests["test"])
    assert [len(part) for part in parts] == [70, 10, 20]
    inputs = [{sample.numpy().tobytes() for sample in part.tensors[0]} for part in parts]
    assert len(set.union(*inputs)) == 100
    assert np.bincount(splits.tests["test"].tensors[1]).tolist() == [10, 10]
    for one, other in zip(parts, (again.train, again.validation, again.tests["test"]), strict=True):
        assert all(mine.equal(theirs) for mine, theirs in zip(one.tensors, other.tensors, strict=True))


def test_targets_of_species_are_memberships():
    found = collect([*rows(100), *(Row(row.glycan, "Everywhere", "Fungi") for row in rows(100))], "rows")
    inputs, targets = found.species_of("reference").train.tensors
    assert targets.shape == (len(inputs), len(found.species_task().classes))
    assert targets[:, found.species_task().classes.index("Everywhere")].all()
    assert (targets.sum(1) == 2).all()


def test_the_table_of_another_version_is_refused_with_the_fix(tmp_path):
    content = b"glycan,Species,Kingdom\nMan,a,b\n"
    with pytest.raises(DataCorrupt, match=r"v12_df_species\.csv: its SHA-256 .*pip install .*glycowork==1\.11\.0"):
        glycowork._rows(tmp_path / glycowork.TABLE, content)


def test_the_packaged_table_is_what_the_workloads_say_of_it():
    found = load("glycowork", None)
    kingdom, species = found.kingdom_task(), found.species_task()
    workloads = {
        name: registry().entry("workload", name).path.read_text() for name in ("glycan_kingdom", "glycan_species")
    }
    assert found.source.startswith("glycowork:1.")
    assert found.dropped == {"does not parse": 3, "another name": 287}
    assert len(found.vocabulary) == 1_792
    assert all("LABELS = 1_792" in text or "LABELS, SPECIES = 1_792, 1_075" in text for text in workloads.values())
    assert all(f'"{name}",' in workloads["glycan_kingdom"] for name in kingdom.classes)
    assert (len(kingdom.classes), len(kingdom.glycans), *kingdom.dropped.values()) == (14, 22_790, 661, 4)
    assert (len(species.classes), len(species.glycans), *species.dropped.values()) == (1_075, 21_686, 325, 1_444)
    assert species.members.sum() == 34_754
    for task, name in ((kingdom, "glycan_kingdom"), (species, "glycan_species")):
        assert f"{len(task.glycans):,}" in workloads[name]
