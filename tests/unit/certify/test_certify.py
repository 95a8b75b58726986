"""`suite certify` on trained states: votes, faults, tables, figure, and what it refuses."""

from dataclasses import replace

import numpy as np
import pandas
import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

from suite.certify.bounds import KINDS, Masks
from suite.certify.certificate import Effort, certify
from suite.certify.faults import faulty
from suite.certify.smoothing import NoClassifier, Voter, keeps
from suite.contract import Recipe, Score, Workload, accuracy, multinomial
from suite.contract.seeds import torch_generator
from suite.crossbar.key import Key
from tests.toys import WORKLOAD, plugin, refused, run_toy, suite, toy_study

KEY = Key("toy", 7, 0, {}, {}, block=16)
LAW = Masks(0.6, 0.4)
WEIGHT_NOISE = {
    "method": "bayesmulti",
    "options": {"target": "weight", "placement": "with_output"},
    "tuning": "none",
    "params": {"rate_1": 0.6, "rate_2": 0.6},
}

# Rates of another meaning: not those of masks on weights.
ACTIVATION_NOISE = {"method": "bayesmulti", "tuning": "none", "params": {"rate_1": 0.6}}


def network():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)).eval()


def workload(**changes):
    fields = {
        "title": "Toy",
        "data": lambda scale, root, seed, settings: None,
        "network": lambda generator, scale, settings: None,
        "recipe": lambda scale: Recipe(epochs=1, batch=1, learning_rate=1.0),
        "measures": {"accuracy": Score("Accuracy", chance=0.5)},
        "scores": lambda outputs, targets: {"accuracy": accuracy(outputs, targets)},
        "floor": ("accuracy", 0.5),
    }
    return Workload(**{**fields, **changes})


def samples(count=40):
    inputs = torch.randn(count, 4, generator=torch.Generator().manual_seed(5))
    return TensorDataset(inputs, network()(inputs).argmax(1))


def voter(block=16, **changes):
    return Voter.of(workload(**changes), network(), samples(), replace(KEY, block=block))


def test_votes_are_those_of_networks_whose_weights_are_masked_one_by_one():
    found, expected = voter().votes(LAW, 30), np.zeros((40, 3), int)
    streams = {name: torch_generator(7, "certificate-masks", "toy", 0, name) for name in ("0.weight", "2.weight")}
    for _ in range(30):
        other = network()
        for name, stream in streams.items():
            weight = other.get_parameter(name)
            weight.data *= multinomial(weight.shape, LAW.rate, stream, LAW.half_share)
        for sample, choice in enumerate(other(samples().tensors[0]).argmax(1).tolist()):
            expected[sample, choice] += 1
    np.testing.assert_array_equal(found, expected)


def test_votes_know_neither_blocks_nor_how_many_masks_follow():
    np.testing.assert_array_equal(voter(block=16).votes(LAW, 20), voter(block=40).votes(LAW, 20))
    more = voter().votes(LAW, 25) - voter().votes(LAW, 20)
    assert (more >= 0).all()
    assert (more.sum(1) == 5).all()


def test_an_output_that_is_not_finite_gets_no_vote():
    one = voter()
    broken = {name: weight.clone() for name, weight in one.arrays.items()}
    broken["2.weight"][0] = float("nan")
    assert one.votes(LAW, 10, broken).sum() == 0


def test_a_tie_is_not_kept():
    votes = np.array([[5, 5, 0], [6, 4, 0], [0, 1, 9], [0, 0, 0]])
    assert keeps(votes, np.array([0, 0, 2, 1])).tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    "changes",
    [
        {"outputs": lambda network, batch, generator: [0] * len(batch[0])},
        {"targets": lambda batch: batch[1].float()},
    ],
)
def test_what_does_not_vote_is_refused(changes):
    with pytest.raises(NoClassifier, match="workload 'toy': a certificate needs outputs of one logit per class"):
        voter(**changes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cells", [0, 1, 17, 42])
def test_faults_change_so_many_cells_and_no_others(kind, cells):
    arrays = voter().arrays
    found = faulty(arrays, kind, cells, 0, KEY)
    before, after = (torch.cat([part[name].flatten() for name in arrays]) for part in (arrays, found))
    changed = before != after
    assert int(changed.sum()) == cells
    ratios = set((after / before)[changed].tolist())
    if kind == "dead":
        assert ratios <= {0.0}
    elif kind == "half_double":
        assert ratios <= {0.5, 2.0}
    else:
        assert all(found[name].abs().max() <= arrays[name].abs().max() for name in arrays)
    assert all(arrays[name].equal(voter().arrays[name]) for name in arrays)


def test_faults_fall_evenly_on_all_arrays_and_differ_by_pattern():
    arrays = {"a": torch.ones(10), "b": torch.ones(3, 10)}
    hits = np.zeros(40)
    for pattern in range(400):
        found = faulty(arrays, "dead", 4, pattern, KEY)
        hits += torch.cat([part.flatten() for part in found.values()]).numpy() == 0
    assert hits.sum() == 1600
    assert hits.min() > 40 - 6 * 6
    assert hits.max() < 40 + 6 * 6
    again = faulty(arrays, "dead", 4, 399, KEY)
    assert all(again[name].equal(found[name]) for name in arrays)


def test_a_certificate_of_a_network_that_no_mask_changes_is_as_long_as_there_are_cells():
    """A bias decides: every mask votes alike, and only the number of masks bounds the score."""
    net = nn.Linear(4, 2).eval()
    net.weight.data.mul_(1e-6)
    net.bias.data = torch.tensor([1.0, -1.0])
    dataset = TensorDataset(samples().tensors[0], torch.zeros(40, dtype=torch.int64))
    found = certify(Voter.of(workload(), net, dataset, KEY), Masks(0.9), Effort(10_000, patterns=2, pattern_masks=20))
    assert (found.samples["votes"] == 10_000).all()
    bound = (0.001 / 40) ** (1 / 10_000)
    assert found.samples["lower_bound"].tolist() == pytest.approx([bound] * 40)
    assert set(found.samples["radius_dead"]) == {8}
    assert set(found.samples["radius_any"]) == {6}
    assert (found.curve["worst"].dropna() == 1).all()


def test_what_is_certified_is_never_above_what_random_faults_leave():
    found = certify(voter(), Masks(0.3), Effort(1_000, patterns=4, pattern_masks=200))
    tried = found.curve[found.curve["patterns"] > 0]
    assert (tried["certified"] <= tried["worst"]).all()
    assert (tried["worst"] <= tried["worst_pattern"]).all()
    assert (tried["worst_pattern"] <= tried["mean"]).all()
    assert (tried["broken"] == 0).all()
    assert found.curve.groupby("kind")["certified"].apply(lambda part: part.is_monotonic_decreasing).all()
    assert found.curve["certified"].max() > 0.1
    assert found.facts["n_cells"] == 42
    assert found.facts["plain"] == 1.0
    assert 0.1 < found.facts["smoothed"] < 1
    assert set(found.curve["kind"]) == set(KINDS)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certify")
    methods = {"erm": {"tuning": "none"}, "b/weight": WEIGHT_NOISE, "b/activation": ACTIVATION_NOISE}
    study = toy_study(folder, methods=methods, seeds=1, realisations=1)
    run_toy(study, train_only=True)
    return study


def certified(study, *more, masks=300):
    out = study.parent / "out"
    common = ("--results", study.parent / "results", "--workload", "toy", "--masks", masks)
    effort = ("--patterns", 2, "--pattern-masks", 20)
    return suite("certify", study, *common, *effort, "--out", out, *more), out


def test_the_verb_writes_figure_curve_and_samples_equal_every_time(trained):
    done, out = certified(trained, "--method", "b/weight", "--method", "erm", "--rate", 0.6)
    assert done.exit_code == 0, done.output
    assert "b/weight: masks with p1 = 0.6, p2 = 0.2; accuracy" in done.output
    names = ["certificate_toy.csv", "certificate_toy.pdf", "certificate_toy.png", "certificate_toy_samples.csv"]
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    assert sorted(first) == names
    table = pandas.read_csv(out / "certificate_toy.csv")
    assert set(table["contestant"]) == {"b/weight", "erm"}
    assert set(table["source"]) == {"toy:half-planes"}
    assert len(pandas.read_csv(out / "certificate_toy_samples.csv")) == 60
    certified(trained, "--method", "b/weight", "--method", "erm", "--rate", 0.6)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first


def test_the_masks_are_those_of_training_unless_told(trained):
    done, _ = certified(trained, "--method", "b/weight", masks=50)
    assert "masks with p1 = 0.6, p2 = 0.2" in done.output
    done, _ = certified(trained, "--method", "b/weight", "--rate", 0.5, "--half-share", 0.2, masks=50)
    assert "masks with p1 = 0.5, p2 = 0.1" in done.output


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--method", "erm"), "erm: the masks have one rate for all arrays, its training had none; say --rate"),
        (("--method", "b/activation"), "its training had none; say --rate"),
        (("--method", "b/wieght"), "not among this study's methods for toy, did you mean 'b/weight'?"),
        (("--method", "erm", "--seed", "4"), "--seed 4:"),
        (("--method", "erm", "--rate", "1"), "the rate of masks lies in (0, 1), not 1.0; say --rate"),
        (("--method", "erm", "--confidence", "1"), "lies between 0 and 1, both excluded"),
    ],
)
def test_what_cannot_be_certified_is_told(trained, more, message):
    said = refused("certify", trained, "--results", trained.parent / "results", "--workload", "toy", *more)
    assert message in " ".join(said.split())


def test_rates_that_differ_are_told(tmp_path):
    entry = {**WEIGHT_NOISE, "params": {"rate_1": 0.3, "rate_2": 0.6}}
    study = toy_study(tmp_path, methods={"b": entry}, seeds=1)
    common = ("certify", study, "--results", tmp_path / "results", "--workload", "toy", "--method", "b")
    assert "not trained yet; run `suite run" in refused(*common)
    run_toy(study, train_only=True)
    assert "its training had 0.3, 0.6; say --rate" in refused(*common)


def test_a_workload_of_one_logit_is_refused_by_name(tmp_path):
    edits = [
        ("nn.Linear(8, 2))", "nn.Linear(8, 1))"),
        ("accuracy(outputs, targets)", "float(((outputs[:, 0] > 0.5) == (targets > 0)).float().mean())"),
        (
            'floor=("accuracy", 0.8),',
            'floor=("accuracy", 0.8), loss=lambda outputs, targets: (outputs[:, 0] - targets).square().mean(),',
        ),
    ]
    study = toy_study(tmp_path, methods={"erm": {"tuning": "none"}}, seeds=1)
    plugin(tmp_path / "own", "workload", "toy", WORKLOAD, *edits)
    run_toy(study, train_only=True)
    common = ("--results", tmp_path / "results", "--workload", "toy", "--method", "erm", "--rate", 0.5)
    assert "workload 'toy': a certificate needs outputs of one logit per class" in refused("certify", study, *common)
