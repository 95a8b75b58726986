"""Filament RRAM up to 40 uS after write-verify: 12,281 real cells, read again 0.01 s to 28 h later.

The change of each cell is drawn from the quantiles of those measured at its level (steps of 0.5 uS, 150 cells or so
each) and time, in `rram40.csv`: their means and spreads, their tails (excess kurtosis 9.9 at 1 s and 4.4 at 28 h) and
the 2 uS that middle and high states lose in a day are the measured ones. Between 4 s and 1e5 s nothing was read:
quantiles there are linear in the logarithm of time. A cell keeps its rank over time, where measured changes at 1 s and
1e5 s correlate at 0.35: compare distributions over time, not the path of a single cell.

Source: technology C (HfO2) of github.com/akashlevy/RRAM-Relaxation-Master-Model, commit
ca0cfff655a7392dc8955585f7345303b3cffde8, data/techC/relaxdata.min.tsv.gz, MIT licence, whose notice stands in
`rram40.csv`. That it is the technology of the NeuRRAM chip (Wan et al., Nature 608, 504, 2022) is likely, not stated.
"""

from __future__ import annotations

from pathlib import Path

from suite.contract import relaxing

DEVICE = relaxing(
    title="relaxation of 12,281 RRAM cells up to 40 uS",
    source="github.com/akashlevy/RRAM-Relaxation-Master-Model (MIT)",
    table=Path(__file__).with_suffix(".csv"),
)
