"""What a customer wants when something is missing, and what it lets a picker do: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.order import GONE, WITHDRAWN, Line, LineState, Order, Replacement


@dataclass(frozen=True, slots=True)
class Policy:
    """What a customer's wish allows: may `others` than the customer's own choices stand for a line
    at once (None: never), and does silence mean yes when somebody had to be asked."""

    others: bool | None
    silence: bool


POLICY: Final[Mapping[Replacement, Policy]] = {
    # "Call me; replace if I do not answer": asked, and silence is a yes.
    Replacement.CALL_OR_REPLACE: Policy(others=False, silence=True),
    # "Call me; remove if I do not answer": asked, and silence is a no.
    Replacement.CALL_OR_REMOVE: Policy(others=False, silence=False),
    # "Do not call, replace": at once; asked only when it costs more than was agreed.
    Replacement.REPLACE: Policy(others=True, silence=True),
    # "Do not call, remove": never.
    Replacement.REMOVE: Policy(others=None, silence=False),
    # A policy we do not know: a person decides, and silence is a no.
    Replacement.ASK: Policy(others=False, silence=False),
}

#: What may be asked of a line that others stand for.
_BY_STATE: Final[Mapping[LineState, tuple[str, ...]]] = {
    LineState.PROPOSED: ("decide", "withdraw"),
    LineState.REPLACED: ("withdraw",),
}


def preference(order: Order, line: Line) -> Replacement:
    """The customer's wish for one line: its own, else the order's. Who named goods to take instead
    did not mean "remove" for this line: those are welcome, others are asked about."""
    wish = line.wish or order.replacement
    if line.wish is None and line.wish_skus and wish is Replacement.REMOVE:
        return Replacement.ASK
    return wish


def offers(order: Order, line: Line) -> tuple[str, ...]:
    """What a picker may ask of this line about replacements while the order is being picked."""
    if line.reason in (GONE, WITHDRAWN):
        return ()
    if line.replaces is not None:
        return ("withdraw",)
    offer = () if POLICY[preference(order, line)].others is None else ("replace",)
    return (*offer, *_BY_STATE.get(line.state, ()))
