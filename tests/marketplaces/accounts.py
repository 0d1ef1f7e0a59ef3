"""An account with СМ, and how a header's text comes over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.contract import Account
from tests.domain.build import uid


def kuper(*, secrets: Mapping[str, tuple[str, ...]] | None = None, **settings: Any) -> Account:
    """An account with СМ; give settings and secrets to differ from the usual ones."""
    return Account(
        id=uid(1), merchant_id=uid(2), code="sm-test", adapter="kuper",
        settings={"url": "http://127.0.0.1:9/v1/notifications"} | settings, active=True,
        secrets=secrets or {"inbound_token": ("новый-токен", "old-token"),
                            "outbound_token": ("out-token",)},
    )  # fmt: skip


def wire(text: str) -> str:
    """A header value as an ASGI server hands it over: UTF-8 bytes read as Latin-1."""
    return text.encode().decode("latin-1")
