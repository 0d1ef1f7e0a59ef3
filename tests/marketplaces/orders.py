"""Orders of ours in every shape a marketplace may be told of."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from app.domain.order import LineState as L
from app.domain.order import Order
from app.domain.order import OrderState as S
from tests.domain.build import an_order, piece, uid, weighed
from tests.factories import mark


def every_outcome(rng: Random) -> Order:
    """An order with some lines of each outcome, in some state; some with their names at the
    marketplace, some without."""
    lines = [_line(n, rng) for n in range(1, rng.randint(2, 9))]
    for line in list(lines):
        if line.state is L.REPLACED:
            stand_in = piece(100 + line.position, pieces=1, state=L.PICKED, picked_pieces=1)
            lines.append(replace(stand_in, replaces=line.id))
    found = tuple(lines)
    return an_order(
        *found,
        state=rng.choice([S.PICKING, S.PICKED, S.READY, S.CANCELLED, S.DELIVERED]),
        final_total=sum(line.total() for line in found),
        bag_count=rng.choice([None, 1, 3]),
        cancel_reason=rng.choice([None, "out_of_stock", "whatever"]),
        external_uuid=rng.choice([None, str(uid(77))]),
    )


def _line(n: int, rng: Random):
    state = rng.choice([L.TODO, L.PICKED, L.SHORT, L.DROPPED, L.REPLACED, L.PROPOSED])
    ref = rng.choice([None, f"ref-{n}", f"ref-{n}\nref-{n}-2\nref-{n}-3"])
    if rng.random() < 0.4:
        grams = {L.PICKED: 1040, L.SHORT: 400, L.DROPPED: 0}.get(state)
        return weighed(n, state=state, picked_grams=grams, picked_pieces=1, ref=ref)
    count = {L.PICKED: 3, L.SHORT: 1, L.DROPPED: 0}.get(state)
    marks = tuple(mark(f"s{n}{k:010d}") for k in range(count or 0)) if rng.random() < 0.3 else ()
    return piece(n, state=state, picked_pieces=count, marks=marks, marked=bool(marks), ref=ref)
