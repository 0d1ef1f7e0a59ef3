"""The rest of a day in the shop, each request once: packing, paper, runs, help, other ways in."""

from __future__ import annotations

import base64

from app.actions.facade import token_hash
from tests.conftest import CREDENTIALS
from tests.factories import BANANAS, BREAD, settle
from tests.http.delivered import DOCUMENTS, ask, delivered, some
from tests.http.papers import form_of
from tests.http.picking import (
    BREAD_ID,
    claimed,
    device,
    finish,
    free_hands,
    looking_at,
    order,
    picking,
    tell,
)
from tests.http.test_packing import a_place, codes, packed
from tests.http.ways.accounts import ACCOUNTS, a_new_one
from tests.http.ways.erp import ERP_TOKEN, an_erp_s_document
from tests.http.ways.integrators import A_SYSTEM, SUBSCRIPTIONS, an_event
from tests.http.ways.monitoring import DUTY, INCIDENTS, an_incident
from tests.http.ways.people import supervisor
from tests.http.ways.settlements import REPORTS, a_report
from tests.issued import a_sale

CLIENT = "the application of the whole day"
OVERVIEWS = ("mutes", "banner")


async def pack(world):
    """Bags, labels and lists, until the courier has them."""
    handheld = await packed(world, "ambient", "chilled")
    here = f"/picker/v1/orders/{handheld.order['id']}"
    for bag in handheld.order["bags"]:
        for wanted in ("zpl", "pdf", "png"):
            answer = await handheld.get(f"{here}/bags/{bag['id']}/label?format={wanted}")
            assert answer.status_code == 200
    assert (await handheld.get(f"{here}/picking-list")).status_code == 200
    await handheld.do("void", bag_id=handheld.order["bags"][1]["id"])
    await handheld.do("reopen")
    await handheld.do("complete")
    await handheld.do("stage", location_code=await a_place(world), bag_codes=codes(handheld)[:1])
    await handheld.do("ready")
    check = await handheld.post(f"{here}/handover/check", {"bag_codes": codes(handheld)[:1]})
    assert check.json()["possible"]
    await handheld.do("handover", bag_codes=codes(handheld)[:1])


async def call_off(world):
    """A cancelled order goes back to its shelves."""
    handheld = await finish(await picking(world, BREAD))
    await tell(world, "order.canceled", handheld.order["number"])
    assert (await handheld.get("/picker/v1/putbacks")).json()["orders"]
    await handheld.reread()
    await handheld.do("putback")


async def change_hands(world):
    """One pauses, another takes over and calls for help."""
    holder = await picking(world, BREAD, BANANAS)
    await holder.do("postpone", line=BREAD_ID)
    await holder.do("pause")
    await holder.do("resume")
    await free_hands(world, "1002")
    colleague = await looking_at(world, holder.order["number"], "1002")
    await colleague.do("takeover", confirm=True)
    await colleague.post("/picker/v1/problems", {"text": "Где хлеб?"})
    boss = await supervisor(world)
    calls = (await boss.get("/picker/v1/problems")).json()["problems"]
    await boss.post(f"/picker/v1/problems/{calls[0]['id']}/close")
    await colleague.do("release", reason="break")


async def run(world):
    """Two orders at once, and a third one from paper."""
    numbers = [await order(world, BREAD), await order(world, BREAD)]
    ids = [
        str(await world.value("SELECT id FROM orders WHERE number = $1", number))
        for number in numbers
    ]
    await free_hands(world)
    handheld = await device(world)
    opened = (await handheld.post("/picker/v1/runs", {"order_ids": ids})).json()
    here = f"/picker/v1/runs/{opened['id']}"
    assert (await handheld.get("/picker/v1/runs")).json()["runs"]
    assert (await handheld.get(here)).status_code == 200
    sheet = {"lines": [{"position": 1, "quantity": 3}]}
    for id_ in ids:
        handheld.order = (await handheld.get(f"/picker/v1/orders/{id_}")).json()
        await handheld.do("start")
        if id_ == ids[0]:
            await handheld.post(f"{here}/scan", {"raw": "4690003009011"})
            await handheld.reread()
        await handheld.do("result", **sheet)
        await handheld.do("ready")
    assert (await handheld.post(f"{here}/finish")).status_code == 200


async def come_another_way(world):
    """Offline, as the original's application, and as an operator's program."""
    handheld = await picking(world, BREAD)
    done = {"op_id": handheld.order["id"], "order_id": handheld.order["id"], "type": "pick",
            "line_id": handheld.line(BREAD_ID)["id"], "payload": {"quantity": 3},
            "base_version": handheld.order["version"]}  # fmt: skip
    assert (await handheld.post("/picker/v1/ops:batch", {"operations": [done]})).status_code == 200
    await world.value(
        "INSERT INTO api_client (id, merchant_id, name, token_hash)"
        " SELECT gen_random_uuid(), id, 'whole day', $1 FROM merchant",
        token_hash(CLIENT),
    )
    asked = {"requestData": {"employee": "1001", "orderId": handheld.order["number"]}}
    for method, token in (("getOrder", CLIENT), ("startOrder", CLIENT), ("getOrder", "no")):
        await world.api.post(
            f"/sbermarket/orders/api/{method}", json=asked, headers={"Client-Token": token}
        )
    duty = CREDENTIALS["operators"][0]
    login = base64.b64encode(f"{duty['login']}:{duty['password']}".encode()).decode()
    headers = {"Authorization": f"Basic {login}"}
    goods = b"sku;name;vat;price\n900;Bread;reduced;64,90\n"
    await world.api.post("/catalogue/v1/products?dry_run=1", content=goods, headers=headers)
    await world.api.get("/catalogue/v1/unmapped", headers=headers)
    for written in ("json", "csv"):
        report = f"/reports/v1/orders?by=store&format={written}"
        assert (await world.api.get(report, headers=headers)).status_code == 200


async def watch_over(world):
    """A duty officer's morning: an incident is looked at, taken, given back and muted."""
    id_ = await an_incident(world)
    here = f"{INCIDENTS}/{id_}"
    for read in (f"{INCIDENTS}?hours=24", here, *(f"/monitoring/v1/{of}" for of in OVERVIEWS)):
        assert (await world.api.get(read, auth=DUTY)).status_code == 200
    for act in ("acknowledge", "unacknowledge"):
        assert (await world.api.post(f"{here}/{act}", json={}, auth=DUTY)).status_code == 200
    silence = {"minutes": 5, "reason": "they know"}
    assert (await world.api.post(f"{here}/mute", json=silence, auth=DUTY)).status_code == 200
    mutes = (await world.api.get("/monitoring/v1/mutes", auth=DUTY)).json()["mutes"]
    await world.api.post(f"/monitoring/v1/mutes/{mutes[0]['id']}/end", auth=DUTY)


async def keep_books(world):
    """An accountant's day: the register, the VAT book, a marketplace's report."""
    for asked in ("documents", "documents?format=csv", "vat", "vat?format=xlsx"):
        assert (await world.api.get(f"/reports/v1/{asked}", auth=DUTY)).status_code == 200
    taken = (await a_report(world)).json()["settlement"]["id"]
    for asked in ("", f"/{taken}", f"/{taken}?format=pdf"):
        assert (await world.api.get(f"{REPORTS}{asked}", auth=DUTY)).status_code == 200
    said = {"reason": "we know"}
    await world.api.post(f"{REPORTS}/{taken}/accept", json=said, auth=DUTY)
    assert (await world.api.delete(f"{REPORTS}/{taken}", auth=DUTY)).status_code == 200


async def sell_otherwise(world):
    """Goods come back, and a price was another one."""
    number = await delivered(world, BREAD)
    assert (await ask(world, number, "returns", some(BREAD_ID, quantity=1))).status_code == 200
    assert (await ask(world, number, "corrections", some(BREAD_ID, price=1))).status_code == 200
    assert (await world.api.get(f"{DOCUMENTS}/{number}", auth=DUTY)).status_code == 200


async def file_papers(world):
    """A document as a file: a person is led to it, a program is told where it is."""
    id_ = await a_sale(world.hub)
    for accept, status in (("*/*", 303), ("application/json", 200)):
        told = await world.api.get(form_of(id_), auth=DUTY, headers={"Accept": accept})
        assert told.status_code == status
    assert (await world.api.get(told.json()["url"])).status_code == 200


async def feed_an_erp(world):
    """An ERP fetches a document and tells its number; then it is brought once more."""
    id_ = str(await an_erp_s_document(world))
    erp = {"Authorization": f"Bearer {ERP_TOKEN}"}
    page = (await world.api.get("/erp/v1/documents?limit=100", headers=erp)).json()
    assert id_ in {each["id"] for each in page["documents"]}
    assert (await world.api.get(f"/erp/v1/documents/{id_}/file", headers=erp)).status_code == 200
    said = {"documents": [{"id": id_, "number": "Д-1"}]}
    await world.api.post("/erp/v1/acknowledgements", json=said, headers=erp)
    here = f"/documents/v1/documents/{id_}"
    await world.api.post(f"{here}/resend", json={"reason": "lost there"}, auth=DUTY)
    told = (await world.api.get(f"{here}/deliveries", auth=DUTY)).json()["deliveries"]
    assert [each["cause"] for each in told] == ["issued", "resent"]


async def tell_own_systems(world):
    """A retailer's own system is told of an order, looked after and let go."""
    event = await an_event(world)
    here = f"{SUBSCRIPTIONS}/{A_SYSTEM['code']}"
    found = (await world.api.get(f"{here}/deliveries?state=waiting", auth=DUTY)).json()
    assert found["deliveries"][0]["id"] == event
    for deed, said in (("test", None), ("pause", None), ("resume", None), ("rotate", {})):
        answer = await world.api.post(f"{here}/{deed}", json=said, auth=DUTY)
        assert answer.status_code == 200, answer.text
    resent = await world.api.post(f"/integrators/v1/deliveries/{event}/resend", auth=DUTY)
    assert resent.json()["id"] == event, "it waits: it is hastened"
    for path in ("event-types", f"orders/{await world_order(world)}", "subscriptions"):
        assert (await world.api.get(f"/integrators/v1/{path}", auth=DUTY)).status_code == 200
    assert (await world.api.post(f"{here}/remove", auth=DUTY)).status_code == 200


async def world_order(world):
    """Some order."""
    async with world.hub.pools.drains.acquire() as conn:
        return await conn.fetchval("SELECT id FROM orders LIMIT 1")


async def do_it_again(world):
    """Finished work is counted, done again, looked at, and stopped."""
    for read in ("refused", "buried", "replays"):
        assert (await world.api.get(f"/monitoring/v1/{read}", auth=DUTY)).status_code == 200
    wish = {"queue": "inbox", "dry_run": False, "limit": 1}
    told = await world.api.post("/monitoring/v1/replays", json=wish, auth=DUTY)
    here = f"/monitoring/v1/replays/{told.json()['replay']['id']}"
    assert (await world.api.get(here, auth=DUTY)).json()["state"] == "done"
    assert (await world.api.post(f"{here}/cancel", auth=DUTY)).json()["state"] == "done"
    await settle(world.hub)


async def compare(world):
    """Orders are compared with the marketplace's, now; how that goes is looked at."""
    here = "/monitoring/v1/reconciliation"
    told = await world.api.post(f"{here}/accounts/sm-demo/now", json={}, auth=DUTY)
    assert told.json()["accounts"][0]["code"] == "sm-demo"
    for read in (here, f"{here}/mismatches", f"{here}/accounts/sm-demo/runs"):
        assert (await world.api.get(read, auth=DUTY)).status_code == 200


async def look_after_accounts(world):
    """A connection is put in place, tried, given a new key and words, and taken away again."""
    made = (await world.api.post(ACCOUNTS, json=a_new_one("whole-day"), auth=DUTY)).json()
    assert made["made"]["inbound_token"]
    here = f"{ACCOUNTS}/whole-day"
    reads = ("/accounts/v1/adapters", ACCOUNTS, here, f"{here}/mappings", "/accounts/v1/unmapped")
    for read in reads:
        assert (await world.api.get(read, auth=DUTY)).status_code == 200
    words = {"kind": "store", "words": {"999": "MSK-07"}}
    for path, asked in (("", {"rules": {"decide_minutes": 7}}),
                        ("/pause", {"reason": "stocktaking"}), ("/resume", {}),
                        ("/test", {}), ("/rotate", {"kind": "inbound_token"}),
                        ("/revoke", {"kind": "inbound_token", "version": 1}),
                        ("/mappings", words)):  # fmt: skip
        answer = await world.api.post(f"{here}{path}", json=asked, auth=DUTY)
        assert answer.status_code == 200, answer.text
        assert made["made"]["inbound_token"] not in answer.text  # it was told once
    taken_back = f"{here}/mappings?kind=store&theirs=999"
    assert (await world.api.delete(taken_back, auth=DUTY)).status_code == 204
    assert (await world.api.delete(here, auth=DUTY)).json() == {"deliveries": 0, "messages": 0}


async def live_through(world):
    """All of it, one after the other."""
    for part in (
        pack,
        call_off,
        change_hands,
        run,
        come_another_way,
        watch_over,
        keep_books,
        sell_otherwise,
        file_papers,
        feed_an_erp,
        look_after_accounts,
        compare,
        tell_own_systems,
        do_it_again,
    ):
        await part(world)
    await claimed(world)
