"""The gate before each account's marketplace, shared by all processes: its pace, its breaker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.breaker import USUAL, Breaker, Gate, Heard, Reason, Sample, State, heard, sampled
from app.domain.pace import Limit

_SQL = load("gates")
#: Seconds a call has that goes to see whether the marketplace is back.
PROBE: Final = 45.0
#: Seconds until it is asked again whether somebody else's has come back.
LOOK: Final = 5.0
#: The same while everything that goes out is held (app/db/outbound.py); its end is told at once.
HELD: Final = 30.0
#: Seconds a marketplace may ask to be left alone for.
PATIENCE: Final = 3600.0
#: Characters kept of what was said.
KEPT: Final = 300
#: After so many failures in a row, what waits is tried at once when one call is answered.
SEVERAL: Final = 3


@dataclass(frozen=True, slots=True)
class Made:
    """One call that was no message of the outbox: what for ("fetch", "page", "probe"),
    milliseconds, an error's reason or "answered", what was said; `who`: the delivery it was for."""

    what: str
    ms: int
    outcome: str
    said: str = ""
    who: UUID | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An account for people: `state` closed (called as usual), resting (it asked for that), open
    or half_open; why, since when, until when nothing goes, and what was said last."""

    id: UUID
    code: str
    reason: str | None
    said: str | None
    since: datetime | None
    failures: int
    state: str
    shut_until: datetime | None


async def take(conn: Conn, account_id: UUID, limit: Limit, reserve: float = 0.0) -> float:
    """A turn to call: 0.0, it is taken; else seconds after which to ask again. Call it with no
    transaction open. `reserve`: this share of the burst is left to others."""
    _, seconds = await book(conn, account_id, limit, reserve)
    return seconds


async def book(
    conn: Conn, account_id: UUID, limit: Limit, reserve: float = 0.0, ahead: float = 0.0
) -> tuple[bool, float]:
    """The same for who waits up to `ahead` seconds on the spot (a second at most): whether the turn
    is taken, and the seconds until it comes."""
    async with conn.transaction():
        row = await _known(conn, "turn", account_id)
        arrival, now = _moments(row)
        going = limit.earliest(arrival + reserve * limit.burst * limit.interval, now)
        seconds = (going - now).total_seconds()
        if seconds <= ahead:
            await conn.execute(_SQL["take"], account_id, limit.after(arrival, going))
        return seconds <= ahead, seconds


async def crowded(conn: Conn, account_id: UUID, seconds: float) -> None:
    """All turns are taken: no message of this account is claimed for so long."""
    await conn.execute(_SQL["crowded"], account_id, seconds)


async def enter(conn: Conn, account_id: UUID, who: UUID) -> float:
    """Whether the marketplace may be called: 0.0, it may; else seconds after which to ask again.
    While nobody knows whether it is back, one may, `who`, who then tells `hear` or `leave`."""
    row = await _wait(conn, account_id)
    if row["held"]:
        return HELD
    if (seconds := row["seconds"] or 0.0) > 0:
        return float(seconds)
    if not row["probing"]:
        return 0.0
    let_in = await conn.fetchval(_SQL["probe"], account_id, who, PROBE)
    return LOOK if let_in is None else 0.0


async def is_open(conn: Conn, account_id: UUID) -> bool:
    """Whether the marketplace is called as usual: neither away, nor wanting to be left alone."""
    row = await _wait(conn, account_id)
    return not (row["held"] or row["probing"] or (row["seconds"] or 0.0) > 0)


async def leave(conn: Conn, account_id: UUID | None, who: UUID | None) -> None:
    """Who was let in did not call after all, or what came of it shows nothing."""
    await conn.execute(_SQL["leave"], account_id, who)


async def answered(conn: Conn, account_id: UUID) -> bool:
    """The marketplace has answered; whether it had not for a while. Mostly one look."""
    row = await conn.fetchrow(_SQL["troubled"], account_id)
    if row is None:
        return False
    before = _gate(row)
    await _stand(conn, account_id, heard(USUAL, before, Heard.ANSWERED, row["now"]), None)
    return before.state is not State.CLOSED or before.failures >= SEVERAL


async def failed(conn: Conn, account_id: UUID, what: Heard, said: str, asked: float = 0.0) -> State:
    """A call came to nothing; `asked`: seconds it wants to be left alone. How it stands now."""
    row = await _known(conn, "gate", account_id)
    patience = timedelta(seconds=min(asked, PATIENCE))
    gate = heard(USUAL, _gate(row), what, row["now"], patience)
    await _stand(conn, account_id, gate, said[:KEPT].replace("\x00", ""))
    return gate.state


async def record(conn: Conn, account_id: UUID, made: Made) -> None:
    """Keep how a call went that was no message of the outbox."""
    said = made.said[:KEPT].replace("\x00", "")
    await conn.execute(_SQL["record"], account_id, made.what, made.ms, made.outcome, said, made.who)


async def message_to_blame(conn: Conn, account_id: UUID, message_id: UUID) -> bool:
    """Whether it is this message that the marketplace forbids, and not our key."""
    found: bool = await conn.fetchval(_SQL["message_to_blame"], account_id, message_id)
    return found


async def call_to_blame(conn: Conn, account_id: UUID, what: str, who: UUID) -> bool:
    """The same for a call of another kind."""
    found: bool = await conn.fetchval(_SQL["call_to_blame"], account_id, what, who)
    return found


async def sample(conn: Conn, rules: Breaker = USUAL) -> list[tuple[str, State]]:
    """Judge all accounts by what their calls came to; those that stand otherwise now."""
    longest = rules.longest.total_seconds()
    await conn.execute(_SQL["unwind"], longest, PATIENCE)
    changed = []
    for row in await conn.fetch(_SQL["sample"], rules.window.total_seconds()):
        before = _gate(row)
        tried = Sample(row["calls"], row["failed"], row["credentials"])
        gate = sampled(rules, before, tried, row["now"])
        if gate == before:
            continue
        now = (gate.state, gate.since, gate.open_until, gate.opened, gate.reason, row["said"])
        if await conn.fetchval(_SQL["judge"], row["account_id"], *now, before.state, before.since):
            changed.append((row["code"], gate.state))
    return changed


async def reset(conn: Conn, account_id: UUID) -> None:
    """Somebody has mended something (a key, an address): everything may be tried at once."""
    await conn.execute(_SQL["reset"], account_id)


async def standings(conn: Conn) -> list[Standing]:
    """How the marketplace of each account is called."""
    return [Standing(**row) for row in await conn.fetch(_SQL["standings"])]


async def _wait(conn: Conn, account_id: UUID) -> Record:
    row = await conn.fetchrow(_SQL["wait"], account_id)
    assert row is not None  # it has no conditions
    return row


async def _known(conn: Conn, name: str, account_id: UUID) -> Record:
    row = await conn.fetchrow(_SQL[name], account_id)
    if row is None:
        await conn.execute(_SQL["know"], account_id)
        row = await conn.fetchrow(_SQL[name], account_id)
    assert row is not None  # accounts outlive their gates
    return row


def _moments(row: Record) -> tuple[datetime, datetime]:
    return row["arrival"], row["now"]


def _gate(row: Record) -> Gate:
    return Gate(
        state=State(row["state"]),
        since=row["since"],
        open_until=row["open_until"],
        rest_until=row["rest_until"],
        failures=row["failures"],
        opened=row["opened"],
        reason=None if row["reason"] is None else Reason(row["reason"]),
    )


async def _stand(conn: Conn, account_id: UUID, gate: Gate, said: str | None) -> None:
    await conn.execute(
        _SQL["stand"],
        account_id,
        gate.state,
        gate.since,
        gate.open_until,
        gate.rest_until,
        gate.failures,
        gate.opened,
        gate.reason,
        said,
    )
