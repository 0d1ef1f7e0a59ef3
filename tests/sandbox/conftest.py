"""Fixtures of the sandbox: credentials, a hub that answers as told, stand-ins on real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.sandbox import credentials as demo
from app.sandbox.kuper.shares import Bounds, Pace
from app.sandbox.server import create_app
from app.sandbox.settings import SandboxSettings

#: Seconds until a test that waits for something gives up.
PATIENCE = 120.0
#: Time runs a hundred times faster, and nothing random happens unless a test asks for it.
QUICK = SandboxSettings(
    rate=0,
    seed=7,
    pace=Pace(factor=0.01),
    bounds=Bounds(first_pause=0.01, longest_pause=0.05, attempts=8, timeout=2.0),
)


def counting_hex() -> Callable[[int], str]:
    """Tokens that are different and the same in every run."""
    issued = iter(range(1, 10_000))
    return lambda size: f"{next(issued):0{size * 2}x}"


def listening() -> socket.socket:
    """A socket on a free loopback port."""
    # With the protocol named, asyncio turns Nagle's algorithm off: 40 ms a request.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    return listener


@asynccontextmanager
async def serving(app: Starlette, bound: socket.socket | None = None) -> AsyncIterator[str]:
    """Serve an application on a loopback port; yields its address."""
    with bound or listening() as listener:
        config = uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=3600,  # never as the client is about to use it again
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await task


async def until(holds: Callable[[], Any]) -> Any:
    """Wait for something to become true, and return it."""
    async with asyncio.timeout(PATIENCE):
        while not (found := holds()):  # noqa: ASYNC110 - any condition, in any object
            await asyncio.sleep(0.005)
    return found


@dataclass
class FakeHub:
    """Takes webhooks; `answers` are used up first, then every webhook is taken."""

    got: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    updates: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    secrets: list[str | None] = field(default_factory=list)

    async def telegram(self, request: Request) -> Response:
        """Take an update of the bot's."""
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.updates.put_nowait(await request.json())
        return Response()

    async def next_update(self) -> dict[str, Any]:
        """Wait for the next update pushed to the webhook."""
        async with asyncio.timeout(PATIENCE):
            return await self.updates.get()

    async def hook(self, request: Request) -> Response:
        body = await request.body()
        self.tokens.append(request.headers.get("Client-Token"))
        if self.answers:
            return self.answers.pop(0)
        self.raw.append(body)
        self.got.append(json.loads(body))
        order = self.got[-1]["payload"]["originalOrderId"]
        return JSONResponse({"status": "created", "number": f"OWN-{order}"})

    def events(self, order_id: str) -> list[str]:
        """Names of the events taken for one order, in order of arrival."""
        return [
            row["event_type"] for row in self.got if row["payload"]["originalOrderId"] == order_id
        ]

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/hooks/telegram", self.telegram, methods=["POST"]),
                Route("/hooks/{account}", self.hook, methods=["POST"]),
            ]
        )


@dataclass
class Bench:
    """A running sandbox, the hub it talks to, and a client to both stand-ins."""

    http: httpx.AsyncClient
    hub: FakeHub
    credentials: demo.Credentials
    app: Starlette

    @property
    def api_headers(self) -> dict[str, str]:
        token = self.credentials["accounts"][0]["api"]["token"]
        return {"Client-Token": token, "Api-Version": "3.0"}

    async def order(self, **wish: Any) -> str:
        """Place an order through the workbench; returns its number."""
        answer = await self.http.post("/kuper/_orders", json={"plays": False, **wish})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["originalOrderId"])

    async def notify(self, order_id: str, name: str, **payload: Any) -> httpx.Response:
        """Send one notification as the hub would."""
        event = {"type": f"order.{name}", "payload": {"order_id": order_id, **payload}}
        return await self.http.post(
            "/kuper/v1/notifications", json={"event": event}, headers=self.api_headers
        )

    async def ready(self, order_id: str, *positions: dict[str, Any]) -> httpx.Response:
        """Send the final composition."""
        composition = {"originalOrderId": order_id, "changed": True, "positions": positions}
        return await self.notify(order_id, "ready_for_delivery", order=composition)

    async def shipment(self, order_id: str) -> dict[str, Any]:
        """What the marketplace knows of an order."""
        return dict((await self.http.get(f"/kuper/_state?order={order_id}")).json())

    async def set(self, **switches: Any) -> None:
        answer = await self.http.post("/kuper/_control", json=switches)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def credentials() -> demo.Credentials:
    return demo.make("http://127.0.0.1:1", "", 8090, counting_hex())


@asynccontextmanager
async def bench_of(settings: SandboxSettings) -> AsyncIterator[Bench]:
    """Start a sandbox and a fake hub that call each other without sockets."""
    hub = FakeHub()
    given = demo.make("http://hub.test", "", 8090, counting_hex())
    app = create_app(given, settings, httpx.ASGITransport(hub.app()))
    near = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(base_url="http://sandbox.test", transport=near) as http,
    ):
        yield Bench(http, hub, given, app)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with bench_of(QUICK) as running:
        yield running


@pytest.fixture
def quick() -> SandboxSettings:
    """The settings of `bench`, for tests that change one of them."""
    return replace(QUICK)
