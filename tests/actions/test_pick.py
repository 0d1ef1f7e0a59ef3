"""What a claim and its lease go through."""

import asyncio

import pytest

from tests.factories import BREAD, Handheld, settle
from tests.stories import make_ready, place


async def lease(hub):
    async with hub.pools.picking.acquire() as conn:
        return tuple(await conn.fetchrow("SELECT state, lease_until FROM pick_job"))


async def test_asking_what_a_code_means_has_no_effect_at_all(api, hub):
    await place(api, hub, "H1", {**BREAD, "id": "100201"})
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    code = handheld.line("100201")["barcodes"][0]
    before = await lease(hub), handheld.order
    result = await handheld.do("scan", raw=code, apply=False)
    said = {"outcome": "MATCHED", "line_id": handheld.line("100201")["id"], "pieces": 1}
    assert result["scan"].items() >= said.items()
    assert (await lease(hub), handheld.order) == before
    async with hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM scan") == 0


async def test_an_unknown_code_is_kept_and_changes_nothing(api, hub):
    await place(api, hub)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    before, until = handheld.order, await lease(hub)
    result = await handheld.do("scan", raw="what is this")
    assert result["scan"]["outcome"] == "UNKNOWN_CODE"
    assert await lease(hub) > until  # a write like any other: its picker is at work
    assert {**handheld.order, "lease_until": 0, "zones": 0} == {
        **before, "lease_until": 0, "zones": 0,
    }  # fmt: skip
    async with hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT outcome FROM scan") == "UNKNOWN_CODE"


@pytest.mark.parametrize("verb", ["release", "start", "ready", "complete"])
async def test_an_order_that_is_ready_is_out_of_the_pickers_hands(api, hub, verb):
    await place(api, hub)
    handheld = await make_ready(api, hub)
    body = {"reason": "late"} if verb == "release" else {}
    answer = await handheld.ask(verb, **body)
    assert (answer.status_code, answer.json()["code"]) == (409, "ILLEGAL_TRANSITION")


async def test_pickers_do_not_wait_while_hooks_hold_every_connection_of_theirs(api, hub, dsn):
    from dataclasses import replace

    from app.db.accounts import AccountBook
    from app.db.conn import pool as open_pool
    from tests.conftest import SEAL

    await place(api, hub)
    async with open_pool(dsn, 1, name="hooks") as hooks, hooks.acquire():
        crowded = replace(hub, accounts=AccountBook(hooks, SEAL))
        from app.actions.pick import take_next
        from app.actions.sign_in import SignIn, sign_in, who
        from app.actions.verbs.order import Claim
        from app.actions.write import Request

        session = await sign_in(crowded, SignIn("1001", "4711", "", ""))
        picker = await who(crowded, session.token)
        asked = Request(picker, "claim", Claim(), "key", b"hash", None, "t", str)
        answer = await asyncio.wait_for(take_next(crowded, asked), 60)
    assert answer.status == 200


async def test_scanned_pieces_and_weight_labels_add_up_and_close_their_lines(api, hub):
    from app.domain.barcode import check_digit

    bananas = {"id": "200101", "name": "Бананы", "quantity": 1, "price": "129.90", "weight": "1000"}
    await place(api, hub, "H1", {**BREAD, "id": "100201"}, bananas)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    for _ in range(3):
        await handheld.do("scan", raw=handheld.line("100201")["barcodes"][0])
    assert handheld.line("100201")["state"] == "picked"
    again = await handheld.do("scan", raw=handheld.line("100201")["barcodes"][0])
    assert again["scan"]["outcome"] == "ALREADY_DONE"
    for grams, state in ((480, "todo"), (530, "picked")):
        label = f"2100101{grams:05d}"
        await handheld.do("scan", raw=f"{label}{check_digit(label)}")
        assert handheld.line("200101")["state"] == state
    assert handheld.line("200101")["picked"]["grams"] == 1010


async def test_an_empty_shelf_calls_the_order_off_and_tells_the_marketplace(api, hub):
    import json

    await place(api, hub)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await settle(hub)
    for line in list(handheld.order["lines"]):
        await handheld.do("drop", line=line["sku"], reason="shelf is empty")
    result = await handheld.do("complete")
    assert result["order"]["state"] == "cancelled"
    assert await handheld.next() is None
    await settle(hub)
    told = [json.loads(m.body)["event"]["type"] for m in hub.marketplaces["kuper"].sent]
    assert told == ["order.in_work", "order.canceled"]
