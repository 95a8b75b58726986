"""Sweeps over cells that are noisy at reading: keyed draws whatever is swept beside them, and refusals before a run."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import TensorDataset

from suite.contract import Condition, SuiteError
from suite.contract.registry import registry
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.devices.lognormal import DEVICE
from suite.plan.plan import make_plan
from suite.results.cube import open_tree
from suite.sweep.sweep import sweep
from tests.contract.plugins import DROPINS
from tests.networks import built, images
from tests.reference import ENTROPY, NAME, SEED, classifier, every_output
from tests.toys import context_of, plugin, run_toy, toy_study

SAMPLES = 24
FLICKERING = registry((DROPINS,)).device("flickering")
EARLY, LATE = (
    Condition.of(device="flickering", levels={"seconds": seconds}, crossbar="chip") for seconds in (1e-6, 3600)
)
DRIFTED = Condition.of(sigma_log=0.3, crossbar="chip")


def key(chip, block):
    return Key(NAME, ENTROPY, SEED, {"lognormal": DEVICE, "flickering": FLICKERING}, {"chip": chip}, block)


def swept(name, conditions, realisations=(0, 1), block=8, **settings):
    """Every output as a number: (conditions, realisations, samples x classes)."""
    found = sweep(
        classifier(built(name), scores=every_output),
        built(name),
        {"test": TensorDataset(images(SAMPLES), torch.arange(SAMPLES) % 10)},
        conditions,
        realisations,
        key(Crossbar(g_max_uS=100.0, **settings), block),
    ).scores
    return np.stack([found[str(index)] for index in range(10 * SAMPLES)], axis=-1)


@pytest.mark.parametrize("name", ["mlp", "lenet", "residual", "tied"])
@pytest.mark.parametrize("settings", [{}, {"read_noise_uS": 0.5}])
def test_a_score_belongs_to_its_condition_and_realisation_alone(name, settings):
    """Whatever shares the sweep, in whichever order, with cells that are read as they are among it."""
    found = swept(name, [EARLY, DRIFTED, LATE], **settings)
    for row, condition in enumerate((EARLY, DRIFTED, LATE)):
        assert np.array_equal(swept(name, [condition], (1,), **settings)[0, 0], found[row, 1])
    assert np.array_equal(swept(name, [LATE, EARLY, DRIFTED], (1, 0), **settings)[[1, 2, 0]][:, ::-1], found)
    assert not np.array_equal(found[:, 0], found[:, 1])


def test_outputs_vary_by_the_noise_of_cells_and_crossbar_in_quadrature():
    """One layer is enough: sums of squared inputs, weighted by the variance of their cells."""
    network = torch.nn.Sequential(torch.nn.Flatten(), built("mlp")[1])
    inputs = images(1).expand(600, -1, -1, -1)
    weights, conditions = network[1].weight.detach(), [EARLY]
    found = sweep(
        classifier(network, scores=every_output), network, {"test": TensorDataset(inputs, torch.zeros(600))},
        conditions, (0,), key(Crossbar(g_max_uS=100.0, g_min_uS=10.0, read_noise_uS=3.0), 600),
    ).scores  # fmt: skip
    outputs = np.array([found[str(index)][0, 0] for index in range(len(found))]).reshape(600, -1)
    unit = float(weights.abs().max()) / 90
    pairs = 10 + torch.stack([weights, -weights]).clamp(min=0) / unit
    share = 0.02 * np.sqrt(np.log(2))
    expected = unit * (((share * pairs) ** 2 + 9).sum(0) @ inputs[0].flatten().square()).sqrt()
    np.testing.assert_allclose(outputs.std(0, ddof=1), expected, rtol=0.15)


def study(folder: Path, crossbar: str = "chip", **changes: object) -> Path:
    entry = {"device": "flickering", "seconds": [1, 3600], "crossbar": crossbar}
    crossbars = {"weights": {}, "chip": {"g_max_uS": 100}}
    path = toy_study(folder, conditions=[entry], crossbars=crossbars, seeds=1, **changes)
    plugin(folder / "own", "device", "flickering", (DROPINS / "devices" / "flickering.py").read_text())
    return path


def test_a_study_of_noisy_cells_runs_and_the_same_twice(tmp_path: Path) -> None:
    one, other = study(tmp_path / "one"), study(tmp_path / "other")
    assert run_toy(one).failed == run_toy(other).failed == {}
    first, second = (open_tree(context_of(path).cube)["toy"]["accuracy"] for path in (one, other))
    assert first.identical(second)
    assert np.isfinite(first.sel(seconds=3600)).all()


def test_a_crossbar_of_plain_weights_is_refused_at_plan(tmp_path: Path) -> None:
    fix = r"crossbar: device flickering acts on conductances, and crossbar 'weights' has plain weights.*g_max_uS: 100"
    with pytest.raises(SuiteError, match=rf"toy\.yaml: field conditions\.0: {fix}"):
        make_plan(context_of(study(tmp_path, crossbar="weights")), None)


def test_a_crossbar_beyond_what_is_known_of_a_device_is_refused_at_plan(tmp_path: Path) -> None:
    entry = {"device": "pcm", "seconds": [3600], "crossbar": "chip"}
    path = toy_study(tmp_path, conditions=[entry], crossbars={"chip": {"g_max_uS": 100}}, seeds=1)
    fix = r"pcm is known up to 25 uS, and cells of crossbar 'chip' reach 100; give it a g_max_uS of 25 or less"
    with pytest.raises(SuiteError, match=rf"toy\.yaml: field conditions\.0: crossbar: {fix}"):
        make_plan(context_of(path), None)


def test_a_device_that_does_not_say_that_it_takes_conductances_is_refused_at_plan(tmp_path: Path) -> None:
    path = study(tmp_path, crossbar="weights")
    text = (DROPINS / "devices" / "flickering.py").read_text()
    plugin(tmp_path / "own", "device", "flickering", text, ("    conductances=True,\n", ""))
    with pytest.raises(SuiteError, match=r"flickering\.py: `program` gives a read_sd.*conductances=True"):
        make_plan(context_of(path), None)


def test_a_device_that_cannot_be_programmed_is_refused_at_plan(tmp_path: Path) -> None:
    path = study(tmp_path)
    text = (DROPINS / "devices" / "flickering.py").read_text()
    plugin(tmp_path / "own", "device", "flickering", text, ('.level("seconds")', '.level("hours")'))
    said = r"flickering\.py: cells cannot be programmed under flickering\(seconds=1\)@chip: LookupError: .*'hours'"
    with pytest.raises(SuiteError, match=said):
        make_plan(context_of(path), None)


def test_a_network_that_reads_no_array_as_crossbars_do_is_refused_at_plan(tmp_path: Path) -> None:
    """As on a crossbar with read noise of its own; under a device that reads quietly it may stay."""
    path, quiet = study(tmp_path / "noisy"), study(tmp_path / "quiet")
    text = (tmp_path / "noisy" / "own" / "workloads" / "toy.py").read_text()
    odd = """class Odd(nn.Linear):
            def forward(self, x):
                return torch.einsum("bi,oi->bo", x, self.weight)

        return Odd(2, 2)"""
    edits = (
        ("return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))", odd),
        ("    from torch import nn\n", "    import torch\n    from torch import nn\n"),
    )
    for one in (path, quiet):
        plugin(one.parent / "own", "workload", "toy", text, *edits)
    device = (DROPINS / "devices" / "flickering.py").read_text()
    plugin(quiet.parent / "own", "device", "flickering", device, ("if TYPE", "SHARE = 0\nif TYPE"),
           ("return ProgrammedWeights(conductances, ", "return ProgrammedWeights(conductances) or ("))  # fmt: skip
    with pytest.raises(SuiteError, match=r"toy\.py: crossbar 'chip': array 'weight' is used by `einsum`"):
        make_plan(context_of(path), None)
    assert make_plan(context_of(quiet), None).workloads
