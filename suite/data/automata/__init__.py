"""Deterministic finite automata: YAML files that a user can write, a built-in one, generated ones.

An automaton moves from state to state along edges; each edge is taken on one stimulus and may give an output. A
stimulus that no edge of the present state has is invalid there, and moves nothing.
"""
