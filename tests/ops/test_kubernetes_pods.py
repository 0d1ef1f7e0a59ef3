"""What we hold every pod, container and deployment to."""

from __future__ import annotations

import pytest

from tests.ops.manifests import BY_NAME, CONTAINERS, DEPLOYMENTS, WORKLOADS


def broken(things, rule):
    return {name for name, thing in things.items() if not rule(thing)}


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(lambda s: s["securityContext"]["runAsNonRoot"], id="is not root"),
        pytest.param(
            lambda s: s["securityContext"]["runAsUser"] == 10001, id="is the image's user"
        ),
        pytest.param(
            lambda s: s["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"},
            id="may make few system calls",
        ),
        pytest.param(lambda s: s["serviceAccountName"] == "hub", id="is no default account"),
        pytest.param(lambda s: s["automountServiceAccountToken"] is False, id="has no token"),
        pytest.param(
            lambda s: not any(s.get(f"host{what}") for what in ("Network", "PID", "IPC")),
            id="sees nothing of its machine",
        ),
        pytest.param(
            lambda s: (
                {next(k for k in v if k != "name") for v in s["volumes"]} <= {"secret", "emptyDir"}
            ),
            id="has no folder of its machine",
        ),
        pytest.param(
            lambda s: all(v["emptyDir"]["sizeLimit"] for v in s["volumes"] if "emptyDir" in v),
            id="cannot fill its machine's disk",
        ),
    ],
)
def test_each_pod_obeys_this(rule):
    assert broken({name: each["spec"] for name, each in WORKLOADS.items()}, rule) == set()


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(
            lambda c: (
                c["securityContext"]
                == {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                }
            ),
            id="is closed",
        ),
        pytest.param(
            lambda c: set(c["resources"]["limits"]) == {"memory", "ephemeral-storage"},
            id="has limits, but for the processor",
        ),
        pytest.param(
            lambda c: set(c["resources"]["requests"]) == {"cpu", "memory", "ephemeral-storage"},
            id="says what it needs",
        ),
        pytest.param(
            lambda c: "/tmp" in {mount["mountPath"] for mount in c["volumeMounts"]},
            id="has a place for what is temporary",
        ),
    ],
)
def test_each_container_obeys_this(rule):
    assert broken(CONTAINERS, rule) == set()


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_deployment_loses_nobody_when_it_is_renewed_drained_or_hit(name):
    whole = BY_NAME["Deployment", name]["spec"]
    budget = BY_NAME["PodDisruptionBudget", name]["spec"]
    labels = whole["template"]["metadata"]["labels"]
    assert whole["selector"]["matchLabels"] == budget["selector"]["matchLabels"] == labels
    assert whole["replicas"] >= 2
    assert whole["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert budget["maxUnavailable"] == 1
    spread = whole["template"]["spec"]["topologySpreadConstraints"]
    assert [each["topologyKey"] for each in spread] == [
        "topology.kubernetes.io/zone", "kubernetes.io/hostname"
    ]  # fmt: skip
    assert all(each["labelSelector"]["matchLabels"] == labels for each in spread)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_deployment_is_asked_whether_it_started_lives_and_is_ready(name):
    (container,) = WORKLOADS[name]["spec"]["containers"]
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)
