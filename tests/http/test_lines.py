"""Outcomes of a line over the API: what was scanned, who let a weight pass, marks end to end."""

import json
from datetime import timedelta

import pytest

from app.domain.barcode import check_digit
from app.sandbox.credentials import SUPERVISORS
from tests.factories import BANANAS, BREAD, MARKED_EAN, mark
from tests.http.marking import checked
from tests.http.picking import BANANAS_ID, BREAD_ID, MARKED, MARKED_ID, finish, picking
from tests.http.ways.lines import LOAF, LOAF_EAN, LOAF_ID, restrict, wrong_item

pytestmark = pytest.mark.asyncio(loop_scope="module")
BOSS = next(person for person in SUPERVISORS if person["store"] == "MSK-07")
OVERRIDE = {"badge": BOSS["badge"], "pin": BOSS["pin"]}


def problem(answer):
    body = answer.json()
    return answer.status_code, body["code"], body.get("details", {})


# What was scanned along with a count.


async def test_codes_of_the_line_s_goods_are_welcome_however_they_are_written(world):
    handheld = await picking(world, LOAF)
    codes = [LOAF_EAN, "0" + LOAF_EAN, "]E0" + LOAF_EAN + "\r"]
    await handheld.do("pick", line=LOAF_ID, quantity=2, codes=codes, source="scan")
    assert handheld.line(LOAF_ID)["state"] == "picked"


async def test_a_code_of_another_line_says_whose_it_is(world):
    status, code, details = problem(await wrong_item(world))
    assert (status, code) == (422, "WRONG_ITEM")
    assert (details["expected"], details["got"]) == (LOAF_ID, MARKED_ID)


async def test_goods_that_have_no_codes_with_us_take_any_that_nobody_knows(world):
    handheld = await picking(world, BREAD)
    stranger = "460000000000"
    code = stranger + str(check_digit(stranger))
    await handheld.do("pick", line=BREAD_ID, quantity=3, codes=[code])
    assert handheld.line(BREAD_ID)["state"] == "picked"


async def test_a_mark_of_other_goods_is_another_item(world):
    handheld = await picking(world, MARKED, LOAF)
    other = mark(ean=LOAF_EAN)
    status, code, details = problem(
        await handheld.ask("pick", line=MARKED_ID, quantity=1, marks=[other])
    )
    assert (status, code) == (422, "WRONG_ITEM")
    assert (details["expected"], details["got"]) == (MARKED_ID, LOAF_ID)


# A supervisor's word.


async def test_a_supervisor_lets_a_weight_pass_and_the_timeline_says_who(world):
    handheld = await picking(world, BANANAS)
    refused = await handheld.ask("weigh", line=BANANAS_ID, grams=1600)
    assert problem(refused)[:2] == (422, "WEIGHT_OUT_OF_HARD_LIMIT")
    result = await handheld.do("weigh", line=BANANAS_ID, grams=1600, override=OVERRIDE)
    line = handheld.line(BANANAS_ID)
    assert (line["state"], line["override_by"]) == ("picked", BOSS["badge"])
    assert result["message"]["code"] == "WEIGHT_OVER_SOFT_LIMIT"
    said = await world.value(
        "SELECT detail FROM timeline WHERE detail ->> 'grams' = '1600' ORDER BY id DESC LIMIT 1"
    )
    assert (said["override_by"], said["grams"]) == (BOSS["badge"], 1600)
    await handheld.do("weigh", line=BANANAS_ID, grams=1000)
    assert handheld.line(BANANAS_ID)["override_by"] is None


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ({"badge": BOSS["badge"], "pin": "0000"}, "PIN_WRONG"),
        ({"badge": "no such badge", "pin": BOSS["pin"]}, "PIN_WRONG"),
        ({"badge": "1002", "pin": "4712"}, "ROLE_REQUIRED"),
        ({"badge": BOSS["badge"]}, "INVALID_BODY"),
        ({"badge": "", "pin": ""}, "INVALID_BODY"),
    ],
)
async def test_a_word_that_is_no_supervisor_s_changes_nothing(world, override, code):
    handheld = await picking(world, BANANAS)
    answer = await handheld.ask("weigh", line=BANANAS_ID, grams=1600, override=override)
    assert problem(answer)[1] == code
    assert (await handheld.reread())["version"] == handheld.order["version"]
    assert handheld.line(BANANAS_ID)["state"] == "todo"


async def test_a_supervisor_of_another_shop_has_no_say_here(world):
    other = next(person for person in SUPERVISORS if person["store"] != "MSK-07")
    handheld = await picking(world, BANANAS)
    override = {"badge": other["badge"], "pin": other["pin"]}
    answer = await handheld.ask("weigh", line=BANANAS_ID, grams=1600, override=override)
    assert problem(answer)[:2] == (403, "ROLE_REQUIRED")


async def test_a_pin_is_kept_nowhere(world, capfd):
    handheld = await picking(world, BANANAS)
    await handheld.do("weigh", line=BANANAS_ID, grams=1600, override=OVERRIDE)
    await handheld.ask("weigh", line=BANANAS_ID, grams=0, override=OVERRIDE)
    kept = await world.value(
        "SELECT string_agg(operation::text, ' ') FROM operation"
    ) + await world.value("SELECT string_agg(detail::text, ' ') FROM timeline")
    assert '"pin"' not in kept
    assert "'pin'" not in kept
    logged = capfd.readouterr()
    assert OVERRIDE["pin"] not in (logged.out + logged.err).replace(handheld.order["id"], "")


async def test_an_override_sent_twice_is_done_once_and_needs_no_pin_again(world):
    handheld = await picking(world, BANANAS)
    ask = {
        "line": BANANAS_ID,
        "grams": 1600,
        "key": "override-once",
        "version": handheld.order["version"],
    }
    first = await handheld.ask("weigh", override=OVERRIDE, **ask)
    again = await handheld.ask("weigh", override=OVERRIDE, **ask)
    assert first.status_code == again.status_code == 200
    assert first.content == again.content


# Notices.


async def test_the_same_outcome_again_says_that_the_item_is_complete(world):
    handheld = await picking(world, LOAF)
    await handheld.do("pick", line=LOAF_ID, quantity=2)
    before = handheld.order["version"]
    result = await handheld.do("pick", line=LOAF_ID, quantity=2)
    assert result["message"]["code"] == "ITEM_ALREADY_COMPLETE"
    assert result["message"]["text"]
    assert (result["order"]["version"], result["changed"]["line_ids"]) == (before, [])


async def test_little_time_is_told_with_every_answer(world):
    handheld = await picking(world, LOAF)
    soon = world.hub.clock() + timedelta(minutes=5)
    await world.value("UPDATE orders SET due_at = $2 WHERE id = $1", handheld.order["id"], soon)
    result = await handheld.do("pick", line=LOAF_ID, quantity=1)
    assert result["message"]["code"] == "DUE_SOON"
    assert (await handheld.do("pick", line=LOAF_ID, quantity=2))["message"] is None


# Restrictions and ages.


async def test_restricted_goods_are_shown_as_such_and_can_only_be_dropped(world):
    handheld = await picking(world, LOAF)
    await restrict(world, handheld, "blocked", 18)
    await handheld.reread()
    line = handheld.line(LOAF_ID)
    assert (line["restriction"], line["min_age"]) == ("blocked", 18)
    assert "drop" in line["allowed_actions"]
    assert "pick" not in line["allowed_actions"]
    answer = await handheld.ask("pick", line=LOAF_ID, quantity=1)
    assert problem(answer)[2]["reason"] == "restricted"
    await handheld.do("drop", line=LOAF_ID, reason="restricted")
    assert handheld.line(LOAF_ID)["state"] == "dropped"


async def test_goods_for_pickers_up_are_sold_to_who_comes_for_them(world):
    handheld = await picking(world, LOAF)
    await restrict(world, handheld, "pickup_only")
    assert problem(await handheld.ask("pick", line=LOAF_ID, quantity=2))[1] == "ITEM_RESTRICTED"
    await world.value("UPDATE orders SET pickup = true WHERE id = $1", handheld.order["id"])
    await handheld.do("pick", line=LOAF_ID, quantity=2)


# Product marks from end to end.


async def test_a_mark_keeps_its_separator_through_json_and_database(world):
    codes = [mark(), mark()]
    handheld = await picking(world, MARKED)
    await handheld.do("pick", line=MARKED_ID, quantity=2, marks=["]d2" + codes[0], codes[1]])
    line = handheld.line(MARKED_ID)
    assert line["marks"] == codes
    assert await world.value("SELECT marks FROM order_line WHERE id = $1", line["id"]) == codes
    raw = await handheld.get(f"/picker/v1/orders/{handheld.order['id']}")
    assert json.dumps(codes[0])[1:-1] in raw.text
    assert (await handheld.reread())["lines"][0]["marks"] == codes
    await finish(handheld)


async def test_a_unit_of_another_order_is_refused_with_the_order_as_it_stands(world):
    code = mark()
    first = await picking(world, MARKED)
    await first.do("pick", line=MARKED_ID, quantity=1, marks=[code])
    second = await picking(world, MARKED, badge="1002")
    answer = await second.ask("pick", line=MARKED_ID, quantity=1, marks=[code[:31] + "\x1d93Else"])
    status, name, details = problem(answer)
    assert (status, name) == (409, "MARK_ALREADY_USED")
    assert details["order"] == first.order["number"]
    assert answer.json()["current"]["id"] == second.order["id"]
    await first.do("drop", line=MARKED_ID, reason="damaged")
    await second.do("pick", line=MARKED_ID, quantity=1, marks=[code])


async def test_a_unit_may_be_shared_in_parts_that_are_not_more_than_it(world):
    code, other = mark(), mark()
    first, second = await picking(world, MARKED), await picking(world, MARKED, badge="1002")
    marks = [{"code": code, "part": 400}, {"code": other, "part": 600}]
    await first.do("pick", line=MARKED_ID, quantity=1, marks=marks)
    uses = first.line(MARKED_ID)["mark_uses"]
    assert [(use["code"], use["part"]) for use in uses] == [(code, 400), (other, 600)]
    too_much = [{"code": code, "part": 601}, {"code": other, "part": 399}]
    answer = await second.ask("pick", line=MARKED_ID, quantity=1, marks=too_much)
    assert problem(answer)[1] == "MARK_ALREADY_USED"
    enough = [{"code": code, "part": 600}, {"code": other, "part": 400}]
    await second.do("pick", line=MARKED_ID, quantity=1, marks=enough)
    for part in (0, 1001, -1):
        answer = await second.ask(
            "pick", line=MARKED_ID, quantity=1, marks=[{"code": code, "part": part}]
        )
        assert problem(answer)[:2] == (400, "INVALID_BODY")


# The marking system.


async def test_a_checked_unit_keeps_the_answer_s_id_and_is_not_asked_about_again(world):
    async with checked(world) as (asked, system):
        code = mark()
        handheld = await picking(asked, MARKED)
        result = await handheld.do("pick", line=MARKED_ID, quantity=1, marks=[code])
        (use,) = handheld.line(MARKED_ID)["mark_uses"]
        assert result["message"] is None
        assert (use["code"], len(use["check_id"])) == (code, 36)
        assert use["checked_at"]
        await handheld.do("pick", line=MARKED_ID, quantity=2, marks=[code, mark()])
        assert system.counts["codes"] == 2
        assert handheld.line(MARKED_ID)["mark_uses"][0] == use


@pytest.mark.parametrize(
    ("serial", "because"),
    [("SOLD", "sold"), ("BLOCK", "blocked"), ("EXPIRED", "expired"), ("NONE", "not_found")],
)
@pytest.mark.parametrize("mode", ["permissive", "strict"])
async def test_what_may_not_be_sold_is_refused_with_the_reason(world, serial, because, mode):
    async with checked(world, mode) as (asked, _):
        bad, good = mark((serial + mark()[18:])[:13]), mark()
        handheld = await picking(asked, MARKED)
        status, code, details = problem(
            await handheld.ask("pick", line=MARKED_ID, quantity=2, marks=[good, bad])
        )
        assert (status, code) == (422, "MARK_REFUSED")
        assert details["marks"] == [{"mark": bad, "because": because}]
        assert (await handheld.reread())["lines"][0]["marks"] == []


async def test_while_the_system_is_away_a_permissive_shop_goes_on_and_says_so(world):
    async with checked(world) as (asked, system):
        system.switches.away = True
        code = mark()
        handheld = await picking(asked, MARKED)
        result = await handheld.do("pick", line=MARKED_ID, quantity=1, marks=[code])
        assert result["message"]["code"] == "MARK_UNCHECKED"
        assert handheld.line(MARKED_ID)["mark_uses"] == []
        system.switches.away = False
        result = await handheld.do("pick", line=MARKED_ID, quantity=2, marks=[code, mark()])
        assert result["message"] is None
        assert len(handheld.line(MARKED_ID)["mark_uses"]) == 2  # both were asked about now


async def test_while_the_system_is_away_a_strict_shop_waits(world):
    async with checked(world, "strict") as (asked, system):
        system.switches.away = True
        handheld = await picking(asked, MARKED)
        answer = await handheld.ask("pick", line=MARKED_ID, quantity=1, marks=[mark()])
        assert problem(answer)[:2] == (503, "TEMPORARY")
        assert answer.json()["retryable"]
        assert "retry-after" in answer.headers
        system.switches.away = False
        await handheld.do("pick", line=MARKED_ID, quantity=1, marks=[mark()])


async def test_a_shop_that_does_not_check_asks_nobody(world):
    async with checked(world, "off") as (asked, system):
        handheld = await picking(asked, MARKED)
        sold = mark("SOLD" + mark()[18:27])
        result = await handheld.do("pick", line=MARKED_ID, quantity=1, marks=[sold])
        assert result["message"] is None
        assert system.counts["checks"] == 0


async def test_marks_belong_to_the_goods_of_the_demo(world):
    handheld = await picking(world, MARKED)
    assert handheld.line(MARKED_ID)["barcodes"][0] == MARKED_EAN
