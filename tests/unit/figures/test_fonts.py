"""The cut font draws what the whole one draws, and what it lacks is drawn from that."""

from io import BytesIO
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager

from suite.figures import fonts
from suite.figures.style import house_style


def drawn(text: str, **settings: object) -> bytes:
    with house_style():
        figure = Figure(figsize=(3, 1))
        figure.text(0.1, 0.4, text, **settings)
        buffer = BytesIO()
        figure.savefig(buffer, format="png")
    return buffer.getvalue()


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_letters_of_the_cut_font_are_those_of_the_whole(weight):
    text = "AVATAR, fi ffl: σ = 0.30 − µ ≤ ½ é"
    assert drawn(text, weight=weight) == drawn(text, weight=weight, family=fonts.WHOLE)


def test_a_letter_that_the_cut_font_lacks_is_drawn_all_the_same(recwarn):
    assert drawn("Ж sigma") == drawn("Ж sigma", family=fonts.WHOLE)
    assert not [warning for warning in recwarn if "missing" in str(warning.message)]


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_figures_are_drawn_with_the_cut_font_of_their_weight(weight):
    cut, _ = fonts.families()
    found = fontManager.findfont(FontProperties(family=cut, weight=weight), fallback_to_default=False)
    assert Path(found).name == f"{weight}.ttf" and Path(found).stat().st_size < 150_000


def test_a_font_is_cut_to_equal_bytes_each_time(tmp_path):
    whole = fontManager.findfont(FontProperties(family=fonts.WHOLE))
    first, second = (fonts._cut(whole, tmp_path / name).read_bytes() for name in ("a.ttf", "b.ttf"))
    assert first == second
