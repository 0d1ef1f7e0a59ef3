"""A chain's own thresholds, written: the whole list of one merchant at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load
from app.domain.rule import Threshold
from app.identifiers import new_id

_SQL = load("thresholds")


async def places(conn: Conn, merchant_id: UUID) -> tuple[Mapping[str, UUID], Mapping[str, UUID]]:
    """A merchant's stores and its accounts, by their codes."""
    rows = await conn.fetch(_SQL["places"], merchant_id)
    stores = {row["code"]: row["id"] for row in rows if row["kind"] == "store"}
    return stores, {row["code"]: row["id"] for row in rows if row["kind"] == "account"}


async def put(conn: Conn, merchant_id: UUID, wanted: Sequence[Threshold]) -> None:
    """Replace all thresholds of a merchant, in the caller's transaction."""
    await conn.execute(_SQL["forget"], merchant_id)
    for one in wanted:
        start, end = one.hours or (None, None)
        said = one.limits
        await conn.execute(
            _SQL["add"],
            new_id(),
            one.rule,
            merchant_id,
            one.store_id,
            one.account_id,
            start,
            end,
            *(said.get(name) for name in ("warn", "critical", "clear", "least", "hold")),
            said.get("off", False),
        )
