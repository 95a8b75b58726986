"""Cubes made by hand, for the tests of figures."""

import numpy as np
import xarray

from suite import figures
from suite.contract import Condition
from suite.figures import style
from suite.figures.summary import Panel

LEVELS = (1.0, 0.9, 0.74, 0.5, 0.2)
DIMS = ("contestant", "seed", "condition", "realisation")
PANELS = (Panel("mnist_mlp", "MLP"), Panel("mnist_lenet", "LeNet"))
ACCURACY = {"accuracy": {"title": "Accuracy", "chance": 0.1, "higher_is_better": True}}


def cells(seeds=2, realisations=3):
    """Scores that differ in every cell."""
    shape = (2, seeds, len(LEVELS), realisations)
    return 0.2 + 0.7 * np.random.default_rng(5).random(shape)


def workload(scores=None, source="mnist:official", contestants=("erm", "bayesmulti"), usability=LEVELS, **labels):
    """One workload's group as `suite.open` gives it; labels: device, crossbar, curve_source, specimen per condition."""
    scores = {"accuracy": cells()} if scores is None else scores
    shape = next(iter(scores.values())).shape
    plain = {"device": "lognormal", "crossbar": "weights", "curve_source": "", "specimen": ""}
    conditions = {name: labels.get(name, [value] * len(usability)) for name, value in plain.items()}
    keys = [
        Condition.of(usability=level, device=device, crossbar=crossbar, specimen=specimen).key
        if level == level
        else f"{device}()@{crossbar}"
        for level, device, crossbar, specimen in zip(
            usability, *(conditions[name] for name in ("device", "crossbar", "specimen")), strict=True
        )
    ]
    return xarray.Dataset(
        {name: (DIMS, values) for name, values in scores.items()} | {"n_nonfinite": (DIMS, np.zeros(shape, np.int32))},
        coords={
            "contestant": np.array(contestants, dtype=object),
            "seed": np.arange(shape[1]),
            "realisation": np.arange(shape[3]),
            "condition": np.array(keys, dtype=object),
            "usability": ("condition", np.array(usability)),
            "sigma_log": ("condition", -np.log(usability) + 0.0),
            **{name: ("condition", np.array(values, dtype=object)) for name, values in conditions.items()},
        },
        attrs={
            "title": "a workload",
            "source": source,
            "measures": {name: ACCURACY["accuracy"] | {"title": name.capitalize()} for name in scores},
        },
    )


def tree(**workloads):
    root = xarray.Dataset(attrs={"study": "test", "entropy": 1})
    return xarray.DataTree.from_dict({"/": root, **{f"/{name}": data for name, data in workloads.items()}})


def both(**options):
    return tree(mnist_mlp=workload(**options), mnist_lenet=workload(**options))


def drawn(study_tree, figure=None):
    figure = figure or figures.find("fig2a")
    with style.house_style():
        return figure.draw(figure.table(study_tree), study_tree)
