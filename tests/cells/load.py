"""A marketplace, pickers and a mover that is killed, all at once, before two cells."""

from __future__ import annotations

import asyncio
import random
import uuid
from contextlib import asynccontextmanager, suppress

from app.actions.deliver import deliver
from app.actions.issue import issue
from app.actions.keep_draining import keep_draining
from app.actions.move_store import Wanted, advance, begin
from app.actions.process import process
from app.db.cells import under_way
from app.db.conn import CONTENDED
from app.db.queue import Queue
from app.errors import HubError
from scheduler.jobs import duties
from tests.cells.outside import Outside
from tests.cells.two import URL, Two
from tests.conftest import TOKEN
from tests.factories import BREAD, MILK, Handheld, news, placed

#: What a calendar does that talks to nobody outside.
DUTIES = [
    each for each in duties((), 60.0, asyncio.Event())
    if each.name in ("facts", "settlements", "accounts", "gates", "reconciliation", "retention",
                     "store-pace")
]  # fmt: skip
ROAD = ("order.paid", "order.received", "order.delivered")


@asynccontextmanager
async def working(two: Two, world: Outside):
    """Both cells' drains and lanes, while the block lasts."""
    stopping = asyncio.Event()
    tasks = [
        asyncio.create_task(keep_draining(side.hub, queue, handle, stopping))
        for side in (two.a, two.b)
        for queue, handle in ((Queue.INBOX, process), (Queue.OUTBOX, deliver))
    ]
    tasks += world.carrying(stopping)
    try:
        yield
    finally:
        stopping.set()
        for side in (two.a, two.b):
            for wake in side.hub.wakes.values():
                wake.set()
        await asyncio.gather(*tasks)


class Marketplace:
    """Says everything until it is acknowledged, and some of it once more."""

    def __init__(self, two: Two, rng: random.Random) -> None:
        self.two, self.rng = two, rng
        self.acknowledged: list[bytes] = []
        self.refused = 0

    async def say(self, body: bytes) -> None:
        while (await self._once(body)) != 200:
            self.refused += 1
            await asyncio.sleep(0.05)
        self.acknowledged.append(body)
        if self.rng.random() < 0.3:
            await self._once(self.rng.choice(self.acknowledged))

    async def _once(self, body: bytes) -> int:
        api = self.two.of().api
        answer = await api.post("/hooks/sm-demo", content=body, headers=TOKEN)
        assert answer.status_code in (200, 503), answer.text
        return answer.status_code

    async def orders(self, until: asyncio.Event) -> int:
        """Orders, one after the other, each told and changed; how many."""
        number = 0
        while not until.is_set():
            number += 1
            await self.say(placed(f"L{number}", BREAD, MILK))
            if number % 3 == 0:
                more = BREAD | {"originalQuantity": 5, "quantity": 5}
                await self.say(placed(f"L{number}", more, MILK, event="order.changed"))
            await asyncio.sleep(self.rng.uniform(0.03, 0.15))
        return number


class Picker:
    """Goes where the store is: waits while it moves, signs in where it is told to."""

    def __init__(self, two: Two, marketplace: Marketplace, badge: str, pin: str) -> None:
        self.two, self.marketplace = two, marketplace
        self.badge, self.pin = badge, pin
        self.handheld: Handheld | None = None
        self.delivered = self.waited = self.sent_on = 0

    async def work(self, until: asyncio.Event) -> None:
        while not until.is_set():
            if not await self.one():
                await asyncio.sleep(0.1)

    async def one(self) -> bool:
        """One order, picked and told to be delivered; False when there is none."""
        found = await self._post("/picker/v1/orders/next")
        if found.status_code != 200:
            return False
        order = found.json()["order"]
        await self._verb(order, "start")
        for line in order["lines"]:
            if line["state"] == "todo":
                await self._verb(
                    order, f"lines/{line['id']}/pick", quantity=line["requested"]["pieces"]
                )
        await self._verb(order, "complete")
        if not await self._verb(order, "ready"):
            return True
        for event in ROAD:
            await self.marketplace.say(news(event, order["external_id"]))
        self.delivered += 1
        return True

    async def _verb(self, order, verb, **said) -> bool:
        """Done, however often it must be said; the version is looked up each time."""
        path = f"/picker/v1/orders/{order['id']}"
        for _ in range(200):
            seen = await self._ask("GET", path)
            headers = {"If-Match": seen.headers.get("etag", '"0"')}
            answer = await self._ask("POST", f"{path}/{verb}", said, headers)
            if answer.status_code not in (409, 412):
                return answer.status_code == 200
            await asyncio.sleep(0.02)
        return False

    async def _post(self, path):
        return await self._ask("POST", path, {})

    async def _ask(self, method, path, said=None, headers=None):
        """The answer of the cell the store lives in."""
        key = {"Idempotency-Key": uuid.uuid4().hex}
        while True:
            if self.handheld is None:
                await self._sign_in()
            assert self.handheld is not None
            answer = await self.handheld.client.request(
                method, path, json=said, headers=self.handheld.headers | key | (headers or {})
            )
            code = answer.json().get("code") if answer.status_code >= 400 else None
            if code in ("STORE_MOVED", "SESSION_EXPIRED"):
                self.handheld, self.sent_on = None, self.sent_on + 1
            elif code in ("STORE_MOVING", "OPERATION_IN_PROGRESS", "TEMPORARY"):
                self.waited += 1
                await asyncio.sleep(0.05)
            else:
                return answer

    async def _sign_in(self) -> None:
        for side in (self.two.of(), self.two.a, self.two.b):
            answer = await side.api.post(
                "/picker/v1/sessions", json={"badge": self.badge, "pin": self.pin}
            )
            if answer.status_code == 200:
                self.handheld = Handheld(side.api)
                self.handheld.headers["Authorization"] = f"Bearer {answer.json()['token']}"
                return
        await asyncio.sleep(0.1)
        await self._sign_in()


#: Seconds that movers live; those after them live as long as they need.
LIVES = (0.0, 0.01, 0.02, 0.05, 0.05, 0.1, 0.1, 0.3)


async def move_and_be_killed(two: Two, rng: random.Random, source, target) -> int:
    """A whole move, each step by a mover of its own; how many were killed in the midst of one."""
    kills, begun = 0, False
    lives = iter(rng.sample(LIVES, len(LIVES)))
    while True:
        async with two.mover(source, target) as mover:
            if not begun:
                await begin(mover, Wanted("MSK-07", URL.format(target.name)))
                begun = True
            task = asyncio.create_task(advance(mover))
            await asyncio.wait({task}, timeout=next(lives, None))
            if task.done():
                assert task.exception() is None, task.exception()
            else:
                kills += 1
                for cell in (mover.source, mover.target):
                    cell.conn.terminate()
                task.cancel()
                with suppress(BaseException):
                    await task
        async with source.hub.pools.drains.acquire() as conn:
            if await under_way(conn) is None:
                return kills


async def issue_here_and_there(two: Two, until: asyncio.Event) -> None:
    """Both schedulers issue documents and do their other duties, whoever has the store; what lost a
    race for a lock is done the next time, as in a calendar."""
    while not until.is_set():
        for side in (two.a, two.b):
            with suppress(HubError, *CONTENDED):
                await issue(side.hub)
            for duty in DUTIES:
                with suppress(HubError, *CONTENDED):
                    await duty.run(side.hub)
        await asyncio.sleep(0.3)
