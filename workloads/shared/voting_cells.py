"""Recurrent cells side by side whose votes are summed, in the few bits of the NeuRRAM chip (Wan et al., Nature 608,
504-512, 2022): inputs and states of 4 bits, what arrays give of 6, gates and memories of 8, all signed.

Weights are kept within +-WEIGHT_CLIP and biases within +-BIAS_CLIP (`clip_weights`), so that noise in units of the clip
means the same for all arrays. On crossbars lie the input, state and output matrices of each cell.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from workloads.shared.quantised import Quantised

WEIGHT_CLIP, BIAS_CLIP = 0.2, 0.4
STATE_BITS, PRODUCT_BITS, GATE_BITS = 4, 6, 8


class Cell(nn.Module):
    """The matrices of one LSTM cell, gates in the order input, candidate, forget, output."""

    def __init__(self, inputs: int, width: int, classes: int) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(4 * width, inputs))
        self.weight_hh = nn.Parameter(torch.empty(4 * width, width))
        self.bias_ih = nn.Parameter(torch.zeros(4 * width))
        self.bias_hh = nn.Parameter(torch.zeros(4 * width))
        for weight in (self.weight_ih, self.weight_hh):
            nn.init.uniform_(weight, -(width**-0.5), width**-0.5)
        self.vote = nn.Linear(width, classes)

    def read_inputs(self, inputs: Tensor) -> Tensor:
        """(N, steps, inputs) -> (N, steps, 4 width)."""
        return functional.linear(inputs, self.weight_ih, self.bias_ih)

    def read_state(self, state: Tensor) -> Tensor:
        """(N, width) -> (N, 4 width)."""
        return functional.linear(state, self.weight_hh, self.bias_hh)


class VotingCells(nn.Module):
    """Sequences (N, steps, inputs) -> the votes of every cell, (N, cells, classes)."""

    def __init__(self, cells: int, inputs: int, width: int, classes: int, largest_input: float) -> None:
        """largest_input: where the clip of the inputs starts."""
        super().__init__()
        self.weight_clip, self.width = WEIGHT_CLIP, width
        self.cells = nn.ModuleList(Cell(inputs, width, classes) for _ in range(cells))
        self.inputs = Quantised(STATE_BITS, largest_input, signed=True)
        self.state = Quantised(STATE_BITS, 1.0, signed=True, learned=False)
        self.driven, self.kept, self.votes = (Quantised(PRODUCT_BITS, clip, signed=True) for clip in (8.0, 4.0, 8.0))
        self.gates = Quantised(GATE_BITS, 1.0, signed=True, learned=False)
        self.memory = Quantised(GATE_BITS, 4.0, signed=True)
        self.noise_points = ("state",)

    def forward(self, sequences: Tensor) -> Tensor:
        """(N, cells, classes)."""
        inputs, cells = self.inputs(sequences), self.each
        # Products of all steps at once; to pick one step of a whole costs four times as much in the backward pass.
        driven = self.driven(torch.stack([cell.read_inputs(inputs) for cell in cells], 2)).unbind(1)
        states = self.state(sequences.new_zeros(len(sequences), len(cells), self.width))
        memory = torch.zeros_like(states)
        for step in driven:
            kept = [cell.read_state(state) for cell, state in zip(cells, states.unbind(1), strict=True)]
            states, memory = self._stepped(step + self.kept(torch.stack(kept, 1)), memory)
        votes = [cell.vote(state) for cell, state in zip(cells, states.unbind(1), strict=True)]
        found: Tensor = self.votes(torch.stack(votes, 1))
        return found

    @property
    def each(self) -> list[Cell]:
        """The cells."""
        return [cell for cell in self.cells if isinstance(cell, Cell)]

    def _stepped(self, sums: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        enter, candidate, forget, leave = sums.chunk(4, -1)
        squashed = self.gates(torch.cat([enter.sigmoid(), candidate.tanh(), forget.sigmoid(), leave.sigmoid()], -1))
        enter, candidate, forget, leave = squashed.chunk(4, -1)
        memory = self.memory(forget * memory + enter * candidate)
        return self.state(leave * memory.tanh()), memory

    def clip_weights(self) -> None:
        """Weights and biases back within their clips, those under noise too."""
        with torch.no_grad():
            for name, parameter in self.cells.named_parameters():
                clip = BIAS_CLIP if "bias" in name else WEIGHT_CLIP
                parameter.clamp_(-clip, clip)

    def arrays(self) -> Mapping[str, Tensor]:
        """{state-dict name: tensor} of the input, state and output matrix of every cell."""
        kinds = ("weight_ih", "weight_hh", "vote.weight")
        names = [f"cells.{cell}.{kind}" for kind in kinds for cell in range(len(self.cells))]
        return {name: self.get_parameter(name) for name in names}
