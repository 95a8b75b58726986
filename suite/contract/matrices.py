"""Which weights of torch's layers are matrices that a crossbar can hold: those that inputs are multiplied by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn

_PROJECTIONS = ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight")


def default_arrays(network: nn.Module) -> dict[str, Tensor]:
    """{state-dict name: tensor}, in the order of the network's modules, of the weights of linear layers, convolutions
    and their transposes, recurrent layers and cells, and attention.

    An embedding looks its rows up and multiplies nothing; it stays ideal, as do normalisation and parameters that
    belong to no such layer. `suite plan` names what stays ideal.
    """
    return {
        f"{path}.{name}" if path else name: getattr(module, name)
        for path, module in network.named_modules()
        for name in _matrices(module)
    }


def _matrices(module: nn.Module) -> list[str]:
    from torch import nn

    convolutions = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
    if isinstance(module, (nn.Linear, *convolutions)):
        return ["weight"]
    if isinstance(module, nn.RNNBase):
        return [name for name in module._flat_weights_names if name.startswith("weight")]
    if isinstance(module, nn.RNNCellBase):
        return ["weight_ih", "weight_hh"]
    if isinstance(module, nn.MultiheadAttention):
        # The projection of the outputs is a linear layer of its own.
        return [name for name in _PROJECTIONS if getattr(module, name) is not None]
    return []
