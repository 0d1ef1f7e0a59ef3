"""How an operator reaches the refusals of incidents and mutes."""

from __future__ import annotations

import uuid

from tests.conftest import CREDENTIALS

DUTY = ("duty", CREDENTIALS["operators"][0]["password"])
INCIDENTS = "/monitoring/v1/incidents"


async def an_incident(world, state="firing", seq=1):
    """An incident of the demo's merchant."""
    id_ = uuid.uuid4()
    await world.value(
        "INSERT INTO incident (id, rule, subject, merchant_id, level, state, fired_at, resolved_at,"
        " seq, revision, facts)"
        " SELECT $1, 'order_late', $2, id, 'critical', $3, now(),"
        " CASE WHEN $3 = 'resolved' THEN now() END, $4, $4, '{\"number\": \"H1\"}' FROM merchant",
        id_, str(id_), state, seq,
    )  # fmt: skip
    return id_


async def incident_not_found(world):
    return await world.api.get(f"{INCIDENTS}/{uuid.uuid4()}", auth=DUTY)


async def incident_changed(world):
    id_ = await an_incident(world, seq=3)
    url = f"{INCIDENTS}/{id_}/acknowledge"
    return await world.api.post(url, json={"seq": 2}, auth=DUTY)


async def incident_over(world):
    id_ = await an_incident(world, "resolved")
    said = {"minutes": 30, "reason": "known"}
    return await world.api.post(f"{INCIDENTS}/{id_}/mute", json=said, auth=DUTY)


async def mute_not_found(world):
    return await world.api.post(f"/monitoring/v1/mutes/{uuid.uuid4()}/end", auth=DUTY)
