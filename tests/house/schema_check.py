"""`python -m tests.house.schema_check [--write]`: is sql/schema.sql what the migrations make?"""

from __future__ import annotations

import asyncio
import difflib
import sys
import tempfile
from pathlib import Path

from app.db import schema
from app.db.migrate import migrate
from app.supervision.binaries import postgres_folder
from app.supervision.postgres import embedded


def fresh() -> str:
    """The schema that the migrations make in an empty database."""
    with tempfile.TemporaryDirectory(prefix="hub-sc-") as folder:
        Path(folder).chmod(0o711)
        with embedded(Path(folder) / "db") as server:
            asyncio.run(migrate(server.dsn))
            return schema.dump(postgres_folder() / "pg_dump", server.dsn)


def main(*, write: bool) -> int:
    """Write the file, or tell how it differs; the exit code."""
    made = fresh()
    if write:
        schema.FILE.write_text(made, encoding="utf-8")
        return 0
    kept = schema.FILE.read_text(encoding="utf-8") if schema.FILE.exists() else ""
    difference = difflib.unified_diff(
        kept.splitlines(), made.splitlines(), "sql/schema.sql", "the migrations", lineterm=""
    )
    if lines := list(difference):
        sys.stderr.write("\n".join([*lines[:40], "sql/schema.sql is old: run `make schema`", ""]))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(write="--write" in sys.argv))
