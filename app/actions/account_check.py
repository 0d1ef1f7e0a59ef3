"""Is there such an account, and is it what its marketplace needs? Asked before it counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

import msgspec

from app.actions.staying import account_must_stay
from app.contract import Account, Profile, SecretKind
from app.db import account_desk
from app.db.account_desk import Managed
from app.db.conn import Conn
from app.domain.money import MAX_KOPECKS
from app.domain.refusals import Code, Refused
from app.domain.shop import AccountRules
from app.errors import SettingsInvalid
from app.plugin import Marketplace

#: Of an account that is only being looked at.
NOBODY: Final = UUID(int=0)


async def held(conn: Conn, code: str) -> Managed:
    """An account that is there, locked until the transaction ends; Refused when there is none, or
    it goes to another cell."""
    found = await account_desk.lock(conn, code)
    if found is None:
        raise Refused(Code.ACCOUNT_NOT_FOUND)
    await account_must_stay(conn, found.id)
    return found


async def seen(conn: Conn, code: str) -> Managed:
    """An account, to look at; Refused when there is none or it was removed."""
    found = await account_desk.find(conn, code)
    if found is None or found.removed_at is not None:
        raise Refused(Code.ACCOUNT_NOT_FOUND)
    return found


def mistakes_in(
    marketplaces: Mapping[str, Marketplace],
    account: tuple[str, str],
    values: tuple[Mapping[str, Any], Mapping[str, Any]],
    secrets: Mapping[str, tuple[str, ...]],
) -> list[str]:
    """What is wrong, a sentence each and no secret in any; account = (code, adapter), values =
    (settings, rules), secrets by kind, the newest first."""
    code, adapter = account
    settings, rules = values
    marketplace = marketplaces.get(adapter)
    if marketplace is None:
        return [f"no adapter {adapter!r}: there are {', '.join(sorted(marketplaces))}"]
    if b"\\u0000" in msgspec.json.encode((settings, rules)):
        return ["settings and rules hold no NUL"]
    found = wrong_rules(rules)
    found += wrong_secrets(marketplace.profile, secrets)
    found += _wrong_settings(marketplace.profile, settings)
    if found:
        return found
    try:
        marketplace.check(Account(NOBODY, NOBODY, code, adapter, settings, True, secrets))  # noqa: FBT003
    except SettingsInvalid as error:
        return [str(error)]
    return []


def wrong_secrets(profile: Profile, secrets: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Kinds that are missing, that nobody asked for, or whose newest has not their shape."""
    known = {kind.name: kind for kind in profile.secrets}
    return [
        *(f"no secret of kind {name!r} is asked for" for name in secrets if name not in known),
        *(
            f"secret {kind.name}: {problem}"
            for kind in profile.secrets
            if (problem := _wrong_secret(kind, secrets.get(kind.name, ())))
        ),
    ]


def _wrong_secret(kind: SecretKind, versions: tuple[str, ...]) -> str:
    if not versions:
        return f"missing ({kind.purpose})" if kind.required else ""
    fits = re.fullmatch(kind.shape, versions[0]) is not None
    return "" if fits else "it does not look like one"


def _wrong_settings(profile: Profile, settings: Mapping[str, Any]) -> list[str]:
    try:
        msgspec.convert(settings, profile.settings)
    except msgspec.ValidationError as error:
        return [f"settings: {error}"]
    return []


def wrong_rules(rules: Mapping[str, Any]) -> list[str]:
    """What is wrong with the hub's own rules for an account."""
    known = {field.name for field in fields(AccountRules)}
    unknown = [f"no rule {name!r}" for name in rules if name not in known]
    if unknown:
        return unknown
    try:
        msgspec.convert(rules, AccountRules)
    except msgspec.ValidationError as error:
        return [f"rules: {error}"]
    numbers = {name: value for name, value in rules.items() if isinstance(value, int)}
    return [
        f"rule {name} is negative or too large"
        for name, value in numbers.items()
        if not 0 <= value <= MAX_KOPECKS
    ]


def ruled(marketplace: Marketplace, rules: Mapping[str, Any]) -> dict[str, Any]:
    """Rules for an account of it: where nobody said how long it waits, what it publishes."""
    can = marketplace.profile.capabilities
    published = {"answer_seconds": can.answer_within}
    if can.accept_within:  # rounded down: better to be told too early
        published["accept_minutes"] = max(1, can.accept_within // 60)
    return {**published, **rules}
