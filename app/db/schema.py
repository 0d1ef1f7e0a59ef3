"""The schema as one reviewable file: sql/schema.sql, dumped from the migrations."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

from app.db.queries import SQL

FILE: Final = SQL / "schema.sql"
#: What differs between versions and machines, and says nothing about the schema.
_NOISE: Final = re.compile(
    r"^(--.*|SET .*;|SELECT pg_catalog\.set_config.*;|\\(un)?restrict .*|ALTER .* OWNER TO .*;)\n",
    re.MULTILINE,
)


def dump(pg_dump: Path, dsn: str) -> str:
    """The schema of a migrated database, without owners, comments and session settings."""
    done = subprocess.run(  # noqa: S603 - our own binary, no shell
        [pg_dump, "--schema-only", "--no-owner", "--no-privileges", f"--dbname={dsn}"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    text = _NOISE.sub("", done.stdout)
    return "-- Dumped from sql/migrations by `orderhub migrate --dump`; do not edit.\n" + re.sub(
        r"\n{3,}", "\n\n", text
    )
