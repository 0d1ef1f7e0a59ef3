"""The stand-in's HTTP surface: the check itself, and a workbench to break it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import uuid4

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.sandbox.answers import Ascii
from app.sandbox.marking.verdicts import SERIALS, verdict
from app.sandbox.switches import switched

#: Codes in one request.
AT_ONCE: Final = 100


class Asked(msgspec.Struct):
    """The body of a check; `fiscalDriveNumber` is for cash registers and is not looked at."""

    codes: Annotated[list[str], msgspec.Meta(min_length=1, max_length=AT_ONCE)]
    fiscalDriveNumber: str | None = None  # noqa: N815 - the system's own name


class Switches(msgspec.Struct, forbid_unknown_fields=True):
    """What `POST /marking/_control` sets; fields left out stay as they are."""

    away: bool = False  #: every check ends with 503
    emergency: bool = False  #: 203: the system lives, but looks at nothing
    delay: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0  #: seconds before every answer


@dataclass(slots=True)
class Register:
    """The stand-in: its one participant's key, its switches, what it counted."""

    key: str
    clock: Callable[[], datetime]
    switches: Switches = field(default_factory=Switches)
    counts: Counter[str] = field(default_factory=Counter)


def create_app(register: Register) -> Starlette:
    """Build the application; mount it under /marking."""
    app = Starlette(
        routes=[
            Route("/api/v4/true-api/codes/check", check, methods=["POST"]),
            Route("/_control", control, methods=["GET", "POST"]),
            Route("/_state", state),
        ]
    )
    app.state.register = register
    return app


async def check(request: Request) -> Response:
    """`POST /api/v4/true-api/codes/check`: up to a hundred codes, each by its serial."""
    register: Register = request.app.state.register
    if request.headers.get("X-API-KEY") != register.key:
        register.counts["refused_401"] += 1
        return Ascii({"error_message": "Токен недействителен"}, status_code=401)
    try:
        asked = msgspec.json.decode(await request.body(), type=Asked)
    except msgspec.MsgspecError as error:
        register.counts["refused_400"] += 1
        return Ascii({"error_message": str(error)}, status_code=400)
    if register.switches.delay:
        await asyncio.sleep(register.switches.delay)
    if register.switches.away:
        register.counts["away"] += 1
        return Ascii({"error_message": "Сервис недоступен"}, status_code=503)
    return _emergency(register) if register.switches.emergency else _answer(register, asked)


def _emergency(register: Register) -> Response:
    register.counts["emergency"] += 1
    said = {"code": 203, "description": "Включен аварийный режим"}
    return Ascii(said, status_code=203)


def _answer(register: Register, asked: Asked) -> Response:
    register.counts["checks"] += 1
    register.counts["codes"] += len(asked.codes)
    now = register.clock()
    said: dict[str, Any] = {
        "code": 0,
        "description": "ok",
        "codes": [verdict(code, now) for code in asked.codes],
        "reqId": str(uuid4()),
        "reqTimestamp": int(now.timestamp() * 1000),
    }
    return Ascii(said)


async def control(request: Request) -> Response:
    """`POST /_control`: change switches (see `Switches`); GET shows them."""
    return await switched(request, request.app.state.register)


async def state(request: Request) -> Response:
    """`GET /_state`: what was counted, and what serials are told to be."""
    register: Register = request.app.state.register
    return Ascii(
        {
            "counts": dict(register.counts),
            "switches": msgspec.to_builtins(register.switches),
            "serials": {begins: dict(said) for begins, said in SERIALS.items()},
        }
    )
