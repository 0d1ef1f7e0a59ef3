"""Is it really MegaMarket? What it proves that with is agreed with it, so there are three ways."""

from __future__ import annotations

from app.contract import Account, Call
from app.errors import Forged, SettingsInvalid
from app.marketplaces import account as accounts
from app.marketplaces import proofs
from app.marketplaces.account import settings_of
from app.marketplaces.megamarket.profile import INBOUND, PROFILE, MegamarketSettings


def verify(account: Account, call: Call) -> None:
    """Raises Forged. A call without any agreed proof is none."""
    settings = settings_of(account, MegamarketSettings)
    secrets = [each for each in account.secrets.get(INBOUND, ()) if each]
    if settings.networks:
        proofs.from_networks(call, settings.networks)
    elif settings.auth == "networks":
        raise Forged("address")
    if settings.auth == "basic":
        proofs.basic(call, [f"{settings.user}:{each}" for each in secrets])
    elif settings.auth == "token":
        shown = call.headers.get(settings.header, "")
        proofs.token(shown.removeprefix("Bearer "), secrets)


def check(account: Account) -> None:
    """Raises SettingsInvalid where settings and secrets prove nothing together."""
    accounts.check(account, PROFILE)
    settings = settings_of(account, MegamarketSettings)
    accounts.check_networks(account, settings.networks)
    if settings.auth == "networks" and not settings.networks:
        raise SettingsInvalid(f"account {account.code}: auth by networks needs networks")
    if settings.auth != "networks" and not account.secrets.get(INBOUND):
        raise SettingsInvalid(f"account {account.code} has no {INBOUND}")
