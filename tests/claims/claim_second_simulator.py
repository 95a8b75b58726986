"""Other simulators give the same noise on the same targets: mean and spread of `pcm` are those of the model of AIHWKit,
and `generic` and the log-normal device do to the outputs of a layer what they do in AIHWKit-Lightning.

Skipped where `aihwkit` or `aihwkit_lightning` is not installed. Of aihwkit its noise model alone is used, which is
Python: its compiled tiles need not be there.
"""

import math

import pytest
import torch

from suite.contract import Condition
from suite.contract.registry import registry

FILES = ("suite/devices/pcm.py", "suite/devices/generic.py", "suite/devices/lognormal.py")
CELLS, DRAWS = 10**6, 4000
HOUR, DAY = 3600.0, 86400.0


def ours(name, targets, draws, **levels):
    """Programmed cells of a device: (draws, *shape), and their read_sd."""
    device = registry().device(name)
    generator = torch.Generator().manual_seed(1)
    noise = torch.stack([device.draw(tuple(targets.shape), generator) for _ in range(draws)])
    sigma = levels.pop("sigma_log", None)
    return device.program(targets, Condition.of(device=name, sigma_log=sigma, levels=levels), noise)


def relative(found, wanted):
    return abs(float(found) / float(wanted) - 1)


def test_pcm_has_the_moments_of_aihwkit(measured):
    pcm = pytest.importorskip("aihwkit.inference.noise.pcm", exc_type=ImportError)
    model, worst = pcm.PCMLikeNoiseModel(g_max=25.0), {"mean": 0.0, "sd": 0.0}
    torch.manual_seed(2)
    for g in (0.2, 0.5, 1.0):
        targets = torch.full((CELLS,), 25.0 * g)
        programmed = model.apply_programming_noise_to_conductance(targets)
        nu = model.generate_drift_coefficients(targets)
        for seconds in (20.0, HOUR, DAY, 30 * DAY):
            theirs = model.apply_drift_noise_to_conductance(programmed, nu, seconds - 20.0)
            cells = ours("pcm", targets, 1, seconds=seconds)
            reads = cells.weights()[0] + cells.read_sd[0] * torch.randn(CELLS)
            worst["mean"] = max(worst["mean"], relative(reads.mean(), theirs.mean()))
            worst["sd"] = max(worst["sd"], relative(reads.std(), theirs.std()))
    measured("aihwkit", pytest.importorskip("aihwkit.version").__version__)
    for name, value in worst.items():
        measured(f"pcm, aihwkit: largest relative difference of the {name}", round(value, 5))
    assert worst["mean"] < 0.002
    # Their read noise takes the share of the programmed conductance, ours that of the target, as in the paper.
    assert worst["sd"] < 0.02


def layer(weight, noise=0.0):
    """A layer of AIHWKit-Lightning whose tiles add `noise` in units of their largest weight, and nothing else."""
    try:
        from aihwkit_lightning.nn import AnalogLinear
        from aihwkit_lightning.simulator.configs import TorchInferenceRPUConfig, WeightNoiseInjectionType
    except ImportError as error:
        pytest.skip(f"aihwkit_lightning: {error}")

    config = TorchInferenceRPUConfig()
    config.mapping.max_input_size = 0
    config.forward.inp_res = config.forward.out_noise = 0.0
    if noise:
        config.modifier.noise_type, config.modifier.std_dev = WeightNoiseInjectionType.ADD_NORMAL, noise
    made = AnalogLinear(weight.shape[1], weight.shape[0], bias=False, rpu_config=config)
    made.weight.data.copy_(weight)
    return made.train()


def case():
    generator = torch.Generator().manual_seed(3)
    return torch.randn(8, 64, generator=generator), torch.randn(16, 64, generator=generator)


def difference(found, theirs):
    """Of outputs (draws, samples, columns): standard errors between the means, and between the spreads as a share."""
    error = (found.std(0) ** 2 / len(found) + theirs.std(0) ** 2 / len(theirs)).sqrt()
    apart = ((found.mean(0) - theirs.mean(0)) / error).abs().max()
    return float(apart), relative(found.std(0).mean(), theirs.std(0).mean())


def held(measured, name, found, theirs):
    measured("aihwkit-lightning", pytest.importorskip("aihwkit_lightning.version").__version__)
    apart, spread = difference(found, theirs)
    measured(f"{name}, aihwkit-lightning: largest difference of a mean, standard errors", round(apart, 2))
    measured(f"{name}, aihwkit-lightning: relative difference of the spread", round(spread, 5))
    # The largest of 128 outputs.
    assert apart < 4.5
    assert spread < 0.02


def test_generic_noise_is_that_of_a_lightning_layer(measured):
    weight, inputs = case()
    theirs = layer(weight, 0.1)
    torch.manual_seed(4)
    with torch.no_grad():
        outputs = torch.stack([theirs(inputs) for _ in range(DRAWS)])
    found = torch.einsum("doi,si->dso", ours("generic", weight, DRAWS, noise=0.1).weights(), inputs)
    held(measured, "generic", found, outputs)


def test_log_normal_weights_do_the_same_in_a_lightning_layer(measured):
    weight, inputs = case()
    sigma, theirs = 0.5, layer(weight)
    factor = torch.distributions.LogNormal(0.0, sigma)
    torch.manual_seed(5)
    outputs = []
    with torch.no_grad():
        for _ in range(DRAWS):
            theirs.weight.data.copy_(weight * factor.sample(weight.shape))
            outputs.append(theirs(inputs))
    cells = ours("lognormal", weight, DRAWS, sigma_log=sigma).weights()
    held(measured, "log-normal", torch.einsum("doi,si->dso", cells, inputs), torch.stack(outputs))
    assert math.isclose(float((cells / weight).mean()), math.exp(sigma**2 / 2), rel_tol=0.02)
