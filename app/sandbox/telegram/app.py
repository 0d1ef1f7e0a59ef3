"""The stand-in's HTTP surface: the Bot API, the page with its feed, and the workbench."""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.sandbox.answers import Ascii, LostAnswer
from app.sandbox.telegram import params, workbench
from app.sandbox.telegram.bot import Bot
from app.sandbox.telegram.errors import ApiError
from app.sandbox.telegram.methods import METHODS
from app.sandbox.telegram.page import routes as page


def create_app(bot: Bot) -> Starlette:
    """Build the application; mount it under /telegram and enter `bot.running()`."""
    app = Starlette(routes=routes())
    app.state.bot = bot
    return app


def routes() -> list[BaseRoute]:
    """List everything that is answered here."""
    return [
        Route("/bot{token}/{method}", call, methods=["GET", "POST"]),
        Route("/_control", workbench.control, methods=["GET", "POST"]),
        Route("/_state", workbench.state),
        *page.ROUTES,
    ]


async def call(request: Request) -> Response:
    """One call of a Bot API method, with the faults that are switched on."""
    bot: Bot = request.app.state.bot
    name = request.path_params["method"].lower()
    bot.counts[f"calls_{name}" if name in METHODS else "calls_unknown"] += 1
    try:
        _check_token(bot, request)
        _fail_on_purpose(bot, name)
        result = await _result(bot, name, request)
    except ApiError as error:
        bot.counts[f"refused_{error.code}"] += 1
        return await _delayed(bot, Ascii(error.body(), status_code=error.code))
    if bot.switches.lose_next and name != "getupdates":
        bot.switches.lose_next -= 1
        return await _delayed(bot, LostAnswer())
    return await _delayed(bot, Ascii({"ok": True, "result": result}))


async def _result(bot: Bot, name: str, request: Request) -> object:
    method = METHODS.get(name)
    if method is None:
        raise ApiError(404)
    return await method(bot, await params.read(request))


def _check_token(bot: Bot, request: Request) -> None:
    if request.path_params["token"] != bot.token:
        raise ApiError(401)


def _fail_on_purpose(bot: Bot, name: str) -> None:
    failure = bot.switches.fail_next
    if failure.count == 0 or (failure.method or name).lower() != name:
        return
    failure.count -= 1
    wait = {} if failure.retry_after is None else {"retry_after": failure.retry_after}
    raise ApiError(failure.status, "failed on purpose", wait)


async def _delayed(bot: Bot, answer: Response) -> Response:
    if bot.switches.delay:
        await asyncio.sleep(bot.switches.delay)
    return answer
