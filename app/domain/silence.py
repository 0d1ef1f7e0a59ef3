"""Inhibition: what another incident explains is told to nobody while that one is on, and at least
as bad: nobody learns from a warning that something must be done now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import TypeAlias
from uuid import UUID

from app.domain.book import Book, View
from app.domain.incident import Change, Event, Incident
from app.domain.rule import Level, Rule

#: Whose trouble: merchant, store, account, order; what is None is meant whole.
Scope: TypeAlias = tuple[UUID | None, UUID | None, UUID | None, UUID | None]


def silence(book: Book, view: View) -> None:
    """Mark who is explained by whom, and who is not any more. One whose explanation ended just now
    has one look to end as well. What has been told already stays as it is; it only climbs no
    ladder."""
    explaining = _explaining(book.live(), view.rules)
    book.put([_heed(one, explaining, book, view) for one in book.live() if _may(one, view.rules)])


def _may(one: Incident, rules: Mapping[str, Rule]) -> bool:
    return one.silenced_by is not None or bool(one.rule in rules and rules[one.rule].silenced_by)


def _explaining(
    live: Iterable[Incident], rules: Mapping[str, Rule]
) -> dict[tuple[str, Scope], Incident]:
    silencers = {name for rule in rules.values() for name in rule.silenced_by}
    found = sorted((one for one in live if one.rule in silencers), key=_is_critical)
    return {(one.rule, _scope(one)): one for one in found}  # of several the worst


def _is_critical(one: Incident) -> bool:
    return one.level is Level.CRITICAL


def _scope(one: Incident) -> Scope:
    return one.merchant_id, one.store_id, one.account_id, one.order_id


def _heed(
    one: Incident,
    explaining: Mapping[tuple[str, Scope], Incident],
    book: Book,
    view: View,
) -> Change | None:
    names = view.rules[one.rule].silenced_by if one.rule in view.rules else ()
    found = (explaining.get((name, scope)) for name in names for scope in _wider(one))
    why = next((other for other in found if other is not None and _hides(other, one)), None)
    if why is not None:
        return None if why.id == one.silenced_by else _silenced(one, why)
    if one.silenced_by is None:
        return None
    gone = book.incidents.get(one.silenced_by)
    if gone is not None and book.happened(gone, "resolved"):
        return None
    loud = replace(one, silenced_by=None, step=0, stepped_at=view.now)
    return Change(loud, (Event("unsilenced", "hub"),))


def _hides(other: Incident, one: Incident) -> bool:
    return other.id != one.id and _is_critical(other) >= _is_critical(one)


def _silenced(one: Incident, why: Incident) -> Change:
    detail = {"incident": str(why.id), "rule": why.rule}
    return Change(replace(one, silenced_by=why.id), (Event("silenced", "hub", detail),))


def _wider(one: Incident) -> Iterator[Scope]:
    """Every scope that takes this incident's in: its own parts, each said or meant whole."""
    parts = [{part, None} for part in _scope(one)]
    yield from product(*parts)


def circle(rules: Iterable[Rule]) -> list[str]:
    """Rules that silence each other in a ring, so that nobody would hear of any; [] when none."""
    by_name = {rule.name: rule for rule in rules}
    return sorted(name for name in by_name if name in _behind(name, by_name))


def _behind(name: str, by_name: Mapping[str, Rule]) -> set[str]:
    """Every rule that silences this one, or one that does, and so on."""
    found: set[str] = set()
    todo = list(by_name[name].silenced_by)
    while todo:
        other = todo.pop()
        if other not in found and other in by_name:
            found.add(other)
            todo += by_name[other].silenced_by
    return found
