"""What marketplaces' words mean, over HTTP for operators; and what waits for somebody to say it."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions import mappings as acting
from app.actions.account_check import seen
from app.actions.verbs.shape import TEXT
from app.db import mappings
from app.db.queue import Queue
from app.domain.refusals import Code, Refused
from app.http.accounts import ONE, PLACES, code_of, refusing
from app.http.guards import Guard
from app.http.reading import clean, decode, json_answer
from app.http.url import Url
from app.render.mappings import MappedView, MappingList, MappingView, WaitingWord, WaitingWords

_HERE: Final = f"{ONE}/mappings"
#: Words in one answer.
_PAGE: Final = 500
#: Words in one request.
MOST: Final = 1000

Kind = Annotated[str, Meta(pattern=r"^[a-z_]{1,30}$(?!\n)")]
Word = Annotated[str, Meta(min_length=1, max_length=acting.LONGEST, pattern=TEXT)]


class Meanings(msgspec.Struct):
    """What words of one kind mean, theirs to ours. `kind`: store (our store's code), goods (our
    SKU), unit, status (a documented one of its adapter), or what an adapter asks about."""

    kind: Kind
    words: dict[str, Word]


async def list_mappings(request: Request) -> Response:
    """What was said of one account's words, a page at a time."""
    asked = request.query_params
    kind = clean(asked.get("kind", ""))[:30] or None
    async with request.state.hub.pools.drains.acquire() as conn:
        found = await seen(conn, code_of(request))
        rows = await mappings.browse(conn, found.id, kind, clean(asked.get("after", "")), _PAGE + 1)
    shown = [msgspec.convert(dict(row), MappingView) for row in rows[:_PAGE]]
    more = f"{shown[-1].kind} {shown[-1].theirs}" if len(rows) > _PAGE else None
    return json_answer(MappingList(shown, more))


async def put(request: Request) -> Response:
    """All or none of it; what waited for these words goes on with the same commit."""
    asked, hub = decode(await request.body(), Meanings), request.state.hub
    if not 1 <= len(asked.words) <= MOST:
        raise Refused(Code.INVALID_BODY, field="words", expected=f"1 to {MOST}")
    with refusing():
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            woken = await acting.put(
                conn, hub.marketplaces, code_of(request), asked.kind, asked.words,
                who=request.state.operator,
            )  # fmt: skip
    hub.wakes[Queue.INBOX].set()
    return json_answer(MappedView(len(asked.words), woken))


async def remove(request: Request) -> Response:
    """Nobody says any more what a word means; orders that are here stay as they are."""
    kind, theirs = (clean(request.query_params.get(name, "")) for name in ("kind", "theirs"))
    async with request.state.hub.pools.drains.acquire() as conn, conn.transaction():
        await acting.remove(conn, code_of(request), kind, theirs, request.state.operator)
    return Response(status_code=204)


async def list_waiting(request: Request) -> Response:
    """Words that deliveries wait for, the oldest first."""
    account = clean(request.query_params.get("account", ""))[:100] or None
    async with request.state.hub.pools.drains.acquire() as conn:
        rows = await mappings.unmapped(conn, account, _PAGE)
    return json_answer(WaitingWords([msgspec.convert(dict(row), WaitingWord) for row in rows]))


_TEXT: Final[dict[str, Any]] = {"type": "string", "maxLength": 300}
ROWS: Final = (
    Url("GET", _HERE, list_mappings, Guard.OPERATOR,
        "What a marketplace's words mean: stores, goods, units, statuses", answer=MappingList,
        places=PLACES, query={"kind": _TEXT, "after": _TEXT}),
    Url("POST", _HERE, put, Guard.OPERATOR,
        "Say what words mean; what waits for them goes on", body=Meanings, answer=MappedView,
        places=PLACES),
    Url("DELETE", _HERE, remove, Guard.OPERATOR, "Take back what a word means", status=204,
        places=PLACES, query={"kind": _TEXT, "theirs": _TEXT}),
    Url("GET", "/accounts/v1/unmapped", list_waiting, Guard.OPERATOR,
        "Words that orders wait for", answer=WaitingWords, query={"account": _TEXT}),
)  # fmt: skip
