"""What is said again is what is true now, under its first name, and never an older word."""

from __future__ import annotations

import pytest

from app.actions.replay import replay, replay_dead
from app.db.queue import Queue
from app.errors import RemoteRefused, RemoteUnavailable
from tests.factories import BREAD, Handheld, news, placed, settle
from tests.replays.day import snapshot
from tests.stories import hook, place


@pytest.fixture
async def picked(api, hub):
    """An order in a picker's hands, its marketplace told so."""
    await place(api, hub, "H1", BREAD)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await settle(hub)
    return handheld


async def ready(hub, handheld):
    await handheld.do("pick", line="300901", quantity=3)
    await handheld.do("complete")
    await handheld.do("ready")
    await settle(hub)


async def messages(hub):
    """(kind, state, reason) of the outbox, in the order of its rows."""
    async with hub.pools.drains.acquire() as conn:
        rows = await conn.fetch(
            "SELECT message.kind, item.state, item.reason FROM outbox AS item"
            " JOIN outbox_message AS message USING (id) ORDER BY item.seq"
        )
    return [tuple(row) for row in rows]


async def again(hub, queue, what):
    """Replay the first row of a kind of message, or of an event."""
    outgoing = queue is Queue.OUTBOX
    table, column = ("outbox_message", "kind") if outgoing else ("inbox_delivery", "event")
    async with hub.pools.drains.acquire() as conn:
        id_ = await conn.fetchval(
            f"SELECT id FROM {table} WHERE {column} = $1 ORDER BY id LIMIT 1", what
        )
        assert await replay(conn, queue, id_, "duty")
    await settle(hub)
    return id_


async def test_the_last_word_is_said_again_under_its_first_name_and_may_be_known(hub, picked):
    sent = hub.marketplaces["kuper"].sent
    for _ in range(2):
        first = await again(hub, Queue.OUTBOX, "in_work")
        assert (sent[-1].id, sent[-1].kind, sent[-1].unsure) == (first, "in_work", True)
        assert sent[-1].body == sent[0].body
    assert len(sent) == 3


async def test_an_earlier_word_is_not_said_after_a_later_one(hub, picked):
    await ready(hub, picked)
    sent = list(hub.marketplaces["kuper"].sent)
    await again(hub, Queue.OUTBOX, "in_work")
    assert hub.marketplaces["kuper"].sent == sent
    assert (await messages(hub))[-1] == ("in_work", "done", "overtaken")
    await again(hub, Queue.OUTBOX, "ready")
    assert hub.marketplaces["kuper"].sent[-1].kind == "ready"


@pytest.mark.parametrize(("lost", "unsure"), [(False, False), (True, True)])
async def test_what_was_never_taken_is_said_as_news_unless_its_answer_was_lost(
    api, hub, lost, unsure
):
    kuper = hub.marketplaces["kuper"]
    await place(api, hub, "H1", BREAD)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    if lost:
        kuper.fails.append(RemoteUnavailable("no answer", ambiguous=True))
        await handheld.do("start")
        await settle(hub)
        async with hub.pools.drains.acquire() as conn:
            await conn.execute("UPDATE outbox SET due_at = now()")
    else:
        await handheld.do("start")
    kuper.fails.append(RemoteRefused("no such shop"))
    await settle(hub)
    assert (await messages(hub))[-1][1:] == ("dead", "remote_refused")
    async with hub.pools.drains.acquire() as conn:
        assert await replay_dead(conn, Queue.OUTBOX, 10, "duty") == 1
    await settle(hub)
    assert (kuper.sent[-1].kind, kuper.sent[-1].unsure) == ("in_work", unsure)


async def test_what_was_buried_and_taken_since_may_be_known_whatever_row_is_replayed(api, hub):
    """Or the refusal of a repeat would bury it again."""
    kuper = hub.marketplaces["kuper"]
    kuper.fails.append(RemoteRefused("no such shop"))
    await place(api, hub, "H1", BREAD)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await settle(hub)
    for unsure in (False, True):
        await again(hub, Queue.OUTBOX, "in_work")
        assert kuper.sent[-1].unsure is unsure
    assert len(kuper.sent) == 2


async def test_what_is_buried_is_told_in_its_order_when_all_of_it_is_replayed(api, hub, picked):
    kuper = hub.marketplaces["kuper"]
    kuper.fails += [RemoteRefused("away"), RemoteRefused("away")]
    await place(api, hub, "H2", BREAD)
    await hook(api, news("order.canceled", "H1"))
    await settle(hub)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await settle(hub)
    await ready(hub, handheld)
    said = len(kuper.sent)
    async with hub.pools.drains.acquire() as conn:
        assert await replay_dead(conn, Queue.OUTBOX, 10, "duty") == 2
    await settle(hub)
    assert [message.kind for message in kuper.sent[said:]] == ["in_work", "ready"]


async def test_an_order_that_was_called_off_is_not_told_of(api, hub, picked):
    await hook(api, news("order.canceled", "H1"))
    await settle(hub)
    said = len(hub.marketplaces["kuper"].sent)
    await again(hub, Queue.OUTBOX, "in_work")
    assert len(hub.marketplaces["kuper"].sent) == said
    assert (await messages(hub))[-1] == ("in_work", "done", "superseded")


async def test_an_order_that_is_picked_is_not_described_by_what_it_was_before(api, hub, picked):
    for pieces in (7, 2):
        more = BREAD | {"originalQuantity": pieces, "quantity": pieces}
        await hook(api, placed("H1", more, event="order.changed"))
        await settle(hub)
    await picked.reread()
    await picked.do("pick", line="300901", quantity=1)
    await settle(hub)
    before = await snapshot(hub)
    await again(hub, Queue.INBOX, "order.changed")
    await again(hub, Queue.INBOX, "order.created")
    assert await snapshot(hub) == before
    assert before["lines"][0]


async def test_the_last_description_may_come_again_and_leaves_a_picker_s_work_alone(
    api, hub, picked
):
    more = BREAD | {"originalQuantity": 5, "quantity": 5}
    await hook(api, placed("H1", more, event="order.changed"))
    await settle(hub)
    await picked.reread()
    await picked.do("short", line="300901", quantity=2, reason="not_enough")
    await settle(hub)
    before = await snapshot(hub)
    await again(hub, Queue.INBOX, "order.changed")
    assert await snapshot(hub) == before


async def test_a_change_that_was_buried_counts_when_nothing_came_after_it(api, hub, picked):
    await hook(api, placed("H1", event="order.changed", positions=7))
    await settle(hub)
    async with hub.pools.drains.acquire() as conn:  # somebody mended what it was read with
        more = BREAD | {"originalQuantity": 5, "quantity": 5}
        await conn.execute(
            "UPDATE inbox_delivery SET body = $1 WHERE event = 'order.changed'",
            placed("H1", more, event="order.changed"),
        )
        assert await replay_dead(conn, Queue.INBOX, 10, "duty") == 1
    await settle(hub)
    await picked.reread()
    assert picked.order["lines"][0]["requested"]["pieces"] == 5
