"""What one СМ account can be told to do differently, and which secrets it needs."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.contract import Account
from app.errors import SettingsInvalid
from app.marketplaces import account as accounts
from app.marketplaces.account import secret


class KuperSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Three generations of СМ's endpoint differ in URL, version header and authentication.
    `read_url`: its list of shipments, which only a bearer may read."""

    url: str
    auth: Literal["client-token", "bearer"] = "client-token"
    api_version: str | None = "3.0"
    token_url: str | None = None
    read_url: str | None = None
    notify: tuple[Literal["accepted", "assembled"], ...] = ()
    number_prefix: str = ""


#: Secret kinds: what СМ shows us, what we show СМ (by the kind of authentication).
INBOUND = "inbound_token"
OUTBOUND = "outbound_token"
CLIENT_ID = "client_id"
CLIENT_SECRET = "client_secret"  # noqa: S105 - the kind's name, not a secret


def settings_of(account: Account) -> KuperSettings:
    """An account's settings, or one sentence that says what is wrong with them."""
    return accounts.settings_of(account, KuperSettings)


def fit(account: Account) -> None:
    """Raise SettingsInvalid unless settings and secrets fit together."""
    found = settings_of(account)
    if found.auth == "bearer" and found.token_url is None:
        raise SettingsInvalid(f"account {account.code}: bearer needs a token_url")
    bearer = found.auth == "bearer"
    for kind in (INBOUND, CLIENT_ID, CLIENT_SECRET) if bearer else (INBOUND, OUTBOUND):
        secret(account, kind)


def read_url(account: Account) -> str:
    """Where its shipments are listed; the merchant API has them beside its notifications. Raises
    SettingsInvalid when this account cannot list them."""
    found = settings_of(account)
    beside = found.url.removesuffix("/notifications")
    if found.read_url is None and (found.auth != "bearer" or beside == found.url):
        raise SettingsInvalid(
            f"account {account.code}: a client token lists no orders;"
            " set read_url, token_url, client_id and client_secret"
        )
    if found.token_url is None:
        raise SettingsInvalid(f"account {account.code}: listing orders needs a token_url")
    for kind in (CLIENT_ID, CLIENT_SECRET):
        secret(account, kind)
    return found.read_url or f"{beside}/shipments"
