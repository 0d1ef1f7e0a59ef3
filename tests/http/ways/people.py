"""How a handheld reaches the refusals of people, devices and shifts."""

from __future__ import annotations

import uuid
from contextlib import asynccontextmanager

from tests.conftest import api_of, quick
from tests.factories import Handheld
from tests.http.picking import claimed, device

PIN = {"1009": "583026", "1209": "294617"}
SESSIONS = "/picker/v1/sessions"


async def supervisor(world, badge="1009"):
    """A supervisor's handheld."""
    return await Handheld(world.api).sign_in(badge, PIN[badge])


@asynccontextmanager
async def store_with(world, code="MSK-12", **settings):
    """A store that is stricter for as long as the block lasts."""
    for name, value in settings.items():
        await world.value(f"UPDATE store SET {name} = $1 WHERE code = $2", value, code)
    try:
        yield
    finally:
        await world.value(
            "UPDATE store SET devices = 'any', shifts = 'optional' WHERE code = $1", code
        )


async def device_unknown(world):
    async with store_with(world, devices="registered"):
        return await world.api.post(SESSIONS, json={"badge": "1201", "pin": "4721"})


async def role_required(world):
    return await (await device(world)).get("/picker/v1/team")


async def client_too_old(world):
    async with api_of(quick(world.hub, minimum_client=(2, 1))) as api:
        return await api.post(
            SESSIONS, json={"badge": "1201", "pin": "4721"}, headers={"X-Client-Version": "2.0.9"}
        )


async def shift_closed(world):
    return await (await device(world, "1201")).post("/picker/v1/shifts/pause")


async def claims_open(world):
    handheld = await claimed(world)
    await handheld.post("/picker/v1/shifts/start")
    answer = await handheld.post("/picker/v1/shifts/end")
    await handheld.post("/picker/v1/shifts/end", {"release": True})
    return answer


async def person_not_found(world):
    return await (await supervisor(world)).post(f"/picker/v1/people/{uuid.uuid4()}")


async def device_not_found(world):
    headers = (await supervisor(world)).headers
    return await world.api.delete(f"/picker/v1/devices/{uuid.uuid4()}", headers=headers)


async def badge_taken(world):
    somebody = {"badge": "1201", "name": "Второй Такой"}
    return await (await supervisor(world)).post("/picker/v1/people", somebody)
