"""A hub behind a real uvicorn on a unix socket, and readers of its stream of events."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from app.actions.feed import Feed
from app.hub import Hub
from app.main import create_app
from app.supervision.worker import HubServer

#: Seconds until a test that waits for something gives up.
PATIENCE = 120.0


async def eventually(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in other tasks
            await asyncio.sleep(0.01)


@dataclass(frozen=True)
class Event:
    """One event as it came; a comment is called `:`."""

    name: str
    data: Any = None
    id: str | None = None


@dataclass
class Served:
    """A hub that is served: `api` is a client of it."""

    hub: Hub
    api: httpx.AsyncClient
    feed: Feed
    server: HubServer
    socket: Path
    running: asyncio.Task[None]

    async def quiet(self) -> None:
        """Wait until nobody listens."""
        await eventually(lambda: not self.feed.listeners())


@asynccontextmanager
async def served(hub: Hub, **settings: Any) -> AsyncIterator[Served]:
    """Serve the hub; `settings` are its feed's. Streams show that they live when a test wants to
    see it."""
    feed = Feed(
        hub.pools.picking, **{"tick": 0.02, "pulse": 600.0, "patience": hub.patience, **settings}
    )

    @asynccontextmanager
    async def opened() -> AsyncIterator[Hub]:
        yield hub

    app = create_app(opened, drains=False, feed=lambda _hub: feed)
    with tempfile.TemporaryDirectory(prefix="hub-sse-") as folder:
        path = Path(folder) / "web-1.sock"
        config = uvicorn.Config(
            app,
            uds=str(path),
            http="httptools",
            lifespan="on",
            log_config=None,
            log_level="warning",
        )
        server = HubServer(config)
        running = asyncio.create_task(server.serve())
        await eventually(lambda: server.started)
        transport = httpx.AsyncHTTPTransport(uds=str(path))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://hub", timeout=PATIENCE
        ) as api:
            yield Served(hub, api, feed, server, path, running)
            server.should_exit = True
            async with asyncio.timeout(PATIENCE):
                await running


class Reader:
    """Reads a stream; `last` is the id it would come back with."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.last: str | None = None
        self._lines = answer.aiter_lines()

    async def event(self) -> Event | None:
        """The next event or comment; None at the end of the stream."""
        name, data, id_ = "", None, None
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                field, _, value = line.partition(": ")
                if line.startswith(":"):
                    name = ":"
                elif field == "event":
                    name = value
                elif field == "data":
                    data = json.loads(value)
                elif field == "id":
                    id_ = self.last = value
                elif line == "" and name:
                    return Event(name, data, id_)
        return None

    async def until(self, name: str) -> list[Event]:
        """Everything up to the first event of this name, which is the last one. Comments, which say
        that the stream lives, come whenever nothing else does: they are left out, but for a last
        one."""
        seen: list[Event] = []
        while (event := await self.event()) is not None:
            if name == ":" or event.name != ":":
                seen.append(event)
            if event.name == name:
                return seen
        raise AssertionError(f"the stream ended before {name}: {seen}")

    async def change(self, **wanted: Any) -> dict[str, Any]:
        """The first change in which these fields have these values."""
        while True:
            change = (await self.until("change"))[-1].data
            if wanted.items() <= change.items():
                return change


@asynccontextmanager
async def reading(
    api: httpx.AsyncClient, headers: dict[str, str], last: str | None = None
) -> AsyncIterator[Reader]:
    """An open stream."""
    sent = headers | ({"Last-Event-ID": last} if last else {})
    async with api.stream("GET", "/picker/v1/stream", headers=sent) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Reader(answer)
