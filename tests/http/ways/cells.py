"""How a handheld meets a store that is on its way to another cell, or lives there."""

from __future__ import annotations

import uuid
from contextlib import asynccontextmanager

from tests.http.picking import device

_STORE = "SELECT store_id FROM picker WHERE badge = '1201'"


@asynccontextmanager
async def store_away(world, state):
    """A store that is not, or soon not, here for as long as the block lasts."""
    move = uuid.uuid4()
    await world.value(
        "INSERT INTO cell_move (id, side, other, url, actor, step, stores, accounts, whole)"
        " VALUES ($1, 'out', 'b', '', 'test', 'closed', '{}', '{}', false)", move,
    )  # fmt: skip
    await world.value(
        "INSERT INTO store_away (store_id, move_id, state, url)"
        f" SELECT ({_STORE}), $1, $2, 'https://b.hub.example'", move, state,
    )  # fmt: skip
    try:
        yield
    finally:
        await world.value("DELETE FROM store_away")
        await world.value("DELETE FROM cell_move")


async def store_moving(world):
    handheld = await device(world, "1201")
    async with store_away(world, "closing"):
        return await handheld.get("/picker/v1/config")


async def store_moved(world):
    await world.value(
        "INSERT INTO door_away (knock, store_id, until)"
        f" VALUES (convert_to('1299', 'UTF8'), ({_STORE}), 'infinity') ON CONFLICT DO NOTHING"
    )
    async with store_away(world, "gone"):
        return await world.api.post("/picker/v1/sessions", json={"badge": "1299", "pin": "4721"})
