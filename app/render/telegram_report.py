"""Answers to /status, /store, /order and /who."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from app.domain.chat_report import (
    Linked,
    OnShift,
    OrderReport,
    Source,
    Status,
    StoreLine,
    StoreReport,
    Today,
)
from app.render.telegram_lines import Reader, bold, page, safe, trouble

#: Monitoring looks every minute; older than this, nobody can say that all is well.
STALE: Final = timedelta(seconds=150)
#: What an account has not said for longer than this is shown by itself.
_QUIET: Final = timedelta(hours=1)
_ORDER: Final = ("received", "accepted", "picking", "picked", "ready", "handed_over")


def status_text(status: Status, reader: Reader, place: str = "") -> str:
    """All is well, or what is wrong; and whether that can be known. `place`: of one store only."""
    where = f" · {safe(place)}" if place else ""
    listed = [trouble(one, reader) for one in status.troubles]
    unseen = status.critical + status.warning - len(listed)
    if unseen > 0:
        listed.append(reader.say("tg.more", count=unseen))
    head = [f"{_sign(status)} {bold(_headline(status, reader))}{where}"]
    foot = ["", *_queues(status, reader), *_sources(status.sources, reader)]
    return page(head, listed, [*foot, *_watching(status, reader)], reader)


def _blind(status: Status) -> bool:
    return status.watched_at is None or status.now - status.watched_at > STALE


def _sign(status: Status) -> str:
    if status.critical:
        return "🔴"
    if status.warning:
        return "🟠"
    return "⚪" if _blind(status) else "🟢"


def _headline(status: Status, reader: Reader) -> str:
    counts = [
        reader.say(f"tg.{level}", count=count)
        for level, count in (("critical", status.critical), ("warning", status.warning))
        if count
    ]
    if counts:
        return " · ".join(counts)
    return reader.say("tg.unknown" if _blind(status) else "tg.well")


def _queues(status: Status, reader: Reader) -> Iterator[str]:
    busy = [
        reader.say(
            f"tg.queue.{one.queue}",
            count=one.unfinished,
            oldest=reader.span(timedelta(seconds=one.oldest)),
        )
        for one in status.backlogs
        if one.unfinished
    ]
    yield reader.say("tg.queues") + (", ".join(busy) or reader.say("tg.queues_empty"))
    dead = sum(one.dead for one in status.backlogs)
    if dead:
        yield reader.say("tg.buried", count=dead)


def _sources(sources: Sequence[Source], reader: Reader) -> Iterator[str]:
    told = []
    for one in sources:
        if not one.active:
            told.append(f"{safe(one.code)} — {reader.say('tg.paused')}")
            continue
        when = reader.ago(one.last_at) if one.last_at else reader.say("tg.never")
        late = one.last_at is None or reader.now - one.last_at > _QUIET
        told.append(f"{safe(one.code)} — {bold(when) if late else when}")
    if told:
        yield reader.say("tg.webhooks") + ", ".join(told)


def _watching(status: Status, reader: Reader) -> Iterator[str]:
    if status.watched_at is None:
        yield "⚠️ " + reader.say("tg.never_watched")
    elif _blind(status):
        yield "⚠️ " + reader.say("tg.watched_late", ago=reader.ago(status.watched_at))
    else:
        yield reader.say("tg.watched", ago=reader.ago(status.watched_at))
    if status.blind:
        yield "⚠️ " + reader.say("tg.blind", rules=", ".join(status.blind))


def store_text(store: StoreReport, reader: Reader) -> str:
    """One store: its open orders, what is wrong, who is there, the day so far."""
    title = f"🏬 {bold(safe(store.name))} · {safe(store.code)}"
    head = [title + (f" · ⏸ {reader.say('tg.store_paused')}" if store.paused else ""), ""]
    states = [
        f"{reader.say(f'state.{state}')} — {store.states[state]}"
        for state in _ORDER
        if store.states.get(state)
    ]
    head.append(reader.say("tg.open") + (" · ".join(states) or reader.say("tg.none")))
    if store.late or store.soon:
        head.append("⏰ " + reader.say("tg.at_risk", late=store.late, soon=store.soon))
    listed = [trouble(one, reader, placed=False) for one in store.troubles]
    wrong = ["", *listed] if listed else ["", "🟢 " + reader.say("tg.no_troubles")]
    foot = ["", *_team(store.team, reader), *_today(store.today, reader)]
    return page(head, wrong, foot, reader)


def _team(team: Sequence[OnShift], reader: Reader) -> Iterator[str]:
    names = [_at_work(one, reader) for one in team[:15]]
    more = [reader.say("tg.more_people", count=len(team) - 15)] if len(team) > 15 else []
    said = ", ".join([*names, *more]) or reader.say("tg.nobody")
    yield "👥 " + reader.say("tg.on_shift") + said


def _at_work(one: OnShift, reader: Reader) -> str:
    marks = [reader.say("tg.senior")] if one.role == "supervisor" else []
    marks += [reader.say("tg.break")] if one.paused_at else []
    return f"{safe(one.name)} ({', '.join([safe(one.badge), *marks])})"


def _today(today: Today, reader: Reader) -> Iterator[str]:
    if not today.orders and not today.lines:
        yield "📊 " + reader.say("tg.no_day")
        return
    parts = [
        reader.say("tg.day.orders", count=today.orders, delivered=today.delivered),
        reader.say("tg.day.cancelled", count=today.cancelled) if today.cancelled else "",
        _share("tg.day.on_time", today.ready_on_time, today.ready, reader),
        _share("tg.day.found", today.found, today.lines, reader),
    ]
    if today.pick_seconds is not None:
        span = reader.span(timedelta(seconds=today.pick_seconds))
        parts.append(reader.say("tg.day.pick", span=span))
    yield "📊 " + reader.say("tg.today") + ", ".join(part for part in parts if part)


def _share(text: str, part: int, whole: int, reader: Reader) -> str:
    return reader.say(text, percent=round(100 * part / whole)) if whole else ""


def stores_text(stores: Sequence[StoreLine], count: int, reader: Reader) -> str:
    """All stores of a merchant, the troubled first."""
    lines = [_store_line(one, reader) for one in stores]
    if count > len(lines):
        lines.append(reader.say("tg.more", count=count - len(lines)))
    head = [bold(reader.say("tg.stores", count=count))]
    return page(head, lines, ["", reader.say("tg.store_usage")], reader)


def _store_line(one: StoreLine, reader: Reader) -> str:
    sign = "🔴" if one.critical else "🟠" if one.warning else "⏰" if one.late else "🟢"
    late = ", " + reader.say("tg.late", count=one.late) if one.late else ""
    open_ = reader.say("tg.open_count", count=one.open)
    return f"{sign} {bold(safe(one.code))} {safe(one.name)} — {open_}{late}"


def order_text(order: OrderReport, reader: Reader) -> str:
    """One order, without a word about who ordered it."""
    head = [
        f"📦 {bold(safe(order.number))} · {safe(order.store)} · {safe(order.account)}",
        bold(_state(order, reader)),
        _due(order, reader),
        reader.say("tg.order.lines", done=order.lines_done, count=order.lines),
    ]
    if order.external_id != order.number:
        head.insert(1, reader.say("tg.order.theirs", number=order.external_id))
    if order.badges:
        head.append(reader.say("tg.order.badges", badges=", ".join(order.badges)))
    listed = [trouble(one, reader, placed=False) for one in order.troubles]
    return page(head, ["", *listed] if listed else [], [], reader)


def _state(order: OrderReport, reader: Reader) -> str:
    word = reader.say(f"state.{order.state}")
    return word if order.ended_at is None else f"{word} {reader.clock(order.ended_at)}"


def _due(order: OrderReport, reader: Reader) -> str:
    due = reader.clock(order.due_at)
    if order.ready_at is not None:
        text = "tg.order.ready_late" if order.ready_at > order.due_at else "tg.order.ready_in_time"
        return reader.say(text, time=due, ready=reader.clock(order.ready_at))
    if order.ended_at is not None:
        return reader.say("tg.order.was_due", time=due)
    if order.due_at < reader.now:
        span = reader.span(reader.now - order.due_at)
        return "⏰ " + reader.say("tg.order.late", time=due, span=span)
    return reader.say("tg.order.due", time=due, span=reader.span(order.due_at - reader.now))


def who_text(linked: Sequence[Linked], team: Sequence[OnShift], reader: Reader) -> str:
    """Who may press and ask here, and who is on shift in the stores."""
    stores: dict[str, list[str]] = {}
    for one in team:
        stores.setdefault(one.store, []).append(_at_work(one, reader))
    people = [f"• {_linked(one, reader)}" for one in linked]
    shifts = [f"{bold(safe(code))}: {', '.join(names)}" for code, names in stores.items()]
    lines = [*(people or [reader.say("tg.nobody")]), "", bold(reader.say("tg.at_work"))]
    return page(
        [bold(reader.say("tg.linked"))],
        [*lines, *(shifts or [reader.say("tg.nobody")])],
        [],
        reader,
    )


def _linked(one: Linked, reader: Reader) -> str:
    name = safe(one.name) + (f" @{safe(one.username)}" if one.username else "")
    store = f", {safe(one.store)}" if one.store else ""
    return f"{name} — {reader.say(f'tg.role.{one.role}')}{store}"
