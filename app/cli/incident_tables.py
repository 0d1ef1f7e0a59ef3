"""Incidents and mutes as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from asyncpg import Record
from rich import box
from rich.console import RenderableType
from rich.table import Table

from app.db.incident_lists import Whole
from app.domain.mute import Mute

_SIGN: Final = {"critical": "!!", "warning": "!"}
#: Columns that are nobody's business outside the hub.
_INNER: Final = frozenset(("now", "chat_id", "telegram_id", "seq", "revision"))


def as_json(row: Record) -> dict[str, Any]:
    """One incident for programs, with how long it has lasted in seconds."""
    told = {name: value for name, value in dict(row).items() if name not in _INNER}
    lasts = _lasts(row)
    return {**told, "seconds": None if lasts is None else round(lasts.total_seconds())}


def listed(rows: Sequence[Record]) -> Table:
    """One line an incident, and beneath it who acted."""
    table = Table("id", "", "rule", "where", "value", "state", "since", "lasts", box=box.SIMPLE)
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(
            str(row["id"]), _SIGN[row["level"]], row["rule"], _where(row), f"{row['value']:g}",
            row["state"], _time(row["fired_at"] or row["seen_at"]), _span(_lasts(row)),
        )  # fmt: skip
        for line in _standing(row):
            table.add_row("", "", f"  {line}")
    return table


def _where(row: Record) -> str:
    facts = row["facts"]
    if facts.get("group"):
        stores = facts.get("stores_count", 0)
        place = row["store"] or f"{stores} stores"
        return f"{place}: {facts.get('count', 0)} incidents"
    parts = (row["store"], row["account"], facts.get("number"))
    return " · ".join(str(part) for part in parts if part) or row["subject"]


def _standing(row: Record) -> Iterable[str]:
    if row["acknowledged_by"]:
        yield f"taken by {row['acknowledged_by']} at {_time(row['acknowledged_at'])}"
    if row["muted_until"]:
        why = f"{row['muted_by']}: {row['muted_why']}"
        yield f"muted until {_time(row['muted_until'])} by {why}"
    if row["parent_id"]:
        yield f"part of {row['parent_id']}"
    if row["silenced_by"]:
        yield f"explained by {row['silenced_by']}"
    if row["returns"]:
        yield "came back once" if row["returns"] == 1 else f"came back {row['returns']} times"


def whole(found: Whole) -> Iterable[RenderableType]:
    """One incident: how it stands, what it stands for, where it is seen, what happened."""
    one = found.incident
    yield f"{_SIGN[one['level']]} {one['rule']} · {_where(one)} · {one['value']:g}"
    yield f"{one['state']} since {_time(one['fired_at'] or one['seen_at'])}, {_span(_lasts(one))}"
    yield from (f"  {line}" for line in _standing(one))
    facts = {
        name: value for name, value in one["facts"].items()
        if value is not None and not isinstance(value, list)
    }  # fmt: skip
    yield "  " + ", ".join(f"{name}: {value}" for name, value in sorted(facts.items()))
    if found.members:
        yield _members(found.members)
    for post in found.posts:
        seen = _time(post["shown_at"]) if post["shown_at"] else "not yet"
        yield f"in chat {post['title'] or post['chat_id']}: {seen}"
    yield _history(found.history)


def _members(rows: Sequence[Record]) -> Table:
    table = Table("member", "", "what", "value", "state", box=box.SIMPLE)
    for row in rows:
        what = " · ".join(filter(None, (row["store"], row["number"]))) or row["subject"]
        table.add_row(str(row["id"]), _SIGN[row["level"]], what, f"{row['value']:g}", row["state"])
    return table


def _history(rows: Sequence[Record]) -> Table:
    table = Table("at", "what", "who", "", box=box.SIMPLE)
    for row in rows:
        detail = ", ".join(f"{name}: {value}" for name, value in row["detail"].items())
        table.add_row(_time(row["at"]), row["kind"], row["actor"], detail)
    return table


def uuid_of(text: str | None) -> UUID | None:
    """A UUID in words, None when they are something else."""
    try:
        return UUID(text)
    except (TypeError, ValueError):
        return None


def meant(mute: Mute) -> list[UUID]:
    """The ids of what a mute is of, the narrowest first."""
    found = (uuid_of(mute.subject), mute.store_id, mute.account_id, mute.merchant_id)
    return [one for one in found if one is not None]


def mutes(found: Sequence[Mute], names: Mapping[UUID, str]) -> Table:
    """What is silent, what ends first first; `names`: what people call what they are of."""
    table = Table("id", "rule", "of", "until", "who", "why", box=box.SIMPLE)
    table.columns[0].no_wrap = True
    for one in found:
        of = [names[id_] for id_ in meant(one) if id_ in names]
        if one.subject and uuid_of(one.subject) is None:
            of.insert(0, one.subject)
        what = of[0] if of else one.subject or "all"
        table.add_row(str(one.id), one.rule, what, _time(one.until), one.owner, one.reason)
    return table


def _lasts(row: Record) -> timedelta | None:
    """From when people were to know of it until its end, or until now."""
    if row["fired_at"] is None:
        return None
    lasts: timedelta = (row["resolved_at"] or row["now"]) - row["fired_at"]
    return max(timedelta(), lasts)


def _span(span: timedelta | None) -> str:
    if span is None:
        return "pending"
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone():%m-%d %H:%M:%S}"
