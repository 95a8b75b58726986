"""What networks that answer on images observe beside their scores: baselines without the image, and texts."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from suite.contract.sources import source_of
from suite.figures import held, style
from suite.figures.observed import observed

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure
    from pandas import DataFrame
    from xarray import DataTree

    from suite.figures.summary import Panel

BASELINES = {"constant": "most frequent answer", "question": "same, by question"}
TOLD = ("recall", "hallucination", "perplexity", "repeated")
WIDTH = 110


def baseline_rows(tree: DataTree, panels: Sequence[Panel]) -> DataFrame:
    """Of each panel whose workload observes baselines, by its first contestant and seed: see `fig5.table`."""
    import pandas

    rows = []
    for panel in panels:
        found = observed(tree, panel.workload, "baselines")
        tests = found[0]["set"].to_numpy().tolist() if found else []
        test = panel.score.partition("@")[2] or "test"
        if test not in tests:
            continue
        own = found[0].isel(task=tests.index(test))
        source = source_of(held(tree)[panel.workload].attrs["source"], panel.score)
        where = {"workload": panel.workload, "source": source, "score": panel.score}
        rows += [
            {**where, "quantity": "baselines", "contestant": title, "mean": float(own[name])}
            for name, title in BASELINES.items()
        ]
        rows.append(
            {
                **where,
                "quantity": "validation",
                "contestant": own.attrs["contestant"],
                "mean": float(own["validation"]),
                "margin": float(own["margin"]),
                "std": float(own["error"]),
            }
        )
    return pandas.DataFrame(rows)


def spoken_rows(tree: DataTree, *workloads: str) -> DataFrame:
    """A row for each text that a workload observed as `dialogue`: contestant, usability, image, text and scores."""
    import pandas

    rows = []
    for workload in workloads:
        for one in observed(tree, workload, "dialogue"):
            first = one.isel(image=0)
            rows.append(
                {
                    "quantity": "text",
                    "workload": workload,
                    "source": str(one.attrs["source"]),
                    **{name: one.attrs[name] for name in ("contestant", "usability", "sigma_log")},
                    "image": str(first["name"].item()),
                    "text": str(first["text"].item()),
                    **{name: float(one[name].mean()) for name in TOLD},
                }
            )
    return pandas.DataFrame(rows)


def draw_spoken(part: SubFigure, rows: DataFrame) -> None:
    """A line for each text."""
    axes = part.subplots()
    axes.axis("off")
    axes.set_title("c", loc="left", fontweight="bold")
    lines = []
    for _, row in rows.iterrows():
        scores = ", ".join(f"{name} {row[name]:.2g}" for name in TOLD)
        said = textwrap.shorten(row["text"] or "(nothing)", WIDTH)
        lines.append(f"{row['contestant']}, usability {row['usability']:.2f}: {said!r} ({scores})")
    axes.text(0, 1, "\n".join(lines), va="top", size=style.SMALL_PT, transform=axes.transAxes, parse_math=False)
