"""The figures of ablations: curves of chosen methods and crossbars, one panel per workload of the cube."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from suite.figures import Figure, held
from suite.figures.curves import curve_caption, draw_curves
from suite.figures.summary import COLUMNS, Panel, summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree


@dataclass(frozen=True)
class Variant:
    """A method's label in the study and the crossbar that it is read on."""

    contestant: str
    crossbar: str = "weights"


def _figure(title: str, variants: Mapping[str, Variant]) -> Figure:
    """A figure of the main scores of all workloads, one line per variant, under the name that readers see.

    Workloads that lack a variant are left out.
    """

    def table(tree: DataTree) -> DataFrame:
        import pandas

        frames = [rows for panel in _panels(tree) if len(rows := _rows(tree, panel, variants))]
        return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame(columns=list(COLUMNS))

    def draw(rows: DataFrame, tree: DataTree) -> Drawing:
        return draw_curves(rows, tree, _panels(tree), columns=2)

    def left_out(tree: DataTree) -> list[str]:
        lacking = [panel.workload for panel in _panels(tree) if not len(_rows(tree, panel, variants))]
        asked = " and ".join(f"{variant.contestant} on {variant.crossbar}" for variant in variants.values())
        return [f"{', '.join(lacking)} without {asked} in this cube"] if lacking else []

    return Figure(title, (), table, draw, curve_caption, left_out)


def _panels(tree: DataTree) -> list[Panel]:
    return [Panel(name, name, next(iter(node.attrs["measures"]))) for name, node in held(tree).items()]


def _rows(tree: DataTree, panel: Panel, variants: Mapping[str, Variant]) -> DataFrame:
    """The finished cells of every variant; none where a variant has none."""
    import pandas

    dataset, frames = tree[panel.workload].to_dataset(), []
    for variant in variants.values():
        # Told from the labels alone, in most cubes and most ablations.
        if (
            variant.contestant not in dataset["contestant"].to_numpy()
            or variant.crossbar not in dataset["crossbar"].to_numpy()
        ):
            return pandas.DataFrame(columns=list(COLUMNS))
    for label, variant in variants.items():
        found = summary(tree, [Panel(panel.workload, panel.title, panel.score, variant.crossbar)])
        frames.append(found[found["contestant"] == variant.contestant].assign(contestant=label))
    return pandas.concat(frames if all(map(len, frames)) else [frames[0].iloc[:0]])


FIGURES = {
    # What lies on cells: weights alone, or every parameter as in the authors' code (biases, batch norm).
    "fig_ablation_cells": _figure(
        "Ablation: which parameters lie on cells",
        {
            "ERM, weights": Variant("erm"),
            "ERM, all parameters": Variant("erm", "all_parameters"),
            "BayesMulti, weights": Variant("bayesmulti"),
            "BayesMulti, all parameters": Variant("bayesmulti", "all_parameters"),
        },
    ),
    # One draw of weight noise, or four whose losses are averaged.
    "fig_ablation_draws": _figure(
        "Ablation: draws of the noise per training step",
        {
            "ERM": Variant("erm"),
            "weight noise, 1 draw": Variant("bayesmulti/weight_one_rate"),
            "weight noise, 4 draws": Variant("bayesmulti/weight_one_rate_4_draws"),
        },
    ),
    # The device factor with its mean of exp(sigma^2 / 2), or divided by it.
    "fig_ablation_mean": _figure(
        "Ablation: mean of the device noise",
        {
            "ERM, plain": Variant("erm"),
            "ERM, mean kept": Variant("erm", "mean_preserving"),
            "BayesMulti, plain": Variant("bayesmulti"),
            "BayesMulti, mean kept": Variant("bayesmulti", "mean_preserving"),
        },
    ),
    # What tuning maximises: the validation score under drift, or the clean training score as in the authors' code.
    "fig_ablation_objective": _figure(
        "Ablation: objective of the tuning",
        {
            "ERM": Variant("erm"),
            "BayesMulti, under drift": Variant("bayesmulti"),
            "BayesMulti, clean training score": Variant("bayesmulti/clean_objective"),
        },
    ),
    # As in the authors' code, or as in the theorem.
    "fig_ablation_rates": _figure(
        "Ablation: one or two rates per layer",
        {
            "ERM": Variant("erm"),
            "one rate": Variant("bayesmulti"),
            "two rates": Variant("bayesmulti/two_rates"),
        },
    ),
    # As in the authors' code, or as in the theorem.
    "fig_ablation_target": _figure(
        "Ablation: noise on activations or on weights",
        {
            "ERM": Variant("erm"),
            "on activations": Variant("bayesmulti"),
            "on weights": Variant("bayesmulti/weight_one_rate"),
        },
    ),
}
