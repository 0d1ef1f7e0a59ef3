"""The paper path: a printed sheet, picked by hand, entered in one call."""

import asyncio
import io
import itertools

import pytest
from pypdf import PdfReader

from tests.factories import BANANAS, BREAD, Handheld
from tests.http.picking import BANANAS_ID, BREAD_ID, device, free_hands, looking_at, order, picking

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def sheet(world, *positions) -> Handheld:
    """A handheld before an order that was picked on paper: nobody has claimed it."""
    await free_hands(world)
    return await looking_at(world, await order(world, *(positions or (BREAD, BANANAS))))


async def test_a_whole_sheet_is_entered_in_one_call_and_the_order_goes_on_to_its_end(world):
    handheld = await sheet(world)
    done = await handheld.do(
        "result",
        lines=[{"position": 1, "quantity": 2, "reason": "not_found"},
               {"position": 2, "grams": 1040}],
    )  # fmt: skip
    assert done["order"]["state"] == "picked"
    states = {line["sku"]: (line["state"], line["picked"]) for line in done["order"]["lines"]}
    assert states[BREAD_ID] == ("short", {"pieces": 2, "grams": None})
    assert states[BANANAS_ID] == ("picked", {"pieces": 1, "grams": 1040})
    await handheld.do("ready", bags=1)
    assert handheld.order["state"] == "ready"


async def test_half_a_sheet_is_entered_now_and_the_rest_later(world):
    handheld = await sheet(world)
    await handheld.do("result", lines=[{"position": 1, "quantity": 3}], complete=False)
    assert handheld.order["state"] == "picking"
    await handheld.do("result", lines=[{"line_id": handheld.line(BANANAS_ID)["id"], "grams": 0,
                                        "reason": "not_found"}])  # fmt: skip
    assert handheld.order["state"] == "picked"


async def test_a_mistake_in_one_line_names_it_and_nothing_of_the_sheet_is_entered(world):
    handheld = await sheet(world)
    answer = await handheld.ask(
        "result", lines=[{"position": 1, "quantity": 3}, {"position": 2, "grams": 9000}]
    )
    problem = answer.json()
    assert problem["code"] == "WEIGHT_OUT_OF_HARD_LIMIT"
    assert problem["details"]["line_id"] == handheld.line(BANANAS_ID)["id"]
    assert (await handheld.reread())["state"] == "accepted"
    assert handheld.line(BREAD_ID)["picked"] is None


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"position": 9, "quantity": 1}, "LINE_NOT_FOUND"),
        ({"position": 1}, "INVALID_QUANTITY"),
        ({"position": 1, "quantity": 2}, "REASON_REQUIRED"),
        ({"position": 1, "quantity": 0}, "REASON_REQUIRED"),
        ({"position": 1, "quantity": 4}, "QTY_OVER_REQUESTED"),
        ({"position": 2, "quantity": 1}, "INVALID_QUANTITY"),
    ],
)
async def test_a_line_that_cannot_be_is_refused(world, line, code):
    handheld = await sheet(world)
    assert (await handheld.ask("result", lines=[line])).json()["code"] == code


async def test_an_order_in_somebody_elses_hands_takes_no_sheet(world):
    holder = await picking(world, BREAD)
    other = await looking_at(world, holder.order["number"], "1002")
    answer = await other.ask("result", lines=[{"position": 1, "quantity": 3}])
    assert answer.json()["code"] == "ALREADY_CLAIMED"


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_a_printed_list_names_the_order_and_its_goods(world, language):
    handheld = await sheet(world)
    handheld.headers["Accept-Language"] = language
    path = f"/picker/v1/orders/{handheld.order['id']}/picking-list"
    answer = await handheld.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert handheld.order["number"][-4:] in text
    assert "Бананы" in text
    foreign = await device(world, "1201")
    assert (await foreign.get(path)).status_code == 403


def words(answer) -> str:
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return "".join(page.extract_text() for page in pages)


async def test_a_printed_list_names_only_what_is_still_to_be_picked(world):
    handheld = await picking(world, BREAD, BANANAS)
    number = handheld.order["number"]  # whose digits might be those of a SKU
    path = f"/picker/v1/orders/{handheld.order['id']}/picking-list"
    await handheld.do("weigh", line=BANANAS["id"], grams=1000)
    text = words(await handheld.get(path))
    assert "Бананы" not in text
    assert BREAD["id"] in text
    items = [{"sku": "100202"}]
    await handheld.do("replace", line=BREAD["id"], items=items, reason="not_found")
    await handheld.do("decide", line=BREAD["id"], approved=True)
    text = words(await handheld.get(path)).replace(number, "")
    assert "100202" in text
    assert BREAD["id"] not in text
    await handheld.do("pick", line="100202", quantity=3)
    answer = await handheld.get(path)  # nothing is left: a sheet that says so by its sums
    assert answer.status_code == 200
    assert "100202" not in words(answer).replace(number, "")


async def test_a_flood_of_sheets_is_turned_away_and_the_picker_goes_on(world):
    handheld = await picking(world, BREAD)
    path = f"/picker/v1/orders/{handheld.order['id']}/picking-list"
    flood = [asyncio.ensure_future(handheld.get(path)) for _ in range(40)]
    async with world.hub.easel.enter():  # a sheet that takes long to draw
        turned_away = [await each for each in itertools.islice(asyncio.as_completed(flood), 32)]
        await handheld.do("pick", line=BREAD["id"], quantity=3)
    assert {answer.status_code for answer in turned_away} == {429}
    assert {answer.json()["code"] for answer in turned_away} == {"TOO_MANY_REQUESTS"}
    assert all("retry-after" in answer.headers for answer in turned_away)
    statuses = [answer.status_code for answer in await asyncio.gather(*flood)]
    assert (statuses.count(200), statuses.count(429)) == (8, 32)
    assert (await handheld.get(path)).status_code == 200
