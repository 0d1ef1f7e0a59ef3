"""A chain whose own systems listen: subscriptions, orders that live, receivers on loopback."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx
import jsonschema_rs
from standardwebhooks.webhooks import Webhook

from app.actions import integrators as acting
from app.actions.drain import drain
from app.actions.integrators import Subscription
from app.actions.notify import notifier
from app.actions.porter import Cargo, carry_due
from app.actions.process import process
from app.db import integrators
from app.db.queue import Queue
from app.domain.integrator import EventType
from app.domain.retry import JITTER
from app.integrators.post import Poster
from app.render.order_event import schema
from tests.conftest import SEAL, TOKEN
from tests.factories import placed

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
#: Seconds for one post: far above what a busy machine takes, and below the time of one row.
PATIENT = 30.0
#: So many times as long as published takes each wait: its end does not come while a test looks.
STRETCHED = 60


@dataclass
class Ears:
    """A hub, and what tests do with it."""

    hub: object
    api: httpx.AsyncClient
    poster: Poster

    @property
    def cargo(self):
        return Cargo(Queue.EVENTS, integrators.busy, notifier(self.poster))

    async def sql(self, query, *values):
        async with self.hub.pools.drains.acquire() as conn:
            return await conn.fetch(query, *values)

    async def value(self, query, *values):
        async with self.hub.pools.drains.acquire() as conn:
            return await conn.fetchval(query, *values)

    async def subscribe(self, url, code="shop", secrets=(SECRET,), **said):
        what = Subscription(code=code, url=url, secrets=list(secrets), **said)
        async with self.hub.pools.drains.acquire() as conn:
            return await acting.put(conn, SEAL, what, "operator")

    async def act(self, verb, *given, **named):
        """One of the verbs that take a connection first."""
        async with self.hub.pools.drains.acquire() as conn:
            return await verb(conn, *given, **named)

    async def hook(self, body):
        answer = await self.api.post("/hooks/sm-demo", content=body, headers=TOKEN)
        assert answer.status_code == 200, answer.text

    async def now(self):
        return await self.value("SELECT clock_timestamp()")

    async def work(self):
        """What came in is worked through."""
        while await drain(self.hub, Queue.INBOX, process, asyncio.Event()):
            pass

    async def place(self, number="H1", *positions, **fields):
        """A new order: it tells that it is placed, and accepted."""
        await self.hook(placed(number, *positions, **fields))
        await self.work()

    async def carry(self):
        """Bring everything that is due."""
        return await carry_due(self.hub, asyncio.Event(), self.cargo)

    async def later(self):
        """All waiting times are over."""
        await self.sql(
            "UPDATE event_outbox SET due_at = now() WHERE state IN ('waiting', 'parked', 'leased')"
        )
        await self.sql("UPDATE integrator SET rest_until = '-infinity'")

    async def rows(self):
        """(state, reason, attempts) of all queue rows in their order."""
        rows = await self.sql("SELECT state, reason, attempts FROM event_outbox ORDER BY seq")
        return [tuple(row) for row in rows]

    async def subscription(self, code="shop"):
        (row,) = await self.sql("SELECT * FROM integrator WHERE code = $1", code)
        return row


def believed(side, n=-1, secret=SECRET):
    """The n-th event a receiver got: the published library believes it, its schema has it."""
    event = Webhook(secret).verify(side.body(n), side.headers(n))
    assert (
        list(jsonschema_rs.validator_for(schema(EventType(event["type"]))).iter_errors(event)) == []
    )
    assert len(side.body(n)) < 20_000
    return event


def all_believed(side, secret=SECRET):
    return [believed(side, n, secret) for n in range(len(side.requests))]


def types(side):
    return [json.loads(side.body(n))["type"] for n in range(len(side.requests))]


async def until(check):
    """Wait for it, for as long as a busy machine may take."""
    async with asyncio.timeout(2 * PATIENT):
        while not check():  # noqa: ASYNC110 - far sides count requests, nothing more
            await asyncio.sleep(0.02)


async def deaf(_writer):
    """Takes the request and never says anything."""
    await asyncio.Event().wait()


@asynccontextmanager
async def ears_of(hub, api, waits=1) -> AsyncIterator[Ears]:
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=PATIENT, limits=limits) as http:
        waiting = replace(hub, spread=lambda: 0.5 + (waits - 1) / JITTER)
        yield Ears(waiting, api, Poster(http, limit=PATIENT))
