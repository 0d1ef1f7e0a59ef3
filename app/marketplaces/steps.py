"""One message in several calls: kept as JSON for people to read, made in order, safe to repeat.

Once one of them was taken, whatever stops the next leaves the message half told: the try after that
is of a message of which something has arrived (`Message.unsure`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from app.contract import Answer
from app.errors import RemoteUnavailable


class Step(msgspec.Struct, frozen=True):
    """One call. `path` is below the address of the account's API; `body` is JSON."""

    method: str
    path: str
    body: Any = None

    def sent(self) -> bytes:
        """The body as it is sent; nothing at all where there is none."""
        return b"" if self.body is None else msgspec.json.encode(self.body)


class _Composed(msgspec.Struct):
    steps: list[Step]


def write(*steps: Step) -> bytes:
    """A message of so many calls."""
    return msgspec.json.encode(_Composed([*steps]))


def read(body: bytes) -> Sequence[Step]:
    """The calls of a message."""
    return msgspec.json.decode(body, type=_Composed).steps


async def walk(steps: Sequence[Step], take: Callable[[Step], Awaitable[Answer]]) -> Answer:
    """Take each step; the last one's answer, or that nothing was left to tell. What `take` raises
    is `ambiguous` once a step was taken."""
    answer = Answer("already_accepted", 0, "")
    for n, step in enumerate(steps):
        try:
            answer = await take(step)
        except RemoteUnavailable as error:
            if n:
                error.ambiguous = True
            raise
    return answer
