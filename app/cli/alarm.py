"""orderhub alarm: the second way out, tried before it is needed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import typer

from app.actions.alarm import rehearse
from app.cli.session import settings, stop
from app.marketplaces import remote
from app.wiring import alarm_ways

app = typer.Typer(help="The second way out: e-mail and webhook.", no_args_is_help=True)

#: What to set for the ways there are.
HOW = "HUB_ALARM_SMTP, HUB_ALARM_FROM and HUB_ALARM_TO, or HUB_ALARM_WEBHOOK"


@app.callback()
def alarm() -> None:
    """For when Telegram itself fails."""


@app.command()
def test() -> None:
    """Send a test letter by every way that is set, and say how each went; exit code 1 when one
    failed."""
    went = asyncio.run(_try_all())
    if not went:
        stop(f"No second way is set: {HOW}.")
    for name, taken, said in went:
        typer.echo(f"{name}: {'sent' if taken else 'NOT SENT'}, {said}")
    raise typer.Exit(0 if all(taken for _, taken, _ in went) else 1)


async def _try_all() -> list[tuple[str, bool, str]]:
    known = settings()
    async with remote.client() as http:
        ways = alarm_ways(known, http).values()
        now = datetime.now(UTC)
        return [(way.name, *await rehearse(way, known.language, now)) for way in ways]
