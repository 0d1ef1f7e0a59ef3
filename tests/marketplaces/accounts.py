"""Accounts of every marketplace for the conformance suite, and how an authentic call looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.ports import Account
from tests.domain.build import uid

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Party:
    """One marketplace: an account with it, headers that prove a call, headers that do not."""

    account: Account
    proof: Mapping[str, str]
    forgeries: tuple[Mapping[str, str], ...]
    events: frozenset[str]

    def samples(self) -> dict[str, bytes]:
        folder = HERE / self.account.adapter / "samples"
        return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.json"))}


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


PARTIES = {
    "kuper": Party(
        account=kuper(),
        proof={"client-token": "old-token"},
        forgeries=(
            {}, {"client-token": ""}, {"client-token": "old-toke"}, {"client-token": "old-token1"},
            {"client-token": "OLD-TOKEN"}, {"client-token": "out-token"},
            {"client-token": "\xff\xfe"}, {"client-token": "токен"}, {"client-token": "x" * 9000},
            {"authorization": "Bearer old-token"}, {"client_token": "old-token"},
        ),
        events=frozenset({
            "order.created", "order.updated", "order.changed", "courier.assigned",
            "courier.arrived", "order.paid", "order.received", "order.delivering",
            "order.delivered", "order.canceled",
        }),
    )
}  # fmt: skip


def without_secrets(account: Account) -> Account:
    return replace(account, secrets={"inbound_token": ("",)})
