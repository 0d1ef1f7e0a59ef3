"""A restored copy speaks to nobody: while what goes out is held, every lane keeps what it has, no
try is used up, nobody is called; and then everything goes on."""

import asyncio
import re
from datetime import UTC, datetime

import httpx
import pytest

from app.actions.accounts import rehearse
from app.actions.alarm import alarm
from app.actions.banner import banner
from app.actions.check_marks import check_marks
from app.actions.drain import drain
from app.actions.tell import speak
from app.db import gates, outbound, telegram_updates
from app.db.queries import load
from app.db.queue import Queue
from app.errors import LeaseLost, Paced
from app.identifiers import new_id
from tests.actions.test_alarm import RecordingWay, trouble
from tests.conftest import api_of, quick
from tests.db.queues import put
from tests.erp.town import SECRET, StandIn, town_of
from tests.factories import settle
from tests.http.ways.monitoring import DUTY
from tests.integrators.ears import ears_of
from tests.marketplaces.far import far, says
from tests.reconciliation.market import World
from tests.stories import RecordingChat, make_ready, place

WHY = "a copy of last night"


@pytest.fixture
async def conn(hub):
    async with hub.pools.drains.acquire() as one:
        yield one


async def hold(conn):
    assert await outbound.hold(conn, WHY, "test")


async def waiting(conn, lane):
    rows = await conn.fetch("SELECT state, attempts FROM queue_item WHERE queue = $1", lane)
    return [tuple(row) for row in rows]


async def test_orders_come_in_and_marketplaces_are_told_of_them_when_it_is_over(api, hub, conn):
    await hold(conn)
    await place(api, hub)
    await make_ready(api, hub)
    assert hub.marketplaces["kuper"].sent == []
    assert set(await waiting(conn, Queue.OUTBOX)) == {("waiting", 0)}
    assert (await outbound.release(conn, "test")).reason == WHY
    await settle(hub)
    assert [message.kind for message in hub.marketplaces["kuper"].sent][-1] == "ready"
    assert set(await waiting(conn, Queue.OUTBOX)) == {("done", 1)}


async def test_it_holds_on_every_connection_from_that_moment_on(api, hub, conn):
    await place(api, hub)
    await put(conn, n=1)
    await hold(conn)
    hubs = [quick(hub, worker=f"w{n}", chat=RecordingChat()) for n in range(4)]
    stop = asyncio.Event()
    told = await asyncio.gather(*(speak(each, stop) for each in hubs))
    assert told == [0] * 4
    assert await waiting(conn, Queue.TELEGRAM) == [("waiting", 0)]


async def test_an_erp_gets_its_documents_when_it_is_over(hub, conn):
    erp = StandIn()
    async with httpx.AsyncClient(transport=erp.transport) as http, town_of(hub) as town:
        town.ways["http"] = type(town.ways["http"])(http)
        await town.destination(
            settings={"url": "https://erp.example/documents"}, secrets={"signing": SECRET}
        )
        await town.document()
        await hold(conn)
        assert await town.carry() == 0
        assert await waiting(conn, Queue.ERP) == [("waiting", 0)]
        await outbound.release(conn, "test")
        assert await town.carry() == 1


async def test_own_systems_are_told_events_when_it_is_over(api, hub, conn):
    async with far(says(204, b"")) as side, ears_of(hub, api) as ears:
        await ears.subscribe(side.url)
        await hold(conn)
        await ears.place()
        assert await ears.carry() == 0
        assert side.requests == []
        await outbound.release(conn, "test")
        assert await ears.carry() == 2


async def test_no_marketplace_is_asked_for_its_orders(hub, conn):
    world = await World.of(hub)
    world.market.show("H1")
    await hold(conn)
    assert await world.look() == "0 accounts, 0 found"
    assert world.market.asked == []
    await outbound.release(conn, "test")
    assert await world.look() == "1 accounts, 1 found"


async def test_no_call_passes_an_accounts_gate_and_what_waits_for_it_is_due_when_it_is_over(
    hub, conn
):
    account = await hub.accounts.by_code("sm-demo")
    await hold(conn)
    assert not await gates.is_open(conn, account.id)
    trial = await rehearse(hub.marketplaces["kuper"], account, hub)
    assert (trial.taken, trial.said) == (False, "nobody calls it now: again in 30 s")

    async def thin(hub, item):
        raise Paced(await gates.enter(conn, account.id, item.id))

    await conn.execute("INSERT INTO queue_item (queue, id, account_id, fifo_key)"
                       " VALUES ('inbox', $1, $2, 'k')", new_id(), account.id)  # fmt: skip
    assert await drain(hub, Queue.INBOX, thin, asyncio.Event()) == 1
    assert await drain(hub, Queue.INBOX, thin, asyncio.Event()) == 0
    assert await waiting(conn, Queue.INBOX) == [("waiting", 0)]
    await outbound.release(conn, "test")
    assert await gates.is_open(conn, account.id)
    assert await drain(hub, Queue.INBOX, settled, asyncio.Event()) == 1


async def settled(_hub, _item):
    """Whatever it was about."""


async def test_no_letter_goes_by_the_second_way(hub, conn):
    way = RecordingWay()
    watched = quick(hub, ways={"email": way})
    await trouble(watched, at=datetime(2026, 3, 2, 11, tzinfo=UTC))
    await hold(conn)
    assert await alarm(watched) == 0
    assert (await conn.fetchval("SELECT count(*) FROM alarm_letter"), way.sent) == (0, [])
    await outbound.release(conn, "test")
    assert await alarm(watched) == 1


async def test_nobody_talks_for_the_bot_and_no_press_is_answered(conn):
    post = await telegram_updates.take(conn, 7, "w", 15.0)
    await conn.execute("INSERT INTO telegram_update (bot_id, update_id, body) VALUES (7, 1, '{}')")
    await hold(conn)
    with pytest.raises(LeaseLost):
        await telegram_updates.keep(conn, post, 15.0)
    assert await telegram_updates.take(conn, 8, "w", 15.0) is None
    assert await telegram_updates.claim(conn, 7, 30.0) is None
    await outbound.release(conn, "test")
    await telegram_updates.keep(conn, post, 15.0)
    assert (await telegram_updates.claim(conn, 7, 30.0)).update_id == 1


async def test_it_is_said_once_who_held_it_and_why_and_nothing_is_late_meanwhile(api, hub, conn):
    await conn.execute("INSERT INTO rule_run (rule, at, ms, seen) VALUES ('x', now(), 1, 0)")
    await conn.execute(
        "INSERT INTO queue_item (queue, id, fifo_key, due_at)"
        " VALUES ('outbox', gen_random_uuid(), 'k', now() - interval '20 minutes')"
    )
    await hold(conn)
    assert not await outbound.hold(conn, "again", "another")
    (line,) = await banner(conn, "en")
    assert (line.code, line.level) == ("outbound_held", "critical")
    assert f"held by test ({WHY})" in line.text
    async with api_of(hub) as other:
        assert (await other.get("/readyz")).json()["outbound"] == "held"
        assert "hub_outbound_held 1.0" in (await other.get("/metrics", auth=DUTY)).text
    assert await outbound.release(conn, "test") is not None
    assert await outbound.release(conn, "test") is None
    assert [(one.held_by, one.released_by) for one in await outbound.history(conn)] == [
        ("test", "test")
    ]


async def test_the_marking_system_counts_as_away(hub, conn):
    class Marking:
        asked = 0

        async def check(self, codes):
            Marking.asked += 1

    await conn.execute("UPDATE store SET mark_check = 'permissive'")
    await hold(conn)
    picker = type("Picker", (), {"store_id": await conn.fetchval("SELECT id FROM store LIMIT 1")})
    code = "010460123456789321abcdefghijklm\x1d93dGVz"
    found = await check_marks(quick(hub, marking=Marking()), picker, [code])
    assert (found.away, Marking.asked) == (True, 0)


@pytest.mark.parametrize("claim", ["claim", "claim_for", "claim_fair"])
async def test_a_claim_looks_once_whether_it_may(conn, claim):
    sql = load("queue")[claim]
    await conn.execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")
    await conn.execute(f"PREPARE trial AS {sql}")
    arguments = ", ".join(
        ["'outbox'", *["NULL"] * (max(map(int, re.findall(r"\$(\d+)", sql))) - 1)]
    )
    plan = [row[0] for row in await conn.fetch(f"EXPLAIN EXECUTE trial({arguments})")]
    await conn.execute("DEALLOCATE trial; RESET plan_cache_mode; RESET enable_seqscan")
    looks = [n for n, line in enumerate(plan) if "outbound_hold_one" in line]
    assert len(looks) == 1
    assert "InitPlan" in plan[looks[0] - 1]
    assert any("One-Time Filter" in line for line in plan)
    assert not any("Seq Scan on inbox" in line or "Seq Scan on outbox" in line for line in plan)
