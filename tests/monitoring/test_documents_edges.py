"""Which sums and documents are missing or wrong, and which only look so."""

from app.actions.issue import issue
from app.domain.after_sale_events import Wish
from tests.actions.after_sale import change
from tests.factories import BREAD, news, settle
from tests.monitoring.mass import HOME, OTHER, finished
from tests.monitoring.sight import levels, seen
from tests.stories import deliver_one, hook, know, make_ready, place

W, C = "warning", "critical"


async def test_a_missed_run_is_a_warning_and_a_second_one_critical(scene):
    await finished(scene, 1, sale_due=True)
    for ago, level in ((69, None), (70, W), (129, W), (130, C), (5000, C)):
        await scene.sql(
            "UPDATE orders SET delivered_at = $1::timestamptz - interval '30 seconds'"
            " - interval '1 minute' * $2::integer",
            scene.now, ago,
        )  # fmt: skip
        told = await levels(scene, "sale_waiting")
        assert (ago, told) == (ago, {HOME: level} if level else {})


async def test_a_run_that_did_not_happen_is_one_incident_for_each_store(scene):
    await finished(scene, 60, sale_due=True, delivered_at=200)
    await finished(scene, 1, sale_due=True, delivered_at=300)
    await finished(scene, 1, sale_due=True, delivered_at=100, store=OTHER)
    await finished(scene, 50, store=OTHER, delivered_at=300)
    told = await seen(scene, "sale_waiting")
    assert {store: (row["waiting"], row["value"], row["level"]) for store, row in told.items()} == {
        HOME: (61, 300, C),
        OTHER: (1, 100, W),
    }
    assert len(told[HOME]["numbers"].split(", ")) == 5
    await issue(scene.hub)
    assert await seen(scene, "sale_waiting") == {}


async def test_an_order_nobody_picked_waits_for_a_person_and_for_no_run(scene):
    await finished(scene, 1, ["todo", "picked"], sale_due=True, final_total=None, delivered_at=5.5)
    await finished(scene, 1, ["todo"], sale_due=True, final_total=None, delivered_at=4.5)
    assert await seen(scene, "sale_waiting") == {}
    (told,) = (await seen(scene, "sale_impossible")).values()
    assert (told["open"], told["lines"], told["value"], told["level"]) == (1, 2, 5, W)


def paid(total, ago=80, **own):
    return {"paid_total": total, "paid_at": ago, **own}


SUMS = [
    (paid(1000), None),
    (paid(999), (1, "0.01 (-0.01)", C)),
    (paid(1150), (1, "1.50 (+1.50)", C)),
    (paid(None), None),
    (paid(900, ago=95), None),  # promised before it was picked
    (paid(900, ago=None), None),
    (paid(900, ago=1441, delivered_at=1441, picked_at=1442), None),
    (paid(900, delivered_at=5000, picked_at=5001), (1, "1.00 (-1.00)", C)),  # paid days later
    (paid(900, picked_at=None), None),  # its last steps were skipped: said before it went out
    (paid(900, ago=65, picked_at=None, handed_over_at=None), (1, "1.00 (-1.00)", C)),
    (paid(900, delivered_at=1439), (1, "1.00 (-1.00)", C)),
    (paid(900, state="returned"), None),
    (paid(900, final_total=None), None),
    (paid(900, sale_due=True), None),  # it has no document: that is what it is held back for
    (paid(1199, delivery_fee=199), None),
    (paid(1198, delivery_fee=199), (1, "1.98 (+1.98)", C)),
    (paid(900, discount=100), None),
    (paid(1000, discount=100), (1, "1.00 (+1.00)", C)),
]


async def test_a_sum_is_wrong_when_it_was_paid_for_what_was_picked(scene):
    await finished(scene, 3, **paid(1000))
    for order, expected in SUMS:
        ids = await finished(scene, 1, **order)
        said = [
            (one["value"], f"{one['roubles']} {one['numbers'].split(' ', 1)[1]}", one["level"])
            for one in (await seen(scene, "sum_mismatch")).values()
        ]
        assert (order, said) == (order, [expected] if expected else [])
        await scene.sql("DELETE FROM orders WHERE id = ANY ($1)", ids)


async def test_goods_that_were_refused_were_paid_for_and_no_more_than_that(scene):
    """A bread for 1.00 of three, and 300 g of 1000 g at 129.90 a kilogram."""
    (order,) = await finished(scene, 1, ["picked", "picked"], **paid(1100 + 3897))
    await scene.sql("UPDATE order_line SET refused = 1 WHERE order_id = $1 AND position = 0", order)
    assert len(await seen(scene, "sum_mismatch")) == 1
    await scene.sql(
        """UPDATE order_line SET unit = 'weight', price = 12990, unit_grams = 1000, refused = 300,
                  requested_grams = 1000, picked_grams = 1000, total = 9093
            WHERE order_id = $1 AND position = 1""",
        order,
    )
    assert await seen(scene, "sum_mismatch") == {}
    await scene.sql("UPDATE orders SET paid_total = paid_total + 1 WHERE id = $1", order)
    assert len(await seen(scene, "sum_mismatch")) == 1


async def test_many_wrong_sums_are_one_incident_with_its_latest_orders(scene):
    await finished(scene, 40, **paid(900))
    (told,) = (await seen(scene, "sum_mismatch")).values()
    assert (told["value"], told["roubles"]) == (40, "40.00")
    assert len(told["numbers"].split(", ")) == 5


async def test_so_many_kopecks_as_the_account_s_rule_allows_are_no_difference(scene):
    await scene.sql("UPDATE account SET rules = '{\"sum_tolerance\": 100}'")
    await finished(scene, 1, **paid(1100))
    assert await seen(scene, "sum_mismatch") == {}
    await finished(scene, 1, **paid(899))
    (told,) = (await seen(scene, "sum_mismatch")).values()
    assert (told["value"], told["roubles"]) == (1, "1.01")


async def document(scene, order, kind, total, base=None):
    """A document of an order, as far as sums go."""
    change = "gen_random_uuid()" if base else "NULL"
    (row,) = await scene.sql(
        "INSERT INTO document (id, merchant_id, store_id, account_id, order_id, kind, series, year,"
        "                      serial, number, issued_on, currency, total, vat_total, base_id,"
        "                      change_id)"
        " SELECT gen_random_uuid(), merchant_id, store_id, account_id, orders.id, $2, $2, 2026,"
        f"       (random() * 1e6)::int, $2, '2026-01-01', 'RUB', $3, 0, $4, {change}"
        "   FROM orders JOIN store ON store.id = store_id WHERE orders.id = $1 RETURNING id",
        order, kind, total, base,
    )  # fmt: skip
    return row["id"]


async def test_a_correction_mends_a_sum_and_a_return_after_it_was_paid_is_none(scene):
    (order,) = await finished(scene, 1, **paid(800))
    sale = await document(scene, order, "sale", 1000)
    (told,) = (await seen(scene, "sum_mismatch")).values()
    assert told["numbers"].endswith("(-2.00)")
    await document(scene, order, "correction", -200, sale)
    assert await seen(scene, "sum_mismatch") == {}
    await scene.sql("UPDATE orders SET paid_total = 1000")
    assert await seen(scene, "sum_mismatch") == {}, "it was paid for what was picked"
    await scene.sql("UPDATE orders SET paid_total = 900")
    (told,) = (await seen(scene, "sum_mismatch")).values()
    assert told["numbers"].endswith("(+1.00)")


async def test_a_difference_somebody_let_pass_is_none(scene):
    (order,) = await finished(scene, 1, **paid(800))
    await scene.sql("INSERT INTO sale_waiver VALUES ($1, 'marks', 'operator:duty', '')", order)
    assert len(await seen(scene, "sum_mismatch")) == 1
    await scene.sql("INSERT INTO sale_waiver VALUES ($1, 'sum', 'operator:duty', '')", order)
    assert await seen(scene, "sum_mismatch") == {}


async def test_a_payment_counts_from_when_it_was_last_said(scene):
    """A marketplace that promises a sum with the order and charges another after it was picked."""
    await know(scene.hub, BREAD)
    await place(scene.api, scene.hub, "H1", BREAD)
    await hook(scene.api, news("order.paid", total={"totalPrice": "300.00"}))
    await settle(scene.hub)
    await make_ready(scene.api, scene.hub)
    for event in ("order.received", "order.delivered"):
        await hook(scene.api, news(event))
    await settle(scene.hub)
    assert await issue(scene.hub) == 1
    scene.catch_up()
    scene.later(seconds=30)
    assert await seen(scene, "sum_mismatch") == {}
    await hook(scene.api, news("order.paid", total={"totalPrice": "200.00"}))
    await settle(scene.hub)
    (told,) = (await seen(scene, "sum_mismatch")).values()
    assert told["roubles"] == "36.50"


async def test_goods_agreed_to_instead_of_others_count_as_lines_without_an_outcome(scene):
    states = ["replaced", "todo", "proposed", "proposed"]
    (order,) = await finished(scene, 1, states, sale_due=True, final_total=None, delivered_at=6)
    for new, old in ((1, 0), (3, 2)):
        await scene.sql(
            "UPDATE order_line SET replaces = (SELECT id FROM order_line AS old"
            " WHERE old.order_id = $1 AND old.position = $3) WHERE order_id = $1 AND position = $2",
            order, new, old,
        )  # fmt: skip
    (told,) = (await seen(scene, "sale_impossible")).values()
    assert (told["open"], told["lines"]) == (2, 2)


async def test_what_follows_a_sale_waits_with_what_is_in_its_way_and_never_beside_the_sale(scene):
    order_id = await deliver_one(scene.api, scene.hub, "H1", BREAD)
    for pieces in (1, 2):
        await change(scene.hub, "return", order_id, Wish("300901", pieces=pieces))
    scene.later(minutes=69)
    assert await levels(scene, "after_sale_waiting") == {}
    scene.later(minutes=2)
    assert await levels(scene, "after_sale_waiting") == {}, "its sale waits"
    await scene.sql("UPDATE sale_change_line SET total = 9e18")
    assert await issue(scene.hub) == 1
    (told,) = (await seen(scene, "after_sale_waiting")).values()
    assert (told["kinds"], told["broken"], told["untaxed"], told["level"]) == (
        "return", "NumericValueOutOfRangeError", None, W,
    )  # fmt: skip
    scene.later(minutes=1370)
    (told,) = (await seen(scene, "after_sale_waiting")).values()
    assert told["level"] == C


async def test_an_advance_whose_goods_have_no_rate_is_told_although_nothing_is_delivered(scene):
    await scene.sql("""UPDATE account SET rules = rules || '{"receipts": "merchant"}'""")
    await place(scene.api, scene.hub, "H1", BREAD)
    await hook(scene.api, news("order.paid"))
    await settle(scene.hub)
    await scene.sql("UPDATE order_line SET vat = 'unknown', state = 'dropped'")
    assert await issue(scene.hub) == 0
    scene.later(minutes=71)
    (told,) = (await seen(scene, "after_sale_waiting")).values()
    assert (told["kinds"], told["untaxed"]) == ("receipt_advance", BREAD["name"])
    await know(scene.hub, BREAD)
    assert await issue(scene.hub) == 1
    assert await seen(scene, "after_sale_waiting") == {}
