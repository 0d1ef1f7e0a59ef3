"""Who calls: СМ's static tokens, and its Bearer tokens from client credentials."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.sandbox.credentials import Account


@dataclass(slots=True)
class Tokens:
    """Checks callers; the client id is the account's name, the secret its token."""

    accounts: Sequence[Account]
    clock: Callable[[], datetime]
    token_hex: Callable[[int], str]
    lifetime: timedelta = timedelta(hours=1)
    limit: int = 1_000  #: issued tokens remembered
    _issued: OrderedDict[str, tuple[str, datetime]] = field(default_factory=OrderedDict)

    def of_token(self, token: str | None) -> str | None:
        """Return the account whose static token this is, or None."""
        for account in self.accounts:
            if token and hmac.compare_digest(token.encode(), account["api"]["token"].encode()):
                return account["name"]
        return None

    def issue(self, client_id: str, client_secret: str) -> str | None:
        """Exchange client credentials for a Bearer token; None when they are wrong."""
        if self.of_token(client_secret) != client_id:
            return None
        token = self.token_hex(24)
        self._issued[token] = (client_id, self.clock() + self.lifetime)
        if len(self._issued) > self.limit:
            self._issued.popitem(last=False)
        return token

    def of_bearer(self, header: str | None) -> str | None:
        """Return the account of an `Authorization: Bearer …` that is still good, or None."""
        scheme, _, token = (header or "").partition(" ")
        account, until = self._issued.get(token.strip(), (None, None))
        alive = until is not None and self.clock() < until
        return account if alive and scheme.lower() == "bearer" else None

    def revoke(self) -> None:
        """Forget every issued token, as a marketplace may at any moment."""
        self._issued.clear()
