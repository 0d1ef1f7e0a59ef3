"""What an account holds, as an adapter needs it: typed settings, secrets, one sentence if not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_network
from typing import TypeVar

import msgspec

from app.contract import Account, Profile
from app.errors import SettingsInvalid

T = TypeVar("T")


def settings_of(account: Account, shape: type[T]) -> T:
    """An account's settings, or SettingsInvalid with the place of the first mistake."""
    try:
        return msgspec.convert(account.settings, shape)
    except msgspec.ValidationError as error:
        raise SettingsInvalid(f"account {account.code}: {error}") from None


def secret(account: Account, kind: str) -> str:
    """The newest secret of a kind."""
    try:
        return account.secrets[kind][0]
    except (KeyError, IndexError):
        raise SettingsInvalid(f"account {account.code} has no {kind}") from None


def check_networks(account: Account, networks: Iterable[str]) -> None:
    """Raise SettingsInvalid for what is no network ("192.0.2.0/24")."""
    for each in networks:
        try:
            ip_network(each)
        except ValueError:
            told = f"account {account.code}: networks: {each[:50]!r} is none"
            raise SettingsInvalid(told) from None


def check(account: Account, profile: Profile) -> None:
    """Raise SettingsInvalid unless settings and secrets are as the profile says; what a secret is
    stays untold."""
    settings_of(account, profile.settings)
    kinds = {kind.name: kind for kind in profile.secrets}
    unknown = sorted(account.secrets.keys() - kinds.keys())
    if unknown:
        raise SettingsInvalid(f"account {account.code}: no secret is called {', '.join(unknown)}")
    for kind in kinds.values():
        given = account.secrets.get(kind.name, ())
        if kind.required and not given:
            raise SettingsInvalid(f"account {account.code} has no {kind.name}")
        if not all(re.fullmatch(kind.shape, each) for each in given):
            raise SettingsInvalid(f"account {account.code}: {kind.name} does not look like one")
