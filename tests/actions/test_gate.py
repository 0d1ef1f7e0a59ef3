"""A marketplace that hangs, is away, asks for patience, takes no key: who notices, and who not."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from app.actions.deliver import deliver
from app.actions.drain import drain
from app.actions.gate import limit_of, pass_gate, spare_turn, through
from app.actions.keep_draining import keep_draining
from app.contract import USUAL
from app.db import gates, orders, outbox
from app.db.queue import Queue
from app.domain.breaker import USUAL as BREAKER
from app.domain.breaker import Heard
from app.domain.pace import Limit
from app.errors import (
    CredentialsRefused,
    Malformed,
    Paced,
    RemoteBusy,
    RemoteRefused,
    RemoteUnavailable,
    Unauthorised,
    Unfinished,
)
from app.identifiers import new_id
from app.marketplaces.kuper import Kuper
from app.marketplaces.tools import Tools
from tests.actions.far_sides import LONG_RESTS, Patience
from tests.db.queues import make_due
from tests.factories import BREAD
from tests.marketplaces.far import far, hanging, says
from tests.stories import place

COPIED = """
WITH made AS (
    INSERT INTO account (id, merchant_id, code, adapter, settings)
    SELECT $1, merchant_id, 'slow', adapter, settings FROM account WHERE code = 'sm-demo'
    RETURNING id
), keys AS (
    INSERT INTO account_credential (account_id, kind, sealed)
    SELECT made.id, kind, sealed FROM made, account_credential
     WHERE account_id = (SELECT id FROM account WHERE code = 'sm-demo')
)
SELECT FROM made
"""


async def sql(hub, text, *args):
    async with hub.pools.drains.acquire() as conn:
        return [tuple(row) for row in await conn.fetch(text, *args)]


async def outcomes(hub):
    """How many tries of each account ended how."""
    found = await sql(hub, "SELECT code, outcome FROM outbox_attempt"
                           "  JOIN account ON account.id = account_id")  # fmt: skip
    return Counter(found)


async def left(hub, code="slow"):
    """Messages of an account that wait, and how often they were tried."""
    rows = await sql(hub, "SELECT attempts FROM outbox JOIN account ON account.id = account_id"
                          " WHERE code = $1 AND state = 'waiting'", code)  # fmt: skip
    return sorted(attempts for (attempts,) in rows)


async def queued(hub, code, n):
    """So many messages of an account, each of an order of its own as far as the queue knows."""
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        order_id, account_id = await conn.fetchrow(
            "SELECT orders.id, account.id FROM orders, account WHERE code = $1", code
        )
        order = replace(await orders.read(conn, order_id), account_id=account_id)
        for _ in range(n):
            await outbox.add(conn, order, "in_work", "trace")
        await conn.execute("UPDATE outbox SET fifo_key = id::text")


async def point(hub, code, url):
    await sql(hub, "UPDATE account SET settings = settings || $1 WHERE code = $2",
              {"url": url}, code)  # fmt: skip
    hub.accounts._known.clear()


@pytest.fixture
async def two(api, hub):
    """The hub with the real adapter, an order, and a second account with the same marketplace."""
    await place(api, hub, "H1", BREAD)
    await sql(hub, "DELETE FROM outbox")
    await sql(hub, COPIED, new_id())
    async with httpx.AsyncClient(timeout=None) as http:
        yield replace(hub, marketplaces={"kuper": Kuper(Tools(http))})


@pytest.fixture
async def resting(two):
    """The same, and who is left alone is so until a test says otherwise."""
    async with two.pools.drains.acquire() as conn:
        await conn.execute(LONG_RESTS)
    return two


@pytest.fixture
async def impatient(resting):
    """The same, and nobody waits long for the answer of one that hangs."""
    patience = Patience()
    async with httpx.AsyncClient(timeout=None, transport=patience) as http:
        yield replace(resting, marketplaces={"kuper": Kuper(Tools(http))}), patience.sides


async def hang(writer):
    """Takes the request and says nothing, for as long as the test lasts."""
    await asyncio.Event().wait()


async def send(hub):
    while await drain(hub, Queue.OUTBOX, deliver, asyncio.Event()):
        pass


async def due(hub):
    async with hub.pools.drains.acquire() as conn:
        await make_due(conn)


async def working(hub, until):
    """A worker that runs until something is true."""
    stopping = asyncio.Event()
    worker = asyncio.create_task(keep_draining(hub, Queue.OUTBOX, deliver, stopping))
    while not await until():
        assert not worker.done()
        await asyncio.sleep(0.02)
    return stopping, worker


async def test_an_account_that_hangs_slows_nobody_else(two):
    async with far(hang) as slow, far(says(200)) as well:
        await point(two, "slow", slow.url)
        await point(two, "sm-demo", well.url)
        await queued(two, "slow", 30)

        async def hangs():
            return len(slow.requests) == 4

        stopping, worker = await working(two, hangs)
        await queued(two, "sm-demo", 30)

        while (await outcomes(two)).total() < 30:
            assert not worker.done()
            await asyncio.sleep(0.02)
        # the first ones still hang: nobody waited for them to be given up
        assert await outcomes(two) == {("sm-demo", "delivered"): 30}
        assert len(slow.requests) == 4
        stopping.set()
        worker.cancel()
        await asyncio.wait([worker])
    assert set(await left(two)) <= {0, 1}


async def test_after_a_run_of_time_outs_it_is_left_alone_and_its_messages_are_not_used_up(
    impatient,
):
    hub, sides = impatient
    async with far(hanging) as slow, far(says(200)) as well:
        sides.append(slow)
        await point(hub, "slow", slow.url)
        await point(hub, "sm-demo", well.url)
        await queued(hub, "slow", 30)
        await queued(hub, "sm-demo", 10)
        await send(hub)
        tried = await outcomes(hub)
        assert tried["sm-demo", "delivered"] == 10
        assert BREAKER.run <= tried["slow", "remote_unavailable"] <= BREAKER.run + 3
        most = tried["slow", "remote_unavailable"]
        assert await left(hub) == [0] * (30 - most) + [1] * most
        await sql(hub, "UPDATE outbox SET due_at = now()")
        await send(hub)
        assert await outcomes(hub) == tried  # due, but nobody calls
        slow.speaks = [says(200)]
        await due(hub)
        await send(hub)
        assert await left(hub) == []


async def test_one_goes_to_look_and_when_it_is_answered_all_go_at_once(resting):
    async with far(says(500)) as side:
        await point(resting, "slow", side.url)
        await queued(resting, "slow", 12)
        await send(resting)
        before = len(side.requests)
        await due(resting)
        await send(resting)
        assert len(side.requests) == before + 1
        side.speaks = [says(200)]
        await sql(resting, "UPDATE account_gate SET open_until = now()")
        await sql(resting, "UPDATE outbox SET due_at = now() + interval '1 hour'")
        await sql(
            resting, "UPDATE outbox SET due_at = now()"
                     " WHERE id = (SELECT id FROM outbox WHERE state = 'waiting' LIMIT 1)"
        )  # fmt: skip
        await send(resting)
        assert await left(resting) == []
        assert len(side.requests) == before + 1 + 12


async def test_patience_that_one_answer_asks_for_is_kept_by_the_whole_account(two):
    async with far(says(429, Retry_After="40")) as side, far(says(200)) as well:
        await point(two, "slow", side.url)
        await point(two, "sm-demo", well.url)
        await queued(two, "slow", 20)
        await queued(two, "sm-demo", 3)
        began = await clock(two)
        await send(two)
        assert len(side.requests) <= 4
        ((until,),) = await sql(
            two, "SELECT rest_until FROM account_gate JOIN account ON account.id = account_id"
                 " WHERE code = 'slow'"
        )  # fmt: skip
        asked = timedelta(seconds=40)
        assert began + asked <= until <= await clock(two) + asked
        assert await left(two) == [0] * 20
        assert await left(two, "sm-demo") == []


async def test_patience_that_is_asked_for_again_and_again_is_no_failure(resting):
    async with far(says(429)) as side:
        await point(resting, "slow", side.url)
        await queued(resting, "slow", 3)
        for _ in range(2 * BREAKER.run):
            await sql(resting, "UPDATE account_gate SET rest_until = now()")
            await due(resting)
            await send(resting)
        assert len(side.requests) >= 2 * BREAKER.run
        (found,) = [one for one in await standings(resting) if one.code == "slow"]
        assert (found.state, found.failures, await left(resting)) == ("resting", 0, [0] * 3)


async def test_a_key_that_opens_nothing_costs_no_message_and_once_it_is_right_all_go(resting):
    async with far(says(401)) as side:
        await point(resting, "slow", side.url)
        await queued(resting, "slow", 20)
        await send(resting)
        (found,) = [one for one in await standings(resting) if one.code == "slow"]
        assert (found.state, found.reason) == ("open", "credentials")
        assert await left(resting) == [0] * 20
        side.speaks = [says(200)]
        async with resting.pools.drains.acquire() as conn:
            await gates.reset(conn, found.id)
        await due(resting)
        await send(resting)
        assert await left(resting) == []


async def test_what_is_forbidden_alone_is_refused_for_good_and_the_others_go(two):
    async with far(says(403), says(200)) as side:
        await point(two, "slow", side.url)
        await queued(two, "slow", 1)
        await send(two)
        await queued(two, "slow", 3)
        await send(two)
        assert (await outcomes(two))["slow", "delivered"] == 3
        side.speaks = [says(403)]
        await due(two)
        await send(two)
    assert await sql(two, "SELECT state, reason, attempts FROM outbox WHERE state <> 'done'") == [
        ("dead", "remote_refused", 1)
    ]


async def clock(hub):
    """The time by which gates open."""
    ((now,),) = await sql(hub, "SELECT clock_timestamp()")
    return now


async def standings(hub):
    async with hub.pools.drains.acquire() as conn:
        return await gates.standings(conn)


async def account(hub):
    hub.accounts._known.clear()
    return await hub.accounts.by_code("sm-demo")


@pytest.mark.parametrize(
    ("rules", "limit"),
    [
        ({}, USUAL),
        ({"calls_per_minute": 30}, Limit(0.5, USUAL.burst)),
        ({"calls_per_minute": 90, "calls_at_once": 2}, Limit(1.5, 2)),
        ({"calls_per_minute": 10**9, "calls_at_once": 10**9}, Limit(1000, 1000)),
    ],
)
async def test_an_account_calls_as_fast_as_published_or_as_its_own_rules_say(hub, rules, limit):
    kuper = hub.marketplaces["kuper"]
    published = kuper.profile.limit
    await sql(hub, "UPDATE account SET rules = $1", rules)
    found = limit_of(await account(hub), kuper)
    expected = Limit(limit.rate if rules else published.rate,
                     limit.burst if "calls_at_once" in rules else published.burst)  # fmt: skip
    assert found == expected


async def test_who_would_wait_long_for_a_turn_comes_again_and_no_message_is_claimed_before(two):
    await sql(two, "UPDATE account SET rules = $1", {"calls_per_minute": 1, "calls_at_once": 2})
    two.accounts._known.clear()
    async with far(says(200)) as side:
        await point(two, "slow", side.url)
        await queued(two, "slow", 10)
        began = await clock(two)
        await send(two)
        assert len(side.requests) == 2
    assert await left(two) == [0] * 8
    rows = await sql(two, "SELECT free_at FROM account_gate WHERE free_at > $1", began)
    ((free_at,),) = rows
    assert free_at > began + timedelta(seconds=50)


async def test_a_short_wait_is_waited_out_on_the_spot(hub):
    await sql(hub, "UPDATE account SET rules = $1", {"calls_per_minute": 1200, "calls_at_once": 1})
    known, kuper = await account(hub), hub.marketplaces["kuper"]
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for _ in range(5):
        await pass_gate(hub, known, kuper)
    assert loop.time() - begun >= 4 * 0.05 - 0.01


@pytest.mark.parametrize(
    ("raised", "seen", "kept"),
    [
        (None, None, "answered"),
        (RemoteUnavailable("HTTP 500"), RemoteUnavailable, "remote_unavailable"),
        (RemoteRefused("HTTP 404"), RemoteRefused, "remote_refused"),
        (RemoteBusy("HTTP 429", after=3.0), RemoteBusy, "remote_busy"),
        (Unfinished("marks are checked", after=20.0), Unfinished, "remote_busy"),
        (Malformed("no JSON"), Malformed, "malformed"),
        (Unauthorised("HTTP 401"), CredentialsRefused, "credentials"),
        (TimeoutError(), RemoteUnavailable, "remote_unavailable"),
    ],
)
async def test_how_every_other_call_went_is_kept_and_counts(hub, raised, seen, kept):
    known, kuper = await account(hub), hub.marketplaces["kuper"]

    async def call():
        if raised is not None:
            raise raised
        return "found"

    if seen is None:
        assert await through(hub, known, kuper, "fetch", call) == "found"
    else:
        with pytest.raises(seen):
            await through(hub, known, kuper, "fetch", call)
    assert await sql(hub, "SELECT what, outcome FROM account_call") == [("fetch", kept)]
    ((failures,),) = await sql(hub, "SELECT failures FROM account_gate")
    assert failures == (kept in ("remote_unavailable", "credentials"))


async def test_a_key_that_opens_no_list_shuts_the_account_for_nothing_else(hub):
    """Lists may have a key of their own: neither a run of refusals nor a sample of them counts, and
    who was let in to see whether the marketplace is back lets another one."""
    known, kuper = await account(hub), hub.marketplaces["kuper"]

    async def refused():
        raise Unauthorised("HTTP 401")

    async def page():
        with pytest.raises(CredentialsRefused):
            await through(hub, known, kuper, "page", refused)

    for _ in range(BREAKER.least):
        await page()
    async with hub.pools.drains.acquire() as conn:
        await conn.execute("UPDATE account_gate SET since = since - interval '1 hour'")
        assert await gates.sample(conn) == []
        for _ in range(BREAKER.run):
            await gates.failed(conn, known.id, Heard.FAILED, "HTTP 500")
        await conn.execute("UPDATE account_gate SET open_until = now()")
    await page()
    await pass_gate(hub, known, kuper)
    kept = await sql(hub, "SELECT what, outcome FROM account_call")
    assert kept == [("page", "credentials")] * (BREAKER.least + 1)


async def test_an_order_that_a_marketplace_still_works_on_holds_up_no_other(hub):
    known, kuper = await account(hub), hub.marketplaces["kuper"]

    async def call():
        raise Unfinished("marks are checked", after=20.0)

    for _ in range(BREAKER.run + 1):  # neither left alone for 20 seconds, nor shut
        with pytest.raises(Unfinished):
            await through(hub, known, kuper, "page", call)
    await pass_gate(hub, known, kuper)


async def test_calls_that_fail_shut_the_account_for_messages_and_one_that_is_answered_frees_them(
    resting,
):
    known, kuper = await account(resting), resting.marketplaces["kuper"]

    async def away():
        raise RemoteUnavailable("HTTP 500")

    async def well():
        return b"{}"

    async with far(says(200)) as side:
        await point(resting, "sm-demo", side.url)
        for _ in range(BREAKER.run):
            with pytest.raises(RemoteUnavailable):
                await through(resting, known, kuper, "fetch", away)
        with pytest.raises(Paced):
            await through(resting, known, kuper, "fetch", well)
        await queued(resting, "sm-demo", 3)
        await send(resting)
        assert (side.requests, await left(resting, "sm-demo")) == ([], [0, 0, 0])
        await sql(resting, "UPDATE account_gate SET open_until = now()")
        assert await through(resting, known, kuper, "fetch", well) == b"{}"
        await send(resting)
        assert await left(resting, "sm-demo") == []


async def test_what_the_key_opens_not_is_refused_for_good_when_it_opens_others(hub):
    known, kuper = await account(hub), hub.marketplaces["kuper"]
    who = new_id()

    async def forbidden():
        raise Unauthorised("HTTP 403")

    async def well():
        return b"{}"

    with pytest.raises(CredentialsRefused):
        await through(hub, known, kuper, "fetch", forbidden, who=who)
    with pytest.raises(CredentialsRefused):
        await through(hub, known, kuper, "fetch", forbidden, who=new_id())
    await through(hub, known, kuper, "fetch", well)
    with pytest.raises(RemoteRefused):
        await through(hub, known, kuper, "fetch", forbidden, who=who)


async def test_a_database_that_is_away_takes_nothing_from_what_was_found(hub):
    known, kuper = await account(hub), hub.marketplaces["kuper"]

    async def call():
        await sql(hub, "ALTER TABLE account_call RENAME TO away")
        return "found"

    assert await through(hub, known, kuper, "page", call) == "found"


async def test_what_can_be_left_out_is_not_asked_of_one_that_is_away_and_leaves_half_of_the_burst(
    hub,
):
    await sql(hub, "UPDATE account SET rules = $1", {"calls_per_minute": 1, "calls_at_once": 4})
    known, kuper = await account(hub), hub.marketplaces["kuper"]
    async with hub.pools.drains.acquire() as conn:
        assert [await spare_turn(conn, known, kuper) for _ in range(4)] == [
            True,
            True,
            False,
            False,
        ]
        await conn.execute("UPDATE account_gate SET arrival = 'epoch'")
        for what in (Heard.BUSY, *[Heard.FAILED] * BREAKER.run):
            await gates.failed(conn, known.id, what, "HTTP 503", 30)
            assert not await spare_turn(conn, known, kuper)
