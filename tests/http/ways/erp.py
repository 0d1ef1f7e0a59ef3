"""How an ERP, and who sends it documents, reach refusals."""

from __future__ import annotations

from app.actions import destinations as acting
from app.actions.describe_erp import DestinationSetUp
from app.actions.hand_on import hand_on
from tests.conftest import SEAL
from tests.http.ways.monitoring import DUTY
from tests.issued import a_sale

ERP_TOKEN = "an-erp-of-the-whole-day-0123456789"


async def an_erp_s_document(world):
    """A document that is handed on to an ERP that fetches; its id."""
    id_ = await a_sale(world.hub)
    what = DestinationSetUp(code="fetches", way="pull", token=ERP_TOKEN)
    async with world.hub.pools.drains.acquire() as conn, conn.transaction():
        merchant = await conn.fetchval("SELECT merchant_id FROM document WHERE id = $1", id_)
        await acting.put(conn, SEAL, merchant, what)
        await hand_on(conn, [id_], "trace")
    return id_


async def destination_not_found(world):
    here = f"/documents/v1/documents/{await a_sale(world.hub)}/resend"
    return await world.api.post(here, json={"reason": "why", "destination": "none"}, auth=DUTY)
