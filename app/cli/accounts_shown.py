"""orderhub accounts list and show, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from rich import box
from rich.table import Table

from app.cli.session import console
from app.render.accounts import AccountStory, EventView

#: How a marketplace is called, for people: a breaker that is open sounds well and is not.
_CALLED: Final = {
    "closed": "active", "resting": "resting", "open": "not called", "half_open": "trying",
}  # fmt: skip


def print_accounts(rows: Iterable[Mapping[str, Any]]) -> None:
    """Accounts, one a line; beneath them why some are paused or not called."""
    if not (rows := list(rows)):
        console.print("There is no account yet: orderhub accounts create", highlight=False)
        return
    table, reasons = Table(box=box.SIMPLE, padding=(0, 1, 0, 0)), []
    table.add_column("account", overflow="fold", min_width=14)  # a code is written out again
    for head in ("adapter", "merchant", "stores", "state", "in", "out", "unmapped"):
        table.add_column(head, overflow="fold")
    for row in rows:
        counts = (row["stores"], _state(row), row["deliveries"], row["messages"], row["unmapped"])
        table.add_row(row["code"], row["adapter"], row["merchant"], *map(str, counts))
        reasons += [f"{row['code']}: {why}" for why in _why(row)]
    console.print(table, highlight=False)
    for reason in reasons:
        console.print(reason, highlight=False, soft_wrap=True)


def _why(row: Mapping[str, Any]) -> Iterator[str]:
    """Who paused it, and what keeps the hub from calling its marketplace."""
    if row["paused_reason"]:
        yield f"paused by {row['paused_by']}: {row['paused_reason']}"
    if row["gate"] != "closed":
        until = f" until {row['gate_until'].astimezone():%H:%M:%S}" if row["gate_until"] else ""
        yield f"{row['gate_reason'] or 'asked for patience'}{until}: {row['gate_said'] or ''}"


def _state(row: Mapping[str, Any]) -> str:
    """A paused account is that; else how its marketplace is called, unless that is as usual."""
    if not row["active"]:
        return "paused"
    return _CALLED[row["gate"]]


def print_story(story: AccountStory) -> None:
    """Settings, rules, stores, versions of secrets, what was done; what is wrong comes first."""
    state = "active" if story.active else f"paused by {story.paused_by}: {story.paused_reason}"
    head = f"{story.code} · {story.adapter} · {story.merchant} · {state}"
    waits = f"in {story.deliveries}, out {story.messages}, orders not finished {story.orders}"
    console.print(f"{head}\nwebhooks: {story.hook} · waiting: {waits}", highlight=False)
    for each in story.trouble:
        console.print(f"trouble: {each}", style="red", highlight=False)
    for name, pairs in (("settings", story.settings), ("rules", story.rules),
                        ("stores", story.stores)):  # fmt: skip
        if pairs:
            console.print(_table((name, ""), pairs.items()), highlight=False)
    console.print(_secrets(story), highlight=False)
    console.print(_history(story.history), highlight=False)


def _table(heads: Iterable[str], rows: Iterable[tuple[str, Any]]) -> Table:
    table = Table(*heads, box=box.SIMPLE)
    for name, value in rows:
        table.add_row(name, str(value))
    return table


def _secrets(story: AccountStory) -> Table:
    table = Table("secret", "version", "state", "since", "until", "by", box=box.SIMPLE)
    for each in story.secrets:
        until = _time(each.valid_until) if each.valid_until else "no end"
        who = each.revoked_by if each.state == "revoked" and each.revoked_by else each.added_by
        facts = (str(each.version), each.state, _time(each.valid_from), until, who)
        table.add_row(each.kind, *facts)
    return table


def _history(events: list[EventView]) -> Table:
    table = Table("when", "who", "what", "", box=box.SIMPLE)
    for each in events:
        detail = ", ".join(f"{name}: {value}" for name, value in each.detail.items())
        table.add_row(_time(each.at), each.actor, each.event, detail[:100])
    return table


def _time(moment: datetime) -> str:
    return f"{moment.astimezone():%d.%m.%Y %H:%M:%S}"
