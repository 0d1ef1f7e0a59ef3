"""How a command meets the hub: the environment of the one that runs on the same HUB_DATA."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeVar

import msgspec
import typer
from rich.console import Console

from app.db.conn import Conn, Pool, connect_at_leisure, pool
from app.errors import SettingsInvalid
from app.settings import Settings
from app.supervision.environment import of_running

T = TypeVar("T")
#: Foreign text is shown as it is: a name with [brackets] is no markup.
console = Console(markup=False)


def settings() -> Settings:
    """Read this terminal's variables over those of the hub that runs on the same HUB_DATA."""
    return Settings.from_env(of_running(os.environ))


def database_url() -> str:
    """Where the hub's database is."""
    url = settings().database_url
    if url is None:
        raise SettingsInvalid(
            f"no hub has run in {settings().data}: start `orderhub run`, or set HUB_DATABASE_URL"
        )
    return url


def one_connection() -> Pool:
    """A pool of one connection, for what opens its own."""
    known = settings().database_statements
    return pool(database_url(), 1, name="hub-cli", statement_cache=known)


def with_connection(work: Callable[[Conn], Awaitable[T]]) -> T:
    """Do something with one connection."""

    async def connected() -> T:
        conn = await connect_at_leisure(database_url(), settings().database_statements)
        try:
            return await work(conn)
        finally:
            await conn.close()

    return asyncio.run(connected())


def print_json(value: Any) -> None:
    """JSON for programs: to standard output, indented, Cyrillic as it is."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def stop(sentence: str, code: int = 1) -> NoReturn:
    """End with one sentence on standard error."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
