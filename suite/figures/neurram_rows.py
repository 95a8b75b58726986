"""What a cube holds of the workloads of the NeuRRAM chip, as tidy rows, beside what its authors publish.

Published numbers: W. Wan et al., Nature 608, 504-512 (2022), accuracies in its text and captions; software and
recovery: the authors' repository weierwan/Neurram_48core, commit 2ed5f8d (recovery read off its pictures of 75 digits).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.contract.sources import source_of
from suite.figures import held
from suite.figures.summary import Panel, moments

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataTree

PANELS = (
    Panel("neurram_mnist", "MNIST, CNN"),
    Panel("neurram_cifar", "CIFAR-10, ResNet-20"),
    Panel("neurram_speech", "Spoken digits, LSTM"),
    Panel("neurram_speech_unheard", "Unheard speaker, LSTM"),
    Panel("neurram_rbm", "Recovery of pixels, RBM", "reduction"),
    Panel("neurram_rbm", "Recovery of the bottom, RBM", "reduction@bottom"),
)
# (workload, score): of the authors' own network in software, and on their chip.
PUBLISHED = {
    ("neurram_mnist", "accuracy"): (0.9921, 0.9902),
    ("neurram_cifar", "accuracy"): (0.8756, 0.8566),
    ("neurram_speech", "accuracy"): (0.8806, 0.8466),
    ("neurram_rbm", "reduction"): (None, 0.831),
    ("neurram_rbm", "reduction@bottom"): (None, 0.208),
}
COLUMNS = (
    *("workload", "source", "score", "contestant", "device", "crossbar", "noise", "seconds"),
    *("mean", "std", "n_seeds", "n_realisations", "n"),
)


def rows(tree: DataTree) -> DataFrame:
    """One row per panel, method and condition with a finished cell; noise and seconds NaN where a device has none."""
    import pandas

    frames = [_rows(tree, panel) for panel in PANELS if panel.workload in held(tree)]
    found = [frame for frame in frames if len(frame)]
    return pandas.concat(found, ignore_index=True) if found else pandas.DataFrame(columns=list(COLUMNS))


def _rows(tree: DataTree, panel: Panel) -> DataFrame:
    dataset = tree[panel.workload].to_dataset()
    frame = moments(dataset[panel.score])
    known: dict[str, Any] = {
        "workload": panel.workload,
        "source": source_of(dataset.attrs["source"], panel.score),
        "score": panel.score,
    }
    # Without a condition of their device a cube lacks these levels.
    lacking = {name: float("nan") for name in ("noise", "seconds") if name not in frame}
    return frame[frame["n"] > 0].assign(**known, **lacking)[list(COLUMNS)]


def of(frame: DataFrame, panel: Panel) -> DataFrame:
    """The rows of one panel."""
    return frame[(frame["workload"] == panel.workload) & (frame["score"] == panel.score)]


def shown(frame: DataFrame) -> list[Panel]:
    """The panels that have rows."""
    return [panel for panel in PANELS if len(of(frame, panel))]


def counted(frame: DataFrame) -> str:
    """How many samples stand behind a mean."""
    return f"{frame['n_seeds'].max():.0f} seeds × up to {frame['n_realisations'].max():.0f} realisations"
