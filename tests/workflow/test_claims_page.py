"""Each number of the page of claims is that of a committed table, and no claim has one that no table speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas
import pytest

from tests.workflow.kitti_scores import kitti
from tests.workflow.neurram_scores import CHIP, NOISE, SOFTWARE, percent, shown

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "results" / "reference"
LINES = [
    line.strip("| ").split(" | ") for line in (ROOT / "docs" / "claims.md").read_text().splitlines() if "| " in line
]
ROWS = {claim: (verdict, have) for claim, verdict, have, *_ in LINES[1:]}
VERDICTS = {"reproduced", "partly", "not reproduced", "not tested"}


def table(path: str) -> pandas.DataFrame:
    """A committed CSV."""
    return pandas.read_csv(REFERENCE / path)


def ahead(folder: str, workload: str, sigma: float, contestant: str = "bayesmulti", score: str = "accuracy") -> float:
    """By how many points a method is ahead of ERM."""
    found = table(f"tables/{folder}/comparison/differences.csv")
    of = (found["workload"] == workload) & (found["contestant"] == contestant) & (found["score"] == score)
    at = found["sigma_log"].round(3) == sigma
    (value,) = found[of & at & (found["crossbar"] == "weights")]["difference"]
    return 100 * value


def behind(folder: str, workload: str) -> str:
    """As `ahead` on clean crossbars, without its sign; it must be behind there, and nowhere ahead after Holm."""
    found = table(f"tables/{folder}/comparison/differences.csv")
    sure = found[(found["workload"] == workload) & (found["contestant"] == "bayesmulti") & (found["p_holm"] < 0.05)]
    assert (sure["difference"] < 0).all()
    return f"{-ahead(folder, workload, 0):.1f}"


def largest(column: str) -> str:
    """Of BayesMulti against ERM in any comparison of scores that do not fall to zero, as those of detection do."""
    all_of_them = pandas.concat(pandas.read_csv(path) for path in (REFERENCE / "tables").rglob("differences.csv"))
    all_of_them = all_of_them[all_of_them["workload"] != "kitti_pointpillars"]
    ours = all_of_them[all_of_them["contestant"].str.startswith("bayesmulti") & (all_of_them["baseline"] == "erm")]
    return f"{ours[column].max():.1f}"


def found_after(pool: str, strategy: str) -> str:
    """Devices made until one of the best three."""
    summary = table("fabrication/summary.csv")
    (value,) = summary[(summary["pool"] == pool) & (summary["goal"] == "top3") & (summary["strategy"] == strategy)][
        "mean"
    ]
    return f"{value:.1f}"


def at_random(pool: str) -> str:
    """The same without a search, exactly."""
    summary = table("fabrication/summary.csv")
    (value,) = {*summary[(summary["pool"] == pool) & (summary["goal"] == "top3")]["random_exact"]}
    return f"{value:.1f}"


def walks(level: str, x: float, score: str, study: str = "vsa") -> float:
    """Of dense codes: in 4,000 neurons, in `vsa_full` 10,000."""
    found = table(f"tables/{study}/fig_vsa_noise.csv")
    of = (found["workload"] == "vsa_fsm/dense") & (found["level"] == level) & (found["x"] == x)
    (value,) = found[of & (found["score"] == score)]["mean"]
    return float(value)


def zeros(x: float, study: str = "vsa") -> str:
    """Reached where so many are asked for, in percent."""
    found = table(f"tables/{study}/fig_vsa_noise.csv")
    of = (found["workload"] == "vsa_fsm/dense") & (found["level"] == "zeros") & (found["x"] == x)
    (value,) = {*found[of]["zeros"]}
    return f"{100 * value:.1f} %"


def capacity(quantity: str, study: str = "vsa_capacity") -> float:
    """A fit over sizes, in `vsa_full` at one."""
    found = table(f"tables/{study}/fig_vsa_capacity.csv").set_index("quantity")["value"]
    return float(found[quantity])


def by_drift() -> list[str]:
    """What detection loses and gains."""
    found = kitti("ap")
    clean, small, large = 100 * found["difference"][[0, 0.1, 0.3]]
    left = 100 * found["baseline_mean"][0.3]
    return [
        f"behind by {-clean:.1f} points on clean crossbars and by {-small:.1f} at σ = 0.1",
        f"ahead by {large:.1f} at σ = 0.3, where plain training is down to {left:.1f} %",
    ]


def of_nothing() -> str:
    """The ratio of two scores next to zero."""
    row = kitti("ap").loc[0.5]
    return f"it is {row['ratio']:.0f}, of {100 * row['mean']:.1f} to {100 * row['baseline_mean']:.2f} %"


def on_chip() -> list[str]:
    """Plain training, after 28 h and in software."""

    def both(what: str) -> str:
        return " and ".join(shown(what, "erm", at) for at in (CHIP, SOFTWARE))

    return [
        f"digits {both('digits')} %",
        f"speech {both('speech')} %",
        f"pixels recovered by {both('pixels')} % of their error",
        f"bottom third by {both('bottom')} %",
    ]


def by_noise() -> list[str]:
    """What training under noise changes on the chip, and under weight noise."""

    def gain(what: str, contestant: str, condition: str) -> float:
        return percent(what, contestant, condition) - percent(what, "erm", condition)

    small, large = "gaussian_weight/p15", "gaussian_weight/p25"
    return [
        f"changes digits by {gain('digits', small, CHIP):+.1f} points and speech by {gain('speech', small, CHIP):+.1f}",
        f"pixels by {gain('pixels', large, CHIP):+.1f} and the bottom third by {gain('bottom', large, CHIP):+.1f}",
        f"gains {gain('digits', small, NOISE):.1f} points on digits and {gain('speech', small, NOISE):.1f} on speech",
    ]


def paces() -> list[str]:
    """How many spiking networks make no error, and how long those hold, the same at every pace."""
    found = table("tables/vsa_spiking/scores.csv")
    right, held = (
        found[found["workload"].str.contains("rest") & (found["score"] == score)].pivot(
            index="seed", columns="workload", values="mean"
        )
        for score in ("success", "held")
    )
    whole = (right == 1).all(axis=1)
    assert (right[~whole] == 0).all(axis=None)
    (seconds,) = set(held[whole].to_numpy().ravel())
    return [f"of {len(right)} networks {whole.sum()} make no error", f"hold states for {seconds:.0f} s"]


def reproduced() -> list[str]:
    """Of the 37 of the stored table: how many follow from their sweeps, and lie above 0.9 by either definition."""
    devices = table("tables/definitions/fig_definitions.csv")
    stored = devices[devices["stored"]]
    high = [int((stored[f"usability_{of}"] > 0.9).sum()) for of in ("authors", "whole")]
    return [f"{int(stored['reproduced'].sum())} of {len(stored)}", f"{high[0]} lie above 0.9", f"and {high[1]} over"]


def rank(contestant: str) -> str:
    """The average one in the contest, of so many data sets."""
    ranks = table("tables/contest/comparison/ranks.csv").set_index("contestant")["average_rank"]
    return f"average rank {ranks[contestant]:.2f}"


TOLD: dict[str, Callable[[], list[str]]] = {
    "BayesMulti makes networks on MNIST": lambda: [f"{ahead('', f'mnist_{net}', 0.8):.1f}" for net in ("mlp", "lenet")],
    "the same on four networks": lambda: [
        f"{behind('cifar', 'cifar_alexnet')} points",
        f"{behind('cifar_resnet', 'cifar_resnet')} (ResNet-20)",
    ],
    "the same on detection": by_drift,
    "the same on antibodies": lambda: [f"{ahead('bio', 'hiv_neutralisation', 1.204, score='auc@unseen'):.1f} points"],
    "the same on glycans": lambda: [
        f"{ahead('bio', 'glycan_kingdom', 0.799):.1f} points",
        f"by {ahead('bio', 'glycan_species', 0.799):.1f}",
    ],
    "up to a hundred times": lambda: [
        f"ERM in any comparison is {largest('ratio')};",
        f"excess, {largest('excess_ratio')}",
        of_nothing(),
    ],
    "without loss": lambda: [
        f"{ahead('', 'mnist_mlp', 0):.1f} (MLP), {ahead('', 'mnist_lenet', 0):.1f} (LeNet)",
        f"{ahead('cifar', 'cifar_alexnet', 0):.1f} (AlexNet)",
        f"{ahead('bio', 'glycan_kingdom', 0):.1f} and {ahead('bio', 'glycan_species', 0):.1f} points",
    ],
    "it is better than dropout": lambda: [*{rank("bayesmulti"), rank("dropout")}],
    "dropout helps": lambda: [
        f"{ahead('contest', 'mnist_lenet', 0.799, 'dropout'):.1f} points on LeNet",
        f"{ahead('contest', 'mnist_mlp', 0.799, 'dropout'):.1f} on the MLP",
        f"{ahead('contest', 'glycan_kingdom', 0.799, 'dropout'):.1f} on glycans",
    ],
    "Bayesian optimisation finds": lambda: [
        f"{found_after('all 37', 'gp_log_sigma')} devices until one of the best three, at random {at_random('all 37')}",
        f"{found_after('37, whole loop', 'gp_log_sigma')} against {at_random('37, whole loop')}",
    ],
    "devices with a usability": reproduced,
    "State machines: every walk": lambda: [
        f"share of {walks('noise', 2.0, 'success'):.2f}",
        f"overlap {walks('noise', 2.0, 'overlap'):.3f}",
    ],
    "State machines: 98 %": lambda: [
        f"{zeros(0.98, 'vsa_full')} zeros a share of {walks('zeros', 0.98, 'success', 'vsa_full'):.2f}",
        f"at {zeros(0.99, 'vsa_full')} {walks('zeros', 0.99, 'success', 'vsa_full'):.2f}",
        f"with {zeros(0.98)} only {walks('zeros', 0.98, 'success'):.2f}",
    ],
    "NeuRRAM: networks on the chip": on_chip,
    "NeuRRAM: training under noise": by_noise,
    "State machines of spiking neurons": paces,
    "State machines: capacity": lambda: [
        f"exponent {capacity('exponent_dense'):.2f}",
        f"{capacity('per_neuron'):.4f} of the number",
        f"{capacity('per_neuron', 'vsa_full'):.4f} at 10,000",
        f"an edge costs {capacity('edge_cost', 'vsa_full'):.2f} states",
    ],
}


@pytest.mark.parametrize("begins", TOLD)
def test_a_claim_has_the_numbers_of_its_tables(begins: str) -> None:
    ((verdict, have),) = [row for claim, row in ROWS.items() if claim.startswith(begins)]
    assert verdict in VERDICTS - {"not tested"}
    for part in TOLD[begins]():
        assert part in have, (part, have)


def test_a_claim_that_no_table_speaks_of_has_no_number() -> None:
    others = {claim: row for claim, row in ROWS.items() if not claim.startswith(tuple(TOLD))}
    assert len(others) == len(ROWS) - len(TOLD)
    assert {verdict for verdict, _ in others.values()} == {"not tested"}
    assert not any(re.search(r"\d", have) for _, have in others.values())


def test_every_table_that_is_named_is_there() -> None:
    named = re.findall(r"`((?:tables|fabrication)[^`]*)`", (ROOT / "docs" / "claims.md").read_text())
    assert named and all((REFERENCE / name).exists() for name in named)
