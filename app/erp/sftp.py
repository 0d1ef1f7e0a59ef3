"""A document is put into a folder of another machine by SFTP: written aside, then renamed.

Loads asyncssh, which takes 29 MB: only the scheduler and the command line may import this."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import asyncssh

from app.domain.destination import Destination, Parcel, Receipt
from app.erp.drop import lies
from app.erp.shapes import Sftp, shape
from app.errors import DestinationAmiss, RemoteUnavailable

#: What `SftpDrop` waits for unless told otherwise.
_CONNECT: Final = 10.0
_LIMIT: Final = 25.0
#: Seconds a connection is kept with nothing to do.
_IDLE: Final = 20.0
#: What no waiting heals on a server's side: somebody must set it right.
_AMISS: Final = (asyncssh.SFTPPermissionDenied, asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)


@dataclass(slots=True)
class _Line:
    """A connection that is open, and who uses it."""

    conn: asyncssh.SSHClientConnection
    client: asyncssh.SFTPClient
    users: int = 0
    closing: asyncio.TimerHandle | None = field(default=None, repr=False)


class SftpDrop:
    """Puts files into folders of other machines; one connection for each destination."""

    def __init__(
        self, connect: float = _CONNECT, limit: float = _LIMIT, idle: float = _IDLE
    ) -> None:
        """Seconds for a connection with its login, for one document over it, and until one that
        nobody uses is ended."""
        self._connect = connect
        self._limit = limit
        self._idle = idle
        self._lines: dict[int, _Line] = {}
        self._locks: dict[int, asyncio.Lock] = {}

    async def hand(self, destination: Destination, parcel: Parcel) -> Receipt:
        """See `way.ErpWay`."""
        said = shape(destination, Sftp)
        name = lies(parcel, daily=said.daily)
        async with _as_ours(self._limit), self._line(destination, said) as client:
            await _put(client, said.path.rstrip("/") or "/", name, parcel.body)
        return Receipt("sent", name)

    async def close(self) -> None:
        """Hang up everywhere."""
        for key in list(self._lines):
            self._drop(key)

    @asynccontextmanager
    async def _line(
        self, destination: Destination, said: Sftp
    ) -> AsyncIterator[asyncssh.SFTPClient]:
        """A client on the connection that is open, or a new one. Whatever goes wrong, it is given
        up: the next document tries a new one."""
        key = hash((destination.id, said, tuple(sorted(destination.secrets.items()))))
        async with self._locks.setdefault(key, asyncio.Lock()):
            line = self._lines.get(key)
            if line is None or line.conn.is_closed():
                self._drop(key)  # its timer too, which would hang up on the new one
                line = self._lines[key] = await _connect(destination, said, self._connect)
        line.users += 1
        if line.closing is not None:
            line.closing.cancel()
        well = False
        try:
            yield line.client
            well = True
        finally:
            line.users -= 1
            if self._lines.get(key) is line:
                self._leave(key, line, well=well)

    def _leave(self, key: int, line: _Line, *, well: bool) -> None:
        if not well:
            self._drop(key)
        elif line.users == 0:
            loop = asyncio.get_running_loop()
            line.closing = loop.call_later(self._idle, self._drop, key)

    def _drop(self, key: int) -> None:
        line = self._lines.pop(key, None)
        if line is not None:
            if line.closing is not None:
                line.closing.cancel()
            line.conn.abort()


async def _connect(destination: Destination, said: Sftp, seconds: float) -> _Line:
    """Log in; unless the host key is the one that is known nothing is sent, no password either."""
    place = said.host if said.port == 22 else f"[{said.host}]:{said.port}"
    conn = await asyncssh.connect(
        said.host,
        said.port,
        username=said.user,
        known_hosts=asyncssh.import_known_hosts(f"{place} {said.host_key}\n"),
        password=next(iter(destination.secrets.get("password", ())), None),
        client_keys=[asyncssh.import_private_key(each)
                     for each in destination.secrets.get("private_key", ())] or None,
        agent_path=None,
        config=None,
        connect_timeout=seconds,
        login_timeout=seconds,
        keepalive_interval=15,
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        stack.callback(conn.abort)
        line = _Line(conn, await conn.start_sftp_client())
        stack.pop_all()
        return line


async def _put(client: asyncssh.SFTPClient, folder: str, name: str, body: bytes) -> None:
    day, _, plain = name.rpartition("/")
    place = f"{folder}/{day}" if day else folder
    if day:
        with suppress(asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists):  # it is there
            await client.mkdir(place)
    unfinished = f"{place}/.part-{secrets.token_hex(8)}"
    put = False
    try:
        await _write(client, unfinished, body)
        await client.posix_rename(unfinished, f"{place}/{plain}")
        put = True
    finally:
        if not put:
            with suppress(asyncssh.Error, OSError):
                await client.remove(unfinished)


async def _write(client: asyncssh.SFTPClient, path: str, body: bytes) -> None:
    """All of it, and on the disk where the server offers that (fsync@openssh.com)."""
    async with client.open(path, "xb") as file:
        await file.write(body)
        with suppress(asyncssh.SFTPOpUnsupported):
            await file.fsync()


@asynccontextmanager
async def _as_ours(limit: float) -> AsyncIterator[None]:
    """What SSH says, in errors of ours, without names of files or people; `limit`: seconds."""
    try:
        async with asyncio.timeout(limit):
            yield
    except asyncssh.HostKeyNotVerifiable:
        raise DestinationAmiss("its host key is not the known one: nothing was sent") from None
    except asyncssh.PermissionDenied:
        raise DestinationAmiss("it refuses the login") from None
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise DestinationAmiss(f"a key cannot be read: {error}"[:200]) from None
    except _AMISS as error:
        raise DestinationAmiss(f"the folder: {error.reason}"[:200]) from None
    except (asyncssh.Error, OSError, TimeoutError) as error:
        said = f"SFTP: {type(error).__name__}"
        raise RemoteUnavailable(said, ambiguous=True) from None
