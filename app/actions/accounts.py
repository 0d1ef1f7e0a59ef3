"""Accounts while the hub runs: put in place, changed, paused, tried, removed; who and why."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from app.actions.account_check import held, mistakes_in, ruled
from app.actions.credentials import new_secret
from app.actions.gate import through
from app.contract import Account
from app.db import account_desk, accounts, mappings
from app.db.account_desk import Waiting
from app.db.conn import Conn
from app.db.sealing import Seal
from app.domain.refusals import Code, Refused
from app.errors import HubError, Paced, SettingsInvalid
from app.hub import Hub
from app.plugin import Marketplace, Probes

#: Seconds a trial may take.
TRIAL: Final = 15.0


@dataclass(frozen=True, slots=True)
class NewAccount:
    """One more connection to a marketplace. `merchant`: its name, where there are several."""

    adapter: str
    code: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    merchant: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """How a connection took a trial; `taken` None: its marketplace cannot be tried."""

    taken: bool | None
    said: str


async def create(
    conn: Conn, seal: Seal, marketplaces: Mapping[str, Marketplace], what: NewAccount, who: str
) -> dict[str, str]:
    """Put an account in place, in the caller's transaction; the secrets the hub made, by kind: they
    are told nobody again. SettingsInvalid with a line for each mistake, Refused for a code that is
    or was another's."""
    made = _made(marketplaces.get(what.adapter), what.secrets)
    secrets = {**what.secrets, **made}
    versions = {kind: (secret,) for kind, secret in secrets.items()}
    values = what.settings, what.rules
    _must_fit(mistakes_in(marketplaces, (what.code, what.adapter), values, versions))
    values = what.settings, ruled(marketplaces[what.adapter], what.rules)
    merchant_id = await account_desk.merchant(conn, what.merchant)
    if merchant_id is None:
        raise SettingsInvalid("say which merchant's it is, by the name")
    id_ = await account_desk.add(conn, merchant_id, what.code, what.adapter, values)
    if id_ is None:
        raise Refused(Code.ACCOUNT_EXISTS, account=what.code)
    for kind, secret in secrets.items():
        await account_desk.add_version(conn, id_, kind, seal.close(secret), (who, None))
    await account_desk.note(conn, id_, who, "created", {"secrets": sorted(secrets)})
    return made


def _made(marketplace: Marketplace | None, given: Mapping[str, str]) -> dict[str, str]:
    """Secrets that are ours to make and that nobody gave."""
    kinds = marketplace.profile.secrets if marketplace is not None else ()
    return {
        kind.name: new_secret(kind)
        for kind in kinds
        if kind.ours and kind.required and kind.name not in given
    }


async def change(  # noqa: PLR0913 - what is changed, by whom
    conn: Conn,
    seal: Seal,
    marketplaces: Mapping[str, Marketplace],
    code: str,
    *,
    who: str,
    settings: Mapping[str, Any] | None = None,
    rules: Mapping[str, Any] | None = None,
) -> None:
    """Other settings, other rules; None: as they are. SettingsInvalid, and nothing changed, when
    the marketplace cannot do with them."""
    found = await held(conn, code)
    wanted = (found.settings if settings is None else settings,
              found.rules if rules is None else rules)  # fmt: skip
    opened = await accounts.opened(conn, seal, found.id)
    _must_fit(mistakes_in(marketplaces, (code, found.adapter), wanted, opened.secrets))
    wanted = wanted[0], ruled(marketplaces[found.adapter], wanted[1])
    await account_desk.change(conn, found.id, *wanted)
    detail = {
        name: {"from": dict(old), "to": dict(new)}
        for name, old, new in zip(
            ("settings", "rules"), (found.settings, found.rules), wanted, strict=True
        )
        if dict(old) != dict(new)
    }
    await account_desk.note(conn, found.id, who, "changed", detail)


async def pause(conn: Conn, code: str, who: str, why: str) -> None:
    """No worker begins with another row of it; its webhooks are still taken, and wait."""
    found = await held(conn, code)
    await account_desk.pause(conn, found.id, who, why)
    await account_desk.note(conn, found.id, who, "paused", {"reason": why})


async def resume(conn: Conn, code: str, who: str) -> bool:
    """What waits is worked on; False when it was not paused."""
    found = await held(conn, code)
    if found.active:
        return False
    await account_desk.resume(conn, found.id)
    await account_desk.note(conn, found.id, who, "resumed", {})
    return True


async def remove(conn: Conn, code: str, expected: int, who: str) -> Waiting:
    """Remove an account and bury what waits for it; how much that was. Refused when more deliveries
    and messages wait than the caller knows of."""
    found = await held(conn, code)
    waits = await account_desk.waiting(conn, found.id)
    if waits.deliveries + waits.messages > expected:
        raise Refused(Code.ACCOUNT_BUSY, deliveries=waits.deliveries, messages=waits.messages)
    await account_desk.remove(conn, found.id)
    buried = await account_desk.bury(conn, found.id)
    detail = {"deliveries": buried.deliveries, "messages": buried.messages}
    await account_desk.note(conn, found.id, who, "removed", detail)
    return buried


async def sweep(conn: Conn) -> Waiting:
    """What came for removed accounts after all, because a worker did not know yet, is buried; what
    ended a day ago can be opened no more."""
    await account_desk.empty_ended(conn)
    buried = await account_desk.bury(conn)
    await mappings.forget(conn)
    return buried


async def rehearse(marketplace: Marketplace, account: Account, hub: Hub | None = None) -> Trial:
    """Ask the marketplace whether it knows us, doing nothing there. With a hub, within the limits
    of the account's calls, and how it went counts."""
    if not isinstance(marketplace, Probes):
        return Trial(None, "this marketplace has no call that changes nothing")
    probe = partial(marketplace.probe, account)
    try:
        async with asyncio.timeout(TRIAL):
            if hub is None:
                return Trial(taken=True, said=await probe())
            return Trial(taken=True, said=await through(hub, account, marketplace, "probe", probe))
    except Paced as pace:
        return Trial(taken=False, said=f"nobody calls it now: again in {pace.after:.0f} s")
    except (HubError, TimeoutError) as error:
        return Trial(taken=False, said=str(error) or "no answer in time")


def _must_fit(mistakes: list[str]) -> None:
    if mistakes:
        raise SettingsInvalid("\n".join(mistakes))
