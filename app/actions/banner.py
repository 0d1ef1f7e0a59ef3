"""What people are told above every page when the hub itself is in trouble: when Telegram fails, no
message can say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from app.db import alarms, health, outbound
from app.db import banner as table
from app.db.banner import Health
from app.db.conn import Conn
from app.db.outbound import Hold
from app.domain import alarm as times
from app.render.banner import Line, Trouble, line

#: From when on something takes too long.
_WATCH: Final = timedelta(minutes=3)
_TELEGRAM: Final = timedelta(minutes=5)
_QUEUE: Final = timedelta(minutes=5)
_WAY: Final = timedelta(minutes=3)
#: How a way did then says nothing of today: it is used only when there is something to tell.
_LONG_AGO: Final = timedelta(days=1)
#: What is late on purpose while everything that goes out is held.
_HELD: Final = frozenset({"telegram_late", "outbox_late"})
#: Chats that are named.
_NAMED: Final = 5


async def banner(conn: Conn, language: str, now: datetime | None = None) -> list[Line]:
    """Lines for everybody who runs the hub, the worst first; none when all is well."""
    moment = now or await health.clock(conn)
    seen = await table.look(conn, moment, times.UNSEEN)
    held = await outbound.held(conn)
    ways = [
        Trouble("second_way", way["failing_since"], {"way": way["way"], "error": way["error"]})
        for way in await alarms.ways(conn)
        if way["failing_since"] is not None
        and moment - way["failing_since"] >= _WAY
        and moment - way["due_at"] < _LONG_AGO
    ]
    found = [*_held(held), *_troubles(seen, moment, held), *ways]
    return list(map(partial(line, language, moment), found))


def _held(held: Hold | None) -> Iterable[Trouble]:
    if held is not None:
        yield Trouble("outbound_held", held.held_at, {"who": held.held_by, "why": held.reason})


def _troubles(seen: Health, now: datetime, held: Hold | None) -> Iterable[Trouble]:
    timed: tuple[tuple[str, datetime | None, timedelta, Mapping[str, Any]], ...] = (
        ("monitor_late", seen.watched_at, _WATCH, {}),
        ("unseen", seen.unseen_since, timedelta(), {"count": seen.unseen}),
        ("telegram_late", seen.telegram_since, _TELEGRAM, {"count": seen.telegram}),
        ("inbox_late", seen.inbox_since, _QUEUE, {}),
        ("outbox_late", seen.outbox_since, _QUEUE, {}),
        ("chats_lost", seen.lost_since, timedelta(), {"chats": _names(seen.lost or ())}),
    )
    for code, since, patience, values in timed:
        if since is None or now - since < patience or (held and code in _HELD):
            continue
        yield Trouble(code, since, values)


def _names(titles: Iterable[str]) -> str:
    first = [title or "?" for title in titles]
    more = f" … +{len(first) - _NAMED}" if len(first) > _NAMED else ""
    return ", ".join(first[:_NAMED]) + more
