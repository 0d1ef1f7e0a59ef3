"""How often the unusual happens, and how fast the stand-in's world moves: two tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shares:
    """Parts of all orders (0 to 1) that are of each kind; they are drawn independently."""

    business: float = 0.10  #: a company buys: INN, KPP, legal address
    express: float = 0.45  #: within the hour; the rest is planned for a window
    tight: float = 0.04  #: almost no time to pick, so that monitoring has something to say
    commented: float = 0.35  #: the customer wrote something
    awkward: float = 0.06  #: the comment is legal but hard: emoji, markup, very long
    discounted: float = 0.25  #: positions (not orders) with a discount
    changed: float = 0.05  #: the customer changes the order soon after placing it
    pickup: float = 0.05  #: the customer fetches the order in the shop
    cancelled_early: float = 0.03  #: called off before anybody is likely to pick it
    cancelled_late: float = 0.02  #: called off while it is being picked


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between what happened and what follows, at factor 1."""

    factor: float = 1.0
    change: float = 4.0  #: after order.created was accepted
    cancel_early: float = 6.0
    cancel_late: float = 3.0  #: after order.in_work
    courier_assigned: float = 2.0  #: after order.in_work
    courier_arrived: float = 8.0
    paid: float = 3.0  #: after order.ready_for_delivery, as are all below
    received: float = 9.0
    delivering: float = 10.0
    delivered: float = 22.0

    def seconds(self, step: str) -> float:
        """Return the delay of a step; `step` is a field's name."""
        return float(getattr(self, step)) * self.factor


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much the stand-in remembers and how hard it tries."""

    shipments: int = 5_000  #: the oldest are forgotten beyond this
    notifications: int = 50  #: raw bodies kept per shipment
    webhooks: int = 50  #: sent webhooks kept per shipment
    attempts: int = 40  #: sends of one webhook before it is given up
    first_pause: float = 0.5  #: seconds before the second send; doubles
    longest_pause: float = 30.0
    parallel: int = 32  #: webhooks in flight at once
    timeout: float = 10.0  #: seconds a webhook waits for the hub's answer
