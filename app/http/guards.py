"""Who may come in: every route names one of these."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Coroutine
from enum import StrEnum
from functools import wraps
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from app.actions.facade import token_hash
from app.actions.files import kept
from app.actions.sign_in import matches, nobody, who
from app.db import accounts, clients, destinations, telegram_updates
from app.db.conn import within
from app.domain.client import dotted, too_old, version
from app.domain.link import moment
from app.domain.refusals import Code, Refused
from app.http.errors import problem

Endpoint: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]
#: Where Telegram sends its secret.
_TELEGRAM: Final = "x-telegram-bot-api-secret-token"
#: Where a browser says that a request comes from when a page of ours or a person made it.
_OURS: Final = ("same-origin", "none")


class Guard(StrEnum):
    """The proofs a route may ask for."""

    ANYBODY = "anybody"  #: says nothing that is secret, changes nothing
    MARKETPLACE = "marketplace"  #: the account's adapter verifies the raw bytes
    PIN = "pin"  #: badge and PIN in the body
    PICKER = "picker"  #: a picker's bearer token
    PRIVATE = "private"  #: from a private network, or an operator's Basic login
    CLIENT = "client"  #: a picking application's own token, in the original's header
    TELEGRAM = "telegram"  #: the secret of the path, and Telegram's own header
    OPERATOR = "operator"  #: an operator's Basic login, from wherever
    ERP = "erp"  #: the bearer token of a destination of documents
    LINK = "link"  #: the link's own signature, until it ends


def guarded(guard: Guard, endpoint: Endpoint, *, lasting: bool = False) -> Endpoint:
    """The endpoint behind its guard; what asks the database is 503 when that takes long. One that
    is `lasting` waits for other things too, and minds the time itself."""
    if guard is Guard.ANYBODY:
        return endpoint
    check = _CHECKS.get(guard, _nothing)

    async def behind(request: Request) -> Response:
        refusal = await check(request)
        return refusal if refusal is not None else await endpoint(request)

    @wraps(endpoint)
    async def patient(request: Request) -> Response:
        return await within(request.state.hub.patience, behind(request))

    async def checked(request: Request) -> Response | None:
        return await check(request)

    @wraps(endpoint)
    async def lasts(request: Request) -> Response:
        refusal = await within(request.state.hub.patience, checked(request))
        return refusal if refusal is not None else await endpoint(request)

    return lasts if lasting else patient


def bearer(request: Request) -> str:
    """The token of the Authorization header; Refused when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(Code.SESSION_EXPIRED)
    return token


async def _nothing(_request: Request) -> None:
    """The endpoint itself checks its callers: the adapter the bytes."""


async def _picker(request: Request) -> Response | None:
    _welcome(request)
    state = request.state
    state.picker = await who(state.hub, bearer(request), state.client_version)
    return None


async def _at_the_door(request: Request) -> None:
    """The endpoint itself checks badge and PIN."""
    _welcome(request)


def _welcome(request: Request) -> None:
    """Note the version of the handheld's application, '' for none; Refused when too old."""
    given = request.headers.get("x-client-version", "")
    minimum = request.state.hub.minimum_client
    if too_old(given, minimum):
        raise Refused(Code.CLIENT_TOO_OLD, minimum=dotted(minimum))
    request.state.client_version = given.strip() if version(given) is not None else ""


async def _client(request: Request) -> Response | None:
    """403 for a wrong token, as the original's picking service answers it."""
    given = request.headers.get("client-token", "")
    async with request.state.hub.pools.picking.acquire() as conn:
        request.state.client = await clients.by_token(conn, token_hash(given))
    return problem(request, 403, "TOKEN_WRONG") if request.state.client is None else None


async def _telegram(request: Request) -> Response | None:
    """404 for whoever does not know both secrets: to a stranger there is nothing here."""
    path = telegram_updates.digest(request.path_params["secret"])
    token = telegram_updates.digest(request.headers.get(_TELEGRAM, ""))
    async with request.state.hub.pools.hooks.acquire() as conn:
        known = await telegram_updates.hooks(conn)
    for hook in known:
        ours = (compare_digest(path, hook.hook_path), compare_digest(token, hook.hook_token))
        if all(ours):
            request.state.bot_id = hook.bot_id
            return None
    return problem(request, 404, "NOT_FOUND")


async def _erp(request: Request) -> Response | None:
    """The ERP that this token is for; tokens are known by their digests alone."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    async with request.state.hub.pools.drains.acquire() as conn:
        found = await destinations.by_token(conn, token_hash(token))
    if scheme.lower() == "bearer" and token and found is not None:
        request.state.destination = found
        return None
    answer = problem(request, 401, "TOKEN_WRONG")
    answer.headers["WWW-Authenticate"] = 'Bearer realm="order hub"'
    return answer


async def _private(request: Request) -> Response | None:
    return None if _is_neighbour(request) else await _operator(request)


async def _operator(request: Request) -> Response | None:
    if _from_another_site(request):
        return problem(request, 403, "CROSS_SITE")
    request.state.operator = await _login(request)
    if request.state.operator is not None:
        return None
    answer = problem(request, 401, "UNAUTHORIZED")
    answer.headers["WWW-Authenticate"] = 'Basic realm="order hub"'
    return answer


async def _link(request: Request) -> Response | None:
    """Note the file that a link of ours leads to. Who made a link up is told no more than that,
    whether there is such a file or not."""
    hub, asked = request.state.hub, request.query_params
    until = moment(asked.get("until", ""))
    path = request.path_params
    file = await kept(hub, path["sha256"], path["name"]) if until is not None else None
    if until is None or file is None:
        raise Refused(Code.LINK_FORGED)
    if not hub.links.proves(file, until, asked.get("signature", "")):
        raise Refused(Code.LINK_FORGED)
    if until <= hub.clock().timestamp():
        raise Refused(Code.LINK_EXPIRED)
    request.state.file, request.state.until = file, until
    return None


def peer(request: Request) -> str:
    """Who is calling. uvicorn puts the gateway's X-Forwarded-For in place of the gateway's own
    address and believes nobody else (FORWARDED_ALLOW_IPS). A unix socket has no address."""
    return request.client.host if request.client else ""


def _is_neighbour(request: Request) -> bool:
    """A caller in a private network. Where X-Forwarded-For names another than the peer, the gateway
    is not among FORWARDED_ALLOW_IPS and its own private address stands for everybody's."""
    address = peer(request)
    if request.headers.get("x-forwarded-for", address) != address:
        return False
    try:
        # An IPv4 caller at an IPv6 socket, which Python 3.11 calls private whoever it is.
        return ip_address(address.removeprefix("::ffff:")).is_private
    except ValueError:
        return address == ""  # straight over the worker's own unix socket


def _from_another_site(request: Request) -> bool:
    """A browser adds the login it remembers to whatever any page makes it send; only a page of ours
    may make it change something. (Programs send no such header.)"""
    if request.method in ("GET", "HEAD"):
        return False
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site not in _OURS
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


async def _login(request: Request) -> str | None:
    """The operator who proves to be one, None when nobody does."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        login, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:  # not Base64, not ASCII, not UTF-8
        return None
    if "\x00" in login:
        return None
    hub = request.state.hub
    async with hub.pools.picking.acquire() as conn:
        hashed = await accounts.operator_hash(conn, login)
    async with hub.desk.enter():
        right = await asyncio.to_thread(_proves, hashed, password)
    return login if hashed is not None and right else None


def _proves(hashed: str | None, password: str) -> bool:
    """An unknown login costs what a known one does, so that neither the time nor a 429 tells."""
    return matches(hashed or nobody(), password)


_CHECKS: Final[dict[Guard, Callable[[Request], Awaitable[Response | None]]]] = {
    Guard.PIN: _at_the_door,
    Guard.PICKER: _picker,
    Guard.CLIENT: _client,
    Guard.TELEGRAM: _telegram,
    Guard.PRIVATE: _private,
    Guard.OPERATOR: _operator,
    Guard.ERP: _erp,
    Guard.LINK: _link,
}
