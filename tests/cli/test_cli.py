"""The command line, as a person at a terminal meets it."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from app import cli
from app.actions.issue import issue
from tests.factories import MILK, news, settle
from tests.stories import deliver_one, hook, know, place

runner = CliRunner()


@pytest.fixture
def orderhub(dsn, tmp_path):
    """Run one command against this test's database, in a thread as it has a loop of its own."""
    env = {
        "HUB_DATABASE_URL": dsn,
        "HUB_DATA": str(tmp_path),
        "HUB_MASTER_KEY": "x",
        "COLUMNS": "200",
    }

    async def run(*words, code=0):
        done = await asyncio.to_thread(runner.invoke, cli.app, list(words), env=env)
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output

    return run


async def test_a_delivered_order_is_shown_whole_to_people_and_programs(api, hub, orderhub):
    await deliver_one(api, hub, "H77")
    await issue(hub)
    shown = json.loads(await orderhub("orders", "show", "H77", "--json"))
    assert shown["state"] == "delivered"
    assert [m["kind"] for m in shown["messages"]] == ["in_work", "ready"]
    assert [m["state"] for m in shown["messages"]] == ["done", "done"]
    assert len(shown["attempts"]) == 2
    (document,) = shown["documents"]
    assert document["number"].endswith("-000001")
    kinds = [row["kind"] for row in shown["timeline"]]
    assert kinds[0] == "delivery"
    assert kinds[-1] == "document"
    assert "79000000000" not in json.dumps(shown)
    text = await orderhub("orders", "show", "H77")
    assert "Бананы" in text
    assert "document СМ" in text
    assert "H77" in await orderhub("orders", "list")
    assert "H77" not in await orderhub("orders", "list", "--state", "ready")


async def test_an_unknown_order_is_one_sentence_and_code_1(hub, orderhub):
    assert "There is no order nothing." in await orderhub("orders", "show", "nothing", code=1)
    assert "There is no order" in await orderhub("export", "--order", "nothing", code=1)


async def test_an_empty_hub_says_so(hub, orderhub):
    assert "No orders yet." in await orderhub("orders", "list")
    assert "Nothing here." in await orderhub("inbox")
    assert "Nobody was turned away." in await orderhub("inbox", "--refused")
    assert "No job has run yet." in await orderhub("schedule", "list")
    assert json.loads(await orderhub("export")) == []


async def test_a_buried_delivery_is_seen_mended_and_replayed(api, hub, orderhub):
    from tests.factories import placed

    await hook(api, placed("H1", positions="?"))
    await settle(hub)
    (buried,) = json.loads(await orderhub("inbox", "--dead", "--json"))
    assert buried["reason"] == "malformed"
    assert "positions" in buried["last_error"]
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("UPDATE inbox_delivery SET body = $1", placed("H1"))
    assert "1 replayed" in await orderhub("replay", "inbox", "--dead")
    assert "0 replayed" in await orderhub("replay", "inbox", "--dead")
    await settle(hub)
    assert "H1" in await orderhub("orders", "list")


async def test_replaying_a_whole_finished_day_changes_nothing(api, hub, orderhub):
    await deliver_one(api, hub, "H1")
    before = json.loads(await orderhub("orders", "show", "H1", "--json"))
    async with hub.pools.picking.acquire() as conn:
        done = await conn.fetch("SELECT id FROM inbox WHERE state = 'done'")
    assert len(done) == 4
    for row in done:
        await orderhub("replay", "inbox", str(row["id"]))
    await settle(hub)
    after = json.loads(await orderhub("orders", "show", "H1", "--json"))
    same = ("state", "version", "totals", "lines", "messages", "documents")
    assert {key: before[key] for key in same} == {key: after[key] for key in same}
    assert len(after["timeline"]) == len(before["timeline"]) + 4


async def test_what_comes_beside_the_goods_is_shown_with_the_order(api, hub, orderhub):
    await know(hub, MILK, vat="reduced")
    await place(api, hub, "H1", MILK, deliveryCost="199.00")
    await hook(api, news("order.paid", total={"totalPrice": "358.80"}))
    await settle(hub)
    shown = await orderhub("orders", "show", "H1")
    assert "ordered 159.80, picked not final, delivery fee 199.00, paid 358.80" in shown
    order = json.loads(await orderhub("orders", "show", "H1", "--json"))
    assert (order["totals"]["delivery_fee"], order["totals"]["discount"]) == (19_900, 0)
    (line,) = order["lines"]
    assert (line["price"], line["list_price"], line["vat"]) == (7_990, 8_990, "reduced")


async def test_replay_wants_a_queue_and_either_an_id_or_dead(hub, orderhub):
    assert "Say inbox, outbox or" in await orderhub("replay", "inbox", code=2)
    assert "Say inbox, outbox or" in await orderhub("replay", "telegram_outbox", "--dead", code=2)
    missing = "01a20000-0000-7000-8000-000000000000"
    assert "no finished or buried row" in await orderhub("replay", "outbox", missing, code=1)


async def test_who_knocked_without_a_token_is_listed_without_secrets(api, hub, orderhub):
    headers = {"Client-Token": "guessed-secret", "User-Agent": "curl/8"}
    await api.post("/hooks/sm-demo", content=news("order.paid"), headers=headers)
    listed = await orderhub("inbox", "--refused")
    assert "forged" in listed
    assert "guessed-secret" not in listed


async def test_doctor_finds_what_is_wrong_and_says_it(api, hub, orderhub):
    said = await orderhub("doctor", code=1)
    assert "the master key" in said or "HUB_MASTER_KEY" in said
    assert "schema: up to date" in said
    assert "may be lost" in said  # tests run with fsync off


async def test_migrating_twice_applies_nothing(hub, orderhub):
    assert "up to date" in await orderhub("migrate")
    assert "--phase is pre or post" in await orderhub("migrate", "--phase", "later", code=2)


async def test_accounts_are_listed_without_their_secrets(hub, orderhub):
    listed = await orderhub("accounts", "list")
    assert "sm-demo" in listed
    assert "5ec7e7" not in listed


def test_without_a_hub_there_is_one_sentence_that_says_what_to_do(tmp_path, capsys):
    done = runner.invoke(
        cli.app, ["orders", "list"], env={"HUB_DATA": str(tmp_path), "HUB_DATABASE_URL": ""}
    )
    assert done.exit_code == 1
    assert "start `orderhub run`" in str(done.exception)


def test_the_sandbox_is_off_unless_it_was_asked_for(tmp_path):
    done = runner.invoke(
        cli.app, ["sandbox", "credentials"], env={"HUB_DATA": str(tmp_path), "HUB_SANDBOX": "0"}
    )
    assert done.exit_code == 1
    assert "HUB_SANDBOX=1" in done.output


async def test_a_paused_shop_can_still_be_listed(api, hub, orderhub):
    await place(api, hub, "H5")
    (row,) = json.loads(await orderhub("orders", "list", "--json", "--store", "MSK-07"))
    assert (row["number"], row["state"]) == ("H5", "accepted")
