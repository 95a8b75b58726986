"""States that the user trained: found, checked, swept; another file is another result."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from suite.results.cube import open_tree
from tests.toys import refused, run_toy, suite, toy_study


def network() -> nn.Module:
    """The toy's network with weights that solve its task: class = sign of the first input."""
    made = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
    for parameter in made.parameters():
        nn.init.zeros_(parameter)
    with torch.no_grad():
        made[0].weight[0, 0], made[0].weight[1, 0] = 1.0, -1.0
        made[2].weight[1, 0], made[2].weight[0, 1] = 1.0, 1.0
    return made


def study_of(folder: Path, state: str) -> Path:
    return toy_study(folder, methods={"mine": {"method": "external", "state": state}}, seeds=2)


@pytest.mark.parametrize("suffix", ["safetensors", "pt"])
def test_a_state_is_swept_as_it_is(tmp_path: Path, suffix: str) -> None:
    study = study_of(tmp_path, str(tmp_path / f"{{workload}}-{{seed}}.{suffix}"))
    for seed in range(2):
        path = tmp_path / f"toy-{seed}.{suffix}"
        state = network().state_dict()
        save_file(state, path) if suffix == "safetensors" else torch.save(state, path)
    assert not run_toy(study).failed
    scores = open_tree(tmp_path / "results/toy/cube.zarr")["toy"]["accuracy"]
    assert float(scores.sel({"contestant": "mine"}).isel(condition=0).min()) == 1.0

    assert run_toy(study).done == 0
    save_file(network().state_dict() | {"0.bias": torch.ones(8)}, tmp_path / "toy-0.safetensors")
    if suffix == "safetensors":
        assert run_toy(study).done == 3  # one training, its two sweep units


def test_a_missing_state_names_file_workload_and_seed(tmp_path: Path) -> None:
    study = study_of(tmp_path, str(tmp_path / "{workload}-{seed}.pt"))
    message = refused("run", study, "--executor", "serial", "--results", tmp_path / "results")
    assert "toy-0.pt: no such state for workload toy, seed 0" in message


def test_a_state_of_another_network_fails_its_units(tmp_path: Path) -> None:
    study = study_of(tmp_path, str(tmp_path / "state.safetensors"))
    save_file({"weight": torch.ones(3)}, tmp_path / "state.safetensors")
    done = suite("run", study, "--executor", "serial", "--results", tmp_path / "results")
    assert done.exit_code == 1
    assert "state.safetensors: not a state dict of this workload's network" in done.output


def test_a_state_lies_where_its_study_lies_and_counts_by_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = []
    for folder in (tmp_path / "one", tmp_path / "two {seed}"):
        study = study_of(folder, "states/{workload}.safetensors")
        (folder / "states").mkdir()
        save_file(network().state_dict(), folder / "states" / "toy.safetensors")
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert not run_toy(study).failed
        hashes.append(sorted(file.name for file in (folder / "results" / "store").iterdir()))
    assert hashes[0] == hashes[1] != []


def test_external_and_state_belong_together(tmp_path: Path) -> None:
    study = toy_study(tmp_path, methods={"mine": {"method": "external"}})
    assert "belong together" in refused("plan", study)
