"""The gate before a marketplace, as several processes see it at once."""

import asyncio
from datetime import timedelta

import pytest

from app.db import gates
from app.db.gates import Made
from app.domain.breaker import USUAL, Heard, State
from app.domain.pace import Limit
from app.identifiers import new_id
from tests.db.test_claim_fair import account

SLOW = Limit(10.0, 3)
#: So slow that no test sees a turn come.
LONG = Limit(0.001, 3)
WHO = new_id()


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as acquired:
        yield acquired


@pytest.fixture
async def id_(conn):
    return await account(conn)


async def back_dated(conn, seconds):
    """So long ago everything happened that has."""
    ago = timedelta(seconds=seconds)
    for column in ("since", "open_until", "rest_until", "probe_until", "arrival"):
        await conn.execute(f"UPDATE account_gate SET {column} = {column} - $1::interval", ago)
    await conn.execute("UPDATE account_call SET at = at - $1::interval", ago)


async def failing(conn, id_, times=USUAL.run, what=Heard.FAILED):
    for _ in range(times):
        await gates.failed(conn, id_, what, "HTTP 500")


async def now(conn):
    return await conn.fetchval("SELECT clock_timestamp()")


async def since(conn, begun):
    return (await now(conn) - begun).total_seconds()


async def shut_for(conn, id_, seconds, begun):
    """It was shut for so long since `begun`, and whoever asks is told what is left of that."""
    wait = await gates.enter(conn, id_, WHO)
    assert seconds - await since(conn, begun) <= wait <= seconds
    await gates.leave(conn, id_, WHO)  # asking may have taken that long


async def stands(conn, id_):
    (found,) = [each for each in await gates.standings(conn) if each.id == id_]
    return found.state


async def test_however_many_ask_at_once_only_the_burst_goes_and_the_others_are_told_when(pool, id_):
    async def ask():
        async with pool.acquire() as own:
            return await gates.take(own, id_, LONG)

    waits = sorted(await asyncio.gather(*(ask() for _ in range(30))))
    assert waits[: LONG.burst] == [0.0] * LONG.burst
    assert all(0 < wait <= 1000 for wait in waits[LONG.burst :])


async def test_who_waits_a_little_books_a_turn_of_his_own_and_asks_no_more(conn, id_):
    slow, begun, waits = Limit(4.0, 1), await now(conn), []
    while (turn := await gates.book(conn, id_, slow, ahead=1.0))[0]:
        waits.append(turn[1])
    refused, asked = turn[1], await since(conn, begun)
    assert len(waits) >= 5
    assert waits[0] == 0
    assert max(waits) <= 1 < refused
    # Each has a turn of his own, a quarter of a second after another's, however slow asking is.
    assert refused + asked >= 0.25 * len(waits)
    again = await gates.take(conn, id_, slow)  # what is booked is gone
    assert again + await since(conn, begun) >= 0.25 * len(waits)


async def test_an_account_takes_no_turns_from_another(conn, id_):
    other = await account(conn)
    while await gates.take(conn, id_, LONG) == 0:
        pass
    assert await gates.take(conn, other, LONG) == 0


async def test_what_can_wait_leaves_its_reserve_to_what_cannot(conn, id_):
    slow = Limit(0.001, 10)
    taken = 0
    while await gates.take(conn, id_, slow, reserve=0.6) == 0:
        taken += 1
    assert taken == 4
    left = 0
    while await gates.take(conn, id_, slow) == 0:
        left += 1
    assert left == 6
    assert await gates.take(conn, id_, slow, reserve=1.0) > 1000


async def test_one_alone_at_a_time_is_reserved_too(conn, id_):
    single = Limit(0.001, 1)
    assert await gates.take(conn, id_, single) == 0
    await back_dated(conn, 1001)
    assert 400 < await gates.take(conn, id_, single, reserve=0.5) < 500
    assert await gates.take(conn, id_, single) == 0


async def test_a_run_of_failures_shuts_it_for_all_and_one_is_let_in_when_its_rest_is_over(
    pool, conn, id_
):
    assert await gates.enter(conn, id_, WHO) == 0
    begun = await now(conn)
    await failing(conn, id_)
    await shut_for(conn, id_, 15, begun)
    await back_dated(conn, 15)

    async def ask(who):
        async with pool.acquire() as own:
            return await gates.enter(own, id_, who)

    waits = await asyncio.gather(*(ask(new_id()) for _ in range(12)))
    assert sorted(waits) == [0.0, *[gates.LOOK] * 11]
    assert await stands(conn, id_) == "half_open"


async def test_whoever_is_let_in_may_ask_again_and_whoever_leaves_lets_another_in(conn, id_):
    await failing(conn, id_)
    await back_dated(conn, 15)
    other = new_id()
    assert await gates.enter(conn, id_, WHO) == 0
    assert await gates.enter(conn, id_, WHO) == 0
    assert await gates.enter(conn, id_, other) > 0
    await gates.leave(conn, id_, other)
    assert await gates.enter(conn, id_, other) > 0
    await gates.leave(conn, id_, WHO)
    assert await gates.enter(conn, id_, other) == 0


async def test_a_probe_that_fails_shuts_it_for_twice_as_long_and_one_that_is_answered_opens_all(
    conn, id_
):
    await failing(conn, id_)
    await back_dated(conn, 15)
    await gates.enter(conn, id_, WHO)
    begun = await now(conn)
    await failing(conn, id_, 1)
    await shut_for(conn, id_, 30, begun)
    await back_dated(conn, 30)
    await gates.enter(conn, id_, WHO)
    assert await gates.answered(conn, id_)
    assert await stands(conn, id_) == "closed"
    assert await gates.enter(conn, id_, new_id()) == 0
    assert not await gates.answered(conn, id_)


async def test_patience_that_is_asked_for_is_kept_by_all_but_an_hour_at_most(conn, id_):
    begun = await now(conn)
    assert await gates.failed(conn, id_, Heard.BUSY, "HTTP 429", 400) is State.CLOSED
    await gates.failed(conn, id_, Heard.BUSY, "HTTP 429", 5)  # a shorter one does not cut it
    await shut_for(conn, id_, 400, begun)
    assert await stands(conn, id_) == "resting"
    begun = await now(conn)
    await gates.failed(conn, id_, Heard.BUSY, "HTTP 429", 1e9)
    await shut_for(conn, id_, 3600, begun)


async def test_a_sample_shuts_an_account_that_fails_half_of_the_time(conn, id_):
    other = await account(conn)
    for n in range(USUAL.least):
        for each, bad in ((id_, n % 2), (other, n == 0)):
            outcome = "remote_unavailable" if bad else "answered"
            await gates.record(conn, each, Made("fetch", 5, outcome, "HTTP 500"))
            await gates.take(conn, each, Limit(1e6, 1000))
    await conn.execute("UPDATE account_gate SET since = since - interval '1 hour'")
    assert [state for _, state in await gates.sample(conn)] == [State.OPEN]
    assert (await stands(conn, id_), await stands(conn, other)) == ("open", "closed")
    assert await gates.sample(conn) == []


async def test_a_sample_says_nothing_of_what_was_before_the_account_stood_so(conn, id_):
    await gates.take(conn, id_, SLOW)
    for _ in range(30):
        await gates.record(conn, id_, Made("page", 5, "remote_unavailable", "HTTP 500"))
    await failing(conn, id_)
    await gates.answered(conn, id_)
    assert await gates.sample(conn) == []
    await conn.execute("UPDATE account_gate SET since = since - interval '1 hour'")
    await conn.execute("UPDATE account_call SET at = at - interval '61 seconds'")
    assert await gates.sample(conn) == []


async def test_when_its_rest_is_over_an_account_is_shown_half_open_also_when_nobody_calls(
    conn, id_
):
    await failing(conn, id_)
    await conn.execute("UPDATE account_gate SET open_until = open_until + interval '5 minutes'")
    assert await gates.sample(conn) == []
    await back_dated(conn, 315)
    assert [state for _, state in await gates.sample(conn)] == [State.HALF_OPEN]


async def test_a_clock_that_was_put_back_keeps_no_account_shut_for_longer_than_the_longest_rest(
    conn, id_
):
    await failing(conn, id_)
    await gates.failed(conn, id_, Heard.BUSY, "", 30)
    await back_dated(conn, -7200)
    await gates.sample(conn)
    assert await gates.enter(conn, id_, WHO) <= 3600
    await conn.execute("UPDATE account_gate SET rest_until = 'epoch'")
    assert await gates.enter(conn, id_, WHO) <= USUAL.longest.total_seconds()


async def test_somebody_who_has_mended_it_has_it_tried_at_once(conn, id_):
    await failing(conn, id_, USUAL.keys, Heard.CREDENTIALS)
    (found,) = await gates.standings(conn)
    assert (found.state, found.reason, found.said) == ("open", "credentials", "HTTP 500")
    await gates.reset(conn, id_)
    assert await gates.enter(conn, id_, WHO) == 0
    assert await stands(conn, id_) == "closed"
