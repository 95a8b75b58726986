"""Realisations per training step: one draw of weight noise, or four whose losses are averaged."""

from suite.figures.ablation import Variant, ablation_figure

FIGURE = ablation_figure(
    "Ablation: draws of the noise per training step",
    {
        "ERM": Variant("erm"),
        "weight noise, 1 draw": Variant("bayesmulti/weight_one_rate"),
        "weight noise, 4 draws": Variant("bayesmulti/weight_one_rate_4_draws"),
    },
)
