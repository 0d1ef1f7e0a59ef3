"""Monitoring begins when its rules are proven, and that is when the database answers."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import asyncpg
import pytest

from app.db.conn import pool as open_pool
from app.db.rules import read_rules
from app.errors import SettingsInvalid
from app.hub import Pools
from scheduler.proof import proven
from tests.conftest import UNHURRIED, alone, quick, with_database
from tests.postgres import server_dsn


@pytest.fixture
async def coming(hub, template):
    """A hub whose database comes only when it is called for, and the call."""
    name = f"late_{os.getpid()}_{id(hub)}"
    admin = await asyncpg.connect(server_dsn())
    async with open_pool(with_database(server_dsn(), name), 2, name="test", **UNHURRIED) as pool:
        yield (
            quick(hub, pools=Pools(pool, pool, pool)),
            lambda: alone(admin, f"CREATE DATABASE {name} TEMPLATE {template}"),
        )
    await alone(admin, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await admin.close()


async def test_rules_are_proven_when_the_database_comes(coming):
    hub, come = coming
    proof = asyncio.create_task(proven(hub, read_rules(), asyncio.Event()))
    await asyncio.sleep(0.2)
    assert not proof.done()
    await come()
    assert await proof


async def test_a_bad_rule_is_found_when_the_database_comes(coming):
    hub, come = coming
    bad = replace(read_rules()[0], name="no_bread", sql="SELECT 1 AS nothing")
    proof = asyncio.create_task(proven(hub, [bad], asyncio.Event()))
    await come()
    with pytest.raises(SettingsInvalid, match=r"no_bread\.sql"):
        await proof


async def test_waiting_for_the_database_ends_with_the_scheduler(coming):
    hub, _ = coming
    stop = asyncio.Event()
    stop.set()
    assert not await proven(hub, read_rules(), stop)
