"""The font of figures, cut once to the letters that most of them are made of.

Matplotlib cuts a font anew for every PDF: 0.08 s of DejaVu Sans' 6,000 glyphs (in fontTools), 0.015 s of these.
"""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

WHOLE = "DejaVu Sans"
CUT = f"{WHOLE} cut"
# Latin and Greek letters with their accents, and signs; what else a text holds is drawn from the whole font.
_LETTERS = (*range(0x20, 0x180), *range(0x391, 0x3CA), *map(ord, "–—‘’“”…→−√∞≈≠≤≥"))


@cache
def families() -> list[str]:
    """What `font.family` takes: the cut font, then the whole one."""
    from matplotlib.font_manager import FontProperties, fontManager

    folder = Path(mkdtemp(prefix="suite-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for weight in ("normal", "bold"):
        whole = fontManager.findfont(FontProperties(family=WHOLE, weight=weight))
        fontManager.addfont(_cut(whole, folder / f"{weight}.ttf"))
    return [CUT, WHOLE]


def _cut(font: str, path: Path) -> Path:
    """Write the letters of a font file as a font named CUT."""
    from fontTools import subset

    options = subset.Options(drop_tables=["FFTM"], recalc_timestamp=False, name_IDs=["*"])
    with subset.load_font(font, options) as loaded:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=_LETTERS)
        cutter.subset(loaded)
        for record in loaded["name"].names:
            if record.nameID in (1, 16):
                record.string = CUT
        subset.save_font(loaded, path, options)
    return path
