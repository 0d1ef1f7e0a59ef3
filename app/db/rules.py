"""Monitoring rules: one SQL file each under sql/rules; a file that breaks the form is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from app.db.conn import Conn
from app.db.queries import SQL
from app.domain.incident import Rule, Sighting
from app.errors import SettingsInvalid

_HEADER: Final = re.compile(
    r"-- rule: (?P<name>[a-z_]+)\n-- level: (?P<level>warning|critical)\n"
    r"-- minutes: (?P<minutes>\d+)\n-- for: (?P<hold>\d+)\n"
)
#: Seconds a rule may take; a slow one is reported and the others go on.
PATIENCE: Final = 5.0


def read_rules(folder: Path = SQL / "rules") -> tuple[Rule, ...]:
    """All rules; raises SettingsInvalid with the name of a file that is not one."""
    return tuple(_read(path) for path in sorted(folder.glob("*.sql")))


def _read(path: Path) -> Rule:
    text = path.read_text(encoding="utf-8")
    header = _HEADER.match(text)
    if header is None or header["name"] != path.stem:
        raise SettingsInvalid(
            f"{path.name}: begins not with its rule, level, minutes and for lines"
        )
    return Rule(
        header["name"], header["level"], int(header["minutes"]), float(header["hold"]), text
    )


async def look(conn: Conn, rule: Rule) -> list[Sighting]:
    """Run one rule's query."""
    rows = await conn.fetch(rule.sql, rule.minutes, timeout=PATIENCE)
    return [Sighting(**row) for row in rows]
