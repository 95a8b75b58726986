"""Critical-difference diagram: methods by their average rank over the workloads of a study (J. Demsar, JMLR 7, 2006).

A workload's score of a method is the area under its main score's curve, log-normal cells on plain weights. Methods
that Nemenyi's test cannot tell apart at 5 % are joined by a bar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract.sources import source_of
from suite.figures import Figure, held, style
from suite.figures.summary import Panel, summary
from suite.statistics.ranks import FEWEST_METHODS, FEWEST_WORKLOADS, ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree

COLUMNS = ["workload", "source", "score", "contestant", "area", "higher_is_better"]
LEVEL = 0.05


def table(tree: DataTree) -> DataFrame:
    """One row per workload and contestant that all workloads have; empty where there are too few of either."""
    found = _areas(tree)
    return found.iloc[:0] if _too_few(found) else found


def left_out(tree: DataTree) -> Sequence[str]:
    """Why there is no diagram."""
    return _too_few(_areas(tree))


def _too_few(found: DataFrame) -> Sequence[str]:
    workloads, contestants = found["workload"].nunique(), found["contestant"].nunique()
    if workloads >= FEWEST_WORKLOADS and contestants >= FEWEST_METHODS:
        return ()
    needed = f"{FEWEST_WORKLOADS} workloads and {FEWEST_METHODS} methods"
    return (f"ranks take {needed} on curves against usability, this cube has {workloads} and {contestants}",)


def _areas(tree: DataTree) -> DataFrame:
    import pandas

    from suite.statistics.tolerance import area

    rows = []
    for workload, node in held(tree).items():
        score, measure = next(iter(node.attrs["measures"].items()))
        for contestant, curve in summary(tree, [Panel(workload, workload, score)]).groupby("contestant"):
            curve = curve.sort_values("sigma_log")
            if len(curve) > 1:
                value = float(area(curve["sigma_log"].to_numpy(), curve["mean"].to_numpy()))
                source = source_of(node.attrs["source"], score)
                rows.append([workload, source, score, contestant, value, measure["higher_is_better"]])
    found = pandas.DataFrame(rows, columns=COLUMNS)
    everywhere = found.groupby("contestant")["workload"].nunique() == found["workload"].nunique()
    return found[found["contestant"].map(everywhere).astype(bool)]


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """The axis of average ranks, 1 is best."""
    from matplotlib.figure import Figure as Drawing
    from scikit_posthocs import critical_difference_diagram

    signed = rows.assign(area=rows["area"].where(rows["higher_is_better"], -rows["area"]))
    found = ranking(signed.pivot(index="workload", columns="contestant", values="area"))
    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, 0.9 + 0.28 * len(found.average)))
    axes = drawing.subplots()
    critical_difference_diagram(
        found.average,
        found.nemenyi,
        alpha=LEVEL,
        ax=axes,
        label_fmt_left="{label} ({rank:.2f})",
        label_fmt_right="({rank:.2f}) {label}",
    )
    axes.set_title(f"Average rank; Friedman test: p = {found.friedman_p:.2g}", loc="left")
    return drawing


def caption(rows: DataFrame) -> str:
    """Over what the ranks are."""
    workloads = rows["workload"].nunique()
    return (
        f"Ranks by area under the curve of the main score against usability over {workloads} workloads; 1 is best. "
        "A bar joins methods that Nemenyi's test does not tell apart at 5 %."
    )


FIGURE = Figure("Ranks of the methods", (), table, draw, caption, left_out, of_every_study=True)
