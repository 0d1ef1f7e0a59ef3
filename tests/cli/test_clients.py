"""orderhub clients: an application is one merchant's, and is shut out for that merchant only."""

from __future__ import annotations

import re

from tests.cli.test_people import orderhub

__all__ = ["orderhub"]

ADD, REVOKE = ("clients", "add", "ТСД"), ("clients", "revoke", "ТСД")


async def state(pool):
    rows = await pool.fetch(
        "SELECT merchant.name, revoked_at IS NULL AS good FROM api_client"
        "  JOIN merchant ON merchant.id = merchant_id WHERE api_client.name = 'ТСД'"
    )
    return {row["name"]: row["good"] for row in rows}


async def test_the_only_merchants_application_comes_and_goes(orderhub, hub, pool):
    said = await orderhub(*ADD)
    assert re.search(r"[\w-]{43}", said)
    await orderhub(*REVOKE)
    assert list((await state(pool)).values()) == [False]
    assert "no application" in await orderhub(*REVOKE, code=1)
    assert "revoked" in await orderhub("clients", "list")


async def test_the_same_name_at_two_merchants_is_two_applications(orderhub, hub, pool):
    first = await pool.fetchval("SELECT name FROM merchant")
    await pool.execute("INSERT INTO merchant (id, name) VALUES (gen_random_uuid(), 'Вторая')")
    assert "--merchant" in await orderhub(*ADD, code=1)
    for merchant in (first, "Вторая"):
        await orderhub(*ADD, "--merchant", merchant)
    assert "--merchant" in await orderhub(*REVOKE, code=1)
    assert await state(pool) == {first: True, "Вторая": True}
    await orderhub(*REVOKE, "--merchant", "Вторая")
    assert await state(pool) == {first: True, "Вторая": False}
    assert "--merchant" in await orderhub(*REVOKE, "--merchant", "Третья", code=1)
