"""For operators' programs: what marketplaces list against what we know."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from app.db import reconciliations
from app.domain.refusals import Code, Refused
from app.http.guards import Guard
from app.http.reading import clean, decode, json_answer
from app.http.replay_shapes import Moment
from app.http.url import Url

_MOST: Final = 500


class AccountCompared(msgspec.Struct):
    """How one account stands. `minutes`: how often (0: never); `lag`: seconds since
    `covered_until`, up to when everything was compared; `found`: orders of which something had
    never arrived; `differing`: that differ now; `unlisted`: why its orders cannot be listed."""

    code: str
    adapter: str
    active: bool
    minutes: int
    running: bool
    failures: int
    found: int
    differing: int
    begun_at: datetime | None
    covered_until: datetime | None
    lag: float | None
    retry_at: datetime | None
    trouble: str | None
    unlisted: str | None


class Compared(msgspec.Struct):
    """Every account."""

    accounts: list[AccountCompared]


class LookView(msgspec.Struct):
    """One look at a window of a marketplace's list."""

    id: UUID
    why: str
    actor: str
    since: datetime
    until: datetime
    pages: int
    listed: int
    found: int
    differing: int
    unreadable: int
    state: str
    error: str | None
    started_at: datetime
    finished_at: datetime | None


class Looks(msgspec.Struct):
    """The newest first."""

    runs: list[LookView]


class MismatchView(msgspec.Struct):
    """One way in which an order differs: what they say and what we say, since when, until when."""

    account: str
    order_ref: str
    number: str | None
    order_id: UUID | None
    kind: str
    theirs: str
    ours: str
    first_seen: datetime
    last_seen: datetime
    resolved: datetime | None


class Mismatches(msgspec.Struct):
    """The newest first."""

    mismatches: list[MismatchView]


class CompareNow(msgspec.Struct):
    """`since`: from then on, if that is earlier than what is due anyway."""

    since: Moment | None = None


async def standings(request: Request) -> Response:
    """Every account."""
    return json_answer(await _standings(request))


async def runs(request: Request) -> Response:
    """An account's newest looks."""
    account, limit = _account(request), _limit(request.query_params)
    async with request.state.hub.pools.drains.acquire() as conn:
        rows = await reconciliations.runs(conn, account, limit)
    return json_answer(Looks([msgspec.convert(dict(row), LookView) for row in rows]))


async def mismatches(request: Request) -> Response:
    """What differs."""
    query = request.query_params
    account = clean(query.get("account", ""))[:200] or None
    async with request.state.hub.pools.drains.acquire() as conn:
        rows = await reconciliations.mismatches(conn, account, _since(query), _limit(query))
    return json_answer(Mismatches([msgspec.convert(dict(row), MismatchView) for row in rows]))


async def compare_now(request: Request) -> Response:
    """Have an account looked at within seconds."""
    asked, hub = decode(await request.body() or b"{}", CompareNow), request.state.hub
    if asked.since is not None and asked.since > hub.clock():
        raise Refused(Code.INVALID_BODY, field="since", expected="a moment that has been")
    who = request.state.operator
    async with hub.pools.drains.acquire() as conn:
        if not await reconciliations.ask(conn, _account(request), who, asked.since):
            raise Refused(Code.ACCOUNT_NOT_FOUND)
    return json_answer(await _standings(request))


async def _standings(request: Request) -> Compared:
    async with request.state.hub.pools.drains.acquire() as conn:
        rows = await reconciliations.standings(conn)
    return Compared([msgspec.convert(dict(row), AccountCompared) for row in rows])


def _account(request: Request) -> str:
    return clean(request.path_params["account"])[:200]


def _limit(query: QueryParams) -> int:
    given = query.get("limit", "50")
    if not (given.isascii() and given.isdecimal() and 1 <= int(given[:6]) <= _MOST):
        raise Refused(Code.INVALID_BODY, field="limit", expected=f"1 to {_MOST}")
    return int(given[:6])


def _since(query: QueryParams) -> datetime | None:
    try:
        given = query.get("since")
        return msgspec.convert(given, Moment) if given else None
    except msgspec.ValidationError:
        raise Refused(Code.INVALID_BODY, field="since", expected="RFC 3339") from None


_HERE: Final = "/monitoring/v1/reconciliation"
_TEXT: Final = {"type": "string", "maxLength": 200}
_WHEN: Final = {"type": "string", "format": "date-time"}
_COUNT: Final = {"type": "integer", "minimum": 1, "maximum": _MOST, "default": 50}
_PLACE: Final = {"account": {"type": "string", "minLength": 1, "maxLength": 200}}

ROWS: Final = (
    Url("GET", _HERE, standings, Guard.OPERATOR,
        "How comparing orders with marketplaces goes", answer=Compared),
    Url("GET", f"{_HERE}/mismatches", mismatches, Guard.OPERATOR,
        "Orders that differ at the marketplace", answer=Mismatches,
        query={"account": _TEXT, "since": _WHEN, "limit": _COUNT}),
    Url("GET", f"{_HERE}/accounts/{{account}}/runs", runs, Guard.OPERATOR,
        "An account's newest comparisons", answer=Looks, query={"limit": _COUNT}, places=_PLACE),
    Url("POST", f"{_HERE}/accounts/{{account}}/now", compare_now, Guard.OPERATOR,
        "Compare an account's orders now", body=CompareNow, answer=Compared, places=_PLACE),
)  # fmt: skip
