"""Rows from one database to another, table by table: copied, compared, taken away."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import IO, Final
from uuid import UUID

from app.db.cell_parts import PARTS, Part, literal
from app.db.conn import Conn
from app.db.sealing import Seal

#: Seconds a table may take; a connection's usual ten are for people who wait.
TABLE: Final = 3600.0
_COLUMNS: Final = """
SELECT attname FROM pg_attribute
 WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
 ORDER BY attname"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What goes: stores and accounts; and what changes on the way: see `Part.as_`."""

    stores: Sequence[UUID]
    accounts: Sequence[UUID]
    shift: int = 0
    cell: int = 1
    series: str | None = None
    known: Sequence[UUID] = ()

    def fill(self, text: str) -> str:
        """A condition or a column of a part as SQL. Nothing but ids and numbers is put in, and a
        series, which is quoted."""
        series = "t.series" if self.series is None else _quoted(self.series)
        return text.format(
            stores=literal(self.stores), accounts=literal(self.accounts), shift=self.shift,
            cell=self.cell, series=series, known=literal(self.known),
        )  # fmt: skip


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


async def copy(source: Conn, target: Conn, part: Part, scope: Scope) -> None:
    """The rows of one part, in the open transactions of both; sealed columns as they are."""
    columns = await _columns(source, part)
    query = _select(part, scope, columns)
    with tempfile.TemporaryFile() as kept:
        await source.copy_from_query(query, output=kept, format="binary", timeout=TABLE)
        kept.seek(0)
        if part.goes:
            await _into(target, part.table, kept, columns)
        else:
            await _beside(target, part, kept, columns)


async def _into(target: Conn, table: str, kept: IO[bytes],
                columns: Sequence[str]) -> None:  # fmt: skip
    await target.copy_to_table(
        table, source=_chunks(kept), columns=list(columns), format="binary", timeout=TABLE
    )


async def _chunks(kept: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := kept.read(1 << 18):
        yield chunk


async def _beside(target: Conn, part: Part, kept: IO[bytes],
                  columns: Sequence[str]) -> None:  # fmt: skip
    """Rows that may be there: what the other cell has stays, or what it remembers is renewed."""
    names = ", ".join(f'"{name}"' for name in columns)
    await target.execute(
        f"CREATE TEMP TABLE arriving ON COMMIT DROP AS SELECT {names} FROM {part.table} LIMIT 0"  # noqa: S608 - names of the catalogue
    )
    await _into(target, "arriving", kept, columns)
    renew = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name != "id")
    conflict = f"(id) DO UPDATE SET {renew}" if part.renewed else "DO NOTHING"
    await target.execute(
        f"INSERT INTO {part.table} ({names}) SELECT {names} FROM arriving"  # noqa: S608
        f" ON CONFLICT {conflict}",
        timeout=TABLE,
    )
    await target.execute("DROP TABLE arriving")


async def reseal(source: Conn, target: Conn, part: Part, scope: Scope,
                 seals: tuple[Seal, Seal]) -> None:  # fmt: skip
    """Secrets that were copied, opened with this cell's keys and sealed with the other's."""
    ours, theirs = seals
    for column in part.sealed:
        rows = await source.fetch(
            f"SELECT t.{column} AS sealed FROM {part.table} AS t"  # noqa: S608 - our own names
            f" WHERE ({scope.fill(part.where)}) AND t.{column} <> ''"
        )
        await target.executemany(
            f"UPDATE {part.table} SET {column} = $2 WHERE {column} = $1",  # noqa: S608
            [(row["sealed"], theirs.close(ours.open(row["sealed"]))) for row in rows],
        )


async def facts(conn: Conn, scope: Scope, *, there: bool) -> dict[str, str]:
    """How many rows of each table there are and what they add up to. `there`: in the other cell,
    where what changes on the way has changed."""
    found: dict[str, str] = {}
    for part in PARTS:
        if part.lacking or part.loose:
            continue
        row = await conn.fetchrow(await _checksum(conn, part, scope, there=there), timeout=TABLE)
        assert row is not None  # an aggregate has one
        found[f"{part.table}: {part.where[:40]}"] = f"{row['rows']} rows, {row['sum']}"
    return found


async def _checksum(conn: Conn, part: Part, scope: Scope, *, there: bool) -> str:
    columns = [name for name in await _columns(conn, part) if name not in part.sealed]
    values = ", ".join(_value(part, scope, name, there=there) for name in columns)
    return (
        "SELECT count(*) AS rows, coalesce(sum("  # noqa: S608 - names of the catalogue
        f"('x' || left(md5(ROW({values})::text), 15))::bit(60)::bigint), 0)::text AS sum"
        f" FROM {part.table} AS t WHERE {scope.fill(part.where)}"
    )


async def remove(conn: Conn, scope: Scope, parts: Sequence[Part] = PARTS) -> None:
    """Take away what went, the other way round, in the open transaction."""
    for part in reversed(parts):
        if part.goes:
            await conn.execute(
                f"DELETE FROM {part.table} AS t WHERE {scope.fill(part.where)}",  # noqa: S608
                timeout=TABLE,
            )


def _select(part: Part, scope: Scope, columns: Sequence[str]) -> str:
    values = ", ".join(_value(part, scope, name, there=False) for name in columns)
    order = " ORDER BY t.seq" if "seq" in part.without else ""
    order = " ORDER BY t.id" if "id" in part.without else order
    return f"SELECT {values} FROM {part.table} AS t WHERE {scope.fill(part.where)}{order}"  # noqa: S608


def _value(part: Part, scope: Scope, name: str, *, there: bool) -> str:
    changed = part.as_.get(name)
    return f't."{name}"' if changed is None or there else scope.fill(changed)


async def _columns(conn: Conn, part: Part) -> list[str]:
    rows = await conn.fetch(_COLUMNS, part.table)
    return [row["attname"] for row in rows if row["attname"] not in part.without]
