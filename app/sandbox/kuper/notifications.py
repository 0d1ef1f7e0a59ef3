"""The three generations of СМ's notification endpoint, and the token for the newest.

Order of things: a switched-on failure, who calls, what is said, the rules, the answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.sandbox.answers import LostAnswer
from app.sandbox.kuper.composition import Fault
from app.sandbox.kuper.rules import Verdict, carry_out, judge
from app.sandbox.kuper.shipment import Received, Shipment
from app.sandbox.kuper.stand_in import StandIn

LARGEST_BODY: Final = 1 << 20  #: bytes

Guard = Callable[[StandIn, Mapping[str, str]], str | None]


@dataclass(frozen=True, slots=True)
class Notification:
    """What the hub said, as far as it could be read."""

    account: str
    event_type: str
    payload: dict[str, Any]
    shipment: Shipment


class Unreadable(Exception):
    """The body is not a notification about a shipment we know."""

    def __init__(self, kind: str, field: str, message: str) -> None:
        super().__init__(message)
        self.verdict = Verdict(422, (Fault(kind, field, message),))


async def token(request: Request) -> Response:
    """`POST /auth/token`: client credentials (form) for a Bearer token."""
    stand_in: StandIn = request.app.state.stand_in
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    given = {name: values[0] for name, values in form.items()}
    if given.get("grant_type") != "client_credentials":
        return JSONResponse({"error": "unsupported_grant_type"}, status_code=400)
    issued = stand_in.tokens.issue(given.get("client_id", ""), given.get("client_secret", ""))
    if issued is None:
        return JSONResponse({"error": "invalid_client"}, status_code=401)
    stand_in.dials.counts["tokens_issued"] += 1
    lifetime = int(stand_in.tokens.lifetime.total_seconds())
    return JSONResponse(
        {"access_token": issued, "expires_in": lifetime, "token_type": "Bearer", "scope": ""}
    )


def receiver(guard: Guard) -> Callable[[Request], Awaitable[Response]]:
    """Make the endpoint of one generation; `guard` says whose headers these are."""

    async def notify(request: Request) -> Response:
        stand_in: StandIn = request.app.state.stand_in
        body = await request.body()
        failed = _switched_failure(stand_in)
        if failed is not None:
            return failed
        account = guard(stand_in, request.headers)
        if account is None:
            stand_in.dials.counts["notifications_unauthorized"] += 1
            return _answer(UNAUTHORIZED)
        said, verdict = _hear(stand_in, account, body)
        _record(stand_in, said, request.url.path, body, verdict)
        return await _with_faults(stand_in, verdict)

    return notify


def read(stand_in: StandIn, account: str, body: bytes) -> Notification:
    """Read the envelope; `Unreadable` says what is wrong with it."""
    said = _json(body)
    event = said.get("event") if isinstance(said, dict) else None
    if not isinstance(event, dict):
        raise Unreadable("missing", "event", "is required")
    event_type, payload = event.get("type"), event.get("payload")
    if not isinstance(event_type, str):
        raise Unreadable("missing", "event.type", "is required")
    if not isinstance(payload, dict):
        raise Unreadable("missing", "event.payload", "is required")
    name = payload.get("order_id") or payload.get("orderUUID")
    shipment = stand_in.book.find(name)
    if shipment is None or shipment.account != account:
        kind = "unknown" if name else "missing"
        raise Unreadable(kind, "event.payload.order_id", "order_id or orderUUID of a known order")
    return Notification(account, event_type, payload, shipment)


def decide(stand_in: StandIn, said: Notification) -> Verdict:
    """Apply СМ's rules and, when they allow it, carry the notification out."""
    repeat = stand_in.switches.repeat_answer
    verdict = judge(said.shipment, said.event_type, said.payload, repeat)
    if verdict.status == 200:
        carry_out(said.shipment, said.event_type, said.payload, stand_in.world.clock())
        stand_in.life.notified(said.shipment, said.event_type)
    return verdict


def _static_token(stand_in: StandIn, headers: Mapping[str, str]) -> str | None:
    return stand_in.tokens.of_token(headers.get("Client-Token"))


def _token_and_version(stand_in: StandIn, headers: Mapping[str, str]) -> str | None:
    """Both headers are required; without the version the token is not looked at."""
    return _static_token(stand_in, headers) if headers.get("Api-Version") == "3.0" else None


def _bearer(stand_in: StandIn, headers: Mapping[str, str]) -> str | None:
    return stand_in.tokens.of_bearer(headers.get("Authorization"))


GUARDS: Final[Mapping[str, Guard]] = {
    "/v3/notifications": _static_token,
    "/v1/notifications": _token_and_version,
    "/ofm/api/v1/notifications": _bearer,
}

UNAUTHORIZED: Final = Verdict(
    401, (Fault("unauthorized", "headers", "missing or wrong credentials"),)
)


def _json(body: bytes) -> object:
    if len(body) > LARGEST_BODY:
        raise Unreadable("invalid", "body", "is larger than 1 MB")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("malformed", "body", "is not JSON") from None


def _hear(stand_in: StandIn, account: str, body: bytes) -> tuple[Notification | None, Verdict]:
    try:
        said = read(stand_in, account, body)
    except Unreadable as error:
        return None, error.verdict
    return said, decide(stand_in, said)


def _switched_failure(stand_in: StandIn) -> Response | None:
    failure = stand_in.switches.fail_next
    if failure.count == 0:
        return None
    failure.count -= 1
    stand_in.dials.counts["notifications_failed_on_purpose"] += 1
    wait = {} if failure.retry_after is None else {"Retry-After": str(failure.retry_after)}
    fault = Fault("switched", "server", "failed on purpose")
    return _answer(Verdict(failure.status, (fault,)), wait)


def _record(
    stand_in: StandIn, said: Notification | None, path: str, body: bytes, verdict: Verdict
) -> None:
    outcome = "accepted" if verdict.status == 200 else "refused"
    if verdict.status == 202 or any(fault.type == "repeat" for fault in verdict.faults):
        outcome = "repeated"
    stand_in.dials.counts[f"notifications_{outcome}"] += 1
    errors = tuple(asdict(fault) for fault in verdict.faults)
    text = body[:LARGEST_BODY].decode("utf-8", "replace")
    event_type = said.event_type if said else None
    if said:
        at = stand_in.world.clock()
        said.shipment.received.append(Received(at, path, event_type, text, verdict.status, errors))
    if outcome == "refused":
        stand_in.dials.refused(
            notification=event_type, status=verdict.status, errors=errors, body=text[:300]
        )


async def _with_faults(stand_in: StandIn, verdict: Verdict) -> Response:
    switches = stand_in.switches
    if switches.delay:
        await asyncio.sleep(switches.delay)
    if switches.lose_next and verdict.status == 200:
        switches.lose_next -= 1
        stand_in.dials.counts["answers_lost_on_purpose"] += 1
        return LostAnswer()
    return _answer(verdict)


def _answer(verdict: Verdict, headers: Mapping[str, str] | None = None) -> Response:
    errors = [asdict(fault) for fault in verdict.faults]
    body = {"errors": errors} if errors else {}
    return JSONResponse(body, status_code=verdict.status, headers=headers)
