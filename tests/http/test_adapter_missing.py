"""A webhook for a marketplace this worker does not have: another worker's, and never lost."""

from dataclasses import replace

import httpx

from tests.conftest import TOKEN, api_of
from tests.factories import placed


async def test_a_webhook_is_left_to_another_worker_when_this_one_lacks_its_adapter(hub):
    async with api_of(replace(hub, marketplaces={})) as client:
        answer = await client.post("/hooks/sm-demo", content=placed("H1"), headers=TOKEN)
    assert answer.status_code == httpx.codes.BAD_GATEWAY  # nginx asks the next one
    assert answer.headers["Retry-After"]
    assert answer.json()["retryable"] is True
    async with hub.pools.hooks.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM inbox") == 0
        assert await conn.fetchval("SELECT count(*) FROM inbox_refused") == 0
    async with api_of(hub) as client:
        answer = await client.post("/hooks/sm-demo", content=placed("H1"), headers=TOKEN)
    assert answer.status_code == httpx.codes.OK
