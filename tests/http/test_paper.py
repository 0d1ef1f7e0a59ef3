"""The paper path: a printed sheet, picked by hand, entered in one call."""

import io

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
