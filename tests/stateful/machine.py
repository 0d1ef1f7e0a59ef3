"""The play: rules that anybody may follow in any order, laws that hold after each."""

from __future__ import annotations

from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.factories import body, news, placed
from tests.stateful import answers, laws
from tests.stateful.deeds import Deed, deeds, several
from tests.stateful.floor import Asked, Floor, Theatre
from tests.stateful.market import BASKETS, DUE, NEWS, POLICIES, positions
from tests.stateful.snapshot import Row

CLAIMS = ("claim", "takeover", "release", "pause", "resume", "start")
LINES = ("pick", "weigh", "short", "drop", "postpone", "undo")
SWAPS = ("replace", "decide", "withdraw")
PACKING = ("bags", "seal", "void", "stage")
ENDS = ("complete", "reopen", "ready", "handover", "putback", "result")
EVERY = (*CLAIMS, *LINES, "scan", *SWAPS, *PACKING, *ENDS)


class Play(RuleBasedStateMachine):
    """Two pickers, a supervisor, a marketplace, time; `theatre` is set by the test."""

    theatre: ClassVar[Theatre]
    floor: Floor
    rules_: Row

    @initialize(
        over=st.sampled_from((0, 50)),
        price=st.sampled_from(("any", "not_dearer")),
        percent=st.sampled_from((100, 120)),
        zones=st.booleans(),
        basket=BASKETS,
    )
    def opens(self, *, over: int, price: str, percent: int, zones: bool, basket: list[int]) -> None:
        self.rules_ = {"over_percent": over, "replacement_price": price,
                       "authorised_percent": percent}  # fmt: skip
        self.floor = self.theatre.do(self.theatre.play(self.rules_, zones=zones))
        self._place(basket, 2, POLICIES[0], early=False)
        self._begins()

    # -- the marketplace

    @rule(basket=BASKETS, pieces=st.integers(1, 3), policy=st.sampled_from(POLICIES),
          early=st.booleans(), begun=st.integers(0, 3))  # fmt: skip
    def places(
        self, *, basket: list[int], pieces: int, policy: str, early: bool, begun: int
    ) -> None:
        way = {"shipmentMethod": "pickup"} if begun == 2 else {}
        self._place(basket, pieces, policy, early=early, **way)
        if begun:
            self._begins()

    def _begins(self) -> None:
        """Whoever is free takes the newest order and starts."""
        self._does(Deed(0, 0, "claim"))
        self._does(Deed(0, 0, "start"))

    def _place(
        self, basket: list[int], pieces: int, policy: str, *, early: bool, **fields: Any
    ) -> None:
        number = f"P{len(self.floor.numbers):03d}"
        self.floor.numbers.append(number)
        wanted = positions(basket, pieces)
        whole = placed(number, *wanted, replacementPolicy=policy, delivery=DUE, **fields)
        if early:
            self._told(news("order.paid", number), settled=True)
        self._told(whole, settled=True)

    @rule(nth=st.integers(0, 3), event=st.sampled_from(NEWS), twice=st.booleans(),
          settled=st.booleans())  # fmt: skip
    def tells(self, *, nth: int, event: str, twice: bool, settled: bool) -> None:
        number = self.floor.numbers[-1 - nth % len(self.floor.numbers)]
        content = news(event, number)
        for _ in range(1 + twice):
            self._told(content, settled=settled)

    @rule(nth=st.integers(0, 3), basket=BASKETS, pieces=st.integers(1, 3),
          policy=st.sampled_from(POLICIES), settled=st.booleans())  # fmt: skip
    def changes(
        self, *, nth: int, basket: list[int], pieces: int, policy: str, settled: bool
    ) -> None:
        number = self.floor.numbers[-1 - nth % len(self.floor.numbers)]
        wanted = positions(basket, pieces)
        self._told(placed(number, *wanted, event="order.changed", replacementPolicy=policy,
                          delivery=DUE), settled=settled)  # fmt: skip

    @rule()
    def drains(self) -> None:
        self._passes(self.floor.drain())

    @rule(rubbish=st.sampled_from((b"", b"{", b"[]", body("order.created", {}))))
    def babbles(self, rubbish: bytes) -> None:
        self._told(rubbish, settled=True)

    def _told(self, content: bytes, *, settled: bool) -> None:
        async def work() -> None:
            answer = await self.floor.tell(content)
            assert answer.status_code < 500, answer.text
            if settled:
                await self.floor.drain()

        self._passes(work())

    # -- time

    @rule()
    def nobody_answers(self) -> None:
        self._passes(self.floor.silence())

    @rule(deed=deeds("claim"))
    def lease_runs_out(self, deed: Deed) -> None:
        order = self.floor.order(deed)
        if order is not None:
            self._passes(self.floor.lapse(order))

    # -- people

    @rule(deed=deeds(*CLAIMS), age=st.sampled_from((0, 0, 0, 1, 5)))
    def claims(self, deed: Deed, age: int) -> None:
        self._does(deed, age=age)

    @rule(some=several(*LINES), age=st.sampled_from((0, 0, 0, 0, 1)))
    def picks(self, some: list[Deed], age: int) -> None:
        for deed in some:
            self._does(deed, age=age)

    @rule(some=several("scan", "scan", "undo"))
    def scans(self, some: list[Deed]) -> None:
        for deed in some:
            self._does(deed)

    @rule(some=several(*SWAPS, "replace", "replace", "undo"))
    def swaps(self, some: list[Deed]) -> None:
        for deed in some:
            self._does(deed)

    @rule(some=several(*PACKING, "bags", "seal"))
    def packs(self, some: list[Deed]) -> None:
        for deed in some:
            self._does(deed)

    @rule(some=several(*ENDS))
    def ends(self, some: list[Deed]) -> None:
        for deed in some:
            self._does(deed)

    @rule(who=st.sampled_from((0, 0, 0, 1)), order=st.integers(0, 2), steps=st.integers(1, 3))
    def works(self, who: int, order: int, steps: int) -> None:
        """Somebody does what comes next, as a picker with experience would."""
        for _ in range(steps):
            deed = self._next(who, order)
            if deed is None:
                return
            self._does(deed)

    def _next(self, who: int, nth: int) -> Deed | None:
        order = self.floor.order(Deed(who, nth, ""))
        if order is None:
            return None
        lines = self.floor.scene(order).lines
        held = [j for j in self.floor.seen.by_order("jobs")[order["id"]] if j["at_work"]]
        if order["state"] in ("accepted", "picking") and not held:
            return Deed(who, nth, "claim")
        scene = self.floor.scene(order)
        for n in range(len(lines) if order["state"] == "picking" else 0):
            line = scene.line(Deed(who, nth, "", n))
            if line is not None and line["state"] == "proposed":
                return Deed(who, nth, "decide", n)
            if line is not None and line["state"] == "todo":
                return Deed(
                    who, nth, "pick", n, 0 if line["unit_grams"] else line["requested_pieces"]
                )
        verbs = {"accepted": "start", "picking": "complete", "picked": "ready", "ready": "handover"}
        verb = verbs.get(order["state"])
        return Deed(who, nth, verb) if verb else None

    @rule(who=st.integers(0, 3), zone=st.sampled_from(("", "Свежее")))
    def takes_next(self, who: int, zone: str) -> None:
        self._sends(self.floor.plain(who, f"orders/next?zone={zone}"))

    @rule(who=st.integers(0, 3), count=st.sampled_from((1, 2, 3)), named=st.booleans())
    def opens_a_run(self, *, who: int, count: int, named: bool) -> None:
        ids = [str(order["id"]) for order in self.floor.seen.orders][-count:]
        self._sends(
            self.floor.plain(who, "runs", {"order_ids": ids} if named else {"count": count})
        )

    @rule(deed=deeds("scan"), ends=st.booleans())
    def goes_on_with_a_run(self, *, deed: Deed, ends: bool) -> None:
        runs, order = self.floor.seen.tables["runs"], self.floor.order(deed)
        if not runs:
            return
        run, body_ = runs[-1], {} if ends or order is None else self.floor.ask(deed, order).body
        body_.pop("line_id", None)
        self._sends(self.floor.plain(deed.who, f"runs/{run['id']}/{'finish' if ends else 'scan'}",
                                     body_))  # fmt: skip

    # -- other ways in, repeats, races

    @rule(first=deeds("pick", "weigh", "short", "drop", "scan", "postpone", "bags", "seal"),
          more=st.lists(deeds("pick", "weigh", "drop", "scan"), max_size=3))  # fmt: skip
    def sends_what_was_done_offline(self, first: Deed, more: list[Deed]) -> None:
        order = self.floor.order(first)
        if order is not None:
            asked = self.floor.as_batch(order, [*more, first])
            self._sends(asked)
            before = self.floor.seen
            self._sends(asked)
            assert {**before.tables, "timeline": 0}.keys() == self.floor.seen.tables.keys()

    @rule(deed=deeds(*EVERY))
    def calls_as_the_original(self, deed: Deed) -> None:
        order = self.floor.order(deed)
        if order is not None:
            self._sends(self.floor.as_call(order, deed))

    @rule(nth=st.integers(0, 9))
    def repeats(self, nth: int) -> None:
        if not self.floor.kept:
            return
        asked, _ = list(self.floor.kept.values())[-1 - nth % len(self.floor.kept)]
        before = self.floor.seen
        self._sends(asked)
        assert self.floor.seen.tables == before.tables, f"a repeat did something: {asked}"

    @rule(one=deeds(*EVERY), other=deeds(*EVERY), same=st.booleans())
    def both_at_once(self, *, one: Deed, other: Deed, same: bool) -> None:
        order, another = self.floor.order(one), self.floor.order(other)
        if order is None or another is None:
            return
        first = self.floor.ask(one, order)
        self._sends(first, first if same else self.floor.ask(other, another))

    def _does(self, deed: Deed, *, age: int = 0) -> None:
        order = self.floor.order(deed)
        if order is not None:
            self._sends(self.floor.ask(deed, order, age=age))

    def _sends(self, *asked: Asked) -> None:
        api = self.floor.world.api
        before, got = self.theatre.do(self.floor.run(*(each.send(api) for each in asked)))
        laws.check(before, self.floor.seen, self.rules_)
        answers.check(self.floor, before, list(asked), got)

    def _passes(self, work: Any) -> None:
        before, _ = self.theatre.do(self.floor.run(work))
        laws.check(before, self.floor.seen, self.rules_)
