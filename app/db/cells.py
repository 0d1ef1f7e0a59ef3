"""Moves of stores between cells: what goes together, how far a move is, its single statements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from asyncpg import Record

from app.db.cell_copy import Scope
from app.db.conn import CONTENDED, Conn
from app.db.queries import load
from app.errors import SettingsInvalid

_SQL = load("cells")
#: Beside the tables among a move's facts: the number of the cell it goes to, and the destinations
#: of documents that were known there.
CELL: Final = "cell"
KNOWN: Final = "known"


@dataclass(frozen=True, slots=True)
class Move:
    """A move as a cell knows it (migration 0050)."""

    id: UUID
    other: str
    url: str
    actor: str
    step: str
    stores: tuple[UUID, ...]
    accounts: tuple[UUID, ...]
    paused: tuple[UUID, ...]
    series: str | None
    whole: bool
    shift: int
    facts: dict[str, str]
    copied_at: datetime | None

    @property
    def scope(self) -> Scope:
        """What goes, and what changes on the way."""
        known = tuple(UUID(id_) for id_ in self.facts.get(KNOWN, "").split())
        cell = int(self.facts.get(CELL, "1"))
        return Scope(self.stores, self.accounts, self.shift, cell, self.series, known)


@dataclass(frozen=True, slots=True)
class Described:
    """What goes together, as people call it; what its merchant counts; what is under way."""

    stores: tuple[str, ...]
    accounts: tuple[str, ...]
    merchant_id: UUID
    merchant: str
    series: str
    whole: bool
    counts: tuple[str, ...]  #: series of what may be issued now
    counted: tuple[str, ...]  #: series of what was ever issued
    replays: int
    migrations: tuple[str, ...]


async def group(conn: Conn, code: str) -> tuple[tuple[UUID, ...], tuple[UUID, ...]]:
    """Stores and accounts that go with a store; SettingsInvalid when there is no such one."""
    found = await conn.fetch(_SQL["store"], code)
    if len(found) != 1:
        raise SettingsInvalid(f"{'several stores have' if found else 'no store here has'} "
                              f"the code {code!r}")  # fmt: skip
    row = await conn.fetchrow(_SQL["group"], found[0]["id"])
    assert row is not None  # an aggregate has one
    return tuple(row["stores"]), tuple(row["accounts"])


async def described(conn: Conn, scope: Scope) -> Described:
    """What people call what goes."""
    row = await conn.fetchrow(_SQL["described"], scope.stores, scope.accounts)
    assert row is not None  # its merchant is there
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
    }
    return Described(**values | {"accounts": tuple(row["accounts"] or ())})


async def counts_there(conn: Conn, merchant_id: UUID) -> tuple[list[str], tuple[str, ...]]:
    """The series a cell counts for a merchant, none when it does not know it; its migrations."""
    row = await conn.fetchrow(_SQL["there"], merchant_id)
    assert row is not None  # no table is asked for a row
    return row["counts"], tuple(row["migrations"])


async def in_the_way(source: Conn, target: Conn, scope: Scope, what: Described) -> list[str]:
    """What the other cell has already that must be there once."""
    row = await source.fetchrow(_SQL["rows_of"], scope.stores, scope.accounts)
    assert row is not None  # an aggregate has one
    rows = await target.fetch(
        _SQL["in_the_way"], row["stores"], row["accounts"] or "[]", row["badges"],
        what.merchant_id, what.merchant,
    )  # fmt: skip
    return [found["what"] for found in rows]


async def name_here(conn: Conn) -> str:
    """What this cell is called."""
    name: str = await conn.fetchval(_SQL["name_here"])
    return name


async def begin(conn: Conn, move: Move) -> None:
    """Write a move down before anything of it is done."""
    await conn.execute(
        _SQL["begin"], move.id, move.other, move.url, move.actor, move.stores, move.accounts,
        move.series, move.whole,
    )  # fmt: skip


async def under_way(conn: Conn) -> Move | None:
    """The move out of here that is not finished."""
    return _move(await conn.fetchrow(_SQL["under_way"]))


async def read(conn: Conn, id_: UUID) -> Move:
    """A move of either side, which is there."""
    found = _move(await conn.fetchrow(_SQL["read"], id_))
    assert found is not None
    return found


async def has_arrived(conn: Conn, move: Move) -> bool:
    """Whether all of a move is in this cell, to which it goes."""
    found = _move(await conn.fetchrow(_SQL["read"], move.id))
    return found is not None and found.step != "undone"


async def latest(conn: Conn) -> list[dict[str, Any]]:
    """Moves, the newest first."""
    return [dict(row) for row in await conn.fetch(_SQL["all"])]


async def note_step(conn: Conn, move: Move, step: str, *, over: bool = False) -> Move:
    """Write down how far a move is; SettingsInvalid when it is not where this mover left it."""
    _ours(await conn.fetchval(_SQL["step"], move.id, step, over, move.step))
    return replace(move, step=step)


async def keep(conn: Conn, move: Move) -> None:
    """Nobody else notes a step until this transaction ends; SettingsInvalid as above."""
    try:
        _ours(await conn.fetchval(_SQL["keep"], move.id, move.step))
    except CONTENDED:
        _ours(None)


async def arrived(conn: Conn, move: Move, here: str) -> None:
    """Write down, where it arrives, that all is copied; nobody works on it yet."""
    await conn.execute(
        _SQL["arrived"], move.id, here, move.actor, move.stores, move.accounts, move.paused,
        move.series, move.whole, move.shift, _facts(move), move.copied_at,
    )  # fmt: skip
    await conn.execute(_SQL["keep_shut"], move.id, move.stores, move.accounts)


async def copied(conn: Conn, move: Move) -> None:
    """Write down, where it comes from, that all is copied; SettingsInvalid as above."""
    _ours(await conn.fetchval(
        _SQL["copied"], move.id, move.shift, _facts(move), move.copied_at, move.step
    ))  # fmt: skip


def _ours(id_: UUID | None) -> None:
    if id_ is None:
        raise SettingsInvalid("another mover goes on with it: orderhub cells list")


async def note(conn: Conn, move: Move, event: str, other: str) -> None:
    """A line in the accounts' histories."""
    await conn.execute(_SQL["note"], move.accounts, move.actor, event, other)


def _facts(move: Move) -> str:
    return msgspec.json.encode(move.facts).decode()


def _move(row: Record | None) -> Move | None:
    if row is None:
        return None
    values = {name: row[name] for name in Move.__slots__}
    values |= {name: tuple(values[name]) for name in ("stores", "accounts", "paused")}
    return Move(**values)
