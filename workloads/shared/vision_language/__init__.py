"""Networks that answer questions on images: encoders and what is kept of them, words, questions, layers.

The task is that of Ye et al., arXiv:2412.02779, figure 5, whose network is MiniGPT-4 (D. Zhu et al., arXiv:2304.10592).
"""
