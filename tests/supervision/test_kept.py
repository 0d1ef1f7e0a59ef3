"""A planned restart of one child: what came through its door before is answered."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from app.supervision import readiness
from app.supervision.child import Child
from app.supervision.journal import Journal
from app.supervision.kept import Kept, Surroundings
from tests.ops.gateway import PATIENCE

#: A worker that takes one connection after the other, and ends at once when it is told to.
WORKER = """
import socketserver, sys
class Answers(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")
socketserver.UnixStreamServer(sys.argv[1], Answers).serve_forever()
"""


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="hub-ke-") as path:
        yield Path(path)


@pytest.fixture
async def worker(folder):
    socket = folder / "web-1.sock"
    command = (sys.executable, "-c", WORKER, str(socket))
    child = Child(
        "web-1", command, ready=readiness.worker(socket), ready_within=PATIENCE,
        stop_within=PATIENCE, socket=socket, holds_lock=False,
    )  # fmt: skip
    around = Surroundings(os.environ, Journal(folder / "log"), -1, lambda *_, **__: None)
    kept = Kept(child, around)
    await kept.up()
    yield kept
    await kept.down()


async def test_a_worker_that_was_busy_answers_what_it_had_not_yet_taken(worker):
    process, socket = worker._process, worker.child.socket
    process.signal(signal.SIGSTOP)
    reader, writer = await asyncio.open_unix_connection(socket)
    writer.write(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n")
    restart = asyncio.create_task(worker.again())
    while not socket.is_file():  # noqa: ASYNC110 - until its door is closed
        await asyncio.sleep(0.01)
    await asyncio.sleep(1)  # by then somebody without patience has told it to end
    process.signal(signal.SIGCONT)
    answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    writer.close()
    await restart
    assert worker._process.pid != process.pid
    assert {each.name for each in socket.parent.iterdir()} == {"log", "web-1.sock"}
