"""Room for replays is taken by what workers may take: who is away takes nobody else's."""

import pytest

from app.actions import replays
from app.actions.replay_plan import plan
from app.db import replays as runs
from app.db.queue import Queue
from app.domain.replay import Wanted
from app.identifiers import new_id
from tests.replays.test_runs import BY, FILL, MANY

#: A replay of whatever somebody is sent, due.
REPLAY = """
INSERT INTO queue_item (queue, id, account_id, destination_id, fifo_key, replay_of, due_at)
VALUES ($1, $2::uuid, CASE WHEN $1 <> 'erp_outbox' THEN $3::uuid END,
        CASE WHEN $1 = 'erp_outbox' THEN $3::uuid END, $2::uuid::text, $4, now())
"""
DESTINATION = """
INSERT INTO erp_destination (id, merchant_id, code, way, form, kinds)
SELECT $1, merchant_id, 'books', 'http', 'json', '{sale}' FROM account LIMIT 1
"""
#: What keeps one of them from being sent anything.
SHUT = (
    "UPDATE account SET active = false WHERE id = $1",
    "INSERT INTO account_gate (account_id, state, reason) VALUES ($1, 'open', 'failing')",
    "INSERT INTO account_gate (account_id, rest_until) VALUES ($1, now() + interval '1 hour')",
    "UPDATE erp_destination SET active = false WHERE id = $1",
    "UPDATE erp_destination SET rest_until = now() + interval '1 hour' WHERE id = $1",
)


async def test_a_paused_account_full_of_replays_stops_its_own_runs_and_nobody_elses(hub):
    async with hub.pools.drains.acquire() as conn:
        await conn.execute(FILL, 2 * MANY)
        theirs = [
            await replays.begin(conn, await plan(conn, Wanted("inbox", account=code)), BY, "trace")
            for code in ("sm-demo", "second")
        ]
        await conn.execute("UPDATE replay_run SET paced_at = now() - interval '1 hour'")
        first, second = theirs
        room = replays.ROOM[Queue.INBOX]
        assert (await replays.batch(conn, only=first)).replayed == room
        assert (await replays.batch(conn, only=second)).moved is False
        await conn.execute("UPDATE account SET active = false WHERE code = 'sm-demo'")
        assert (await replays.batch(conn, only=second)).replayed == room
        assert (await replays.batch(conn, only=first)).moved is False


@pytest.mark.parametrize("shut", SHUT)
async def test_whoever_is_not_sent_anything_takes_no_room_but_its_own(hub, shut):
    queue = Queue.ERP if "erp_destination" in shut else Queue.OUTBOX
    async with hub.pools.drains.acquire() as conn:
        whom = await conn.fetchval("SELECT id FROM account WHERE code = 'sm-demo'")
        if queue is Queue.ERP:
            whom = new_id()
            await conn.execute(DESTINATION, whom)
        for _ in range(2):
            await conn.execute(REPLAY, queue, new_id(), whom, new_id())
        assert await runs.on_the_way(conn, queue, None) == 2
        await conn.execute(shut, whom)
        assert await runs.on_the_way(conn, queue, None) == 0
        assert await runs.on_the_way(conn, queue, new_id()) == 0
        assert await runs.on_the_way(conn, queue, whom) == 2
        await conn.execute("UPDATE queue_item SET state = 'leased'")
        assert await runs.on_the_way(conn, queue, None) == 2
