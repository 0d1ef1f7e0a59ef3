"""Two PostgreSQL servers on loopback, one a synchronous standby of the other; each can be lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg

from app.actions import setup
from app.db.conn import connect_at_leisure
from app.db.migrate import migrate
from app.supervision.cluster import Cluster, prepare
from app.supervision.postgres import embedded, stop
from tests.conftest import DEMO, SEAL, RecordingKuper
from tests.pooler import held_port

#: Seconds for a server to come, or to go, on a machine that does much else.
PATIENCE = 300.0
#: What is acknowledged is on both servers; the standby, once it is promoted, waits for nobody.
SYNCHRONOUS = ["--synchronous_commit=on", "--synchronous_standby_names=*"]


@dataclass
class Server:
    """One server of the two."""

    cluster: Cluster
    port: int
    process: subprocess.Popen[bytes]

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def dsn(self) -> str:
        return url(self)

    async def ask(self, query: str, *args):
        conn = await asyncpg.connect(self.dsn)
        try:
            return await conn.fetchval(query, *args)
        finally:
            await conn.close()

    def kill(self) -> None:
        """Gone at once, as a machine would be."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(PATIENCE)

    async def refuse_writes(self) -> None:
        """Still there, its connections too, but read-only."""
        await self.ask("ALTER SYSTEM SET default_transaction_read_only = on")
        await self.ask("SELECT pg_reload_conf()")

    def freeze(self) -> None:
        """The kernel goes on to take connections, and nobody answers them."""
        tell(self.process.pid, signal.SIGSTOP)
        while state(self.process.pid) != "T":  # until then it may have another child
            time.sleep(0.01)
        for pid in children(self.process.pid):
            tell(pid, signal.SIGSTOP)

    def end(self) -> None:
        if self.process.poll() is None:
            for pid in (self.process.pid, *children(self.process.pid)):
                tell(pid, signal.SIGCONT)
            stop(self.process)


def url(*servers: Server) -> str:
    """One URL of all of these."""
    places = ",".join(server.place for server in servers)
    return f"postgresql://postgres:{servers[0].cluster.password}@{places}/hub"


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def tell(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):  # a server's children come and go
        os.kill(pid, number)


@contextmanager
def ground() -> Iterator[Path]:
    """A folder for servers that everybody may pass."""
    home = Path(tempfile.mkdtemp(prefix="hub-pair-"))
    home.chmod(0o711)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def furnish(home: Path) -> None:
    """The data of a server with the demo set-up in it, under `home`."""
    with embedded(home) as server:
        await migrate(server.dsn)
        conn = await connect_at_leisure(server.dsn)
        await setup.set_up(conn, SEAL, {"kuper": RecordingKuper()}, DEMO)
        await conn.close()


@asynccontextmanager
async def pair(furnished: Path, home: Path) -> AsyncIterator[tuple[Server, Server]]:
    """A primary and its standby, both copies of what was furnished."""
    made = prepare(furnished, durable=False)
    async with AsyncExitStack() as stack:

        def started(data: Path, options: list[str]) -> Server:
            server = start(made, data, stack.enter_context(held_port()), options)
            stack.callback(server.end)
            return server

        primary = started(home / "one", SYNCHRONOUS)
        standby = started(home / "other", ["--primary_conninfo=" + conninfo(primary)])
        async with asyncio.timeout(PATIENCE):
            await until(
                primary, "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
            )
        yield primary, standby


def start(made: Cluster, data: Path, port: int, options: list[str]) -> Server:
    """A server on a copy of the folder."""
    data.parent.mkdir(mode=0o711, exist_ok=True)
    subprocess.run(["cp", "-a", str(made.data), str(data)], check=True)
    if any(option.startswith("--primary_conninfo") for option in options):
        (data / "standby.signal").touch()
        made.account.own(data / "standby.signal")
    cluster = replace(made, data=data)
    where = ["-p", str(port), "--listen_addresses=127.0.0.1"]
    with (data.parent / f"{data.name}.log").open("wb") as log:
        process = subprocess.Popen(
            [*cluster.argv(), *where, *options], stdout=log, stderr=log, cwd="/",
            start_new_session=True,
        )  # fmt: skip
    return Server(cluster, port, process)


def conninfo(server: Server) -> str:
    return f"host=127.0.0.1 port={server.port} user=postgres password={server.cluster.password}"


async def until(server: Server, condition: str) -> None:
    """Wait until the server says so; it may still be starting."""
    while True:
        try:
            if await server.ask(condition):
                return
        except (OSError, asyncpg.CannotConnectNowError):
            assert server.process.poll() is None, "the server has ended"
        await asyncio.sleep(0.05)
