"""Accounts while the hub runs: put in place, changed, paused, removed; never a secret in sight."""

import asyncio

import pytest

from app.actions import accounts as acting
from app.actions.account_story import story
from app.actions.accounts import NewAccount
from app.actions.drain import drain
from app.actions.process import process
from app.db import account_desk, queue
from app.db.account_desk import Waiting
from app.db.accounts import AccountBook
from app.db.queue import Queue
from app.domain.refusals import Refused
from app.errors import SettingsInvalid
from tests.conftest import SEAL, TOKEN, api_of, quick
from tests.factories import BREAD, Handheld, news, placed, settle
from tests.stories import hook, place

SETTINGS = {"url": "https://localhost:1/notifications"}
SECRETS = {"inbound_token": "their-way-in-1", "outbound_token": "our-way-out-1"}


@pytest.fixture
async def conn(hub):
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        yield conn


async def committed(hub, work):
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        return await work(conn)


def an_account(**said):
    values = {"adapter": "kuper", "code": "sm-2", "settings": SETTINGS, "secrets": SECRETS}
    return NewAccount(**{**values, **said})


def create(hub, **said):
    what = an_account(**said)
    return committed(hub, lambda conn: acting.create(conn, SEAL, hub.marketplaces, what, "duty"))


async def test_a_new_account_works_at_once_and_its_secrets_are_nowhere_to_be_read(hub, api):
    assert await create(hub) == {}
    await committed(hub, lambda conn: conn.execute(
        "INSERT INTO account_store SELECT account.id, '101', account_store.store_id"
        "  FROM account, account_store WHERE account.code = 'sm-2'"
        "   AND external_id = '101'"))  # fmt: skip
    answer = await api.post(
        "/hooks/sm-2", content=placed("N1"), headers={"Client-Token": SECRETS["inbound_token"]}
    )
    assert answer.status_code == 200
    await settle(hub)
    told = await committed(hub, lambda conn: story(conn, SEAL, hub.marketplaces, "sm-2"))
    assert (told.trouble, told.hook, told.stores) == ([], "/hooks/sm-2", {"101": "MSK-07"})
    assert [(each.kind, each.state) for each in told.secrets] == [
        ("inbound_token", "valid"), ("outbound_token", "valid")]  # fmt: skip
    assert not any(secret in repr(told) for secret in SECRETS.values())
    rows = await committed(hub, lambda conn: conn.fetch("SELECT * FROM account_event"))
    assert not any(secret in repr(rows) for secret in SECRETS.values())
    assert not any(secret in repr(an_account()) for secret in SECRETS.values())


async def test_a_secret_that_is_ours_to_make_is_made_and_told_once(hub):
    made = await create(hub, secrets={"outbound_token": "our-way-out-1"})
    assert set(made) == {"inbound_token"}
    account = await hub.accounts.by_code("sm-2")
    assert account.secrets["inbound_token"] == (made["inbound_token"],)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"adapter": "amazon"}, "no adapter 'amazon': there are kuper"),
        ({"settings": {}}, "url"),
        ({"settings": {**SETTINGS, "colour": 1}}, "colour"),
        ({"settings": {**SETTINGS, "number_prefix": "a\0b"}}, "no NUL"),
        ({"rules": {"mood": 1}}, "no rule 'mood'"),
        ({"rules": {"over_percent": -1}}, "negative"),
        ({"secrets": {**SECRETS, "pet": "a-long-name"}}, "no secret of kind 'pet'"),
        ({"secrets": {**SECRETS, "inbound_token": "тайна тайна"}}, "does not look like one"),
        ({"secrets": {"inbound_token": "x" * 20}}, "outbound_token"),
        ({"merchant": "nobody"}, "merchant"),
    ],
)
async def test_a_mistake_is_named_nothing_is_written_and_no_secret_is_repeated(hub, said, expected):
    with pytest.raises(SettingsInvalid, match=expected) as told:
        await create(hub, **said)
    assert "тайна" not in str(told.value)
    assert await hub.accounts.by_code("sm-2") is None


async def test_a_code_is_one_accounts_for_ever(hub):
    await create(hub)
    with pytest.raises(Refused, match="ACCOUNT_EXISTS"):
        await create(hub)
    await committed(hub, lambda conn: acting.remove(conn, "sm-2", 0, "duty"))
    with pytest.raises(Refused, match="ACCOUNT_EXISTS"):
        await create(hub)


async def test_other_settings_and_rules_are_kept_with_who_said_so(hub, conn):
    await acting.change(conn, SEAL, hub.marketplaces, "sm-demo", who="duty",
                        rules={"decide_minutes": 7})  # fmt: skip
    told = await story(conn, SEAL, hub.marketplaces, "sm-demo")
    assert told.rules == {"answer_seconds": 5, "decide_minutes": 7}
    assert told.settings  # as they were
    (event,) = told.history
    assert (event.actor, event.event, set(event.detail)) == ("duty", "changed", {"rules"})


async def test_settings_the_marketplace_cannot_do_with_change_nothing(hub):
    async def spoil(conn):
        await acting.change(conn, SEAL, hub.marketplaces, "sm-demo", who="duty", settings={})

    before = (await hub.accounts.by_code("sm-demo")).settings
    with pytest.raises(SettingsInvalid, match="url"):
        await committed(hub, spoil)
    hub.accounts.forget(await hub.accounts.by_code("sm-demo"))
    assert (await hub.accounts.by_code("sm-demo")).settings == before


async def test_a_paused_accounts_webhooks_are_taken_and_wait_whoever_claims(hub, api):
    await committed(hub, lambda conn: acting.pause(conn, "sm-demo", "duty", "stocktaking"))
    assert (await hook(api, placed("H1"))).status_code == 200
    others = AccountBook(hub.pools.hooks, SEAL)  # a worker that has known it for long
    assert await drain(hub, Queue.INBOX, process, asyncio.Event()) == 0
    assert (await others.by_code("sm-demo")).active is False
    (row,) = await committed(hub, account_desk.overview)
    assert (row["deliveries"], row["paused_by"], row["paused_reason"]) == (1, "duty", "stocktaking")
    assert await committed(hub, lambda conn: acting.resume(conn, "sm-demo", "duty")) is True
    await settle(hub)
    (row,) = await committed(hub, account_desk.overview)
    assert (row["deliveries"], row["paused_by"]) == (0, None)


async def test_paused_twice_keeps_the_first_moment_and_resumed_twice_is_once(hub, conn):
    await acting.pause(conn, "sm-demo", "a", "one")
    first = (await account_desk.find(conn, "sm-demo")).paused_at
    await acting.pause(conn, "sm-demo", "b", "two")
    again = await account_desk.find(conn, "sm-demo")
    assert (again.paused_at, again.paused_by, again.paused_reason) == (first, "b", "two")
    assert await acting.resume(conn, "sm-demo", "a") is True
    assert await acting.resume(conn, "sm-demo", "a") is False


async def test_what_waits_for_a_removed_account_is_counted_and_buried_with_the_reason(hub, api):
    await place(api, hub, "H1", BREAD)
    await committed(hub, lambda conn: acting.pause(conn, "sm-demo", "duty", "leaving"))
    await hook(api, placed("H2"))
    await hook(api, news("order.paid", "H1"))
    waits = await committed(hub, _waits)
    assert (waits.deliveries, waits.orders) == (2, 1)
    with pytest.raises(Refused, match="ACCOUNT_BUSY"):
        await committed(hub, lambda conn: acting.remove(conn, "sm-demo", 1, "duty"))
    gone = await committed(hub, lambda conn: acting.remove(conn, "sm-demo", 2, "duty"))
    assert gone == Waiting(2, 0)
    dead = await committed(hub, lambda conn: conn.fetch(
        "SELECT reason FROM queue_item WHERE state = 'dead'"))  # fmt: skip
    assert [row["reason"] for row in dead] == ["account_removed"] * 2


async def test_what_a_worker_had_when_it_died_is_buried_with_its_account_and_what_one_has_is_not(
    hub, api
):
    for ref in ("H1", "H2"):
        await hook(api, placed(ref))
    async with hub.pools.drains.acquire() as conn:
        dying, _ = [item.id for item in await queue.claim(conn, Queue.INBOX, "dying", 2)]
        await conn.execute("UPDATE queue_item SET due_at = now() WHERE id = $1", dying)
    assert await committed(hub, lambda conn: acting.remove(conn, "sm-demo", 2, "duty")) == Waiting(
        1, 0
    )
    rows = await committed(hub, lambda conn: conn.fetch("SELECT id, state FROM queue_item"))
    assert {row["state"] for row in rows if row["id"] == dying} == {"dead"}
    assert {row["state"] for row in rows if row["id"] != dying} == {"leased"}


async def _waits(conn):
    found = await account_desk.find(conn, "sm-demo")
    return await account_desk.waiting(conn, found.id)


async def test_a_removed_accounts_orders_stay_and_are_picked_and_what_they_tell_is_buried(hub, api):
    await place(api, hub, "H1", BREAD)
    await committed(hub, lambda conn: acting.remove(conn, "sm-demo", 0, "duty"))
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    assert await committed(hub, acting.sweep) == Waiting(0, 1)
    sealed = await committed(hub, lambda conn: conn.fetch("SELECT sealed FROM account_credential"))
    assert {bytes(row["sealed"]) for row in sealed} == {b""}


async def test_a_removed_accounts_webhook_is_an_unknown_accounts(hub, api):
    await committed(hub, lambda conn: acting.remove(conn, "sm-demo", 0, "duty"))
    assert (await api.post("/hooks/sm-demo", content=placed(), headers=TOKEN)).status_code == 404


async def test_what_a_worker_took_before_it_knew_is_buried_soon(hub):
    """Its book is a few seconds old: the delivery is kept, never worked on, and not forgotten."""
    worker = quick(hub, accounts=AccountBook(hub.pools.hooks, SEAL, lambda: 0.0))
    await worker.accounts.by_code("sm-demo")
    await committed(hub, lambda conn: acting.remove(conn, "sm-demo", 0, "duty"))
    async with api_of(worker) as api:
        assert (await hook(api, placed("H1"))).status_code == 200
    await settle(hub)
    assert await committed(hub, lambda conn: conn.fetchval("SELECT count(*) FROM orders")) == 0
    assert await committed(hub, acting.sweep) == Waiting(1, 0)
    assert await committed(hub, acting.sweep) == Waiting(0, 0)


@pytest.mark.parametrize("deed", ["change", "pause", "resume", "remove"])
async def test_nothing_can_be_done_to_an_account_that_is_not_there(hub, conn, deed):
    deeds = {
        "change": lambda: acting.change(conn, SEAL, hub.marketplaces, "no", who="x", rules={}),
        "pause": lambda: acting.pause(conn, "no", "x", "y"),
        "resume": lambda: acting.resume(conn, "no", "x"),
        "remove": lambda: acting.remove(conn, "no", 0, "x"),
    }
    with pytest.raises(Refused, match="ACCOUNT_NOT_FOUND"):
        await deeds[deed]()
