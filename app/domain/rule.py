"""Monitoring rules: what is measured, from which value on it is a problem, and in whose words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

#: Most subjects one rule may see at once: beyond, the worst are taken.
MOST: Final = 2000


class Level(StrEnum):
    """How bad it is."""

    WARNING = "warning"  #: somebody should look
    CRITICAL = "critical"  #: somebody must act now


@dataclass(frozen=True, slots=True)
class Limits:
    """From which value on: `clear` is where an incident that is on ends again (None: at its lowest
    level); `least`: how many cases a rate needs; `hold`: seconds it must last."""

    warn: float | None = None
    critical: float | None = None
    clear: float | None = None
    least: int = 0
    hold: float = 0.0
    off: bool = False


@dataclass(frozen=True, slots=True)
class Threshold:
    """A chain's own limits for a rule: what is None matches everything, or says nothing. Hours are
    of the store's day; from 22 until 6 goes over midnight."""

    rule: str
    merchant_id: UUID
    store_id: UUID | None = None
    account_id: UUID | None = None
    hours: tuple[int, int] | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)  #: fields of Limits that are said


@dataclass(frozen=True, slots=True)
class Rule:
    """One file under sql/rules. `about`: what a subject is; `below`: low values are the bad ones;
    `most_mute`: minutes; `texts`: by language, the title and then the lines of detail, with
    {facts} in them; `silenced_by`: rules whose incidents explain this one's."""

    name: str
    about: str
    topic: str
    unit: str
    below: bool
    limits: Limits
    most_mute: int
    silenced_by: tuple[str, ...]
    texts: Mapping[str, tuple[str, ...]]
    sql: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """One measure as a rule's query found it; `hour` is the store's."""

    subject: str
    value: float
    cases: int | None
    hour: int
    merchant_id: UUID | None = None
    store_id: UUID | None = None
    account_id: UUID | None = None
    order_id: UUID | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def limits_of(rule: Rule, seen: Sighting, own: Iterable[Threshold]) -> Limits:
    """The limits for one sighting: the file's, with the chain's own over them, the most specific
    last, field by field."""
    fitting = sorted((one for one in own if _fits(one, rule, seen)), key=_specific)
    limits = rule.limits
    for one in fitting:
        limits = replace(limits, **one.limits)
    return limits


def _fits(one: Threshold, rule: Rule, seen: Sighting) -> bool:
    return (
        one.rule == rule.name
        and one.merchant_id == seen.merchant_id
        and one.store_id in (None, seen.store_id)
        and one.account_id in (None, seen.account_id)
        and (one.hours is None or _within(seen.hour, one.hours))
    )


def _within(hour: int, hours: tuple[int, int]) -> bool:
    start, end = hours
    return start <= hour < end if start < end else hour >= start or hour < end


def _specific(one: Threshold) -> tuple[bool, bool, bool]:
    return one.store_id is not None, one.account_id is not None, one.hours is not None


def level_of(rule: Rule, limits: Limits, seen: Sighting) -> Level | None:
    """How bad a sighting is, None when it is not."""
    if limits.off or (seen.cases is not None and seen.cases < limits.least):
        return None
    if _beyond(rule, seen.value, limits.critical):
        return Level.CRITICAL
    return Level.WARNING if _beyond(rule, seen.value, limits.warn) else None


def lingers(rule: Rule, limits: Limits, seen: Sighting) -> bool:
    """Whether an incident that is on stays on: better than its levels, but not yet clear."""
    if limits.off or (seen.cases is not None and seen.cases < limits.least):
        return False
    return _beyond(rule, seen.value, limits.clear)


def _beyond(rule: Rule, value: float, limit: float | None) -> bool:
    if limit is None:
        return False
    return value < limit if rule.below else value >= limit


def edge(rule: Rule, own: Iterable[Threshold]) -> float:
    """The loosest limit in use: rows on its good side need not leave the database."""
    said = [rule.limits.warn, rule.limits.critical, rule.limits.clear]
    for one in own:
        if one.rule == rule.name:
            said += [one.limits.get(name) for name in ("warn", "critical", "clear")]
    known = [limit for limit in said if limit is not None]
    return max(known) if rule.below else min(known)
