"""Lives of which webhooks are lost, with every marketplace that can be asked for its orders: what
never arrived is found by asking."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

import httpx
import pytest

from app.actions import mappings
from app.actions.reconcile import Manners, reconcile
from app.db import mappings as said
from app.db.tokens import TokenBook
from app.domain.order import OrderState as S
from app.marketplaces.registry import REGISTRY
from app.marketplaces.tools import Tools
from app.plugin import Lists
from tests.conftest import SEAL
from tests.marketplaces import patient
from tests.marketplaces.meeting import meeting
from tests.marketplaces.parties import PARTIES

#: Nothing has to settle, and windows end when the look begins.
AT_ONCE = Manners(timedelta(0), timedelta(minutes=15), seconds=30.0)
#: Its documentation wants that nobody minds a status he does not know.
SILENT: Final = ("yandex_market",)
#: Units in which they list what is weighed, and what those mean.
WEIGHED: Final = {
    "glovo": {"KG": "KG"},
    "standard": {"кг": "kilogram"},
    "uber_eats": {"WEIGHT_UNIT_TYPE_METRIC_KILOGRAM": "KILOGRAM"},
}


def lists(name):
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: None))
    return PARTIES[name].stand_in is not None and isinstance(REGISTRY[name](Tools(http)), Lists)


THERE: Final = sorted(filter(lists, PARTIES))


@pytest.fixture(params=THERE)
async def met(request, pool, hub):
    async with meeting(pool, PARTIES[request.param]) as found:
        await sql(found, "UPDATE account SET created_at = now() - interval '2 days'")
        yield found


async def sql(met, statement):
    async with met.hub.pools.picking.acquire() as conn:
        await conn.execute(statement)


async def look(met):
    """A look at once, whatever the schedule says; what it found is worked through. What happened at
    the marketplace is some seconds old: not every one of them knows parts of seconds. What came
    before is worked through first: an order with news under way is looked at another time."""
    await met.settle()
    for entry in met.stall.book.values():
        entry.changed_at -= timedelta(seconds=2)
    await sql(met, "UPDATE reconciliation SET asked_at = now(), retry_at = '-infinity'")
    await sql(met, "UPDATE account_gate SET arrival = 'epoch', rest_until = 'epoch'")
    await reconcile(met.hub, AT_ONCE)
    await met.settle()


async def test_an_order_of_which_nothing_was_ever_told_is_found_picked_and_delivered(met):
    met.stall.faults.drop = 1.0
    ref = await met.place()
    await look(met)
    assert (await met.order(ref)).state is S.ACCEPTED
    handheld = await met.begin()
    found = await met.pick(handheld)
    await met.finish(handheld)
    entry = met.stall.book[ref]
    assert (entry.state, entry.found) == ("ready", found), await met.trouble()
    await met.happen(ref, "taken", "delivered")
    await look(met)
    assert (await met.order(ref)).state is S.DELIVERED, await met.trouble()
    assert met.stall.refused == []


async def test_a_cancellation_that_was_never_told_is_found(met):
    ref = await met.place()
    handheld = await met.begin()
    await met.pick(handheld)
    met.stall.faults.drop = 1.0
    await met.happen(ref, "cancelled")
    await look(met)
    order = await met.order(ref)
    assert (order.state, order.cancelled_by) == (S.CANCELLED, "marketplace"), await met.trouble()


@pytest.mark.parametrize("met", ["glovo", "uber_eats"], indirect=True)
async def test_a_lost_order_that_somebody_accepted_elsewhere_is_picked_and_nothing_is_buried(met):
    met.stall.faults.drop, met.stall.transport = 1.0, "VENDOR_DELIVERY"
    ref = await met.place()
    entry = met.stall.book[ref]
    entry.state, entry.more["word"] = "accepted", "ACCEPTED"
    await look(met)
    assert (await met.order(ref)).state is S.ACCEPTED
    assert "dead" not in str(await met.trouble())


class Otherwise(httpx.AsyncBaseTransport):
    """The marketplace answers something else than it would."""

    def __init__(self) -> None:
        self._real = httpx.AsyncHTTPTransport(limits=patient.LIMITS)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._real.handle_async_request(request)
        body = await answer.aread()
        with suppress(ValueError):
            body = json.dumps(self.told(json.loads(body))).encode()
        return httpx.Response(answer.status_code, stream=httpx.ByteStream(body))

    async def aclose(self) -> None:
        await self._real.aclose()

    def told(self, found):
        if isinstance(found, dict):
            return {key: self.told(value) for key, value in found.items()}
        return [self.told(each) for each in found] if isinstance(found, list) else found


class Newly(Otherwise):
    """In words that are new; `said`: those that they stand for."""

    def __init__(self, words: Collection[str]) -> None:
        super().__init__()
        self._words = frozenset(words)
        self.said: set[str] = set()

    def told(self, found):
        if not isinstance(found, str) or found not in self._words:
            return super().told(found)
        self.said.add(found)
        return f"NEW {found}"


class WithoutLines(Otherwise):
    """No order has any goods that could be read."""

    def told(self, found, *, inside=False):
        if isinstance(found, list) and inside and any(isinstance(each, dict) for each in found):
            return 5
        if isinstance(found, list):
            return [self.told(each, inside=True) for each in found]
        if isinstance(found, dict):
            return {key: self.told(value, inside=inside) for key, value in found.items()}
        return found


@asynccontextmanager
async def hearing(met, transport):
    """The hub asks the marketplace, and is answered otherwise."""
    async with httpx.AsyncClient(transport=transport, timeout=patient.LONG) as http:
        tools = Tools(http, TokenBook(met.hub.pools.picking, SEAL))
        known = {met.party.account.adapter: REGISTRY[met.party.account.adapter](tools)}
        met.hub = replace(met.hub, marketplaces=known)
        yield transport


async def explain(met, kind, words):
    async with met.hub.pools.picking.acquire() as conn, conn.transaction():
        pairs = {f"NEW {word}": ours for word, ours in words.items()}
        await mappings.put(conn, met.hub.marketplaces, "market", kind, pairs, who="duty")
    met.hub.accounts._known.clear()
    await met.settle()


def statuses(met) -> Mapping[str, str]:
    """A marketplace's words are what it documents; a shop of one's own has its own."""
    own = met.stall.settings("").get("mapping", {}).get("statuses")
    known = met.hub.marketplaces[met.party.account.adapter].profile.statuses
    if own is None:
        return {word: word for word in known}
    theirs = {state: word for word, state in known.items()}
    return {word: theirs[state] for word, state in own.items()}


async def waiting(met):
    async with met.hub.pools.picking.acquire() as conn:
        rows = await said.unmapped(conn, "market", 10)
    return [(row["kind"], row["example"]) for row in rows]


@pytest.mark.parametrize("met", [name for name in THERE if name not in SILENT], indirect=True)
async def test_a_lost_order_in_a_status_nobody_documented_waits_and_goes_on(met):
    words = statuses(met)
    met.stall.faults.drop = 1.0
    async with hearing(met, Newly(words)) as newly:
        ref = await met.place()
        await look(met)
        assert newly.said
        assert await waiting(met) == [("status", ref)], await met.trouble()
        await explain(met, "status", words)
        assert (await met.order(ref)).state is S.ACCEPTED
        await met.happen(ref, "cancelled")
        await look(met)
        assert (await met.order(ref)).state is S.CANCELLED, await met.trouble()


@pytest.mark.parametrize("met", WEIGHED, indirect=True)
async def test_a_lost_order_in_units_nobody_documented_waits_and_goes_on(met):
    words = WEIGHED[met.party.account.adapter]
    met.stall.faults.drop = 1.0
    async with hearing(met, Newly(words)):
        ref = await met.place()
        await look(met)
        assert await waiting(met) == [("unit", ref)], await met.trouble()
        await explain(met, "unit", words)
        assert (await met.order(ref)).state is S.ACCEPTED
        await met.happen(ref, "cancelled")
        await look(met)
        assert (await met.order(ref)).state is S.CANCELLED, await met.trouble()


async def test_a_listed_order_that_cannot_be_read_is_named(met):
    met.stall.faults.drop = 1.0
    ref = await met.place()
    async with hearing(met, WithoutLines()):
        await look(met)
    async with met.hub.pools.picking.acquire() as conn:
        rows = await conn.fetch("SELECT said_theirs FROM reconciliation_mismatch")
    assert [row["said_theirs"].partition(": ")[0] for row in rows] == [ref]
