"""Figure 4f: accuracy, F1 and ROC AUC against usability, glycans by species and by kingdom.

Source: Ye et al., arXiv:2412.02779, Fig. 4(f), which shows one task; its caption gives mean and standard deviation.
"""

from suite.figures.curves import curve_figure
from suite.figures.summary import Panel

SCORES = ("accuracy", "f1", "auc")
TASKS = {"glycan_species": "Species", "glycan_kingdom": "Kingdom"}

FIGURE = curve_figure(
    "Glycans, SweetNet: scores against usability",
    panels=tuple(Panel(name, task, score) for name, task in TASKS.items() for score in SCORES),
    columns=3,
)
