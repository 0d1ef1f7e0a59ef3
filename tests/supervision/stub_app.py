"""A stand-in for the hub's application: health, an echo, and faults on demand."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route


async def health(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def echo(request: Request) -> Response:
    """Tell what arrived: method, raw target, headers, body, and which worker answers."""
    body = await request.body()
    if seconds := float(request.query_params.get("wait", 0)):
        await asyncio.sleep(seconds)
    return JSONResponse(
        {
            "method": request.method,
            "path": request.scope["raw_path"].decode(),
            "headers": [[k.decode("latin1"), v.decode("latin1")] for k, v in request.headers.raw],
            "body": body.decode("latin1"),
            "worker": os.environ.get("HUB_WORKER"),
            "pid": os.getpid(),
            "client": request.client.host if request.client else None,
            "scheme": request.url.scheme,
        }
    )


async def status(request: Request) -> Response:
    """Answer with the wanted status, as a worker's own error would look."""
    body = json.dumps({"own": True})
    headers = {"Retry-After": "7"} if "retry" in request.query_params else {}
    wanted = int(request.path_params["status"])
    return Response(body, wanted, headers, media_type="application/problem+json")


class Feed:
    """What the worker closes before it waits for its requests."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    def close(self) -> None:
        self.over.set()


async def stream(request: Request) -> Response:
    """Something at once, nothing for a long time, and a word of farewell."""

    async def pieces():
        yield b"event: synced\ndata: {}\n\n"
        await request.state.feed.over.wait()
        yield b"event: end\ndata: {}\n\n"

    return StreamingResponse(pieces(), media_type="text/event-stream")


async def die(_request: Request) -> Response:
    os._exit(9)


@asynccontextmanager
async def lifespan(_app: Starlette):
    yield {"feed": Feed()}


def create_app() -> Starlette:
    everything = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
    return Starlette(
        routes=[
            Route("/livez", health),
            Route("/readyz", health),
            Route("/metrics", health),
            Route("/status/{status}", status, methods=everything),
            Route("/hooks/demo/status/{status}", status, methods=everything),
            Route("/picker/v1/stream", stream),
            Route("/die", die, methods=everything),
            Route("/{path:path}", echo, methods=everything),
        ],
        lifespan=lifespan,
    )
