"""Robustness certificates: how many cells may fail before a prediction can change, proved for every choice of cells.

The predictor that is certified is the smoothed one. The arrays w are read under independent multinomial masks eta,
P(0) = p1, P(1/2) = p2, P(1) = p3, and F_c is the share of masks under which class c has the largest logit; the
prediction is the class with the largest F_c. With probability `confidence` over the masks that were drawn, for all
test samples at once, the certified radii hold for every set of faulty cells and every value they may take.

Theorems (proofs: ADR 0009). A fault of cell i replaces w_i by delta_i w_i, the same under all masks.
A. a cells with any delta, b cells with delta in {1/2, 2}: |F_c(faulty) - F_c| <= 1 - p1^a q^b, q = p1 + min(p2, p3).
   Class c is kept if F_c > 3/2 - p1^a q^b.
B. d dead cells (delta = 0): F_c(faulty) >= (F_c - 1 + p1^d) / p1^d; class c is kept if F_c > 1 - p1^d / 2.

What it does not cover. The single network without masks, which is what one would rather deploy: it may change its
answer under fewer faults. Log-normal drift, or anything else that moves every cell: then a is the number of all cells
and p1^a is 0 to all purposes; the certificate is about a few faulty cells. Faults of what is not on a certified array:
biases, normalisation, arrays left out. Noise other than the masks between reads. Confidence is of the masks alone: that
these test samples stand for others is not part of it.
"""
