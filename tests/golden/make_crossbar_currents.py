"""Makes crossbar_currents.json with badcrossbar 1.1.0 (Joksas & Mehonic, SoftwareX 12 (2020) 100617).

    pip install numpy scipy sigfig pathvalidate && pip install --no-deps badcrossbar==1.1.0
    python tests/golden/make_crossbar_currents.py

Only its solver is used, so pycairo (its plots) may be missing. The file in the repository was made with Python 3.11,
numpy 2.4.6 and scipy 1.17.1.
"""

import json
import logging
from pathlib import Path

import badcrossbar
import numpy as np

# rows, columns, wire_ohm, input vectors
CASES = [(10, 10, 20.0, 4), (10, 10, 1.0, 2), (3, 7, 150.0, 3), (12, 4, 50.0, 3), (1, 5, 100.0, 1), (5, 1, 100.0, 1)]


def main() -> None:
    """One case per line; conductances in siemens from 1 uS to 1 mS, voltages of both signs, currents in ampere."""
    logging.disable()
    draw = np.random.default_rng(20412)
    lines = []
    for rows, columns, wire_ohm, vectors in CASES:
        conductances_S = 10 ** draw.uniform(-6, -3, (rows, columns))
        voltages_V = draw.uniform(-1, 1, (rows, vectors))
        currents = badcrossbar.compute(voltages_V, 1 / conductances_S, wire_ohm).currents.output
        case = {
            "wire_ohm": wire_ohm,
            "conductances_S": conductances_S.tolist(),
            "voltages_V": voltages_V.T.tolist(),
            "currents_A": currents.tolist(),
        }
        lines.append(json.dumps(case))
    Path(__file__).with_name("crossbar_currents.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
