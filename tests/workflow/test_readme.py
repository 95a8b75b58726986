"""What the README and the pages of the documentation say of numbers is what the committed tables say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pandas
import pytest

from suite.plan.context import Context
from suite.report.leaderboard import workload_files
from suite.run.executors.serial import SerialExecutor
from suite.run.run import run
from suite.statistics.comparison.report import compare
from suite.statistics.comparison.robustness import robustness
from suite.statistics.comparison.scores import measures_in, published_scores
from suite.statistics.paired import paired
from suite.studies.study import load_study
from tests.workflow.kitti_scores import kitti
from tests.workflow.neurram_scores import CHIP, NOISE, SCORES, SOFTWARE, shown

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "results" / "reference" / "tables"
README = (ROOT / "README.md").read_text()
PAGES = "\n".join([README, *(path.read_text() for path in sorted((ROOT / "docs").glob("*.md")))])
RESULTS = (TABLES.parent / "README.md").read_text()
SPEED = (ROOT / "tests" / "bench" / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGES, flags=re.DOTALL)
STUDY = """
name: quick
scale: ci
workloads: [mnist_lenet]
methods: [bayesmulti]
seeds: 1
realisations: 1
conditions:
  - usability: [1.0, 0.74]
tuning: {trials: 1, random_trials: 0, realisations: 1}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the study `quick` has run, at a smaller scale."""
    found = tmp_path_factory.mktemp("readme")
    (found / "study.yaml").write_text(STUDY)
    context = Context(load_study(found / "study.yaml"), found / "results")
    assert not run(context, SerialExecutor(), show=lambda progress: None)[0].failed
    return found


def test_the_lines_of_xarray_print_an_accuracy(folder: Path) -> None:
    code = next(block for block in BLOCKS if "suite.open" in block)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 0 <= float(done.stdout) <= 1


@pytest.mark.parametrize("page", ["README.md", "results/reference/README.md", "tests/bench/README.md"])
def test_every_file_that_a_page_links_to_exists(page: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text()) if "://" not in link]
    missing = [link for link in links if not ((ROOT / page).parent / link).exists()]
    assert links and not missing


def test_the_page_names_the_commits_of_the_receipts() -> None:
    for folder in (
        "",
        "cifar",
        "cifar_resnet",
        "bio",
        "contest",
        "ablations",
        "crossbar",
        "devices",
        "devices_time",
        "neurram",
        "neurram_unheard",
        "kitti",
    ):
        receipt = json.loads((TABLES / folder / "receipt.json").read_text())
        link = f"| [tables](tables/{folder})".replace("/)", ")")
        (row,) = [line for line in RESULTS.splitlines() if link in line]
        assert f"`{receipt['commit']['id'][:7]}`" in row and not receipt["commit"]["dirty"], folder


def test_the_coverage_is_that_of_the_receipt() -> None:
    receipt = json.loads((ROOT / "tests" / "claims" / "receipt.json").read_text())["claim_coverage"]
    shares = {name: 100 * share for name, share in receipt["measured"].items()}
    mean, apart = shares.pop("mean"), shares.pop("difference")
    shown = f"{mean:.1f} % of all cases for means and in {apart:.1f} % for differences"
    shown += f", the bootstrap intervals in {min(shares.values()):.1f} to {max(shares.values()):.1f} %"
    assert shown in " ".join(PAGES.split())


def told(points: float, low: float, high: float, *, significant: bool) -> str:
    """A difference in points as the pages write it."""
    return f"{points:+.1f} [{low:+.1f}, {high:+.1f}]" + ("" if significant else " (n.s.)")


def told_row(row: Any) -> str:
    """The difference of a row of `paired.csv`."""
    return told(100 * row.difference, 100 * row.low, 100 * row.high, significant=row.significant)


def difference(folder: str, workload: str, score: str, sigma: float) -> str:
    found = pandas.read_csv(TABLES / folder / "comparison" / "differences.csv")
    of = (found["workload"] == workload) & (found["score"] == score) & (found["contestant"] == "bayesmulti")
    (value,) = found[of & (found["crossbar"] == "weights") & (found["sigma_log"].round(3) == sigma)]["difference"]
    return f"{100 * value:+.1f}"


@pytest.mark.parametrize("page", ["README.md", "docs/evidence.md"])
def test_the_summary_is_that_of_the_committed_tables(page: str) -> None:
    shown = (ROOT / page).read_text().splitlines()
    lines = {line.split(" | ")[0].lstrip("| "): line for line in shown if line.startswith("| ")}
    mnist = [difference("", f"mnist_{net}", "accuracy", sigma) for sigma in (0, 0.8) for net in ("mlp", "lenet")]
    expected = "{}, {} | ahead from σ = 0.5 (u = 0.61) to 1.6: {} and {} at σ = 0.8 |".format(*mnist)
    assert expected in lines["MNIST, MLP and LeNet"]
    for folder, name in (("cifar", "AlexNet"), ("cifar_resnet", "ResNet-20")):
        workload = f"cifar_{name.partition('-')[0].lower()}"
        assert f"| {difference(folder, workload, 'accuracy', 0)} |" in lines[f"CIFAR-10, {name} (5 epochs)"]
    glycans = [
        difference("bio", f"glycan_{what}", "accuracy", at) for at in (0, 0.799) for what in ("kingdom", "species")
    ]
    assert "{}, {} | {} and {} at σ = 0.8 |".format(*glycans) in lines["glycans (kingdom, species)"]
    antibodies = lines["antibodies (HIV, SARS-CoV-2, HER2)"]
    clean = [difference("bio", *score, 0) for score in ANTIBODIES]
    assert f"| {min(clean, key=float)} to {max(clean, key=float)} |" in antibodies
    assert f"at most {difference('bio', 'hiv_neutralisation', 'auc@unseen', 1.204)} (HIV" in antibodies


def test_ahead_on_mnist_is_after_holm() -> None:
    found = pandas.read_csv(TABLES / "comparison" / "differences.csv")
    named = found[found["sigma_log"].between(0.499, 1.62)]
    assert len(named) and (named["difference"] > 0).all() and (named["p_holm"] < 0.05).all()


def test_the_results_are_those_of_the_committed_tables() -> None:
    paired = pandas.read_csv(TABLES / "paired.csv")
    shown = paired["sigma_log"].round(3).isin([0.3, 0.5, 0.8, 1.2])
    against_erm = paired[(paired["baseline"] == "erm") & shown]
    assert len(against_erm) == 2 * 3 * 4
    for row in against_erm.itertuples():
        cell = f"{told_row(row)} |"
        assert cell in RESULTS, (row.workload, row.contestant, row.sigma_log, cell)
    scores = pandas.read_csv(TABLES / "scores.csv")
    clean = scores[scores["sigma_log"] == 0].groupby(["workload", "contestant"])["mean"].mean().mul(100).round(1)
    for workload, name in (("mnist_mlp", "MLP"), ("mnist_lenet", "LeNet")):
        pattern = rf"{clean[workload, 'bayesmulti']} against\s(ERM's\s)?{clean[workload, 'erm']} % on (the )?{name}"
        assert re.search(pattern, " ".join(RESULTS.split())), pattern


ANTIBODIES = [
    ("mason_her2", "auc"),
    ("hiv_neutralisation", "accuracy@seen"),
    ("hiv_neutralisation", "auc@unseen"),
    ("cov_neutralisation", "auc"),
]
BIO = {
    "mason_her2": "auc",
    "hiv_neutralisation": "accuracy@seen",
    "cov_neutralisation": "auc",
    "glycan_kingdom": "accuracy",
    "glycan_species": "accuracy",
}


@pytest.mark.parametrize(("workload", "score"), [*BIO.items(), ("hiv_neutralisation", "auc@unseen")])
def test_the_biological_workloads_are_those_of_the_committed_table(workload: str, score: str) -> None:
    paired = pandas.read_csv(TABLES / "bio" / "paired.csv")
    found = paired[(paired["baseline"] == "erm") & (paired["workload"] == workload) & (paired["score"] == score)]
    found = found[found["sigma_log"].round(3).isin([0, 0.301, 0.562, 0.799, 1.204])].sort_values("sigma_log")
    assert len(found) == 5
    cells = [f"{100 * found['baseline_mean'].iloc[0]:.1f}"]
    cells += [told_row(row) for row in found.itertuples()]
    assert f"| `{workload}` | {score} | {' | '.join(cells)} |" in RESULTS, cells


def test_the_leak_is_that_of_the_committed_table() -> None:
    cells = pandas.read_csv(TABLES / "bio" / "comparison" / "cells.csv")
    clean = cells[(cells["contestant"] == "erm") & (cells["sigma_log"] == 0)].set_index(["workload", "score"])
    splits = [
        ("cov_neutralisation", ""),
        ("cov_neutralisation_leaky", "@seen"),
        ("cov_neutralisation_leaky", "@unseen"),
    ]
    for workload, test in splits:
        rows = [clean.loc[(workload, f"{score}{test}")] for score in ("accuracy", "auc", "mcc")]
        shown = [f"{100 * row['mean']:.1f} [{100 * row['low']:.1f}, {100 * row['high']:.1f}]" for row in rows]
        assert f"| {' | '.join(shown)} |" in RESULTS, (workload, test, shown)


def test_committed_tables_reach_the_bars_of_clean_scores() -> None:
    cells = pandas.read_csv(TABLES / "bio" / "comparison" / "cells.csv")
    clean = cells[(cells["contestant"] == "erm") & (cells["sigma_log"] == 0)].set_index(["workload", "score"])["mean"]
    assert clean["mason_her2", "auc"] >= 0.90
    assert clean["hiv_neutralisation", "accuracy@seen"] >= 0.76
    assert clean["hiv_neutralisation", "auc@unseen"] >= 0.80
    assert clean["glycan_kingdom", "accuracy"] >= 0.90


@pytest.mark.parametrize("folder", ["cifar", "cifar_resnet"])
def test_cifar_is_that_of_the_committed_tables(folder: str) -> None:
    cells = pandas.read_csv(TABLES / folder / "comparison" / "cells.csv")
    cells = cells.assign(sigma=cells["sigma_log"].round(3), percent=(100 * cells["mean"]).round(1).astype(str))
    found = cells.set_index(["sigma", "crossbar", "contestant"])["percent"]
    for sigma in (0.0, 0.105, 0.163, 0.301, 0.562):
        plain = [found[sigma, "weights", contestant] for contestant in ("erm", "bayesmulti")]
        anew = [found.get((sigma, "recalibrated", contestant), "") for contestant in ("erm", "bayesmulti")]
        row = " ".join(f"| {cell}".rstrip() for cell in [f"{sigma:g}", *plain, *anew])
        assert row in RESULTS, row


def test_the_search_for_resnet_ended_where_the_readme_says() -> None:
    chosen = pandas.read_csv(TABLES / "cifar_resnet" / "chosen.csv")
    found = chosen[chosen["contestant"] == "bayesmulti"].set_index("parameter")["value"]
    rates = found[found.index.str.fullmatch(r"rate_\d")]
    assert len(rates) == 6 and (rates == 0).all()
    assert found["learning_rate_factor"] == 3 and found["weight_decay"] <= 1e-6
    assert "ended at rates of zero, with three times the learning\nrate" in RESULTS


def test_the_search_for_the_array_ended_where_the_page_says() -> None:
    chosen = pandas.read_csv(TABLES / "crossbar" / "chosen.csv")
    assert chosen[chosen["parameter"] == "rate_1"]["value"].tolist() == [0]
    assert "its one rate, that of the word lines, ended at zero" in RESULTS


def test_tolerated_sigmas_are_those_of_the_committed_comparison() -> None:
    found = pandas.read_csv(TABLES / "comparison" / "robustness.csv")
    shown = found[found["contestant"].isin(["erm", "bayesmulti"]) & (found["quantity"] != "area")]
    assert len(shown) == 2 * 2 * 3
    for row in shown.itertuples():
        assert f"| {row.value:.3f} [{row.low:.3f}, {row.high:.3f}] |" in RESULTS, (
            row.workload,
            row.contestant,
            row.quantity,
        )


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in TABLES.rglob("comparison")), ids=lambda path: path.name
)
def test_committed_comparisons_follow_from_the_scores_beside_them(folder: Path) -> None:
    scores, receipt = published_scores(folder), json.loads((folder / "receipt.json").read_text())
    found = compare(scores, "erm", measures_in(scores, files=workload_files(receipt["study"]["workloads"])))
    for name in ("cells", "differences", "robustness"):
        table, path = getattr(found, name), folder / "comparison" / f"{name}.csv"
        assert path.exists() == (not table.empty)
        if path.exists():
            committed = pandas.read_csv(path)
            pandas.testing.assert_frame_equal(table, committed, check_dtype=False, rtol=1e-4, atol=1e-6)


BENCHES = pandas.read_csv(ROOT / "tests" / "bench" / "results.csv", keep_default_na=False)


@pytest.mark.parametrize("network", ["MLP 784-256-10", "LeNet-5"])
def test_the_speed_is_that_of_the_committed_table(network: str) -> None:
    found = BENCHES[BENCHES["bench"] == "sweep"].set_index("name")["value"]
    naive, peer, share, error = (
        found[f"{network}: {what}"]
        for what in ("times the naive loop", "times AIHWKIT-Lightning", "share of SGEMM", "largest relative error")
    )
    assert f"| {network} | {naive:.2f} | {peer:.2f} | {share:.0f} % | {error:.1e} |" in PAGES


@pytest.mark.parametrize("network", ["MLP 784-256-10", "LeNet-5", "AlexNet", "ResNet-20"])
def test_the_speed_of_training_is_that_of_the_committed_table(network: str) -> None:
    found = BENCHES[BENCHES["bench"] == "train"].set_index("name")["value"]
    plain, single, share = (
        found[f"{network}: {what}"]
        for what in ("times the plain loop", "times the layers one by one", "share of SGEMM")
    )
    assert f"| {network} | {plain:.2f} | {single:.2f} | {share:.0f} % |" in PAGES


def test_the_bars_that_are_missed_are_the_ones_named() -> None:
    barred, told = BENCHES[BENCHES["bar"] != ""].set_index(["bench", "name"]), " ".join(PAGES.split())
    benches = {"sweep", "sweep of workloads", "train", "voltage", "orchestration", "startup", "growth"}
    assert benches <= {bench for bench, _ in barred.index}
    assert sum(name.startswith("cifar_") for _, name in barred.index) == 4
    assert ("orchestration", "efficiency of 2 workers on Ray, real sweeps") in barred.index

    def bar(bench: str, name: str) -> str:
        return str(barred.loc[(bench, name), "bar"]).split()[-1]

    mlp, lenet = (
        [bar("sweep", f"{network}: {what}") for what in ("share of SGEMM", "times AIHWKIT-Lightning")]
        for network in ("MLP 784-256-10", "LeNet-5")
    )
    swept = (
        f"We ask for {mlp[0]} % of SGEMM and {mlp[1]} times AIHWKIT-Lightning on the MLP, {lenet[0]} % and {lenet[1]}"
    )
    assert f"{swept} times on LeNet; both shares are short" in told
    small, *large = (
        bar("train", f"{network}: times the layers one by one") for network in ("LeNet-5", "AlexNet", "ResNet-20")
    )
    share = bar("train", "LeNet-5: share of SGEMM")
    assert f"We ask for {small} times the layers one by one and {share} % on LeNet, whose share is short" in told
    assert f"and for {large[0]} times on AlexNet and ResNet-20" in told and large[0] == large[1]
    walks = "10,000 neurons: 16 walks over one, matrix"
    assert f"16 walks through one programmed matrix take {barred.loc[('automata', walks), 'value']:.1f} times" in told
    nominal, line = (
        barred.loc[("voltage", f"NeuRRAM's CNN: voltage mode{how}, times plain"), "value"]
        for how in ("", " with fitted lines")
    )
    assert f"{nominal:.1f} times one of plain weights, with fitted lines {line:.1f}" in told
    assert set(barred.index[barred["holds"] == "short"]) == {
        ("sweep", "MLP 784-256-10: share of SGEMM"),
        ("sweep", "LeNet-5: share of SGEMM"),
        ("train", "LeNet-5: share of SGEMM"),
        ("train", "AlexNet: times the layers one by one"),
        ("train", "ResNet-20: times the layers one by one"),
        ("automata", walks),
    }


def test_the_workloads_of_the_log_are_those_of_the_committed_table() -> None:
    rows = BENCHES[BENCHES["bench"] == "sweep of workloads"].set_index("name")["value"]
    names = sorted({name.partition(": ")[0] for name in rows.index if name.endswith(": of the clean rate")})
    assert len(names) == 14
    for name in names:
        workload, _, source = name.partition(" ")
        clean, naive, share = (
            rows[f"{name}: {w}"] for w in ("of the clean rate", "times the naive loop", "share of SGEMM")
        )
        assert f"| `{workload}` {source} | {clean:.0f} % | {naive:.2f}x | {share:.2g} % |" in SPEED


def test_the_array_is_that_of_the_committed_table() -> None:
    paired = pandas.read_csv(TABLES / "crossbar" / "paired.csv")
    best = paired[(paired["baseline"] == "erm") & (paired["sigma_log"].round(5) == 0.00266)]
    assert len(best) == 6
    for row in best.itertuples():
        cells = f"| {100 * row.baseline_mean:.1f} | {100 * row.mean:.1f} | {told_row(row)} |"
        assert cells in RESULTS, row.crossbar


NEURRAM_LEVELS = (SOFTWARE, NOISE, "generic(noise=0.2)@weights", CHIP)
NEURRAM_TRAININGS = {"plain": "erm"} | {f"noise 0.{p}": f"gaussian_weight/p{p}" for p in (10, 15, 20, 25)}


def neurram_cells(what: str, training: str) -> list[str]:
    """One per level, in percent."""
    return [shown(what, NEURRAM_TRAININGS[training], level) for level in NEURRAM_LEVELS]


@pytest.mark.parametrize("training", NEURRAM_TRAININGS)
def test_the_rows_of_neurram_are_those_of_the_committed_table(training: str) -> None:
    digits, speech, pixels, bottom = (neurram_cells(what, training) for what in SCORES)
    for row in ((*digits, *speech), (*pixels, *bottom)):
        assert f"| {training} | {' | '.join(row)} |" in RESULTS


def test_the_page_on_neurram_tells_what_the_committed_tables_say() -> None:
    page = (ROOT / "docs" / "neurram.md").read_text()
    digits, speech = (neurram_cells(what, "noise 0.15") for what in ("digits", "speech"))
    pixels = [float(neurram_cells("pixels", training)[1]) for training in NEURRAM_TRAININGS]
    found = pandas.read_csv(TABLES / "neurram" / "paired.csv")
    found = found[found["baseline"] == "erm"].set_index(["workload", "score", "contestant", "condition"])

    def gain(what: str, training: str, level: int) -> str:
        workload, score, _ = SCORES[what]
        row = found.loc[(workload, score, NEURRAM_TRAININGS[training], NEURRAM_LEVELS[level])]
        return "{:.1f} [{:.1f}, {:.1f}]".format(*(100 * row[name] for name in ("difference", "low", "high")))

    bottom, speech_gain = gain("bottom", "noise 0.25", 2), gain("speech", "noise 0.15", 1)
    for words in (
        f"software | 99.0 % | {digits[0]} % |",
        f"within 0.3 points | {digits[3]} % |",
        f"software | 94 % | {speech[0]} % |",
        f"{speech[1]} %, {speech_gain.split()[0]} points above |",
        f"{min(pixels):.1f} to {max(pixels):.1f} % |",
        f"{bottom} points |",
    ):
        assert words in page
    results = " ".join(RESULTS.split())
    gains = {
        "on digits by {} points {} at noise 0.1": ("digits", 1),
        "on speech by {} {} there": ("speech", 1),
        "and by {} {} at noise 0.2": ("speech", 2),
        "On the simulated chip it is not: {} points {} on digits": ("digits", 3),
        "{} {} on speech. What the chip needs": ("speech", 3),
    }
    for words, (what, level) in gains.items():
        assert words.format(*gain(what, "noise 0.15", level).split(maxsplit=1)) in results, words
    assert f"{bottom} points above plain training on the bottom" in results


def test_unheard_speakers_are_told_as_the_committed_table_has_them() -> None:
    found = pandas.read_csv(TABLES / "neurram_unheard" / "paired.csv")
    found = found[found["score"] == "accuracy"].set_index("condition")
    levels = [*(f"generic(noise={noise})@weights" for noise in ("0", "0.05", "0.1", "0.15", "0.2", "0.3")), CHIP]
    for training, means in (("plain", "baseline_mean"), ("noise 0.15", "mean")):
        assert f"| {training} | {' | '.join(f'{100 * found[means][level]:.1f}' for level in levels)} |" in RESULTS

    def gain(level: str) -> str:
        return "{:.1f} [{:.1f}, {:.1f}]".format(*100 * found.loc[level, ["difference", "low", "high"]])

    clean, _, low, _, high, highest, chip = map(gain, levels)
    results, page = (" ".join(text.split()) for text in (RESULTS, (ROOT / "docs" / "neurram.md").read_text()))
    for words in (
        f"less plain training: {high.replace(' [', ' points [')} at noise 0.20 and {highest} at 0.30, both also after",
        f"compared, {low}, without noise {clean}, on the chip {chip}: none of these after",
    ):
        assert words in results
    plain, trained = (f"{100 * found[means][levels[0]]:.1f} %" for means in ("baseline_mean", "mean"))
    assert f"right in {plain}, training under noise 0.15 in {trained}." in page
    assert f"is {high} points at weight noise 0.2, and {chip} on the chip" in page
    after = found["p_holm"] < 0.05
    assert after[[levels[4], levels[5]]].all() and not after[[levels[2], levels[0], CHIP]].any()


KITTI_ROWS = {
    "mean of classes": "ap",
    "cars": "car",
    "pedestrians": "pedestrian",
    "cyclists": "cyclist",
    "cars from above, 84 real frames": "car_bev@real",
    "the same, 33 frames outside the one drive": "car_bev@scattered",
}


@pytest.mark.parametrize("row", KITTI_ROWS)
def test_the_rows_of_kitti_are_those_of_the_committed_table(row: str) -> None:
    found = kitti(KITTI_ROWS[row])
    plain = " | ".join(f"{100 * value:.1f}" for value in found["baseline_mean"])
    assert (
        f"| {row} | ERM | {plain} |\n| | BayesMulti − ERM | {' | '.join(map(told_row, found.itertuples()))} |"
        in RESULTS
    )


def test_what_the_pages_say_of_kitti_is_what_its_tables_say() -> None:
    found, results = kitti("ap"), " ".join(RESULTS.split())
    sure = found["difference"].where(found["p_holm"] < 0.05)
    assert (sure[:0.2] < 0).all() and (sure[0.3:] > 0).all()
    both = [f"{100 * found['mean'][at]:.1f} against {100 * found['baseline_mean'][at]:.1f} %" for at in (0.3, 0.5)]
    assert " and ".join(both) in results
    real = [kitti(f"car_bev@{name}") for name in ("real", "scattered")]
    assert [own.index[own["p_holm"] < 0.05].tolist() for own in real] == [[], [0.5]]
    clean, late = (f"{100 * found['difference'][at]:+.1f}" for at in (0, 0.3))
    assert f"rates of 0.1 unsearched | {clean} | behind up to σ = 0.2; {late} at σ = 0.3 |" in PAGES
    tolerated = pandas.read_csv(TABLES / "kitti" / "comparison" / "robustness.csv")
    tolerated = tolerated.set_index(["score", "contestant", "quantity"])["value"]
    page = (ROOT / "docs" / "kitti.md").read_text()
    assert f"half of its precision by σ = {tolerated['ap', 'erm', 'sigma_half_to_chance']:.2f}." in page
    shown = {score: f"{100 * kitti(score)['baseline_mean'][0]:.1f} %" for score in KITTI_ROWS.values()}
    for words in (
        f"| 40 % | {shown['ap']} |",
        f"{shown['car']}, {shown['pedestrian']}, {shown['cyclist']} |",
        f"| 40 % | {shown['car_bev@scattered']} |",
        f"| 45 % | {shown['car_bev@real']} |",
    ):
        assert words in page


def test_the_replay_is_that_of_the_committed_table() -> None:
    summary = pandas.read_csv(TABLES.parent / "fabrication" / "summary.csv")
    shown = summary[(summary["goal"] == "top3") & summary["strategy"].isin(["gp_log_sigma", "nearest"])]
    assert len(shown) == 4 * 2
    for row in shown.itertuples():
        assert f"{row.mean:.2f} [{row.low:.2f}, {row.high:.2f}]" in RESULTS, (row.pool, row.strategy)
        assert f"| {row.random_exact:.2f} |" in RESULTS


def test_the_speed_of_wires_is_that_of_the_committed_table() -> None:
    found = BENCHES[BENCHES["bench"] == "wires"].set_index("name")["value"]
    for side in (10, 32, 64, 128):
        solve, factor = (
            found[f"{side} x {side}, 1,000 vectors: operator, times {what}"]
            for what in ("a solve per vector", "factorised once")
        )
        assert f"| {side} × {side} | {solve:.0f} | {factor:.2g} |" in PAGES, side


GLYCANS = "glycan_kingdom"
CONTEST = {"mnist_mlp": "accuracy", "mnist_lenet": "accuracy", "mason_her2": "auc", GLYCANS: "accuracy"}


def contest_rows(column: str) -> list[str]:
    """Of every method of the contest, best area first: ERM's value, the others' differences to it, in points."""
    folder = TABLES / "contest" / "comparison"
    found = pandas.read_csv(folder / f"{'robustness' if column == 'area' else 'differences'}.csv")
    if column == "area":
        found = found[(found["quantity"] == "area") & (found["settings"] == "lognormal()@weights")]
        found = found.assign(base=found["value"], low=found["difference_low"], high=found["difference_high"])
    else:
        found = found[found["sigma_log"] == 0].assign(base=found["baseline_mean"])
    found = found.set_index(["workload", "score", "contestant"]).sort_index()
    ranks = pandas.read_csv(folder / "ranks.csv").set_index("contestant")["average_rank"]

    def cell(workload: str, contestant: str) -> str:
        if contestant == "erm":
            of = found.loc[(workload, CONTEST[workload])]
            return f"{100 * (of.loc['erm'] if column == 'area' else of.iloc[0])['base']:.1f}"
        if (workload, CONTEST[workload], contestant) not in found.index:
            return ""
        row = found.loc[(workload, CONTEST[workload], contestant)]
        return told(*(100 * row[["difference", "low", "high"]]), significant=row["low"] * row["high"] > 0)

    # Methods that do not apply to every workload have no rank.
    ranked = {contestant: f"{rank:.2f}" for contestant, rank in ranks.items()}
    rows = {**ranked, **dict.fromkeys(set(found.index.get_level_values("contestant")) - set(ranked), "")}
    return [
        " ".join(
            f"| {value}".rstrip() for value in [f"`{contestant}`", *(cell(name, contestant) for name in CONTEST), rank]
        )
        + " |"
        for contestant, rank in rows.items()
    ]


@pytest.mark.parametrize("column", ["clean", "area"])
def test_the_contest_is_that_of_the_committed_tables(column: str) -> None:
    rows = contest_rows(column)
    assert len(rows) == 7
    for row in rows:
        assert row in RESULTS


@cache
def areas(workload: str, baseline: str) -> pandas.DataFrame:
    """The area of every method of the contest, with its difference to the baseline."""
    scores = pandas.read_csv(TABLES / "contest" / "scores.csv")
    scores = scores[(scores["workload"] == workload) & (scores["score"] == CONTEST[workload])]
    found = robustness(scores, baseline, measures_in(scores))
    return found[found["quantity"] == "area"].set_index("contestant")


def area_difference(workload: str, contestant: str, other: str) -> tuple[float, float]:
    """95 % bootstrap interval over seeds of the difference of two areas, in points."""
    row = areas(workload, contestant).loc[other]
    return -100 * row["difference_high"], -100 * row["difference_low"]


def test_what_the_page_says_of_the_contest_is_what_its_tables_say() -> None:
    folder, page = TABLES / "contest" / "comparison", " ".join(RESULTS.split())
    ranks = pandas.read_csv(folder / "ranks.csv").set_index("contestant")["average_rank"]
    assert set(ranks.index[ranks == ranks.min()]) == {"bayesmulti", "dropout"}
    assert "BayesMulti and dropout share the first average rank" in page
    low, high = area_difference("mnist_mlp", "bayesmulti", "dropout")
    assert low < 0 < high and "Their areas cannot be told apart on the MLP" in page
    low, high = area_difference("mason_her2", "bayesmulti", "dropout")
    assert 0 < low < high < 0.3 and "on HER2 binding BayesMulti has the larger one by a tenth of a point" in page
    assert all(area_difference(workload, "dropout", "bayesmulti")[0] > 0 for workload in ("mnist_lenet", GLYCANS))
    assert "on LeNet and on the glycans dropout has" in page
    noisy = ["bayesmulti", "bayesmulti/weight", "gaussian_weight", "lognormal_weight", "dropout"]
    assert all(area_difference(GLYCANS, "dropout", other)[0] > 0 for other in noisy[:-1])
    first = "bayesmulti/weight"
    assert all(area_difference("mnist_lenet", first, other)[0] > 0 for other in noisy if other != first)
    found = pandas.read_csv(folder / "differences.csv")
    found = found[(found["workload"] == GLYCANS) & (found["score"] == "accuracy") & (found["sigma_log"] < 0.31)]
    assert len(found) == 3 * 5
    assert (found["difference"] < 0).all() and (found["p_holm"] < 0.05).all()
    assert "ERM is ahead of every method up to σ = 0.3" in page


PLAIN, ALL, KEPT = "weights", "all_parameters", "mean_preserving"
# {row: (contestant, crossbar), less (contestant, crossbar)}
ABLATIONS = {
    "noise on weights, less on activations": (("bayesmulti/weight_one_rate", PLAIN), ("bayesmulti", PLAIN)),
    "two rates per layer, less one": (("bayesmulti/two_rates", PLAIN), ("bayesmulti", PLAIN)),
    "tuned for the clean training score, less for drift": (
        ("bayesmulti/clean_objective", PLAIN),
        ("bayesmulti", PLAIN),
    ),
    "weight noise, four draws a step, less one": (
        ("bayesmulti/weight_one_rate_4_draws", PLAIN),
        ("bayesmulti/weight_one_rate", PLAIN),
    ),
    "ERM, all parameters on cells, less weights": (("erm", ALL), ("erm", PLAIN)),
    "BayesMulti, all parameters on cells, less weights": (("bayesmulti", ALL), ("bayesmulti", PLAIN)),
    "ERM, mean of the noise kept, less plain": (("erm", KEPT), ("erm", PLAIN)),
    "BayesMulti, mean of the noise kept, less plain": (("bayesmulti", KEPT), ("bayesmulti", PLAIN)),
}
ABLATED = {"mnist_mlp": "accuracy", "mason_her2": "auc"}


def ablation_rows(workload: str) -> list[str]:
    """ERM and BayesMulti on plain crossbars in percent, and what each choice is worth in points, paired by seed."""
    scores = pandas.read_csv(TABLES / "ablations" / "scores.csv")
    scores = scores[(scores["workload"] == workload) & (scores["score"] == ABLATED[workload])]
    scores = scores.assign(sigma=scores["sigma_log"].round(3))
    by_seed = scores.pivot(index="seed", columns=["contestant", "crossbar", "sigma"], values="mean")
    assert len(by_seed) == 5 and not by_seed.isna().any(axis=None)
    levels = (0.0, 0.301, 0.562, 0.799, 1.204)

    def points(of: tuple[str, str], less: tuple[str, str], sigma: float) -> str:
        found = paired(100 * by_seed[*of, sigma], 100 * by_seed[*less, sigma])
        low, high = found.mean - found.half_width, found.mean + found.half_width
        return told(found.mean, low, high, significant=found.excludes_zero)

    percent = {
        name: [f"{100 * by_seed[contestant, PLAIN, sigma].mean():.1f}" for sigma in levels]
        for name, contestant in (("ERM", "erm"), ("BayesMulti", "bayesmulti"))
    }
    choices = {name: [points(of, less, sigma) for sigma in levels] for name, (of, less) in ABLATIONS.items()}
    return [f"| {' | '.join([name, *cells])} |" for name, cells in (percent | choices).items()]


@pytest.mark.parametrize("workload", ABLATED)
def test_the_ablations_are_those_of_the_committed_tables(workload: str) -> None:
    for row in ablation_rows(workload):
        assert row in RESULTS
