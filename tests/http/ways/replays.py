"""How an operator reaches the refusals of replays."""

from __future__ import annotations

import uuid

from tests.http.ways.monitoring import DUTY


async def replay_not_found(world):
    return await world.api.post(f"/monitoring/v1/replays/{uuid.uuid4()}/cancel", auth=DUTY)
