"""Calls to Yandex Market, and what its answers mean."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from app.contract import Account, Answer, Delivery, Message
from app.domain.order import OrderState as S
from app.errors import (
    Malformed,
    NotYet,
    RemoteBusy,
    RemoteRefused,
    RemoteUnavailable,
    Unauthorised,
    Unfinished,
)
from app.marketplaces import remote
from app.marketplaces.account import secret, settings_of
from app.marketplaces.json_body import decode
from app.marketplaces.tools import Tools
from app.marketplaces.yandex_market.parse import state_of
from app.marketplaces.yandex_market.profile import API_KEY, YandexMarketSettings
from app.marketplaces.yandex_market.shapes import Found, Order

#: Seconds until marks are looked at again (1,000 looks an hour), and until a limit is over.
_CHECKED: Final = 20.0
_LIMITED: Final = 60.0
_TOO_MUCH: Final = 420
#: Orders are numbered with int64.
_DIGITS: Final = re.compile("[0-9]{1,18}")
_FULL: Final = {"limit": "50"}
#: A mark whose check goes on, or has come to an end.
_BEGUN: Final = ("IN_PROGRESS", "OK", "INVALID")
#: What an order has reached, or passed, once a status is set.
_REACHED: Final = {
    "READY_TO_SHIP": (S.READY, S.HANDED_OVER, S.DELIVERED),
    "DELIVERY": (S.HANDED_OVER, S.DELIVERED),
    "DELIVERED": (S.DELIVERED,),
    "SHOP_FAILED": (S.CANCELLED,),
}


class _Status(msgspec.Struct):
    status: str
    substatus: str | None = None


class _Wanted(msgspec.Struct):
    order: _Status


class _Composed(msgspec.Struct):
    order: str
    status: msgspec.Raw
    campaign: str | None = None
    boxes: msgspec.Raw = msgspec.Raw(b"")
    marked: bool = False


class _Mark(msgspec.Struct):
    value: str = ""
    status: str = ""


class _Item(msgspec.Struct):
    cis: list[_Mark] | None = None


class _Items(msgspec.Struct):
    items: list[_Item] = []


class _Checked(msgspec.Struct):
    result: _Items | None = None


class _Key(msgspec.Struct, rename="camel"):
    auth_scopes: list[str] = []


class _Token(msgspec.Struct, rename="camel"):
    api_key: _Key | None = None


class _Probed(msgspec.Struct):
    result: _Token | None = None


class Api:
    """One per process."""

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http

    async def send(self, account: Account, message: Message) -> Answer:
        """Boxes, marks, status. A repeat of what may have arrived looks first how far the order is;
        boxes may be told again as long as it is not ready."""
        said = msgspec.json.decode(message.body, type=_Composed)
        wanted = msgspec.json.decode(said.status, type=_Wanted).order
        if message.unsure and await self._reached(account, said.order, wanted):
            return Answer("already_accepted", 200, "it is there already")
        path = f"/v2/campaigns/{quote(said.campaign or '', safe='')}"
        path += f"/orders/{quote(said.order, safe='')}"
        trace = message.trace_id
        waits = _wait(await self._packed(account, path, said, trace))
        try:
            answer = await self._call(account, "PUT", f"{path}/status", bytes(said.status), trace)
        except Unauthorised:
            raise
        except RemoteRefused as error:
            if waits:  # nobody looked at the marks yet, and the order needs them
                raise Unfinished("marks wait to be checked", after=_CHECKED) from error
            off = wanted.status == "CANCELLED"  # the customer may have been faster
            if off and await self._reached(account, said.order, wanted):
                return Answer("already_accepted", 200, "it is called off already")
            raise
        return Answer("delivered", answer.status, answer.text[:1000])

    async def order(self, account: Account, ref: str) -> bytes:
        """One order as it is; NotYet while there is none of that name: a notification may be faster
        than the list."""
        if not _DIGITS.fullmatch(ref):
            raise RemoteRefused("no order has such a number")
        body = await self._orders(account, {"orderIds": [int(ref)]}, "")
        _first(body)
        return body

    async def orders(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> bytes:
        """A page of the orders that changed in [since, until)."""
        dates = {"updateDateFrom": since.isoformat(), "updateDateTo": until.isoformat()}
        more = {"pageToken": cursor} if cursor else {}
        return await self._orders(account, {"dates": dates}, f"?{urlencode(more | _FULL)}")

    async def probe(self, account: Account) -> str:
        """What our key may do."""
        response = await self._call(account, "POST", "/v2/auth/token")
        try:
            found = msgspec.json.decode(response.body, type=_Probed).result
        except msgspec.MsgspecError:
            raise RemoteRefused("not an answer of Yandex Market") from None
        scopes = found.api_key.auth_scopes if found and found.api_key else []
        return f"the key may: {', '.join(scopes)[:200] or 'nothing'}"

    async def _reached(self, account: Account, ref: str, wanted: _Status) -> bool:
        try:
            order = _first(await self.order(account, ref))
        except NotYet as error:  # it was there when it came: nothing else is waited for
            raise RemoteUnavailable("the order is not shown") from error
        state = state_of(account, order)
        return state in _REACHED.get(wanted.substatus or wanted.status, ())

    async def _packed(
        self, account: Account, path: str, said: _Composed, trace: str
    ) -> list[_Mark]:
        """Boxes, and how far their marks are then. Once the check of just these marks has begun,
        boxes are not told again: that might begin it anew."""
        boxes = bytes(said.boxes)
        seen = await self._shown(account, path) if said.marked else []
        begun = all(mark.status in _BEGUN for mark in seen)
        if seen and begun and _told(boxes) == {mark.value for mark in seen}:
            return seen
        if boxes:
            await self._call(account, "PUT", f"{path}/boxes", boxes, trace)
        return await self._marks(account, path) if said.marked else []

    async def _shown(self, account: Account, path: str) -> list[_Mark]:
        """Marks that were told before; none where it refuses to show any."""
        try:
            return await self._marks(account, path)
        except Unauthorised:
            raise
        except RemoteRefused:
            return []

    async def _marks(self, account: Account, path: str) -> list[_Mark]:
        """The marks of an order, and how far their check is. Looks have a limit of their own: only
        who looks waits then."""
        try:
            response = await self._call(account, "POST", f"{path}/identifiers/status")
        except RemoteBusy as error:
            raise Unfinished(str(error), after=error.after or _LIMITED) from error
        try:
            found = msgspec.json.decode(response.body, type=_Checked).result or _Items()
        except msgspec.MsgspecError:
            raise RemoteUnavailable("what it says of marks is not understood") from None
        return [mark for item in found.items for mark in item.cis or ()]

    async def _orders(self, account: Account, asked: object, query: str) -> bytes:
        business = settings_of(account, YandexMarketSettings).business_id
        path = f"/v1/businesses/{business}/orders{query}"
        body = msgspec.json.encode(asked)
        response = await self._call(account, "POST", path, body, listing=True)
        return response.body

    async def _call(
        self, account: Account, method: str, path: str, body: bytes = b"", trace_id: str = "",
        *, listing: bool = False,
    ) -> remote.Response:  # fmt: skip
        """Too many calls are 420 here, and nothing was done then."""
        headers = {
            "Api-Key": secret(account, API_KEY),
            "Content-Type": "application/json",
            "X-Request-Id": trace_id or "-",
        }
        url = settings_of(account, YandexMarketSettings).url + path
        response = await remote.call(self._http, method, url, headers, body, listing=listing)
        if response.status == _TOO_MUCH:
            raise RemoteBusy("HTTP 420: too many calls", after=response.after or _LIMITED)
        remote.raise_unless_accepted(response)
        return response


def _told(boxes: bytes) -> set[str]:
    """Marks in boxes as compose.py makes them."""
    items = (item for box in msgspec.json.decode(boxes)["boxes"] for item in box["items"])
    return {mark["cis"] for item in items for mark in item.get("instances", ())}


def _wait(marks: list[_Mark]) -> bool:
    """Whether some were not looked at yet; raises RemoteRefused for one that is not valid,
    Unfinished while they are looked at."""
    statuses = {mark.status for mark in marks}
    if "INVALID" in statuses:
        raise RemoteRefused("a mark is not valid: its goods must not be sold")
    if statuses & {"IN_PROGRESS", "FAILED"}:
        raise Unfinished("marks are being checked", after=_CHECKED)
    return "NOT_ON_VALIDATION" in statuses


def _first(body: bytes) -> Order:
    try:
        found = decode(Delivery({}, body), Found).orders
        if not found:
            raise NotYet("no such order yet")
        return decode(Delivery({}, bytes(found[0])), Order)
    except Malformed as error:
        raise RemoteUnavailable("not an order we understand") from error
