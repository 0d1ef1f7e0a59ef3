"""What a group's message shows of those it stands for, short enough for a message. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.domain.incident import Incident
from app.domain.rule import Level

#: A message names so many orders, or so many stores, and says how many more there are.
MEMBERS: Final = 10
STORES: Final = 20
#: What changes from look to look without being news.
_VALUES: Final = frozenset(("value", "worst"))
#: What a group keeps of what its facts said before.
_KEPT: Final = ("group", "acknowledged", "store", "store_name", "timezone")


def worst_value(on: Iterable[Incident], *, below: bool) -> float:
    """The worst of their values; `below`: low ones are the bad ones."""
    values = [one.value for one in on]
    return min(values) if below else max(values)


def _said(one: Incident) -> float:
    """The number people are told of one: its value, unless its rule counts in that what nobody
    would say (an order that is due soon as an hour's wait)."""
    return float(one.facts.get("told_value", one.value))


def group_facts(before: Mapping[str, Any], on: list[Incident], *, below: bool) -> dict[str, Any]:
    """The facts of a group whose members are these (grouping.py says which), at least one."""
    stores = _by_store(on)
    place = {name: on[0].facts.get(name) for name in ("store", "store_name", "timezone")}
    kept = {name: before[name] for name in _KEPT if name in before}
    counts = {
        "count": len(on),
        "most": max(len(on), before.get("most", 0)),
        "critical": _critical(on),
        "stores_count": len(stores),
    }
    if before.get("group") == "merchant":
        listed = sorted((_store(some, below=below) for some in stores), key=_most_first)
        return {
            "timezone": place["timezone"], **kept, **counts, "stores": listed[:STORES],
            "more": max(0, len(listed) - STORES),
        }  # fmt: skip
    ordered = sorted(on, key=lambda one: (one.level is not Level.CRITICAL, one.id))
    return {
        **place, **kept, **counts, "members": [_member(one) for one in ordered[:MEMBERS]],
        "more": max(0, len(on) - MEMBERS),
    }  # fmt: skip


def face(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is news when it changes."""
    listed = {
        name: [{key: row[key] for key in row if key not in _VALUES} for row in facts[name]]
        for name in ("members", "stores")
        if name in facts
    }
    return {**facts, **listed, "most": None, "acknowledged": None}


def _by_store(on: Iterable[Incident]) -> list[list[Incident]]:
    found: dict[object, list[Incident]] = {}
    for one in on:
        found.setdefault(one.store_id, []).append(one)
    return list(found.values())


def _critical(on: Iterable[Incident]) -> int:
    return sum(one.level is Level.CRITICAL for one in on)


def _store(some: list[Incident], *, below: bool) -> dict[str, Any]:
    facts = some[0].facts
    return {
        "store": facts.get("store"), "store_name": facts.get("store_name"), "count": len(some),
        "critical": _critical(some), "value": _worst_said(some, below=below),
    }  # fmt: skip


def _worst_said(some: Iterable[Incident], *, below: bool) -> float:
    return min(map(_said, some)) if below else max(map(_said, some))


def _most_first(row: Mapping[str, Any]) -> tuple[int, int, str]:
    return -row["critical"], -row["count"], str(row["store"])


def _member(one: Incident) -> dict[str, Any]:
    label = one.facts.get("number") or one.facts.get("account") or one.subject
    return {"label": label, "level": str(one.level), "value": _said(one)}
