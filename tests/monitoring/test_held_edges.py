"""What holds a document back is told by its names, all of them together, and nowhere else."""

from datetime import timedelta

import pytest

from app.actions.issue import issue
from tests.factories import BREAD, news, settle
from tests.monitoring.mass import finished
from tests.monitoring.sight import seen
from tests.stories import hook, know, make_ready, place

W, C = "warning", "critical"
HELD = [
    ({"problem": "sum", "ours": "163.50", "theirs": "170.00"}, {"ours": "163.50",
                                                                "theirs": "170.00"}),
    ({"problem": "vat", "line": "Хлеб", "code": "unknown", "on": "2026-01-01"},
     {"untaxed": "Хлеб"}),
    ({"problem": "goods", "sku": "300901", "line": "Хлеб"}, {"unlisted": "300901 Хлеб"}),
    ({"problem": "marks", "line": "Молоко", "missing": 2}, {"unmarked": "Молоко × 2"}),
    ({"problem": "requisites", "missing": "seller.inn"},
     {"missing": "seller.inn"}),
    ({"problem": "stars"}, {"other": "stars"}),
]  # fmt: skip
FACTS = ("ours", "theirs", "untaxed", "unlisted", "unmarked", "missing", "other")


async def hold(scene, order, *problems, since=0):
    await scene.sql(
        "INSERT INTO sale_hold (order_id, store_id, account_id, problems, since)"
        " SELECT id, store_id, account_id, $2, $3 FROM orders WHERE id = $1",
        order, list(problems), scene.now - timedelta(minutes=since),
    )  # fmt: skip


@pytest.mark.parametrize(("problem", "facts"), HELD)
async def test_what_holds_a_document_back_is_told_by_its_name_and_by_no_other(
    scene, problem, facts
):
    (order,) = await finished(scene, 1, sale_due=True, delivered_at=500)
    await hold(scene, order, problem)
    (told,) = (await seen(scene, "sale_held")).values()
    assert {name: told[name] for name in FACTS if told[name] is not None} == facts
    assert (told["level"], told["value"]) == (W, 0)
    assert await seen(scene, "sale_waiting") == {}, "one trouble, one incident"


async def test_all_that_holds_a_document_back_is_told_together(scene):
    (order,) = await finished(scene, 1, sale_due=True)
    many = [{"problem": "goods", "sku": str(n), "line": "Сыр"} for n in (1, 2, 3, 4)]
    last = {"problem": "goods", "sku": "5", "line": "Сыр", "more": 7}
    await hold(scene, order, *(problem for problem, _ in HELD), *many, last, since=1440)
    (told,) = (await seen(scene, "sale_held")).values()
    goods = "300901 Хлеб, 1 Сыр, 2 Сыр, 3 Сыр, 4 Сыр, 5 Сыр + 7"
    expected = {key: value for _, facts in HELD for key, value in facts.items()}
    assert {name: told[name] for name in FACTS} == expected | {"unlisted": goods}
    assert told["level"] == C


async def test_lines_without_an_outcome_are_one_incident_and_other_troubles_another(scene):
    (order,) = await finished(scene, 1, ["todo"], sale_due=True, final_total=None, delivered_at=200)
    await hold(scene, order, {"problem": "composition", "line": "Хлеб"})
    names = ("sale_held", "sale_impossible", "sale_waiting", "sum_mismatch")
    assert [len(await seen(scene, name)) for name in names] == [0, 1, 0, 0]
    await scene.sql('UPDATE sale_hold SET problems = problems || \'[{"problem": "marks"}]\'::jsonb')
    assert [len(await seen(scene, name)) for name in names] == [1, 1, 0, 0]


async def test_an_order_with_nothing_due_is_held_by_nothing(scene):
    (order,) = await finished(scene, 1)
    await hold(scene, order, HELD[0][0])
    assert await seen(scene, "sale_held") == {}


async def test_a_wrong_sum_is_told_by_the_run_that_holds_the_document_back_and_by_it_alone(scene):
    await know(scene.hub, BREAD)
    await place(scene.api, scene.hub, "H1", BREAD)
    await make_ready(scene.api, scene.hub)
    await hook(scene.api, news("order.paid", total={"totalPrice": "170.00"}))
    for event in ("order.received", "order.delivered"):
        await hook(scene.api, news(event))
    await settle(scene.hub)
    scene.catch_up()
    scene.later(seconds=30)
    assert await seen(scene, "sum_mismatch") == {}
    await issue(scene.hub)
    (told,) = (await seen(scene, "sale_held")).values()
    assert (told["ours"], told["theirs"]) == ("163.50", "170.00")
    assert await seen(scene, "sum_mismatch") == {}
    await hook(scene.api, news("order.paid", total={"totalPrice": "163.50"}))
    await settle(scene.hub)
    assert await issue(scene.hub) == 1
    assert await seen(scene, "sale_held") == await seen(scene, "sum_mismatch") == {}
