"""The feed over HTTP: a list for those who ask, server-sent events for those who stay."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.actions.feed import Feed, Listener, Page
from app.actions.sign_in import who
from app.db.conn import AWAY, CONTENDED
from app.domain import cursor
from app.domain.cursor import Cursor
from app.domain.refusals import Code, Refused
from app.http.guards import Guard, bearer
from app.http.url import Url
from app.render import changes as views

log = structlog.get_logger()

#: Seconds a question may wait for something to happen; less than nginx waits for an answer.
LONGEST: Final = 25
#: When a broken stream is to be asked for again, in milliseconds.
_RETRY: Final = b"retry: 2000\n\n"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def read_changes(request: Request) -> Response:
    """What changed since `since`; with `wait`, not before something did."""
    since = _cursor(request.query_params.get("since", ""), "since")
    wait = _seconds(request.query_params.get("wait", "0"))
    feed, store_id = _feed(request), request.state.picker.store_id
    if not wait:
        return _answer(await feed.read(store_id, since))
    until = time.monotonic() + wait
    async with feed.listening(store_id, bearer(request)) as listener:
        page = await feed.read(store_id, since)
        while not (page.changes or page.reset or listener.over):
            left = until - time.monotonic()
            if left <= 0:
                break
            if await listener.next(left) is not None:
                page = await feed.read(store_id, page.cursor)
    await who(request.state.hub, bearer(request))  # the session may be over by now
    return _answer(page)


async def stream(request: Request) -> Response:
    """Changes as server-sent events, as they happen."""
    since = _cursor(request.headers.get("last-event-id", ""), "Last-Event-ID")
    if request.method == "HEAD":
        return Response(headers=_HEADERS, media_type="text/event-stream")
    return EventStream(request, since)


class EventStream(StreamingResponse):
    """A stream of one store's changes. It lasts until the reader goes, is too slow or signs out,
    or this process ends. Starlette notices a reader that goes."""

    def __init__(self, request: Request, since: Cursor | None) -> None:
        super().__init__((), headers=_HEADERS, media_type="text/event-stream")
        self._request = request
        self._feed = _feed(request)
        self._store_id = request.state.picker.store_id
        self._since = since

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it. What can be refused is refused before the stream begins."""
        async with self._feed.listening(self._store_id, bearer(self._request)) as listener:
            first = await self._feed.read(self._store_id, self._since)
            self.body_iterator = self._events(listener, first)
            await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        """Send piece by piece; a piece that does not leave is the last one."""

        async def send_soon(message: Message) -> None:
            async with asyncio.timeout(self._feed.slowest):
                await send(message)

        try:
            await super().stream_response(send_soon)
        except TimeoutError:
            log.info("slow reader let go", badge=self._request.state.picker.badge)

    async def _events(self, listener: Listener, page: Page) -> AsyncIterator[bytes]:
        yield _RETRY + _page(page)
        try:
            while page.more:
                page = await self._feed.read(self._store_id, page.cursor)
                yield _page(page)
        except (*AWAY, *CONTENDED):
            return  # the reader comes back, and goes on from the last page it got
        yield _event("synced", b"{}", page.cursor)
        due = time.monotonic() + self._feed.pulse
        while not listener.over:
            news = await listener.next(due - time.monotonic())
            if news is not None:
                yield _page(news)
            if time.monotonic() >= due:
                if not await self._signed_in():
                    yield _event("end", b'{"code":"SESSION_EXPIRED"}')
                    return
                yield b": keep-alive\n\n"
                due = time.monotonic() + self._feed.pulse

    async def _signed_in(self) -> bool:
        try:
            await who(self._request.state.hub, bearer(self._request))
        except Refused:
            return False
        except (*AWAY, *CONTENDED):
            log.info("session not checked: the database is away")
        return True


def _page(page: Page) -> bytes:
    """A page as events. Only the last one has an id: who breaks off before it gets all again."""
    last = len(page.changes) - 1
    events = [
        _event("change", msgspec.json.encode(change), page.cursor if n == last else None)
        for n, change in enumerate(page.changes)
    ]
    return b"".join([_event("reset", b"{}") if page.reset else b"", *events])


def _event(name: str, data: bytes, cursor_: Cursor | None = None) -> bytes:
    id_ = f"id: {cursor_}\n" if cursor_ else ""
    return f"event: {name}\n{id_}data: ".encode() + data + b"\n\n"


def _answer(page: Page) -> Response:
    body = views.Changes(page.changes, str(page.cursor), page.more, page.reset)
    return Response(msgspec.json.encode(body), media_type="application/json")


def _cursor(text: str, field: str) -> Cursor | None:
    if not text:
        return None
    found = cursor.read(text)
    if found is None:
        raise Refused(Code.INVALID_BODY, field=field, expected="a cursor as it was given")
    return found


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 2 and int(text) <= LONGEST):
        raise Refused(Code.INVALID_BODY, field="wait", expected=f"whole seconds, 0 to {LONGEST}")
    return int(text)


def _feed(request: Request) -> Feed:
    feed: Feed = request.state.feed
    return feed


_OLD: Final = {"type": "string", "maxLength": 6000}
ROWS: Final = (
    Url("GET", "/picker/v1/changes", read_changes, Guard.PICKER,
        "What changed in the shop's queue since a cursor; without one, the whole queue",
        answer=views.Changes, lasting=True,
        query={"since": _OLD, "wait": {"type": "integer", "minimum": 0, "maximum": LONGEST,
                                       "default": 0}}),
    Url("GET", "/picker/v1/stream", stream, Guard.PICKER,
        "The same as server-sent events: reset, change, synced, end",
        lasting=True, headers={"Last-Event-ID": _OLD}, media="text/event-stream"),
)  # fmt: skip
