"""The image and compose.yml: hadolint and docker compose judge them, and our own sentences do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app import cli, wiring

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "ansible" / "containers"
PROGRAMS = Path(sys.executable).parent
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
#: Variables of compose.yml itself; none of them reaches a container.
OWN = {"ORDERHUB_TAG", "ORDERHUB_NAME", "ORDERHUB_GATEWAY", "ORDERHUB_SUBNET", "ORDERHUB_RANGE"}
#: Services that run to their end.
STEPS = {"migrate", "gateway-files"}


@pytest.fixture(scope="module")
def compose():
    """The whole as docker compose understands it, profiles included."""
    done = subprocess.run(
        [PROGRAMS / "docker-compose", "--profile", "sandbox", "config", "--format", "json"],
        cwd=FOLDER,
        env={"PATH": "", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


def broken(services, rule):
    return {name for name, service in services.items() if not rule(service)}


def test_hadolint_finds_nothing_in_the_dockerfile():
    done = subprocess.run(
        [
            PROGRAMS / "hadolint",
            "--no-color",
            "--failure-threshold",
            "style",
            FOLDER / "Dockerfile",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_each_stage_that_runs_ends_as_a_user_who_is_a_number_and_not_root():
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    users = {
        stage.split()[2]: re.findall(r"^USER (\S+)", stage, re.MULTILINE)[-1:] for stage in stages
    }
    assert users == {"build": [], "hub": ["10001:10001"], "trial": ["10001:10001"], "release": []}
    assert stages[-1].split()[:3] == ["hub", "AS", "release"]


def test_the_image_is_made_of_the_lock_with_hashes_and_asks_for_nothing_else():
    installs = re.findall(r"pip install (.*?)(?=\n[A-Z# ]*[A-Z]|\s&&)", DOCKERFILE, re.DOTALL)
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--only-binary=:all:" in installs[0]
    assert "requirements.txt" in installs[0]
    assert "--no-index" in installs[1]
    assert "requirements-dev" not in DOCKERFILE


def test_only_what_the_image_is_made_of_is_sent_to_the_build():
    lines = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    sent = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {
        word.rstrip("/")
        for words in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for word in words.split()[:-1]
        if not word.startswith("--")
    }
    assert lines[1] == "*"
    assert sent == copied
    assert all((ROOT / path).exists() for path in sent)


def test_every_image_has_a_tag_and_none_of_others_is_the_latest(services):
    images = {service["image"] for service in services.values()}
    images |= set(re.findall(r"^ARG PYTHON=(\S+)", DOCKERFILE, re.MULTILINE))
    assert len(images) == 5
    assert all(re.search(r"/[a-z]+:[0-9]", image) for image in images if "order-hub" not in image)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(
            lambda s: re.match(r"[1-9]\d*:[1-9]\d*$", s["user"]), id="is a user, not root"
        ),
        pytest.param(lambda s: s["read_only"], id="cannot write its own files"),
        pytest.param(lambda s: s["cap_drop"] == ["ALL"], id="has no capability"),
        pytest.param(lambda s: "cap_add" not in s, id="is given no capability"),
        pytest.param(lambda s: not s.get("privileged"), id="has no privilege"),
        pytest.param(
            lambda s: s["security_opt"] == ["no-new-privileges:true"], id="cannot gain a privilege"
        ),
        pytest.param(lambda s: int(s["mem_limit"]) <= 2 << 30, id="has a limit of memory"),
        pytest.param(lambda s: s["pids_limit"] <= 400, id="has a limit of processes"),
        pytest.param(
            lambda s: any(mount.startswith("/tmp:") and "size=" in mount for mount in s["tmpfs"]),
            id="has a small place for what is temporary",
        ),
    ],
)
def test_each_container_obeys_this(services, rule):
    assert broken(services, rule) == set()


def test_only_the_gateway_can_be_reached_and_the_trial_from_this_machine(services):
    open_ = {
        (name, port.get("host_ip", ""), port["published"])
        for name, service in services.items()
        for port in service.get("ports", [])
    }
    assert open_ == {("gateway", "", "443"), ("gateway", "", "80"), ("trial", "127.0.0.1", "8443")}


def test_the_database_is_in_a_network_without_a_way_out(compose):
    assert compose["networks"]["database"]["internal"]
    inside = {name for name, s in compose["services"].items() if "database" in s["networks"]}
    assert inside == {"postgres", "migrate", "web", "scheduler"}
    assert set(compose["services"]["postgres"]["networks"]) == {"database"}


def test_workers_believe_the_gateway_alone(services):
    (address,) = [n["ipv4_address"] for n in services["gateway"]["networks"].values()]
    assert services["web"]["environment"]["FORWARDED_ALLOW_IPS"] == address


def test_each_service_that_stays_is_asked_whether_it_works(services):
    by_image = {"web", "trial"}
    asked = {name for name, s in services.items() if "test" in s.get("healthcheck", {})}
    assert asked | by_image == set(services) - STEPS
    assert DOCKERFILE.count("HEALTHCHECK ") == len(by_image)


def test_services_start_when_what_they_need_works(services):
    needs = {
        name: {other: how["condition"] for other, how in s.get("depends_on", {}).items()}
        for name, s in services.items()
    }
    done, healthy = "service_completed_successfully", "service_healthy"
    assert needs["migrate"] == {"postgres": healthy}
    assert needs["web"] == needs["scheduler"] == {"migrate": done}
    assert needs["gateway"] == {"gateway-files": done, "web": healthy}
    assert needs["trial"] == {"trial-postgres": healthy}


def test_secrets_are_files_and_stand_in_no_environment_but_the_trials(compose):
    named = {"HUB_DATABASE_URL", "HUB_MASTER_KEY", "HUB_TELEGRAM_TOKEN"}
    for name, service in compose["services"].items():
        environment = set(service.get("environment") or {})
        assert not environment & named or name == "trial"
    assert all("file" in secret for secret in compose["secrets"].values())


def test_settings_that_may_need_a_secret_reach_only_services_that_have_it(compose):
    settings = re.findall(r"^    env_file:.*$", (FOLDER / "compose.yml").read_text(), re.MULTILINE)
    assert len(settings) == 2  # without: gateway-files and trial
    without = {n for n, s in compose["services"].items() if not s.get("secrets")}
    assert without == {"gateway-files", "trial", "trial-postgres"}


def test_four_workers_and_the_scheduler_fit_into_the_databases_connections(services):
    processes = services["web"]["deploy"]["replicas"] + 1
    (allowed,) = [
        int(word.partition("=")[2])
        for word in services["postgres"]["command"]
        if word.startswith("max_connections=")
    ]
    assert services["web"]["deploy"]["replicas"] == 4
    assert processes * sum(wiring.SIZES.values()) <= allowed - 20


def test_every_setting_in_these_files_is_one_that_the_hub_knows():
    known = set(re.findall(r'"(HUB_[A-Z_]+)"', (ROOT / "app" / "settings.py").read_text()))
    texts = [path.read_text() for path in FOLDER.rglob("*") if path.is_file()]
    assert {name for text in texts for name in re.findall(r"\bHUB_[A-Z_]+[A-Z]\b", text)} <= known
    assert {name for text in texts for name in re.findall(r"\bORDERHUB_[A-Z_]+\b", text)} == OWN


def test_the_gateways_files_are_asked_for_as_the_command_wants_it(services, tmp_path):
    words = services["gateway-files"]["command"]
    assert words[:3] == ["orderhub", "gateway", "/srv/nginx"]
    arguments = ["gateway", str(tmp_path), *words[3:], "--resolver=127.0.0.11"]
    done = CliRunner().invoke(cli.app, arguments, env=services["gateway-files"]["environment"])
    assert done.exit_code == 0, done.output
    assert "server web:8000" in (tmp_path / "host" / "http.conf").read_text().replace('"', "")
    assert "listen 0.0.0.0:443 ssl" in (tmp_path / "host" / "https.conf").read_text()
    assert services["gateway"]["entrypoint"][-3] == "/srv/nginx/nginx.conf"
