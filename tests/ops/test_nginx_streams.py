"""A handheld's stream through nginx: as it comes, for hours, and counted by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import httpx
import pytest

from tests.factories import Handheld
from tests.flow.shared import World
from tests.flow.streams import PATIENCE, eventually, reading, served
from tests.http.picking import order
from tests.ops.gateway import programs, running

#: nginx/snippets/stream.conf
MOST = 16


@pytest.mark.parametrize("program", programs().values(), ids=programs().keys())
async def test_events_pass_as_they_come(hub, program):
    async with served(hub) as here, outside(program, here.socket) as client:
        handheld = await Handheld(client).sign_in()
        async with reading(client, handheld.headers) as stream:
            assert stream.answer.headers.get_list("cache-control") == ["no-store"]
            assert stream.answer.headers["x-content-type-options"] == "nosniff"
            await stream.until("synced")
            for _ in range(3):
                number = await order(World(hub, here.api))
                assert (await stream.change(number=number))["active"] is True
            cursor = stream.last
        await eventually(lambda: not here.feed.listeners())  # nginx tells that the reader went
        number = await order(World(hub, here.api))
        async with reading(client, handheld.headers, cursor) as stream:
            assert [each.name for each in await stream.until("synced")] == ["change", "synced"]
        answer = await handheld.get(f"/picker/v1/changes?since={cursor}&wait=25")
        assert [each["number"] for each in answer.json()["changes"]] == [number]


@asynccontextmanager
async def outside(program, socket) -> AsyncIterator[httpx.AsyncClient]:
    """A client of nginx in front of this socket."""
    with running(program, [socket]) as gateway:
        async with httpx.AsyncClient(
            base_url=gateway.url, verify=gateway.context, trust_env=False, timeout=PATIENCE
        ) as client:
            yield client


def test_a_handheld_has_room_for_so_many_streams_and_they_are_not_its_requests(nginx, client):
    roomy = httpx.Limits(max_connections=None)
    with nginx.client(limits=roomy) as many, ExitStack() as held:

        def opened(token: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}"}
            return held.enter_context(many.stream("GET", "/picker/v1/stream", headers=headers))

        streams = [opened("one") for _ in range(MOST)]
        assert {stream.status_code for stream in streams} == {200}
        lines = streams[-1].iter_lines()  # kept: without it the stream is closed
        assert next(lines) == "event: synced"
        refused = opened("one")
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "1"
        assert opened("another").status_code == 200
        headers = {"Authorization": "Bearer one"}
        assert client.get("/picker/v1/me", headers=headers).status_code == 200


def test_streams_of_a_whole_chain_behind_one_address_pass(nginx, client):
    roomy = httpx.Limits(max_connections=None)
    with nginx.client(limits=roomy) as many, ExitStack() as held:
        for n in range(300):
            headers = {"Authorization": f"Bearer handheld-{n}"}
            stream = held.enter_context(many.stream("GET", "/picker/v1/stream", headers=headers))
            assert stream.status_code == 200
        assert client.get("/picker/v1/me").status_code == 200
