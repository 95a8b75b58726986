"""The receipt of `make claims`: what each claim measured, and the code that it was measured on.

A claim is a file `claim_*.py` with tests; its docstring says what is claimed, FILES what it depends on beside its own
imports. Too long for `make test`, which only reads the receipt.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

from suite.plan.identity.fingerprint import fingerprint

FOLDER = Path(__file__).parent
HOUSE = FOLDER.parents[1]
RECEIPT = FOLDER / "receipt.json"


def claims() -> list[str]:
    """The names of all claims."""
    return sorted(path.stem for path in FOLDER.glob("claim_*.py"))


def code_of(claim: str) -> str:
    """Fingerprint of a claim's file, of FILES, and of all that these import of the house."""
    path = FOLDER / f"{claim}.py"
    assigned = (node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Assign))
    files = next(ast.literal_eval(node.value) for node in assigned if ast.unparse(node.targets[0]) == "FILES")
    return fingerprint(path, *(HOUSE / name for name in files))


def entries() -> dict[str, Any]:
    """{claim: its entry} of the committed receipt."""
    found: dict[str, Any] = json.loads(RECEIPT.read_text())
    return found
