"""What our messages are to Shopify: each looks first how the order stands, so a repeat is safe."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

import msgspec

from app.contract import Account, Answer, Message
from app.errors import RemoteRefused
from app.marketplaces.shopify import queries as q
from app.marketplaces.shopify.compose import Composed
from app.marketplaces.shopify.graphql import GraphQl, nodes
from app.marketplaces.shopify.order import key
from app.marketplaces.text import clean
from app.marketplaces.tools import Tools

#: Orders of one page; it would give 250, of some ten thousand bytes each.
PAGE: Final = 100
DONE: Final = Answer("delivered", 200, "")
BEFORE: Final = Answer("already_accepted", 200, "")
#: Statuses of an order's parts: to be sent, and nothing left to send.
_OPEN: Final = frozenset({"OPEN", "IN_PROGRESS"})
_OVER: Final = frozenset({"CLOSED", "CANCELLED"})
_Act: TypeAlias = Callable[[Account, str, Composed], Awaitable[Answer]]


class Api:
    """One per process."""

    def __init__(self, tools: Tools) -> None:
        self._api = GraphQl(tools)
        self._acts: Mapping[str, _Act] = {
            "in_work": self._tag,
            "ready": self._edit,
            "handed_over": self._fulfil,
            "delivered": self._arrive,
            "cancelled": self._cancel,
        }

    async def send(self, account: Account, message: Message) -> Answer:
        """Do what a message says."""
        composed = msgspec.json.decode(message.body, type=Composed)
        gid = f"gid://shopify/Order/{composed.order}"
        return await self._acts[composed.kind](account, gid, composed)

    async def orders(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> bytes:
        """A page of the orders that changed in [since, until), by their ids, which only grow."""
        asked = {
            "status": "any", "limit": PAGE, "since_id": cursor or "0",
            "updated_at_min": since.isoformat(), "updated_at_max": until.isoformat(),
        }  # fmt: skip
        return await self._api.get(account, f"/orders.json?{urlencode(asked)}")

    async def probe(self, account: Account) -> str:
        """The shop's own name for itself."""
        data = await self._api.ask(account, q.SHOP)
        name = (data.get("shop") or {}).get("myshopifyDomain")
        return f"the token is taken by {str(name)[:100]}"

    async def _tag(self, account: Account, gid: str, composed: Composed) -> Answer:
        """A tag that is there already stays."""
        await self._api.ask(account, q.TAG, id=gid, tags=[composed.tag])
        return DONE

    async def _edit(self, account: Account, gid: str, composed: Composed) -> Answer:
        """Quantities as they were found, in one edit; before it the tag, so that news of the edit
        are known to be ours. Nothing is committed where nothing differs."""
        data = await self._api.ask(account, q.BEGIN, id=gid)
        edit = (data.get("orderEditBegin") or {}).get("calculatedOrder") or {}
        if ((edit.get("lineItems") or {}).get("pageInfo") or {}).get("hasNextPage"):
            raise RemoteRefused("more lines than an edit shows: by hand")
        changes = _changes(edit, composed.quantities or {})
        await self._tag(account, gid, composed)
        for line, quantity in changes.lines.items():
            await self._api.ask(account, q.SET, id=edit["id"], line=line, quantity=quantity)
        for sku, quantity in changes.added.items():
            await self._add(account, edit["id"], sku, quantity)
        if changes.lines or changes.added:
            await self._api.ask(account, q.COMMIT, id=edit["id"])
        return DONE

    async def _add(self, account: Account, edit: str, sku: str, quantity: int) -> None:
        """A replacement: the variant with this SKU."""
        word = sku.replace("\\", "\\\\").replace("'", "\\'")
        data = await self._api.ask(account, q.VARIANTS, wanted=f"sku:'{word}'")
        same = [
            each
            for each in nodes(data, "productVariants")
            if clean(each.get("sku") or "", 100) == sku
        ]
        ids = [each["id"] for each in same]
        if not ids:
            raise RemoteRefused(f"the shop has no variant with the SKU {sku[:60]}")
        await self._api.ask(account, q.ADD, id=edit, variant=ids[0], quantity=quantity)

    async def _fulfil(self, account: Account, gid: str, _composed: Composed) -> Answer:
        """All of it left: what is still open is fulfilled, each location's part by itself. Parts
        that are held back or yet to come are the shop's to let go."""
        data = await self._api.ask(account, q.PARTS, id=gid)
        parts = nodes(data, "order", "fulfillmentOrders")
        open_ = [each["id"] for each in parts if each.get("status") in _OPEN]
        for part in open_:
            given = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": part}]}
            await self._api.ask(account, q.FULFIL, fulfillment={**given, "notifyCustomer": False})
        left = sorted({str(each.get("status")) for each in parts} - _OPEN - _OVER)
        if left or not parts:
            raise RemoteRefused(f"not all of it can leave: {', '.join(left) or 'it has no part'}")
        return DONE if open_ else BEFORE

    async def _arrive(self, account: Account, gid: str, composed: Composed) -> Answer:
        """The customer has it: an event of each parcel that is not said to have arrived. What he
        fetched himself was never said to leave: that comes first."""
        found = await self._parcels(account, gid)
        if not found:
            await self._fulfil(account, gid, composed)
            found = await self._parcels(account, gid)
        if not found:
            raise RemoteRefused("nothing was sent")
        on_the_way = [one["id"] for one in found if one.get("displayStatus") != "DELIVERED"]
        for parcel in on_the_way:
            event = {"fulfillmentId": parcel, "status": "DELIVERED"}
            await self._api.ask(account, q.EVENT, event=event)
        return DONE if on_the_way else BEFORE

    async def _parcels(self, account: Account, gid: str) -> list[dict[str, Any]]:
        data = await self._api.ask(account, q.PARCELS, id=gid)
        return (data.get("order") or {}).get("fulfillments") or []

    async def _cancel(self, account: Account, gid: str, composed: Composed) -> Answer:
        """Calling off cannot be undone, and is refused the second time."""
        data = await self._api.ask(account, q.CANCELLED, id=gid)
        if (data.get("order") or {}).get("cancelledAt"):
            return BEFORE
        await self._api.ask(
            account, q.CANCEL, id=gid, reason=composed.reason, refund=composed.refund
        )
        return DONE


class _Changes(msgspec.Struct):
    """Quantities by calculated line, and of SKUs that have none yet."""

    lines: dict[str, int]
    added: dict[str, int]


def _changes(edit: dict[str, Any], wanted: Mapping[str, int]) -> _Changes:
    """What differs from the order as it is. Several lines of one SKU are filled one after another;
    lines of goods we were not told of stay as they are."""
    rest, lines, last = dict(wanted), {}, {}
    for line in nodes(edit, "lineItems"):
        variant = (line.get("variant") or {}).get("id")
        sku = key(line.get("sku"), variant and _tail(variant), _tail(line["id"]))
        if sku not in rest:
            continue
        part = min(rest[sku], line["quantity"])
        rest[sku] -= part
        last[sku] = line["id"], part
        if part != line["quantity"]:
            lines[line["id"]] = part
    for sku in [each for each, more in rest.items() if more and each in last]:
        id_, part = last[sku]
        lines[id_] = part + rest.pop(sku)
    return _Changes(lines, {sku: count for sku, count in rest.items() if count})


def _tail(gid: str) -> str:
    return gid.rpartition("/")[2]
