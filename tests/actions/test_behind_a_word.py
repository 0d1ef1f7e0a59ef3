"""A composition behind one that nobody understands, when the word is said at the worst moment."""

import asyncio

import pytest

from app.actions import await_words
from app.actions.drain import one_row
from app.actions.process import process
from app.db import queue
from app.db.queue import Queue
from app.errors import Held
from tests.actions.test_accounts import committed
from tests.actions.test_mappings import APPLES, THEIRS, put, rows, rule, states
from tests.factories import BANANAS, placed, settle
from tests.stories import hook

LATEST = {**BANANAS, "id": "offer-9"}


@pytest.fixture
async def unexplained(hub, api):
    """An order whose change waits for what offer-8 means."""
    await rule(hub, goods="mapped")
    await put(hub, "goods", offer_7="100201", offer_9=BANANAS["id"])
    await hook(api, placed("H1", THEIRS))
    await hook(api, placed("H1", {**APPLES, "id": "offer-8"}, event="order.changed"))
    await settle(hub)


async def claim(hub):
    """The one delivery that is due, leased."""
    (item,) = await committed(hub, lambda conn: queue.claim(conn, Queue.INBOX, hub.worker, 9))
    return item


def explain(hub):
    return put(hub, "goods", offer_8=APPLES["id"])


async def composition(hub):
    """What the order is made of once everything is done; what gave way comes again."""
    async with asyncio.timeout(60):
        while {state for state, _ in await states(hub)} != {"done"}:
            await settle(hub)
            await asyncio.sleep(await_words.SOON)
    found = await rows(hub, "SELECT external_id FROM order_line WHERE reason IS NULL")
    return [row["external_id"] for row in found]


async def test_the_latest_composition_wins_though_the_word_is_said_while_it_is_in_hand(
    hub, api, unexplained
):
    await hook(api, placed("H1", LATEST, event="order.changed"))
    latest = await claim(hub)
    await explain(hub)
    await one_row(hub, latest, process)
    assert await composition(hub) == [BANANAS["id"]]


async def test_what_gives_way_just_when_the_word_is_said_is_not_put_off_by_an_hour(
    hub, api, unexplained
):
    await hook(api, placed("H1", LATEST, event="order.changed"))

    async def said_at_once(hub, item):
        try:
            await process(hub, item)
        except Held:
            await explain(hub)
            raise

    await one_row(hub, await claim(hub), said_at_once)
    assert await composition(hub) == [BANANAS["id"]]


async def test_a_word_said_while_it_is_asked_for_again_lets_go_on_what_came_after(
    hub, api, unexplained
):
    await hook(api, placed("H1", LATEST, event="order.changed"))
    await settle(hub)
    await rows(hub, "UPDATE inbox SET due_at = now() WHERE reason = 'unmapped'")
    asking = await claim(hub)
    await explain(hub)
    await one_row(hub, asking, process)
    assert await composition(hub) == [BANANAS["id"]]


async def test_what_follows_one_that_gave_way_gives_way_too(hub, api, unexplained):
    """Though what the first one waited for needs no word any more, by a rule say."""
    await hook(api, placed("H1", LATEST, event="order.changed"))
    await settle(hub)
    await rule(hub, goods="sku")
    await rows(hub, "UPDATE inbox SET due_at = now() WHERE reason = 'unmapped'")
    await settle(hub)
    await hook(api, placed("H1", THEIRS, event="order.changed"))
    await settle(hub)
    assert [state for state, _ in await states(hub)] == ["done", "done", "parked", "parked"]
