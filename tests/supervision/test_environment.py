"""What children get in their environment, and what another terminal can read of it."""

from __future__ import annotations

import json

import pytest
from cryptography.fernet import Fernet

from app.errors import SettingsInvalid
from app.settings import Settings
from app.supervision import environment


@pytest.fixture
def env(tmp_path) -> dict[str, str]:
    return {"HUB_DATA": str(tmp_path), "HUB_SANDBOX": "1", "HUB_LANG": "en"}


def made(env: dict[str, str]) -> dict[str, str]:
    return environment.children(Settings.from_env(env), env, "postgresql://hub")


def test_secrets_are_made_once_and_stay(env):
    first, second = made(env), made(env)
    for name in ("HUB_MASTER_KEY", "HUB_TELEGRAM_TOKEN", "HUB_MARKING_KEY"):
        assert first[name] == second[name]
    assert Fernet(first["HUB_MASTER_KEY"])


def test_what_the_user_set_stays(env):
    variables = made({**env, "HUB_MASTER_KEY": "mine", "HUB_DOCUMENTS_EVERY": "5"})
    assert variables["HUB_MASTER_KEY"] == "mine"
    assert variables["HUB_DOCUMENTS_EVERY"] == "5"
    assert variables["HUB_LANG"] == "en"


def test_a_production_run_makes_up_nothing_secret(env):
    variables = made({**env, "HUB_SANDBOX": "0", "HUB_DATABASE_URL": "postgresql://elsewhere"})
    assert "HUB_MASTER_KEY" not in variables
    assert "HUB_TELEGRAM_TOKEN" not in variables
    assert "HUB_MARKING_KEY" not in variables


def test_another_terminal_meets_the_same_hub(env):
    running = made(env)
    seen = environment.of_running({"HUB_DATA": env["HUB_DATA"], "HUB_LANG": "ru"})
    assert seen["HUB_DATABASE_URL"] == running["HUB_DATABASE_URL"]
    assert seen["HUB_MASTER_KEY"] == running["HUB_MASTER_KEY"]
    assert seen["HUB_LANG"] == "ru"


def test_a_folder_of_rules_is_met_from_wherever_somebody_stands(env, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made({**env, "HUB_RULES": "rules"})
    seen = environment.of_running({"HUB_DATA": env["HUB_DATA"]})
    assert seen["HUB_RULES"] == str(tmp_path / "rules")


def test_a_set_up_from_before_there_was_a_marking_system_gets_one(env, tmp_path):
    made(env)
    file = tmp_path / "sandbox.json"
    kept = json.loads(file.read_text())
    del kept["marking"]
    file.write_text(json.dumps(kept))
    variables = made(env)
    assert variables["HUB_MARKING_API"] == "http://127.0.0.1:8090/marking"
    assert variables["HUB_MARKING_KEY"]


@pytest.mark.parametrize("alone", ["HUB_MARKING_API", "HUB_MARKING_KEY"])
def test_a_marking_system_needs_an_address_and_a_key(env, alone):
    both = {"HUB_MARKING_API": "https://marking.test/", "HUB_MARKING_KEY": "k"}
    assert Settings.from_env({**env, **both}).marking_api == "https://marking.test"
    with pytest.raises(SettingsInvalid, match="set together"):
        Settings.from_env({**env, alone: both[alone]})


def test_files_with_secrets_are_private(env, tmp_path):
    made(env)
    for name in ("environment.json", "master.key", "sandbox.json"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_ports_of_the_demo_set_up_follow_the_settings(env, tmp_path):
    made(env)
    made({**env, "HUB_HTTPS_PORT": "9443"})
    assert json.loads((tmp_path / "sandbox.json").read_text())["base_url"].endswith(":9443")
