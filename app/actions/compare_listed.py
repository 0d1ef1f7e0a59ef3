"""What a marketplace lists against what we have: gaps go into the inbox, what differs is noted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app.contract import AMENDED, Account, Listed
from app.db import mappings, mismatches
from app.db.conn import Conn
from app.db.mismatches import Known, Note, Open, Seen
from app.domain.reconcile import Kind, Look, Theirs, Verdict, compare, gap
from app.hub import Hub
from app.identifiers import new_id

#: For so long an account is new: orders that are far on their way may be older than it is here.
YOUNG: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose orders are compared: since when the account is here, how long a side must be still."""

    account: Account
    created_at: datetime
    settle: timedelta


def seen(listed: Listed) -> Seen:
    """What is kept of an order as it is listed."""
    theirs = Theirs(
        listed.state, listed.changed_at, listed.paid, listed.total, listed.lines, listed.final
    )
    return Seen(listed.order_ref, theirs, listed.body)


def each_once(orders: Sequence[Seen]) -> list[Seen]:
    """The newest of what is listed several times, sorted: two looks never wait in a circle."""
    newest: dict[str, Seen] = {}
    for one in sorted(orders, key=lambda one: one.theirs.changed_at):
        newest[one.ref] = one
    return [newest[ref] for ref in sorted(newest)]


async def in_our_words(conn: Conn, account: Account, listed: Sequence[Listed]) -> list[Seen]:
    """What is listed, each once, with our SKUs where somebody said which goods theirs are."""
    orders = each_once([seen(one) for one in listed])
    ids = {sku for one in orders for sku in one.theirs.lines or ()}
    known = await mappings.goods(conn, account.id, ids) if ids else {}
    return [replace(one, theirs=_named(one.theirs, known)) for one in orders]


def _named(theirs: Theirs, known: Mapping[str, str]) -> Theirs:
    if not known or theirs.lines is None:
        return theirs
    lines = Counter[str]()
    for sku, amount in theirs.lines.items():
        lines[known.get(sku, sku)] += amount
    return replace(theirs, lines=dict(lines))


async def compare_listed(conn: Conn, hub: Hub, whose: Whose, orders: Sequence[Seen]) -> int:
    """Compare orders (each once) and do what is to be done, in the caller's transaction; of how
    many something had never arrived."""
    if not orders:
        return 0
    account, refs = whose.account, [one.ref for one in orders]
    known = await mismatches.ours(conn, account.id, refs)
    open_ = await mismatches.open_(conn, account.id, refs)
    looks = {one.ref: _look(hub, whose, one, known[one.ref], open_) for one in orders}
    verdicts = {one.ref: compare(known[one.ref].ours, one.theirs, looks[one.ref]) for one in orders}
    fed = await _feed(conn, account, known, [one for one in orders if verdicts[one.ref].feed])
    notes = [
        note
        for one in orders
        for note in _notes(
            one,
            known[one.ref],
            verdicts[one.ref]
            if one.ref in fed or not verdicts[one.ref].feed
            else compare(known[one.ref].ours, one.theirs, replace(looks[one.ref], fed=True)),
        )
    ]
    await mismatches.note(conn, account.id, refs, notes)
    return len(fed)


async def _feed(
    conn: Conn, account: Account, known: Mapping[str, Known], hungry: Sequence[Seen]
) -> set[str]:
    """The refs of what was not fed before: the same gap goes in once, until it is another one."""
    if not hungry:
        return set()
    rows = [(gap(one.ref, known[one.ref].ours, one.body), one) for one in hungry]
    return await mismatches.feed(conn, account.id, rows, f"reconcile-{new_id().hex[-12:]}")


def _look(
    hub: Hub, whose: Whose, one: Seen, known: Known, open_: Mapping[str, Sequence[Open]]
) -> Look:
    account, now = whose.account, hub.clock()
    tells = hub.marketplaces[account.adapter].tells(account)
    same = [each.noted_at for each in open_.get(one.ref, ()) if each.theirs == one.theirs]
    return Look(
        now=now,
        settle=whose.settle,
        tells=tells,
        amends=AMENDED in tells,
        tolerance=account.rules.sum_tolerance,
        noted_at=min(same, default=None),
        hearing=known.hearing,
        young=now - whose.created_at < YOUNG,
    )


def _notes(one: Seen, known: Known, verdict: Verdict) -> list[Note]:
    """What was fed is looked at once more: whether it has helped."""
    if verdict.feed or verdict.again:
        return [Note(one, Kind.UNSETTLED, known.id)]
    return [Note(one, each.kind, known.id, each.theirs, each.ours) for each in verdict.differs]
