"""How an accountant reaches the refusals of marketplaces' reports."""

from __future__ import annotations

import uuid

from tests.http.ways.monitoring import DUTY

REPORTS = "/reports/v1/settlements"
ABOUT = "account=sm-demo&kind=payment&number={}&from=2026-01-01&until=2026-01-31"


async def a_report(world, number="7", content=b"order;amount\nH1;10\n"):
    """A report of an order nobody knows."""
    url = f"{REPORTS}?{ABOUT.format(number)}"
    return await world.api.post(url, content=content, auth=DUTY)


async def settlement_not_found(world):
    return await world.api.get(f"{REPORTS}/{uuid.uuid4()}", auth=DUTY)


async def settlement_done(world):
    number = uuid.uuid4().hex  # a file and a number nobody has brought yet
    taken = await a_report(world, number, f"order;amount\n{number};10\n".encode())
    url = f"{REPORTS}/{taken.json()['settlement']['id']}/accept"
    await world.api.post(url, json={"reason": "we know"}, auth=DUTY)
    return await world.api.post(url, json={"reason": "again"}, auth=DUTY)
