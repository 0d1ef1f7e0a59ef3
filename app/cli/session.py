"""How a command meets the hub: the environment of the one that runs on the same HUB_DATA."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeVar

import asyncpg
import msgspec
import typer
from rich.console import Console

from app.db.conn import AWAY, Conn, prepare
from app.errors import SettingsInvalid, StorageAway
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


def with_connection(work: Callable[[Conn], Awaitable[T]]) -> T:
    """Do something with one connection."""

    async def connected() -> T:
        try:
            conn = await asyncpg.connect(database_url(), timeout=5)
        except AWAY as error:
            raise StorageAway("The database does not answer: is the hub running?") from error
        try:
            await prepare(conn)
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
