"""The one place where our errors become HTTP answers: problem+json with a code and a sentence."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import asyncpg
import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.db.conn import AWAY, CONTENDED
from app.domain.refusals import Code, Refused
from app.errors import (
    AdapterMissing,
    HubError,
    MarkingAway,
    RemoteUnavailable,
    StorageAway,
    UnknownAccount,
)
from app.log import where
from app.render.language import negotiate, say
from app.render.picker import OrderView, Problem

log = structlog.get_logger()

REFUSAL_STATUS: Final[Mapping[Code, int]] = {
    Code.INVALID_BODY: 400,
    Code.INVALID_QUANTITY: 400,
    Code.IDEMPOTENCY_KEY_REQUIRED: 400,
    Code.SESSION_EXPIRED: 401,
    Code.PIN_WRONG: 401,
    Code.NOT_ASSIGNED: 403,
    Code.ORDER_NOT_FOUND: 404,
    Code.LINE_NOT_FOUND: 404,
    Code.VERSION_CONFLICT: 409,
    Code.ALREADY_CLAIMED: 409,
    Code.LEASE_LOST: 409,
    Code.ORDER_CANCELLED: 409,
    Code.ILLEGAL_TRANSITION: 409,
    Code.OPERATION_IN_PROGRESS: 409,
    Code.MARK_ALREADY_USED: 409,
    Code.WRONG_UNIT: 422,
    Code.QTY_OVER_REQUESTED: 422,
    Code.WEIGHT_OUT_OF_HARD_LIMIT: 422,
    Code.REASON_REQUIRED: 422,
    Code.MARK_REQUIRED: 422,
    Code.LINES_NOT_CLOSED: 422,
    Code.IDEMPOTENCY_KEY_REUSED: 422,
    Code.VERSION_REQUIRED: 428,
    Code.TOO_MANY_REQUESTS: 429,
    Code.INVALID_BARCODE: 400,
    Code.DEVICE_UNKNOWN: 401,
    Code.ROLE_REQUIRED: 403,
    Code.OTHER_STORE: 403,
    Code.UNKNOWN_CODE: 404,
    Code.BAG_NOT_FOUND: 404,
    Code.PLACE_NOT_FOUND: 404,
    Code.RUN_NOT_FOUND: 404,
    Code.PROBLEM_NOT_FOUND: 404,
    Code.INCIDENT_NOT_FOUND: 404,
    Code.INCIDENT_CHANGED: 409,
    Code.INCIDENT_OVER: 409,
    Code.MUTE_NOT_FOUND: 404,
    Code.PERSON_NOT_FOUND: 404,
    Code.DEVICE_NOT_FOUND: 404,
    Code.BADGE_TAKEN: 409,
    Code.APPROVAL_PENDING: 409,
    Code.BAG_BELONGS_TO_OTHER_ORDER: 409,
    Code.ALREADY_PICKING: 409,
    Code.TAKEOVER_UNCONFIRMED: 409,
    Code.NOTHING_TO_UNDO: 409,
    Code.PLACE_FULL: 409,
    Code.WRONG_PLACE: 422,
    Code.CLAIMS_OPEN: 409,
    Code.SHIFT_CLOSED: 409,
    Code.WRONG_ITEM: 422,
    Code.NOT_IN_ORDER: 422,
    Code.REPLACEMENT_NOT_ALLOWED: 422,
    Code.AGE_CHECK_REQUIRED: 422,
    Code.ITEM_RESTRICTED: 422,
    Code.MARK_INVALID: 422,
    Code.MARK_REFUSED: 422,
    Code.BAGS_NOT_SEALED: 422,
    Code.BAGS_MISSING: 422,
    Code.COURIER_CODE_WRONG: 422,
    Code.STORE_PAUSED: 423,
    Code.CLIENT_TOO_OLD: 426,
    Code.NOTHING_CHANGED: 422,
    Code.MARK_NOT_SOLD: 422,
    Code.DOCUMENT_NOT_FOUND: 404,
    Code.DESTINATION_NOT_FOUND: 404,
    Code.INTEGRATOR_NOT_FOUND: 404,
    Code.EVENT_NOT_FOUND: 404,
    Code.UNPRINTABLE: 422,
    Code.LINK_FORGED: 403,
    Code.LINK_EXPIRED: 410,
    Code.FILE_LOST: 410,
    Code.SETTLEMENT_NOT_FOUND: 404,
    Code.SETTLEMENT_DONE: 409,
    Code.REPLAY_NOT_FOUND: 404,
    Code.ACCOUNT_NOT_FOUND: 404,
    Code.ACCOUNT_EXISTS: 409,
    Code.ACCOUNT_BUSY: 409,
    Code.CREDENTIAL_NOT_FOUND: 404,
    Code.MAPPING_NOT_FOUND: 404,
    Code.STORE_MOVING: 503,
    Code.STORE_MOVED: 421,
}
_HTTP_CODES: Final[Mapping[int, str]] = {
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
}
#: Codes after which the same request may well succeed.
RETRYABLE: Final = frozenset(
    {Code.OPERATION_IN_PROGRESS, Code.TOO_MANY_REQUESTS, Code.STORE_MOVING}
)
#: Seconds until they should, when the refusal itself names none.
_PAUSE: Final = 2.0


def language_of(request: Request) -> str:
    """The language this caller reads."""
    return negotiate(request.headers.get("accept-language", ""), request.state.hub.language)


def problem(
    request: Request,
    status: int,
    code: str,
    *,
    retryable: bool = False,
    details: Mapping[str, Any] | None = None,
    current: OrderView | None = None,
) -> Response:
    """A problem+json answer in the caller's language."""
    body = problem_body(request, status, code, details)
    body.retryable, body.current = retryable, current
    headers = {"Retry-After": _pause(details or {})} if retryable else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(msgspec.json.encode(body), status, headers, "application/problem+json")


def problem_body(
    request: Request, status: int, code: str, details: Mapping[str, Any] | None = None
) -> Problem:
    """What a problem+json answer says."""
    return Problem(
        type=f"/docs#{code}",
        title=code.replace("_", " ").capitalize(),
        status=status,
        code=code,
        message=say(language_of(request), code),
        details={k: msgspec.Raw(msgspec.json.encode(v)) for k, v in (details or {}).items()}
        or None,
    )


def _pause(details: Mapping[str, Any]) -> str:
    return str(math.ceil(details.get("seconds", _PAUSE)))


async def on_refused(request: Request, error: Exception) -> Response:
    """A rule said no: its code, its facts, and on a conflict the order as it stands."""
    assert isinstance(error, Refused)  # registered for Refused only
    status = REFUSAL_STATUS[error.code]
    return problem(
        request,
        status,
        error.code,
        retryable=error.code in RETRYABLE,
        details=error.details,
        current=await _as_it_stands(request) if status == 409 else None,
    )


async def _as_it_stands(request: Request) -> OrderView | None:
    """The order of a conflict; none when the database that told of it cannot tell more."""
    see: Callable[[], Awaitable[OrderView | None]] | None = getattr(request.state, "see", None)
    try:
        return await see() if see else None
    except AWAY:
        return None


async def on_hub_error(request: Request, error: Exception) -> Response:
    """What went wrong on our side; the text stays in the log."""
    if isinstance(error, UnknownAccount):
        return problem(request, 404, "NOT_FOUND")
    if isinstance(error, AdapterMissing):  # nginx asks the next worker, which may have it
        log.warning("adapter missing", adapter=str(error))
        return problem(request, 502, "TEMPORARY", retryable=True)
    if isinstance(error, StorageAway | MarkingAway | RemoteUnavailable):
        log.warning(error.reason.replace("_", " "), error=str(error))
        return problem(request, 503, "TEMPORARY", retryable=True)
    assert isinstance(error, HubError)
    log.error("request failed", reason=error.reason, error=str(error))
    return problem(request, 500, "INTERNAL")


async def on_storage(request: Request, error: Exception) -> Response:
    """The database is away, or somebody else's write is under way."""
    if isinstance(error, CONTENDED):
        return await on_refused(request, Refused(Code.OPERATION_IN_PROGRESS))
    log.warning("storage away", error=repr(error)[:300])
    return problem(request, 503, "TEMPORARY", retryable=True)


async def on_http(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no route, wrong method) in the same form."""
    assert isinstance(error, HTTPException)
    answer = problem(request, error.status_code, _HTTP_CODES.get(error.status_code, "INVALID_BODY"))
    answer.headers.update(error.headers or {})
    return answer


async def on_bug(request: Request, error: Exception) -> Response:
    """The last resort: recorded whole, told in one sentence."""
    log.error("bug", where=where(error))
    return problem(request, 500, "INTERNAL")


async def on_unknown(request: Request, error: Exception) -> Response:
    """The same for what no handler knows; it stands outside the middleware that adds the id."""
    answer = await on_bug(request, error)
    answer.headers["X-Request-Id"] = request.state.trace_id
    return answer


#: Looked up along the class hierarchy of the error, the most special first.
HANDLERS: Final[Mapping[Any, Any]] = {
    Refused: on_refused,
    HubError: on_hub_error,
    HTTPException: on_http,
    **dict.fromkeys((*AWAY, *CONTENDED), on_storage),
    asyncpg.PostgresError: on_bug,
    Exception: on_unknown,
}
