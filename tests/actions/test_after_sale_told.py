"""What marketplaces tell of orders that are sold: goods came back, others were sold, doubts."""

from datetime import UTC, datetime

import msgspec
import pytest

from app.actions.issue import issue
from app.actions.replay import replay
from app.db.queue import Queue
from app.domain.after_sale_events import Corrected, Returned, Wish
from app.domain.document import Kind
from tests.actions.after_sale import balanced, change, give_back, sold
from tests.conftest import RecordingKuper, quick
from tests.factories import BANANAS, BREAD, news, placed, settle
from tests.stories import deliver_one, hook, place

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


class Talkative(RecordingKuper):
    """A marketplace of a later release, which tells what came back."""

    def parse(self, account, delivery, at):
        body = msgspec.json.decode(delivery.body)
        made = {"order.returned": Returned, "order.corrected": Corrected}.get(body["event_type"])
        if made is None:
            return super().parse(account, delivery, at)
        return (made((Wish("300901", pieces=body["payload"]["pieces"]),), "брак", LONG_AGO),)


@pytest.fixture
def hub(hub):
    return quick(hub, marketplaces={"kuper": Talkative()})


async def tell(api, hub, event, pieces, order_id="H1"):
    await hook(api, news(event, order_id, pieces=pieces))
    await settle(hub)


async def test_goods_a_marketplace_tells_of_come_back_once(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await tell(api, hub, "order.returned", 1)
    await tell(api, hub, "order.corrected", 1)
    assert await issue(hub) == 3
    sale, back, correction = await balanced(hub, order_id)
    assert [back.kind, correction.kind] == [Kind.RETURN, Kind.CORRECTION]
    assert [back.reason, back.lines[0].pieces, correction.lines[0].pieces] == ["брак", -1, -1]
    assert back.occurred_at >= sale.occurred_at
    assert correction.occurred_at >= back.occurred_at
    async with hub.pools.picking.acquire() as conn:
        events = await conn.fetch(
            "SELECT detail ->> 'event' AS event FROM timeline WHERE kind = 'delivery' ORDER BY id"
        )
    assert [row["event"] for row in events][-2:] == ["order.returned", "order.corrected"]


async def test_a_delivery_that_is_replayed_by_hand_brings_nothing_back_twice(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await tell(api, hub, "order.returned", 1)
    async with hub.pools.picking.acquire() as conn:
        old = await conn.fetchval(
            "SELECT id FROM queue_item WHERE queue = $1 ORDER BY id DESC LIMIT 1", Queue.INBOX
        )
        assert await replay(conn, Queue.INBOX, old, "duty")
    await settle(hub)
    assert (await sold(hub, order_id))["300901"].pieces == 2


async def test_more_than_was_sold_is_buried_with_its_reason_and_changes_nothing(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await tell(api, hub, "order.returned", 9)
    async with hub.pools.picking.acquire() as conn:
        buried = await conn.fetchrow("SELECT state, reason FROM queue_item WHERE state = 'dead'")
    assert tuple(buried) == ("dead", "refused")
    assert (await sold(hub, order_id))["300901"].pieces == 3


async def test_goods_that_come_back_before_they_are_delivered_wait_for_that(api, hub):
    await place(api, hub, "H1")
    await tell(api, hub, "order.returned", 1)
    async with hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM sale_change") == 0
        assert await conn.fetchval(
            "SELECT count(*) FROM queue_item WHERE queue = $1 AND reason = 'early'", Queue.INBOX
        ) == 1  # fmt: skip


async def test_what_a_marketplace_changes_after_delivery_is_a_doubt_until_somebody_settles_it(
    api, hub
):
    order_id = await deliver_one(api, hub, "H1")
    less = {**BREAD, "quantity": 1}
    doubts = "SELECT ours, theirs FROM sale_doubt"
    async with hub.pools.picking.acquire() as conn:
        await hook(api, placed("H1", BREAD, BANANAS, event="order.updated"))
        await settle(hub)
        assert await conn.fetchrow(doubts) is None
        await hook(api, placed("H1", less, BANANAS, event="order.updated"))
        await settle(hub)
        assert tuple(await conn.fetchrow(doubts)) == (29_340, 18_440)
        assert (await sold(hub, order_id))["300901"].pieces == 3
        await give_back(hub, order_id, "300901", 1)
        assert await conn.fetchrow(doubts) is None
        await hook(api, placed("H1", {**BREAD, "quantity": 2, "name": "Б"}, event="order.updated"))
        await settle(hub)
        assert await conn.fetchrow(doubts) is not None
        await hook(api, placed("H1", {**BREAD, "quantity": 2}, BANANAS, event="order.updated"))
        await settle(hub)
        assert await conn.fetchrow(doubts) is None


async def test_what_was_settled_already_is_no_doubt(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await change(hub, "correct", order_id, Wish("300901", pieces=1))
    await hook(api, placed("H1", {**BREAD, "quantity": 1}, BANANAS, event="order.updated"))
    await settle(hub)
    async with hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM sale_doubt") == 0
