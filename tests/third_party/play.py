"""Another process, with the package installed beside the hub: an order of the corner shop from its
first word to its last. Run by test_third_party.py; prints one line of JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from dataclasses import replace

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.actions import setup
from app.actions.describe import AccountSetUp
from app.db.conn import pool as open_pool
from app.marketplaces import remote
from app.marketplaces.registry import REGISTRY
from app.marketplaces.tools import Tools
from tests.conftest import DEMO, SEAL, UNHURRIED, api_of, hub_on
from tests.factories import Handheld, settle
from tests.sandbox.conftest import serving

TOKEN = "corner-shop-token"
BEARER = {"authorization": f"Bearer {TOKEN}"}


async def play(dsn: str) -> dict[str, object]:
    """The order's end, and what the corner shop heard."""
    heard: list[dict[str, object]] = []

    async def listen(request: Request) -> Response:
        assert request.headers["authorization"] == BEARER["authorization"]
        heard.append(await request.json())
        return PlainTextResponse("")

    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        url = await enter(serving(Starlette(routes=[Route("/", listen, methods=["POST"])])))
        pool, http = (
            await enter(open_pool(dsn, 4, name="third", **UNHURRIED)),
            await enter(remote.client()),
        )
        market = REGISTRY["corner_shop"](Tools(http))
        hub = replace(hub_on(pool), marketplaces={"corner_shop": market})
        account = AccountSetUp(
            code="corner", adapter="corner_shop", settings={"url": f"{url}/"},
            secrets={"token": TOKEN}, stores={"1": "MSK-07"},
        )  # fmt: skip
        what = msgspec.structs.replace(
            DEMO, accounts=[account], pickers=[], operators=[], clients=[], products=[]
        )
        async with pool.acquire() as conn:
            await setup.set_up(conn, SEAL, hub.marketplaces, what)
        api = await enter(api_of(hub))
        said = [await _say(api, "new", shop="1", loaves=_LOAVES)]
        await settle(hub)
        handheld = await Handheld(api).sign_in()
        await handheld.next()
        await handheld.do("start")
        await handheld.do("pick", line="100201", quantity=2)
        await handheld.do("complete")
        await handheld.do("ready")
        await settle(hub)
        said.append(await _say(api, "gone"))
        await settle(hub)
        async with pool.acquire() as conn:
            state = await conn.fetchval("SELECT state FROM orders WHERE external_id = 'C-1'")
    return {"state": state, "said": said, "heard": heard}


_LOAVES = [{"sku": "100201", "count": 2, "price": "64.90"}]


async def _say(api, what: str, **more: object) -> list[object]:
    note = {"what": what, "order": "C-1", **more}
    answer = await api.post("/hooks/corner", json=note, headers=BEARER)
    stranger = await api.post("/hooks/corner", json=note)
    return [answer.status_code, answer.text, answer.headers["content-type"], stranger.status_code]


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(asyncio.run(play(sys.argv[1]))))
