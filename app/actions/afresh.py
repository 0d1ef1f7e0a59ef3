"""A call with an account's secrets while they rotate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.contract import Account
from app.errors import RemoteRefused
from app.hub import Hub

T = TypeVar("T")


async def with_newest(hub: Hub, account: Account, call: Callable[[Account], Awaitable[T]]) -> T:
    """What a call brings. One that is refused is made once more when its account has other secrets
    by now: the marketplace may take the former one no more. Raises what the call raises."""
    try:
        return await call(account)
    except RemoteRefused:
        fresh = await hub.accounts.renewed(account)
        if fresh is None or fresh.secrets == account.secrets:
            raise
        return await call(fresh)
