"""A store moves to and fro between two cells under load, its mover killed: nothing is lost, nothing
is done twice."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter

from app.actions.issue import issue
from tests.cells.load import Marketplace, Picker, issue_here_and_there, move_and_be_killed, working
from tests.cells.outside import outside
from tests.factories import BREAD, MILK
from tests.stories import know

#: Moves; many more with HUB_CELLS_MOVES, as `make bench` would.
MOVES = int(os.environ.get("HUB_CELLS_MOVES", "2"))
WAITING = "SELECT count(*) FROM queue_item WHERE queue <> 'telegram_outbox'"
OPEN = f"{WAITING} AND state IN ('waiting', 'leased', 'parked')"


async def test_a_store_moves_under_load_and_nothing_is_lost_or_done_twice(two):
    async with outside(two) as world:
        await moves_under_load(two, world)


async def moves_under_load(two, world):
    await know(two.a.hub, BREAD, MILK)
    rng, over = random.Random(7), asyncio.Event()
    marketplace = Marketplace(two, rng)
    pickers = [
        Picker(two, marketplace, badge, pin) for badge, pin in (("1001", "4711"), ("1002", "4712"))
    ]
    async with working(two, world):
        selling = asyncio.create_task(marketplace.orders(over))
        others = [asyncio.create_task(picker.work(over)) for picker in pickers]
        others.append(asyncio.create_task(issue_here_and_there(two, over)))
        kills = 0
        for move in range(MOVES):
            await one_picked_here(pickers)
            sides = (two.a, two.b) if move % 2 == 0 else (two.b, two.a)
            kills += await move_and_be_killed(two, rng, *sides)
        await one_picked_here(pickers)
        over.set()
        orders = await selling
        await asyncio.gather(*others)
        owner, other = (two.b, two.a) if MOVES % 2 else (two.a, two.b)
        await until_none(owner, OPEN)
    await issue(owner.hub)
    await world.rest()
    assert kills > 0
    assert sum(picker.sent_on for picker in pickers) >= MOVES
    await nothing_stayed(other)
    await all_came(owner, marketplace, orders)
    await all_was_said_once(two, owner)
    await each_document_is_one(owner, delivered(pickers))
    await each_was_told_once(owner, world)


async def one_picked_here(pickers):
    """From its first to its last word where the store is now: after what each had in hand."""
    enough = delivered(pickers) + len(pickers) + 1
    await until(lambda: delivered(pickers) >= enough)


def delivered(pickers):
    return sum(picker.delivered for picker in pickers)


async def until(there):
    while not there():  # noqa: ASYNC110 - several tasks move it on
        await asyncio.sleep(0.02)


async def until_none(cell, sql):
    while await cell.value(sql):  # noqa: ASYNC110 - what is waited for is in the database
        await asyncio.sleep(0.05)


async def nothing_stayed(cell):
    for table in ("orders", "inbox_key", "inbox_delivery", "document", "picker", "outbox_message"):
        assert await cell.value(f"SELECT count(*) FROM {table}") == 0, table
    assert await cell.value(WAITING) == 0


async def all_came(cell, marketplace, orders):
    """Every acknowledged delivery was worked through, once, and every order is there."""
    states = await cell.rows("SELECT state, count(*) FROM inbox GROUP BY state")
    acknowledged = len(set(marketplace.acknowledged))
    assert [tuple(row) for row in states] == [("done", acknowledged)]
    assert await cell.value("SELECT count(*) FROM inbox_key") == acknowledged
    assert await cell.value("SELECT count(*) FROM orders") == orders


async def all_was_said_once(two, cell):
    said = Counter(m.id for side in (two.a, two.b) for m in side.hub.marketplaces["kuper"].sent)
    assert [id_ for id_, times in said.items() if times > 1] == []
    done = {row["id"] for row in await cell.rows("SELECT id FROM outbox WHERE state = 'done'")}
    assert done == set(said)
    assert await cell.value("SELECT count(*) FROM outbox WHERE state <> 'done'") == 0


async def each_document_is_one(cell, delivered):
    rows = await cell.rows(
        "SELECT order_id, serial FROM document WHERE kind = 'sale' ORDER BY serial"
    )
    assert len(rows) == len({row["order_id"] for row in rows}) == delivered
    assert [row["serial"] for row in rows] == list(range(1, delivered + 1))


async def each_was_told_once(cell, world):
    numbers = await cell.rows("SELECT number FROM document")
    assert sorted(world.erp.got) == sorted(row["number"] for row in numbers)
    assert world.erp.books.counts["repeated"] == 0
    heard = world.listener.heard
    assert [id_ for id_, times in heard.items() if times > 1] == []
    assert len(heard) == await cell.value("SELECT count(*) FROM integrator_delivery") > 0
