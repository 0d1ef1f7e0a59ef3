"""Who waits for a database counts the time in which he himself was awake."""

from __future__ import annotations

import asyncio
import time

import pytest

from app.db.conn import within
from app.db.patience import awake

#: Far more turns of the loop than it takes to notice that a time is over.
TURNS = 50


async def standing_still(seconds: float) -> str:
    """An answer that comes when the process goes on, and is then looked at bit by bit."""
    time.sleep(seconds)  # noqa: ASYNC251 - all of the process stands still
    for _ in range(TURNS):
        await asyncio.sleep(0)
    return "answered"


async def test_work_may_go_on_after_the_process_stood_still():
    assert await within(2.0, standing_still(2.1)) == "answered"


async def test_a_block_may_go_on_after_the_process_stood_still():
    async with awake(2.0):
        assert await standing_still(2.1) == "answered"


async def test_what_never_comes_is_not_waited_for_for_ever():
    never = asyncio.Event()
    with pytest.raises(TimeoutError):
        await within(0.1, never.wait())
    with pytest.raises(TimeoutError):
        async with awake(0.1):
            await never.wait()


async def test_a_block_that_ended_in_time_is_not_interrupted_later():
    async with awake(0.05):
        pass
    await asyncio.sleep(0.2)


async def test_an_error_of_the_work_is_an_error_of_the_work():
    async def fails() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await within(5.0, fails())
    with pytest.raises(LookupError):
        async with awake(5.0):
            await fails()
