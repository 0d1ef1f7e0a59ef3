"""The original's picking service: method names and parameters over the same verbs.

`POST /sbermarket/orders/api/{method}` with `{"requestId", "requestData"}` and one token for the
whole application (docs.domino.ru, «Web-сервис сборки заказов СМ»: the envelope, the header and 403
are the original's; its method names are not public, so these are ours, see docs/facade.md).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from app.actions.verbs import VERBS
from app.actions.verbs.undo import Undo
from app.db import clients, orders, people
from app.db.clients import Client
from app.db.conn import Conn
from app.db.people import Picker
from app.domain.badge import badge_of
from app.domain.order import Order
from app.domain.refusals import Code, Refused

#: The method of each verb.
METHODS: Final[Mapping[str, str]] = {
    "takeOrder": "claim",
    "releaseOrder": "release",
    "takeOverOrder": "takeover",
    "startOrder": "start",
    "pauseOrder": "pause",
    "resumeOrder": "resume",
    "scanCode": "scan",
    "pickItem": "pick",
    "weighItem": "weigh",
    "shortItem": "short",
    "dropItem": "drop",
    "postponeItem": "postpone",
    "replaceItem": "replace",
    "decideReplacement": "decide",
    "withdrawReplacement": "withdraw",
    "undo": "undo",
    "completeOrder": "complete",
    "reopenOrder": "reopen",
    "openBag": "bags",
    "sealBag": "seal",
    "voidBag": "void",
    "stageBags": "stage",
    "readyOrder": "ready",
    "handOverOrder": "handover",
    "putBackOrder": "putback",
    "enterResult": "result",
}
#: Methods that are no verb of one order.
GET_ORDER: Final = "getOrder"
GET_ORDERS: Final = "getOrders"
NEXT_ORDER: Final = "nextOrder"

#: Nobody needs more levels of objects and lists in `requestData`.
_DEEPEST: Final = 20
#: Characters of a parameter; a cursor is the longest.
_LONGEST: Final = 400
_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")


@dataclass(frozen=True, slots=True)
class Call:
    """One call, with everything but its body looked up."""

    picker: Picker
    order: Order | None
    line_id: UUID | None


def token_hash(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "ignore")).digest()


async def call_of(conn: Conn, client: Client, data: Mapping[str, Any], *, of_order: bool) -> Call:
    """Who acts on what: `employee` is a badge, typed or scanned; `orderId` any name of the order,
    of the employee's store before others; `lineId`, or `itemId` as the marketplace calls goods."""
    _must_be_shallow(data)
    badge = badge_of(text(data, "employee"))
    picker = await people.employee(conn, client.merchant_id, badge)
    if picker is None:
        raise Refused(Code.PERSON_NOT_FOUND, field="employee")
    if not of_order:
        return Call(picker, None, None)
    order_ids = await clients.order_ids(conn, picker, text(data, "orderId"))
    if len(order_ids) > 1:
        raise Refused(Code.INVALID_BODY, field="requestData.orderId", orders=order_ids)
    order = await orders.read(conn, order_ids[0]) if order_ids else None
    if order is None:
        raise Refused(Code.ORDER_NOT_FOUND)
    return Call(picker, order, _line(order, data))


def body_of(method: str, data: Mapping[str, Any]) -> msgspec.Struct:
    """The verb's own body: the same fields as in the picker API, written either way."""
    shape = VERBS[METHODS[method]].body
    try:
        body = msgspec.convert(_snake(data), shape)
    except msgspec.ValidationError as error:
        raise Refused(Code.INVALID_BODY, error=str(error)[:300]) from None
    if isinstance(body, Undo) and body.op_id is not None:
        return msgspec.structs.replace(body, op_id=key_of(body.op_id))
    return body


def key_of(request_id: str) -> str:
    """The operation's key that a request id stands for; a handheld's own keys are others."""
    return f"facade:{request_id}"


def texts(data: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """Those of these parameters that are there."""
    return {name: text(data, name, _LONGEST) for name in names if data.get(name) is not None}


def _must_be_shallow(value: Any, depth: int = _DEEPEST) -> None:
    """Refused when what is sent goes deeper than any method's body."""
    if depth == 0:
        raise Refused(Code.INVALID_BODY, field="requestData", deepest=_DEEPEST)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        _must_be_shallow(part, depth - 1)


def _snake(value: Any) -> Any:
    if isinstance(value, dict):
        return {_CAPITAL.sub(r"_\1", str(key)).lower(): _snake(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_snake(each) for each in value]
    return value


def _line(order: Order, data: Mapping[str, Any]) -> UUID | None:
    wanted = data.get("lineId", data.get("itemId"))
    if wanted is None:
        return None
    for line in order.wanted():
        if str(wanted) in (str(line.id), line.external_id):
            return line.id
    raise Refused(Code.LINE_NOT_FOUND, item=str(wanted)[:100])


def text(data: Mapping[str, Any], name: str, longest: int = 200) -> str:
    """A parameter that is a text, or a number that stands for one."""
    value = data.get(name)
    if not isinstance(value, str | int) or isinstance(value, bool) or "\x00" in str(value):
        raise Refused(Code.INVALID_BODY, field=f"requestData.{name}")
    return str(value)[:longest].encode("utf-8", "ignore").decode()
