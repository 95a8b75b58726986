"""Finding figures, and what they show."""

import subprocess
import sys

import matplotlib
import numpy as np
import pytest

from suite import figures
from suite.figures import FigureError, style
from suite.figures.curves import curve_figure, sigma_ticks
from suite.figures.summary import Panel, summary
from tests.unit.figures.figure_trees import PANELS, both, cells, drawn, tree, workload


def test_fig2a_is_found_by_its_file_name():
    assert "fig2a" in figures.names()
    assert figures.find("fig2a").needs == ("mnist_mlp", "mnist_lenet")


def test_fig2b_shows_the_four_networks_that_a_cube_has():
    figure = figures.find("fig2b")
    assert figure.needs == ("cifar_alexnet", "cifar_mobilenet", "cifar_resnext", "cifar_resnet")
    found = tree(**{name: workload(source="cifar10:official") for name in figure.needs})
    panels = drawn(found, figure).axes
    assert [axes.get_title(loc="left") for axes in panels] == ["AlexNet", "MobileNet", "ResNeXt", "ResNet"]
    assert {axes.get_title(loc="right") for axes in panels} == {"cifar10:official"}
    assert {axes.get_ylim() for axes in panels} == {panels[0].get_ylim()}
    alone = tree(cifar_resnet=workload(), mnist_mlp=workload())
    assert [axes.get_title(loc="left") for axes in drawn(alone, figure).axes] == ["ResNet"]


def test_every_figure_file_defines_a_figure_of_its_own():
    titles = [figures.find(name).title for name in figures.names()]
    assert len(set(titles)) == len(titles) > 1


def test_helper_modules_are_no_figures():
    with pytest.raises(FigureError, match=r"unknown figure 'fig2', did you mean 'fig2[ab]'\?.*known: .*fig2a"):
        figures.find("fig2")
    with pytest.raises(FigureError, match="unknown figure 'style'"):
        figures.find("style")


def test_a_figure_file_without_figure_is_named(monkeypatch):
    monkeypatch.delattr("suite.figures.fig2a.FIGURE")
    with pytest.raises(FigureError, match=r"suite/figures/fig2a\.py: define FIGURE"):
        figures.find("fig2a")


def test_listing_figures_loads_no_heavy_library():
    code = "import sys, suite.figures as f; [f.find(n) for n in f.names()]; import suite.figures.render; " + (
        "print(sorted({'matplotlib', 'pandas', 'xarray', 'numpy', 'torch'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_fig2a_shows_two_panels_with_lines_bands_and_chance():
    table = summary(both(), PANELS)
    panels = drawn(both()).axes
    assert [axes.get_title(loc="left") for axes in panels] == ["MLP", "LeNet"]
    for axes, name in zip(panels, ("mnist_mlp", "mnist_lenet"), strict=True):
        lines = {line.get_label(): line for line in axes.get_lines()}
        assert list(lines) == ["ERM", "BayesMulti", "chance"]
        expected = table[(table.workload == name) & (table.contestant == "erm")]
        assert np.array_equal(lines["ERM"].get_xdata(), expected["usability"])
        assert np.array_equal(lines["ERM"].get_ydata(), expected["mean"])
        assert set(lines["chance"].get_ydata()) == {0.1}
        assert lines["chance"].get_linestyle() == ":"
        assert len(axes.collections) == 2
        band = axes.collections[0].get_paths()[0].get_extents()
        assert band.y1 == pytest.approx((expected["mean"] + expected["std"]).max())
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("Usability", "Accuracy")
        assert axes.get_title(loc="right") == "mnist:official"


def test_a_method_looks_the_same_in_every_panel():
    # Alone each of the second panel's contestants would have its hash's slot; beside the first panel's they move on.
    names = [("a", "b"), ("c", "d"), ("e", "f")]
    panels = [Panel(f"mnist_{place}", "") for place in range(3)]
    trees = {
        panel.workload: workload(contestants=contestants) for panel, contestants in zip(panels, names, strict=True)
    }
    shown = drawn(tree(**trees), curve_figure("three panels", panels)).axes
    found = [line for axes in shown for line in axes.get_lines() if line.get_label() != "chance"]
    expected = style.lines([name for contestants in names for name in contestants])
    assert {line.get_label(): line.get_color() for line in found} == {
        name: line.colour for name, line in expected.items()
    }
    assert any(style.lines([name])[name].colour != line.colour for name, line in expected.items())


def test_usability_rises_to_the_right_and_sigma_stands_on_top():
    figure = drawn(both())
    figure.draw_without_rendering()
    for axes in figure.axes:
        low, high = axes.get_xlim()
        assert low < 0.2 < 1.0 < high
        (top,) = axes.child_axes
        sigmas = [float(label.get_text()) for label in top.get_xticklabels()]
        assert {0.0, 0.1, 0.3, 0.5, 1.2} <= set(sigmas)
        assert top.get_xticks() == pytest.approx(np.exp(-np.array(sigmas)))
        assert top.get_xlim() == pytest.approx((low, high))


def test_one_legend_for_all_panels():
    figure = drawn(both())
    (inner,) = figure.subfigs
    (legend,) = inner.legends
    assert [text.get_text() for text in legend.get_texts()] == ["ERM", "BayesMulti", "chance"]
    assert all(axes.get_legend() is None for axes in figure.axes)


def test_no_text_is_smaller_than_seven_points():
    figure = drawn(both())
    texts = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text()]
    assert len(texts) > 20
    assert min(text.get_fontsize() for text in texts) >= 7


def test_panels_of_one_score_share_their_y_limits():
    high = {"accuracy": 0.9 + 0 * cells(), "auc": 5.0 + cells()}
    low = {"accuracy": 0.3 + 0 * cells(), "auc": 7.0 + cells()}
    panels = [Panel(name, name, score) for name in ("a", "b") for score in ("accuracy", "auc")]
    axes = drawn(tree(a=workload(high), b=workload(low)), curve_figure("four panels", panels)).axes
    limits = [panel.get_ylim() for panel in axes]
    assert limits[0] == limits[2]
    assert limits[1] == limits[3]
    assert limits[0] != limits[1]
    assert limits[1][1] > 7.2


def test_sigma_ticks_keep_their_distance():
    assert sigma_ticks(0.04, 1.0, gap=0.0) == [0.0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0]
    assert sigma_ticks(0.45, 1.0, gap=0.12) == [0.0, 0.2, 0.5]


def test_a_method_keeps_its_line_whatever_else_is_shown():
    labels = [f"variant_{i}" for i in range(12)]
    together = style.lines(["bayesmulti", *labels, "erm"])
    assert list(together)[:2] == ["erm", "bayesmulti"]
    looks = {(line.colour, line.marker, line.dashes) for line in together.values()}
    assert len(looks) == 14
    assert style.lines(["erm"])["erm"] == together["erm"]
    assert style.lines(["dropout", "erm"])["dropout"] == style.lines(["dropout", "bayesmulti"])["dropout"]


def test_few_methods_differ_in_colour_and_a_name_for_readers_is_the_method_itself():
    assert style.lines(["ERM"])["ERM"] == style.lines(["erm"])["erm"]
    for labels in (["a", "b", "c", "d", "e"], ["ERM", "x", "y", "BayesMulti, 1", "BayesMulti, 2"]):
        assert len({line.colour for line in style.lines(labels).values()}) == len(labels)
    assert len({line.colour for line in style.lines(["bayesmulti/random", "a", "b", "c", "d"]).values()}) == 5
