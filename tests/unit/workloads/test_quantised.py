"""Activations of a few bits: their values, and gradients that pass them straight."""

import pytest
import torch

from workloads.shared.quantised import Quantised, quantised


@pytest.mark.parametrize(("signed", "values"), [(False, 8), (True, 7)])
def test_values_lie_on_the_grid_up_to_the_clip(signed, values):
    given = torch.linspace(-3, 3, 4001)
    found = quantised(given, torch.tensor(2.0), 3, signed)
    assert len(found.unique()) == values
    assert float(found.max()) == 2.0
    assert float(found.min()) == (-2.0 if signed else 0.0)
    inside = (given <= 2) & (given >= (-2 if signed else 0))
    assert (found - given)[inside].abs().max() <= 2 / (values - 1) * (1 if signed else 0.5) + 1e-6


def test_gradients_pass_within_the_clip_and_move_it_beyond():
    given = torch.tensor([-3.0, -0.5, 0.4, 1.7, 2.5, 4.0], requires_grad=True)
    layer = Quantised(3, clip=2.0)
    layer(given).sum().backward()
    assert given.grad.tolist() == [0, 0, 1, 1, 0, 0]
    assert float(layer.clip.grad) == 2
    given.grad, signed = None, Quantised(4, clip=2.0, signed=True)
    signed(given).sum().backward()
    assert given.grad.tolist() == [0, 1, 1, 1, 0, 0]
    assert float(signed.clip.grad) == 1


def test_a_fixed_clip_is_no_parameter():
    fixed = Quantised(3, clip=1.0, learned=False)
    assert not list(fixed.parameters())
    assert fixed(torch.tensor([5.0])).item() == 1
    assert "clip" in fixed.state_dict()
