"""Troubles on demand: a table stands for the shop, rules see in it what a test puts there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from asyncpg import Record

from app.actions.watch import watch
from app.domain.rule import Limits, Rule
from app.hub import Hub
from tests.conftest import quick
from tests.monitoring.scene import LEISURE

_SQL = """SELECT trouble.* FROM (
    SELECT subject, merchant_id, store_id, account_id, value, numbers
      FROM trouble WHERE rule = '{}') AS trouble
 WHERE trouble.value >= $2"""


def rule(name: str, *, most_mute: int = 60, silenced_by: tuple[str, ...] = (), **limits) -> Rule:
    """A rule over the table: a warning from 5 on, critical from 10 on."""
    texts = {"ru": ("беда", "сколько: {value}"), "en": ("trouble", "how many: {value}")}
    given = Limits(**{"warn": 5, "critical": 10, "clear": 3, **limits})
    return Rule(
        name, "line", "orders", "count", below=False, limits=given, most_mute=most_mute,
        silenced_by=silenced_by, texts=texts, sql=_SQL.format(name),
    )  # fmt: skip


@dataclass
class Town:
    """A hub that watches troubles, with a clock of its own."""

    hub: Hub
    merchant: UUID
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def later(self, **some: float) -> None:
        """Move the clock: minutes=11."""
        self.now += timedelta(**some)

    async def sql(self, statement: str, *values: Any) -> list[Record]:
        async with self.hub.pools.picking.acquire() as conn:
            return await conn.fetch(statement, *values)

    async def trouble(self, subject: str = "t1", value: float = 12, **more: Any) -> None:
        """There is something wrong, or it is this bad now."""
        await self.sql("DELETE FROM trouble WHERE subject = $1", subject)
        await self.sql(
            "INSERT INTO trouble (rule, subject, merchant_id, store_id, account_id, value)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            more.get("rule", "noise"), subject, more.get("merchant", self.merchant),
            more.get("store"), more.get("account"), value,
        )  # fmt: skip

    async def mend(self, subject: str = "t1") -> None:
        await self.sql("DELETE FROM trouble WHERE subject = $1", subject)

    async def look(self, **later: float) -> list[Record]:
        """One minute of monitoring; every incident there is."""
        await watch(self.hub, tuple(self.hub.rules.values()), self.now)
        found = await self.all()
        self.now += timedelta(**(later or {"minutes": 1}))
        return found

    async def all(self) -> list[Record]:
        return await self.sql("SELECT * FROM incident ORDER BY id")

    async def events(self, subject: str = "t1") -> list[str]:
        """What happened to an incident, in words."""
        rows = await self.sql(
            "SELECT event.kind FROM incident_event AS event"
            "  JOIN incident ON incident.id = event.incident_id"
            " WHERE incident.subject = $1 ORDER BY event.at, event.id",
            subject,
        )
        return [row["kind"] for row in rows]

    async def waiting(self, kind: str = "incident") -> list[Record]:
        """Messages on their way to chats."""
        return await self.sql("SELECT * FROM telegram_message WHERE kind = $1 ORDER BY id", kind)

    async def sent(self) -> None:
        """Telegram has taken everything."""
        await self.sql("DELETE FROM telegram_outbox")
        await self.sql("DELETE FROM telegram_message")
        await self.sql(
            "UPDATE incident_post AS post SET shown = incident.revision, shown_at = now(),"
            " telegram_id = coalesce(post.telegram_id, 7) FROM incident"
            " WHERE incident.id = post.incident_id"
        )

    async def stores(self, count: int) -> list[UUID]:
        """More stores of the merchant."""
        ids = [uuid4() for _ in range(count)]
        await self.sql(
            "INSERT INTO store (id, merchant_id, code, name, timezone)"
            " SELECT id, $2, 'S' || at, 'Store ' || at, 'Europe/Moscow'"
            "   FROM unnest($1::uuid[]) WITH ORDINALITY AS new (id, at)",
            ids, self.merchant,
        )  # fmt: skip
        return ids


async def town_of(hub: Hub, *rules: Rule) -> Town:
    """A hub that knows these rules only."""
    known = {one.name: one for one in rules or (rule("noise"),)}
    async with hub.pools.picking.acquire() as conn:
        await conn.execute(
            "CREATE TABLE trouble (rule text, subject text, merchant_id uuid, store_id uuid,"
            " account_id uuid, value float8, numbers text)"
        )
        merchant = await conn.fetchval("SELECT id FROM merchant ORDER BY id LIMIT 1")
    return Town(quick(hub, rules=known, rule_patience=LEISURE), merchant)
