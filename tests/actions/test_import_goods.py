"""Imports of goods: twice is once, what a file does not speak of stays, nothing is half done."""

from __future__ import annotations

import pytest

from app.actions.import_goods import Wish, import_goods
from app.db import catalogue
from app.domain.assortment import Flaw, ImportRefused, Report
from app.imports.digest import digest
from app.imports.formats import Reading
from tests.factories import BREAD
from tests.stories import place

EAN, OTHER_EAN = "4610000009000", "4610000009017"
FULL = f"""sku;name;unit;barcode;vat;price;aisle;shelf;substitutes
900;Bread;piece;{EAN};reduced;64,90;3;3-1;901
901;Loaf;piece;{OTHER_EAN};reduced;49,90;3;3-2;
902;Apples;kg;;none;159,90;1;;
"""


async def take(hub, text: str | bytes, **wish) -> Report:
    raw = text.encode() if isinstance(text, str) else text
    async with hub.pools.picking.acquire() as conn:
        return await import_goods(conn, digest(raw, Reading()), Wish(**wish))


async def value(hub, sql: str, *values):
    async with hub.pools.picking.acquire() as conn:
        return await conn.fetchval(sql, *values)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.same, report.refused


async def test_the_second_import_of_the_same_file_changes_nothing(hub):
    assert counts(await take(hub, FULL)) == (3, 0, 0, 0)
    before = await value(hub, "SELECT max(changed_at) FROM product")
    assert counts(await take(hub, FULL)) == (0, 0, 3, 0)
    assert await value(hub, "SELECT max(changed_at) FROM product") == before
    assert await value(hub, "SELECT count(*) FROM store_product WHERE sku = '900'") == 3


async def test_what_a_file_does_not_speak_of_stays(hub):
    await take(hub, FULL)
    report = await take(hub, "sku;price\n900;70\n901;49,90\n", store="MSK-07")
    assert counts(report) == (0, 1, 1, 0)
    async with hub.pools.picking.acquire() as conn:
        rows = await conn.fetch(
            "SELECT store.code, p.price, p.shelf FROM store_product AS p"
            " JOIN store ON store.id = p.store_id WHERE p.sku = '900' ORDER BY store.code"
        )
        product = await conn.fetchrow("SELECT * FROM product WHERE sku = '900'")
    assert [tuple(row) for row in rows] == [
        ("EKB-03", 6490, "3-1"), ("MSK-07", 7000, "3-1"), ("MSK-12", 6490, "3-1"),
    ]  # fmt: skip
    assert (product["name"], product["barcodes"], product["vat"]) == ("Bread", [EAN], "reduced")


async def test_an_empty_cell_takes_a_value_away(hub):
    await take(hub, FULL)
    assert counts(await take(hub, "sku;barcode;price;aisle\n900;;;\n")) == (0, 1, 0, 0)
    assert await value(hub, "SELECT barcodes FROM product WHERE sku = '900'") == []
    assert await value(hub, "SELECT DISTINCT price FROM store_product WHERE sku = '900'") is None


async def test_substitutes_are_kept_in_their_order_and_replaced_as_a_whole(hub):
    async def substitutes():
        async with hub.pools.picking.acquire() as conn:
            rows = await conn.fetch(
                "SELECT with_sku FROM product_substitute WHERE sku = '900' ORDER BY priority"
            )
        return [row["with_sku"] for row in rows]

    await take(hub, FULL)
    assert await substitutes() == ["901"]
    assert counts(await take(hub, "sku;substitutes\n900;903 901 904\n")) == (0, 1, 0, 0)
    assert await substitutes() == ["903", "901", "904"]
    assert counts(await take(hub, "sku;substitutes\n900;904 903\n")) == (0, 1, 0, 0)
    assert await substitutes() == ["904", "903"]
    assert counts(await take(hub, "sku;substitutes\n900;904 903\n")) == (0, 0, 1, 0)


async def test_new_goods_need_a_name_and_known_ones_do_not(hub):
    await take(hub, FULL)
    report = await take(hub, "sku;price\n900;70\n990;1\n")
    assert counts(report) == (0, 1, 0, 1)
    (problem,) = report.problems
    assert (problem.flaw, problem.row, problem.sku) == (Flaw.NAME_MISSING, 3, "990")
    assert await value(hub, "SELECT count(*) FROM store_product WHERE sku = '990'") == 0


async def test_a_barcode_of_goods_that_the_file_does_not_name_stays_theirs(hub):
    await take(hub, FULL)
    for wanted in ((1, 0, 0, 0), (0, 0, 1, 0)):
        report = await take(hub, f"sku;name;vat;barcode\n990;Bun;reduced;0{EAN}\n")
        assert counts(report) == wanted
        (problem,) = report.problems
        assert (problem.flaw, problem.values["other"]) == (Flaw.BARCODE_TAKEN, "900")
    assert await value(hub, "SELECT barcodes FROM product WHERE sku = '990'") == []


async def test_two_goods_of_one_file_may_swap_their_barcodes(hub):
    await take(hub, FULL)
    swap = f"sku;barcode\n900;{OTHER_EAN}\n901;{EAN}\n"
    assert counts(await take(hub, swap)) == (0, 2, 0, 0)
    assert counts(await take(hub, swap)) == (0, 0, 2, 0)


async def test_strictly_all_rows_or_none(hub):
    bad = FULL + "903;Tea;piece;;20.5%;1;;;\n"
    report = await take(hub, bad, strict=True)
    assert (report.refused, report.applied) == (1, False)
    assert await value(hub, "SELECT count(*) FROM product WHERE sku = '900'") == 0
    assert counts(await take(hub, bad)) == (3, 0, 0, 1)


async def test_a_dry_run_counts_and_writes_nothing(hub):
    report = await take(hub, FULL, dry_run=True)
    assert (report.new, report.applied) == (3, False)
    assert await value(hub, "SELECT count(*) FROM product WHERE sku = '900'") == 0


async def test_missing_goods_are_no_longer_sold_until_they_come_again(hub):
    before = await value(hub, "SELECT count(*) FROM product")
    report = await take(hub, FULL, deactivate_missing=True)
    assert report.deactivated == before
    assert await value(hub, "SELECT count(*) FROM product WHERE active") == 3
    report = await take(hub, "sku;name\n100201;Bread\n")
    assert counts(report) == (0, 1, 0, 0)
    assert await value(hub, "SELECT active FROM product WHERE sku = '100201'")


async def test_a_row_that_was_refused_is_not_missing(hub):
    await take(hub, FULL)
    await take(hub, "sku;price\n900;1\n901;-1\n", deactivate_missing=True)
    assert (
        await value(hub, "SELECT count(*) FROM product WHERE active AND sku IN ('900', '901')") == 2
    )
    assert not await value(hub, "SELECT active FROM product WHERE sku = '902'")


async def test_a_stores_own_list_takes_goods_from_that_store_only(hub):
    await take(hub, FULL)
    report = await take(hub, "sku;price\n900;1\n", store="MSK-07", deactivate_missing=True)
    assert report.deactivated > 2
    again = await take(hub, "sku;price\n900;1\n", store="MSK-07", deactivate_missing=True)
    assert again.deactivated == 0
    gone = "SELECT count(*) FROM store_product WHERE sku = '901' AND NOT available"
    assert await value(hub, gone) == 1
    assert await value(hub, "SELECT active FROM product WHERE sku = '901'")


@pytest.mark.parametrize(
    ("text", "flaw"),
    [("sku;price\n990;1\n;2\n", Flaw.NAME_MISSING), ("sku;price\n900;-1\n", Flaw.NOTHING_TO_KEEP)],
)
async def test_a_file_of_nothing_good_deactivates_nothing(hub, text, flaw):
    before = await value(hub, "SELECT count(*) FROM product WHERE active")
    report = await take(hub, text, deactivate_missing=True)
    assert flaw in [each.flaw for each in report.problems]
    assert await value(hub, "SELECT count(*) FROM product WHERE active") == before


async def test_a_file_of_changes_deactivates_nothing(hub):
    raw = (
        "<КоммерческаяИнформация><Каталог СодержитТолькоИзменения='true'><Товары><Товар>"
        "<Ид>900</Ид><Наименование>Bread</Наименование></Товар></Товары></Каталог>"
        "</КоммерческаяИнформация>"
    )
    report = await take(hub, raw, deactivate_missing=True)
    assert (report.new, report.deactivated) == (1, 0)
    assert [each.flaw for each in report.problems] == [Flaw.VAT_MISSING, Flaw.ONLY_CHANGES]


@pytest.mark.parametrize("row", ["900;Bread;", "900;Bread;unknown"])
async def test_new_goods_have_no_rate_until_somebody_says_one(hub, row):
    """A guess would be a tax nobody owes, or one that is owed and not paid."""
    report = await take(hub, f"sku;name;vat\n{row}\n")
    assert [each.flaw for each in report.problems] == [Flaw.VAT_MISSING]
    rate = "SELECT vat FROM product WHERE sku = '900'"
    assert await value(hub, rate) == "unknown"
    report = await take(hub, "sku;vat\n900;5/105\n")
    assert (report.problems, await value(hub, rate)) == ((), "five")
    await take(hub, "sku;name\n900;Bread 2\n")
    assert await value(hub, rate) == "five"


@pytest.mark.parametrize(
    "wish",
    [{"store": "NOWHERE"}, {"merchant": "Nobody"}, {"store": "MSK-07", "merchant": "Nobody"}],
)
async def test_nobodys_goods_go_nowhere(hub, wish):
    with pytest.raises(ImportRefused, match=r"NOWHERE|Nobody"):
        await take(hub, FULL, **wish)


async def test_among_several_merchants_one_must_be_named(hub):
    await value(hub, "INSERT INTO merchant (id, name) VALUES (gen_random_uuid(), 'Other')")
    with pytest.raises(ImportRefused, match="several"):
        await take(hub, FULL)
    assert (await take(hub, FULL, store="MSK-07")).new == 3
    assert (await take(hub, FULL, merchant="Other")).new == 3


async def test_two_imports_at_once_are_one_after_the_other(hub):
    import asyncio

    both = await asyncio.gather(take(hub, FULL), take(hub, FULL))
    assert sorted(map(counts, both)) == [(0, 0, 3, 0), (3, 0, 0, 0)]


async def test_ordered_goods_nobody_knows_are_listed_until_they_are_known(api, hub):
    await place(api, hub, "H1", BREAD)
    await place(api, hub, "H2", BREAD, storeID="102")
    await place(api, hub, "H3", BREAD)
    async with hub.pools.picking.acquire() as conn:
        first, second = await catalogue.unmapped(conn, None, 10)
        (only,) = await catalogue.unmapped(conn, "MSK-12", 10)
        assert await catalogue.unmapped(conn, None, 1) == [first]
    assert (first["sku"], first["name"], first["seen"]) == ("300901", "Хлеб", 2)
    assert (first["last_order"], first["store"], second["store"]) == ("H3", "MSK-07", "MSK-12")
    assert only == second
    await take(hub, "sku;name;vat\n300901;Хлеб;reduced\n")
    async with hub.pools.picking.acquire() as conn:
        assert await catalogue.unmapped(conn, None, 10) == []
