"""Messages go out in order, each try is kept, and what may have arrived is not taken for lost."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from app.actions.deliver import deliver
from app.actions.drain import drain
from app.db.queue import Queue
from app.errors import RemoteRefused, RemoteUnavailable
from app.marketplaces.kuper import Kuper
from app.marketplaces.tools import Tools
from tests.actions.far_sides import Patience
from tests.conftest import TOKEN
from tests.db.queues import make_due
from tests.factories import BREAD, Handheld, news, placed, settle
from tests.marketplaces.far import far, hanging, says, silence


async def hook(api, content):
    assert (await api.post("/hooks/sm-demo", content=content, headers=TOKEN)).status_code == 200


async def fetch(hub, sql, *args):
    async with hub.pools.drains.acquire() as conn:
        return [tuple(row) for row in await conn.fetch(sql, *args)]


async def due(hub):
    async with hub.pools.drains.acquire() as conn:
        await make_due(conn)


async def send(hub):
    return await drain(hub, Queue.OUTBOX, deliver, asyncio.Event())


async def outbox(hub):
    sql = ("SELECT kind, state, reason, attempts FROM outbox JOIN outbox_message USING (id)"
           " ORDER BY seq")  # fmt: skip
    return await fetch(hub, sql)


async def attempts(hub):
    return await fetch(hub, "SELECT attempt, status, outcome FROM outbox_attempt ORDER BY at")


@pytest.fixture
async def handheld(api, hub):
    """A picker with an order to start."""
    await hook(api, placed("H1", BREAD))
    await settle(hub)
    device = await Handheld(api).sign_in()
    await device.next()
    return device


@pytest.fixture
def market(hub):
    return hub.marketplaces["kuper"]


def kinds(market):
    return [json.loads(message.body)["event"]["type"] for message in market.sent]


async def to_ready(handheld):
    await handheld.do("start")
    await handheld.do("pick", line=BREAD["id"], quantity=3)
    await handheld.do("complete")
    await handheld.do("ready")


async def test_messages_of_one_order_go_out_in_order_and_each_once(handheld, hub, market):
    await to_ready(handheld)
    while await send(hub):
        pass
    assert kinds(market) == ["order.in_work", "order.ready_for_delivery"]
    assert [row[1] for row in await outbox(hub)] == ["done", "done"]
    assert await attempts(hub) == [(1, 200, "delivered"), (1, 200, "delivered")]


async def test_a_message_that_failed_holds_the_later_ones_of_its_order_back(handheld, hub, market):
    market.fails = [RemoteUnavailable("away", after=3500.0)]
    await to_ready(handheld)
    ((began,),) = await fetch(hub, "SELECT now()")
    assert await send(hub) == 1
    assert await send(hub) == 0
    assert [row[:2] for row in await outbox(hub)] == [("in_work", "waiting"), ("ready", "waiting")]
    ((due_at, now),) = await fetch(hub, "SELECT due_at, now() FROM outbox WHERE attempts = 1")
    assert began <= due_at - timedelta(seconds=3500) <= now
    await due(hub)
    while await send(hub):
        pass
    assert kinds(market) == ["order.in_work", "order.ready_for_delivery"]


async def test_when_a_marketplace_is_back_what_it_did_not_take_goes_out_at_once(
    handheld, hub, market, api
):
    market.fails = [RemoteUnavailable("away") for _ in range(4)]
    await handheld.do("start")
    for _ in range(4):  # the next try would be in ten minutes
        await send(hub)
        await due(hub)
    await fetch(hub, "UPDATE outbox SET due_at = now() + interval '10 minutes'")
    await hook(api, placed("H2", BREAD))
    await settle(hub)
    other = await Handheld(api).sign_in("1002", "4712")
    await other.next()
    await other.do("start")
    while await send(hub):
        pass
    assert [row[1] for row in await outbox(hub)] == ["done", "done"]
    assert await attempts(hub) == [
        *((n, None, "remote_unavailable") for n in (1, 2, 3, 4)),
        (1, 200, "delivered"), (4, 200, "delivered"),
    ]  # fmt: skip


async def test_a_message_that_never_gets_through_among_others_that_do_keeps_its_pauses(
    handheld, hub, market, api
):
    await hook(api, placed("H2", BREAD))
    await settle(hub)
    other = await Handheld(api).sign_in("1002", "4712")
    await other.next()
    await other.do("start")
    await send(hub)
    market.fails = [RemoteUnavailable("away")]
    await handheld.do("start")
    await send(hub)
    await fetch(hub, "UPDATE outbox SET due_at = now() + interval '10 minutes', attempts = 4"
                     " WHERE state = 'waiting'")  # fmt: skip
    for line in other.order["lines"]:
        await other.do("pick", line=line["sku"], quantity=line["requested"]["pieces"])
    await other.do("complete")
    await other.do("ready")
    while await send(hub):
        pass
    assert len(market.sent) == 2
    waiting = await fetch(hub, "SELECT attempts FROM outbox WHERE state = 'waiting'")
    assert [row[0] for row in waiting] == [4]


async def test_a_refusal_is_a_dead_letter_with_its_try_and_the_next_message_goes_out(
    handheld, hub, market
):
    market.fails = [RemoteRefused("HTTP 405: not for this store")]
    await to_ready(handheld)
    while await send(hub):
        pass
    assert [row[:3] for row in await outbox(hub)] == [
        ("in_work", "dead", "remote_refused"), ("ready", "done", "delivered"),
    ]  # fmt: skip
    assert await attempts(hub) == [(1, None, "remote_refused"), (1, 200, "delivered")]
    notes = await fetch(hub, "SELECT detail ->> 'outcome' FROM timeline WHERE kind = 'message'")
    assert notes == [("remote_refused",), ("delivered",)]


async def test_every_try_is_kept_until_the_message_is_buried(handheld, hub, market):
    market.fails = [RemoteUnavailable("away")] * 20
    await handheld.do("start")
    for n in range(1, 12):
        assert await send(hub) == 1
        assert len(await attempts(hub)) == n
        await due(hub)
    assert [row[1:] for row in await outbox(hub)] == [("dead", "remote_unavailable", 11)]


@pytest.mark.parametrize(("ambiguous", "unsure"), [(True, True), (False, False)])
async def test_only_a_try_that_may_have_arrived_makes_the_next_one_unsure(
    handheld, hub, market, ambiguous, unsure
):
    market.fails = [RemoteUnavailable("x", ambiguous=ambiguous)]
    await handheld.do("start")
    await send(hub)
    await due(hub)
    await send(hub)
    assert [message.unsure for message in market.sent] == [unsure]


async def test_a_cancel_by_the_marketplace_withdraws_what_was_not_sent(api, handheld, hub, market):
    await to_ready(handheld)
    await hook(api, news("order.canceled"))
    await settle(hub)
    assert market.sent == []
    assert [row[:3] for row in await outbox(hub)] == [
        ("in_work", "superseded", "superseded"), ("ready", "superseded", "superseded"),
    ]  # fmt: skip


async def test_what_was_being_sent_while_the_order_was_called_off_is_not_sent_again(
    api, handheld, hub, market
):
    market.fails = [RemoteUnavailable("away")]
    await handheld.do("start")
    async with hub.pools.drains.acquire() as conn:
        await conn.execute("UPDATE outbox SET state = 'leased', due_at = now() + interval '1 h'")
    await hook(api, news("order.canceled"))
    await settle(hub)
    await due(hub)
    await send(hub)
    assert market.sent == []
    assert [row[2] for row in await outbox(hub)] == ["superseded"]


async def test_a_marketplace_away_does_not_stop_another_order(api, handheld, hub, market):
    await handheld.do("start")
    await hook(api, placed("H2", BREAD))
    await settle(hub)
    market.sent.clear()
    market.fails = [RemoteUnavailable("away")]
    await handheld.do("pick", line=BREAD["id"], quantity=3)
    await handheld.do("complete")
    await handheld.do("ready")
    await send(hub)
    await handheld.next()
    await handheld.do("start")
    await send(hub)
    assert [json.loads(m.body)["event"]["payload"]["order_id"] for m in market.sent] == ["H2"]


async def real(hub, side):
    """The hub with the real adapter, sending there; its account is read afresh."""
    async with hub.pools.drains.acquire() as conn:
        await conn.execute("UPDATE account SET settings = settings || $1", {"url": side.url})
    patience = Patience()
    patience.sides.append(side)
    http = httpx.AsyncClient(timeout=None, transport=patience)
    return http, replace(hub, marketplaces={"kuper": Kuper(Tools(http))})


@pytest.mark.parametrize(
    ("speaks", "outcomes"),
    [
        ([silence, says(422)], [(1, None, "remote_unavailable"), (2, 422, "already_accepted")]),
        ([hanging, says(202)], [(1, None, "remote_unavailable"), (2, 202, "already_accepted")]),
        ([says(500), says(422)], [(1, None, "remote_unavailable"), (2, 422, "already_accepted")]),
        ([says(503), says(422)], [(1, None, "remote_unavailable"), (2, None, "remote_refused")]),
        ([says(429, Retry_After="1"), says(200)],
         [(1, None, "remote_busy"), (1, 200, "delivered")]),
        ([says(200, b"\x00\xff<html>")], [(1, 200, "delivered")]),
    ],
    ids=["lost", "hanging", "500", "503", "429", "odd answer"],
)  # fmt: skip
async def test_over_a_real_connection_a_lost_answer_is_made_good(handheld, hub, speaks, outcomes):
    async with far(*speaks) as side:
        http, sending = await real(hub, side)
        await handheld.do("start")
        hub.accounts._known.clear()
        for _ in speaks:
            await send(sending)
            await due(sending)
        await http.aclose()
    assert await attempts(hub) == outcomes
    ((_, state, _, _),) = await outbox(hub)
    assert state == ("dead" if outcomes[-1][2] == "remote_refused" else "done")


async def test_when_the_result_cannot_be_written_the_repeat_is_unsure(handheld, hub):
    """СМ took it; our own database failed after that. 422 to the repeat is no refusal then."""
    async with far(says(200), says(422)) as side:
        http, sending = await real(hub, side)
        await handheld.do("start")
        hub.accounts._known.clear()
        async with hub.pools.drains.acquire() as conn:
            await conn.execute("ALTER TABLE outbox_attempt RENAME TO away")
        await send(sending)
        async with hub.pools.drains.acquire() as conn:
            await conn.execute("ALTER TABLE away RENAME TO outbox_attempt")
        await due(sending)
        await send(sending)
        await http.aclose()
        assert len(side.requests) == 2
    assert [row[1:3] for row in await outbox(hub)] == [("done", "already_accepted")]
