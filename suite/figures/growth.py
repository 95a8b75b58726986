"""The plot of the cost per unit against the number of units, which `suite bench growth` writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from suite.figures import style
from suite.figures.render import encoded

# {kind of unit: (colour, marker)}
_LOOKS = {"empty": ("#0072B2", "o"), "real": ("#D55E00", "s"), "observed": ("#009E73", "^")}


def growth_png(costs_ms: Mapping[str, Sequence[tuple[int, float]]]) -> bytes:
    """costs_ms: {kind of unit: [(units of the run, CPU milliseconds per unit)]}, on logarithmic axes."""
    from matplotlib.figure import Figure as Drawing

    with style.house_style():
        drawing = Drawing(figsize=(style.SINGLE_COLUMN_IN, style.PANEL_HEIGHT_IN))
        axes = drawing.subplots()
        for kind, points in costs_ms.items():
            colour, marker = _LOOKS[kind]
            axes.loglog(*zip(*points, strict=True), color=colour, marker=marker, label=f"{kind} units")
        low = min(cost for points in costs_ms.values() for _, cost in points)
        high = max(cost for points in costs_ms.values() for _, cost in points)
        axes.set_ylim(low / 3, high * 3)
        axes.set_xlabel("Units of the run")
        axes.set_ylabel("CPU time per unit (ms)")
        axes.legend()
        return encoded(drawing)["png"]
