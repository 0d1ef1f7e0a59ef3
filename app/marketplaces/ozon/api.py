"""Calls to Ozon's Seller API, and what its answers mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from app.contract import Account, Answer, Delivery, Message
from app.errors import Malformed, NotYet, RemoteRefused, RemoteUnavailable, Unfinished
from app.marketplaces import remote, steps
from app.marketplaces.account import secret, settings_of
from app.marketplaces.json_body import decode, glance
from app.marketplaces.ozon import marks
from app.marketplaces.ozon.compose import CANCEL, MARKS, SHIP
from app.marketplaces.ozon.profile import API_KEY, OzonSettings
from app.marketplaces.steps import Step
from app.marketplaces.tools import Tools

T = TypeVar("T")
GET: Final = "/v3/posting/fbs/get"
LIST: Final = "/v4/posting/fbs/list"
EXEMPLARS: Final = "/v6/fbs/posting/product/exemplar/create-or-get"
CHECKED: Final = "/v5/fbs/posting/product/exemplar/status"
#: Postings of one page: the most it gives.
PAGE: Final = 100
#: Seconds until something that Ozon works on is looked at again.
_AGAIN: Final = 10.0
#: Where a posting is while it can be packed.
_OPEN: Final = "awaiting_packaging"
#: It could not be packed, and must be told again.
_FAILED: Final = "ship_failed"
#: What a repeat may be answered with.
_REPEATED: Final = frozenset({400, 404, 409})
#: Calls that are refused once a posting is packed, and perhaps while it is being packed.
_PACKING: Final = (EXEMPLARS, MARKS, CHECKED, SHIP)
_PACKED: Final = ("awaiting_deliver", "acceptance_in_progress", "driver_pickup", "delivering",
                  "delivered", "sent_by_seller")  # fmt: skip
#: In which statuses a posting is where a call would have brought it.
_THERE: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(_PACKING, _PACKED),
    CANCEL: ("cancelled", "cancelled_from_split_pending"),
}


class _Good(msgspec.Struct):
    sku: int
    quantity: int


class _Posting(msgspec.Struct):
    status: str = ""
    substatus: str = ""
    products: list[_Good] = []


class _Fetched(msgspec.Struct):
    result: _Posting


class _There(Exception):
    """A repeat is refused because an earlier try arrived."""

    def __init__(self, said: remote.Response) -> None:
        super().__init__()
        self.said = said


class Api:
    """One per process."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def send(self, account: Account, message: Message) -> Answer:
        """Make a message's calls. That it is packed is only true once Ozon shows it: its 200 is no
        promise."""

        async def take(step: Step) -> Answer:
            call = self._mark if step.path == MARKS else self._take
            try:
                return await call(account, message, step)
            except _There as there:
                return Answer("already_accepted", there.said.status, there.said.text)

        return await steps.walk(steps.read(message.body), take)

    async def posting(self, account: Account, delivery: Delivery) -> bytes:
        """The posting a notification is about; NotYet while there is none of that name: it may be
        faster than the posting."""
        number = {"posting_number": glance(delivery, "posting_number") or ""}
        response = await self._call(account, GET, number, "-")
        if response.status == 404:
            raise NotYet("no such posting yet")
        remote.raise_unless_accepted(response)
        return response.body

    async def page(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> bytes:
        """One page of postings whose status changed in [since, until). Its `since` and `to` are of
        when they were placed: a month back is enough for groceries."""
        window = {"from": since.isoformat(), "to": until.isoformat()}
        month = since.timestamp() - 30 * 86400
        asked = {
            "filter": {
                "since": datetime.fromtimestamp(month, since.tzinfo).isoformat(),
                "to": until.isoformat(),
                "last_changed_status_date": window,
            },
            "limit": PAGE,
            "sort_dir": "ASC",
            **({"cursor": cursor} if cursor else {}),
        }
        return await self._ask(account, LIST, asked)

    async def probe(self, account: Account) -> str:
        """Raises RemoteRefused when it does not take our key."""
        await self._ask(account, "/v1/roles", {})
        return "key taken"

    async def _get(self, account: Account, number: str) -> bytes:
        return await self._ask(account, GET, {"posting_number": number})

    async def _take(self, account: Account, message: Message, step: Step) -> Answer:
        """What is refused may be there already: then the posting says so. Also somebody else may
        have called it off; who packed it, packed perhaps something else."""
        body = await self._said(account, step)
        if not body:
            return Answer("already_accepted", 200, "")
        response = await self._say(account, message, step.path, body)
        if step.path == SHIP:
            await self._packed(account, body)
        return Answer("delivered", response.status, response.text)

    async def _say(
        self, account: Account, message: Message, path: str, body: Mapping[str, Any]
    ) -> remote.Response:
        """One call. Raises _There where a repeat is refused because the posting is there. While
        Ozon may be packing what an earlier try told it, a refusal is not its last word; but the try
        counts, so that it is in the end."""
        response = await self._call(account, path, body, message.trace_id)
        repeat = message.unsure or path == CANCEL
        if repeat and response.status in _REPEATED:
            posting = await self._shown(account, body)
            if posting.status in _THERE.get(path, ()):
                raise _There(response)
            if path in _PACKING and posting.status == _OPEN and posting.substatus != _FAILED:
                said = f"Ozon may be packing it: {response.text[:300]}"
                raise RemoteUnavailable(said, ambiguous=True)
        remote.raise_unless_accepted(response)
        return response

    async def _said(self, account: Account, step: Step) -> dict[str, Any]:
        """The body of a call; nothing when all that is to be taken out is out."""
        body = dict(step.body)
        if step.path == SHIP:
            return body
        body["cancel_reason_id"] = settings_of(account, OzonSettings).out_of_stock
        if step.path == CANCEL:
            return body
        there = Counter[int]()
        for good in (await self._shown(account, body)).products:
            there[good.sku] += good.quantity
        over = [(row["sku"], there[row["sku"]] - row["left"]) for row in body["items"]]
        items = [{"sku": sku, "quantity": count} for sku, count in over if count > 0]
        return {**body, "items": items} if items else {}

    async def _packed(self, account: Account, body: Mapping[str, Any]) -> None:
        posting = await self._shown(account, body)
        if posting.substatus == _FAILED:
            raise Unfinished("Ozon could not pack the posting", ambiguous=True, after=_AGAIN)
        if posting.status == _OPEN:
            raise Unfinished("Ozon has not packed the posting yet", ambiguous=True, after=_AGAIN)

    async def _mark(self, account: Account, message: Message, step: Step) -> Answer:
        """Set, and their check waited for. To set marks again begins their check again, so those of
        an earlier try are looked at first; of what it packed they cannot be set any more."""
        number, rows = {"posting_number": step.body["posting_number"]}, step.body["products"]
        if message.unsure and (await self._shown(account, number)).status in _PACKED:
            return Answer("already_accepted", 200, "")

        async def pieces(path: str) -> marks.Exemplars:
            return _read((await self._say(account, message, path, number)).body, marks.Exemplars)

        checked = await pieces(CHECKED) if message.unsure else None
        if checked is None or not marks.there(rows, checked):
            products = marks.told(rows, await pieces(EXEMPLARS))
            await self._say(account, message, MARKS, {**number, "products": products})
            checked = await pieces(CHECKED)
        if checked.status == marks.CHECKING:
            raise Unfinished("the marks are being checked", ambiguous=True, after=_AGAIN)
        if checked.status not in marks.TAKEN:
            raise RemoteRefused(f"marks not taken: {checked.status}")
        return Answer("delivered", 200, "")

    async def _shown(self, account: Account, body: Mapping[str, Any]) -> _Posting:
        return _read(await self._get(account, body["posting_number"]), _Fetched).result

    async def _ask(self, account: Account, path: str, body: Mapping[str, Any]) -> bytes:
        response = await self._call(account, path, body, "-")
        remote.raise_unless_accepted(response)
        return response.body

    async def _call(
        self, account: Account, path: str, body: Mapping[str, Any], trace_id: str
    ) -> remote.Response:
        settings = settings_of(account, OzonSettings)
        headers = {
            "Content-Type": "application/json",
            "Client-Id": str(settings.client_id),
            "Api-Key": secret(account, API_KEY),
            "X-Request-Id": trace_id,
        }
        return await remote.call(
            self._tools.http, "POST", settings.url + path, headers, msgspec.json.encode(body),
            listing=True,
        )  # fmt: skip


def _read(raw: bytes, shape: type[T]) -> T:
    try:
        return decode(Delivery({}, raw), shape)
    except Malformed as error:
        raise RemoteUnavailable(f"an answer we do not understand: {error}") from None
