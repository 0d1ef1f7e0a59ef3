"""PgBouncer in transaction mode before a test run's server, where the machine has the program.

Several clients share few connections of the server: whatever one leaves in a session, another
finds, or does not.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from app.db.conn import STATEMENTS
from app.supervision.unprivileged import unprivileged

#: Connections of the server, for the eight of a test's pool.
SHARED = 3
#: The first PgBouncer that knows prepared statements; before an older one the hub keeps none.
KNOWS_STATEMENTS = (1, 21)
#: The tests of the queue's mechanism: what is kept, claimed, leased, given back, replayed, and how
#: fast and to whom it goes.
THROUGH = {
    "tests.actions.test_drain", "tests.db.test_changes", "tests.db.test_claim_fair",
    "tests.db.test_inbox", "tests.db.test_pooled", "tests.db.test_queue", "tests.db.test_tokens",
    "tests.replays.test_runs", "tests.db.test_gates", "tests.actions.test_gate",
    "tests.actions.test_outbound_held", "tests.actions.test_deliver",
    "tests.actions.test_process",
}  # fmt: skip


@dataclass(frozen=True)
class Pooler:
    port: int
    statements: int  #: what a connection through it may keep

    def dsn(self, direct: str) -> str:
        """The same database through the pooler."""
        return f"postgresql://hub@127.0.0.1:{self.port}{urlsplit(direct).path}"


def program() -> Path | None:
    """Debian's pgbouncer; a user's PATH does not name its folder."""
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def version(pgbouncer: Path) -> tuple[int, ...]:
    """(1, 18, 0)"""
    told = subprocess.run([pgbouncer, "--version"], capture_output=True, text=True, check=True)
    return tuple(int(part) for part in told.stdout.split()[1].split("."))


@contextmanager
def pooling(pgbouncer: Path, server: str, shared: int = SHARED) -> Iterator[Pooler]:
    """PgBouncer before the server of this URL; it takes whoever knocks."""
    home = Path(tempfile.mkdtemp(prefix="hub-pooler-"))
    file, log = home / "pgbouncer.ini", home / "log"
    statements = STATEMENTS if version(pgbouncer) >= KNOWS_STATEMENTS else 0
    with held_port() as port, log.open("wb") as told:
        file.write_text(settings(server, port, shared, statements))
        account = unprivileged([pgbouncer, home])
        file.chmod(0o600)
        account.own(home, file)
        process = subprocess.Popen(
            [*account.prefix, str(pgbouncer), "-q", str(file)], stdout=told, stderr=told, cwd="/"
        )
        try:
            while not answers(port):
                assert process.poll() is None, log.read_text()
                time.sleep(0.02)
            yield Pooler(port, statements)
        finally:
            process.terminate()
            process.wait(120)
            shutil.rmtree(home, ignore_errors=True)


def settings(server: str, port: int, shared: int, statements: int) -> str:
    """As the role in ansible/ has them, where it matters."""
    parts = urlsplit(server)
    where = (parse_qs(parts.query).get("host") or [parts.hostname])[0]
    login = f"user={unquote(parts.username or '')} password={unquote(parts.password or '')}"
    lines = [
        "[databases]",
        f"* = host={where} port={parts.port or 5432} {login}",
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        f"listen_port = {port}",
        "unix_socket_dir =",
        "auth_type = any",
        "pool_mode = transaction",
        f"default_pool_size = {shared}",
        "max_client_conn = 100",
        "server_idle_timeout = 1",
        *([f"max_prepared_statements = {statements}"] if statements else []),
    ]
    return "\n".join(lines) + "\n"


@contextmanager
def held_port() -> Iterator[int]:
    """A port of loopback that nobody else is given while the block lasts: it is bound and not
    listened at, which whoever asks for SO_REUSEADDR (servers do) may then do."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 10).close()
    except OSError:
        return False
    return True
