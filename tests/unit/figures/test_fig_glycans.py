"""The figures of glycans: scores of two tasks, and the t-SNE by kingdom."""

import numpy as np
import xarray

from suite import figures
from suite.figures.render import Rendered, Skipped, render
from tests.unit.figures.figure_trees import cells, drawn, tree, workload

SCORES = ("accuracy", "f1", "auc")
KINGDOMS = np.array(["Animalia", "Bacteria", "Protista"])


def group():
    return workload({name: cells() for name in SCORES}, source="glycowork:1.11.0")


def unit(contestant, usability, seed=0, points=30):
    random = np.random.default_rng(points)
    labels = {"contestant": contestant, "seed": seed, "realisation": 0, "source": "glycowork:1.11.0"}
    return xarray.Dataset(
        {
            "place": (("glycan", "axis"), random.standard_normal((points, 2))),
            "kingdom": ("glycan", KINGDOMS[np.arange(points) % 3]),
        },
        attrs=labels | {"condition": f"sigma of {usability}", "usability": usability},
    )


def observed_tree(*units):
    found = tree(glycan_kingdom=group())
    nodes = {f"/glycan_kingdom/observations/embedding/{number}": one for number, one in enumerate(units)}
    return xarray.DataTree.from_dict(
        {"/": found.to_dataset(), "/glycan_kingdom": found["glycan_kingdom"].to_dataset(), **nodes}
    )


def test_fig4f_has_a_panel_per_task_and_score():
    panels = drawn(tree(glycan_species=group(), glycan_kingdom=group()), figures.find("fig4f")).axes
    assert [axes.get_title(loc="left") for axes in panels] == ["Species"] * 3 + ["Kingdom"] * 3
    assert {line.get_label() for line in panels[0].get_lines()} == {"ERM", "BayesMulti", "chance"}


def test_fig4f_tasks_share_an_axis_only_where_their_chance_is_the_same():
    species, kingdom = group(), group()
    species["accuracy"] = species["accuracy"] / 10
    species["auc"] = species["auc"] / 10
    measures = species.attrs["measures"]
    species.attrs["measures"] = measures | {"accuracy": measures["accuracy"] | {"chance": 0.01}}
    panels = drawn(tree(glycan_species=species, glycan_kingdom=kingdom), figures.find("fig4f")).axes
    assert panels[0].get_ylim()[1] < 0.2 < panels[3].get_ylim()[1]
    assert panels[2].get_ylim() == panels[5].get_ylim()


def test_fig4e_has_a_row_per_level_and_a_column_per_method():
    units = [unit(contestant, usability) for contestant in ("bayesmulti", "erm") for usability in (0.57, 1.0)]
    found = observed_tree(*units)
    table = figures.find("fig4e").table(found)
    assert len(table) == 4 * 30
    panels = drawn(found, figures.find("fig4e")).axes
    titles = [axes.get_title(loc="left") for axes in panels]
    assert titles == [f"{contestant}, usability {u}" for u in ("1", "0.57") for contestant in ("ERM", "BayesMulti")]
    named = {points.get_label(): points for points in panels[0].collections}
    assert [len(named[label].get_offsets()) for label in ("Animalia", "others", "Plantae")] == [10, 10, 0]


def test_fig4e_shows_the_first_seed_of_a_state():
    table = figures.find("fig4e").table(observed_tree(unit("erm", 1.0, seed=0), unit("erm", 1.0, seed=1, points=9)))
    assert table["seed"].unique() == [0]
    assert "30 test glycans" in figures.find("fig4e").caption(table)


def test_fig4e_has_no_row_for_a_device_without_usability(tmp_path):
    late = unit("erm", np.nan).assign_attrs(condition="pcm(seconds=60)@weights")
    table = figures.find("fig4e").table(observed_tree(unit("erm", 1.0), late))
    assert table["usability"].unique() == [1.0]


def test_fig4e_leaves_out_a_panel_that_is_not_observed(tmp_path):
    found = observed_tree(unit("erm", 1.0), unit("erm", 0.57), unit("bayesmulti", 1.0))
    assert isinstance(render("fig4e", found, tmp_path, "test"), Rendered)


def test_fig4e_is_skipped_where_nothing_was_observed(tmp_path):
    assert render("fig4e", tree(glycan_kingdom=group()), tmp_path, "test") == Skipped(
        "fig4e", "glycan_kingdom has no finished cell for this figure"
    )
