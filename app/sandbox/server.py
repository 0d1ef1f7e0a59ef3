"""The sandbox's server: all stand-ins behind one loopback port, and a page that names them."""

from __future__ import annotations

import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import httpx
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from app.sandbox import index
from app.sandbox.credentials import BUCKET, KEY_ID, Credentials
from app.sandbox.erp.app import create_app as create_erp
from app.sandbox.erp.books import Books
from app.sandbox.kuper.app import create_app as create_kuper
from app.sandbox.kuper.stand_in import StandIn, World
from app.sandbox.kuper.switches import Switches
from app.sandbox.marking.app import Register
from app.sandbox.marking.app import create_app as create_marking
from app.sandbox.s3 import app as s3
from app.sandbox.settings import SandboxSettings
from app.sandbox.telegram.app import create_app as create_telegram
from app.sandbox.telegram.bot import Bot

LOOPBACK: Final = "127.0.0.1"
GRACE: Final = 2  #: seconds open long polls get when the server stops

log = structlog.get_logger()


def create_app(
    credentials: Credentials,
    settings: SandboxSettings,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """Build the server: `/kuper`, `/telegram`, `/marking`, `/erp`, a bucket and the index page.

    `transport` replaces the network between the stand-ins and the hub.
    """
    chance = random.Random(settings.seed)  # noqa: S311 - a game
    world = World(_now, chance, secrets.token_hex, transport)
    switches = Switches(rate=settings.rate)
    kuper = StandIn(credentials, world, switches, settings.shares, settings.pace, settings.bounds)
    bot = Bot(credentials, _now, settings.limits, transport)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with kuper.running(), bot.running():
            yield

    register = Register(credentials["marking"]["key"], _now)
    books = Books(credentials["erp"]["secret"], _now)
    stand_ins = [
        Mount("/kuper", create_kuper(kuper)),
        Mount("/telegram", create_telegram(bot)),
        Mount("/marking", create_marking(register)),
        Mount("/erp", create_erp(books)),
        *_bucket(credentials),
    ]
    app = Starlette(routes=[Route("/", index.show), *stand_ins], lifespan=lifespan)
    app.state.kuper, app.state.bot, app.state.register = kuper, bot, register
    app.state.books = books
    return app


def _bucket(credentials: Credentials) -> tuple[Mount, ...]:
    """What speaks S3, under the paths its clients sign, and its workbench."""
    store = s3.Store({KEY_ID: credentials["bucket"]["secret"]}, {BUCKET: {}}, _now)
    return Mount("/s3", s3.workbench(store)), Mount(f"/{BUCKET}", s3.buckets(store))


def serve(credentials: Credentials, settings: SandboxSettings) -> None:
    """Serve on loopback until SIGTERM or Ctrl-C; orders begin at once, at `settings.rate`."""
    log.info("sandbox starts", port=settings.port, orders_per_minute=settings.rate)
    config = uvicorn.Config(
        create_app(credentials, settings),
        host=LOOPBACK,
        port=settings.port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE,
    )
    uvicorn.Server(config).run()


def _now() -> datetime:
    return datetime.now(UTC)
