"""Calls to MegaMarket, and what its answers mean: 200 and success 1, or not done."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import compress
from typing import Any, Final

import msgspec
from msgspec import structs

from app.contract import Account, Answer, Delivery, Message, Page
from app.errors import (
    Malformed,
    NotYet,
    RemoteRefused,
    RemoteUnavailable,
    Unauthorised,
)
from app.marketplaces import reading, remote, steps
from app.marketplaces.account import secret, settings_of
from app.marketplaces.json_body import decode
from app.marketplaces.megamarket import parse
from app.marketplaces.megamarket.profile import OFF, STATES, TOKEN, MegamarketSettings
from app.marketplaces.megamarket.shapes import Envelope, Found
from app.marketplaces.tools import Tools

_PAGE: Final = 50
_REJECT: Final = "/order/reject"
#: What lots have reached, or passed, once a call was made.
_REACHED: Final[Mapping[str, tuple[str, ...]]] = {
    "/order/confirm": ("CONFIRMED", "PACKED", "SHIPPED", "DELIVERED"),
    "/order/packing": ("PACKED", "SHIPPED", "DELIVERED"),
    "/order/shipping": ("SHIPPED", "DELIVERED"),
    "/order/close": ("DELIVERED",),
    _REJECT: OFF,
}


class _Said(msgspec.Struct):
    success: int | bool = 0
    error: msgspec.Raw = msgspec.Raw(b"null")


class _Outcome(msgspec.Struct):
    data: Any = None


class Api:
    """One per process."""

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http

    async def send(self, account: Account, message: Message) -> Answer:
        """Call after call."""

        async def take(step: steps.Step) -> Answer:
            return await self._take(account, message, step)

        return await steps.walk(steps.read(message.body), take)

    async def order(self, account: Account, *refs: str) -> bytes:
        """Orders as they are now; NotYet when there are none."""
        answer = await self._call(account, "/order/get", {"shipments": list(refs)}, listing=True)
        if not _shipments(answer.body):
            raise NotYet("no such order yet")
        return answer.body

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        """A list is of when orders were made, not of when they changed, so it begins as early as
        one that still changes may have been made; first names, then so many orders of them."""
        back = timedelta(days=settings_of(account, MegamarketSettings).look_back_days)
        dates = {"dateFrom": (since - back).isoformat(), "dateTo": until.isoformat()}
        asked = {**dates, "statuses": [*STATES, *OFF]}
        answer = await self._call(account, "/order/search", asked, listing=True)
        names = decode(Delivery({}, answer.body), Found).data.shipments
        rest = sorted(name for name in map(str, names) if name > (cursor or ""))
        if not rest:
            return Page([])
        try:
            raws = _shipments(await self.order(account, *rest[:_PAGE]))
        except NotYet as error:
            raise RemoteUnavailable("it lists orders that it does not show") from error
        orders, amiss = reading.each(
            raws, lambda raw: parse.listed(account, raw, since), "shipmentId"
        )
        return Page(orders, rest[_PAGE - 1] if len(rest) > _PAGE else None, amiss)

    async def probe(self, account: Account) -> str:
        """A list of what is new."""
        answer = await self._call(account, "/order/search", {"statuses": ["NEW"]}, listing=True)
        try:
            found = decode(Delivery({}, answer.body), Found).data.shipments
        except Malformed:
            raise RemoteRefused("not an answer of MegaMarket") from None
        return f"the token is taken; {len(found)} new orders"

    async def _take(self, account: Account, message: Message, step: steps.Step) -> Answer:
        """One that is refused because an earlier try arrived is done; so is a rejection of what the
        customer called off. One that names such lots beside others is made at once without them:
        the hub may know of them, and name them all the same, once an order is packed. A success
        with another result may have been done: the order shows it, now or after the next try."""
        try:
            answer = await self._call(account, step.path, step.body, message.trace_id)
        except Unauthorised:
            raise
        except RemoteRefused:
            told = await self._told(account, step)
            if _there(step, told) and (message.unsure or step.path == _REJECT):
                return Answer("already_accepted", 200, "the lots are there already")
            left = [status not in OFF for status in told]
            if all(left) or not any(left):
                raise
            return await self._take(account, message, _only(step, left))
        if not _done(answer.body):
            await self._look(account, step)
        return Answer("delivered", answer.status, answer.text[:1000])

    async def _look(self, account: Account, step: steps.Step) -> None:
        """Raises RemoteUnavailable, ambiguous, unless the lots are where a call brings them."""
        try:
            told = await self._told(account, step)
        except RemoteUnavailable as error:
            error.ambiguous = True
            raise
        if not _there(step, told):
            raise RemoteUnavailable("a success that is not done", ambiguous=True)

    async def _told(self, account: Account, step: steps.Step) -> list[str | None]:
        """How far the lots are that a call names; nowhere, where there is no such order."""
        (shipment,) = step.body["shipments"]
        try:
            there = parse.statuses(await self.order(account, shipment["shipmentId"]))
        except NotYet:
            there = {}
        except Malformed as error:
            raise RemoteUnavailable("not an order we understand") from error
        return [there.get(str(lot["itemIndex"])) for lot in shipment["items"]]

    async def _call(
        self, account: Account, path: str, data: Any, trace_id: str = "", *, listing: bool = False
    ) -> remote.Response:
        """The token goes into the body here and nowhere else; an answer that repeats it is cut."""
        token = secret(account, TOKEN)
        body = json.dumps({"meta": {}, "data": {"token": token, **data}}, ensure_ascii=False)
        headers = {"Content-Type": "application/json", "X-Request-Id": trace_id or "-"}
        url = settings_of(account, MegamarketSettings).url + path
        response = await remote.call(
            self._http, "POST", url, headers, body.encode(), listing=listing
        )
        response = replace(response, body=response.body.replace(token.encode(), b"***"))
        remote.raise_unless_accepted(response)
        try:
            said = msgspec.json.decode(response.body, type=_Said)
        except msgspec.MsgspecError:
            raise RemoteUnavailable("the answer is not understood", ambiguous=True) from None
        if said.success != 1:
            raise RemoteRefused(f"not done: {bytes(said.error).decode('utf-8', 'replace')[:300]}")
        return response


def _done(body: bytes) -> bool:
    """Whether a call about lots says no other result than 1."""
    data = msgspec.json.decode(body, type=_Outcome).data
    return not isinstance(data, dict) or data.get("result", 1) == 1


def _there(step: steps.Step, told: Iterable[str | None]) -> bool:
    return all(status in _REACHED[step.path] for status in told)


def _only(step: steps.Step, named: Iterable[bool]) -> steps.Step:
    """The call with those of its lots only."""
    (shipment,) = step.body["shipments"]
    said = {**shipment, "items": [*compress(shipment["items"], named)]}
    return structs.replace(step, body={**step.body, "shipments": [said]})


def _shipments(body: bytes) -> list[bytes]:
    try:
        return [bytes(raw) for raw in decode(Delivery({}, body), Envelope).data.shipments]
    except Malformed as error:
        raise RemoteUnavailable("not orders we understand") from error
