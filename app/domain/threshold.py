"""Whether limits make sense: those of a rule's file, and a chain's own over them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from uuid import UUID

from app.domain.rule import Limits, Rule, Sighting, Threshold, limits_of

#: Where limits are in force: a store, an account, an hour; None: of any other.
Where = tuple[UUID | None, UUID | None, int]


def disorder(limits: Limits, *, below: bool) -> str | None:
    """What is wrong with the order of limits, None when nothing is: a warning comes before what is
    critical, and an incident ends on their good side."""
    warn, critical, clear = limits.warn, limits.critical, limits.clear
    if warn is not None and critical is not None and _worse(warn, critical, below=below):
        return f"warn {warn:g} is worse than critical {critical:g}"
    first = warn if warn is not None else critical
    if clear is not None and first is not None and _worse(clear, first, below=below):
        return f"clear {clear:g} is on the bad side of {first:g}"
    return None


def _worse(one: float, other: float, *, below: bool) -> bool:
    return one < other if below else one > other


def conflicts(rule: Rule, own: Sequence[Threshold]) -> Iterator[tuple[Where, str]]:
    """Where a merchant's own limits of a rule, over its file's and over each other, are not in
    order. Every store and account that is named is tried with every hour at which one begins."""
    merchant = {one.merchant_id for one in own}
    stores = {None, *(one.store_id for one in own)}
    accounts = {None, *(one.account_id for one in own)}
    hours = {hour for one in own if one.hours for hour in one.hours} or {0}
    told = set()
    for merchant_id, store_id, account_id, hour in product(
        merchant, stores, accounts, sorted(hours)
    ):
        seen = Sighting("", 0.0, None, hour, merchant_id, store_id, account_id)
        limits = limits_of(rule, seen, own)
        wrong = None if limits.off else disorder(limits, below=rule.below)
        if wrong and wrong not in told:
            told.add(wrong)
            yield (store_id, account_id, hour), wrong


def overlapping(own: Iterable[Threshold]) -> Iterator[tuple[Threshold, Threshold]]:
    """Pairs that are in force at the same place in the same hour, so that neither is before the
    other."""
    for one, other in combinations(own, 2):
        same = (one.rule, one.store_id, one.account_id) == (
            other.rule, other.store_id, other.account_id,
        )  # fmt: skip
        if same and (one.hours is None) is (other.hours is None) and _hours(one) & _hours(other):
            yield one, other


def _hours(one: Threshold) -> set[int]:
    if one.hours is None:
        return set(range(24))
    start, end = one.hours
    return {(start + n) % 24 for n in range((end - start) % 24 or 24)}
