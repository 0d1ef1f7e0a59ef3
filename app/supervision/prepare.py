"""`python -m app.supervision.prepare`: what is done once per start, in a process that then ends.

The supervisor itself stays small this way: it needs neither cryptography nor a database driver.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.actions import setup
from app.db import health
from app.db.conn import Conn, connect_at_leisure
from app.db.migrate import migrate
from app.db.sealing import Seal
from app.errors import HubError, SettingsInvalid
from app.marketplaces import remote
from app.marketplaces.registry import build
from app.marketplaces.tools import Tools
from app.sandbox import credentials, demo
from app.settings import Settings
from app.supervision import gateway, tls
from app.supervision.binaries import nginx_program
from app.supervision.plan import sockets


def main() -> int:
    """Certificate, gateway configuration, migrations, demo data; the exit code."""
    settings = Settings.from_env(os.environ)
    try:
        prepare_gateway(settings)
        asyncio.run(prepare_database(settings))
    except HubError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def prepare_gateway(settings: Settings) -> None:
    """Write the development certificate and nginx's configuration, and have nginx check it."""
    data, program = settings.data, nginx_program()
    tls.ensure(data / "tls", gateway.own_names(), datetime.now(UTC))
    ports = settings.https_port, settings.http_port
    host = gateway.this_host(program, data, sockets(data), ports=ports, language=settings.language)
    if warnings := gateway.check(program, gateway.render(host, data / "nginx")):
        sys.stderr.write(f"{warnings}\n")


async def prepare_database(settings: Settings) -> None:
    """Apply the migrations, then the sandbox's set-up."""
    assert settings.database_url is not None
    await migrate(settings.database_url)
    conn = await connect_at_leisure(settings.database_url, settings.database_statements)
    try:
        if not settings.under_test:
            await refuse_forgetful(conn)
        if settings.sandbox:
            await seed_demo(conn, Seal(settings.master_key or ""), settings.data)
    finally:
        await conn.close()


async def refuse_forgetful(conn: Conn) -> None:
    """Nobody acknowledges orders on a database that may forget them."""
    if off := await health.forgetful(conn):
        raise SettingsInvalid(
            f"the database may forget acknowledged orders: {', '.join(off)} must be on"
        )


async def seed_demo(conn: Conn, seal: Seal, data: Path) -> None:
    """Put the people, stores, account and goods that the stand-ins play with into the tables."""
    known = credentials.load(data / "sandbox.json")
    description = setup.read(json.dumps(demo.description(known)).encode())
    async with remote.client() as http:
        adapters = build(Tools(http))
        await setup.set_up(conn, seal, adapters, description)


if __name__ == "__main__":
    sys.exit(main())
