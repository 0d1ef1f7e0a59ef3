"""The demo set-up: what is in it, what survives a restart, who may read the file."""

from __future__ import annotations

import secrets
import stat
from pathlib import Path

from app.sandbox import credentials as demo


def test_every_part_of_the_demo_has_its_credentials():
    made = demo.make("https://localhost:8443", "/ca.pem", 8090, secrets.token_hex)
    account = made["accounts"][0]
    assert account["hook_url"] == "https://localhost:8443/hooks/sm-demo"
    assert account["api"]["url"] == "http://127.0.0.1:8090/kuper/v1/notifications"
    assert len(made["stores"]) == 3
    assert {row["store"] for row in made["pickers"]} == {row["code"] for row in made["stores"]}
    assert len({row["badge"] for row in made["pickers"]}) == 6
    assert made["telegram"]["page_url"] == "http://127.0.0.1:8090/telegram/"


def test_no_secret_is_used_twice():
    made = demo.make("https://localhost:8443", "/ca.pem", 8090, secrets.token_hex)
    account = made["accounts"][0]
    found = [
        account["headers"]["Client-Token"],
        account["api"]["token"],
        made["operators"][0]["password"],
        made["telegram"]["token"],
    ]
    assert len(set(found)) == 4


def test_a_second_start_keeps_secrets_and_takes_the_new_addresses(tmp_path: Path):
    first = demo.make("https://localhost:8443", "/ca.pem", 8090, secrets.token_hex)
    demo.save(tmp_path / "sandbox.json", first)
    second = demo.refresh(
        demo.load(tmp_path / "sandbox.json"), "https://localhost:9443", "/other.pem", 9090
    )
    assert second["accounts"][0]["headers"] == first["accounts"][0]["headers"]
    assert second["accounts"][0]["api"]["token"] == first["accounts"][0]["api"]["token"]
    assert second["accounts"][0]["hook_url"] == "https://localhost:9443/hooks/sm-demo"
    assert second["telegram"]["api_url"] == "http://127.0.0.1:9090/telegram"
    assert first["base_url"] == "https://localhost:8443"


def test_the_file_is_for_its_owner_alone(tmp_path: Path, credentials: demo.Credentials):
    path = tmp_path / "sandbox.json"
    demo.save(path, credentials)
    demo.save(path, credentials)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert demo.load(path) == credentials
    assert list(tmp_path.iterdir()) == [path]


def test_a_set_up_from_before_there_were_applications_gets_one(credentials: demo.Credentials):
    old = {name: value for name, value in credentials.items() if name != "clients"}
    (client,) = demo.refresh(old, "https://localhost:1", "", 1)["clients"]
    assert client == credentials["clients"][0]
    assert len(client["token"]) == 36
