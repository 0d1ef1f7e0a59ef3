"""A supervisor's morning: every request about people, handhelds and shifts that succeeds."""

from __future__ import annotations

import uuid

from tests.http.ways.people import supervisor


async def administer(world):
    """Do all of it once."""
    boss = await supervisor(world)
    for change in ("start", "pause", "resume"):
        await boss.post(f"/picker/v1/shifts/{change}")
    for read in ("me", "config", "team", "people", "devices"):
        assert (await boss.get(f"/picker/v1/{read}")).status_code == 200
    somebody = {"badge": uuid.uuid4().hex[:12], "name": "Новый Сборщик"}
    person = (await boss.post("/picker/v1/people", somebody)).json()
    await boss.post(f"/picker/v1/people/{person['id']}", {"active": False})
    handheld = (await boss.post("/picker/v1/devices", {"name": "ТСД 7"})).json()
    await world.api.delete(f"/picker/v1/devices/{handheld['id']}", headers=boss.headers)
    await boss.get("/picker/v1/devices")
    await boss.post("/picker/v1/shifts/end")
