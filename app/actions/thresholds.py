"""A chain's own thresholds, as `orderhub setup` takes them: all mistakes named, or all written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from msgspec import UNSET

from app.actions.describe import ThresholdSetUp
from app.db import thresholds as table
from app.db.conn import Conn
from app.domain.rule import Rule, Threshold
from app.domain.threshold import Where, conflicts, overlapping
from app.errors import SettingsInvalid

Codes = Mapping[str, UUID]


async def put(
    conn: Conn, merchant_id: UUID, wanted: Sequence[ThresholdSetUp], rules: Iterable[Rule]
) -> None:
    """Replace a merchant's thresholds in the caller's transaction; SettingsInvalid, a line for each
    mistake, when one of them cannot be. Its stores and accounts must be there already."""
    stores, accounts = await table.places(conn, merchant_id)
    known = {rule.name: rule for rule in rules}
    mistakes = [f"threshold {_name(one)}: {what}"
                for one in wanted for what in _unknown(one, known, stores, accounts)]  # fmt: skip
    if not mistakes:
        rows = [_row(one, merchant_id, stores, accounts) for one in wanted]
        mistakes = [*_doubles(rows, wanted), *_conflicts(rows, known, stores, accounts)]
    if mistakes:
        raise SettingsInvalid("\n".join(mistakes))
    await table.put(conn, merchant_id, rows)


def _unknown(
    one: ThresholdSetUp, rules: Mapping[str, Rule], stores: Codes, accounts: Codes
) -> Iterator[str]:
    rule = rules.get(one.rule)
    if rule is None:
        yield "no such rule"
    if one.store is not None and one.store not in stores:
        yield f"no store {one.store!r}"
    if one.account is not None and one.account not in accounts:
        yield f"no account {one.account!r}"
    if rule is not None and rule.about == "account" and one.store is not None:
        yield "the rule is about accounts, of all stores"


def _row(one: ThresholdSetUp, merchant_id: UUID, stores: Codes, accounts: Codes) -> Threshold:
    said = {
        name: getattr(one, name)
        for name in ("warn", "critical", "clear", "least", "hold")
        if getattr(one, name) is not UNSET
    }
    return Threshold(
        rule=one.rule,
        merchant_id=merchant_id,
        store_id=None if one.store is None else stores[one.store],
        account_id=None if one.account is None else accounts[one.account],
        hours=one.hours,
        limits={**said, "off": True} if one.off else said,
    )


def _doubles(rows: Sequence[Threshold], wanted: Sequence[ThresholdSetUp]) -> Iterator[str]:
    names = {id(row): _name(one) for row, one in zip(rows, wanted, strict=True)}
    for one, other in overlapping(rows):
        yield f"threshold {names[id(other)]}: in the same hours as {names[id(one)]}"


def _conflicts(
    rows: Sequence[Threshold], rules: Mapping[str, Rule], stores: Codes, accounts: Codes
) -> Iterator[str]:
    for name in sorted({row.rule for row in rows}):
        own = [row for row in rows if row.rule == name]
        timed = any(row.hours for row in own)
        for where, wrong in conflicts(rules[name], own):
            place = [name, *_place(where, stores, accounts), *[f"at {where[2]}:00"] * timed]
            yield f"threshold {' '.join(place)}: {wrong}"


def _place(where: Where, stores: Codes, accounts: Codes) -> Iterator[str]:
    store_id, account_id, _ = where
    yield from (code for code, id_ in stores.items() if id_ == store_id)
    yield from (code for code, id_ in accounts.items() if id_ == account_id)


def _name(one: ThresholdSetUp) -> str:
    hours = "{}-{}".format(*one.hours) if one.hours else None
    return " ".join(word for word in (one.rule, one.store, one.account, hours) if word)
