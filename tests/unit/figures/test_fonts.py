"""The cut font draws what the whole one draws, and what it lacks is drawn from that."""

from io import BytesIO

import pytest
from matplotlib.figure import Figure

from suite.figures import fonts
from suite.figures.style import house_style


def drawn(text: str, suffix: str, **settings: object) -> bytes:
    with house_style():
        figure = Figure(figsize=(3, 1))
        figure.text(0.1, 0.4, text, **settings)
        buffer = BytesIO()
        figure.savefig(
            buffer, format=suffix, metadata={"Software": None} if suffix == "png" else {"CreationDate": None}
        )
    return buffer.getvalue()


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_letters_of_the_cut_font_are_those_of_the_whole(weight):
    text = "AVATAR, fi ffl: σ = 0.30 − µ ≤ ½ é"
    assert drawn(text, "png", weight=weight) == drawn(text, "png", weight=weight, family=fonts.WHOLE)


def test_a_letter_that_the_cut_font_lacks_is_drawn_all_the_same(recwarn):
    assert drawn("Ж sigma", "png") == drawn("Ж sigma", "png", family=fonts.WHOLE)
    assert not [warning for warning in recwarn if "missing" in str(warning.message)]


def test_a_pdf_has_equal_bytes_each_time():
    first = drawn("sigma σ", "pdf")
    fonts.families.cache_clear()
    assert drawn("sigma σ", "pdf") == first
