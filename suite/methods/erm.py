"""Empirical risk minimisation: plain training without noise, the baseline of every comparison.

It is tuned like the others (learning rate, weight decay), with the same budget.
"""

from suite.contract import Method

METHOD = Method(title="ERM", source="V. Vapnik: Principles of risk minimization for learning theory, NeurIPS 1991")
