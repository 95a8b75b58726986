"""Figure 4c: three scores against usability on SARS-CoV-2 neutralisation, Mason's CNN, on a clean and a leaky split.

Source: Ye et al., arXiv:2412.02779, Fig. 4(c). Its caption gives mean and standard deviation. First row: antibodies
split by sequence; then the split as published, whose test sets share antibodies with training.
"""

from suite.figures.curves import curve_figure
from suite.figures.summary import Panel

FIGURE = curve_figure(
    "SARS-CoV-2 neutralisation: accuracy, AUC and MCC against usability",
    panels=tuple(
        Panel(workload, title, f"{score}{test}")
        for workload, test, title in (
            ("cov_neutralisation", "", "Clean split"),
            ("cov_neutralisation_leaky", "@seen", "Leaky, seen"),
            ("cov_neutralisation_leaky", "@unseen", "Leaky, unseen"),
        )
        for score in ("accuracy", "auc", "mcc")
    ),
    columns=3,
)
