"""For operators' programs: what was turned away, what is buried, and doing finished work again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from app.actions import replays as acting
from app.actions.replay_plan import Plan, plan
from app.db import buried, refused, replays
from app.db.queue import Queue
from app.domain.refusals import Code, Refused
from app.domain.replay import FINISHED, Bounds, Wanted
from app.http.guards import Guard
from app.http.reading import clean, decode, json_answer, uuid_of
from app.http.replay_shapes import (
    Buried,
    BuriedGroup,
    Moment,
    RefusedDeliveries,
    RefusedDelivery,
    Replay,
    ReplayAnswer,
    ReplayExample,
    ReplayList,
    ReplayWish,
)
from app.http.url import Url

_MOST_SHOWN: Final = 500


async def list_refused(request: Request) -> Response:
    """Deliveries that were not let in, page by page."""
    query = request.query_params
    after = refused.place_of(query["cursor"]) if query.get("cursor") else refused.NEWEST
    if after is None:
        raise Refused(Code.INVALID_BODY, field="cursor", expected="what a page ended with")
    account, reason, word = (_text(query, name) for name in ("account", "reason", "word"))
    since, until = _moment(query, "since"), _moment(query, "until")
    chosen = refused.Filter(account, reason, word, since, until)
    async with request.state.hub.pools.drains.acquire() as conn:
        rows, following = await refused.page(conn, chosen, _limit(query), after)
    found = [msgspec.convert(dict(row), RefusedDelivery) for row in rows]
    return json_answer(RefusedDeliveries(found, None if following is None else str(following)))


async def list_buried(request: Request) -> Response:
    """What is buried, by what it died of."""
    query = request.query_params
    within = _moment(query, "since"), _moment(query, "until")
    asked = _text(query, "queue"), _text(query, "account"), within
    async with request.state.hub.pools.drains.acquire() as conn:
        rows = await buried.groups(conn, *asked, _limit(query))
    return json_answer(Buried([msgspec.convert(dict(row), BuriedGroup) for row in rows]))


async def begin(request: Request) -> Response:
    """Count what is meant, and unless it is a dry run begin to replay it."""
    asked, hub = decode(await request.body(), ReplayWish), request.state.hub
    wanted = _wanted(asked)
    bounds = Bounds(request.state.operator, asked.limit, asked.rate, clean(asked.why).strip())
    async with hub.reports.enter(), hub.pools.drains.acquire() as conn:
        made, run = await plan(conn, wanted), None
        if not asked.dry_run and made.matched > 0:
            id_ = await acting.begin(conn, made, bounds, request.state.trace_id)
            run = _view(await acting.one(conn, id_), await replays.became(conn, id_))
    if run is not None:
        hub.wakes[Queue(asked.queue)].set()
    return json_answer(_answer(made, run))


async def list_replays(request: Request) -> Response:
    """The latest replays."""
    async with request.state.hub.pools.drains.acquire() as conn:
        runs = await replays.latest(conn, _limit(request.query_params))
    return json_answer(ReplayList([_view(run, {}) for run in runs]))


async def read(request: Request) -> Response:
    """One replay: how far it is."""
    id_, hub = uuid_of(request, "replay_id", Code.REPLAY_NOT_FOUND), request.state.hub
    async with hub.reports.enter(), hub.pools.drains.acquire() as conn:
        run = await acting.one(conn, id_)
        became = await replays.became(conn, id_)
    return json_answer(_view(run, became))


async def cancel(request: Request) -> Response:
    """Stop a replay before its next batch; the second time changes nothing."""
    id_ = uuid_of(request, "replay_id", Code.REPLAY_NOT_FOUND)
    async with request.state.hub.pools.drains.acquire() as conn:
        run = await acting.cancel(conn, id_, request.state.operator)
    return json_answer(_view(run, {}))


def _wanted(asked: ReplayWish) -> Wanted:
    words = (asked.account, asked.kind, asked.store, asked.order, asked.reason, asked.since,
             asked.until)  # fmt: skip
    if asked.ids and (asked.states or any(word is not None for word in words)):
        raise Refused(Code.INVALID_BODY, field="ids", expected="ids, or words about rows")
    states = tuple(asked.states) or FINISHED
    return Wanted(asked.queue, states, *words, tuple(asked.ids))


def _answer(made: Plan, run: Replay | None) -> ReplayAnswer:
    examples = [msgspec.convert(dict(row), ReplayExample) for row in made.examples]
    counted = (made.matched, made.unfinished, made.first_at, made.last_at)
    return ReplayAnswer(*counted, examples, run)


def _view(run: Any, became: dict[str, int]) -> Replay:
    facts = dict(run) | {"limit": run["most"], "why": run["reason"], "became": became}
    return msgspec.convert(facts, Replay)


def _text(query: QueryParams, name: str) -> str | None:
    return clean(query.get(name, ""))[:200] or None


def _limit(query: QueryParams) -> int:
    given = query.get("limit", "50")
    if not (given.isascii() and given.isdecimal() and 1 <= int(given[:6]) <= _MOST_SHOWN):
        raise Refused(Code.INVALID_BODY, field="limit", expected=f"1 to {_MOST_SHOWN}")
    return int(given[:6])


def _moment(query: QueryParams, name: str) -> datetime | None:
    try:
        given = query.get(name)
        return msgspec.convert(given, Moment) if given else None
    except msgspec.ValidationError:
        raise Refused(Code.INVALID_BODY, field=name, expected="RFC 3339") from None


_ONE: Final = "/monitoring/v1/replays/{replay_id}"
_TEXT: Final = {"type": "string", "maxLength": 200}
_WHEN: Final = {"type": "string", "format": "date-time"}
_SPAN: Final = {"since": _WHEN, "until": _WHEN}
_COUNT: Final = {"type": "integer", "minimum": 1, "maximum": _MOST_SHOWN, "default": 50}
_QUEUES: Final = {"type": "string", "enum": ["inbox", "outbox", "erp_outbox"]}

ROWS: Final = (
    Url("GET", "/monitoring/v1/refused", list_refused, Guard.OPERATOR,
        "Deliveries that were not let in, and why", answer=RefusedDeliveries,
        query={"account": _TEXT, "reason": _TEXT, "word": _TEXT, **_SPAN, "cursor": _TEXT,
               "limit": _COUNT}),
    Url("GET", "/monitoring/v1/buried", list_buried, Guard.OPERATOR,
        "What is buried, by what it died of", answer=Buried,
        query={"queue": _QUEUES, "account": _TEXT, **_SPAN, "limit": _COUNT}),
    Url("POST", "/monitoring/v1/replays", begin, Guard.OPERATOR,
        "Do finished work again: counted first", body=ReplayWish, answer=ReplayAnswer,
        lasting=True),
    Url("GET", "/monitoring/v1/replays", list_replays, Guard.OPERATOR,
        "Replays, the latest first", answer=ReplayList, query={"limit": _COUNT}),
    Url("GET", _ONE, read, Guard.OPERATOR,
        "One replay: how far it is", answer=Replay, lasting=True),
    Url("POST", f"{_ONE}/cancel", cancel, Guard.OPERATOR,
        "Stop a replay before its next batch", answer=Replay),
)  # fmt: skip
