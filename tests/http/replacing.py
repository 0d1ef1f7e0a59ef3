"""A picker without bread: every request about replacements that succeeds."""

from __future__ import annotations

from tests.factories import BANANAS, BREAD
from tests.http.picking import BREAD_ID, picking
from tests.http.ways.people import supervisor

LOAF = "100202"


async def stand_in(world):
    """Do all of it once."""
    handheld = await picking(world, BREAD, BANANAS)
    here = f"/picker/v1/orders/{handheld.order['id']}"
    line = handheld.line(BREAD_ID)["id"]
    assert (await handheld.get(f"{here}/lines/{line}/substitutes?q=батон")).status_code == 200
    body = {"items": [{"sku": LOAF, "quantity": 2}], "reason": "not_found"}
    await handheld.do("replace", line=BREAD_ID, **body)
    boss = await supervisor(world)
    assert (await boss.get("/picker/v1/approvals")).json()["approvals"]
    await handheld.do("withdraw", line=BREAD_ID)
    await handheld.do("replace", line=BREAD_ID, **body)
    assert (await handheld.get(f"{here}/review")).status_code == 200
    await handheld.do("decide", line=BREAD_ID, approved=True)
    assert (await handheld.get(f"{here}/review")).json()["differences"]
