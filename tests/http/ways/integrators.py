"""How who looks after a retailer's own systems reaches refusals."""

from __future__ import annotations

import uuid

from tests.conftest import TOKEN
from tests.factories import placed, settle
from tests.http.ways.monitoring import DUTY
from tests.marketplaces.far import dead_port

SUBSCRIPTIONS = "/integrators/v1/subscriptions"
#: Nobody is there: what it is told waits.
A_SYSTEM = {"code": "whole-day", "url": f"http://127.0.0.1:{dead_port()}/events"}


async def an_event(world):
    """The delivery of an event that waits for a system of the chain's own."""
    answer = await world.api.post(SUBSCRIPTIONS, json=A_SYSTEM, auth=DUTY)
    assert answer.json()["secret"].startswith("whsec_"), answer.text
    body = placed(uuid.uuid4().hex[:12])
    assert (await world.api.post("/hooks/sm-demo", content=body, headers=TOKEN)).status_code == 200
    await settle(world.hub)
    here = f"{SUBSCRIPTIONS}/{A_SYSTEM['code']}/deliveries"
    return (await world.api.get(here, auth=DUTY)).json()["deliveries"][0]["id"]


async def integrator_not_found(world):
    return await world.api.post(f"{SUBSCRIPTIONS}/nobody/pause", auth=DUTY)


async def event_not_found(world):
    return await world.api.post(f"/integrators/v1/deliveries/{uuid.uuid4()}/resend", auth=DUTY)
