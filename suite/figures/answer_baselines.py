"""What networks that answer on images observe beside their scores: baselines without the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from suite.contract.sources import source_of
from suite.figures import held
from suite.figures.observed import observed

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataTree

    from suite.figures.summary import Panel

BASELINES = {"constant": "most frequent answer", "question": "same, by question"}


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
