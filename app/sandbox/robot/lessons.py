"""A supervisor's people and handhelds: one is registered, a trainee has a first day on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import structlog

from app.sandbox.credentials import Picker
from app.sandbox.robot.action import Json
from app.sandbox.robot.handheld import Handheld, Refusal

log = structlog.get_logger()

DEVICE: Final = "Учебный ТСД"
TRAINEE: Final = {"badge": "9001", "name": "Стажёр Учебный"}


@dataclass(slots=True)
class Lesson:
    """One first day, in the supervisor's store. Everything is undone at its end."""

    supervisor: Handheld

    async def hold(self) -> None:
        """Register, teach, send both away; a refusal is no reason to stop the shop."""
        try:
            device = await self._device()
            person = await self._person()
            if person.get("pin") and device.get("device_id"):
                await self._first_day(person, device["device_id"])
            await self._change(person["id"], {"active": False})
            await self.supervisor.delete(f"/devices/{device['id']}")
        except Refusal as refusal:
            log.info("lesson was refused", code=refusal.code)

    async def _device(self) -> Json:
        """A new handheld; the code is said once, so one of yesterday's is of no use."""
        for device in (await self.supervisor.read("/devices"))["devices"]:
            if device["name"] == DEVICE and not device.get("revoked_at"):
                await self.supervisor.delete(f"/devices/{device['id']}")
        return await self.supervisor.write("/devices", {"name": DEVICE}) or {}

    async def _person(self) -> Json:
        """The trainee, with a new PIN."""
        people = (await self.supervisor.read("/people"))["people"]
        known = next((row for row in people if row["badge"] == TRAINEE["badge"]), None)
        if known is None:
            return await self.supervisor.write("/people", dict(TRAINEE)) or {}
        return await self._change(known["id"], {"active": True, "new_pin": True})

    async def _change(self, id_: str, change: Json) -> Json:
        return await self.supervisor.write(f"/people/{id_}", change) or {}

    async def _first_day(self, person: Json, device_id: str) -> None:
        """Sign in on the new handheld, look around, go home."""
        teacher = self.supervisor
        who: Picker = {
            "badge": person["badge"],
            "pin": person["pin"],
            "name": person["name"],
            "store": teacher.picker["store"],
        }
        handheld = Handheld(teacher.client, who, teacher.nature, teacher.new_key)
        handheld.device = device_id
        await handheld.read("/me")
        await handheld.read("/config")
        await handheld.read("/orders?scope=store")
        await handheld.sign_out()
