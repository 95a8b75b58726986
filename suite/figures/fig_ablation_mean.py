"""The device factor with its mean of exp(sigma^2 / 2), or divided by it."""

from suite.figures.ablation import Variant, ablation_figure

FIGURE = ablation_figure(
    "Ablation: mean of the device noise",
    {
        "ERM, plain": Variant("erm"),
        "ERM, mean kept": Variant("erm", "mean_preserving"),
        "BayesMulti, plain": Variant("bayesmulti"),
        "BayesMulti, mean kept": Variant("bayesmulti", "mean_preserving"),
    },
)
