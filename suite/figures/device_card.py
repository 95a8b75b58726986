"""The device card: one page with the sweeps of a device, its window, its log ratios and the numbers with intervals."""

from __future__ import annotations

import math
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from suite.figures import style
from suite.figures.render import encoded
from suite.results.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from suite.lab.characterise.fit import Fitted

    Array = np.ndarray[Any, Any]

_WINDOW = "#56B4E9"
_ROW_IN, _LINE_IN = 3.0, 0.15
# Margins around the panels, in inches: a layout that is given is drawn in a third of the time that finding one takes.
_TITLE_IN, _BELOW_IN, _LEFT_IN, _RIGHT_IN, _BETWEEN_IN = 0.75, 0.55, 0.7, 0.1, 0.75
_TEXT_CHARACTERS = 116
# Cards are for the screen, and come by the dozen: fonts of type 3 need no subset of a font file. A figure that has been
# saved once takes up the layout of the settings, whatever its own is.
_SETTINGS: dict[Any, Any] = {"figure.constrained_layout.use": False, "pdf.fonttype": 3}
_PNG_DPI = 150
_MOST_BINS = 100


def write_card(fitted: Fitted, out: Path) -> tuple[Path, ...]:
    """Writes NAME.pdf and NAME.png of a fitted device into `out`; equal bytes every time. Raises ResultsNotWritable."""
    from matplotlib import rc_context

    with style.house_style(), rc_context(_SETTINGS):
        content = encoded(draw_card(fitted), _PNG_DPI)
    for suffix, data in content.items():
        write_bytes(out / f"{fitted.fit.name}.{suffix}", data)
    return tuple(out / f"{fitted.fit.name}.{suffix}" for suffix in content)


def draw_card(fitted: Fitted) -> Drawing:
    """The page as a matplotlib figure."""
    from matplotlib.figure import Figure as Drawing

    text = "\n".join(map(_wrapped, card_lines(fitted)))
    wide, words_in = style.DOUBLE_COLUMN_IN, _LINE_IN * (text.count("\n") + 2)
    high = _TITLE_IN + 2 * _ROW_IN + words_in
    drawing = Drawing(figsize=(wide, high))
    drawing.set_layout_engine("none")
    title = textwrap.fill(fitted.fit.name.replace("_", " "), 80)
    drawing.suptitle(title, fontweight="bold", y=1 - 0.1 / high, va="top")
    panels = drawing.add_gridspec(
        2,
        2,
        left=_LEFT_IN / wide,
        right=1 - _RIGHT_IN / wide,
        bottom=(words_in + _BELOW_IN) / high,
        top=1 - _TITLE_IN / high,
        wspace=_BETWEEN_IN / (wide / 2 - _BETWEEN_IN),
        hspace=(_BELOW_IN + 0.2) / (_ROW_IN - _BELOW_IN - 0.2),
    )
    draw_sweeps(drawing.add_subplot(panels[0, 0]), fitted)
    draw_conductance(drawing.add_subplot(panels[0, 1]), fitted)
    draw_histogram(drawing.add_subplot(panels[1, 0]), fitted)
    draw_quantiles(drawing.add_subplot(panels[1, 1]), fitted)
    words = drawing.add_axes((0.1 / wide, 0, 1 - 0.2 / wide, words_in / high))
    words.axis("off")
    words.text(0, 1, text, transform=words.transAxes, va="top", fontsize=style.SMALL_PT, linespacing=1.35)
    return drawing


def draw_sweeps(axes: Axes, fitted: Fitted) -> None:
    """Every cycle, current against voltage, as read from the file."""
    for current in fitted.sweeps.current.T:
        axes.plot(fitted.sweeps.voltage, current, color=style.GREY, linewidth=0.5, alpha=0.6)
    _title(axes, f"Sweeps ({fitted.sweeps.current.shape[1]} cycles)", "Voltage (V)", "Current (A)")
    axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))


def draw_conductance(axes: Axes, fitted: Fitted) -> None:
    """Conductance along the positive loop, all cycles and their mean, with the monotone window."""
    loop, fit = fitted.loop, fitted.fit
    axes.plot(loop.places, 1e6 * loop.conductance, color=style.GREY, linewidth=0.4, alpha=0.5)
    axes.plot(fit.conductance_uS, color="black", label="mean over cycles")
    axes.axvspan(*fit.window, color=_WINDOW, alpha=0.35, linewidth=0, label=f"window, length {fit.mono_len}")
    axes.axvline(float(loop.places[loop.voltage.argmax()]), color=style.GREY, linestyle=":", label="largest voltage")
    if (loop.conductance > 0).all(axis=1).mean() > 0.5:
        axes.set_yscale("log")
    axes.legend(loc="best")
    _title(axes, "Conductance I/V", "Point of the positive loop", "Conductance (µS)")


def draw_histogram(axes: Axes, fitted: Fitted) -> None:
    """Histogram of the log ratios in the window, with the normal law of the fitted sigma."""
    from scipy.stats import norm

    logs, sigma = fitted.spread.log_ratio, fitted.fit.sigma_log
    axes.hist(logs, bins=_bins(logs), density=True, color=style.GREY, alpha=0.45, label="log ratios")
    grid = np.linspace(logs.min() - 0.5 * sigma, logs.max() + 0.5 * sigma, 200)
    law = norm.pdf(grid, logs.mean(), sigma)
    axes.plot(grid, law, color=style.KNOWN["bayesmulti"].colour, label=f"normal, σ = {sigma:.3g}")
    axes.legend(loc="best")
    _title(axes, "Log ratio in the window", "ln(G / mean G)", "Density")


def _bins(values: Array) -> int:
    """Bins by the rule of Freedman and Diaconis (1981), at most 100: outliers beside equal values ask for millions."""
    extent = float(np.ptp(values))
    width = 2 * float(np.subtract(*np.percentile(values, [75, 25]))) / len(values) ** (1 / 3)
    return math.ceil(extent / max(width, extent / _MOST_BINS)) if extent else 1


def draw_quantiles(axes: Axes, fitted: Fitted) -> None:
    """Quantiles of the log ratios against those of the fitted normal law: on the line where it holds."""
    from scipy.stats import norm

    logs = np.sort(fitted.spread.log_ratio)
    expected = norm.ppf((np.arange(len(logs)) + 0.5) / len(logs))
    axes.plot(expected, logs, ".", color=style.GREY, markersize=2.5)
    ends = expected[[0, -1]]
    axes.plot(ends, logs.mean() + fitted.fit.sigma_log * ends, color=style.KNOWN["bayesmulti"].colour)
    _title(axes, "Quantiles", "Standard normal", "ln(G / mean G)")


def card_lines(fitted: Fitted) -> list[str]:
    """The words of the card: numbers with intervals, how they were found, notes, warnings."""
    fit = fitted.fit
    how = {
        "log_mle": "maximum likelihood on ln(G / mean G) in the window; intervals: 95 %, jackknife over cycles",
        "authors": "standard deviation of the raw ratio, as the authors of arXiv:2412.02779; no interval",
    }[fit.estimator]
    sigma, usability = f"σ = {fit.sigma_log:.4g}", f"usability = exp(−σ) = {math.exp(-fit.sigma_log):.4g}"
    if fit.usability_interval is not None:
        sigma += f" [{fit.sigma_low:.3g}, {fit.sigma_high:.3g}]"
        usability += f" [{fit.usability_interval[0]:.3g}, {fit.usability_interval[1]:.3g}]"
    return [
        f"{sigma};  {usability};  monotone length {fit.mono_len} of 35",
        f"{how}; {fit.used} samples of {fit.cycles} cycles, {fit.left_out} left out",
        f"File {fit.file}, SHA-256 {fit.sha256[:16]}…",
        *(f"Note: {note}" for note in fit.notes),
        *(f"WARNING: {warning}" for warning in fit.warnings),
    ]


def _wrapped(line: str) -> str:
    return textwrap.fill(line, _TEXT_CHARACTERS, subsequent_indent="    ", break_on_hyphens=False)


def _title(axes: Axes, title: str, x: str, y: str) -> None:
    # A place that is given is not sought, which takes long; it leaves room for the power of ten of an axis.
    axes.set_title(title, loc="left", fontweight="bold", y=1.03)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
