"""orderhub accounts, mappings and keys by hand; secrets are shown once or never."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from cryptography.fernet import Fernet

from app import cli
from app.cli.session import console
from app.db.accounts import AccountBook
from app.db.sealing import Seal
from tests.cli.test_people import runner
from tests.conftest import MASTER_KEY, TOKEN
from tests.factories import placed, settle
from tests.marketplaces.far import far, says
from tests.stories import hook

SETTINGS = {"url": "https://localhost:1/notifications"}


@pytest.fixture
def orderhub(dsn, tmp_path):
    """Run one command against this test's database, in a thread as it has a loop of its own."""
    env = {"HUB_DATABASE_URL": dsn, "HUB_DATA": str(tmp_path), "HUB_MASTER_KEY": MASTER_KEY,
           "HUB_LANG": "en"}  # fmt: skip
    console.width = 200

    async def run(*words, code=0, typed=None, **changed):
        done = await asyncio.to_thread(
            runner.invoke, cli.app, list(words), env=env | changed, input=typed
        )
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output + (str(done.exception) if code == 1 and done.exception else "")

    return run


@pytest.fixture
def file(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return str(path)

    return write


async def create(orderhub, file, code="sm-2"):
    return await orderhub(
        "accounts", "create", "kuper", code, "--settings", file("s.json", SETTINGS),
        "--secrets", "-", typed=json.dumps({"outbound_token": "our-way-out-1"}),
    )  # fmt: skip


async def test_an_account_is_made_shown_changed_paused_resumed_and_removed(hub, orderhub, file):
    said = await create(orderhub, file)
    assert "webhooks come to /hooks/sm-2" in said
    made = re.search(r"inbound_token, shown only now: (\S+)", said).group(1)
    shown = await orderhub("accounts", "show", "sm-2")
    assert "inbound_token" in shown
    assert made not in shown
    assert "our-way-out-1" not in shown + await orderhub("accounts", "show", "sm-2", "--json")
    await orderhub("accounts", "change", "sm-2", "--set", "number_prefix=N-",
                   "--rule", "decide_minutes=7", "--rule", "goods=mapped")  # fmt: skip
    story = json.loads(await orderhub("accounts", "show", "sm-2", "--json"))
    assert story["settings"] == {**SETTINGS, "number_prefix": "N-"}
    assert story["rules"] == {"answer_seconds": 5, "decide_minutes": 7, "goods": "mapped"}
    await orderhub("accounts", "change", "sm-2", "--unset", "number_prefix",
                   "--unset-rule", "goods")  # fmt: skip
    await orderhub("accounts", "pause", "sm-2", "--reason", "stocktaking")
    assert "sm-2: paused by" in (listed := await orderhub("accounts", "list"))
    assert "stocktaking" in listed
    assert "goes on" in await orderhub("accounts", "resume", "sm-2")
    assert "was not paused" in await orderhub("accounts", "resume", "sm-2")
    story = json.loads(await orderhub("accounts", "show", "sm-2", "--json"))
    assert (story["settings"], story["rules"]) == (
        SETTINGS,
        {"answer_seconds": 5, "decide_minutes": 7},
    )
    assert [each["event"] for each in story["history"]] == [
        "resumed", "paused", "changed", "changed", "created"]  # fmt: skip
    await orderhub("accounts", "remove", "sm-2", code=1, typed="n\n")
    assert "buried 0 deliveries" in await orderhub("accounts", "remove", "sm-2", "--yes")
    assert "There is no such account" in await orderhub("accounts", "show", "sm-2", code=1)


async def test_mistakes_are_one_line_each_and_hold_no_secret(hub, orderhub, file):
    said = await orderhub(
        "accounts", "create", "kuper", "sm-2", "--set", "colour=1", "--secrets", "-",
        code=1, typed=json.dumps({"inbound_token": "тайна тайна"}),
    )  # fmt: skip
    assert "settings" in said
    assert "does not look like one" in said
    assert "тайна" not in said
    assert "not a JSON object" in await orderhub(
        "accounts", "create", "kuper", "sm-2", "--secrets", "-", code=1, typed="[1]"
    )
    assert "NAME=VALUE" in await orderhub("accounts", "change", "sm-demo", "--set", "x", code=1)


async def test_what_adapters_ask_for_is_json_schema(hub, orderhub):
    found = json.loads(await orderhub("accounts", "adapters", "kuper"))
    (kuper,) = found["adapters"]
    assert kuper["settings"]["$defs"]["KuperSettings"]["required"] == ["url"]
    assert {kind["name"]: kind["ours"] for kind in kuper["secrets"]}["inbound_token"] is True
    assert "goods" in found["rules"]["$defs"]["AccountRules"]["properties"]
    assert "There is no adapter pigeon." in await orderhub("accounts", "adapters", "pigeon", code=1)


async def test_secrets_rotate_and_are_revoked_by_hand(hub, orderhub):
    said = await orderhub("accounts", "rotate", "sm-demo", "inbound_token", "--overlap", "2")
    made = re.search(r"shown only now: (\S+)", said).group(1)
    said = await orderhub("accounts", "rotate", "sm-demo", "outbound_token", "--given",
                          typed="their-new-key-1\n")  # fmt: skip
    assert "their-new-key-1" not in said
    assert "version 2" in said
    account = await AccountBook(hub.pools.hooks, Seal(MASTER_KEY)).by_code("sm-demo")
    assert account.secrets["inbound_token"] == (made, TOKEN["Client-Token"])
    assert account.secrets["outbound_token"][0] == "their-new-key-1"
    assert "1 revoked" in await orderhub("accounts", "revoke", "sm-demo", "inbound_token", "1")
    story = json.loads(await orderhub("accounts", "show", "sm-demo", "--json"))
    states = {(each["kind"], each["version"]): each["state"] for each in story["secrets"]}
    assert states["inbound_token", 1] == "revoked"
    assert states["inbound_token", 2] == states["outbound_token", 1] == "valid"


async def test_words_are_mapped_listed_and_taken_back(api, hub, orderhub, file):
    await hook(api, placed("H1", storeID="999"))
    await settle(hub)
    assert re.search(r"sm-demo +store +999 .* 1 +H1", await orderhub("mappings", "unmapped"))
    assert "no store" in await orderhub("mappings", "put", "sm-demo", "store", "999", "X", code=1)
    said = await orderhub("mappings", "put", "sm-demo", "store", "999", "MSK-07")
    assert "1 word is mapped; 1 delivery goes on." in said
    await settle(hub)
    assert "Nothing waits" in await orderhub("mappings", "unmapped")
    words = "kind;theirs;ours\ngoods;offer-7;100201\nunit;KGM;weight\n"
    assert "2 words would be mapped" in await orderhub(
        "mappings", "import", "sm-demo", "--dry-run", file("m.csv", words))  # fmt: skip
    listed = json.loads(await orderhub("mappings", "list", "sm-demo", "--json"))
    assert {each["kind"] for each in listed} == {"store"}
    assert "2 words are mapped" in await orderhub(
        "mappings", "import", "sm-demo", file("m.csv", words))  # fmt: skip
    assert "offer-7" in await orderhub("mappings", "list", "sm-demo", "--kind", "goods")
    await orderhub("mappings", "remove", "sm-demo", "goods", "offer-7")
    assert "Nobody said" in await orderhub("mappings", "remove", "sm-demo", "goods", "offer-7",
                                           code=1)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("kind;theirs\ngoods;1\n", "no column ours"),
        ("kind;theirs;ours\ngoods;1;\n", "row 2: a cell is empty"),
        ("theirs;ours\n1;100201\n1;200101\n", "row 3: '1' was said to be something else"),
        ("theirs;ours\n1;nothing\n2;100201\n", "no goods 'nothing'"),
    ],
)
async def test_a_file_with_a_mistake_maps_nothing(hub, orderhub, file, text, said):
    kind = ("--kind", "goods") if text.startswith("theirs") else ()
    assert said in await orderhub(
        "mappings", "import", "sm-demo", file("m.csv", text), *kind, code=1)  # fmt: skip
    assert "Nothing was said" in await orderhub("mappings", "list", "sm-demo", "--kind", "goods")


async def test_master_keys_are_shown_by_their_ids_and_one_takes_anothers_place(hub, orderhub):
    new = Fernet.generate_key().decode()
    both = {"HUB_MASTER_KEY": f"{new},{MASTER_KEY}"}
    shown = await orderhub("keys", "show", **both)
    fresh, old = Seal(both["HUB_MASTER_KEY"]).ids
    assert re.search(rf"{fresh} +seals and opens +0", shown)
    assert re.search(rf"{old} +opens +[1-9]", shown)
    assert not any(key in shown for key in (new, MASTER_KEY))
    assert f"sealed with {fresh}" in await orderhub("keys", "rotate", **both)
    assert f"Nothing hangs on {old}" in await orderhub("keys", "show", **both)
    assert "0 secrets sealed" in await orderhub("keys", "rotate", **both)
    assert "opened by none" in await orderhub("keys", "show", code=1)


async def test_a_token_that_a_trial_brought_is_kept_for_those_who_come_after_it(
    hub, orderhub, file
):
    granted = {"access_token": "a", "expires_in": 3600, "refresh_token": "the-next-one"}
    async with far(says(200, json.dumps(granted).encode())) as side:
        settings = {"url": side.url, "token_url": f"{side.url}/token", "client_id": "us"}
        secrets = {"client_secret": "client-secret", "refresh_token": "good-for-once"}
        await orderhub(
            "accounts", "create", "wolt", "wolt-1", "--settings", file("w.json", settings),
            "--secrets", "-", typed=json.dumps(secrets),
        )  # fmt: skip
        for _ in range(
            2
        ):  # a refresh token that is shown twice is revoked, with all that came of it
            assert "a token was given" in await orderhub("accounts", "test", "wolt-1")
        assert len(side.requests) == 1
