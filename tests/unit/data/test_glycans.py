"""Names of glycans as trees."""

import pytest

from suite.data.sources._glycans import Tree, UnreadableGlycan, tree


def test_a_chain_runs_from_its_reducing_end():
    assert tree("Gal(b1-4)GlcNAc") == Tree(("GlcNAc", "b1-4", "Gal"), (-1, 0, 1))
    assert tree("Fuc") == Tree(("Fuc",), (-1,))


def test_branches_hang_where_the_brackets_put_them():
    found = tree("Man(a1-3)[Xyl(b1-2)]Man(b1-4)GlcNAc")
    bonds = {(found.labels[child], found.labels[above]) for child, above in enumerate(found.parents) if above >= 0}
    assert found.labels[0] == "GlcNAc"
    assert bonds == {
        ("b1-4", "GlcNAc"),
        ("Man", "b1-4"),
        ("a1-3", "Man"),
        ("b1-2", "Man"),
        ("Man", "a1-3"),
        ("Xyl", "b1-2"),
    }


def test_two_drawings_of_one_structure_are_one_tree():
    assert tree("Glc(b1-3)Glc(b1-4)[Rha(a1-2)]Glc") == tree("Rha(a1-2)[Glc(b1-3)Glc(b1-4)]Glc")
    assert tree("Glc(b1-3)Glc(b1-4)[Rha(a1-2)]Glc") != tree("Rha(a1-2)Glc(b1-3)[Glc(b1-4)]Glc")


def test_substituents_of_unknown_place_are_trees_beside_the_main_one():
    found = tree("{Fuc(a1-2/3/4)}{Gal(b1-4)GlcNAc(b1-3)}Gal(b1-4)GlcNAc")
    assert sorted(label for label, above in zip(found.labels, found.parents, strict=True) if above < 0) == [
        "GlcNAc",
        "a1-2/3/4",
        "b1-3",
    ]
    assert "Hex" not in found.labels
    assert found == tree("{Gal(b1-4)GlcNAc(b1-3)}{Fuc(a1-2/3/4)}Gal(b1-4)GlcNAc")


def test_wildcards_stay_as_they_are():
    assert set(tree("Pen(?1-?)HexNAc").labels) == {"Pen", "?1-?", "HexNAc"}


@pytest.mark.parametrize("name", ["", "{}", "Gal(b1-4)[Fuc(a1-3)GlcNAc", "Gal(b1-4)]GlcNAc", "Gal(b1-4GlcNAc", "{Gal"])
def test_a_name_that_does_not_parse_is_refused(name):
    with pytest.raises(UnreadableGlycan):
        tree(name)


def test_a_closing_bracket_before_its_opening_is_refused():
    with pytest.raises(UnreadableGlycan, match="GlcNAc"):
        tree("Gal(b1-4)]Fuc(a1-3)[GlcNAc")


def test_trees_are_those_of_glycowork():
    from glycowork.motif.graph import glycan_to_nxGraph

    for name in (
        "Neu5Ac(a2-3)Gal(b1-3)[Neu5Ac(a2-6)]GalNAc(b1-4)[Neu5Ac(a2-3)]Gal(b1-4)Glc1Cer",
        "{Fuc(a1-2/3/4)}Gal(b1-4)GlcNAc(b1-2)[Gal(b1-4)GlcNAc(b1-4)]Man(a1-3)[Man(a1-6)]Man(b1-4)GlcNAc",
        "Araf(?1-?)GalA(a1-4)GalA",
    ):
        graph, found = glycan_to_nxGraph(name), tree(name)
        labels = dict(graph.nodes(data="string_labels"))
        assert sorted(labels.values()) == sorted(found.labels)
        assert sorted((labels[parent], labels[child]) for parent, child in graph.edges()) == sorted(
            (found.labels[above], label) for label, above in zip(found.labels, found.parents, strict=True) if above >= 0
        )
