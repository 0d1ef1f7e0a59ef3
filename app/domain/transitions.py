"""The order's state machine, as far as possible in the two tables; nothing here knows which
marketplace it serves, and nothing outside may decide what an event does to an order.

Rule 1: an event with no row in TRANSITIONS[state] does not happen there. For a picker that is a
refusal; for a marketplace it is old news, recorded and ignored (in final states only goods go back
to their shelves).
Rule 2: an event whose row names the same state happens without moving the order.
Rule 3: a marketplace's later news implies the steps it skipped (`implied`), and tells nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from app.domain import after_sale_events as sale
from app.domain import events as ev
from app.domain import packing_events as pack
from app.domain.order import OrderState as S
from app.domain.replacement_events import ReplacementAnswered, ReplacementEvent

_COURIER: Final = (ev.Paid, ev.CourierAssigned, ev.CourierArrived)
_ROAD: Final[Mapping[type[ev.Event], S]] = {
    ev.Taken: S.HANDED_OVER,
    ev.Delivering: S.HANDED_OVER,
    ev.Delivered: S.DELIVERED,
}
_PACKING: Final = (pack.BagOpened, pack.BagSealed, pack.BagVoided)
_REPLACEMENT: Final = (*get_args(ReplacementEvent), ReplacementAnswered)
_CALLED_OFF: Final[Mapping[type[ev.Event], S]] = {ev.Cancelled: S.CANCELLED}


def _open(state: S, own: Mapping[type[ev.Event], S]) -> Mapping[type[ev.Event], S]:
    """The row of a state before hand-over: courier's news stays, the road moves on."""
    stays = dict.fromkeys((*_COURIER, ev.Changed), state)
    return {**stays, **_ROAD, **_CALLED_OFF, **own}


TRANSITIONS: Final[Mapping[S, Mapping[type[ev.Event], S]]] = {
    S.RECEIVED: _open(S.RECEIVED, {ev.Accepted: S.ACCEPTED}),
    S.ACCEPTED: _open(S.ACCEPTED, {ev.Started: S.PICKING}),
    S.PICKING: _open(
        S.PICKING,
        {
            ev.LinePicked: S.PICKING,
            ev.LineWeighed: S.PICKING,
            ev.LineShort: S.PICKING,
            ev.LineDropped: S.PICKING,
            ev.LinePostponed: S.PICKING,
            ev.LinesRestored: S.PICKING,
            **dict.fromkeys(_REPLACEMENT, S.PICKING),
            ev.Completed: S.PICKED,
            **dict.fromkeys(_PACKING, S.PICKING),
        },
    ),
    S.PICKED: _open(
        S.PICKED,
        {
            **dict.fromkeys((*_PACKING, pack.Staged), S.PICKED),
            ev.Readied: S.READY,
            ev.Reopened: S.PICKING,
        },
    ),
    S.READY: _open(
        S.READY,
        {pack.Staged: S.READY, pack.HandedOver: S.HANDED_OVER, pack.Collected: S.DELIVERED},
    ),
    S.HANDED_OVER: {
        ev.Paid: S.HANDED_OVER,
        ev.Delivering: S.HANDED_OVER,
        ev.Delivered: S.DELIVERED,
        ev.Cancelled: S.RETURNED,
        pack.HandedOver: S.HANDED_OVER,  # the courier's news was faster than the packing table
        pack.PutBack: S.HANDED_OVER,
    },
    S.DELIVERED: {
        ev.Paid: S.DELIVERED,
        ev.Cancelled: S.RETURNED,
        pack.PutBack: S.DELIVERED,
        sale.Returned: S.DELIVERED,
        sale.Corrected: S.DELIVERED,
    },
    S.REJECTED: {},
    S.CANCELLED: {pack.PutBack: S.CANCELLED},
    S.RETURNED: {pack.PutBack: S.RETURNED},
}

#: What the marketplace is told when our own side moves an order there; implied steps tell nobody.
TOLD: Final[Mapping[S, tuple[str, ...]]] = {
    S.RECEIVED: (),
    S.ACCEPTED: ("accepted",),
    S.PICKING: ("in_work",),
    S.PICKED: ("assembled",),
    S.READY: ("ready",),
    S.HANDED_OVER: ("handed_over",),
    S.DELIVERED: ("delivered",),
    S.REJECTED: ("cancelled",),
    S.CANCELLED: ("cancelled",),
    S.RETURNED: (),
}

#: States a picker or a rule may still change.
ACTIVE: Final = (S.RECEIVED, S.ACCEPTED, S.PICKING, S.PICKED, S.READY, S.HANDED_OVER)
PICKER_STATES: Final = (S.ACCEPTED, S.PICKING, S.PICKED)
ENDED: Final = (S.REJECTED, S.CANCELLED, S.RETURNED)


def diagram() -> str:
    """The tables as a Mermaid state diagram, for the README: a picture that cannot lie."""
    lines = ["stateDiagram-v2", "    [*] --> received: Placed"]
    for state, row in TRANSITIONS.items():
        moves: dict[S, list[str]] = {}
        for event, to in row.items():
            if to is not state:
                moves.setdefault(to, []).append(event.__name__)
        lines += [f"    {state} --> {to}: {', '.join(names)}" for to, names in moves.items()]
        if not moves:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines)
