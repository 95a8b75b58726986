"""Methods compared: scores by seed -> tables with intervals, corrected differences, tolerated sigma, areas, ranks."""
