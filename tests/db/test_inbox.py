"""Deliveries on disk: one row for one key, whoever repeats it, and the first answer for all."""

import asyncio
from dataclasses import replace

import pytest

from app.contract import Delivery, Reply
from app.db import inbox, refused
from app.db.inbox import Arrival
from app.identifiers import new_id
from tests.domain.build import uid


def arrival(key="key", *, account=1, answer=b"first", **changes):
    id_ = new_id()
    return replace(
        Arrival(
            id=id_, account_id=uid(account), dedupe_key=key, fifo_key=f"{account}:{key}",
            event="e", headers={"user-agent": "ü"}, body=b"\x00\xff raw", reply=Reply(200, answer),
            trace_id="trace",
        ),
        **changes,
    )  # fmt: skip


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as acquired:
        yield acquired


async def count(conn, table):
    return await conn.fetchval(f"SELECT count(*) FROM {table}")


async def test_a_delivery_is_kept_byte_for_byte(conn):
    one = arrival()
    assert await inbox.store_batch(conn, [one]) == [Reply(200, b"first")]
    delivery, event, _at = await inbox.delivery(conn, one.id)
    assert delivery == Delivery({"user-agent": "ü"}, b"\x00\xff raw")
    assert event == "e"


async def test_a_repeat_is_stored_once_and_hears_the_first_answer(conn):
    await inbox.store_batch(conn, [arrival()])
    replies = await inbox.store_batch(conn, [arrival(answer=b"second")])
    assert replies == [Reply(200, b"first")]
    assert [await count(conn, t) for t in ("inbox", "inbox_key", "inbox_delivery")] == [1, 1, 1]


async def test_repeats_within_one_batch_are_one_and_answers_stand_in_the_order_asked(conn):
    batch = [arrival("b", answer=b"b1"), arrival("a", answer=b"a1"), arrival("b", answer=b"b2"),
             arrival("b", account=2, answer=b"other")]  # fmt: skip
    replies = await inbox.store_batch(conn, batch)
    assert [reply.body for reply in replies[1::2]] == [b"a1", b"other"]
    assert replies[0] == replies[2]
    assert await count(conn, "inbox") == 3


async def test_fifty_at_once_in_opposite_orders_are_one_row_each_and_nobody_waits_in_a_circle(pool):
    batches = [[arrival(str(n), answer=str(m).encode()) for n in range(20)] for m in range(12)]
    for batch in batches[::2]:
        batch.reverse()

    async def store(batch):
        async with pool.acquire() as own:
            replies = await inbox.store_batch(own, batch)
            return {a.dedupe_key: r.body for a, r in zip(batch, replies, strict=True)}

    answers = await asyncio.gather(*map(store, batches))
    assert all(answer == answers[0] for answer in answers)
    async with pool.acquire() as own:
        assert await count(own, "inbox") == 20


async def test_refusals_are_kept_up_to_so_many_a_minute(conn):
    for _ in range(inbox.REFUSALS_PER_MINUTE + 5):
        await refuse(conn)
    assert await count(conn, "inbox_refused") == inbox.REFUSALS_PER_MINUTE
    await conn.execute("UPDATE inbox_refused SET at = at - interval '2 minutes'")
    await refuse(conn)
    assert await count(conn, "inbox_refused") == inbox.REFUSALS_PER_MINUTE + 1


async def refuse(conn):
    shown = Delivery({"user-agent": "x"}, b"secret body")
    await inbox.refuse(conn, inbox.Refusal(new_id(), "acc", "forged", shown, "10.0.0.1", "trace"))


async def test_a_refusal_says_who_and_how_much_but_not_what(conn):
    await refuse(conn)
    ((row,), _) = await refused.page(conn, refused.Filter(), 10)
    assert (row["account"], row["reason"], row["size"], row["peer"]) == (
        "acc", "forged", 11, "10.0.0.1",
    )  # fmt: skip
    assert b"secret" not in str(await conn.fetchrow("SELECT * FROM inbox_refused")).encode()
