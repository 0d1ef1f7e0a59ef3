"""A database on one host or on several, which are tried one by one, each for its own time."""

from __future__ import annotations

import os
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg

from app.db.address import each_host
from app.db.patience import awake

T = TypeVar("T")

#: Seconds for a host: one that takes connections and says nothing (frozen) costs no more than that.
ALONE: Final = 2.0
AMONG_OTHERS: Final = 1.0
#: What a host that is no good can end with; the next one may be better, whatever it is.
_TROUBLES: Final = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.TargetServerAttributeNotMatched,
)


class NoHost(ConnectionError):
    """None of several hosts could be used; says what was the matter with each."""


def _shuffled(names: list[str]) -> list[str]:
    """In any order: no process relies on one host, and not all of them run to the same."""
    return random.sample(names, len(names))


async def one_by_one(
    url: str,
    open_: Callable[[str], Awaitable[T]],
    seconds: float | None = None,
    order: Callable[[list[str]], list[str]] = _shuffled,
) -> T:
    """What `open_` makes of the first host it can use, `seconds` for each; raises what the only
    host raised, or NoHost."""
    places = each_host(url)
    each = seconds or (AMONG_OTHERS if len(places) > 1 else ALONE)
    told: list[str] = []
    for name in order(list(places)):
        try:
            async with awake(each):
                return await open_(places[name])
        except _TROUBLES as error:
            if len(places) == 1:
                raise
            told.append(f"{name}: {_what(error, each)}")
    raise NoHost("; ".join(told))


def _what(error: Exception, seconds: float) -> str:
    """What was the matter with one host, for a person; never a password."""
    if isinstance(error, asyncpg.TargetServerAttributeNotMatched):
        return "in another role (read-only)"
    if isinstance(error, TimeoutError) and error.errno is None:
        return f"no answer within {seconds:g} s"
    if isinstance(error, OSError) and (error.errno or 0) > 0:
        return os.strerror(error.errno or 0)
    return str(error).partition("\n")[0] or type(error).__name__
