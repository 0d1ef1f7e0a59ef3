"""Any sequence of picks, replacements, answers, time-outs, changes, undos keeps an order true."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import events as ev
from app.domain import replacement_events as rep
from app.domain.decide import decide
from app.domain.order import GONE, WITHDRAWN
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from app.domain.order import Replacement as Wish
from app.domain.refusals import Refused
from app.domain.shop import AccountRules, Shop
from app.domain.standing import settle
from app.domain.sums import as_ordered, authorised, found, may_cost
from app.domain.terms import Terms
from app.domain.undo import images
from tests.domain.build import a_draft, an_order, counting, draft_line, piece, uid, weighed
from tests.domain.test_replacing import GOODS, NOW

ORIGINALS = [uid(1), uid(2), uid(3)]
#: What of a line nobody but the customer may change.
KEPT = ("id", "external_id", "name", "price", "unit", "unit_grams", "barcodes", "vat", "position",
        "requested_pieces", "requested_grams", "replaces")  # fmt: skip
CONSENT = (rep.ReplacementDecided, rep.ReplacementAnswered)

#: Ids of lines are chosen when the order is known: the original ones, and any that came later.
LINES = st.integers(0, 7)
GOOD = st.builds(
    rep.Substitute, st.sampled_from(["same", "cheap", "dear"]), st.sampled_from([None, 1, 3])
)
ANYTHING = st.builds(
    rep.Substitute,
    st.sampled_from(sorted(GOODS)),
    st.none() | st.integers(0, 4),
    st.none() | st.integers(1, 1200),
)
ORDERED = {
    "p1": draft_line("p1"),
    "w2": draft_line("w2", pieces=1, grams=1000, price=12990),
    "p3": draft_line("p3"),
}


def changed(gone, more, pieces):
    """The customer's order without something, with something more, or with another amount."""
    kept = {sku: line for sku, line in ORDERED.items() if sku != gone}
    if pieces:
        kept["p1"] = draft_line("p1", pieces=pieces)
    return ev.Changed(a_draft(*kept.values(), *(draft_line(sku, pieces=1) for sku in more)))


ASKED = st.integers(0, 2)  # the lines that were ordered


def offers(substitute, most):
    some = st.lists(substitute, min_size=1, max_size=most).map(tuple)
    return st.tuples(st.just(rep.LineReplaced), ASKED, some, st.just("none"))


STEPS = st.one_of(
    offers(GOOD, 1),
    offers(GOOD, 2),
    offers(ANYTHING, 2),
    st.tuples(st.just(rep.ReplacementDecided), ASKED, st.booleans()),
    st.builds(rep.ReplacementAnswered, st.sampled_from(["p1", "w2", "same"]), st.booleans()),
    st.tuples(st.just(rep.ReplacementWithdrawn), LINES),
    st.tuples(st.just(ev.LinePicked), LINES, st.integers(0, 4)),
    st.tuples(st.just(ev.LineWeighed), LINES, st.integers(700, 1000)),
    st.tuples(st.just(ev.LineShort), LINES, st.integers(1, 3), st.just("few")),
    st.tuples(st.just(ev.LineDropped), LINES, st.just("none")),
    st.builds(
        changed,
        st.sampled_from([None, None, None, "p1", "w2"]),
        st.sets(st.sampled_from(["same", "cheap"])).map(sorted),
        st.sampled_from([0, 0, 0, 2]),
    ),
    st.just("undo"),
    st.just("wait"),
    st.just("silence"),
)
WISHES = st.sampled_from(Wish)


def event_of(step, order):
    if not isinstance(step, tuple):
        return step
    kind, n, *rest = step
    return kind(order.lines[n % len(order.lines)].id, *rest)


def check(order):
    wanted = order.wanted()
    skus = [line.external_id for line in order.lines if line.reason != WITHDRAWN]
    assert len(skus) == len(set(skus))
    assert found(order) == sum(line.total() for line in wanted)
    assert settle(order, Shop()) == order
    for line in order.lines:
        standing = order.replacements(line.id)
        assert bool(standing) is (line.state in (L.PROPOSED, L.REPLACED) and line.replaces is None)
        if line.state is L.PROPOSED and line.replaces is None:
            assert line.decide_by is not None
            assert all(each.state is L.PROPOSED for each in standing)
        if line.state is L.REPLACED:
            assert (line.total(), line.marks) == (0, ())
            assert (line.picked_pieces, line.picked_grams) == (None, None)
            assert all(each.state in (L.PICKED, L.SHORT, L.TODO) for each in standing)
        if line.replaces is not None:
            assert line.replaces in {each.id for each in order.lines}
            assert line.state is not L.REPLACED
            assert (line.state is L.DROPPED) is (line.reason == WITHDRAWN)


def check_kept(before, after):
    new = {line.id: line for line in after.lines}
    for line in before.lines:
        assert all(getattr(line, name) == getattr(new[line.id], name) for name in KEPT)


def check_repeat(order, event, terms):
    """The same again changes nothing; a replacement that was dropped cannot even be named."""
    try:
        again = decide(order, event, terms)
    except Refused:
        assert isinstance(event, ev.LineDropped)
    else:
        assert not again.applied


class Past:
    """The order now and before its last change, and the most it may cost without more consent."""

    def __init__(self, order, terms):
        self.order, self.before, self.terms = order, order, terms
        self.agreed = authorised(order, terms.rules)
        self.by_customer = False  # then nobody can undo it

    def play(self, step):
        if step == "wait":
            self.terms = replace(self.terms, now=self.terms.now + timedelta(minutes=3))
        elif step == "silence":
            self.terms = replace(self.terms, now=self.terms.now + timedelta(minutes=6))
            for line in self.order.lines:
                self.play((rep.ReplacementExpired, line.position - 1))
        elif step == "undo":
            was, became = images(self.before, self.order)
            if not became or self.by_customer:
                return
            try:
                back = decide(self.order, ev.LinesRestored(was, became), self.terms).order
            except Refused:
                return
            self.move(back, consent=False)
            self.by_customer = False
        else:
            event = event_of(step, self.order)
            try:
                after = decide(self.order, event, self.terms).order
            except Refused:
                return
            check_repeat(after, event, self.terms)
            if not isinstance(event, ev.Changed):
                check_kept(self.order, after)
            self.move(after, consent=isinstance(event, (*CONSENT, ev.Changed)))
            self.by_customer = isinstance(event, ev.Changed)

    def move(self, after, *, consent):
        check(after)
        if consent:
            ordered = sum(as_ordered(line) for line in after.wanted() if line.replaces is None)
            self.agreed = max(
                self.agreed, may_cost(after), authorised(after, self.terms.rules), ordered
            )
        assert may_cost(after) <= self.agreed
        self.before, self.order = self.order, after


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, min_size=8, max_size=30), WISHES, st.sampled_from([None, 20_000, 1]),
       st.sampled_from(["any", "not_dearer"]))  # fmt: skip
def test_whatever_happens_sums_add_up_and_nothing_is_lost_or_charged_unasked(
    steps, wish, held, price
):
    lines = piece(1), weighed(2), piece(3, wish_skus=("same", "dear"))
    order = an_order(*lines, state=S.PICKING, replacement=wish, authorised_total=held)
    order = replace(order, requested_total=may_cost(order))
    rules = AccountRules(replacement_price=price)
    past = Past(order, Terms(GOODS, counting(3000), rules=rules, now=NOW))
    past.agreed = max(past.agreed, may_cost(order))
    for step in steps:
        past.play(step)


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=20), WISHES)
def test_a_composition_that_closes_has_an_outcome_for_everything_that_was_ordered(steps, wish):
    order = an_order(piece(1), weighed(2), piece(3), state=S.PICKING, replacement=wish)
    past = Past(replace(order, requested_total=10**9), Terms(GOODS, counting(3000), now=NOW))
    for step in steps:
        past.play(step)
    order = past.order
    try:
        done = decide(order, ev.Completed(), past.terms).order
    except Refused:
        assert any(line.state in (L.TODO, L.PROPOSED) for line in order.lines)
        return
    for line in done.lines:
        if line.replaces is None and line.reason != GONE:
            assert line.state in (L.PICKED, L.SHORT, L.DROPPED, L.REPLACED)
            assert line.state is not L.REPLACED or done.replacements(line.id)
    if done.state is S.PICKED:
        assert done.final_total == found(done) == found(order)


#: Goods that cost less or more than the bread they stand for: the less make room for the more.
ROOM = st.lists(
    st.one_of(
        st.tuples(st.just(rep.LineReplaced), st.sampled_from([0, 2]),
                  st.sampled_from(["plain", "cheap", "same", "dear"]).map(
                      lambda sku: (rep.Substitute(sku, 3),)), st.just("none")),
        st.tuples(st.just(rep.ReplacementWithdrawn), LINES),
        st.tuples(st.just(ev.LinePicked), LINES, st.just(3)),
        st.tuples(st.just(ev.LineDropped), LINES, st.just("none")),
        st.just("undo"),
        st.just("silence"),
    ),
    min_size=3,
    max_size=12,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(ROOM)
def test_room_that_one_replacement_made_for_another_is_given_back_when_it_is_gone(steps):
    order = an_order(piece(1), weighed(2), piece(3), replacement=Wish.REPLACE)
    order = replace(order, requested_total=may_cost(order))
    past = Past(order, Terms(GOODS, counting(3000), now=NOW))
    for step in steps:  # nobody is asked: nobody says yes
        past.play(step)
        assert may_cost(past.order) <= order.requested_total
