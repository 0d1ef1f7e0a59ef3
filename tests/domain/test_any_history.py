"""Whatever pickers, customers, marketplaces and clocks do to an order, it stays true."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import events as ev
from app.domain import replacement_events as rep
from app.domain.decide import decide
from app.domain.goods import Product
from app.domain.order import WITHDRAWN, Replacement, Unit
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from app.domain.refusals import Refused
from app.domain.review import review
from app.domain.shop import AccountRules, Shop
from app.domain.standing import whole
from app.domain.sums import as_ordered, authorised, may_cost
from app.domain.terms import Terms
from app.domain.undo import images
from app.marketplaces.kuper.compose import composition
from tests.domain.build import DUE, a_draft, an_order, counting, draft_line, piece, weighed

GOODS = {
    "x": Product(sku="x", name="X", price=100),
    "y": Product(sku="y", name="Y", price=9000),
    "w": Product(sku="w", name="W", price=100, unit_grams=1000),
    "m": Product(sku="m", name="M", price=50, marked=True),
}
SHOP = Shop()
OUTSIDE = (*get_args(ev.MarketplaceEvent), rep.ReplacementExpired)
#: What a picker may take back.
OPERATIONS = (
    ev.LinePicked, ev.LineWeighed, ev.LineShort, ev.LineDropped, rep.LineReplaced,
    rep.ReplacementWithdrawn, rep.ReplacementDecided,
)  # fmt: skip

N = st.integers(0, 7)  # a line, chosen when the order is known
SUBSTITUTE = st.builds(
    rep.Substitute,
    st.sampled_from(sorted(GOODS)),
    st.sampled_from([None, 1, 3]),
    st.sampled_from([None, None, 500, 1000]),
)
SUBSTITUTES = st.lists(SUBSTITUTE, min_size=1, max_size=2).map(tuple)
WEIGHED = draft_line("w2", pieces=1, grams=1000, price=12990)


def changed(skus, pieces, *, bananas):
    lines = [draft_line(sku, pieces=pieces) for sku in skus]
    return ev.Changed(a_draft(*lines, *([WEIGHED] if bananas or not lines else [])))


def on_line(kind, *rest):
    return st.tuples(st.just(kind), N, *rest)


WHY = st.just("none")
STEPS = st.one_of(
    on_line(ev.LinePicked, st.integers(0, 4)),
    on_line(ev.LineWeighed, st.sampled_from([1, 300, 1000, 1200]), st.none(),
            st.sampled_from(["label", "manual"])),
    on_line(ev.LineShort, st.sampled_from([1, 2, 300]), WHY),
    on_line(ev.LineDropped, WHY),
    on_line(ev.LinePostponed),
    on_line(rep.LineReplaced, SUBSTITUTES, WHY),
    on_line(rep.LineReplaced, SUBSTITUTE.map(lambda one: (one,)), WHY),
    on_line(rep.ReplacementDecided, st.booleans()),
    on_line(rep.ReplacementExpired),
    on_line(rep.ReplacementWithdrawn),
    st.sampled_from([ev.Completed(), ev.Reopened(), ev.Readied()]),
    st.builds(changed, st.lists(st.sampled_from(["p1", "p3", "x", "y", "m"]), unique=True),
              st.sampled_from([2, 3]), bananas=st.booleans()),
    st.integers(0, 20).map(lambda n: ("undo", n)),
    st.sampled_from([1, 10]).map(lambda minutes: ("wait", minutes)),
)  # fmt: skip
LAST = st.sampled_from([None, ev.Taken(), ev.Delivered(), ev.Cancelled("x")])


def check_lines(order):
    live = Counter(line.external_id for line in order.lines if line.reason != WITHDRAWN)
    assert max(live.values()) == 1
    for line in order.lines:
        if line.state is L.PICKED:
            assert whole(line, SHOP)
        if line.state is L.TODO:
            assert line.override_by is None
            assert line.unit is Unit.WEIGHT or not whole(line, SHOP)
        if line.state is L.SHORT:
            assert line.picked_grams or line.picked_pieces
        if line.state is L.REPLACED:
            assert order.replacements(line.id)
        if line.state is L.PROPOSED and line.replaces is None and order.state is S.PICKING:
            assert line.decide_by is not None


def check_sums(before, after, event, rules):
    if after.final_total is not None:
        assert after.final_total == sum(line.total() for line in after.lines)
    if isinstance(event, ev.Changed):
        return
    if may_cost(after) > max(authorised(after, rules), may_cost(before)):
        for line in after.lines:  # then it is not for what stands for a line
            if line.state is L.REPLACED:
                standing = order_cost(after.replacements(line.id))
                assert standing <= as_ordered(line)


def order_cost(lines):
    return sum(max(as_ordered(line), line.total()) for line in lines)


class History:
    """An order and what was done to it so far."""

    def __init__(self, order, rules):
        self.order, self.done = order, []
        self.terms = Terms(GOODS, counting(5000), SHOP, rules, DUE - timedelta(hours=1))

    def play(self, step):
        event = self.event_of(step)
        if event is None:
            return
        try:
            decision = decide(self.order, event, self.terms)
        except Refused:
            assert not isinstance(event, OUTSIDE) or self.order.state is not S.PICKING
            assert not isinstance(event, get_args(ev.MarketplaceEvent))
            return
        before, after = self.order, decision.order
        assert not decision.applied or after.version > before.version
        check_lines(after)
        check_sums(before, after, event, self.terms.rules)
        composition(after)
        review(after, self.terms)
        if isinstance(event, ev.Changed):
            assert not decide(after, event, self.terms).applied
        was, became = images(before, after)
        if isinstance(event, OPERATIONS) and became:
            self.done.append(ev.LinesRestored(was, became))
        self.order = after

    def event_of(self, step):
        if not isinstance(step, tuple):
            return step
        kind, n, *rest = step
        if kind == "wait":
            self.terms = replace(self.terms, now=self.terms.now + timedelta(minutes=n))
            return None
        if kind == "undo":
            return self.done[-1 - n % len(self.done)] if self.done else None
        return kind(self.order.lines[n % len(self.order.lines)].id, *rest)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(STEPS, min_size=6, max_size=25),
    st.sampled_from(Replacement),
    st.sampled_from([None, 10**6, 30_000]),
    st.builds(
        AccountRules,
        over_percent=st.sampled_from([0, 50]),
        replacement_price=st.sampled_from(["any", "not_dearer"]),
    ),
    LAST,
)
def test_any_history_leaves_an_order_that_adds_up(steps, wish, held, rules, last):
    order = an_order(piece(1), weighed(2), piece(3, pieces=2), replacement=wish)
    order = replace(order, authorised_total=held, requested_total=may_cost(order))
    history = History(order, rules)
    for step in steps:
        history.play(step)
    if last is not None:
        history.play(last)
