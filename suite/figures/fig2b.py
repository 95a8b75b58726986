"""Figure 2b: accuracy against usability on CIFAR-10, four networks.

Source: Ye et al., arXiv:2412.02779, Fig. 2(b). Its caption gives mean and standard deviation.
"""

from suite.figures.curves import curve_figure
from suite.figures.summary import Panel

FIGURE = curve_figure(
    "CIFAR-10: accuracy against usability",
    panels=(
        Panel("cifar_alexnet", "AlexNet"),
        Panel("cifar_mobilenet", "MobileNet"),
        Panel("cifar_resnext", "ResNeXt"),
        Panel("cifar_resnet", "ResNet"),
    ),
)
