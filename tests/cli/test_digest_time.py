"""When a chat is told what the day came to, said at a terminal."""

import asyncio
from datetime import time

import pytest
from typer.testing import CliRunner

from app import cli

RUNNER = CliRunner()


@pytest.mark.parametrize(
    ("said", "kept"), [("21:30", time(21, 30)), ("0:00", time(0)), ("-", None)]
)
async def test_a_chat_is_told_of_days_at_a_time_of_its_own(hub, dsn, tmp_path, said, kept):
    assert (await orderhub(hub, dsn, tmp_path, said)).exit_code == 0
    async with hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT max(digest_at) FROM telegram_chat") == kept


@pytest.mark.parametrize("said", ["24:00", "9", "21:60", "x", ""])
async def test_what_is_no_time_is_refused(hub, dsn, tmp_path, said):
    done = await orderhub(hub, dsn, tmp_path, said)
    assert done.exit_code == 2
    assert "21:30" in done.output


async def orderhub(hub, dsn, tmp_path, said):
    async with hub.pools.picking.acquire() as conn:
        chat = await conn.fetchval("SELECT chat_id FROM telegram_chat")
    env = {"HUB_DATABASE_URL": dsn, "HUB_DATA": str(tmp_path), "HUB_LANG": "en"}
    words = ["telegram", "chat", "digest", str(chat), said]
    return await asyncio.to_thread(RUNNER.invoke, cli.app, words, env=env)
