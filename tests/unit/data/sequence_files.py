"""Small tables of sequences in the official layouts, for tests."""

from pathlib import Path

import numpy as np
from openpyxl import Workbook

LETTERS = "ACDEFGHIKLMNPQRSTVWY"
COLUMNS = ("antibody_seq", "virus_seq", "label", "split")


def chains(count: int, length: int, seed: int = 0, letters: str = LETTERS) -> list[str]:
    """Distinct random sequences of `length` letters and a little more."""
    generator = np.random.default_rng(seed)
    made = ["".join(generator.choice(list(letters), length + number % 3)) for number in range(count)]
    assert len(set(made)) == count
    return made


def write_sheet(path: Path, sheet: str, rows: list[tuple[object, ...]], columns: tuple[str, ...] = COLUMNS) -> Path:
    """An xlsx file of one sheet."""
    book = Workbook()
    book.active.title = sheet
    for row in (columns, *rows):
        book.active.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def hiv_rows() -> list[tuple[object, ...]]:
    """4 seen and 2 unseen antibodies with each of 25 viruses: rows 0 to 99 are seen, 100 to 149 unseen."""
    viruses = chains(25, 20, seed=1)
    return [
        (antibody, virus, (place + number) % 2, "unseen" if number > 3 else "seen")
        for number, antibody in enumerate(chains(6, 12, letters=LETTERS + "X"))
        for place, virus in enumerate(viruses)
    ]


def hiv_parts() -> dict[str, np.ndarray]:
    """Splits of `hiv_rows` for seeds 0 to 19, other rows for each; rows 0 to 39 are tested by none."""
    parts = {}
    for seed in range(20):
        tested = np.random.default_rng(seed).permutation(np.arange(40, 100))[:12]
        rest = np.setdiff1d(np.arange(100), tested)
        rows = {
            "train_seen": rest[:60],
            "valid_seen": rest[60:80],
            "test_seen": tested,
            "test_unseen": np.arange(100, 130),
        }
        parts.update({f"seed_{seed}_{part}_index": index.astype(np.uint16) for part, index in rows.items()})
    return parts


def write_hiv(
    root: Path, rows: list[tuple[object, ...]] | None = None, parts: dict[str, np.ndarray] | None = None
) -> Path:
    """The HIV table and its splits below `root`; returns their folder."""
    write_sheet(root / "hiv_cls/dataset_hiv_cls.xlsx", "dataset_hiv", hiv_rows() if rows is None else rows)
    np.savez(root / "hiv_cls/splits.npz", **(hiv_parts() if parts is None else parts))
    return root / "hiv_cls"


def cov_rows(antibodies: int = 60) -> list[tuple[object, ...]]:
    """Antibody rows with each of 3 variants: every tenth repeats the one before it, every twelfth with another label;
    the last five are unseen."""
    names, variants = chains(antibodies, 12), chains(3, 20, seed=1)
    rows: list[tuple[object, ...]] = []
    for number in range(antibodies):
        name, label = names[number], int(number % 3 > 0)
        if number % 10 == 9:
            name, label = names[number - 1], int((number - 1) % 3 > 0)
        if number % 12 == 11:
            name, label = names[number - 1], 1 - int((number - 1) % 3 > 0)
        rows += [(name, variant, label, "unseen" if number >= antibodies - 5 else "seen") for variant in variants]
    return rows


def write_cov(root: Path, rows: list[tuple[object, ...]] | None = None) -> Path:
    """The CoV table below `root`; returns its file."""
    return write_sheet(root / "cov_cls/dataset_cov_cls.xlsx", "Sheet1", cov_rows() if rows is None else rows)


def write_mason(root: Path, binding: list[str], other: list[str]) -> Path:
    """The two files of HER2 binders below `root`; returns their folder."""
    folder = root / "mason"
    folder.mkdir(parents=True, exist_ok=True)
    for name, label, sequences in (("AgPos", 1, binding), ("AgNeg", 0, other)):
        lines = [f"{row},7,0.1,TGT,{sequence},{label}" for row, sequence in enumerate(sequences)]
        (folder / f"mHER_H3_{name}.csv").write_text("\n".join([",Count,Fraction,NucSeq,AASeq,AgClass", *lines, ""]))
    return folder
