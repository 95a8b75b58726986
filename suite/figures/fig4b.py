"""Figure 4b: three scores against usability on HIV neutralisation, Mason's CNN; seen and unseen antibodies.

Source: Ye et al., arXiv:2412.02779, Fig. 4(b). Its caption gives mean and standard deviation; which antibodies it tests
is not known to us, so both test sets of the published split are shown.
"""

from suite.figures.curves import curve_figure
from suite.figures.summary import Panel

FIGURE = curve_figure(
    "HIV neutralisation: accuracy, AUC and MCC against usability",
    panels=tuple(
        Panel("hiv_neutralisation", title, f"{score}@{test}")
        for test, title in (("seen", "Seen"), ("unseen", "Unseen"))
        for score in ("accuracy", "auc", "mcc")
    ),
    columns=3,
)
