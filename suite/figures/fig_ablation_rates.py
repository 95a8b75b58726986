"""One rate per layer, as in the authors' code, or two, as in the theorem."""

from suite.figures.ablation import Variant, ablation_figure

FIGURE = ablation_figure(
    "Ablation: one or two rates per layer",
    {
        "ERM": Variant("erm"),
        "one rate": Variant("bayesmulti"),
        "two rates": Variant("bayesmulti/two_rates"),
    },
)
