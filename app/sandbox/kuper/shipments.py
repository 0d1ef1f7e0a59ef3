"""СМ's read side: a merchant lists its shipments to find what it missed (Bearer, newest API)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.answers import Ascii
from app.sandbox.kuper.events import picked
from app.sandbox.kuper.shipment import Shipment, State
from app.sandbox.kuper.stand_in import StandIn

Answer = Callable[[Request, StandIn, str], Response]
Filter = Callable[[Shipment, str], bool]

PAGE: Final = 50
#: From here on an order is what was picked.
PICKED: Final = (State.READY_TO_SHIP, State.SHIPPING, State.SHIPPED)


def guarded(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """Let only the bearer of a good token through."""

    async def endpoint(request: Request) -> Response:
        stand_in: StandIn = request.app.state.stand_in
        account = stand_in.tokens.of_bearer(request.headers.get("Authorization"))
        if account is None:
            return _problem(401, "unauthorized")
        failure = stand_in.switches.fail_lists
        if failure.count:
            failure.count -= 1
            return _problem(failure.status, "failed on purpose", failure.retry_after)
        stand_in.dials.counts["lists_read"] += 1
        return answer(request, stand_in, account)

    return endpoint


def listing(request: Request, stand_in: StandIn, account: str) -> Response:
    """`GET /shipments` with `filters[…]`, `maxPageSize` and `nextPageToken`; the oldest change
    first. A page's token is good for the filters it was given with."""
    filters = _filters(request.query_params)
    try:
        rows = _found(stand_in, account, filters)
        offset = _token_read(request.query_params.get("nextPageToken"), filters)
        size = _size(request.query_params.get("maxPageSize", str(PAGE)))
    except (ValueError, KeyError):
        return _problem(422, "a filter, maxPageSize or the page token cannot be read")
    following = _token_made(offset + size, filters) if offset + size < len(rows) else None
    page = [_wire(row) for row in rows[offset : offset + size]]
    return Ascii(
        {"data": page, "appliedFilters": filters, "status": "ok", "nextPageToken": following}
    )


def _found(stand_in: StandIn, account: str, filters: Mapping[str, str]) -> list[Shipment]:
    checks = [(FILTERS[name], value) for name, value in filters.items()]
    rows = [
        row
        for row in stand_in.book
        if row.account == account and all(fits(row, value) for fits, value in checks)
    ]
    return sorted(rows, key=lambda row: (row.updated_at, row.order_id))


def _size(asked: str) -> int:
    """How many on a page; nobody gets more than PAGE."""
    if not (asked.isascii() and asked.isdecimal() and int(asked)):
        raise ValueError(asked)
    return min(int(asked), PAGE)


def one(request: Request, stand_in: StandIn, account: str) -> Response:
    """`GET /shipments/{id}`: the whole order as it is now."""
    shipment = _own(request, stand_in, account)
    return (
        Ascii({"status": "ok", "data": _wire(shipment)}) if shipment else _problem(404, "unknown")
    )


def state(request: Request, stand_in: StandIn, account: str) -> Response:
    """`GET /shipments/{id}/state`: where it stands."""
    shipment = _own(request, stand_in, account)
    return (
        Ascii({"status": "ok", "data": _state(shipment)}) if shipment else _problem(404, "unknown")
    )


def _own(request: Request, stand_in: StandIn, account: str) -> Shipment | None:
    shipment = stand_in.book.find(request.path_params["shipment_id"])
    return shipment if shipment is not None and shipment.account == account else None


def _state(shipment: Shipment) -> dict[str, Any]:
    return {"state": shipment.state, "paymentState": shipment.payment_state}


def _wire(shipment: Shipment) -> dict[str, Any]:
    times = {
        "createdAt": shipment.created_at.isoformat(),
        "updatedAt": shipment.updated_at.isoformat(),
    }
    final = picked(shipment) if shipment.state in PICKED else {}
    return {**shipment.payload, **final, **_state(shipment), **times}


def _after(value: datetime, text: str) -> bool:
    moment = datetime.fromisoformat(text)
    return value >= (moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _delivery(shipment: Shipment, edge: str) -> datetime:
    return datetime.fromisoformat(shipment.payload["delivery"][edge])


FILTERS: Final[Mapping[str, Filter]] = {
    "state": lambda row, value: row.state == value,
    "paymentState": lambda row, value: row.payment_state == value,
    "storeId": lambda row, value: row.payload["storeID"] == value,
    "createdFrom": lambda row, value: _after(row.created_at, value),
    "createdTo": lambda row, value: not _after(row.created_at, value),
    "updatedFrom": lambda row, value: _after(row.updated_at, value),
    "updatedTo": lambda row, value: not _after(row.updated_at, value),
    "deliveryFrom": lambda row, value: _after(_delivery(row, "expectedFrom"), value),
    "deliveryTo": lambda row, value: not _after(_delivery(row, "expectedTo"), value),
}


def _filters(query: Mapping[str, str]) -> dict[str, str]:
    """By name; a filter nobody knows is a KeyError when it is applied."""
    return {
        name[len("filters[") : -1]: value
        for name, value in query.items()
        if name.startswith("filters[") and name.endswith("]")
    }


def _token_made(offset: int, filters: Mapping[str, str]) -> str:
    said = json.dumps([offset, _digest(filters)])
    return base64.urlsafe_b64encode(said.encode()).decode()


def _token_read(token: str | None, filters: Mapping[str, str]) -> int:
    """Where a page begins; ValueError for a token of another list."""
    if not token:
        return 0
    offset, digest = json.loads(base64.urlsafe_b64decode(token.encode()))
    if digest != _digest(filters):
        raise ValueError(token)
    return int(offset)


def _digest(filters: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(filters.items())).encode()).hexdigest()[:16]


def _problem(status: int, message: str, retry_after: int | None = None) -> Response:
    fault = {"type": "request", "field": "", "message": message}
    wait = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Ascii({"errors": [fault]}, status_code=status, headers=wait)
