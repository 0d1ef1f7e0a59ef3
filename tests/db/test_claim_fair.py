"""Who is claimed from in the lanes of accounts: whoever may be called, in turns, new before old."""

import asyncio
from collections import Counter

import pytest

from app.db import queue
from app.db.queue import Hands, Queue
from app.identifiers import new_id
from tests.db.queues import LONG

OUT = Queue.OUTBOX


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as acquired:
        yield acquired


async def account(conn, adapter="kuper", **gate):
    """A new account; its gate as told, or none."""
    merchant, id_ = new_id(), new_id()
    await conn.execute("INSERT INTO merchant (id, name) VALUES ($1, $1::uuid::text)", merchant)
    await conn.execute(
        "INSERT INTO account (id, merchant_id, code, adapter) VALUES ($1, $2, $1::uuid::text, $3)",
        id_, merchant, adapter,
    )  # fmt: skip
    if gate:
        await conn.execute("INSERT INTO account_gate (account_id) VALUES ($1)", id_)
        for name, value in gate.items():
            await conn.execute(
                f"UPDATE account_gate SET {name} = {value}, reason = 'failing'"
                " WHERE account_id = $1", id_,
            )  # fmt: skip
    return id_


async def put(conn, account_id, n=1, *, name=OUT, attempts=0, age=0):
    ids = [new_id() for _ in range(n)]
    for id_ in ids:
        await queue.add(conn, name, id_, account_id=account_id, fifo_key=str(id_), trace_id="",
                        head_start=age)  # fmt: skip
    await conn.execute("UPDATE queue_item SET attempts = $2 WHERE id = ANY ($1)", ids, attempts)
    return ids


async def claim(conn, limit=20, *, name=OUT, **hands):
    return await queue.claim(conn, name, "w", limit, LONG, hands=Hands(**hands))


async def test_a_paused_account_gives_nothing_on_any_connection_from_that_moment_on(pool, conn):
    id_ = await account(conn)
    other = await account(conn)
    for name in (OUT, Queue.INBOX):
        await put(conn, id_, 30, name=name)
        await put(conn, other, 1, name=name)
    await conn.execute("UPDATE account SET active = false WHERE id = $1", id_)

    async def one():
        async with pool.acquire() as own:
            return [*await claim(own), *await claim(own, name=Queue.INBOX)]

    found = [item for items in await asyncio.gather(*(one() for _ in range(6))) for item in items]
    assert Counter(item.account_id for item in found) == {other: 2}
    await conn.execute("UPDATE account SET active = true WHERE id = $1", id_)
    again = await one()
    assert len(again) == 40
    assert {item.attempts for item in again} == {1}


async def test_rows_for_marketplaces_this_worker_lacks_are_left_to_others_untried(conn):
    ours, theirs = await account(conn), await account(conn, "elsewhere")
    for id_ in (ours, theirs):
        await put(conn, id_, name=Queue.INBOX)
    for _ in range(3):
        items = await claim(conn, name=Queue.INBOX, adapters=["kuper"])
        assert {item.account_id for item in items} <= {ours}
    (item,) = await claim(conn, name=Queue.INBOX, adapters=["kuper", "elsewhere"])
    assert (item.account_id, item.attempts) == (theirs, 1)


async def test_an_account_that_is_there_no_more_is_claimed_from_so_that_its_rows_end(conn):
    gone = new_id()
    await put(conn, gone)
    (item,) = await claim(conn, adapters=["kuper"])
    assert item.account_id == gone


@pytest.mark.parametrize(
    "gate",
    [
        {"state": "'open'", "open_until": "now() + interval '1 minute'"},
        {"state": "'half_open'", "rest_until": "now() + interval '1 minute'"},
        {"rest_until": "now() + interval '1 minute'"},
        {"free_at": "now() + interval '1 minute'"},
        {"state": "'half_open'", "probe_until": "now() + interval '1 minute'"},
    ],
    ids=["open", "asked for patience half open", "asked for patience", "no turn", "a probe is out"],
)
async def test_no_message_goes_out_while_the_gate_is_shut_but_what_comes_in_is_worked_on(
    conn, gate
):
    for_nothing, other = await account(conn, **gate), await account(conn)
    for id_ in (for_nothing, other):
        await put(conn, id_, 3)
        await put(conn, id_, 3, name=Queue.INBOX)
    assert {item.account_id for item in await claim(conn)} == {other}
    assert {item.account_id for item in await claim(conn, name=Queue.INBOX)} == {for_nothing, other}


async def test_half_open_lets_one_through_over_all_workers_and_then_nobody(pool, conn):
    for _ in range(5):
        id_ = await account(conn, state="'open'", open_until="now()")
        await put(conn, id_, 30)

        async def one():
            async with pool.acquire() as own:
                return await claim(own)

        found = [i for items in await asyncio.gather(*(one() for _ in range(7))) for i in items]
        assert len(found) == 1
        assert await claim(conn) == []
        state, probe = await conn.fetchrow(
            "SELECT state, probe_id FROM account_gate WHERE account_id = $1", id_
        )
        assert (state, probe) == ("half_open", found[0].id)


async def test_when_a_probe_never_comes_back_another_one_goes(conn):
    id_ = await account(conn, state="'open'", open_until="now()")
    await put(conn, id_, 3)
    (first,) = await claim(conn)
    await conn.execute("UPDATE account_gate SET probe_until = now()")
    (second,) = await claim(conn)
    assert first.id != second.id


async def test_accounts_take_turns_however_many_rows_of_one_are_older(conn):
    large = await account(conn)
    await put(conn, large, 60, age=600)
    small = [await account(conn) for _ in range(5)]
    for id_ in small:
        await put(conn, id_, 1)
    counted = Counter(item.account_id for item in await claim(conn))
    assert counted == {large: 15, **dict.fromkeys(small, 1)}


async def test_what_is_new_is_not_behind_what_is_tried_again(conn):
    for _ in range(3):
        id_ = await account(conn)
        await put(conn, id_, 40, attempts=2, age=600)
        await put(conn, id_, 10)
    items = await claim(conn)
    assert Counter(item.attempts for item in items) == {1: 10, 3: 10}
    assert Counter(item.attempts for item in await claim(conn, retries=3))[3] == 3
    rest = [item.attempts for _ in range(9) for item in await claim(conn)]
    assert (rest.count(1), rest.count(3)) == (3, 107)


async def test_one_account_gets_no_more_rows_than_a_worker_has_room_for(conn):
    id_, other = await account(conn), await account(conn)
    await put(conn, id_, 40)
    await put(conn, other, 40)
    counted = Counter(item.account_id for item in await claim(conn, held={id_: 17}))
    assert counted == {id_: 3, other: 17}
    assert len(await claim(conn, held={id_: 20, other: 20})) == 0
    assert len(await claim(conn, held={id_: 17, other: 20})) == 3


async def test_many_workers_at_once_claim_each_row_once_and_find_all(pool, conn):
    for _ in range(3):
        await put(conn, await account(conn), 100)

    async def one():
        found = []
        async with pool.acquire() as own:
            while items := await claim(own):
                found += items
        return found

    found = [item for items in await asyncio.gather(*(one() for _ in range(7))) for item in items]
    assert len(found) == len({item.id for item in found})
    found += await one()
    assert len({item.id for item in found}) == 300
