"""crossbar-suite: train, program and score neural networks on simulated memristor crossbars."""

__version__ = "0.1.0"
