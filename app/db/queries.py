"""Load the named queries of one file under sql/queries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SQL: Final = Path(__file__).resolve().parents[2] / "sql"
_HEADER: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def load(stem: str) -> Mapping[str, str]:
    """Map each `-- name: x` header of sql/queries/<stem>.sql to the SQL below it."""
    _, *parts = _HEADER.split((SQL / "queries" / f"{stem}.sql").read_text(encoding="utf-8"))
    return {name: sql.strip() for name, sql in zip(parts[::2], parts[1::2], strict=True)}
