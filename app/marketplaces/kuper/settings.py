"""What one СМ account can be told to do differently, and which secrets it needs."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.errors import SettingsInvalid
from app.ports import Account


class KuperSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Three generations of СМ's endpoint differ in URL, version header and authentication."""

    url: str
    auth: Literal["client-token", "bearer"] = "client-token"
    api_version: str | None = "3.0"
    token_url: str | None = None
    notify: tuple[Literal["accepted", "assembled"], ...] = ()
    number_prefix: str = ""


#: Secret kinds: what СМ shows us, what we show СМ (by the kind of authentication).
INBOUND = "inbound_token"
OUTBOUND = "outbound_token"
CLIENT_ID = "client_id"
CLIENT_SECRET = "client_secret"  # noqa: S105 - the kind's name, not a secret


def settings_of(account: Account) -> KuperSettings:
    """An account's settings, or one sentence that says what is wrong with them."""
    try:
        return msgspec.convert(account.settings, KuperSettings)
    except msgspec.ValidationError as error:
        raise SettingsInvalid(f"account {account.code}: {error}") from None


def secret(account: Account, kind: str) -> str:
    """The newest secret of a kind."""
    try:
        return account.secrets[kind][0]
    except (KeyError, IndexError):
        raise SettingsInvalid(f"account {account.code} has no {kind}") from None


def check(account: Account) -> None:
    """Raise SettingsInvalid unless settings and secrets fit together."""
    found = settings_of(account)
    if found.auth == "bearer" and found.token_url is None:
        raise SettingsInvalid(f"account {account.code}: bearer needs a token_url")
    bearer = found.auth == "bearer"
    for kind in (INBOUND, CLIENT_ID, CLIENT_SECRET) if bearer else (INBOUND, OUTBOUND):
        secret(account, kind)
