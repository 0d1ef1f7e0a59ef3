"""Replacements on their way to the marketplace, to the books, and back from it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from app.actions.answers import expire
from app.actions.issue import issue
from app.contract import AMENDED
from app.domain.replacement_events import ReplacementAnswered
from scheduler.jobs import duties
from tests.actions.test_issue import read_all
from tests.conftest import RecordingKuper, quick
from tests.factories import BANANAS, BREAD, Handheld, news, placed, settle
from tests.stories import hook, place

LOAF, TEA = "100202", "100301"


async def picking(api, hub, policy="replace") -> Handheld:
    await place(api, hub, "H1", BREAD, BANANAS, replacementPolicy=policy)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    return handheld


def goods(*items):
    return {"items": [{"sku": sku, "quantity": n} for sku, n in items], "reason": "not_found"}


async def test_a_sale_is_of_what_stands_for_a_line_with_its_own_price_and_tax(api, hub):
    handheld = await picking(api, hub)
    await handheld.do("replace", line="300901", **goods((LOAF, 2)))
    await handheld.do("replace", line="200101", **goods((TEA, 1)))
    await handheld.do("withdraw", line="200101")
    await handheld.do("weigh", line="200101", grams=1000)
    await handheld.do("complete")
    await handheld.do("ready", bags=1)
    await settle(hub)
    for event in ("order.received", "order.delivered"):
        await hook(api, news(event, "H1"))
    await settle(hub)
    assert await issue(hub) == 1
    (document,) = await read_all(hub)
    assert [line["sku"] for line in document["lines"]] == ["200101", LOAF]
    loaf = document["lines"][1]
    assert (loaf["name"], loaf["total"], loaf["vat"]["percent"]) == (
        "Батон нарезной, 380 г", "99.80", 10,
    )  # fmt: skip
    assert document["total"] == "229.70"


async def test_the_marketplace_is_told_once_and_at_the_end(api, hub):
    handheld = await picking(api, hub)
    await handheld.do("replace", line="300901", **goods((LOAF, 2), (TEA, 1)))
    assert handheld.line("300901")["state"] == "proposed"  # dearer than what was agreed
    await handheld.do("decide", line="300901", approved=True)
    await handheld.do("weigh", line="200101", grams=1000)
    await settle(hub)
    kuper = hub.marketplaces["kuper"]
    assert [m.kind for m in kuper.sent] == ["in_work"]
    await handheld.do("complete")
    await handheld.do("ready", bags=1)
    await settle(hub)
    assert [m.kind for m in kuper.sent] == ["in_work", "ready"]
    order = json.loads(kuper.sent[-1].body)["event"]["payload"]["order"]
    assert order["changed"] is True
    assert order["positions"] == [
        {"id": "300901", "quantity": 3, "replacedByID": LOAF},
        {"id": "200101", "quantity": 1, "weight": "1000"},
        {"id": LOAF, "quantity": 2},
        {"id": TEA, "quantity": 1, "additionalItemForReplacementId": LOAF},
    ]


class Eager(RecordingKuper):
    """A marketplace that wants every outcome as it comes, and tells the customer's answer."""

    def tells(self, account):
        return super().tells(account) | {AMENDED}

    def compose(self, account, kind, order):
        if kind != AMENDED:
            return super().compose(account, kind, order)
        return json.dumps({line.external_id: line.state for line in order.wanted()}).encode()

    def parse(self, account, delivery, at):
        if b"replacement.answered" in delivery.body:
            said = json.loads(delivery.body)["payload"]
            return [ReplacementAnswered(said["sku"], said["approved"])]
        return super().parse(account, delivery, at)


@pytest.fixture
def hub(hub):
    """The same hub; its marketplace can be eager."""
    return quick(hub, marketplaces={"kuper": hub.marketplaces["kuper"]})


async def test_who_wants_outcomes_at_once_gets_them_together_and_never_an_old_one(api, hub):
    eager = Eager()
    hub.marketplaces["kuper"] = eager
    handheld = await picking(api, hub)
    await settle(hub)
    await handheld.do("pick", line="300901", quantity=1)
    await handheld.do("pick", line="300901", quantity=3)
    await handheld.do("weigh", line="200101", grams=900)
    await settle(hub)
    amended = [m for m in eager.sent if m.kind == AMENDED]
    assert [json.loads(m.body) for m in amended] == [{"300901": "picked", "200101": "picked"}]
    await handheld.do("weigh", line="200101", grams=900)
    await settle(hub)
    assert len([m for m in eager.sent if m.kind == AMENDED]) == 1


@pytest.mark.parametrize(("approved", "becomes"), [(True, "replaced"), (False, "todo")])
async def test_a_marketplace_may_bring_the_customer_s_answer(api, hub, approved, becomes):
    hub.marketplaces["kuper"] = Eager()
    handheld = await picking(api, hub, "call_or_remove")
    await handheld.do("replace", line="300901", **goods((LOAF, 2)))
    said = news("replacement.answered", "H1", sku="300901", approved=approved)
    for _ in range(2):  # the second one is old news
        await hook(api, said)
        await settle(hub)
        said += b" "
    await handheld.reread()
    assert handheld.line("300901")["state"] == becomes


async def test_a_customer_who_changes_the_order_while_asked_takes_the_question_back(api, hub):
    handheld = await picking(api, hub, "call_or_remove")
    await handheld.do("replace", line="300901", **goods((LOAF, 2)))
    await hook(api, placed("H1", BANANAS, {**BREAD, "id": LOAF}, event="order.changed"))
    await settle(hub)
    await handheld.reread()
    lines = sorted(handheld.order["lines"], key=lambda line: line["position"])
    states = [(x["sku"], x["state"], x["reason"]) for x in lines]
    assert states == [
        ("300901", "dropped", "removed_by_customer"), ("200101", "todo", None),
        (LOAF, "dropped", "withdrawn"), (LOAF, "todo", None),
    ]  # fmt: skip
    later = quick(hub, clock=lambda: datetime.now(UTC) + timedelta(hours=1))
    assert await expire(later) == 0


async def test_the_scheduler_looks_for_unanswered_questions_every_few_seconds(hub):
    (duty,) = [duty for duty in duties((), 3600, asyncio.Event()) if duty.name == "answers"]
    assert duty.every <= 10
    assert await duty.run(hub) == "0 decided"


class Broken(RecordingKuper):
    """An adapter with a bug that shows with one account's first order only."""

    def __init__(self):
        super().__init__()
        self.asked = 0

    def tells(self, account):
        self.asked += 1
        if self.asked == 1:
            raise KeyError("adapter")
        return super().tells(account)


async def test_one_order_that_cannot_be_decided_does_not_keep_the_others_waiting(api, hub):
    for external_id, *hands in (("H1", "1001", "4711"), ("H2", "1002", "4712")):
        await place(api, hub, external_id, BREAD, BANANAS, replacementPolicy="call_or_remove")
        handheld = await Handheld(api).sign_in(*hands)
        await handheld.next()
        await handheld.do("start")
        await handheld.do("replace", line="300901", **goods((LOAF, 2)))
    later = quick(hub, clock=lambda: datetime.now(UTC) + timedelta(hours=1))
    later.marketplaces["kuper"] = Broken()
    assert await expire(later) == 1
    assert await expire(later) == 1
    assert await expire(later) == 0
