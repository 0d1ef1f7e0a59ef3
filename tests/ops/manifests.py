"""The Kubernetes manifests, read once: objects by kind and name, pods, containers."""

from __future__ import annotations

from pathlib import Path

import yaml

FOLDER = Path(__file__).parents[2] / "ansible" / "containers" / "kubernetes"
FILES = sorted(path for path in FOLDER.rglob("*.yaml") if path.name != "kustomization.yaml")
EXAMPLE = FOLDER / "example" / "kustomization.yaml"
KUSTOMIZATIONS = sorted(set(FOLDER.rglob("kustomization.yaml")) - {EXAMPLE})


def documents(path):
    return [each for each in yaml.safe_load_all(path.read_text()) if each]


OBJECTS = [(path, each) for path in FILES for each in documents(path)]
BY_NAME = {(each["kind"], each["metadata"]["name"]): each for _, each in OBJECTS}
WORKLOADS = {
    name: each["spec"]["template"] for (kind, name), each in BY_NAME.items()
    if kind in ("Deployment", "Job")
}  # fmt: skip
CONTAINERS = {
    f"{name}/{container['name']}": container
    for name, template in WORKLOADS.items()
    for container in [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]
}
DEPLOYMENTS = ("gateway", "scheduler", "web")
