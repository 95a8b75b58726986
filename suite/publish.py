"""The tables of a study as small CSV files fit to be committed, and the comparison of a cube with such tables."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import SuiteError
from suite.cube import to_frame
from suite.files import write_bytes
from suite.plan import Plan
from suite.statistics.paired import paired
from suite.tasks import Context

if TYPE_CHECKING:
    import pandas

CONDITION = ["device", "crossbar", "sigma_log", "condition"]
CELL = ["workload", "source", "method", *CONDITION, "usability", "score"]
# What another machine calls the same mean.
SHARED = ["workload", "method", "condition", "score"]
BASELINES = ("erm", "bayesmulti")


def publish(context: Context, plan: Plan, folder: Path) -> list[Path]:
    """Write scores.csv, paired.csv, tuning.csv and chosen.csv of a study into `folder`."""
    import pandas

    scores = scores_by_seed(context.cube)
    tables = {
        "scores.csv": scores,
        "paired.csv": pandas.concat([differences(scores, baseline) for baseline in BASELINES], ignore_index=True),
        "tuning.csv": _tuning_trials(context, plan),
        "chosen.csv": _chosen(context, plan),
    }
    for name, table in tables.items():
        text = table.to_csv(index=False, lineterminator="\n", float_format="%.6g")
        write_bytes(folder / name, text.encode())
    return [folder / name for name in tables]


def scores_by_seed(cube: Path) -> pandas.DataFrame:
    """One row per seed and condition: mean and standard deviation over realisations, and their number."""
    grouped = to_frame(cube).groupby([*CELL, "seed"], sort=True)["value"]
    return grouped.agg(mean="mean", std="std", n_realisations="count").reset_index()


def differences(scores: pandas.DataFrame, baseline: str) -> pandas.DataFrame:
    """Every method minus the baseline, per condition: mean, 95 % t interval on seed means, paired by seed.

    scores: as of `scores_by_seed`. Conditions are kept apart, also those that differ in settings alone.
    """
    import pandas

    rows = []
    keys = ["workload", "score", *CONDITION]
    for labels, cell in scores.groupby(keys):
        by_seed = cell.pivot(index="seed", columns="method", values="mean").dropna()
        for method in [name for name in by_seed.columns if name != baseline and baseline in by_seed]:
            found = paired(by_seed[method], by_seed[baseline])
            means = {"baseline_mean": by_seed[baseline].mean(), "mean": by_seed[method].mean()}
            low, high = found.mean - found.half_width, found.mean + found.half_width
            row = {**dict(zip(keys, labels, strict=True)), "method": method, "baseline": baseline}
            row |= {**means, "difference": found.mean, "low": low, "high": high, "n_seeds": found.n}
            rows.append({**row, "significant": found.excludes_zero})
    return pandas.DataFrame(rows)


def _tuning_trials(context: Context, plan: Plan) -> pandas.DataFrame:
    import pandas

    rows = [
        {
            "workload": contestant.workload,
            "method": contestant.label,
            "trial": trial["number"],
            "objective": trial["objective"],
            **trial["params"],
        }
        for contestant, record in plan.searches(context.store)
        for trial in record["trials"]
    ]
    return pandas.DataFrame(rows)


def _chosen(context: Context, plan: Plan) -> pandas.DataFrame:
    import pandas

    rows = [
        {
            "workload": contestant.workload,
            "method": contestant.label,
            "parameter": name,
            "value": value,
            "on_bound": name in record["on_bound"],
            "objective": record["objective"],
        }
        for contestant, record in plan.searches(context.store)
        for name, value in record["params"].items()
    ]
    return pandas.DataFrame(rows)


def against(cube: Path, folder: Path, tolerance: float) -> list[str]:
    """Where a cube lacks a mean score of committed tables or differs by more than `tolerance`; [] where they agree.

    Compared are means over seeds and realisations, per condition: what another machine should reproduce. What the
    cube has beyond the tables is no finding. Raises SuiteError where the folder has no scores.csv, one without the
    columns that are compared, or one that shares no cell with the cube.
    """
    import pandas

    path = folder / "scores.csv"
    if not path.is_file():
        raise SuiteError(f"{path}: no such table; name a folder that `suite publish` wrote")
    published = pandas.read_csv(path)
    if lacking := {*SHARED, "mean"} - {*published}:
        raise SuiteError(f"{path}: has no column {', '.join(sorted(lacking))}; write it anew with `suite publish`")
    theirs, ours = (table.groupby(SHARED)["mean"].mean() for table in (published, scores_by_seed(cube)))
    both = theirs.to_frame("theirs").join(ours.to_frame("ours"))
    if both["ours"].isna().all():
        raise SuiteError(f"{path}: has no condition in common with {cube}; compare the same study")
    # A number that is missing on either side is not within any tolerance.
    apart = both[~((both["ours"] - both["theirs"]).abs() <= tolerance)]
    return [f"{' '.join(cell)}: {_found(row.ours)}, published {row.theirs:.4f}" for cell, row in apart.iterrows()]


def _found(ours: float) -> str:
    return "not in this cube" if math.isnan(ours) else f"{ours:.4f}"
