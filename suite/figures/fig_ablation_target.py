"""Noise on activations, as in the authors' code, or on weights, as in the theorem."""

from suite.figures.ablation import Variant, ablation_figure

FIGURE = ablation_figure(
    "Ablation: noise on activations or on weights",
    {
        "ERM": Variant("erm"),
        "on activations": Variant("bayesmulti"),
        "on weights": Variant("bayesmulti/weight_one_rate"),
    },
)
