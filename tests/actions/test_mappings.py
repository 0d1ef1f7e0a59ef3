"""Words nobody explained wait, by name, and go on by themselves, in order, once somebody does."""

import asyncio
import json
from datetime import UTC, datetime

import msgspec
import pytest

from app.actions import accounts, await_words, setup
from app.actions import mappings as acting
from app.actions.compare_listed import in_our_words
from app.actions.drain import drain
from app.actions.process import process
from app.contract import Delivery, Listed
from app.db import mappings
from app.db.queue import Queue
from app.domain.events import Paid
from app.domain.refusals import Refused
from app.errors import SettingsInvalid, Unmapped
from tests.actions.test_accounts import committed
from tests.conftest import DEMO, SEAL, RecordingKuper, api_of, quick
from tests.factories import BANANAS, BREAD, Handheld, news, placed, settle
from tests.stories import hook

#: Goods the catalogue knows.
LOAF = {**BREAD, "id": "100201"}
THEIRS = {**LOAF, "id": "offer-7"}
APPLES = {**BANANAS, "id": "200102", "name": "Яблоки"}


def put(hub, kind, who="duty", **said):
    words = {name.replace("_", "-"): ours for name, ours in said.items()}
    return committed(hub, lambda conn: acting.put(
        conn, hub.marketplaces, "sm-demo", kind, words, who=who))  # fmt: skip


async def rows(hub, sql, *values):
    return await committed(hub, lambda conn: conn.fetch(sql, *values))


async def waiting(hub):
    found = await committed(hub, lambda conn: mappings.unmapped(conn, None, 100))
    return [(row["kind"], row["theirs"], row["waiting"], row["example"]) for row in found]


async def states(hub):
    found = await rows(hub, "SELECT state, reason FROM inbox ORDER BY seq")
    return [tuple(row) for row in found]


async def orders(hub):
    found = await rows(hub, "SELECT number, state FROM orders ORDER BY number")
    return {row["number"]: row["state"] for row in found}


async def rule(hub, **rules):
    await committed(hub, lambda conn: accounts.change(
        conn, SEAL, hub.marketplaces, "sm-demo", who="duty", rules=rules))  # fmt: skip
    hub.accounts.forget(await hub.accounts.by_code("sm-demo"))


async def test_an_order_for_an_unknown_store_waits_by_name_and_goes_on_once_it_is_mapped(hub, api):
    for number in ("H1", "H2"):
        await hook(api, placed(number, storeID="999"))
    await settle(hub)
    assert await waiting(hub) == [("store", "999", 2, "H1")]
    assert await states(hub) == [("parked", "unmapped")] * 2
    assert await put(hub, "store", **{"999": "MSK-07"}) == 2
    assert await waiting(hub) == []
    await settle(hub)
    assert await orders(hub) == {"H1": "accepted", "H2": "accepted"}


async def test_waiting_uses_up_no_attempt_however_often_it_is_looked_at(hub, api):
    await hook(api, placed("H1", storeID="999"))
    for _ in range(15):
        await settle(hub)
        await rows(hub, "UPDATE inbox SET due_at = now()")
    (row,) = await rows(hub, "SELECT state, attempts FROM inbox")
    assert tuple(row) == ("parked", 0)
    assert len(await waiting(hub)) == 1


async def test_what_came_after_it_for_the_same_order_follows_it_in_order(hub, api):
    await hook(api, placed("H1", storeID="999"))
    for event in ("order.paid", "order.received", "order.delivered"):
        await hook(api, news(event))
    await settle(hub)
    assert await orders(hub) == {}
    await put(hub, "store", **{"999": "MSK-07"})
    await settle(hub)
    assert await orders(hub) == {"H1": "delivered"}
    told = await rows(hub, "SELECT detail FROM timeline WHERE kind = 'delivery' ORDER BY id")
    assert [row["detail"]["event"] for row in told] == [
        "order.created", "order.paid", "order.received", "order.delivered"]  # fmt: skip


async def test_a_cancellation_is_not_held_up_by_a_change_that_nobody_understands(hub, api):
    await rule(hub, goods="mapped")
    await put(hub, "goods", offer_7=LOAF["id"])
    await hook(api, placed("H1", THEIRS))
    await hook(api, placed("H1", {**APPLES, "id": "offer-8"}, event="order.changed"))
    await hook(api, news("order.canceled"))
    await settle(hub)
    assert await orders(hub) == {"H1": "cancelled"}
    await put(hub, "goods", offer_8=APPLES["id"])
    await settle(hub)
    assert await orders(hub) == {"H1": "cancelled"}
    assert {state for state, _ in await states(hub)} == {"done"}


async def test_a_later_change_waits_behind_the_one_that_nobody_understands(hub, api):
    """Or the older composition would win in the end."""
    await rule(hub, goods="mapped")
    await put(hub, "goods", offer_7=LOAF["id"], offer_9=BANANAS["id"])
    await hook(api, placed("H1", THEIRS))
    await hook(api, placed("H1", {**APPLES, "id": "offer-8"}, event="order.changed"))
    await hook(api, placed("H1", {**BANANAS, "id": "offer-9"}, event="order.changed"))
    await settle(hub)
    assert [state for state, _ in await states(hub)] == ["done", "parked", "parked"]
    assert await put(hub, "goods", offer_8=APPLES["id"]) == 2
    await settle(hub)
    found = await rows(hub, "SELECT external_id FROM order_line WHERE reason IS NULL")
    assert [row["external_id"] for row in found] == [BANANAS["id"]]


async def test_all_goods_of_an_order_are_asked_for_at_once_and_it_waits_for_the_last(hub, api):
    await rule(hub, goods="mapped")
    await hook(api, placed("H1", THEIRS, {**APPLES, "id": "offer-8"}))
    await settle(hub)
    assert [word[1] for word in await waiting(hub)] == ["offer-7", "offer-8"]
    assert await put(hub, "goods", offer_7=LOAF["id"]) == 0
    assert await put(hub, "goods", offer_8=APPLES["id"]) == 1
    await settle(hub)
    assert await orders(hub) == {"H1": "accepted"}


async def test_goods_are_picked_as_ours_and_told_as_theirs(hub, api):
    await put(hub, "goods", offer_7=LOAF["id"])
    await hook(api, placed("H1", THEIRS))
    await settle(hub)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await handheld.do("pick", line=LOAF["id"], quantity=3)
    await handheld.do("complete")
    await handheld.do("ready")
    await settle(hub)
    ready = json.loads(hub.marketplaces["kuper"].sent[-1].body)
    (position,) = ready["event"]["payload"]["order"]["positions"]
    assert (position["id"], position["quantity"]) == ("offer-7", 3)


async def test_without_the_rule_their_id_is_our_sku_unless_somebody_said_otherwise(hub, api):
    await put(hub, "goods", offer_7=LOAF["id"])
    await hook(api, placed("H1", THEIRS, BANANAS))
    await settle(hub)
    found = await rows(hub, "SELECT external_id, ref, barcodes FROM order_line ORDER BY position")
    assert [tuple(row)[:2] for row in found] == [(LOAF["id"], "offer-7"), (BANANAS["id"], None)]
    assert found[0]["barcodes"]


class Asking(RecordingKuper):
    """Understands only what a person explained to it, and only some of that."""

    def parse(self, account, delivery: Delivery, at):
        del at
        word = json.loads(delivery.body)["word"]
        if account.codes.get("unit", {}).get(word) != "piece":
            raise Unmapped("unit", word)
        return (Paid(),)


def asking(hub):
    return quick(hub, marketplaces={"kuper": Asking()})


async def ask(hub, word):
    """A delivery that says a word, and its order, which is there."""
    body = json.dumps({"event_type": "order.paid", "payload": {"originalOrderId": "H1"},
                       "word": word}).encode()  # fmt: skip
    await rows(hub, "UPDATE inbox_delivery SET body = $1 WHERE event = 'order.paid'", body)


async def test_an_adapters_own_word_is_explained_and_it_goes_on_although_workers_remember(hub, api):
    await hook(api, placed("H1"))
    await settle(hub)
    await hook(api, news("order.paid"))
    await ask(hub, "KGM")
    worker = asking(hub)
    await worker.accounts.by_code("sm-demo")
    await settle(worker)
    assert await waiting(hub) == [("unit", "KGM", 1, "H1")]
    await put(hub, "unit", KGM="piece")
    await settle(worker)  # its book is seconds old: it notices, and asks again
    await asyncio.sleep(2 * await_words.SOON)
    await settle(worker)
    assert [state for state, _ in await states(hub)] == ["done", "done"]


async def test_an_explanation_the_adapter_does_not_understand_keeps_it_waiting_and_not_busy(
    hub, api
):
    await hook(api, placed("H1"))
    await settle(hub)
    await hook(api, news("order.paid"))
    await ask(hub, "KGM")
    worker = asking(hub)
    await put(hub, "unit", KGM="pound")
    for _ in range(5):
        await settle(worker)
        await asyncio.sleep(await_words.SOON)
    assert (await states(hub))[-1] == ("parked", "unmapped")
    assert await waiting(hub) == [("unit", "KGM", 1, "H1")]
    assert await put(hub, "unit", KGM="piece") == 1


class AskingTwice(RecordingKuper):
    """Asks about two words at once."""

    def parse(self, account, delivery: Delivery, at):
        del delivery, at
        known = account.codes.get("unit", {})
        unknown = [word for word in ("KGM", "LTR") if word not in known]
        if unknown:
            raise Unmapped("unit", *unknown)
        return (Paid(),)


async def test_a_word_explained_while_a_worker_gives_up_holds_nothing_up_that_waits_for_another(
    hub, api
):
    await hook(api, placed("H1"))
    await settle(hub)
    await hook(api, news("order.paid"))
    worker = quick(hub, marketplaces={"kuper": AskingTwice()})
    await worker.accounts.by_code("sm-demo")  # it remembers that nobody has said anything
    await put(hub, "unit", KGM="piece")
    await settle(worker)
    assert await waiting(hub) == [("unit", "LTR", 1, "H1")]
    assert await put(hub, "unit", LTR="piece") == 1
    await settle(worker)
    await asyncio.sleep(2 * await_words.SOON)
    await settle(worker)
    assert [state for state, _ in await states(hub)] == ["done", "done"]


async def test_whoever_explains_while_a_worker_gives_up_is_heard(hub, api):
    """A hundred times at once: never is a row parked that nobody will wake."""
    for n in range(30):
        await hook(api, placed(f"H{n}", storeID=f"s{n}"))
    explained = asyncio.Event()

    async def explain():
        for n in range(30):
            await put(hub, "store", **{f"s{n}": "MSK-07"})
        explained.set()

    async def work():
        while not explained.is_set():
            await drain(hub, Queue.INBOX, process, asyncio.Event())

    await asyncio.gather(explain(), work(), work())
    async with asyncio.timeout(60):
        while {state for state, _ in await states(hub)} != {"done"}:
            await settle(hub)
            await asyncio.sleep(await_words.SOON)  # what gave way comes again
    assert len(await orders(hub)) == 30
    assert await waiting(hub) == []


@pytest.mark.parametrize("word", ["x" * 201, "a\0b"])
async def test_a_word_nobody_could_say_anything_about_is_no_word(hub, api, word):
    await hook(api, placed("H1"))
    await settle(hub)
    await hook(api, news("order.paid"))
    await ask(hub, word)
    await settle(asking(hub))
    assert (await states(hub))[-1] == ("dead", "malformed")


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        ("store", {"1": "NOWHERE"}, "no store 'NOWHERE'"),
        ("goods", {"1": "nothing"}, "no goods 'nothing'"),
        ("status", {"1": "mood"}, "no status 'mood'"),
        ("Стор", {"1": "2"}, "no kind"),
        ("unit", {"": "piece"}, "1 to 200"),
        ("unit", {"1": " "}, "1 to 200"),
        ("unit", {"a\0": "piece"}, "NUL"),
        ("unit", {"1": "x" * 201}, "1 to 200"),
    ],
)
async def test_what_is_no_meaning_is_named_and_nothing_is_said(hub, kind, said, expected):
    with pytest.raises(SettingsInvalid, match=expected):
        await put(hub, kind, **said)
    assert await rows(hub, "SELECT FROM account_mapping") == []


async def test_a_meaning_is_taken_back_once(hub):
    await put(hub, "goods", offer_7=LOAF["id"])

    def take():
        return committed(
            hub, lambda conn: acting.remove(conn, "sm-demo", "goods", "offer-7", "duty")
        )

    await take()
    with pytest.raises(Refused, match="MAPPING_NOT_FOUND"):
        await take()


async def test_what_waited_for_a_word_and_ended_otherwise_waits_no_more(hub, api):
    await hook(api, placed("H1", storeID="999"))
    await settle(hub)
    await committed(hub, lambda conn: accounts.remove(conn, "sm-demo", 1, "duty"))
    await committed(hub, accounts.sweep)
    assert await waiting(hub) == []


async def test_what_a_marketplace_lists_is_compared_in_our_words(hub):
    """Or every order of mapped goods would be said to differ."""
    await put(hub, "goods", offer_7=LOAF["id"], offer_8=LOAF["id"])
    account = await hub.accounts.by_code("sm-demo")

    def listed(ref, **lines):
        named = {name.replace("_", "-"): amount for name, amount in lines.items()}
        return Listed(ref, None, datetime(2026, 1, 1, tzinfo=UTC), b"{}", lines=named or None)

    given = [listed("H1", offer_7=2, offer_8=1, unknown=5), listed("H2")]
    orders = await committed(hub, lambda conn: in_our_words(conn, account, given))
    assert [one.theirs.lines for one in orders] == [{LOAF["id"]: 3, "unknown": 5}, None]


async def test_setting_up_again_with_the_store_lets_go_on_what_waited(hub, api):
    await hook(api, placed("H1", storeID="999"))
    await settle(hub)
    (demo, *others) = DEMO.accounts
    more = msgspec.structs.replace(demo, stores={**demo.stores, "999": "MSK-07"})
    what = msgspec.structs.replace(DEMO, accounts=[more, *others])
    async with hub.pools.drains.acquire() as conn:
        await setup.set_up(conn, SEAL, hub.marketplaces, what)
    await settle(hub)
    assert await orders(hub) == {"H1": "accepted"}


class Suggesting(RecordingKuper):
    """Names goods for what is missing, in its own words."""

    async def suggest(self, account, order, line):
        del account, order
        self.asked = line.external_id
        return ["offer-8", "unheard-of"]


async def test_a_marketplace_is_asked_for_other_goods_in_its_words_and_understood_in_ours(hub, api):
    await put(hub, "goods", offer_7=LOAF["id"], offer_8=APPLES["id"])
    await hook(api, placed("H1", THEIRS))
    await settle(hub)
    marketplace = Suggesting()
    worker = quick(hub, marketplaces={"kuper": marketplace})
    async with api_of(worker) as other:
        handheld = await Handheld(other).sign_in()
        await handheld.next()
        await handheld.do("start")
        line = handheld.line(LOAF["id"])["id"]
        here = f"/picker/v1/orders/{handheld.order['id']}/lines/{line}/substitutes"
        found = (await handheld.get(here)).json()
    assert marketplace.asked == "offer-7"
    assert APPLES["id"] in json.dumps(found)
    assert "offer-8" not in json.dumps(found)
