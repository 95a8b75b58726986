"""What is observed of networks that hold automata: a walk over time, the neurons themselves, the weights, the capacity.

Heavy libraries wait inside functions, so that workload files may import this module at their top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.contract import Observation, Observed

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

# Of the neurons, those that a raster shows; steps that one point in time of a spiking walk is the sum of.
SHOWN, SUMMED, BINS = 200, 10, 101


def _walked(observed: Observed) -> tuple[list[Tensor], np.ndarray[Any, Any]]:
    """Outputs (N,) of all neurons at every step of the first walk of the test set, and the stimulus there, -1: none."""
    import numpy as np
    import torch

    network: Any = observed.network
    inputs = observed.splits.tests["test"].tensors[0][:1]
    seen: list[Tensor] = []
    with torch.inference_mode():
        network(inputs, observed.generator, lambda states, _: seen.append(states[0]))
    timeline = network.timeline(inputs[0, 1:].tolist())
    return seen, np.array(timeline, dtype=np.int64)


def walk(observed: Observed) -> dict[str, np.ndarray[Any, Any]]:
    """Overlap with every state and every edge, and with every output, by step; of spiking neurons the share of the
    spikes of SUMMED steps."""
    import torch

    network: Any = observed.network
    seen, stimulus = _walked(observed)
    codes, states = network.codes, torch.stack(seen)
    if network.spiking:
        states = states.unflatten(0, (-1, SUMMED)).sum(1)
        stimulus = stimulus[::SUMMED]
    outputs = codes.outputs.float()
    told = states @ outputs.T / outputs.abs().sum(1).clamp_min(1)
    return {
        "similarity": network.alike(states, codes.nodes).cpu().numpy(),
        "edge_similarity": network.alike(states, codes.edges).cpu().numpy(),
        "output_similarity": told.cpu().numpy(),
        "stimulus": stimulus,
    }


def raster(observed: Observed) -> dict[str, np.ndarray[Any, Any]]:
    """Whether each of the first SHOWN neurons is active, by step."""
    import torch

    seen, stimulus = _walked(observed)
    return {"active": (torch.stack(seen)[:, :SHOWN] > 0).cpu().numpy().astype("int8"), "stimulus": stimulus}


def weights(observed: Observed) -> dict[str, np.ndarray[Any, Any]]:
    """How many of the programmed weights lie in each of BINS equal bins, and the share of them that is exactly 0."""
    import numpy as np

    network: Any = observed.network
    held = network.weights
    found = (network.factors().dense() if held is None else held).cpu().numpy()
    count, edges = np.histogram(found, bins=BINS)
    return {"count": count, "edge": edges.astype("float64"), "zeros": np.array(float((found == 0).mean()))}


def capacity(observed: Observed) -> dict[str, np.ndarray[Any, Any]]:
    """Share of right walks in random automata of growing size, on networks of this one's size with ideal weights; see
    `workloads.shared.vsa.capacity`."""
    from workloads.shared.vsa.capacity import measured

    network: Any = observed.network
    return measured(network, observed.generator)


OVER_TIME = {
    "similarity": ("time", "state"),
    "edge_similarity": ("time", "edge"),
    "output_similarity": ("time", "output"),
    "stimulus": ("time",),
}
WALK = Observation("Walk", OVER_TIME, walk)
RASTER = Observation("Raster", {"active": ("time", "neuron"), "stimulus": ("time",)}, raster)
WEIGHTS = Observation("Programmed weights", {"count": ("bin",), "edge": ("bin_edge",), "zeros": ()}, weights)
CAPACITY = Observation(
    "Capacity",
    {"states": ("size",), "edges": ("size",), "success": ("size", "trial"), "neurons": (), "active": ()},
    capacity,
)
