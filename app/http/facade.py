"""`POST /sbermarket/orders/api/{method}`: the original's envelope around the hub's verbs."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions import facade, pick
from app.actions import write as writing
from app.actions.facade import GET_ORDER, GET_ORDERS, METHODS, NEXT_ORDER, Call
from app.actions.look import order_if_any
from app.actions.verbs import VERBS
from app.actions.verbs.order import Claim
from app.domain.refusals import Code, Refused
from app.http.errors import REFUSAL_STATUS, language_of
from app.http.guards import Guard
from app.http.reading import decode, digest
from app.http.shop_queue import page, short_text
from app.http.url import Url
from app.identifiers import new_id
from app.render.language import say
from app.render.picker import OrderView

#: As `undo` can name it later.
RequestId = Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,90}$(?!\n)")]
#: Parameters of the queue, as the picker API has them.
_FILTERS: Final = ("scope", "status", "zone", "q", "cursor", "limit")
_NAMES: Final = (*METHODS, GET_ORDER, GET_ORDERS, NEXT_ORDER)


class Envelope(msgspec.Struct):
    """The original's request; `requestId` makes a repeat harmless."""

    requestData: dict[str, Any] = {}  # noqa: N815  # the original's spelling
    requestId: RequestId | None = None  # noqa: N815


class Trouble(msgspec.Struct, omit_defaults=True):
    """Why nothing was done; on a conflict, the order as it stands."""

    code: str
    message: str
    details: dict[str, msgspec.Raw] | None = None
    current: OrderView | None = None


class Reply(msgspec.Struct, omit_defaults=True):
    """The original's answer: a result or an error."""

    requestId: str | None = None  # noqa: N815
    result: msgspec.Raw | None = None
    error: Trouble | None = None


async def call(request: Request) -> Response:
    """Do one method; refusals come in the original's envelope too."""
    asked = Envelope()
    try:
        asked = decode(await request.body() or b"{}", Envelope)
        body = await _answer(request, request.path_params["method"], asked)
    except Refused as refusal:
        current = await _as_it_stands(request) if REFUSAL_STATUS[refusal.code] == 409 else None
        return _refused(request, asked, refusal, current)
    return _reply(200, Reply(asked.requestId, msgspec.Raw(body)))


async def _answer(request: Request, method: str, asked: Envelope) -> bytes:
    if method not in _NAMES:
        raise Refused(Code.INVALID_BODY, field="method", given=method[:60])
    state, data = request.state, asked.requestData
    of_order = method not in (GET_ORDERS, NEXT_ORDER)
    async with state.hub.pools.picking.acquire() as conn:
        called = await facade.call_of(conn, state.client, data, of_order=of_order)
        if method == GET_ORDERS:
            wanted = {"scope": "store", **facade.texts(data, _FILTERS)}
            return msgspec.json.encode(await page(state.hub, conn, called.picker, wanted))
        if called.order is not None:
            mine = await writing.in_store(conn, called.order.id, called.picker)
            if method == GET_ORDER:
                return msgspec.json.encode(await writing.see(conn, mine, called.picker))
    if called.order is not None:
        state.see = partial(order_if_any, state.hub, called.order.id, called.picker)
    return await _write(request, method, asked, called)


async def _write(request: Request, method: str, asked: Envelope, called: Call) -> bytes:
    hub = request.state.hub
    if called.order is None:
        zone = short_text(facade.texts(asked.requestData, ["zone"]), "zone")
        written = await pick.take_next(hub, _as_write(request, asked, called, "claim", Claim(zone)))
        return written.body or b"null"
    body = facade.body_of(method, asked.requestData)
    wanted = _as_write(request, asked, called, METHODS[method], body)
    return (await pick.perform(hub, called.order.id, wanted)).body


def _as_write(
    request: Request, asked: Envelope, called: Call, verb: str, body: msgspec.Struct
) -> writing.Request:
    """The same write a handheld would send; the version is checked when one is given."""
    version = asked.requestData.get("version")
    place = f"{called.order and called.order.id}/{called.line_id}/{verb}"
    return writing.Request(
        picker=called.picker,
        verb=verb,
        body=body,
        key=facade.key_of(asked.requestId or str(new_id())),
        request_hash=digest(place, body),
        version=version if isinstance(version, int) and not isinstance(version, bool) else None,
        trace_id=request.state.trace_id,
        say=partial(say, language_of(request)),
        line_id=called.line_id if VERBS[verb].on_line else None,
        noted={"through": request.state.client.name},
    )


async def _as_it_stands(request: Request) -> OrderView | None:
    see = getattr(request.state, "see", None)
    return await see() if see else None


def _refused(
    request: Request, asked: Envelope, refusal: Refused, current: OrderView | None
) -> Response:
    status = REFUSAL_STATUS[refusal.code]
    details = {k: msgspec.Raw(msgspec.json.encode(v)) for k, v in refusal.details.items()}
    trouble = Trouble(refusal.code, say(language_of(request), refusal.code), details or None)
    trouble.current = current
    return _reply(status, Reply(asked.requestId, error=trouble))


def _reply(status: int, reply: Reply) -> Response:
    return Response(msgspec.json.encode(reply), status, media_type="application/json")


ROWS: Final = (
    Url("POST", "/sbermarket/orders/api/{method}", call, Guard.CLIENT,
        "The original's picking service", body=Envelope, answer=Reply, refusal=Reply,
        places={"method": {"type": "string", "enum": list(_NAMES)}}),
)  # fmt: skip
