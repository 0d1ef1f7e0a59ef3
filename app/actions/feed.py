"""The handhelds' feed: read what changed since a cursor, and be told of changes as they happen.

Listeners of one process share one look at the database, a few times a second, and only while there
are any: no NOTIFY (a lock over all commits of the server), no connection to watch, and a database
that was away costs one look. Nothing is missed: a listener is registered before it reads for
itself, and each look tells all that the look before did not see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog
from asyncpg import Record

from app.db import changes
from app.db.conn import AWAY, CONTENDED, Conn, Pool, within
from app.domain.cursor import Cursor, Stand, begin
from app.domain.refusals import Code, Refused
from app.domain.transitions import ACTIVE
from app.render.changes import OrderChange
from app.render.picker import PickerView

log = structlog.get_logger()

#: Seconds between looks while somebody listens.
TICK: Final = 0.4
#: Orders in one page.
PAGE: Final = 200
#: Pages a listener may be behind; one that is slower is let go, and reads up when it comes back.
BEHIND: Final = 16
#: Listeners of one process; nginx sends the next one to the process that has the fewest.
MOST: Final = 250
#: Of one session: a handheld that changes networks leaves dead connections behind, so the newest
#: one counts and the oldest has to go.
PER_SESSION: Final = 3
#: Seconds for one look at the database.
PATIENCE: Final = 1.9
_PAUSE: Final = 5.0


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes, and the cursor that stands behind them."""

    changes: list[OrderChange]
    cursor: Cursor
    more: bool = False
    reset: bool = False


@dataclass(eq=False, slots=True)
class Listener:
    """Somebody who waits for the changes of one store."""

    store_id: UUID
    session: str
    over: bool = False  #: nothing more will come
    _pages: asyncio.Queue[Page | None] = field(default_factory=lambda: asyncio.Queue(BEHIND))

    async def next(self, seconds: float) -> Page | None:
        """The next changes; None when there were none for so long, or when it is over."""
        if self.over:
            return None
        try:
            async with asyncio.timeout(max(seconds, 0)):
                return await self._pages.get()
        except TimeoutError:
            return None

    def tell(self, page: Page) -> None:
        """Hand over a page without waiting."""
        if self._pages.full():
            self.end()
        elif not self.over:
            self._pages.put_nowait(page)

    def end(self) -> None:
        """Let it go; what it has not taken yet it reads with its cursor."""
        self.over = True
        while not self._pages.empty():
            self._pages.get_nowait()
        self._pages.put_nowait(None)


class Feed:
    """One per process."""

    def __init__(
        self,
        pool: Pool,
        *,
        tick: float = TICK,
        most: int = MOST,
        pulse: float = 15.0,
        slowest: float = 10.0,
        patience: float = PATIENCE,
    ) -> None:
        """Seconds: `pulse`, after which a stream shows that it lives; `slowest`, that one piece of
        it may take to leave; `patience`, that one look at the database may take."""
        self.pulse = pulse
        self.slowest = slowest
        self._pool = pool
        self._tick = tick
        self._patience = patience
        self._most = most
        self._listeners: dict[Listener, None] = {}  # in the order they came
        self._starting = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self._told: Cursor | None = None
        self._closed = False

    async def read(self, store_id: UUID, since: Cursor | None, limit: int = PAGE) -> Page:
        """What changed since a cursor; the whole queue for a reader without a good one."""
        return await within(self._patience, self._read(store_id, since, limit))

    @asynccontextmanager
    async def listening(self, store_id: UUID, session: str) -> AsyncIterator[Listener]:
        """Be told of a store's changes while the block lasts; Refused when too many are."""
        if len(self._listeners) >= self._most:
            raise Refused(Code.TOO_MANY_REQUESTS, seconds=_PAUSE)
        mine = [each for each in self._listeners if each.session == session]
        for oldest in mine[: max(len(mine) + 1 - PER_SESSION, 0)]:
            oldest.end()
        listener = Listener(store_id, session)
        self._listeners[listener] = None
        if self._closed:
            listener.end()
        try:
            await within(self._patience, self._look_from_now())
            yield listener
        finally:
            self._listeners.pop(listener, None)

    def close(self) -> None:
        """Let everybody go: this process is about to end."""
        self._closed = True
        self._let_go()
        if self._looking is not None:
            self._looking.cancel()

    def listeners(self) -> int:
        """How many are told."""
        return len(self._listeners)

    async def _read(self, store_id: UUID, since: Cursor | None, limit: int) -> Page:
        async with self._pool.acquire() as conn:
            now = await changes.stand(conn)
            good = since is not None and since.good(now)
            cursor = since if since is not None and good else begin(now)
            rows = await _rows(conn, store_id, cursor, now, limit=limit + 1)
        more = len(rows) > limit
        told = cursor.told(now, rows[limit - 1]["id"] if more else None)
        return Page([_change(row) for row in rows[:limit]], told, more, reset=not good)

    async def _look_from_now(self) -> None:
        """Have somebody look. The first look's start is noted before the first listener reads, or
        what happens in between would be nobody's."""
        async with self._starting:
            if self._closed or not (self._looking is None or self._looking.done()):
                return
            async with self._pool.acquire() as conn:
                now = await changes.stand(conn)
            self._told = Cursor(now.place, now.taken, now.seen)
            self._looking = asyncio.create_task(self._keep_looking(), name="feed")
            self._looking.add_done_callback(self._looked)

    async def _keep_looking(self) -> None:
        away = False
        while self._listeners:
            await asyncio.sleep(self._tick)
            try:
                await within(self._patience, self._look())
            except (*AWAY, *CONTENDED) as error:
                if not away:
                    log.warning("feed out of reach", error=repr(error)[:300])
                away = True
            else:
                away = False

    async def _look(self) -> None:
        """Tell everybody what has changed since the last look."""
        assert self._told is not None  # noted before the first look
        async with self._pool.acquire() as conn:
            now = await changes.stand(conn)
            if not self._told.good(now):
                self._let_go()  # another database: they come back and begin anew
                self._told = Cursor(now.place, now.taken, now.seen)
            # Who came until now; who comes later reads later, and sees what this look sees.
            stores = {listener.store_id for listener in self._listeners}
            while (goal := self._told.page(now)[1]) != self._told.seen:
                rows = await changes.changed(
                    conn, stores, (self._told.seen, goal), self._told.after, PAGE
                )
                last = rows[-1]["id"] if len(rows) == PAGE else None
                self._told = self._told.told(now, last)
                self._tell(rows, self._told)

    def _tell(self, rows: Iterable[Record], cursor: Cursor) -> None:
        by_store: dict[UUID, list[OrderChange]] = {}
        for row in rows:
            by_store.setdefault(row["store_id"], []).append(_change(row))
        for listener in list(self._listeners):
            if found := by_store.get(listener.store_id):
                listener.tell(Page(found, cursor))

    def _let_go(self) -> None:
        for listener in self._listeners:
            listener.end()

    def _looked(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("feed died", exc_info=error)
            self._let_go()  # they come back, and somebody looks again


async def _rows(
    conn: Conn, store_id: UUID, cursor: Cursor, now: Stand, *, limit: int
) -> list[Record]:
    if not cursor.seen:
        return await changes.active(conn, store_id, cursor.after, limit)
    return await changes.changed(conn, [store_id], cursor.page(now), cursor.after, limit)


def _change(row: Record) -> OrderChange:
    fields = dict(row)
    del fields["store_id"]
    badge, name = fields.pop("badge"), fields.pop("name")
    picker = PickerView(badge, name) if badge else None
    return OrderChange(**fields, active=row["state"] in ACTIVE, picker=picker)
