"""The hub's client, for tests: it waits for longer than any machine stands still."""

from __future__ import annotations

from typing import Final

import httpx

from app import calling

#: Seconds for what is certain to come.
LONG: Final = 120.0
#: Seconds for what never comes.
SHORT: Final = 0.3
#: Servers of tests hang up on a connection that was idle for five seconds, perhaps while it is used
#: again: none is kept for nearly as long.
LIMITS: Final = httpx.Limits(max_keepalive_connections=20, keepalive_expiry=1.0)


def client(read: float = LONG) -> httpx.AsyncClient:
    """A client whose calls do not end with the time; `read`: seconds for an answer."""
    return calling.client(httpx.Timeout(LONG, read=read), LIMITS)
