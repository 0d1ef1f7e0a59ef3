"""Names of own systems, looked up where nobody else waits: the servers of a name may hang."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from app.errors import Undelivered
from app.integrators.reach import Address

#: Names that are looked up at once.
_MOST: Final = 32


class Names:
    """Looks names up in threads of its own; one that hangs takes one thread, however many ask."""

    def __init__(self, ask: Callable[..., list[Any]] = socket.getaddrinfo) -> None:
        self._ask = ask
        self._threads = ThreadPoolExecutor(_MOST, thread_name_prefix="names")
        self._asked: dict[tuple[str, int], asyncio.Future[list[Any]]] = {}

    async def resolve(self, host: str, port: int) -> list[Address]:
        """The addresses of a name, the best first; Undelivered when it has none."""
        asked = self._asked.get((host, port)) or self._begun(host, port)
        try:
            found = await asyncio.shield(asked)  # others may wait for it too
        except (OSError, UnicodeError):
            raise Undelivered("there is no such host") from None
        return list(dict.fromkeys(ipaddress.ip_address(each[4][0]) for each in found))

    def _begun(self, host: str, port: int) -> asyncio.Future[list[Any]]:
        ask = partial(self._ask, host, port, type=socket.SOCK_STREAM)
        asked = asyncio.get_running_loop().run_in_executor(self._threads, ask)
        self._asked[host, port] = asked
        asked.add_done_callback(partial(self._forget, (host, port)))
        return asked

    def _forget(self, name: tuple[str, int], asked: asyncio.Future[list[Any]]) -> None:
        del self._asked[name]
        if not asked.cancelled():
            asked.exception()  # all who asked may have gone by now: nothing to complain of

    def close(self) -> None:
        """Ask nobody any more. What hangs is waited for by the process's end, not here."""
        self._threads.shutdown(wait=False, cancel_futures=True)
