"""Figure 2a: accuracy against usability on MNIST, the MLP and LeNet.

Source: Ye et al., arXiv:2412.02779, Fig. 2(a). Its caption gives mean and standard deviation.
"""

from suite.figures.curves import curve_figure
from suite.figures.summary import Panel

FIGURE = curve_figure(
    "MNIST: accuracy against usability",
    panels=(Panel("mnist_mlp", "MLP"), Panel("mnist_lenet", "LeNet")),
)
