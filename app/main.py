"""The ASGI application: gunicorn with uvicorn-worker, 'app.main:create_app()'."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from functools import cache
from importlib.metadata import version
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware

from app import log
from app.actions.feed import Feed
from app.actions.gather import Commits, GroupCommit
from app.drains import draining
from app.http.errors import HANDLERS
from app.http.middleware import Bounded, Traced
from app.http.openapi import document
from app.http.routes import API, ROUTES
from app.hub import Hub
from app.settings import Settings
from app.wiring import open_hub

#: Seconds by which a commit gives up before the request that waits for it.
_SPARE: Final = 0.1


def _group_commit(hub: Hub) -> Commits:
    return GroupCommit(hub.pools.hooks, hub.patience - _SPARE)


def _feed(hub: Hub) -> Feed:
    return Feed(hub.pools.picking, patience=hub.patience)


def create_app(
    opener: Callable[[], AbstractAsyncContextManager[Hub]] | None = None,
    *,
    drains: bool = True,
    commits: Callable[[Hub], Commits] = _group_commit,
    feed: Callable[[Hub], Feed] = _feed,
) -> Starlette:
    """Build the application around a hub; tests pass their own, and may leave the drains out."""
    open_it = opener or _from_environment

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with open_it() as hub:
            with closing(feed(hub)) as fed:
                state = {"hub": hub, "commits": commits(hub), "feed": fed}
                if not drains:
                    yield state
                    return
                stopping = asyncio.Event()  # the server says so as soon as it stops
                async with draining(hub, stopping):
                    yield state | {"stopping": stopping}

    app = Starlette(
        routes=ROUTES,
        lifespan=lifespan,
        exception_handlers=HANDLERS,
        middleware=[Middleware(Traced), Middleware(Bounded)],
    )
    app.router.redirect_slashes = False
    app.state.openapi = _described()
    return app


@cache
def _described() -> dict[str, Any]:
    """What the API's document says: once for a process, it takes longer than all the rest."""
    return document(API, version("order-hub"))


@asynccontextmanager
async def _from_environment() -> AsyncIterator[Hub]:
    settings = Settings.from_env(os.environ)
    log.configure("web")
    async with open_hub(settings, os.environ.get("HUB_WORKER", "web")) as hub:
        yield hub
