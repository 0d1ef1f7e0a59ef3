"""The single statements of a store's move between two cells."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from asyncpg import Record

from app.db.cells import Move
from app.db.conn import Conn
from app.db.queries import load

_SQL = load("cell_steps")
#: Late deliveries in one statement.
BATCH: Final = 500
#: Years that what is held is put off.
_HELD: Final = 100


async def close(conn: Conn, move: Move) -> None:
    """Nothing new is begun with these stores and accounts; what goes to others is held."""
    await conn.execute(_SQL["close_accounts"], move.id)
    await hold(conn, move)


async def hold(conn: Conn, move: Move) -> None:
    """Hold what goes to ERPs and own systems."""
    await conn.execute(_SQL["put_off"], move.id, _HELD)


async def unhold(conn: Conn, move: Move) -> None:
    """It is due when it was. In a transaction of a mover's."""
    await conn.execute(_SQL["put_off"], move.id, -_HELD)


async def quiet(conn: Conn, move: Move, seconds: float) -> bool:
    """Whether nobody works on anything of it any more, or could begin to."""
    row = await conn.fetchrow(_SQL["busy"], move.id, move.stores, move.accounts, seconds)
    assert row is not None  # an aggregate has one
    return bool(row["busy"] == 0 and row["alone"])


async def shut(conn: Conn, move: Move) -> None:
    """The database refuses changes of these stores."""
    await conn.execute(_SQL["shut"], move.id)


async def gone(conn: Conn, move: Move) -> None:
    """They live elsewhere."""
    await conn.execute(_SQL["gone"], move.id)


async def settle(conn: Conn, who: str) -> None:
    """Wait until everybody who began before has ended; a lock that is not had soon is an error
    that may be tried again. `who`: writers or senders."""
    async with conn.transaction():
        await conn.execute(_SQL["patience"])
        name = {"writers": "settle_writers", "senders": "settle_senders"}[who]
        await conn.execute(_SQL[name])


async def as_mover(conn: Conn) -> None:
    """Let this transaction write what nobody else may."""
    await conn.execute(_SQL["mover"])


async def places(source: Conn, target: Conn) -> tuple[int, int]:
    """How far rows in the queues of both cells are numbered."""
    return await source.fetchval(_SQL["place"]), await target.fetchval(_SQL["place"])


async def there(conn: Conn) -> tuple[int, tuple[UUID, ...]]:
    """A cell's number, and the destinations of documents it knows."""
    known = await conn.fetchval(_SQL["known_destinations"])
    return await conn.fetchval(_SQL["cell_here"]), tuple(known)


async def counters(source: Conn, target: Conn, merchant_id: UUID) -> None:
    """A whole merchant's numbers are counted on where it goes."""
    rows = await source.fetch(_SQL["counters"], merchant_id)
    await target.executemany(
        _SQL["count_on"], [(merchant_id, row["series"], row["year"], row["last"]) for row in rows]
    )


async def late(conn: Conn, move: Move) -> list[Record]:
    """What was taken in since it was copied."""
    return await conn.fetch(_SQL["late"], move.accounts, move.copied_at, move.shift)


async def take_over(conn: Conn, rows: list[Record], *, last: bool = False) -> None:
    """Deliveries with their keys, those that are not here yet. `last`: behind all that is."""
    for first in range(0, len(rows), BATCH):
        batch = rows[first : first + BATCH]
        columns = ([row[name] for row in batch] for name in ("key", "delivery", "item"))
        await conn.execute(_SQL["take_over"], *columns, last)


async def missing(source: Conn, target: Conn, move: Move) -> int:
    """How many deliveries taken in since it was copied are not there."""
    rows = await source.fetch(_SQL["keys_since"], move.accounts, move.copied_at)
    found: int = await target.fetchval(
        _SQL["missing"], [row["account_id"] for row in rows], [row["dedupe_key"] for row in rows]
    )
    return found


async def reopen(conn: Conn, move: Move) -> None:
    """Work goes on with all accounts that people had not paused."""
    await conn.execute(_SQL["open"], move.id)


async def leave(conn: Conn, move: Move) -> None:
    """Before rows are taken away: word for those who will knock here, and what hangs on them."""
    await conn.execute(_SQL["leave_word"], move.stores)
    await conn.execute(_SQL["end_sessions"], move.stores)
    await conn.execute(_SQL["forget_marks"], move.accounts)


async def forget_changes(conn: Conn, move: Move) -> None:
    """Nobody here is told of them any more."""
    await conn.execute(_SQL["forget_changes"], move.stores)
