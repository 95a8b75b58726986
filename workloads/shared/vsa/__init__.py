"""Finite state machines in attractor networks by vector symbolic architectures.

Dense and sparse codes: Cotteret et al., Neural Computation 36(4), 2024, arXiv:2212.01196. Spiking networks: an
implementation of our own after the same authors' Neuromorph. Comput. Eng. 5 (2025) 014008, arXiv:2405.01305, whose
constants are not known to us.
"""
