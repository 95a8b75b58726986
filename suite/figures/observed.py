"""Observations of a cube, as figures read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.figures import style

if TYPE_CHECKING:
    from xarray import Dataset, DataTree


def observed(tree: DataTree, workload: str, what: str) -> list[Dataset]:
    """The finished observations `what` of a workload, in the order in which the study asks for them; [] for none.

    Attributes of each: contestant, seed, realisation, condition and its coordinates, source.
    """
    place = tree
    for part in (*workload.split("/"), "observations", what):
        if part not in place.children:
            return []
        place = place.children[part]
    return [node.to_dataset(inherit=False) for node in place.children.values()]


def last_per_method(found: list[Dataset]) -> dict[str, Dataset]:
    """Of several observations of a method, that of the crossbar which the study names last, at its first seed."""
    chosen: dict[str, Dataset] = {}
    for contestant in dict.fromkeys(one.attrs["contestant"] for one in found):
        mine = [one for one in found if one.attrs["contestant"] == contestant]
        last = list(dict.fromkeys(one.attrs["condition"] for one in mine))[-1]
        chosen[contestant] = next(one for one in mine if one.attrs["condition"] == last)
    return chosen


def first_per_level(found: list[Dataset], methods: int) -> dict[tuple[str, float], Dataset]:
    """{(contestant, sigma)}: of so many methods, and of each level the first seed and realisation."""
    shown = list(style.lines(one.attrs["contestant"] for one in found))[:methods]
    nodes: dict[tuple[str, float], Dataset] = {}
    for one in found:
        if one.attrs["contestant"] in shown:
            nodes.setdefault((one.attrs["contestant"], float(one.attrs["sigma_log"])), one)
    return nodes
