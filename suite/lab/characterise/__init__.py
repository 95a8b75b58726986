"""From the I-V sweeps of a memory cell to its sigma, its usability and its level ratios: `suite device fit`."""
