"""The manifests: judged by Kubernetes' own schemas; who meets whom, and with what settings."""

from __future__ import annotations

from functools import reduce

import kubernetes_validate
import pytest
import yaml
from typer.testing import CliRunner

from app import cli, wiring
from app.settings import Settings
from app.supervision import gunicorn
from tests.ops.manifests import (
    BY_NAME,
    CONTAINERS,
    EXAMPLE,
    FILES,
    FOLDER,
    KUSTOMIZATIONS,
    OBJECTS,
    WORKLOADS,
    documents,
)

#: One that is old by now, and the newest there are schemas of.
VERSIONS = ("1.29", "1.37")
ROLE = "app.kubernetes.io/component"
#: In every example, so that none of them works by chance.
MADE_UP = {
    "HUB_DATABASE_URL": "postgresql://hub:secret@postgres.example.com/hub",
    "HUB_MASTER_KEY": "A" * 43 + "=",
    "HUB_FILES_SECRET": "secret",
}


@pytest.mark.parametrize("version", VERSIONS)
def test_each_object_is_one_that_the_cluster_takes(version):
    own = [each for _, each in OBJECTS if not each["apiVersion"].startswith("keda.sh/")]
    assert len(own) == len(OBJECTS) - 2
    for each in own:
        kubernetes_validate.validate(each, version, strict=True)


def test_a_field_that_no_cluster_knows_would_be_noticed():
    wrong = {**BY_NAME["Service", "web"], "spec": {"clusterIp": "None"}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_every_file_is_named_by_the_kustomization_beside_it():
    named = {
        path.parent / each for path in KUSTOMIZATIONS for each in documents(path)[0]["resources"]
    }
    assert named == set(FILES) - {FOLDER / "example" / "secret.yaml"}
    assert {documents(path)[0]["namespace"] for path in KUSTOMIZATIONS} == {"order-hub"}


def test_the_example_changes_places_that_there_are():
    (example,) = documents(EXAMPLE)
    assert all(
        (EXAMPLE.parent / each / "kustomization.yaml").exists() for each in example["resources"]
    )
    changed = 0
    for patch in example["patches"]:
        target = BY_NAME[patch["target"]["kind"], patch["target"]["name"]]
        for change in yaml.safe_load(patch["patch"]):
            assert isinstance(reduce(step, change["path"].split("/")[1:], target), str)
            changed += 1
    assert changed == 7
    whole = EXAMPLE.read_text()
    assert "initContainers/0/args/4, value: --name=" in whole
    assert CONTAINERS["gateway/files"]["args"][4].startswith("--name=")


def step(place, key):
    return place[int(key)] if isinstance(place, list) else place[key]


def test_our_image_has_one_name_and_tag_wherever_it_runs():
    images = {c["image"] for c in CONTAINERS.values()}
    assert images == {"order-hub", "docker.io/library/nginx:1.30"}
    told = [documents(path)[0].get("images") for path in KUSTOMIZATIONS]
    assert [each for each in told if each] == [
        [{"name": "order-hub", "newName": "registry.example.com/order-hub", "newTag": "0.1.0"}]
    ] * 3


def test_a_database_that_is_away_restarts_nobody():
    (web,) = WORKLOADS["web"]["spec"]["containers"]
    assert web["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert web["livenessProbe"]["httpGet"]["path"] == "/livez"
    (scheduler,) = WORKLOADS["scheduler"]["spec"]["containers"]
    assert scheduler["livenessProbe"]["exec"]["command"] == ["scheduler-alive"]


@pytest.mark.parametrize("name", ["gateway", "web"])
def test_who_goes_is_forgotten_first_and_ends_in_time(name):
    spec = WORKLOADS[name]["spec"]
    command = " ".join(spec["containers"][0]["lifecycle"]["preStop"]["exec"]["command"])
    assert "sleep 10" in command
    assert spec["terminationGracePeriodSeconds"] >= 10 + gunicorn.graceful_timeout + 15


def test_services_lead_to_ports_that_their_pods_have():
    for name in ("web", "gateway"):
        service = BY_NAME["Service", name]["spec"]
        assert service["selector"] == WORKLOADS[name]["metadata"]["labels"]
        (container,) = WORKLOADS[name]["spec"]["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert {each["targetPort"]: each["port"] for each in service["ports"]} == ports


def test_only_the_gateway_is_public():
    services = {n: each["spec"] for (kind, n), each in BY_NAME.items() if kind == "Service"}
    assert services["web"]["clusterIP"] == "None"
    assert services["gateway"]["externalTrafficPolicy"] == "Local"
    policies = {n: each["spec"] for (kind, n), each in BY_NAME.items() if kind == "NetworkPolicy"}
    assert policies["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    open_to_all = {
        name for name, each in policies.items()
        if any("from" not in rule for rule in each.get("ingress", []))
    }  # fmt: skip
    assert open_to_all == {"gateway"}
    web = [rule["from"][0] for rule in policies["web"]["ingress"]]
    assert web == [{"podSelector": {"matchLabels": {ROLE: "gateway"}}}]


def test_the_settings_and_the_secrets_together_are_settings_the_hub_takes():
    settings, secrets = BY_NAME["ConfigMap", "hub"], BY_NAME["Secret", "hub"]
    assert set(MADE_UP) <= set(secrets["stringData"])
    read = Settings.from_env({**settings["data"], **secrets["stringData"], **MADE_UP})
    assert read.public_url == "https://hub.example.com"
    assert not set(settings["data"]) & set(secrets["stringData"])


def test_there_is_no_secret_in_the_examples():
    found = [each for _, each in OBJECTS if each["kind"] == "Secret"]
    assert len(found) == 3
    assert not any(value for each in found for value in each["stringData"].values())


def test_migrations_come_in_two_phases_each_by_a_job_that_clears_itself_away():
    for phase in ("pre", "post"):
        job = BY_NAME["Job", f"migrate-{phase}"]["spec"]
        (container,) = job["template"]["spec"]["containers"]
        assert container["args"] == ["orderhub", "migrate", "--phase", phase]
        assert job["ttlSecondsAfterFinished"] > 0


def test_the_gateways_files_are_asked_for_as_the_command_wants_it(tmp_path):
    words = CONTAINERS["gateway/files"]["args"]
    told = {e["name"]: e["value"] for e in CONTAINERS["gateway/files"]["env"] if "value" in e}
    assert words[:3] == ["orderhub", "gateway", "/srv/nginx"]
    arguments = ["gateway", str(tmp_path), *words[3:], "--resolver=10.96.0.10"]
    done = CliRunner().invoke(cli.app, arguments, env=told)
    assert done.exit_code == 0, done.output
    assert "web.order-hub.svc.cluster.local:8000" in (tmp_path / "host" / "http.conf").read_text()


def test_what_keda_is_told_is_in_its_secret():
    told = BY_NAME["TriggerAuthentication", "hub-lag"]["spec"]["secretTargetRef"]
    assert {each["name"] for each in told} == {"hub-lag"}
    assert all(each["key"] == each["parameter"] for each in told)
    assert {each["key"] for each in told} == set(BY_NAME["Secret", "hub-lag"]["stringData"])


def test_both_kinds_of_autoscaling_mean_the_same():
    keda, hpa = BY_NAME["ScaledObject", "web"]["spec"], BY_NAME["HorizontalPodAutoscaler", "web"]
    (trigger,) = keda["triggers"]
    (metric,) = hpa["spec"]["metrics"]
    assert trigger["metadata"]["targetQueryValue"] == metric["external"]["target"]["value"]
    assert trigger["metricType"] == metric["external"]["target"]["type"] == "Value"
    least_and_most = (keda["minReplicaCount"], keda["maxReplicaCount"])
    assert least_and_most == (hpa["spec"]["minReplicas"], hpa["spec"]["maxReplicas"])
    behavior = keda["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    assert behavior == hpa["spec"]["behavior"]
    assert keda["minReplicaCount"] == BY_NAME["Deployment", "web"]["spec"]["replicas"]
    assert f"× {sum(wiring.SIZES.values())} connections" in FILES[0].read_text()
