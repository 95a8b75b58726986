"""What tuning maximises: the validation score under drift, or the clean training score as in the authors' code."""

from suite.figures.ablation import Variant, ablation_figure

FIGURE = ablation_figure(
    "Ablation: objective of the tuning",
    {
        "ERM": Variant("erm"),
        "BayesMulti, under drift": Variant("bayesmulti"),
        "BayesMulti, clean training score": Variant("bayesmulti/clean_objective"),
    },
)
