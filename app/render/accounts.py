"""Accounts and adapters as people's programs see them; there is no place for a secret here."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from app.contract import Capabilities, Profile, SecretKind
from app.domain.shop import AccountRules


class SecretKindView(msgspec.Struct):
    """A kind of secret. `ours`: the hub makes it and you give it to the marketplace; `shape`: a
    regular expression that all of it matches."""

    name: str
    purpose: str
    required: bool
    ours: bool
    shape: str


class AdapterView(msgspec.Struct):
    """A marketplace the hub knows. `settings`: JSON Schema of an account's settings; `events` and
    `statuses`: its words and what they mean to us; `able`: what it can besides: be tried (test), be
    asked for its orders (lists), call a server of ours (serves), send events that only point at an
    order (fetches), name goods for what is missing (suggests); `a_second`: outbound calls of one
    account."""

    name: str
    title: str
    settings: dict[str, Any]
    secrets: list[SecretKindView]
    events: dict[str, str]
    statuses: dict[str, str]
    capabilities: dict[str, Any]
    able: list[str]
    a_second: float


class AdapterList(msgspec.Struct):
    """Every marketplace the hub knows. `rules`: JSON Schema of the hub's own rules for an account
    of whichever."""

    adapters: list[AdapterView]
    rules: dict[str, Any]


class AccountRow(msgspec.Struct):
    """An account in one line: what waits in, out, and for somebody to say what a word means.
    `gate`: how its marketplace is called: closed (as usual), resting (it asked for patience), open
    (not at all: `gate_reason` failing or credentials) or half_open (one call, to see)."""

    code: str
    adapter: str
    merchant: str
    active: bool
    paused_at: datetime | None
    paused_by: str | None
    paused_reason: str | None
    stores: int
    deliveries: int
    messages: int
    unmapped: int
    gate: str
    gate_reason: str | None
    gate_said: str | None
    gate_until: datetime | None


class AccountList(msgspec.Struct):
    """All accounts."""

    accounts: list[AccountRow]


class VersionView(msgspec.Struct):
    """One version of a secret, never the secret. `state`: valid, ended or revoked; `valid_until`
    null: until somebody ends it."""

    kind: str
    version: int
    state: str
    valid_from: datetime
    valid_until: datetime | None
    added_by: str
    revoked_at: datetime | None
    revoked_by: str | None


class EventView(msgspec.Struct):
    """What somebody did to an account."""

    at: datetime
    actor: str
    event: str
    detail: dict[str, Any]


class AccountStory(msgspec.Struct):
    """One account. `trouble`: what its marketplace could not do with; `orders`: not finished;
    `hook`: where its webhooks come to; `history`: the latest first."""

    code: str
    adapter: str
    merchant: str
    hook: str
    active: bool
    paused_at: datetime | None
    paused_by: str | None
    paused_reason: str | None
    created_at: datetime
    changed_at: datetime
    settings: dict[str, Any]
    rules: dict[str, Any]
    stores: dict[str, str]
    secrets: list[VersionView]
    deliveries: int
    messages: int
    orders: int
    trouble: list[str]
    history: list[EventView]


class Made(msgspec.Struct):
    """A new account, and the secrets the hub made for it, by kind: they are told only now."""

    account: AccountStory
    made: dict[str, str]


class RotatedView(msgspec.Struct):
    """A new version of a secret. `secret`: told only now, and only when the hub made it."""

    kind: str
    version: int
    secret: str | None
    account: AccountStory


class TrialView(msgspec.Struct):
    """How a trial went. `taken` null: this marketplace has no call that changes nothing."""

    taken: bool | None
    said: str


class RemovedView(msgspec.Struct):
    """What was buried with an account."""

    deliveries: int
    messages: int


RULES: Final = msgspec.json.schema(AccountRules)


def adapter_view(name: str, profile: Profile, able: list[str]) -> AdapterView:
    """A marketplace as data."""
    return AdapterView(
        name=name,
        title=profile.title,
        settings=msgspec.json.schema(profile.settings),
        secrets=[_kind(kind) for kind in profile.secrets],
        events=dict(profile.events),
        statuses=dict(profile.statuses),
        capabilities=_plain(profile.capabilities),
        able=able,
        a_second=profile.limit.rate,
    )


def _kind(kind: SecretKind) -> SecretKindView:
    return SecretKindView(kind.name, kind.purpose, kind.required, kind.ours, kind.shape)


def _plain(capabilities: Capabilities) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(capabilities)
    return found
