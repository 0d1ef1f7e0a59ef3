"""What a plug-in is made with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import httpx

from app.contract import Account, Token
from app.plugin import Tokens, named


class OwnTokens:
    """Tokens of this process alone, for one that ends before they do: the command line."""

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, str], Token] = {}

    async def get(
        self, account: Account, kinds: Sequence[str], ask: Callable[[str | None], Awaitable[Token]]
    ) -> str:
        """See app.plugin.Tokens."""
        key = account.id, named(account, kinds)
        if key not in self._known:
            self._known[key] = await ask(None)
        return self._known[key].value

    async def drop(self, account: Account, kinds: Sequence[str], value: str) -> None:
        """See app.plugin.Tokens."""
        key = account.id, named(account, kinds)
        known = self._known.get(key)
        if known is not None and known.value == value:
            del self._known[key]


@dataclass(frozen=True, slots=True)
class Tools:
    """The HTTP client of the process, and the tokens of all processes."""

    http: httpx.AsyncClient
    tokens: Tokens = field(default_factory=OwnTokens)
