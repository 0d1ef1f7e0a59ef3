"""Build a Hub from Settings and take it apart again. The only module that knows every other."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import replace
from importlib.metadata import version

import httpx
import structlog

from app.alarm.email import Email
from app.alarm.webhook import Webhook
from app.db.accounts import AccountBook
from app.db.conn import Pool, pool
from app.db.rules import read_rules, rules_of
from app.db.sealing import Seal
from app.db.tokens import TokenBook
from app.domain.link import Links
from app.domain.rule import Rule
from app.domain.running import Running
from app.erp.way import ErpWay
from app.errors import SettingsInvalid
from app.files.places import open_place
from app.hub import Hub, Pools
from app.marketplaces import remote
from app.marketplaces.registry import build
from app.marketplaces.tools import Tools
from app.marking.true_api import TrueApi
from app.ports import AlarmWay, ChatSender, Press
from app.settings import Settings

log = structlog.get_logger()
#: Connections of one process, by purpose; × processes they stay far below the server's limit.
SIZES = {"hooks": 3, "picking": 6, "drains": 6}


@asynccontextmanager
async def open_hub(
    settings: Settings,
    role: str,
    chat: ChatSender | None = None,
    press: Press | None = None,
    erp: Mapping[str, ErpWay] | None = None,
) -> AsyncIterator[Hub]:
    """Open everything, yield the hub, close everything in reverse. Needs nothing to be there yet:
    a process starts while the database or the world is away."""
    if settings.database_url is None or settings.master_key is None:
        raise SettingsInvalid("HUB_DATABASE_URL and HUB_MASTER_KEY must be set for this process")
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(remote.client())
        open_ = stack.enter_async_context
        pools = Pools(**{name: await open_(_pool(settings, role, name)) for name in SIZES})
        seal = Seal(settings.master_key)
        tokens = await open_(aclosing(TokenBook(pools.drains, seal)))
        hub = _hub(settings, role, Tools(http, tokens), pools, seal)
        yield replace(hub, chat=chat, press=press or hub.press, erp=erp or {})


def _hub(settings: Settings, role: str, tools: Tools, pools: Pools, seal: Seal) -> Hub:
    http = tools.http
    return Hub(
        pools=pools,
        accounts=AccountBook(pools.hooks, seal),
        marketplaces=build(tools),
        worker=f"{socket.gethostname()}:{role}:{os.getpid()}",
        running=_running(settings, role),
        spread=random.random,
        rules={rule.name: rule for rule in _rules(settings, role)},
        marking=_marking(settings, http),
        ways=alarm_ways(settings, http),
        files=open_place(http, settings.files, settings.files_limit, make=True),
        links=Links(seal.derived("links to files")),
        language=settings.language,
        public_url=settings.public_url,
        minimum_client=settings.minimum_client,
        under_test=settings.under_test,
        original_account=settings.original_account,
    )


def _rules(settings: Settings, role: str) -> tuple[Rule, ...]:
    """A retailer's rule that is none stops the scheduler; orders and pickers go on without it."""
    try:
        return rules_of(settings.rules)
    except SettingsInvalid as error:
        if role == "scheduler":
            raise
        log.error("rules refused", role=role, error=str(error))  # noqa: TRY400 - it says all
        return read_rules()


def _pool(settings: Settings, role: str, purpose: str) -> Pool:
    return pool(
        settings.database_url or "",
        SIZES[purpose],
        name=f"hub-{role}-{purpose}",
        connect_timeout=settings.database_timeout,
        statement_cache=settings.database_statements,
    )


def _running(settings: Settings, role: str) -> Running:
    installed = version("order-hub")
    return Running(
        socket.gethostname(), role, installed, settings.data, settings.tls_certificate,
        settings.release or installed,
    )  # fmt: skip


def _marking(settings: Settings, http: httpx.AsyncClient) -> TrueApi | None:
    if settings.marking_api is None or settings.marking_key is None:
        return None
    return TrueApi(http, settings.marking_api, settings.marking_key)


def alarm_ways(settings: Settings, http: httpx.AsyncClient) -> dict[str, AlarmWay]:
    """The ways out beside Telegram that are set."""
    found: list[AlarmWay] = []
    if settings.mailing is not None:
        found.append(Email(settings.mailing))
    if settings.hook is not None:
        found.append(Webhook(http, settings.hook))
    return {way.name: way for way in found}
