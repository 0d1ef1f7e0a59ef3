"""Who stands at the desk: asked of the marketplace's stand-in, as one would look up and see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from app.sandbox.credentials import Credentials
from app.sandbox.robot.desk import Arrived

TIMEOUT: Final = 5.0
PICKUP: Final = "accounting_with_pickup"


@asynccontextmanager
async def arrivals(credentials: Credentials) -> AsyncIterator[Arrived]:
    """Answers for as long as the block lasts; where no stand-in answers, nobody is there."""
    url = credentials["accounts"][0]["api"]["url"].partition("/v1/")[0]
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT, trust_env=False) as client:

        async def arrived(order_id: str) -> bool:
            try:
                answer = await client.get("/_state", params={"order": order_id})
            except httpx.HTTPError:
                return False
            return answer.is_success and is_there(answer.json())

        yield arrived


def is_there(shipment: dict[str, Any]) -> bool:
    """A courier is there when СМ said so; a customer comes when the order is paid."""
    if shipment["integration"] == PICKUP:
        return bool(shipment["paymentState"] == "paid")
    return any(row["event_type"] == "courier.arrived" for row in shipment["webhooks"])
