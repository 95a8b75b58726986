"""What the figures of ablations share: curves of chosen methods and crossbars, one panel per workload of the cube."""

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


def ablation_figure(title: str, variants: Mapping[str, Variant]) -> Figure:
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
