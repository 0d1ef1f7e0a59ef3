"""Which notification СМ takes when, as one table; the answer otherwise. Nothing here does IO.

200 taken; 202 taken before (in that mode of the sandbox); 405 not for this kind of integration;
422 wrong data, wrong moment, or (as the marketplace's 2023 tests saw) a repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.sandbox.kuper.composition import Fault, apply, faults_of
from app.sandbox.kuper.shipment import Integration, Shipment, State

Check = Callable[[Mapping[str, Any], Shipment], Iterator[Fault]]

READY, COLLECTING, READY_TO_SHIP = State.READY, State.COLLECTING, State.READY_TO_SHIP
ANY: Final = frozenset(Integration)
OWN_DELIVERY: Final = frozenset({Integration.DELIVERY_BY_RETAILER})
PICKUP: Final = frozenset({Integration.ACCOUNTING_WITH_PICKUP})


@dataclass(frozen=True, slots=True)
class Rule:
    """When a notification is allowed, where it leads (None: nowhere new), what it must carry."""

    allowed_from: frozenset[State]
    leads_to: State | None
    integrations: frozenset[Integration] = ANY
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """СМ's answer."""

    status: int
    faults: tuple[Fault, ...] = ()


def _final_composition(payload: Mapping[str, Any], shipment: Shipment) -> Iterator[Fault]:
    return faults_of(payload.get("order"), shipment)


def _pickup_code(payload: Mapping[str, Any], _shipment: Shipment) -> Iterator[Fault]:
    if not isinstance(payload.get("code"), str) or not payload["code"]:
        yield Fault("missing", "code", "is required")


def _own_courier_or_before(_payload: Mapping[str, Any], shipment: Shipment) -> Iterator[Fault]:
    """Once СМ's own courier has left, the shop can cancel no more."""
    if shipment.state is State.SHIPPING and not shipment.delivers_itself:
        yield Fault("state", "type", "the shipment is on its way with our courier")


RULES: Final[Mapping[str, Rule]] = {
    "order.accepted": Rule(frozenset({READY}), None),
    "order.in_work": Rule(frozenset({READY}), COLLECTING),
    "order.assembled": Rule(frozenset({COLLECTING}), None),
    "order.pickup_code_created": Rule(frozenset({READY, COLLECTING}), None, PICKUP, _pickup_code),
    "order.ready_for_delivery": Rule(
        frozenset({COLLECTING}), READY_TO_SHIP, ANY, _final_composition
    ),
    "order.delivering": Rule(frozenset({READY_TO_SHIP}), State.SHIPPING, OWN_DELIVERY),
    "order.delivered": Rule(
        frozenset({READY_TO_SHIP, State.SHIPPING}), State.SHIPPED, OWN_DELIVERY | PICKUP
    ),
    "order.canceled": Rule(
        frozenset({READY, COLLECTING, READY_TO_SHIP, State.SHIPPING}),
        State.CANCELED,
        ANY,
        _own_courier_or_before,
    ),
}


def judge(
    shipment: Shipment, event_type: str, payload: Mapping[str, Any], repeat_status: int
) -> Verdict:
    """Answer one notification about one shipment; changes nothing."""
    rule = RULES.get(event_type)
    if rule is None:
        return Verdict(422, (Fault("unknown", "event.type", f"{event_type!r} is not known"),))
    if shipment.integration not in rule.integrations:
        return Verdict(405, (Fault("integration", "event.type", "not for this store"),))
    if event_type in shipment.accepted:
        repeat = Fault("repeat", "event.type", "the event was processed before")
        return Verdict(repeat_status, (repeat,) if repeat_status >= 400 else ())
    if shipment.state not in rule.allowed_from:
        message = f"not allowed while the shipment is {shipment.state}"
        return Verdict(422, (Fault("state", "event.type", message),))
    faults = tuple(rule.check(payload, shipment)) if rule.check else ()
    return Verdict(422 if faults else 200, faults)


def carry_out(
    shipment: Shipment, event_type: str, payload: Mapping[str, Any], at: datetime
) -> None:
    """Let a taken notification have its effect on the shipment."""
    shipment.updated_at = at
    shipment.accepted.add(event_type)
    if event_type == "order.ready_for_delivery":
        apply(payload["order"], shipment)
    shipment.state = RULES[event_type].leads_to or shipment.state
