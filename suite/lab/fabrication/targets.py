"""The scale on which a search looks for the best device: -log10 sigma or usability, both larger for a better one."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, Any]
Target = Literal["log_sigma", "usability"]

# Of a standard normal: the half width of a 95 % interval.
Z95 = 1.959964


def modelled(sigma_log: Array, target: Target) -> Array:
    """What the surrogate models: -log10(sigma_log) or usability = exp(-sigma_log)."""
    return -np.log10(sigma_log) if target == "log_sigma" else np.exp(-sigma_log)


def sigma_of(modelled_values: Array, target: Target) -> Array:
    """sigma_log of modelled values; inf where a modelled usability is 0 or less, 0 where it is 1 or more."""
    if target == "log_sigma":
        return 10.0**-modelled_values
    with np.errstate(divide="ignore"):
        return -np.log(np.clip(modelled_values, 0.0, 1.0)) + 0.0


def usability_of(modelled_values: Array, target: Target) -> Array:
    """Usability exp(-sigma_log) of modelled values, in [0, 1]."""
    return np.exp(-sigma_of(modelled_values, target))
