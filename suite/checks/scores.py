"""What holds for the scores of every workload file: always defined, clean when ideal, a floor with a meaning."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from suite.checks import plainly
from suite.checks.check import Cases, DoesNotApply, expect
from suite.checks.kit import ENTROPY, Kit
from suite.contract import Condition, Scale, Workload
from suite.contract.registry import Entry
from suite.contract.seeds import torch_generator
from suite.crossbar.arrays import is_made, programmed
from suite.crossbar.settings import Crossbar
from suite.sweep.sweep import sweep

Scores = Mapping[str, float]
RELATIVE, SMALLEST = 1e-6, 1e-12
# Under noise, without any, and under more.
CONDITIONS = (Condition.of(usability=0.5), Condition(1.0, 0.0), Condition.of(sigma_log=1.5))
# Of scores by two ways of computing a product: a rounding error may move a spike.
MADE = 0.01
READ_ANEW = "let `forward` and `outputs` compute from the network's present tensors and the generator alone"


def damages(kit: Kit, entry: Entry) -> Cases:
    """Ways in which outputs may not be finite."""
    return {"nan": (_everywhere(math.nan),), "inf": (_everywhere(math.inf),), "one-entry": (_lowest_of_each,)}


def seeds(kit: Kit, entry: Entry) -> Cases:
    """Of random weights."""
    return {str(seed): (seed,) for seed in range(3)}


def the_ideal_condition_is_the_clean_score(kit: Kit, entry: Entry) -> None:
    """The sweep engine without noise agrees with plain code."""
    found = _swept(kit, entry.name)
    clean = _expected(kit, entry.name, kit.trained(entry.name), "clean")
    expect(list(found) == list(clean), f"the scores {list(clean)}", list(found), "mend `scores`")
    for realisation in (0, 1):
        _agree({score: float(values[1, realisation]) for score, values in found.items()}, clean)


def a_noisy_condition_is_the_score_of_a_copy_with_noisy_weights(kit: Kit, entry: Entry) -> None:
    """The sweep engine under noise agrees with plain code."""
    found = _swept(kit, entry.name)
    for realisation in (0, 1):
        network = kit.trained(entry.name)
        state: dict[str, Tensor] = network.state_dict()
        made: dict[str, Tensor] = {}
        for array, tensor in kit.workload(entry.name).arrays(network).items():
            generator = torch_generator(ENTROPY, "device-noise", entry.name, 0, realisation, array)
            holder = made if is_made(network, array) else state
            holder[array] = tensor.detach() * (1.5 * torch.randn(tensor.shape, generator=generator)).exp()
        network.load_state_dict(state)
        with programmed(network, made):
            noisy = _expected(kit, entry.name, network, realisation)
        _agree({score: float(values[2, realisation]) for score, values in found.items()}, noisy)


def an_array_that_is_made_is_what_the_network_computes(kit: Kit, entry: Entry) -> None:
    """A network that does without an array where nothing is programmed has the scores of the array as it is made."""
    workload, network = kit.workload(entry.name), kit.trained(entry.name)
    made = {name: tensor for name, tensor in workload.arrays(network).items() if is_made(network, name)}
    if not made:
        raise DoesNotApply("it holds all its arrays")
    clean = _expected(kit, entry.name, network, "clean")
    with programmed(network, made):
        found = _expected(kit, entry.name, network, "clean")
    near = all(math.isclose(found[score], clean[score], rel_tol=MADE) for score in clean)
    fix = "make in `arrays` what `forward` computes with where nothing is programmed"
    expect(near, f"the scores {clean} with its arrays in place", found, fix)


def constant_predictions_have_a_score(kit: Kit, entry: Entry) -> None:
    """Under strong noise networks often give the same answer to all."""
    workload, outputs, targets = _first_test(kit, entry.name)
    constant = outputs[:1].expand_as(outputs) if isinstance(outputs, Tensor) else [outputs[0]] * len(outputs)
    _scored(workload, constant, targets)
    _scored(workload, plainly.mapped(outputs, torch.zeros_like), targets)


def outputs_that_are_not_finite_count_as_wrong(kit: Kit, entry: Entry, damage: Callable[[Tensor], Tensor]) -> None:
    """A network that is broken by noise must not look good."""
    workload, outputs, targets = _first_test(kit, entry.name)
    for score, found in _scored(workload, plainly.mapped(outputs, damage), targets).items():
        measure = workload.measures[score].on(_first_test_name(kit, entry.name))
        wrong = found <= measure.level if measure.higher_is_better else found >= measure.level
        fix = "count samples whose outputs are not finite as wrong in `scores`"
        expect(wrong, f"{score} no better than its chance level {measure.level:g}", f"{found:.6g}", fix)


def training_reaches_the_floor(kit: Kit, entry: Entry) -> None:
    """The floor lies at least halfway from chance to what training reaches."""
    workload, scale = kit.workload(entry.name), kit.longest
    sign = plainly.sign(workload)
    reached = sign * plainly.score(workload, kit.trained(entry.name, scale), _first_test_set(kit, entry.name, scale))
    measure, floor = workload.floor
    chance = workload.measures[measure].on(_first_test_name(kit, entry.name)).level
    said = f"{measure}: chance {chance:g}, floor {floor:g}, reached at scale {scale}: {reached:.6g}"
    expect(sign * chance < sign * floor, "a floor better than chance", said, "mend `floor`")
    halfway = sign * floor >= sign * (chance + reached) / 2
    expect(halfway, "a floor at least halfway from chance to what is reached", said, "raise `floor`")
    if scale == "ci" and sign * reached < sign * floor:
        raise DoesNotApply(f"the floor is for the scale quick, and training at ci is too short for it ({said})")
    expect(sign * floor <= sign * reached, "training to reach the floor", said, "mend `recipe`, or lower `floor`")


def random_weights_do_not_reach_the_floor(kit: Kit, entry: Entry, seed: int) -> None:
    """The floor tells a trained network from a shuffled one."""
    workload, network = kit.workload(entry.name), kit.fresh(entry.name, seed)
    generator = torch.Generator().manual_seed(seed)
    random = {
        array: tensor.detach().flatten()[torch.randperm(tensor.numel(), generator=generator)].view_as(tensor)
        for array, tensor in workload.arrays(network).items()
    }
    with programmed(network, random):
        found = plainly.score(workload, network, _first_test_set(kit, entry.name))
    sign, (measure, floor) = plainly.sign(workload), workload.floor
    told = f"{measure} = {sign * found:.6g}"
    expect(found < sign * floor, f"less than the floor {floor:g}", told, "raise `floor`")


def _first_test_set(kit: Kit, name: str, scale: Scale = "ci") -> Any:
    """The one that the floor speaks of."""
    return kit.splits(name, scale).tests[_first_test_name(kit, name)]


def _first_test_name(kit: Kit, name: str) -> str:
    return next(iter(kit.splits(name).tests))


def _first_test(kit: Kit, name: str) -> tuple[Workload, Any, Any]:
    """The workload, and outputs and targets of its trained network on the first test set."""
    workload, data = kit.workload(name), _first_test_set(kit, name)
    return workload, plainly.outputs(workload, kit.trained(name), data), plainly.targets(workload, data)


def _scored(workload: Workload, outputs: Any, targets: Any) -> dict[str, float]:
    """The scores, held to be what the workload announces and to be numbers."""
    found = {name: float(value) for name, value in workload.scores(outputs, targets).items()}
    expect(sorted(found) == sorted(workload.measures), f"{sorted(workload.measures)} of `scores`", found, "mend it")
    finite = all(math.isfinite(value) for value in found.values())
    expect(finite, "finite scores", found, "define every score in `scores`, also of constant or broken outputs")
    return found


def _swept(kit: Kit, name: str) -> dict[str, np.ndarray]:
    """The sweep engine's scores of realisations 0 and 1 in CONDITIONS, swept once: {score: (3, 2)}."""

    def scores() -> dict[str, np.ndarray]:
        key = kit.key(name, {"weights": Crossbar()})
        return sweep(kit.workload(name), kit.trained(name), kit.splits(name).tests, CONDITIONS, (0, 1), key).scores

    found: dict[str, np.ndarray] = kit.once(("swept", name), scores)
    return found


def _expected(kit: Kit, name: str, network: nn.Module, realisation: int | str) -> dict[str, float]:
    """Scores of every test set computed plainly, called as the cube calls them."""
    workload, found = kit.workload(name), {}
    for test, data in kit.splits(name).tests.items():
        generator = torch_generator(ENTROPY, "outputs", name, 0, realisation, test)
        outputs = plainly.outputs(workload, network, data, generator)
        for score, value in _scored(workload, outputs, plainly.targets(workload, data)).items():
            found[score if test == "test" else f"{score}@{test}"] = value
    return found


def _agree(swept: Scores, plain: Scores) -> None:
    """The sweep engine's scores are those of plain code, up to rounding."""
    near = swept.keys() == plain.keys() and all(
        math.isclose(swept[score], plain[score], rel_tol=RELATIVE, abs_tol=SMALLEST) for score in plain
    )
    expect(near, f"the sweep's scores to be {plain}", dict(swept), READ_ANEW)


def _everywhere(value: float) -> Callable[[Tensor], Tensor]:
    """Makes every number of an output `value`."""
    return lambda tensor: torch.full_like(tensor, value)


def _lowest_of_each(tensor: Tensor) -> Tensor:
    """Makes the lowest number of every sample minus infinity, which an argmax would never see."""
    if tensor.ndim < 2:
        return torch.full_like(tensor, -math.inf)
    return torch.where(tensor == tensor.amin(-1, keepdim=True), -math.inf, tensor)
