"""Decide what one event does to one order. Pure: reads values, returns values, writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, get_args

from app.domain import bags, handover, replacing
from app.domain import events as ev
from app.domain.after_sale_events import AfterSaleEvent
from app.domain.consent import ask_anew
from app.domain.drafts import change, recomposed
from app.domain.notices import notice
from app.domain.order import LineState, Order, OrderState
from app.domain.path import postpone
from app.domain.picking import OUTCOMES, complete, nothing_found
from app.domain.refusals import Code, Notice, Refused
from app.domain.standing import settle, stop_asking
from app.domain.sums import found
from app.domain.terms import Terms
from app.domain.transitions import ENDED, TOLD, TRANSITIONS
from app.domain.undo import restore

#: What a marketplace says; everything else comes from our side.
_FROM_OUTSIDE: Final = get_args(ev.MarketplaceEvent)
#: Why a shop calls an order off: СМ's word for it, and ours.
OUT_OF_STOCK: Final = "out_of_stock"
#: News that changes nothing a picker decides on: it must not make the handheld's version stale.
_BESIDE_THE_PICKER: Final = (ev.Paid, ev.CourierAssigned, ev.CourierArrived)
_AFTER_SALE: Final = get_args(AfterSaleEvent)
#: The goods are not in the shop any more.
GONE_OUT: Final = (OrderState.HANDED_OVER, OrderState.DELIVERED)
#: News of goods on the road, and states in which they cannot be: one of the two sides is wrong.
_ON_THE_ROAD: Final = (ev.Taken, ev.Delivering, ev.Delivered)
_NEVER_LEFT: Final = (OrderState.REJECTED, OrderState.CANCELLED)
#: The state from which the courier's news is the expected next step.
_EXPECTED_BEFORE: Final[Mapping[OrderState, tuple[OrderState, ...]]] = {
    OrderState.HANDED_OVER: (OrderState.READY,),
    OrderState.DELIVERED: (OrderState.HANDED_OVER,),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What an event did: the order afterwards, whom to tell, and what to note.

    `told`: kinds of messages for the marketplace. `supersede`: unsent messages no longer apply.
    `applied` is False for old news, which changes nothing but the timeline; `contradicts`: news
    that cannot be true if the order is what we take it for.
    """

    order: Order
    told: tuple[str, ...] = ()
    supersede: bool = False
    applied: bool = True
    warning: Notice | None = None
    contradicts: bool = False

    def then(self, later: Decision) -> Decision:
        """Join the decision that follows on the same order: both as one."""
        return Decision(
            later.order,
            self.told + later.told,
            supersede=self.supersede or later.supersede,
            applied=self.applied or later.applied,
            warning=later.warning or self.warning,
        )


def decide(order: Order, event: ev.Event, terms: Terms) -> Decision:
    """Apply one event to one order; raises Refused when a picker asks for what cannot be."""
    if isinstance(event, ev.Completed) and nothing_found(order):
        event = ev.Cancelled(OUT_OF_STOCK, by="shop")  # an empty shelf cannot be delivered
    if isinstance(event, ev.Changed) and recomposed(order, event.draft, terms):
        opened = decide(order, ev.Reopened(), terms)  # the marketplace knows no composition yet
        return opened.then(decide(opened.order, event, terms))
    after = TRANSITIONS[order.state].get(type(event))
    if after is None:
        return _out_of_place(order, event)
    done = _APPLY.get(type(event), _unchanged)(order, event, terms)
    changed = ask_anew(order, settle(done, terms.shop), event, terms)
    beside = isinstance(event, _AFTER_SALE)  # documents change, the order does not
    if after is order.state and changed == order and not beside:
        return Decision(order, applied=False, warning=notice(order, changed, event, terms))
    quiet = after is order.state and isinstance(event, _BESIDE_THE_PICKER)
    moved = replace(changed, state=after, version=order.version + (not quiet))
    moved = stop_asking(moved)
    return Decision(
        _arrived(moved, order.state),
        told=_told(order, after, event),
        supersede=after in (OrderState.CANCELLED, OrderState.RETURNED),
        warning=notice(order, changed, event, terms),
    )


def _out_of_place(order: Order, event: ev.Event) -> Decision:
    if isinstance(event, _FROM_OUTSIDE):
        astray = isinstance(event, _ON_THE_ROAD) and order.state in _NEVER_LEFT
        return Decision(order, applied=False, contradicts=astray)
    if order.state in ENDED:
        raise Refused(Code.ORDER_CANCELLED, state=str(order.state), by=order.cancelled_by)
    raise Refused(Code.ILLEGAL_TRANSITION, state=str(order.state), event=type(event).__name__)


def _arrived(order: Order, before: OrderState) -> Order:
    """What reaching a state means beyond the state itself."""
    if order.state is before:
        return order
    expected = _EXPECTED_BEFORE.get(order.state)
    skipped = expected is not None and before not in expected and not order.pickup
    # What was delivered was sold, also when it came back before its document was made.
    due = order.state is OrderState.DELIVERED or (order.sale_due and before is OrderState.DELIVERED)
    closed = not any(line.state in (LineState.TODO, LineState.PROPOSED) for line in order.lines)
    if skipped and closed and order.final_total is None:
        # All outcomes were there, only the last two taps were not; a missing mark is no reason to
        # doubt what the marketplace says happened.
        order = replace(order, final_total=found(order))
    if order.state in GONE_OUT:
        order = bags.left(order)
    return replace(order, implied=order.implied or skipped, sale_due=due)


def _told(order: Order, after: OrderState, event: ev.Event) -> tuple[str, ...]:
    """Moves of ours are told; a marketplace is not told its own news."""
    if after is order.state:
        return ()
    ours = not isinstance(event, _FROM_OUTSIDE) or (
        isinstance(event, ev.Cancelled) and event.by != "marketplace"
    )
    if isinstance(event, ev.Reopened) or (isinstance(event, ev.Completed) and order.reopened):
        return ()  # told before it was opened again
    return TOLD[after] if ours else ()


def _unchanged(order: Order, _event: ev.Event, _terms: Terms) -> Order:
    return order


def _apply_change(order: Order, event: ev.Changed, terms: Terms) -> Order:
    return change(order, event.draft, terms)


def _apply_line(order: Order, event: ev.LineEvent, terms: Terms) -> Order:
    line = OUTCOMES[type(event)](order, event, terms)
    lines = tuple(line if old.id == line.id else old for old in order.lines)
    return replace(order, lines=lines)


def _apply_postponed(order: Order, event: ev.LinePostponed, _terms: Terms) -> Order:
    return postpone(order, event)


def _apply_paid(order: Order, event: ev.Paid, _terms: Terms) -> Order:
    total = order.paid_total if event.total is None else event.total
    return replace(order, paid=True, paid_total=total)


def _apply_cancel(order: Order, event: ev.Cancelled, _terms: Terms) -> Order:
    off = replace(order, cancelled_by=event.by, cancel_reason=event.reason)
    return off if order.state in GONE_OUT else handover.called_off(off)


def _apply_courier(order: Order, event: ev.Event, _terms: Terms) -> Order:
    if isinstance(event, ev.CourierArrived):
        return replace(order, courier="arrived")
    return order if order.courier == "arrived" else replace(order, courier="assigned")


def _apply_complete(order: Order, _event: ev.Completed, _terms: Terms) -> Order:
    return complete(order)


_APPLY: Final[Mapping[type[ev.Event], Callable[[Order, Any, Terms], Order]]] = {
    ev.Changed: _apply_change,
    ev.Paid: _apply_paid,
    ev.CourierAssigned: _apply_courier,
    ev.CourierArrived: _apply_courier,
    ev.Cancelled: _apply_cancel,
    ev.LinePicked: _apply_line,
    ev.LineWeighed: _apply_line,
    ev.LineShort: _apply_line,
    ev.LineDropped: _apply_line,
    ev.LinePostponed: _apply_postponed,
    ev.LinesRestored: restore,
    **replacing.OUTCOMES,
    ev.Completed: _apply_complete,
    **bags.APPLY,
    **handover.APPLY,
}
