"""The scheduler's sign of life: new while its loop turns, old when it hangs, gone when it ends."""

from __future__ import annotations

import asyncio
import os
import socket

from scheduler.alive import alive, sign


async def comes_true(condition):
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError


async def test_the_sign_is_renewed_while_the_loop_turns_and_taken_away_after(tmp_path):
    file = sign(tmp_path, socket.gethostname())
    async with alive(tmp_path, every=0.001):
        await comes_true(file.exists)
        os.utime(file, (0, 0))
        await comes_true(lambda: file.stat().st_mtime > 0)
    assert not file.exists()


async def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "run").write_text("a file where the folder would be")
    async with alive(tmp_path, every=0.001):
        await asyncio.sleep(0.01)
    assert (tmp_path / "run").read_text() == "a file where the folder would be"


def test_two_schedulers_with_one_folder_have_a_sign_each(tmp_path):
    assert sign(tmp_path, "one") != sign(tmp_path, "two")
