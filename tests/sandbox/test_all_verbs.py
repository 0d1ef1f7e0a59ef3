"""Robots, the stand-ins and the hub together, on real sockets: everything a picker can ask for is
asked for, and СМ is told the truth of every order."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from app.actions import setup
from app.actions.facade import METHODS
from app.actions.verbs import VERBS
from app.db.conn import Pool
from app.http.guards import Guard
from app.http.routes import API
from app.hub import Hub
from app.main import create_app as create_hub_app
from app.marketplaces.kuper import Kuper
from app.marketplaces.tools import Tools
from app.marking.true_api import TrueApi
from app.sandbox import credentials as demo
from app.sandbox.demo import description
from app.sandbox.kuper.positions import totals
from app.sandbox.kuper.shares import Bounds, Pace, Shares
from app.sandbox.kuper.shipment import State
from app.sandbox.kuper.stand_in import StandIn
from app.sandbox.robot.run import pick_all
from app.sandbox.robot.temper import Temper
from app.sandbox.server import create_app as create_sandbox_app
from app.sandbox.settings import SandboxSettings
from tests.conftest import SEAL, hub_on
from tests.sandbox.conftest import counting_hex, listening, serving

SECONDS = 1200  #: enough on a machine that is very busy; it ends when everything was seen
PATIENCE = 60.0  #: seconds for one request: nobody breaks off because the machine is busy
BACKLOG = 12  #: orders nobody began
#: Everything unusual happens often, and time runs.
RESTLESS = Temper(
    pace=1000, idles=200, lunch=10000, listens=500, rest=20, shift=3, thinks=(1, 3),
    scans=0.7, looks=0.2, strays=0.1, halves=0.4, shorts=0.1, drops=0.2, replaces=0.9, regrets=0.2,
    answers=(0.35, 0.5), heavy=0.1, too_heavy=0.1, postpones=0.1, undoes=0.08, reopens=0.15,
    spares=0.2, helps=0.2, leaves=0.05, lunches=0.25, tunnels=0.2, runs=0.25, rescues=0.8,
    breaks=0.2, refusals_at_door=0.3, minors=0.3, decides=0.6, calls=0.5, collects=0.9,
    first_pause=0.05, longest_pause=0.5,
)  # fmt: skip
EAGER = SandboxSettings(
    rate=0,
    seed=11,
    pace=Pace(factor=0.05, received=60.0),
    shares=Shares(pickup=0.1, tight=0.0, changed=0.0),
    bounds=Bounds(timeout=PATIENCE),
)
PICKERS_OWN = [url for url in API if url.guard in (Guard.PICKER, Guard.PIN, Guard.CLIENT)]


@dataclass
class Seen:
    """What was asked and how it was answered, by route."""

    good: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)
    methods: set[str] = field(default_factory=set)

    async def note(self, answer: httpx.Response) -> None:
        route = _route(answer.request)
        if answer.is_success:
            self.good[route] += 1
            if "/api/" in answer.request.url.path:
                self.methods.add(answer.request.url.path.rpartition("/")[2])
            return
        await answer.aread()
        said = answer.json()
        self.bad[f"{answer.status_code} {said.get('code') or said['error']['code']} {route}"] += 1

    def unseen(self) -> set[str]:
        return {f"{url.method} {url.path}" for url in PICKERS_OWN} - set(self.good)


def _route(request: httpx.Request) -> str:
    fitting = [
        url
        for url in PICKERS_OWN
        if url.method == request.method
        and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", url.path), request.url.path)
    ]
    found = min(fitting, key=lambda url: url.path.count("{"))
    return f"{found.method} {found.path}"


@dataclass
class Town:
    """The hub and its surroundings."""

    credentials: demo.Credentials
    stand_in: StandIn
    pool: Pool

    async def customers(self) -> None:
        """Small orders, as long as the shops keep up."""
        while True:
            waiting = sum(shipment.state is State.READY for shipment in self.stand_in.book)
            if waiting < BACKLOG:
                draft = self.stand_in.customers.order()
                rows = draft.payload["positions"][:4]
                small = draft.payload | {"positions": rows, "total": totals(rows)}
                self.stand_in.place(replace(draft, payload=small))
            await asyncio.sleep(0.1)

    async def dead(self) -> list[tuple[Any, ...]]:
        """What one side would not take from the other. A customer's cancel may cross what the hub
        says of the same order: nobody is wrong then."""
        async with self.pool.acquire() as conn:
            rows = await conn.fetch(
                "SELECT kind, status, request, response FROM outbox JOIN outbox_message USING (id)"
                "  JOIN outbox_attempt ON message_id = id WHERE state = 'dead'"
                " UNION ALL SELECT event, NULL, reason, last_error FROM inbox"
                "  JOIN inbox_delivery USING (id) WHERE state = 'dead'"
            )
        crossed = "not allowed while the shipment is canceled"
        return [tuple(row) for row in rows if crossed not in (row["response"] or "")]

    async def quiet(self) -> None:
        """All that was to be told is told."""
        async with asyncio.timeout(2 * PATIENCE):
            while await self.count("outbox WHERE state IN ('waiting', 'leased')"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def count(self, sql: str) -> int:
        async with self.pool.acquire() as conn:
            return int(await conn.fetchval(f"SELECT count(*) FROM {sql}"))


@asynccontextmanager
async def town(pool: Pool) -> AsyncIterator[Town]:
    """A hub with its own drains, СМ and the marking system, all on loopback."""
    doors = listening(), listening()
    ports = [door.getsockname()[1] for door in doors]
    given = demo.make(f"http://127.0.0.1:{ports[0]}", "", ports[1], counting_hex())
    sandbox = create_sandbox_app(given, EAGER)
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
        marking = TrueApi(http, given["marking"]["api_url"], given["marking"]["key"], limit=60)
        markets = {"kuper": Kuper(Tools(http))}
        hub = replace(hub_on(pool), marketplaces=markets, marking=marking, patience=PATIENCE)
        async with pool.acquire() as conn:
            told = setup.read(json.dumps(description(given)).encode())
            await setup.set_up(conn, SEAL, hub.marketplaces, told)

        @asynccontextmanager
        async def opened() -> AsyncIterator[Hub]:
            yield hub

        async with serving(create_hub_app(opened), doors[0]), serving(sandbox, doors[1]):
            yield Town(given, sandbox.state.kuper, pool)


async def test_robots_use_everything_a_picker_has_and_no_order_is_told_wrong(pool: Pool):
    seen = Seen()
    async with town(pool) as here, httpx.AsyncClient(
        base_url=here.credentials["base_url"], trust_env=False, timeout=PATIENCE,
        event_hooks={"response": [seen.note]},
    ) as client:  # fmt: skip
        work = asyncio.create_task(
            pick_all(here.credentials, forever=True, temper=RESTLESS, seed=5, client=client)
        )
        customers = asyncio.create_task(here.customers())
        await _until_seen(seen, work)
        customers.cancel()
        work.cancel()
        assert await work > 0
        await here.quiet()
        assert await here.dead() == []
        assert seen.unseen() == set(), seen.bad
        assert {_verb_route(name) for name in VERBS} <= set(seen.good)
        assert seen.methods >= ENOUGH_METHODS, seen.methods
        assert not [said for said in seen.bad if said.startswith("5")], seen.bad
        assert here.stand_in.dials.counts["notifications_accepted"] > 0


#: The application speaks the original's protocol for a whole order.
ENOUGH_METHODS = frozenset(
    {"getOrders", "getOrder", "nextOrder", "startOrder", "pickItem", "weighItem", "scanCode",
     "completeOrder", "openBag", "sealBag", "readyOrder"}
)  # fmt: skip
assert set(METHODS) >= ENOUGH_METHODS - {"getOrders", "getOrder", "nextOrder"}


async def _until_seen(seen: Seen, work: asyncio.Task[int]) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            while (seen.unseen() or not seen.methods >= ENOUGH_METHODS) and not work.done():  # noqa: ASYNC110
                await asyncio.sleep(0.2)
    except TimeoutError:
        return  # the assertions say what is missing


def _verb_route(name: str) -> str:
    line = "/lines/{line_id}" if VERBS[name].on_line else ""
    return f"POST /picker/v1/orders/{{order_id}}{line}/{name}"
