"""What lies on cells: weights alone, or every parameter as in the authors' code (biases, batch norm)."""

from suite.figures.ablation import Variant, ablation_figure

FIGURE = ablation_figure(
    "Ablation: which parameters lie on cells",
    {
        "ERM, weights": Variant("erm"),
        "ERM, all parameters": Variant("erm", "all_parameters"),
        "BayesMulti, weights": Variant("bayesmulti"),
        "BayesMulti, all parameters": Variant("bayesmulti", "all_parameters"),
    },
)
