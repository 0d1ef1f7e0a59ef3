"""Scans over the API: every outcome, a store's own labels, and questions that leave no trace."""

import uuid

import asyncpg
import pytest
import pytest_asyncio

from app.domain.barcode import check_digit
from app.domain.scan import Hint
from app.render.language import say
from tests.conftest import TOKEN
from tests.factories import BANANAS, mark, placed, settle
from tests.http.marking import checked
from tests.http.picking import BANANAS_ID, MARKED, MARKED_ID, looking_at, order, picking

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def idle(world):
    """Nobody has an order of an earlier test in hand."""
    await world.value("UPDATE pick_job SET state = 'open', picker_id = NULL, lease_until = NULL")


async def colleague_picks(world, *positions):
    """The same as `picking`, with another picker's handheld."""
    handheld = await looking_at(world, await order(world, *positions), "1002")
    await handheld.do("claim")
    await handheld.do("start")
    return handheld


RYE = {"id": "100201", "name": "Хлеб Бородинский", "originalQuantity": 2, "quantity": 2,
       "price": "64.90"}  # fmt: skip
RYE_EAN = "469000100201" + str(check_digit("469000100201"))
LOAF_EAN = "469000100202" + str(check_digit("469000100202"))
#: Everything a write may touch.
TABLES = ("orders", "order_line", "timeline", "queue_item", "pick_job", "scan", "operation",
          "order_change", "bag")  # fmt: skip


def label(prefix, item, value, digits=5):
    body = f"{prefix}{item}{value:0{digits}d}"
    return body + str(check_digit(body))


async def labelled(world, *rows):
    """The store's own table of labels instead of the demo's; rows begin with the prefix."""
    await world.value("DELETE FROM store_label")
    for n, (prefix, item, value_at, value, more) in enumerate(rows, 1):
        fields = {"divisor": 1, "multiplier": 1, "length": 13, "check_digit": True} | more
        await world.value(
            "INSERT INTO store_label (store_id, position, prefix, item_from, item_until,"
            " value_from, value_until, value, divisor, multiplier, length, check_digit)"
            " SELECT id, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM store",
            n, prefix, *item, *value_at, value, *fields.values(),
        )  # fmt: skip
    world.hub.shops._known.clear()


async def contents(world):
    """Every row of every table that a scan could touch."""
    return {
        table: await world.value(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text))"
                                 f" || count(*) FROM {table} AS t")
        for table in TABLES
    }  # fmt: skip


# A store's own labels.


@pytest.mark.parametrize(
    ("row", "raw", "grams"),
    [
        (("21", (2, 7), (7, 12), "weight", {}), label("21", "00101", 875), 875),
        (("29", (2, 7), (7, 12), "weight", {"multiplier": 10}), label("29", "00101", 88), 880),
        (("02", (7, 12), (2, 7), "weight", {}), label("02", "00900", 101), 900),
        (("23", (2, 7), (7, 12), "price", {}), label("23", "00101", 12990), 1000),
        (("23", (2, 7), (7, 12), "price", {"multiplier": 100}), label("23", "00101", 117), 901),
        (("27", (2, 7), (7, 16), "weight", {"divisor": 1000, "length": 16, "check_digit": False}),
         "2700101000800400", 800),
    ],
)  # fmt: skip
async def test_labels_are_read_by_the_store_s_own_table(world, row, raw, grams):
    await labelled(world, row)
    handheld = await picking(world, BANANAS)
    result = await handheld.do("scan", raw=raw)
    assert (result["scan"]["outcome"], result["scan"]["grams"]) == ("MATCHED", grams)
    assert handheld.line(BANANAS_ID)["picked"] == {"pieces": 1, "grams": grams}
    kept = await world.row(
        "SELECT raw, outcome, grams FROM scan WHERE order_id = $1", handheld.order["id"]
    )
    assert tuple(kept) == (raw, "MATCHED", grams)


async def test_a_price_label_is_weighed_by_the_price_the_shop_s_scales_know(world):
    await labelled(world, ("23", (2, 7), (7, 12), "price", {}))
    handheld = await picking(world, {**BANANAS, "price": "259.80", "discountPrice": "259.80"})
    result = await handheld.do("scan", raw=label("23", "00101", 12990))
    assert result["scan"]["grams"] == 1000


async def test_the_first_label_of_the_table_that_fits_wins(world):
    weight, count = ("2", (2, 7), (7, 12), "weight", {}), ("21", (2, 7), (7, 12), "count", {})
    handheld = await picking(world, BANANAS)
    for rows, grams in (((weight, count), 900), ((count, weight), None)):
        await labelled(world, *rows)
        result = await handheld.do("scan", raw=label("21", "00101", 900), apply=False)
        assert result["scan"]["grams"] == grams


@pytest.mark.parametrize(
    ("constraint", "row"),
    [
        ("prefix_digits", ("", (2, 7), (7, 12), "weight", {})),
        ("prefix_digits", ("2x", (2, 7), (7, 12), "weight", {})),
        ("item_inside", ("21", (7, 2), (7, 12), "weight", {})),
        ("item_inside", ("21", (7, 13), (2, 7), "weight", {})),
        ("value_inside", ("21", (2, 7), (7, 13), "weight", {})),
        ("value_inside", ("21", (2, 7), (1, 2), "weight", {})),
        ("spans_apart", ("21", (2, 8), (7, 12), "weight", {})),
        ("divisor_possible", ("21", (2, 7), (7, 12), "weight", {"divisor": 0})),
        ("multiplier_possible", ("21", (2, 7), (7, 12), "weight", {"multiplier": 0})),
        ("length_possible", ("21", (2, 7), (7, 12), "weight", {"length": 60})),
        ("value_known", ("21", (2, 7), (7, 12), "colour", {})),
    ],
)
async def test_a_label_that_cannot_be_read_cannot_be_stored(world, constraint, row):
    with pytest.raises(asyncpg.CheckViolationError, match=constraint):
        await labelled(world, row)


# Outcomes.


async def test_two_packs_of_one_line_add_up_and_a_third_is_told_to_be_too_much(world):
    await labelled(world, ("21", (2, 7), (7, 12), "weight", {}))
    handheld = await picking(world, BANANAS)
    await handheld.do("scan", raw=label("21", "00101", 800))
    assert handheld.line(BANANAS_ID)["state"] == "picked"
    second = await handheld.do("scan", raw=label("21", "00101", 250))
    assert (second["scan"]["outcome"], second["scan"]["grams"]) == ("MATCHED", 250)
    assert second["message"]["code"] == "ITEM_ALREADY_COMPLETE"
    version = handheld.order["version"]
    third = await handheld.do("scan", raw=label("21", "00101", 800))
    assert (third["scan"]["outcome"], third["scan"]["hint"]) == (
        "ALREADY_DONE", "WEIGHT_OUT_OF_HARD_LIMIT",
    )  # fmt: skip
    assert third["order"]["version"] == version
    assert handheld.line(BANANAS_ID)["picked"]["grams"] == 1050


async def test_one_piece_too_many_is_told_and_never_added(world):
    handheld = await picking(world, RYE)
    for _ in range(2):
        await handheld.do("scan", raw=RYE_EAN)
    third = await handheld.do("scan", raw=RYE_EAN)
    assert third["scan"]["outcome"] == "ALREADY_DONE"
    assert third["message"]["code"] == "ITEM_ALREADY_COMPLETE"
    assert handheld.line("100201")["picked"]["pieces"] == 2


async def test_one_piece_more_is_added_where_the_account_s_rules_let_it(world):
    await world.value("UPDATE account SET rules = $1", {"over_percent": 50})
    world.hub.accounts._known.clear()
    try:
        handheld = await picking(world, RYE)
        for _ in range(3):
            result = await handheld.do("scan", raw=RYE_EAN)
        assert result["message"]["code"] == "ITEM_ALREADY_COMPLETE"
        assert handheld.line("100201")["picked"]["pieces"] == 3
        assert (await handheld.do("scan", raw=RYE_EAN))["scan"]["outcome"] == "ALREADY_DONE"
    finally:
        await world.value("UPDATE account SET rules = '{}'")
        world.hub.accounts._known.clear()


async def test_the_plain_code_of_marked_goods_finds_the_line_and_asks_for_the_mark(world):
    handheld = await picking(world, MARKED)
    ean = handheld.line(MARKED_ID)["barcodes"][0]
    result = await handheld.do("scan", raw=ean)
    assert (result["scan"]["outcome"], result["scan"]["hint"]) == ("MATCHED", "MARK_REQUIRED")
    assert result["scan"]["message"] == say("en", "MARK_REQUIRED")
    assert handheld.line(MARKED_ID)["picked"] is None


async def test_a_mark_whose_separator_was_changed_on_the_way_is_kept_whole(world):
    handheld, unit = await picking(world, MARKED), mark()
    await handheld.do("scan", raw=unit.replace("\x1d", "{GS}"))
    assert handheld.line(MARKED_ID)["marks"] == [unit]


async def test_a_mark_that_lost_its_separator_is_refused_with_a_word(world):
    handheld = await picking(world, MARKED)
    answer = await handheld.ask("scan", raw=mark().replace("\x1d", ""))
    assert (answer.status_code, answer.json()["code"]) == (422, "MARK_INVALID")


async def test_a_scanned_mark_is_asked_about_and_what_was_said_is_kept(world):
    async with checked(world) as (shop, _):
        handheld, unit = await picking(shop, MARKED), mark()
        await handheld.do("scan", raw=unit)
        (use,) = handheld.line(MARKED_ID)["mark_uses"]
        assert use["code"] == unit
        assert use["check_id"]


async def test_a_unit_that_must_not_be_sold_is_refused_only_where_it_would_count(world):
    async with checked(world) as (shop, _):
        sold = mark("SOLD" + mark()[18:27])
        handheld = await picking(shop, MARKED)
        asked = await handheld.do("scan", raw=sold, apply=False)
        assert asked["scan"]["outcome"] == "MATCHED"
        answer = await handheld.ask("scan", raw=sold)
        assert (answer.status_code, answer.json()["code"]) == (422, "MARK_REFUSED")
        assert handheld.line(MARKED_ID)["marks"] == []
        await world.value("UPDATE pick_job SET state = 'open', picker_id = NULL")
        other = await picking(shop, RYE)
        assert (await other.do("scan", raw=sold))["scan"]["outcome"] == "NOT_IN_ORDER"


async def test_goods_that_may_stand_for_a_line_say_for_which(world):
    await world.value(
        "INSERT INTO product_substitute (merchant_id, sku, with_sku)"
        " SELECT id, '100201', '100202' FROM merchant ON CONFLICT DO NOTHING"
    )
    handheld = await picking(world, RYE, BANANAS)
    result = await handheld.do("scan", raw=LOAF_EAN)
    assert result["scan"] | {"message": None} == {
        "outcome": "SUBSTITUTE_OF", "line_id": handheld.line("100201")["id"], "pieces": None,
        "grams": None, "hint": None, "message": None, "sku": "100202",
        "name": result["scan"]["name"], "code": None, "here": None, "expires": None,
        "signal": "accepted",
    }  # fmt: skip
    assert "Батон" in result["scan"]["name"]
    assert result["scan"]["message"] == say("en", "SUBSTITUTE_OF")
    await world.value("DELETE FROM product_substitute")
    assert (await handheld.do("scan", raw=LOAF_EAN))["scan"]["outcome"] == "NOT_IN_ORDER"


async def test_what_the_customer_took_out_is_said_to_be_taken_out(world):
    handheld = await picking(world, RYE, BANANAS)
    body = placed(handheld.order["number"], BANANAS, event="order.changed")
    await world.api.post("/hooks/sm-demo", content=body, headers=TOKEN)
    await settle(world.hub)
    await handheld.reread()
    scan = (await handheld.do("scan", raw=RYE_EAN))["scan"]
    assert (scan["outcome"], scan["hint"]) == ("NOT_IN_ORDER", "REMOVED_BY_CUSTOMER")


async def test_a_barcode_the_catalogue_learned_after_the_order_counts(world):
    handheld = await picking(world, RYE)
    await world.value(
        "UPDATE product SET barcodes = barcodes || '4600000000008'::text WHERE sku = '100201'"
    )
    result = await handheld.do("scan", raw="4600000000008")
    assert (result["scan"]["outcome"], result["scan"]["pieces"]) == ("MATCHED", 1)
    await world.value(
        "UPDATE product SET barcodes = array_remove(barcodes, '4600000000008') WHERE sku = '100201'"
    )


async def test_bags_places_and_badges_are_told_from_goods(world):
    await world.value(
        "INSERT INTO store_place (store_id, code, kind, name, aisle)"
        " SELECT store_id, 'SHELF-1', 'shelf', 'Хлебный ряд', aisle FROM store_product"
        " WHERE sku = '100201' ON CONFLICT DO NOTHING"
    )
    world.hub.shops._known.clear()
    mine, other = await picking(world, RYE, BANANAS), await colleague_picks(world, RYE)
    bags = [(await each.do("bags", temperature="ambient"))["order"]["bags"][0]["code"]
            for each in (mine, other)]  # fmt: skip
    line = mine.line("100201")["id"]

    async def scan(raw, **body):
        said = (await mine.do("scan", raw=raw, **body))["scan"]
        return said["outcome"], said["hint"], said["code"]

    assert await scan(bags[0]) == ("BAG", None, bags[0])
    assert await scan(bags[1]) == ("BAG", "BAG_BELONGS_TO_OTHER_ORDER", bags[1])
    assert await scan("B-NOBODY") == ("UNKNOWN_CODE", None, "B-NOBODY")
    assert await scan("BADGE-1002") == ("PERSON", None, "1002")
    assert await scan("SHELF-1", line_id=line) == ("LOCATION", None, "SHELF-1")
    other_line = mine.line(BANANAS_ID)["id"]
    assert await scan("SHELF-1", line_id=other_line) == ("LOCATION", "OTHER_PLACE", "SHELF-1")
    assert await scan("ST-1", line_id=line) == ("LOCATION", None, "ST-1")


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_whoever_scans_something_strange_is_told_why_in_their_language(world, language):
    handheld = await picking(world, RYE)
    handheld.headers["Accept-Language"] = language
    said = (await handheld.do("scan", raw="4600000000009"))["scan"]
    assert (said["outcome"], said["hint"]) == ("UNKNOWN_CODE", "INVALID_BARCODE")
    assert said["message"] == say(language, "INVALID_BARCODE")


@pytest.mark.parametrize("hint", Hint)
@pytest.mark.parametrize("language", ["ru", "en"])
async def test_every_hint_is_a_sentence_in_both_languages(hint, language):
    assert say(language, hint) != hint


# Questions and repeats.


@pytest.mark.parametrize(
    "raw",
    [RYE_EAN, LOAF_EAN, label("21", "00101", 500), "nonsense", "B-1", "ST-1", "BADGE-1001",
     "4600000000009"],
)  # fmt: skip
async def test_a_question_leaves_the_database_as_it_was_to_the_last_byte(world, raw):
    handheld = await picking(world, RYE, BANANAS)
    before = await contents(world)
    result = await handheld.do("scan", raw=raw, apply=False)
    assert result["scan"]["outcome"]
    assert result["changed"]["line_ids"] == []
    assert await contents(world) == before


async def test_a_question_asked_again_under_its_key_is_answered_as_things_stand_then(world):
    handheld, key = await picking(world, RYE), str(uuid.uuid4())
    first = await handheld.ask("scan", raw=RYE_EAN, apply=False, key=key)
    assert first.json()["scan"]["outcome"] == "MATCHED"
    for _ in range(2):
        await handheld.do("scan", raw=RYE_EAN)
    again = await handheld.ask("scan", raw=RYE_EAN, apply=False, key=key)
    assert again.json()["scan"]["outcome"] == "ALREADY_DONE"


async def test_a_scan_whose_answer_was_lost_counts_once(world):
    handheld, key = await picking(world, RYE), str(uuid.uuid4())
    version = handheld.order["version"]
    answers = [await handheld.ask("scan", raw=RYE_EAN, key=key, version=version) for _ in range(3)]
    assert len({answer.content for answer in answers}) == 1
    assert (await handheld.reread())["lines"][0]["picked"]["pieces"] == 1
    kept = "SELECT count(*) FROM scan WHERE order_id = $1"
    assert await world.value(kept, handheld.order["id"]) == 1


async def test_whatever_a_scanner_sends_is_answered_and_kept(world):
    handheld = await picking(world, RYE)
    for raw in ("]", "\x1d", "]C1", "(", "🍞", "٤" * 13, "9" * 300, "B-" + "x" * 290, "<b>", "'"):
        result = await handheld.do("scan", raw=raw)
        assert result["scan"]["outcome"] == "UNKNOWN_CODE", raw
    kept = "SELECT count(*) FROM scan WHERE order_id = $1"
    assert await world.value(kept, handheld.order["id"]) == 10
