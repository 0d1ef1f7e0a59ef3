"""Turns to speak, taken by several processes at once from the same rows."""

import asyncio

from app.db import paces
from app.domain.pace import TELEGRAM


async def moment(pool):
    """The clock that turns are reckoned by, in seconds."""
    return await pool.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")


async def ask(pool, chat_id):
    async with pool.acquire() as conn:
        return await paces.take(conn, TELEGRAM, chat_id)


async def test_however_many_ask_at_once_a_chat_gets_its_burst_and_the_others_when_to_ask(pool):
    begun = await moment(pool)
    answers = await asyncio.gather(*(ask(pool, 7) for _ in range(20)))
    come = int((await moment(pool) - begun) * TELEGRAM.chat.rate)  # while they asked
    taken = sum(taken for taken, _ in answers)
    assert TELEGRAM.chat.burst <= taken <= TELEGRAM.chat.burst + come
    waits = [seconds for taken, seconds in answers if not taken]
    assert all(0 < seconds <= 1 for seconds in waits)


async def test_all_chats_together_keep_the_bots_pace(pool):
    begun = await moment(pool)
    answers = await asyncio.gather(*(ask(pool, chat) for chat in range(1, 80)))
    spent = await moment(pool) - begun
    taken = sum(taken for taken, _ in answers)
    assert taken <= TELEGRAM.overall.burst + (1 + spent) * TELEGRAM.overall.rate + 1
    assert taken >= 30  # promised up to a second ahead
    async with pool.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM telegram_pace WHERE chat_id = 0") == 1


async def test_a_turn_that_comes_is_a_turn_kept_for_whoever_took_it(pool):
    first = await moment(pool)  # or later
    for chat in range(1, 25):
        taken, seconds = await ask(pool, chat)
        assert taken
    last = await moment(pool) + seconds  # or earlier
    assert last - first >= (24 - TELEGRAM.overall.burst - 1) / 30


async def test_patience_that_telegram_asks_for_is_kept_by_all_and_only_for_that_chat(pool):
    async with pool.acquire() as conn:
        await paces.close(conn, -5, 60)
        await paces.close(conn, -5, 20)  # a shorter one does not cut it
    taken, seconds = await ask(pool, -5)
    assert (taken, 20 < seconds <= 60) == (False, True)
    assert (await ask(pool, 6))[0]
    async with pool.acquire() as conn:
        await paces.close(conn, paces.BOT, 30)
    taken, seconds = await ask(pool, 6)
    assert (taken, 0 < seconds <= 30) == (False, True)


async def test_several_chats_closed_at_once_are_the_bots_own_limit_for_the_shortest_of_them(pool):
    async with pool.acquire() as conn:
        at_once = False
        while not at_once:
            await conn.execute("DELETE FROM telegram_pace")
            begun = await moment(pool)
            for chat, seconds in ((-1, 500), (2, 60)):
                await paces.close(conn, chat, seconds)
            assert (await ask(pool, 9))[0]
            await paces.close(conn, 3, 700)
            at_once = await moment(pool) - begun < 2
    taken, seconds = await ask(pool, 10)
    assert (taken, 20 < seconds <= 60) == (False, True)
