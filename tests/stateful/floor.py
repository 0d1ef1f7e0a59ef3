"""The shop floor under a play: a hub on a database of its own, people signed in, one request at a
time or two at once, and a memory of what was answered to which operation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

import httpx

from app.actions.answers import expire
from app.actions.facade import METHODS, token_hash
from app.actions.verbs import VERBS
from tests.conftest import TOKEN
from tests.factories import Handheld, settle
from tests.flow.shared import World, world_of
from tests.stateful.deeds import BADGES, Deed, Scene, body_of, path_of
from tests.stateful.snapshot import PLAYED, Row, Snapshot, take

IN_SHOP = ("accepted", "picking", "picked", "ready")
CLIENT = "the original's own application"


async def patiently(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The answer of a machine that may be busy with other tests: 503 says that the same may be
    asked again, and whoever does must come through."""
    for _ in range(3):
        answer = await ask()
        if answer.status_code != 503:
            break
    return answer


@dataclass(frozen=True)
class Asked:
    """One request as it was sent."""

    who: str
    path: str
    body: Row
    key: str
    version: int | None
    token: dict[str, str]

    async def send(self, api: httpx.AsyncClient) -> httpx.Response:
        """Send it, again if need be."""
        version = {} if self.version is None else {"If-Match": f'"{self.version}"'}
        headers = self.token | version | {"Idempotency-Key": self.key, "Accept-Language": "en"}
        return await patiently(lambda: api.post(self.path, json=self.body, headers=headers))


@dataclass
class Floor:
    """Everything of one play; `kept` are the first answers of operations that were done."""

    world: World
    tokens: dict[str, dict[str, str]]
    seen: Snapshot
    people: dict[Any, str]  #: badges by id
    kept: dict[tuple[str, str], tuple[Asked, httpx.Response]] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    count: int = 0

    def order(self, deed: Deed) -> Row | None:
        """The order a deed is done to: 0 is the newest that is still in the shop."""
        orders = self.seen.orders[::-1]
        orders.sort(key=lambda each: each["state"] not in IN_SHOP)
        return orders[deed.order % len(orders)] if orders else None

    def badge(self, deed: Deed, order: Row | None) -> str:
        """Whose deed it is; what nobody holds is done by whoever has nothing in hand."""
        if deed.who:
            return list(BADGES)[deed.who - 1]
        jobs = [job for job in self.seen.tables["jobs"] if job["at_work"]]
        held = [self.people[j["picker_id"]] for j in jobs if order and j["order_id"] == order["id"]]
        busy = {self.people[job["picker_id"]] for job in jobs}
        return next(iter((*held, *(badge for badge in BADGES if badge not in busy), "1001")))

    def scene(self, order: Row) -> Scene:
        """What stands around an order."""
        return Scene(
            self.seen.by_order("lines")[order["id"]],
            self.seen.by_order("bags")[order["id"]],
            [key for _, key in self.kept],
            self.marks,
        )

    def key(self) -> str:
        """A new operation id."""
        self.count += 1
        return f"op-{self.count}"

    def ask(self, deed: Deed, order: Row, *, age: int = 0) -> Asked:
        """The request of a deed, `age` versions late."""
        scene = self.scene(order)
        badge = self.badge(deed, order)
        return Asked(
            badge,
            path_of(order, scene, deed),
            body_of(scene, deed),
            self.key(),
            max(order["version"] - age, 0),
            self.tokens[badge],
        )

    def plain(self, who: int, path: str, body: Row | None = None) -> Asked:
        """A request that is about no order."""
        badge = self.badge(Deed(who, 0, ""), None)
        return Asked(badge, f"/picker/v1/{path}", body or {}, self.key(), None, self.tokens[badge])

    def as_batch(self, order: Row, wanted: Iterable[Deed]) -> Asked:
        """Deeds as a handheld sends them that was offline."""
        scene, sent, badge = self.scene(order), [], ""
        for deed in wanted:
            badge = badge or self.badge(deed, order)
            line = scene.line(deed)
            verb = scene.verb(deed)
            of_line = {"line_id": str(line["id"])} if line and VERBS[verb].on_line else {}
            sent.append(
                {"op_id": self.key(), "order_id": str(order["id"]), "type": verb, **of_line,
                 "base_version": order["version"], "payload": body_of(scene, deed)}
            )  # fmt: skip
        who = 1 + list(BADGES).index(badge)
        return self.plain(who, "ops:batch", {"operations": sent})

    def as_call(self, order: Row, deed: Deed) -> Asked:
        """A deed as the original's application calls it."""
        scene, badge = self.scene(order), self.badge(deed, order)
        (method,) = [name for name, verb in METHODS.items() if verb == scene.verb(deed)]
        line = scene.line(deed)
        item = {"lineId": str(line["id"])} if line is not None else {}
        data = {"employee": badge, "orderId": order["number"], **item, **body_of(scene, deed)}
        key = self.key()
        return Asked(badge, f"/sbermarket/orders/api/{method}",
                     {"requestId": key, "requestData": data}, f"facade:{key}", None,
                     {"Client-Token": CLIENT})  # fmt: skip

    async def tell(self, content: bytes) -> httpx.Response:
        """What the marketplace says."""
        api = self.world.api
        return await patiently(lambda: api.post("/hooks/sm-demo", content=content, headers=TOKEN))

    async def run(self, *work: Awaitable[Any]) -> tuple[Snapshot, list[Any]]:
        """Do these at once, then look: how it was before, and what was answered."""
        answers = list(await asyncio.gather(*work))
        before, self.seen = self.seen, await take(self.world.hub.pools.drains)
        return before, answers

    async def drain(self) -> None:
        """Work through both queues."""
        await settle(self.world.hub)

    async def silence(self) -> None:
        """Nobody answered in time."""
        await self.world.value("UPDATE order_line SET decide_by = now() - interval '1 second'"
                               " WHERE decide_by IS NOT NULL")  # fmt: skip
        await expire(self.world.hub)

    async def lapse(self, order: Row) -> None:
        """The lease of whoever holds an order runs out."""
        await self.world.value(
            "UPDATE pick_job SET lease_until = now() - interval '1 second' WHERE order_id = $1",
            order["id"],
        )


class Theatre:
    """Holds the world open while plays are played in it, one after the other, from plain code."""

    def __init__(self, seeded: str) -> None:
        self._seeded = seeded
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        self.do(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self.do(self._close())
        self._runner.close()

    def do(self, work: Any) -> Any:
        """The result of some work."""
        return self._runner.run(work)

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        self._over, ready = asyncio.Event(), loop.create_future()
        self._holder = loop.create_task(self._hold(ready))
        await asyncio.wait({self._holder, ready}, return_when=asyncio.FIRST_COMPLETED)
        self._world: World = ready.result() if ready.done() else self._holder.result()
        self._tokens = {
            badge: (await Handheld(self._world.api).sign_in(badge, pin)).headers
            for badge, pin in BADGES.items()
        }
        await self._world.value(
            "INSERT INTO api_client (id, merchant_id, name, token_hash)"
            " SELECT gen_random_uuid(), id, 'play', $1 FROM merchant",
            token_hash(CLIENT),
        )

    async def _hold(self, ready: asyncio.Future[World]) -> None:
        """One task opens and closes it, as task groups ask."""
        async with world_of(self._seeded) as world:
            ready.set_result(world)
            await self._over.wait()

    async def _close(self) -> None:
        self._over.set()
        await self._holder

    async def play(self, rules: Row, *, zones: bool) -> Floor:
        """An empty floor under these rules."""
        hub = self._world.hub
        await self._world.value(f"TRUNCATE {', '.join(PLAYED)}")
        await self._world.value("UPDATE account SET rules = $1", rules)
        await self._world.value("UPDATE store SET zone_picking = $1", zones)
        await self._world.value("UPDATE picker SET failures = 0, locked_until = '-infinity'")
        hub.accounts._known.clear()
        hub.shops._known.clear()
        seen = await take(hub.pools.drains)
        people = await self._world.value("SELECT jsonb_object_agg(id, badge) FROM picker")
        return Floor(
            self._world, self._tokens, seen, {UUID(id_): badge for id_, badge in people.items()}
        )
