"""What autoscaling asks the database: how long work waits that one more worker could do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from app.db import queue
from app.db.queue import Queue
from app.identifiers import new_id

FILE = (
    Path(__file__).parents[2]
    / "ansible/containers/kubernetes/autoscaling/keda/scaledobject.yaml"
)  # fmt: skip
QUERY = next(
    each["spec"]["triggers"][0]["metadata"]["query"]
    for each in yaml.safe_load_all(FILE.read_text())
    if each["kind"] == "ScaledObject"
)
#: Why nothing goes out to a marketplace, and how it is written down.
SHUT = {
    "is away": """
        INSERT INTO account_gate (account_id, state, reason)
        SELECT id, 'open', 'failing' FROM account
    """,
    "wants a pause": """
        INSERT INTO account_gate (account_id, rest_until)
        SELECT id, now() + interval '1 hour' FROM account
    """,
    "may not be told anything": """
        INSERT INTO outbound_hold (reason, held_by) VALUES ('a drill', 'tests')
    """,
}


@pytest.fixture
async def conn(hub):
    async with hub.pools.drains.acquire() as opened:
        yield opened


@pytest.fixture
async def account(conn):
    return await conn.fetchval("SELECT id FROM account ORDER BY code LIMIT 1")


async def put(conn, account, *, late, key=None, lane=Queue.INBOX, state="waiting"):
    """A row that is `late` by so many seconds (below zero: due later)."""
    id_ = new_id()
    await queue.add(conn, lane, id_, account_id=account, fifo_key=key or str(id_), trace_id="t")
    await conn.execute(
        "UPDATE queue_item SET state = $2, due_at = now() - make_interval(secs => $3)"
        " WHERE id = $1",
        id_, state, late,
    )  # fmt: skip


async def lag(conn):
    return await conn.fetchval(QUERY)


async def test_when_nothing_waits_there_is_no_lag(conn):
    assert await lag(conn) == 0


@pytest.mark.parametrize("lane", [Queue.INBOX, Queue.OUTBOX])
async def test_the_oldest_row_that_is_due_says_how_long(conn, account, lane):
    await put(conn, account, late=10, lane=lane)
    await put(conn, account, late=60, lane=lane)
    await put(conn, account, late=-600, lane=lane)
    assert 60 <= await lag(conn) < 600


async def test_a_row_whose_worker_died_waits_too(conn, account):
    await put(conn, account, late=60, state="leased")
    assert await lag(conn) >= 60


async def test_what_is_put_off_or_parked_is_nobodys_work_yet(conn, account):
    await put(conn, account, late=-600)
    await put(conn, account, late=60, state="parked")
    assert await lag(conn) == 0


async def test_what_waits_for_an_older_row_of_its_order_is_not_counted(conn, account):
    await put(conn, account, late=-600, key="order", state="leased")
    await put(conn, account, late=60, key="order")
    assert await lag(conn) == 0


async def test_a_paused_account_needs_no_more_workers(conn, account):
    await put(conn, account, late=60)
    await conn.execute("UPDATE account SET active = false WHERE id = $1", account)
    assert await lag(conn) == 0


@pytest.mark.parametrize("why", SHUT.values(), ids=SHUT)
async def test_a_marketplace_that(conn, account, why):
    """It needs no more workers; what it sends does."""
    await conn.execute("DELETE FROM account_gate")
    await conn.execute(why)
    await put(conn, account, late=600, lane=Queue.OUTBOX)
    assert await lag(conn) == 0
    await put(conn, account, late=60)
    assert 60 <= await lag(conn) < 600


async def test_people_and_erps_wait_in_lanes_that_are_not_the_workers(conn):
    await put(conn, None, late=600, lane=Queue.TELEGRAM)
    assert await lag(conn) == 0


async def test_a_role_with_what_the_file_grants_may_ask(conn, account):
    """In a transaction that is undone: roles belong to the whole server."""
    (grant,) = re.findall(r"^# +(GRANT .*?) TO hub_lag;$", FILE.read_text(), re.MULTILINE)
    await put(conn, account, late=60)
    transaction = conn.transaction()
    await transaction.start()
    role = f"lag_{new_id().hex}"
    await conn.execute(f"CREATE ROLE {role}; {grant} TO {role}; SET LOCAL ROLE {role}")
    assert await lag(conn) >= 60
    await transaction.rollback()
