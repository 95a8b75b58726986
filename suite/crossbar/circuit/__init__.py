"""The circuit path: weights as pairs of conductances, with the non-idealities of cells, wires and converters."""
