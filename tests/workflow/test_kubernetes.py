"""The manifests for Kubernetes, strictly against its schemas; of KubeRay's own kind, the fields that it has."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

validate = pytest.importorskip("kubernetes_validate").validate

FOLDER = Path(__file__).parents[2] / "clusters" / "kubernetes"
FILES = sorted(FOLDER.glob("*.yaml"))
VERSIONS = ("1.30", "1.37")
# Of the RayJob of KubeRay's API ray.io/v1, those that we use; below `template` it is a pod's.
RAYJOB = {
    "spec": {"submissionMode", "entrypoint", "shutdownAfterJobFinishes", "ttlSecondsAfterFinished", "backoffLimit"},
    "rayClusterSpec": {"rayVersion", "authOptions", "headGroupSpec", "workerGroupSpecs"},
    "headGroupSpec": {"rayStartParams", "template"},
    "workerGroupSpecs": {"groupName", "replicas", "minReplicas", "maxReplicas", "rayStartParams", "template"},
}


def documents(file: Path) -> Iterator[dict[str, Any]]:
    """Those that Kubernetes itself has a schema for; of a RayJob, the templates of its pods."""
    for document in yaml.safe_load_all(file.read_text()):
        if document["kind"] != "RayJob":
            yield document
            continue
        cluster = document["spec"]["rayClusterSpec"]
        for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
            yield {"apiVersion": "v1", "kind": "PodTemplate", "template": group["template"]}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_kubernetes_takes_it(file: Path, version: str) -> None:
    for document in documents(file):
        validate(document, version, strict=True)


def test_a_typo_is_refused() -> None:
    document = deepcopy(next(iter(documents(FOLDER / "plain.yaml"))))
    document["spec"]["publishNotReadyAddress"] = document["spec"].pop("publishNotReadyAddresses")
    with pytest.raises(Exception, match="publishNotReadyAddress"):
        validate(document, VERSIONS[-1], strict=True)


def test_the_ray_job_uses_fields_that_kuberay_has_and_our_ray() -> None:
    *_, job = yaml.safe_load_all((FOLDER / "rayjob.yaml").read_text())
    cluster = job["spec"]["rayClusterSpec"]
    assert {*job["spec"]} - {"rayClusterSpec"} <= RAYJOB["spec"]
    assert {*cluster} <= RAYJOB["rayClusterSpec"]
    assert {*cluster["headGroupSpec"]} <= RAYJOB["headGroupSpec"]
    assert all({*group} <= RAYJOB["workerGroupSpecs"] for group in cluster["workerGroupSpecs"])
    assert f"ray=={cluster['rayVersion']}\n" in (FOLDER.parents[1] / "constraints.txt").read_text()
