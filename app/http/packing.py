"""The packing table over HTTP: the check before a hand-over, labels, what goes back to shelves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from app.actions import packing
from app.actions.verbs.packing import HandOver
from app.db.conn import within
from app.domain.refusals import Code, Refused
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.reading import decode, json_answer, uuid_of
from app.http.url import Url
from app.hub import Hub
from app.render.bag_label import BagLabel
from app.render.bags import HandoverCheck, PutBackList
from app.render.label_print import label_pdf, label_png, label_zpl, label_zpl_picture
from app.render.picking_print import picking_list_pdf

T = TypeVar("T")
_ORDER: Final = "/picker/v1/orders/{order_id}"


def _zpl(label: BagLabel) -> bytes:
    return label_zpl(label).encode()


def _zpl_picture(label: BagLabel) -> bytes:
    """For printers without Cyrillic."""
    return label_zpl_picture(label).encode()


#: A label's format: its media type, and who draws it.
FORMATS: Final[Mapping[str, tuple[str, Callable[[BagLabel], bytes]]]] = {
    "zpl": ("application/zpl", _zpl),
    "zpl-picture": ("application/zpl", _zpl_picture),
    "pdf": ("application/pdf", label_pdf),
    "png": ("image/png", label_png),
}


async def check_handover(request: Request) -> Response:
    """Whether the order could be handed over like this; nothing is done."""
    order_id = uuid_of(request, "order_id", Code.ORDER_NOT_FOUND)
    asked = decode(await request.body() or b"{}", HandOver)
    state = request.state
    return json_answer(
        await packing.check_handover(
            state.hub, order_id, state.picker, asked.bag_codes, asked.courier_code
        )
    )


async def list_putbacks(request: Request) -> Response:
    """Orders whose goods wait to go back to the shelves."""
    async with request.state.hub.pools.picking.acquire() as conn:
        return json_answer(PutBackList(await packing.putbacks(conn, request.state.picker)))


async def print_label(request: Request) -> Response:
    """A bag's label in the format asked for; drawn beside the event loop."""
    wanted = request.query_params.get("format", "pdf")
    if wanted not in FORMATS:
        raise Refused(Code.INVALID_BODY, field="format", allowed=list(FORMATS))
    order_id = uuid_of(request, "order_id", Code.ORDER_NOT_FOUND)
    bag_id = uuid_of(request, "bag_id", Code.BAG_NOT_FOUND)
    hub, who = request.state.hub, request.state.picker
    said = packing.bag_label(hub, order_id, bag_id, who, language_of(request))
    label = await within(hub.patience, said)
    media, draw = FORMATS[wanted]
    return Response(await _drawn(hub, draw, label), media_type=media)


async def print_list(request: Request) -> Response:
    """The printed picking list of one order; drawn beside the event loop."""
    order_id = uuid_of(request, "order_id", Code.ORDER_NOT_FOUND)
    state = request.state
    said = packing.picking_list(state.hub, order_id, state.picker, language_of(request))
    sheet = await within(state.hub.patience, said)
    drawn = await _drawn(state.hub, picking_list_pdf, sheet)
    return Response(drawn, media_type="application/pdf")


async def _drawn(hub: Hub, draw: Callable[[T], bytes], what: T) -> bytes:
    """One at a time, in a thread that checks no PINs; few wait, the rest are told to come again."""
    async with hub.easel.enter():
        return await asyncio.get_running_loop().run_in_executor(hub.drawer, draw, what)


_MEDIA: Final = tuple({media: None for media, _ in FORMATS.values()})
ROWS: Final = (
    Url("POST", f"{_ORDER}/handover/check", check_handover, Guard.PICKER,
        "Whether the order could be handed over like this; nothing is done", body=HandOver,
        answer=HandoverCheck),
    Url("GET", "/picker/v1/putbacks", list_putbacks, Guard.PICKER,
        "Orders whose goods wait to go back to the shelves", answer=PutBackList),
    Url("GET", f"{_ORDER}/bags/{{bag_id}}/label", print_label, Guard.PICKER,
        "A bag's label: ZPL, PDF or PNG", binary=_MEDIA, lasting=True,
        query={"format": {"type": "string", "enum": list(FORMATS), "default": "pdf"}}),
    Url("GET", f"{_ORDER}/picking-list", print_list, Guard.PICKER, "The printed picking list",
        binary=("application/pdf",), lasting=True),
)  # fmt: skip
