"""What marketplaces call stores, goods, units and statuses of ours, and what waits for a word."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("mappings")
#: Stores have a table of their own, which orders point at.
STORE = "store"


async def goods(conn: Conn, account_id: UUID, theirs: Collection[str]) -> dict[str, str]:
    """Our SKUs by their ids, as far as somebody said."""
    rows = await conn.fetch(_SQL["goods"], account_id, list(theirs))
    return {row["theirs"]: row["ours"] for row in rows}


async def back(conn: Conn, account_id: UUID, skus: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Their ids by our SKUs, the latest first, as far as somebody said."""
    rows = await conn.fetch(_SQL["back"], account_id, list(skus))
    return {row["ours"]: tuple(row["theirs"]) for row in rows}


async def known(conn: Conn, account_id: UUID, kind: str, theirs: Collection[str]) -> dict[str, str]:
    """Those of some words that have a meaning, whatever it is."""
    rows = await conn.fetch(_SQL["known"], account_id, kind, list(theirs))
    return {row["theirs"]: row["ours"] for row in rows}


async def hold(conn: Conn, account_id: UUID) -> None:
    """Nobody says what a word of this account means until the transaction ends."""
    await conn.execute(_SQL["hold"], account_id)


async def wait(
    conn: Conn, inbox_id: UUID, account_id: UUID, word: tuple[str, Collection[str]], order_ref: str
) -> None:
    """A delivery waits for words; word = (kind, theirs)."""
    kind, theirs = word
    await conn.execute(_SQL["wait"], inbox_id, account_id, kind, list(theirs), order_ref)


async def behind(conn: Conn, fifo_key: str, inbox_id: UUID) -> set[str]:
    """States of earlier deliveries of the same order that must come first: "parked", it or one
    before it waits for a word; "waiting", "leased", it goes on."""
    return {row["state"] for row in await conn.fetch(_SQL["behind"], fifo_key, inbox_id)}


async def unmapped(conn: Conn, account: str | None, limit: int) -> list[Record]:
    """Words that deliveries wait for: of one account, by its code, or of all."""
    rows: list[Record] = await conn.fetch(_SQL["unmapped"], account, limit)
    return rows


async def browse(
    conn: Conn, account_id: UUID, kind: str | None, after: str, limit: int
) -> list[Record]:
    """Words and their meanings, behind a place ("kind theirs", "" at first)."""
    rows: list[Record] = await conn.fetch(_SQL["browse"], account_id, kind, after, limit)
    return rows


async def put(conn: Conn, account_id: UUID, kind: str, said: Mapping[str, str], who: str) -> int:
    """Say what words of a kind mean, theirs to ours, and let go on what waited for them; how many
    deliveries that was. The account is locked."""
    theirs, ours = list(said), list(said.values())
    if kind == STORE:
        await conn.execute(_SQL["put_stores"], account_id, theirs, ours)
    else:
        await conn.execute(_SQL["put"], account_id, kind, theirs, ours, who)
    return await wake(conn, account_id, kind, theirs)


async def wake(conn: Conn, account_id: UUID, kind: str, theirs: Collection[str]) -> int:
    """Words have a meaning: what waited for them, and for nothing else, is due now, and so is what
    came after it for the same orders. How many deliveries."""
    rows = await conn.fetch(_SQL["said"], account_id, kind, list(theirs))
    ids = [row["inbox_id"] for row in rows]
    return len(await conn.fetch(_SQL["wake"], ids)) if ids else 0


async def remove(conn: Conn, account_id: UUID, kind: str, theirs: str) -> bool:
    """Nobody says any more what a word means; False when nobody did."""
    if kind == STORE:
        return await conn.fetchval(_SQL["remove_store"], account_id, theirs) is not None
    return await conn.fetchval(_SQL["remove"], account_id, kind, theirs) is not None


async def no_stores(conn: Conn, merchant_id: UUID, codes: Collection[str]) -> list[str]:
    """Codes that no store of the merchant has."""
    rows = await conn.fetch(_SQL["no_stores"], merchant_id, list(codes))
    return [row["code"] for row in rows]


async def no_goods(conn: Conn, merchant_id: UUID, skus: Collection[str]) -> list[str]:
    """SKUs that are not in the merchant's catalogue."""
    return [row["sku"] for row in await conn.fetch(_SQL["no_goods"], merchant_id, list(skus))]


async def forget(conn: Conn) -> None:
    """Deliveries that ended wait for nothing, whatever ended them."""
    await conn.execute(_SQL["forget"])
