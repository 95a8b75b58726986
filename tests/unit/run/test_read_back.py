"""What a network learns beside its state dict is noticed after the first epoch, before more is trained or stored."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from suite.contract import seeded
from suite.results import store
from suite.run.read_back import NotInState, ReadBack
from suite.run.work import execute
from tests.reference import classifier
from tests.toys import WORKLOAD, Scripted, context_of, events, kinds, plugin, run_toy, toy_study
from tests.unit.run.test_work import first_tasks
from tests.unit.training.test_stopping import METHODS
from tests.unit.training.test_training import WORKLOAD as POINTS
from tests.unit.training.test_training import points, state, trained

# Its scale is learned in training mode and used in evaluation mode; `early`: from the first epoch on.
SCALED = (
    "return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))",
    """
        import torch

        class Scaled(nn.Module):
            def __init__(self):
                super().__init__()
                self.scale, self.steps = 1.0, 0
                self.layer = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))

            def forward(self, inputs):
                found = self.layer(inputs)
                if self.training:
                    self.steps += 1
                    if self.steps > LATE:
                        self.scale = max(self.scale, 5 + float(found.detach().max()))
                    return found
                return found - self.scale

        return nn.Sequential(Scaled())""",
)
FIRST, LAST = ("LATE", "0"), ("LATE", "19")
SAID = "a fresh network with the trained state dict gives other outputs than the trained one: layer 0 (Scaled) keeps"


@pytest.mark.parametrize("late", [FIRST, LAST])
def test_a_fit_whose_state_lacks_what_was_learned_is_not_stored(tmp_path, late):
    context, _, fit, _ = first_tasks(tmp_path, SCALED, late)
    outcome = execute(context, fit)
    assert outcome.error_type == "NotInState"
    assert f"toy erm, seed 0: {SAID} `scale` (1 as built, " in outcome.error
    assert "keep what is learned in a parameter or buffer (register_buffer)" in outcome.error
    assert not store.has(context.store, fit.hash)


def test_it_is_told_after_the_first_epoch(tmp_path):
    """Which has one step: so the number of steps tells the epochs."""
    context, trial, fit, _ = first_tasks(tmp_path, SCALED, FIRST)
    for task in (trial, fit):
        assert "`steps` (0 as built, 1 now)" in execute(context, task).error


def test_a_search_ends_with_the_reason(tmp_path):
    study = toy_study(tmp_path)
    plugin(tmp_path / "own", "workload", "toy", WORKLOAD, SCALED, FIRST)
    executor = Scripted()
    failed = run_toy(study, executor).failed
    assert set(failed) == {"toy erm, seed 0", "toy erm, seed 1"}
    assert all(SAID in reason for reason in failed.values())
    assert set(kinds(executor.done)) == {"trial"}
    assert {event["status"] for event in events(study)} == {"planned", "started", "failed"}
    assert not store.keys(context_of(study).store)


BUFFER = (
    "self.scale, self.steps = 1.0, 0",
    "self.steps = 0; self.register_buffer('scale', torch.ones(()))",
)
TENSOR = ("max(self.scale, 5 + float(found.detach().max()))", "self.scale.maximum(5 + found.detach().max())")


def test_the_same_in_a_buffer_is_stored_and_swept(tmp_path):
    context, _, fit, sweep = first_tasks(tmp_path, SCALED, BUFFER, TENSOR, FIRST)
    assert [execute(context, task).error for task in (fit, sweep)] == ["", ""]
    assert store.load(context.store, fit.hash)["0.scale"] > 5


class Learner(nn.Module):
    """Something beside its weights changes its outputs."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 3)
        self.register_buffer("offset", torch.zeros(3), persistent=False)
        self.table = {}

    def forward(self, inputs):
        return self.layer(inputs) + self.offset + sum(self.table.values())


def built():
    with seeded(torch.Generator().manual_seed(0)):
        return Learner().eval()


def read_back(build=built):
    return ReadBack("it", classifier(build()), build, (torch.ones(4, 6), torch.zeros(4)))


def moved(change):
    network = built()
    change(network)
    return network


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda network: network.offset.add_(1), "offset"),
        (lambda network: network.table.update(a=1.0), "table"),
    ],
)
def test_what_is_lost_is_named(change, name):
    with pytest.raises(NotInState, match=rf"^it: .*: the network \(Learner\) keeps `{name}`; keep what is learned"):
        read_back().check(moved(change))


def test_what_changes_no_output_is_nobodys_business():
    read_back().check(moved(lambda network: network.table.update(a=0.0)))


def test_a_network_that_is_built_anew_each_time_says_where_to_look():
    class Closure(nn.Linear):
        def __init__(self):
            super().__init__(6, 3)
            offset = float(torch.rand(()))
            self.forward = lambda inputs: nn.functional.linear(inputs, self.weight, self.bias) + offset

    with pytest.raises(NotInState, match="look for what forward reads outside of the network"):
        read_back(Closure).check(Closure())


def test_a_state_that_a_fresh_network_does_not_take_is_an_error():
    network = moved(lambda network: network.register_buffer("more", torch.zeros(2)))
    with pytest.raises(NotInState, match=r'a fresh network does not take the trained state dict: .*"more"'):
        read_back().check(network)


@pytest.mark.parametrize(("method", "params", "options"), METHODS)
def test_a_training_that_is_held_against_its_state_gives_the_same_bytes(method, params, options):
    seen = []
    checking = ReadBack("it", POINTS, lambda: POINTS.network(torch.Generator()), points().tensors)
    watching = checking.watching(lambda epoch, epochs, loss, network: seen.append(network.training))
    watched = state(trained(method=method, params=params, options=options, progress=watching))
    assert watched == state(trained(method=method, params=params, options=options))
    assert seen
    assert all(seen)
