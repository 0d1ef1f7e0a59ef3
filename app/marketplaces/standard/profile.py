"""What is known of a shop of the retailer's own: its settings; the words it speaks unless its
mapping has others."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app import signing
from app.contract import Account, Capabilities, Profile, SecretKind
from app.errors import SettingsInvalid
from app.marketplaces import account as accounts
from app.marketplaces.standard import mapping, verify

#: The shop signs with this one; we sign with the second; the third is shown when we ask for a list.
SIGNING: Final = "signing"
SENDING: Final = "sending"
LIST_TOKEN: Final = "list_token"  # noqa: S105 - the kind's name, not a secret

Url = Annotated[str, Meta(pattern=r"^https?://[^\s/?#@]+([/?][^\s#]*)?$(?!\n)", max_length=1000)]
Kind = Literal[
    "accepted", "in_work", "amended", "assembled", "ready", "handed_over", "delivered", "cancelled"
]


class StandardSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`url`: where we tell the shop; `orders_url`: where we ask which orders changed; without one
    of them we do not. `tell`: of what."""

    url: Url | None = None
    orders_url: Url | None = None
    tell: frozenset[Kind] = frozenset({"accepted", "in_work", "ready", "handed_over", "cancelled"})
    number_prefix: Annotated[str, Meta(pattern=r"^[\w-]{0,20}$(?!\n)")] = ""
    mapping: mapping.ShopFormat = mapping.ShopFormat()


_BASE64: Final = r"[A-Za-z0-9+/]{32,86}={0,2}"
PROFILE: Final = Profile(
    title="Own shop (Standard Webhooks)",
    settings=StandardSettings,
    secrets=(
        SecretKind(
            SIGNING,
            "the shop signs its webhooks with it (whsec_…), or this is its public key (whpk_…)",
            shape=rf"whsec_{_BASE64}|whpk_[A-Za-z0-9+/]{{43}}=",
            ours=True,
        ),
        SecretKind(SENDING, "we sign what we tell the shop", shape=rf"whsec_{_BASE64}", ours=True),
        SecretKind(LIST_TOKEN, "we show it when we ask for orders", required=False, ours=True),
    ),
    events={
        word: "" if meaning == "ignored" else meaning.replace("_", " ")
        for word, meaning in mapping.EVENTS.items()
    },
    statuses=mapping.STATUSES,
    capabilities=Capabilities(
        amends="while_picking", bag_count=True, marks=True, own_delivery=True, answer_within=15
    ),
)


def settings_of(account: Account) -> StandardSettings:
    """An account's settings, or SettingsInvalid."""
    return accounts.settings_of(account, StandardSettings)


def check(account: Account) -> None:
    """As the profile says; then the mapping, and whether secrets are keys."""
    accounts.check(account, PROFILE)
    try:
        mapping.check(settings_of(account).mapping)
    except SettingsInvalid as error:
        raise SettingsInvalid(f"account {account.code}: {error}") from None
    for each in account.secrets.get(SIGNING, ()):
        if verify.key_of(each) is None:
            raise SettingsInvalid(f"account {account.code}: {SIGNING} is no key")
    for each in account.secrets.get(SENDING, ()):
        try:
            signing.key(each)
        except ValueError as error:
            raise SettingsInvalid(f"account {account.code}: {SENDING}: {error}") from None
