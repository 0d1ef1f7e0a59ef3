"""One order of a shop of its own, through the gateway and back: placed, picked, called off. What a
deploy asks before it believes in a new release."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import httpx

from app.actions import smoke_shop
from app.actions.smoke_shop import SKU, STORE, Contour, Lent
from app.actions.smoke_way import SmokeFailed, Way
from app.db import smoke
from app.db.conn import FAULTS, Conn
from app.db.sealing import Seal
from app.errors import HubError
from app.identifiers import new_id
from app.plugin import Marketplace

#: Seconds between looks at the database.
LOOK: Final = 0.05
#: Seconds that each part of clearing up may take.
GRACE: Final = 3.0
#: So far away that no rule of monitoring minds it.
DUE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Step:
    """One step that went well."""

    name: str
    ms: int
    said: str


@dataclass(slots=True)
class Run:
    """One smoke order; `told` hears of each step."""

    way: Way
    conn: Conn
    told: Callable[[Step], None]
    ref: str = field(default_factory=lambda: f"smoke-{new_id().hex[-12:]}")
    _at: str = ""  #: the step under way
    _contour: Contour | None = None
    _lent: Lent | None = None
    _placed: bool = False

    async def go(self, seal: Seal, adapters: Mapping[str, Marketplace], seconds: float) -> None:
        """All steps within so many seconds; SmokeFailed with the step that went wrong and why. What
        is begun comes to its end in any case; what a killed run leaves, the next one ends."""
        well = False
        try:
            async with asyncio.timeout(seconds):
                await self._steps(seal, adapters)
            well = True
        except SmokeFailed as error:
            raise SmokeFailed(f"{self._at}: {error}") from None
        except TimeoutError:
            raise SmokeFailed(f"{self._at}: {await self._late(seconds)}") from None
        except httpx.HTTPError as error:
            why = f"the gateway does not answer: {str(error) or type(error).__name__}"
            raise SmokeFailed(f"{self._at}: {why}") from None
        except (HubError, *FAULTS) as error:
            raise SmokeFailed(f"{self._at}: {str(error) or type(error).__name__}") from None
        finally:
            if not well:
                await self._clear_up()

    async def _steps(self, seal: Seal, adapters: Mapping[str, Marketplace]) -> None:
        await self._step("ready", self._ready())
        contour = await self._step("shop", smoke_shop.make_sure(self.conn, seal, adapters))
        self._contour = contour
        await self._step("earlier runs", self._tidy(contour))
        await self._step("placed", self._place(contour))
        await self._step("accepted", self._until(contour, "accepted"))
        await self._step("picked", self._pick(contour))
        await self._step("called off", self._call_off(contour, self.ref))
        await self._step("cancelled", self._until(contour, "cancelled"))
        await self._step("put back", self._put_back(contour))

    async def _step(self, name: str, work: Awaitable[Any]) -> Any:
        self._at, started = name, time.monotonic()
        found = await work
        said = found if isinstance(found, str) else ""
        self.told(Step(name, round(1000 * (time.monotonic() - started)), said))
        return found

    async def _ready(self) -> str:
        known = await self.way.workers()
        releases = ", ".join(sorted(set(known.values())))
        return f"{len(known)} workers of release {releases}"

    async def _tidy(self, contour: Contour) -> str:
        left = await smoke_shop.tidy(self.conn, contour)
        for ref in left:
            await self._call_off(contour, ref)
        return f"{len(left)} orders ended" if left else ""

    async def _place(self, contour: Contour) -> str:
        line = {"sku": SKU, "quantity": 1, "price": "1.00", "name": "Smoke"}
        ready_by = (datetime.now(UTC) + DUE).isoformat()
        order = {"id": self.ref, "store": STORE, "ready_by": ready_by, "lines": [line]}
        self._placed = True
        await self.way.hook(contour.keys, "order.placed", order)
        return self.ref

    async def _call_off(self, contour: Contour, ref: str) -> str:
        order = {"id": ref, "reason": "a smoke order"}
        await self.way.hook(contour.keys, "order.cancelled", order)
        return ref

    async def _until(self, contour: Contour, state: str) -> None:
        """A worker has taken the webhook and the order stands so."""
        while True:
            found = await smoke.order(self.conn, contour.account_id, self.ref)
            if found is not None and found[1] == state:
                return
            told = await smoke.delivery(self.conn, contour.account_id, self.ref)
            if told is not None and told["state"] == "dead":
                raise SmokeFailed(f"it was buried ({told['reason']})")
            await asyncio.sleep(LOOK)

    async def _late(self, seconds: float) -> str:
        """Why there was no end in time, as far as the database knows."""
        told = None
        if self._contour is not None and self._at in ("accepted", "cancelled"):
            async with _politely():
                told = await smoke.delivery(self.conn, self._contour.account_id, self.ref)
        if told is None:
            return f"no end within {seconds:g} s"
        if told["reason"]:
            return f"not processed within {seconds:g} s ({told['reason']})"
        return f"no worker processed it within {seconds:g} s"

    async def _pick(self, contour: Contour) -> str:
        """Claimed, started, its one line picked, completed: as a handheld does it."""
        self._lent = lent = await smoke_shop.lend(self.conn, contour.store_id)
        token = await self.way.sign_in(lent.badge, lent.pin)
        order = await self.way.order(token, await self._id(contour))
        for verb in ("claim", "start"):
            order = await self.way.write(token, order, verb, {})
        line = order["lines"][0]["id"]
        order = await self.way.write(token, order, f"lines/{line}/pick", {"quantity": 1})
        await self.way.write(token, order, "complete", {})
        return f"by {lent.badge}"

    async def _put_back(self, contour: Contour) -> None:
        """What was picked goes back on its shelf, and the picker home."""
        assert self._lent is not None
        token = await self.way.sign_in(self._lent.badge, self._lent.pin)
        order = await self.way.order(token, await self._id(contour))
        await self.way.write(token, order, "putback", {})
        await self._send_home()

    async def _id(self, contour: Contour) -> UUID:
        found = await smoke.order(self.conn, contour.account_id, self.ref)
        if found is None:
            raise SmokeFailed("the order is gone")
        return found[0]

    async def _send_home(self) -> None:
        if self._lent is not None:
            await smoke_shop.send_home(self.conn, self._lent.id)
            self._lent = None

    async def _clear_up(self) -> None:
        """As far as it goes; the next run does the rest."""
        async with _politely():
            await self._send_home()
        async with _politely():
            if self._placed and self._contour is not None:
                await self._call_off(self._contour, self.ref)


@asynccontextmanager
async def _politely() -> AsyncIterator[None]:
    with suppress(HubError, httpx.HTTPError, TimeoutError, *FAULTS):
        async with asyncio.timeout(GRACE):
            yield
