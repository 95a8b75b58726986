"""Glycans as labelled trees: IUPAC-condensed names, read by glycowork, in one canonical order of branches.

Nodes are monosaccharides and linkages, as SweetNet has them (Burkholz et al., Cell Reports 35, 109251, 2021); the root
is the reducing end. Substituents in braces, whose place is not known, are trees of their own beside the main one.
Wildcards ("?", "3/4") are labels like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class UnreadableGlycan(ValueError):
    """A name that is not IUPAC-condensed."""


@dataclass(frozen=True)
class Tree:
    """One structure: node labels, and the position of each node's parent, -1 for a root. Parents come first."""

    labels: tuple[str, ...]
    parents: tuple[int, ...]


def tree(name: str) -> Tree:
    """The structure of a glycan; names that differ in the order of branches alone give equal trees.

    Raises UnreadableGlycan, also where brackets do not match: glycowork itself guesses at such names.
    """
    if any(name.count(one) != name.count(other) for one, other in ("[]", "()", "{}")):
        raise UnreadableGlycan(f"{name!r}: brackets do not match")
    parts = [part for part in name.replace("}", "{").split("{") if part]
    if not parts:
        raise UnreadableGlycan("an empty name")
    return _forest(sorted(_canonical(part, name) for part in parts))


def _canonical(part: str, name: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Labels and parents, root first; branches in the order of their own canonical text (Aho, Hopcroft, Ullman)."""
    labels, children, root = _parsed(part, name)
    texts: list[str] = []
    for label, below in zip(labels, children, strict=True):
        below.sort(key=texts.__getitem__)
        texts.append(f"{label}({''.join(texts[child] for child in below)})")
    order: list[str] = []
    parents: list[int] = []
    waiting = [(root, -1)]
    while waiting:
        node, parent = waiting.pop()
        waiting.extend((child, len(order)) for child in reversed(children[node]))
        order.append(labels[node])
        parents.append(parent)
    return tuple(order), tuple(parents)


def _parsed(part: str, name: str) -> tuple[Sequence[str], list[list[int]], int]:
    """Labels, the children of each node (all before it) and the root, which in a floating part is its linkage."""
    from glycowork.motif.graph import glycan_to_edges

    floating = part.endswith(")")
    try:
        # Stand-in for the unknown sugar that the part hangs on; it is left out again.
        labels, edges = glycan_to_edges(f"{part}Hex" if floating else part)
    except (ValueError, IndexError) as error:
        raise UnreadableGlycan(f"{name!r}: {error}") from None
    children: list[list[int]] = [[] for _ in labels]
    for parent, child in edges:
        children[parent].append(child)
    root = len(labels) - 1
    if len(edges) != root:
        raise UnreadableGlycan(f"{name!r}: {len(labels)} nodes with {len(edges)} bonds are no tree")
    return tuple(labels.values()), children, children[root][0] if floating else root


def _forest(parts: Iterable[tuple[tuple[str, ...], tuple[int, ...]]]) -> Tree:
    labels: list[str] = []
    parents: list[int] = []
    for names, above in parts:
        parents.extend(parent if parent < 0 else parent + len(labels) for parent in above)
        labels.extend(names)
    return Tree(tuple(labels), tuple(parents))
