"""The marketplace's side of an order's life: changes of mind, payment, courier, delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Final

from app.sandbox.kuper.events import body, happen, payload_of, wrong
from app.sandbox.kuper.hooks import Hooks
from app.sandbox.kuper.positions import change_basket, totals
from app.sandbox.kuper.shares import Pace, Shares
from app.sandbox.kuper.shipment import (
    Integration,
    ItemState,
    Shipment,
    State,
    Webhook,
    items_after_change,
)
from app.sandbox.kuper.switches import Switches

#: What follows a notification of the hub's: (step of Pace, event).
FOLLOWS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "order.in_work": (
        ("courier_assigned", "courier.assigned"),
        ("courier_arrived", "courier.arrived"),
    ),
    "order.ready_for_delivery": (
        ("paid", "order.paid"),
        ("received", "order.received"),
        ("delivering", "order.delivering"),
        ("delivered", "order.delivered"),
    ),
}

#: In which states an event still makes sense when its time has come.
POSSIBLE: Final[Mapping[str, frozenset[State]]] = {
    "courier.assigned": frozenset({State.COLLECTING, State.READY_TO_SHIP}),
    "courier.arrived": frozenset({State.COLLECTING, State.READY_TO_SHIP}),
    "order.paid": frozenset({State.READY_TO_SHIP}),
    "order.received": frozenset({State.READY_TO_SHIP}),
    "order.delivering": frozenset({State.SHIPPING}),
    "order.delivered": frozenset({State.SHIPPING}),
    "order.changed": frozenset({State.READY}),
    "order.updated": frozenset({State.READY}),
    "order.canceled": frozenset({State.READY, State.COLLECTING}),
}

#: With another courier than СМ's, only the payment is СМ's business.
OTHERS_COURIER: Final = frozenset({"order.paid"})


@dataclass(slots=True)
class Life:
    """Plays what customers, couriers and the bank do."""

    hooks: Callable[[], Hooks]
    switches: Callable[[], Switches]
    clock: Callable[[], datetime]
    rng: Random
    pace: Pace
    shares: Shares
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def say(
        self, shipment: Shipment, event_type: str, extra: Mapping[str, Any] | None = None
    ) -> Webhook:
        """Let an event happen and tell the hub; `extra` wins over the usual payload."""
        happen(event_type, shipment, self.clock())
        payload = payload_of(event_type, shipment, self.rng)
        if event_type == "order.paid" and self.rng.random() < self.switches().wrong_sums:
            payload["total"] = wrong(payload["total"], self.rng)
        payload |= dict(extra or {})
        webhook = Webhook(event_type, body(event_type, shipment, self.clock(), payload))
        self._send(shipment, webhook)
        return webhook

    def _send(self, shipment: Shipment, webhook: Webhook) -> None:
        """Once, as a rule; the switches may have it otherwise."""
        switches, hooks = self.switches(), self.hooks()
        if self._happens(switches.drop):
            hooks.lose(shipment, webhook)
            return
        copies = 2 if switches.duplicate_next or self._happens(switches.double) else 1
        switches.duplicate_next = max(0, switches.duplicate_next - 1)
        if switches.shuffle or self._happens(switches.late):
            late = self.rng.uniform(0, switches.shuffle_within)
            hooks.send_late(shipment, webhook, late)
        else:
            hooks.send(shipment, webhook, copies=copies)

    def _happens(self, share: float) -> bool:
        """Chance is not asked for what is switched off: a seed says the same orders as ever."""
        return share > 0 and self.rng.random() < share

    def change(self, shipment: Shipment, event_type: str = "order.changed") -> Webhook:
        """Let the customer change the composition, then tell the hub."""
        changed = change_basket(self.rng, shipment.payload["positions"], self.shares.discounted)
        shipment.payload = shipment.payload | {"positions": changed, "total": totals(changed)}
        shipment.items = items_after_change(shipment.items, shipment.payload)
        return self.say(shipment, event_type)

    def webhook_settled(self, shipment: Shipment, webhook: Webhook) -> None:
        """After the hub took a new order its customer may have second thoughts."""
        if webhook.event_type != "order.created" or webhook.outcome != "accepted":
            return
        if shipment.trouble == "change":
            event = self.rng.choice(("order.changed", "order.updated"))
            self._later("change", shipment, event)
        if shipment.trouble == "cancel_early":
            self._later("cancel_early", shipment, "order.canceled")

    def notified(self, shipment: Shipment, event_type: str) -> None:
        """The hub told us something and we took it: let the world go on."""
        if event_type == "order.ready_for_delivery" and _nothing_found(shipment):
            self._later("paid", shipment, "order.canceled", also_from=State.READY_TO_SHIP)
            return
        for step, event in FOLLOWS.get(event_type, ()):
            if event.startswith("courier.") and not self.switches().couriers:
                continue
            if shipment.integration is Integration.DELIVERY_BY_SBERMARKET or (
                event in OTHERS_COURIER
            ):
                self._later(step, shipment, event)
        if event_type == "order.in_work" and shipment.trouble == "cancel_late":
            self._later("cancel_late", shipment, "order.canceled")

    def busy(self) -> bool:
        """Whether something is about to happen."""
        return bool(self._tasks)

    async def close(self) -> None:
        """Stop time."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _later(
        self, step: str, shipment: Shipment, event: str, *, also_from: State | None = None
    ) -> None:
        task = asyncio.create_task(self._happen_later(step, shipment, event, also_from))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _happen_later(
        self, step: str, shipment: Shipment, event: str, also_from: State | None
    ) -> None:
        await asyncio.sleep(self.pace.seconds(step))
        possible = shipment.state in POSSIBLE[event] or shipment.state is also_from
        if not (shipment.plays and possible):
            return
        if event in ("order.changed", "order.updated"):
            self.change(shipment, event)
        else:
            self.say(shipment, event)


def _nothing_found(shipment: Shipment) -> bool:
    return all(item.state is not ItemState.ASSEMBLED for item in shipment.items.values())
