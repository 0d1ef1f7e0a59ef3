"""Tokens that Yandex Eats gets from us: a moment and its signature, so nothing need be kept."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Final

from app.contract import Account, Call
from app.errors import Forged
from app.marketplaces import proofs
from app.marketplaces.account import secret, settings_of
from app.marketplaces.yandex_eats.profile import CLIENT_SECRET, YandexEatsSettings

#: Seconds by which clocks of our machines may differ.
_SKEW: Final = 60.0


def issue(account: Account, now: datetime) -> tuple[str, int]:
    """A token, and how many seconds it is good for."""
    good_for = settings_of(account, YandexEatsSettings).token_seconds
    until = str(int(now.timestamp()) + good_for)
    key = secret(account, CLIENT_SECRET).encode()
    return f"{until}.{hmac.digest(key, _signed(account, until), hashlib.sha256).hex()}", good_for


def prove(account: Account, call: Call, now: datetime) -> None:
    """The call shows a token of ours for this account, signed with a live secret, good until later
    than now and issued no later. Raises Forged."""
    scheme, _, rest = call.headers.get("authorization", "").partition(" ")
    until, _, mac = (rest.strip() if scheme.lower() == "bearer" else scheme).partition(".")
    proofs.hmac_hex(mac, _signed(account, until), account.secrets.get(CLIENT_SECRET, ()))
    left = proofs.seconds(until) - now.timestamp()
    if left <= 0:
        raise Forged("stale")
    if left > settings_of(account, YandexEatsSettings).token_seconds + _SKEW:
        raise Forged("future")


def _signed(account: Account, until: str) -> bytes:
    """Also the account: two of them may have one secret."""
    return f"yandex_eats.{account.id}.{until}".encode("utf-8", "replace")
