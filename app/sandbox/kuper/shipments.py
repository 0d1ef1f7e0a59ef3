"""СМ's read side: a merchant lists its shipments to find what it missed (Bearer, newest API)."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.answers import Ascii
from app.sandbox.kuper.shipment import Shipment
from app.sandbox.kuper.stand_in import StandIn

Answer = Callable[[Request, StandIn, str], Response]
Filter = Callable[[Shipment, str], bool]

PAGE: Final = 50


def guarded(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """Let only the bearer of a good token through."""

    async def endpoint(request: Request) -> Response:
        stand_in: StandIn = request.app.state.stand_in
        account = stand_in.tokens.of_bearer(request.headers.get("Authorization"))
        if account is None:
            return _problem(401, "unauthorized")
        return answer(request, stand_in, account)

    return endpoint


def listing(request: Request, stand_in: StandIn, account: str) -> Response:
    """`GET /shipments` with `filters[…]`, `maxPageSize` and `nextPageToken`; oldest first."""
    filters = _filters(request.query_params)
    try:
        rows = [
            row
            for row in stand_in.book
            if row.account == account
            and all(FILTERS[name](row, value) for name, value in filters.items())
        ]
        offset = int(_token_read(request.query_params.get("nextPageToken")))
    except ValueError:
        return _problem(422, "a filter or the page token cannot be read")
    asked = request.query_params.get("maxPageSize", "")
    size = min(int(asked), PAGE) if asked.isdecimal() and int(asked) else PAGE
    following = _token_made(offset + size) if offset + size < len(rows) else None
    page = [_wire(row) for row in rows[offset : offset + size]]
    return Ascii(
        {"data": page, "appliedFilters": filters, "status": "ok", "nextPageToken": following}
    )


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
    return {**shipment.payload, **_state(shipment), **times}


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
    named = {name: query.get(f"filters[{name}]") for name in FILTERS}
    return {name: value for name, value in named.items() if value is not None}


def _token_made(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode()


def _token_read(token: str | None) -> str:
    return base64.urlsafe_b64decode(token.encode()).decode() if token else "0"


def _problem(status: int, message: str) -> Response:
    fault = {"type": "request", "field": "", "message": message}
    return Ascii({"errors": [fault]}, status_code=status)
