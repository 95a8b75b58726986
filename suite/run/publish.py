"""The tables of a study as small CSV files fit to be committed, and the comparison of a cube with such tables."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import SuiteError
from suite.plan.context import Context
from suite.plan.plan import Plan
from suite.results.tables import write_tables
from suite.statistics.comparison.scores import measures_in, published_scores, scores_by_seed
from suite.statistics.comparison.tables import differences
from suite.training.search import ENDED, STATISTICS

if TYPE_CHECKING:
    import pandas

# What another machine calls the same mean.
SHARED = ["workload", "contestant", "condition", "score"]
BASELINES = ("erm", "bayesmulti")


def publish(context: Context, plan: Plan, folder: Path) -> list[Path]:
    """Write scores.csv, paired.csv, tuning.csv, chosen.csv and arrays.csv of a study, as far as they have rows."""
    import pandas

    scores = scores_by_seed(context.cube)
    measures = measures_in(scores, context.study.plugins, context.study.workload_files)
    compared = [differences(scores, baseline, measures) for baseline in BASELINES]
    tables = {
        "scores.csv": scores,
        "paired.csv": pandas.concat(compared, ignore_index=True),
        "tuning.csv": _tuning_trials(context, plan),
        "chosen.csv": _chosen(context, plan),
        "arrays.csv": _arrays(plan),
    }
    return write_tables(folder, tables)


def _tuning_trials(context: Context, plan: Plan) -> pandas.DataFrame:
    import pandas

    rows = [
        {
            "workload": contestant.workload,
            "contestant": contestant.label,
            "trial": trial["number"],
            "objective": trial["objective"],
            **{remark: trial[remark] for remark in (ENDED, STATISTICS) if remark in trial},
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
            "contestant": contestant.label,
            "parameter": name,
            "value": value,
            "on_bound": name in record["on_bound"],
            "objective": record["objective"],
            **({STATISTICS: record[STATISTICS]} if STATISTICS in record else {}),
        }
        for contestant, record in plan.searches(context.store)
        for name, value in record["params"].items()
    ]
    return pandas.DataFrame(rows)


def _arrays(plan: Plan) -> pandas.DataFrame:
    """How many weights of each workload are programmed, ideal and frozen, and the names of the ideal ones."""
    import pandas

    accounts = plan.accounts.items()
    rows = [{"workload": name, **account, "left_out": " ".join(account["left_out"])} for name, account in accounts]
    return pandas.DataFrame(rows)


def against(cube: Path, folder: Path, tolerance: float) -> list[str]:
    """Where a cube lacks a mean score of committed tables or differs by more than `tolerance`; [] where they agree.

    Compared are means over seeds and realisations, per condition: what another machine should reproduce. What the
    cube has beyond the tables is no finding. Raises SuiteError where the folder has no scores.csv, one without the
    columns that are compared, or one that shares no cell with the cube.
    """
    published = published_scores(folder)
    theirs, ours = (table.groupby(SHARED)["mean"].mean() for table in (published, scores_by_seed(cube)))
    both = theirs.to_frame("theirs").join(ours.to_frame("ours"))
    if both["ours"].isna().all():
        raise SuiteError(f"{folder / 'scores.csv'}: has no condition in common with {cube}; compare the same study")
    # A number that is missing on either side is not within any tolerance.
    apart = both[~((both["ours"] - both["theirs"]).abs() <= tolerance)]
    return [f"{' '.join(cell)}: {_found(row.ours)}, published {row.theirs:.4f}" for cell, row in apart.iterrows()]


def _found(ours: float) -> str:
    return "not in this cube" if math.isnan(ours) else f"{ours:.4f}"
