"""Calls to a shop's REST API. An order is looked at before it is changed, so a repeat is safe."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from app.contract import Account, Answer, Message
from app.domain.order import OrderState
from app.errors import RemoteRefused, RemoteUnavailable
from app.marketplaces import remote
from app.marketplaces.account import secret, settings_of
from app.marketplaces.tools import Tools
from app.marketplaces.woocommerce.compose import NOTES, Composed, Goods
from app.marketplaces.woocommerce.order import key
from app.marketplaces.woocommerce.parse import Turned
from app.marketplaces.woocommerce.profile import (
    CONSUMER_KEY,
    CONSUMER_SECRET,
    META,
    STATES,
    WooSettings,
)
from app.marketplaces.woocommerce.shapes import Item

#: Orders of one page: the most it gives.
PAGE: Final = 100


class Kept(msgspec.Struct):
    """An order as it is there, as far as we change it."""

    status: str = ""
    line_items: list[Item] = []
    meta_data: list[dict[str, Any]] = []


class Api:
    """One per process."""

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http

    async def send(self, account: Account, message: Message) -> Answer:
        """Set what differs from how the order is; nothing is sent where nothing does, and nothing
        of an order that was called off there: a status would bring it back."""
        composed = msgspec.json.decode(message.body, type=Composed)
        path = f"/orders/{quote(composed.order, safe='')}"
        kept = await self._kept(account, path)
        state = STATES.get(account.codes.get("status", {}).get(kept.status, kept.status))
        if state is OrderState.CANCELLED and message.kind != "cancelled":
            raise RemoteRefused(f"the order is {kept.status} there")
        said = _forward(composed.fields, message.kind, state)
        lines = changes(kept.line_items, composed.found) if composed.found is not None else []
        if state is OrderState.CANCELLED or (not lines and _is_so(kept, said)):
            return Answer("already_accepted", 200, "")
        fields = {**said, **({"line_items": lines} if lines else {})}
        response = await self._call(account, "PUT", path, msgspec.json.encode(fields))
        remote.raise_unless_accepted(response)
        return Answer("delivered", response.status, "")

    async def orders(self, account: Account, turned: Turned, until: datetime) -> bytes:
        """A page of the orders that changed in [turned.since, until); what WooCommerce calls after
        is a second later at least, and its times are whole seconds."""
        since = turned.since - timedelta(seconds=1)
        asked = {
            "modified_after": _gmt(since), "modified_before": _gmt(until),
            "dates_are_gmt": "true", "orderby": "modified", "order": "asc",
            "per_page": PAGE, "page": turned.page,
        }  # fmt: skip
        response = await self._call(account, "GET", f"/orders?{urlencode(asked)}")
        remote.raise_unless_accepted(response)
        return response.body

    async def probe(self, account: Account) -> str:
        """One order at most: what reading them needs is what writing them is given with."""
        response = await self._call(account, "GET", "/orders?per_page=1&_fields=id")
        remote.raise_unless_accepted(response)
        return "the keys are taken"

    async def _kept(self, account: Account, path: str) -> Kept:
        response = await self._call(account, "GET", path)
        remote.raise_unless_accepted(response)
        try:
            return msgspec.json.decode(response.body, type=Kept)
        except msgspec.MsgspecError:
            raise RemoteUnavailable("the answer is no order") from None

    async def _call(
        self, account: Account, method: str, path: str, body: bytes = b""
    ) -> remote.Response:
        base = settings_of(account, WooSettings).base
        pair = f"{secret(account, CONSUMER_KEY)}:{secret(account, CONSUMER_SECRET)}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "Content-Type": "application/json",
        }
        return await remote.call(self._http, method, base + path, headers, body)


def changes(items: list[Item], found: Mapping[str, Goods]) -> list[dict[str, Any]]:
    """Lines to set: those with another quantity, with their sums for it, and new ones of goods that
    stand for others. Several lines of one SKU are filled one after another; lines of goods we were
    not told of stay as they are."""
    rest = {sku: goods.quantity for sku, goods in found.items()}
    names = [_named(each) for each in items]
    lines = []
    for n, (item, sku) in enumerate(zip(items, names, strict=True)):
        if sku not in rest:
            continue
        had, last = int(Decimal(str(item.quantity))), sku not in names[n + 1 :]
        part = rest[sku] if last else min(rest[sku], had)
        rest[sku] -= part
        if part != had:
            lines.append({"id": item.id, "quantity": part, **_sums(item, part, had)})
    return lines + [
        {"sku": sku, "quantity": more, **_new(found[sku], more, items)}
        for sku, more in rest.items()
        if more
    ]


def _sums(item: Item, part: int, had: int) -> dict[str, str]:
    """The line's sums for another quantity: WooCommerce does not reckon them itself."""
    sums = {"total": item.total, "subtotal": item.total if item.subtotal is None else item.subtotal}
    return {name: _share(value, part, had) for name, value in sums.items()}


def _share(value: object, part: int, had: int) -> str:
    return _kopecks(Decimal(str(value)) * part / max(had, 1))


def _new(goods: Goods, count: int, items: list[Item]) -> dict[str, str]:
    """Sums without the tax, which comes on top: as large a part as of the line it stands for, else
    as of all of them."""
    alike = [each for each in items if _named(each) == goods.instead] or items
    net, tax = (sum(column) for column in zip(*map(_untaxed, alike), strict=True))
    part = net / (net + tax) if net else Decimal(1)
    total = _kopecks(Decimal(goods.price) * count * part)
    return {"total": total, "subtotal": total}


def _untaxed(item: Item) -> tuple[Decimal, Decimal]:
    """A line's sum before coupons, and the tax on it."""
    before = item.subtotal is not None
    net, tax = (item.subtotal, item.subtotal_tax) if before else (item.total, item.total_tax)
    return Decimal(str(net)), Decimal(str(tax or 0))


def _named(item: Item) -> str:
    return key(item.sku, item.variation_id, item.product_id, item.id)


def _kopecks(amount: Decimal) -> str:
    return str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


def _forward(fields: dict[str, Any], kind: str, state: OrderState | None) -> dict[str, Any]:
    """What to set of an order in a state: one that is completed is not opened again."""
    late = state is OrderState.DELIVERED and kind in NOTES
    return {name: value for name, value in fields.items() if not (late and name == "status")}


def _is_so(kept: Kept, fields: Mapping[str, Any]) -> bool:
    noted = {each.get("key"): each.get("value") for each in kept.meta_data}
    wanted = {each["key"]: each["value"] for each in fields.get("meta_data", ())}
    status = fields.get("status", kept.status)
    return status == kept.status and all(noted.get(META) == value for value in wanted.values())


def _gmt(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
