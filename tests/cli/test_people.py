"""orderhub people and devices, as the chain's administrator meets them at a terminal."""

import asyncio
import json
import re

import pytest
from typer.testing import CliRunner

from app import cli
from app.cli.session import console

runner = CliRunner()


@pytest.fixture
def orderhub(dsn, tmp_path):
    """Run one command against this test's database, in a thread as it has a loop of its own."""
    env = {"HUB_DATABASE_URL": dsn, "HUB_DATA": str(tmp_path), "HUB_MASTER_KEY": "x",
           "HUB_LANG": "en"}  # fmt: skip
    console.width = 200  # wide enough for every column, wherever the test runs

    async def run(*words, code=0, typed=None, lang="en"):
        done = await asyncio.to_thread(
            runner.invoke, cli.app, list(words), env=env | {"HUB_LANG": lang}, input=typed
        )
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output

    return run


async def sign_in(api, badge, pin, **more):
    asked = {"badge": badge, "pin": pin} | more
    return (await api.post("/picker/v1/sessions", json=asked)).status_code


ANNA = ("people", "add", "7007", "--name", "Анна Новая", "--store", "MSK-07")


async def test_somebody_added_signs_in_with_the_pin_that_was_shown(api, orderhub):
    said = await orderhub(*ANNA)
    assert "BADGE-7007" in said
    (pin,) = re.findall(r"\b\d{6}\b", said)
    assert await sign_in(api, "7007", pin) == 200
    assert "Анна Новая" in await orderhub("people", "list", "--store", "MSK-07")
    assert "Анна Новая" not in await orderhub("people", "list", "--store", "MSK-12")
    assert "somebody else" in await orderhub(*ANNA, code=1)


async def test_a_pin_of_ones_own_comes_from_stdin_and_is_not_shown(api, orderhub):
    said = await orderhub(*ANNA, "--pin", "--role", "supervisor", typed="8642097\n")
    assert "8642097" not in said
    assert await sign_in(api, "7007", "8642097") == 200
    assert "4 to 50" in await orderhub("people", "reset-pin", "7007", "--pin", typed="1\n", code=2)
    assert await sign_in(api, "7007", "8642097") == 200


async def test_a_new_pin_replaces_the_old_one(api, orderhub):
    (pin,) = re.findall(r"\b\d{6}\b", await orderhub("people", "reset-pin", "1001"))
    assert await sign_in(api, "1001", "4711") == 401
    assert await sign_in(api, "1001", pin) == 200


async def test_who_is_sent_away_is_out_and_may_be_taken_back(api, orderhub):
    await orderhub("people", "deactivate", "1001")
    assert await sign_in(api, "1001", "4711") == 401
    assert "left" in await orderhub("people", "list", "--store", "MSK-07")
    await orderhub("people", "deactivate", "1001")
    await orderhub("people", "activate", "1001")
    assert await sign_in(api, "1001", "4711") == 200
    assert "supervisor" in await orderhub("people", "role", "1001", "supervisor")


async def test_a_handheld_is_admitted_listed_and_revoked(api, hub, orderhub):
    said = await orderhub("devices", "add", "ТСД 1", "--store", "MSK-12")
    code = said.split()[-1]
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("UPDATE store SET devices = 'registered'")
    assert await sign_in(api, "1201", "4721") == 401
    assert await sign_in(api, "1201", "4721", device_id=code) == 200
    (row,) = json.loads(await orderhub("devices", "list", "--json"))
    assert code not in json.dumps(row)
    assert "ТСД 1" in await orderhub("devices", "list", "--store", "MSK-12")
    await orderhub("devices", "revoke", row["id"])
    await orderhub("devices", "revoke", row["id"])
    assert await sign_in(api, "1201", "4721", device_id=code) == 401
    assert "revoked" in await orderhub("devices", "list")


async def test_mistakes_are_one_sentence_in_the_hubs_language(hub, orderhub):
    nobody = ("people", "deactivate", "0000")
    assert "no such person" in (await orderhub(*nobody, code=1)).lower()
    assert "сотрудника" in await orderhub(*nobody, code=1, lang="ru")
    add = ("people", "add", "1", "--name", "X", "--store", "NOWHERE")
    assert "There is no store NOWHERE." in await orderhub(*add, code=1)
    assert "Магазина NOWHERE нет." in await orderhub(*add, code=1, lang="ru")
    assert "Latin" in await orderhub("people", "add", " ", "--name", "X", "--store", "M", code=2)
    unknown = ("devices", "revoke", "01890a5d-ac96-774b-bcce-b302099a8057")
    assert "no such device" in await orderhub(*unknown, code=1)
    assert "No handhelds yet." in await orderhub("devices", "list")
    assert "Устройств пока нет." in await orderhub("devices", "list", lang="ru")


async def test_a_badge_may_be_written_as_it_is_printed(api, orderhub):
    said = await orderhub("people", "add", "BADGE-7007", *ANNA[3:])
    assert "BADGE-7007" in said
    (pin,) = re.findall(r"\b\d{6}\b", said)
    assert await sign_in(api, "7007", pin) == 200
    for badge in ("BADGE-7007", "ИФВПУ-7007", " 7007 "):
        assert "supervisor" in await orderhub("people", "role", badge, "supervisor")
    assert "Latin" in await orderhub("people", "add", "BADGE-BADGE-1", *ANNA[3:], code=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [(("people", "add", "7", "--name", "   ", "--store", "MSK-07"), "латинских"),
     (("people", "add", "ж", "--name", "Анна", "--store", "MSK-07"), "латинских"),
     (("people", "add", "7", "--name", "я" * 101, "--store", "MSK-07"), "100"),
     (("devices", "add", " ", "--store", "MSK-07"), "устройства"),
     (("clients", "add", " "), "приложения")],
)  # fmt: skip
async def test_a_name_that_is_none_is_told_by_what_it_would_name(hub, orderhub, words, said):
    assert said in await orderhub(*words, code=2, lang="ru")


async def test_who_administered_whom_is_kept_and_told_without_a_secret(api, hub, orderhub):
    assert "Nothing was changed yet." in await orderhub("people", "history")
    assert "Ещё ничего не менялось." in await orderhub("people", "history", lang="ru")
    added = await orderhub(*ANNA)
    fresh = await orderhub("people", "reset-pin", "7007")
    await orderhub("people", "role", "7007", "supervisor")
    await orderhub("people", "role", "7007", "supervisor")
    await orderhub("people", "deactivate", "7007")
    await orderhub("people", "activate", "7007")
    await orderhub("devices", "add", "ТСД 1", "--store", "MSK-12")
    (device,) = json.loads(await orderhub("devices", "list", "--json"))
    for _ in range(2):
        await orderhub("devices", "revoke", device["id"])
    rows = json.loads(await orderhub("people", "history", "--json"))
    assert [row["act"] for row in reversed(rows)] == [
        "added", "new_pin", "role", "deactivated", "activated", "device_added", "device_revoked",
    ]  # fmt: skip
    assert all(row["actor"].startswith("cli:") and row["trace_id"] for row in rows)
    for pin in re.findall(r"\b\d{6}\b", added + fresh):
        assert pin not in json.dumps([row | {"at": "", "trace_id": ""} for row in rows])
    told = await orderhub("people", "history", "BADGE-7007", lang="ru")
    assert "роль: старший смены" in told
    assert "Анна Новая" in told
    assert "ТСД 1" not in told
