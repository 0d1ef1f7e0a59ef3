"""How who looks after connections to marketplaces reaches refusals."""

from __future__ import annotations

import uuid

from tests.conftest import TOKEN
from tests.factories import placed, settle
from tests.http.ways.monitoring import DUTY

ACCOUNTS = "/accounts/v1/accounts"


def a_new_one(code):
    """A connection beside the demo's."""
    return {
        "adapter": "kuper",
        "code": code,
        "settings": {"url": "https://localhost:1/notifications"},
        "secrets": {"outbound_token": "our-way-out-1"},
    }


async def account_not_found(world):
    return await world.api.get(f"{ACCOUNTS}/nobody", auth=DUTY)


async def account_exists(world):
    return await world.api.post(ACCOUNTS, json=a_new_one("sm-demo"), auth=DUTY)


async def account_busy(world):
    body = placed(uuid.uuid4().hex[:12], storeID="nowhere")
    assert (await world.api.post("/hooks/sm-demo", content=body, headers=TOKEN)).status_code == 200
    await settle(world.hub)
    return await world.api.delete(f"{ACCOUNTS}/sm-demo?waiting=0", auth=DUTY)


async def credential_not_found(world):
    asked = {"kind": "inbound_token", "version": 99}
    return await world.api.post(f"{ACCOUNTS}/sm-demo/revoke", json=asked, auth=DUTY)


async def mapping_not_found(world):
    here = f"{ACCOUNTS}/sm-demo/mappings?kind=goods&theirs=never-said"
    return await world.api.delete(here, auth=DUTY)
