"""An account and an adapter as they are shown: everything but secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from app.actions.account_check import mistakes_in, seen
from app.db import account_desk, accounts
from app.db.conn import Conn
from app.db.sealing import Seal
from app.errors import SettingsInvalid
from app.plugin import Fetches, Lists, Marketplace, Probes, Serves, Suggests
from app.render.accounts import (
    RULES,
    AccountList,
    AccountRow,
    AccountStory,
    AdapterList,
    AdapterView,
    EventView,
    VersionView,
    adapter_view,
)

#: What a marketplace may be able to do besides, and how that is called for people.
_ABLE: Final[Mapping[str, Any]] = {
    "test": Probes, "lists": Lists, "serves": Serves, "fetches": Fetches, "suggests": Suggests,
}  # fmt: skip


def adapters(marketplaces: Mapping[str, Marketplace]) -> AdapterList:
    """Every marketplace there is, and the rules all their accounts may have."""
    return AdapterList([_adapter(each) for _, each in sorted(marketplaces.items())], RULES)


def _adapter(marketplace: Marketplace) -> AdapterView:
    able = [name for name, protocol in _ABLE.items() if isinstance(marketplace, protocol)]
    return adapter_view(marketplace.name, marketplace.profile, able)


async def overview(conn: Conn) -> AccountList:
    """All accounts, and what waits for them."""
    rows = await account_desk.overview(conn)
    return AccountList([msgspec.convert(dict(row), AccountRow) for row in rows])


async def story(
    conn: Conn, seal: Seal, marketplaces: Mapping[str, Marketplace], code: str
) -> AccountStory:
    """One account; Refused when there is none."""
    found = await seen(conn, code)
    waits = await account_desk.waiting(conn, found.id)
    names = ("code", "adapter", "merchant", "active", "paused_at", "paused_by", "paused_reason",
             "created_at", "changed_at")  # fmt: skip
    return AccountStory(
        **{name: getattr(found, name) for name in names},
        hook=f"/hooks/{code}",
        settings=dict(found.settings),
        rules=dict(found.rules),
        stores=await account_desk.stores(conn, found.id),
        secrets=[
            msgspec.convert(each, VersionView, from_attributes=True)
            for each in await account_desk.versions(conn, found.id)
        ],
        deliveries=waits.deliveries,
        messages=waits.messages,
        orders=waits.orders,
        trouble=await _trouble(conn, seal, marketplaces, found),
        history=[
            msgspec.convert(dict(row), EventView)
            for row in await account_desk.story(conn, found.id)
        ],
    )


async def _trouble(
    conn: Conn,
    seal: Seal,
    marketplaces: Mapping[str, Marketplace],
    found: account_desk.Managed,
) -> list[str]:
    """What keeps it from working; secrets that are asked for and end soon are a rule's business."""
    try:
        opened = await accounts.opened(conn, seal, found.id)
    except SettingsInvalid as error:
        return [str(error)]
    values = found.settings, found.rules
    return mistakes_in(marketplaces, (found.code, found.adapter), values, opened.secrets)
