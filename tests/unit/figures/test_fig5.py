"""Figure 5: panels of what clears its baselines, numbers of what does not, and texts with their scores."""

import math

import numpy as np
import pytest
import xarray

from suite import figures
from suite.figures.render import Skipped, render
from tests.unit.figures.figure_trees import cells, drawn, tree, workload

FIGURE = figures.find("fig5")
SMALL, COCO = "vlm_small", "vlm_smollm2_coco"
SOURCES = {"counting": "synthetic:shapes", "easy_vqa": "easy_vqa:1.0"}
LABELS = {"contestant": "erm", "seed": 0, "realisation": 0, "condition": "any"}


def small():
    return workload({f"accuracy@{test}": cells() for test in SOURCES}, source=SOURCES)


def baselines(margin, error=0.01):
    """Of both tests; easy-VQA is far above what needs no image."""
    values = {"constant": [0.11, 0.3], "question": [0.12, 0.4], "validation": [0.2, 0.9]}
    values |= {"margin": [margin, 0.5], "error": [error, 0.01]}
    arrays = {name: ("task", np.array(some)) for name, some in values.items()}
    arrays["set"] = ("task", np.array(list(SOURCES)))
    return xarray.Dataset(arrays, attrs=LABELS | {"sigma_log": 0.0, "usability": 1.0, "source": SOURCES})


def texts(contestant, sigma, *said):
    count = len(said)
    numbers = {"recall": 0.25, "hallucinated": 0.5, "perplexity": 1234.5, "repeated": 0.1}
    arrays = {name: ("image", np.full(count, value)) for name, value in numbers.items()}
    arrays |= {"name": ("image", np.array([f"00{i}" for i in range(count)]))}
    arrays |= {"on": ("image", np.array(["cat, dog"] * count)), "text": ("image", np.array(said))}
    at = {"contestant": contestant, "sigma_log": sigma, "usability": math.exp(-sigma), "source": {"which": "coco"}}
    return xarray.Dataset(arrays, attrs=LABELS | at)


def cube(margin=0.3, told=()):
    nodes = {f"/{SMALL}": small(), f"/{SMALL}/observations/baselines/a": baselines(margin)}
    if told:
        nodes[f"/{COCO}"] = workload({"accuracy@which": cells()}, source={"which": "coco"})
        nodes |= {f"/{COCO}/observations/descriptions/{number}": one for number, one in enumerate(told)}
    return xarray.DataTree.from_dict(nodes)


def panels(study_tree):
    return {axes.get_title(loc="left"): axes for axes in drawn(study_tree, FIGURE).axes if axes.get_xlabel()}


def test_each_task_has_a_panel_with_lines_of_what_needs_no_image():
    found = panels(cube())
    assert list(found) == ["Counting", "easy-VQA"]
    lines = {line.get_label(): line for line in found["Counting"].get_lines()}
    assert {*lines} == {"ERM", "BayesMulti", "chance", "most frequent answer", "same, by question"}
    assert lines["same, by question"].get_ydata()[0] == 0.12


@pytest.mark.parametrize(("margin", "clear"), [(0.031, True), (0.029, False)])
def test_a_task_that_is_not_learned_shows_its_number_and_no_curve(margin, clear):
    found = panels(cube(margin))
    counting, easy = (found[title] for title in ("Counting", "easy-VQA"))
    assert {line.get_visible() for line in counting.get_lines()} == {clear}
    assert [text.get_text().split("\n")[0] for text in counting.texts] == ([] if clear else ["validation: 20.0 %,"])
    assert {line.get_visible() for line in easy.get_lines()} == {True}


def test_texts_stand_by_level_and_method_with_their_scores():
    told = [
        texts(name, sigma, f"{name} at {sigma}", "second") for name in ("erm", "bayesmulti") for sigma in (0.1, 0.6)
    ]
    part = next(axes for axes in drawn(cube(told=told), FIGURE).axes if axes.get_title(loc="left").startswith("c "))
    assert part.get_title(loc="left") == "c  projection on crossbars; 000, on it: cat, dog"
    found = [text.get_text() for text in part.texts]
    assert [text for text in found if " at " in text] == [
        *("erm at 0.1", "erm at 0.6", "bayesmulti at 0.1", "bayesmulti at 0.6")
    ]
    assert found.count("recall 0.25, not there 0.50, perplexity 1,234, repeated 0.10") == 4
    assert "u = 0.90\nσ = 0.10" in found


def test_a_text_of_strange_signs_is_drawn_and_kept_as_it_is_in_the_table(tmp_path):
    strange = "a $x^2 of\n語 ught"
    result = render("fig5", cube(told=[texts("erm", 0.1, strange, "")]), tmp_path, "reference_vlm")
    assert "means over 2 images" in result.caption
    rows = FIGURE.table(cube(told=[texts("erm", 0.1, strange, "")]))
    assert rows[rows["quantity"] == "descriptions"]["text"].tolist() == [strange, ""]
    assert rows["source"].notna().all()


def test_what_is_lacking_is_named(tmp_path):
    result = render("fig5", cube(), tmp_path, "quick_vlm")
    assert "CIFAR-10: the study has no such test set" in result.gaps
    assert "Stand-ins for MiniGPT-4" in result.caption and "(c)" not in result.caption
    assert isinstance(render("fig5", tree(mnist_mlp=workload()), tmp_path / "none", "quick"), Skipped)
