"""Incidents at a terminal: what is wrong, who took it, what is silent and why."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from app import cli
from app.db.prune import prune
from tests.actions.troubles import rule, town_of

runner = CliRunner()


@pytest.fixture
def orderhub(dsn, tmp_path):
    """Run one command against this test's database, in a thread as it has a loop of its own."""
    env = {
        "HUB_DATABASE_URL": dsn, "HUB_DATA": str(tmp_path), "HUB_MASTER_KEY": "x", "COLUMNS": "200",
    }  # fmt: skip

    async def run(*words, code=0):
        words = ("incidents", *words)
        done = await asyncio.to_thread(runner.invoke, cli.app, list(words), env=env)
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output

    return run


@pytest.fixture
async def town(hub):
    town = await town_of(hub, rule("order_late"))
    (home,) = await town.sql("SELECT id, code FROM store ORDER BY code LIMIT 1")
    town.home, town.code = home["id"], home["code"]
    return town


async def test_what_is_wrong_is_listed_and_who_takes_it_is_in_its_history(town, orderhub):
    assert "Nothing is wrong." in await orderhub("list")
    await town.trouble(store=town.home, rule="order_late")
    (one,) = await town.look()
    said = await orderhub("list")
    assert str(one["id"]) in said
    assert town.code in said
    id_ = str(one["id"])
    assert "done" in await orderhub("ack", id_)
    assert "It was so already." in await orderhub("ack", id_, code=1)
    shown = await orderhub("show", id_)
    assert "taken by" in shown
    assert "acknowledged" in shown
    assert "done" in await orderhub("unack", id_)
    told = json.loads(await orderhub("show", id_, "--json"))
    kinds = [event["kind"] for event in told["history"]]
    assert kinds == ["fired", "told", "acknowledged", "unacknowledged"]
    assert told["seconds"] >= 0


async def test_what_was_wrong_is_listed_when_asked_for(town, orderhub):
    await town.trouble(store=town.home, rule="order_late")
    (one,) = await town.look()
    await town.mend()
    await town.look()
    assert "Nothing is wrong." in await orderhub("list")
    assert str(one["id"]) in await orderhub("list", "--all")
    assert [row["state"] for row in json.loads(await orderhub("list", "--all", "--json"))] == [
        "resolved"
    ]
    assert "It is resolved already." in await orderhub("ack", str(one["id"]), code=1)


async def test_a_group_shows_what_it_stands_for(town, orderhub):
    for name in "abc":
        await town.trouble(name, store=town.home, rule="order_late")
    found = await town.look()
    group = next(one for one in found if one["subject"].startswith("group:"))
    said = await orderhub("list")
    assert f"{town.code}: 3 incidents" in said
    assert not [one for one in found if one["parent_id"] and str(one["id"]) in said]
    assert "part of" in await orderhub("list", "--store", town.code)
    shown = await orderhub("show", str(group["id"]))
    for one in found:
        if one["parent_id"]:
            assert str(one["id"]) in shown


async def test_an_incident_or_a_rule_somewhere_is_silenced_and_heard_again(town, orderhub):
    assert "Nothing is muted." in await orderhub("mutes")
    await town.trouble(store=town.home, rule="order_late")
    (one,) = await town.look()
    assert "done" in await orderhub("mute", str(one["id"]), "--reason", "ремонт")
    said = await orderhub("list")
    assert "muted until" in said
    assert "ремонт" in said
    (mute,) = json.loads(await orderhub("mutes", "--json"))
    assert mute["owner"]
    assert "done" in await orderhub("unmute", mute["id"])
    assert "no mute" in await orderhub("unmute", mute["id"], code=1)
    await orderhub("mute", "order_late", "--store", town.code, "--reason", "стройка")
    said = await orderhub("mutes")
    assert "стройка" in said
    assert f"store {town.code}" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("order_late", "--reason", "x"), "nothing is silenced everywhere"),
        (("no_such", "--store", "S", "--reason", "x"), "No incident and no rule"),
        (("order_late", "--store", "S", "--reason", " "), "everybody sees"),
    ],
)
async def test_a_mute_without_an_end_to_it_is_refused(town, orderhub, words, said):
    assert said in await orderhub("mute", *words, code=2)


async def test_old_incidents_are_forgotten_with_their_history(town):
    await town.trouble(store=town.home, rule="order_late")
    await town.look()
    await town.mend()
    await town.look()
    async with town.hub.pools.picking.acquire() as conn:
        assert (await prune(conn))["incidents"] == 0
        await town.sql("UPDATE incident SET resolved_at = now() - interval '401 days'")
        await town.sql("DELETE FROM telegram_outbox")
        await town.sql("DELETE FROM telegram_message")
        assert (await prune(conn))["incidents"] == 1
    assert await town.all() == []
    assert await town.events() == []
