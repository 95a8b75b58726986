"""The same job by a peer: AIHWKIT-Lightning (IBM), where it is installed. Its own weight noise: times alone compare.

`pip install --no-deps aihwkit-lightning==2.1.0 tqdm`: no dependency of the suite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec

import torch
from torch import Tensor, nn

PEER = "aihwkit_lightning"


# Images per forward pass; the faster counts.
BLOCKS = (100, 1000)


def peer_jobs(
    network: nn.Module, images: Tensor, sigmas: Sequence[float], realisations: int
) -> list[Callable[[], None]]:
    """The job as calls, one per size of blocks; none where the peer is not installed.

    Gaussian noise of standard deviation sigma times the largest weight, drawn once per forward pass (its noise acts in
    training mode only); sigma 0 once.
    """
    if find_spec(PEER) is None:
        return []
    from aihwkit_lightning.nn.conversion import convert_to_analog
    from aihwkit_lightning.simulator.configs import TorchInferenceRPUConfig
    from aihwkit_lightning.simulator.parameters import WeightNoiseInjectionType

    settings = TorchInferenceRPUConfig()
    settings.modifier.noise_type = WeightNoiseInjectionType.ADD_NORMAL
    analog = convert_to_analog(network, settings)
    modifiers = [module.rpu_config.modifier for module in analog.modules() if hasattr(module, "rpu_config")]

    def job(block: int) -> None:
        for sigma in [0.0] + [sigma for sigma in sigmas if sigma for _ in range(realisations)]:
            for modifier in modifiers:
                modifier.std_dev = sigma
            analog.train(sigma > 0)
            torch.cat([analog(part) for part in images.split(block)]).argmax(1)

    return [partial(job, block) for block in BLOCKS]
