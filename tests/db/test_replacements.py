"""Search and questions over real tables: found by words, by an index, and only while they wait."""

import uuid
from datetime import UTC, datetime

import pytest

from app.actions.substitutes import words_of
from app.db import goods, replacements

NAMES = {
    "1": "Молоко «Простое» 3,2%, 930 мл",
    "2": "МОЛОКО топлёное 4% 0,5л",
    "3": "Сгущёнка (молоко с сахаром), 380г",
    "4": "Сыр-косичка копчёный",
    "5": "Coca-Cola Zero 0.5",
    "6": "Молоко снятое с продажи",
}


@pytest.fixture
async def chain(pool):
    """A merchant with a store and a few goods; one of them is not sold any more."""
    merchant, store = uuid.uuid4(), uuid.uuid4()
    async with pool.acquire() as conn:
        await conn.execute(
            "INSERT INTO merchant (id, name, series) VALUES ($1, 'Сеть', 'С')", merchant
        )
        await conn.execute(
            "INSERT INTO store (id, merchant_id, code, name, timezone)"
            " VALUES ($1, $2, 's', 'Магазин', 'Europe/Moscow')",
            store, merchant,
        )  # fmt: skip
        await conn.executemany(
            "INSERT INTO product (merchant_id, sku, name, category, active, vat)"
            " VALUES ($1, $2, $3, CASE WHEN $2 = '3' THEN 'tins' ELSE 'milk' END, $2 <> '6',"
            " 'reduced')",
            [(merchant, sku, name) for sku, name in NAMES.items()],
        )
        await conn.execute(
            "INSERT INTO store_product (store_id, sku, available) VALUES ($1, '1', false)", store
        )
        yield conn, (merchant, store)


@pytest.mark.parametrize(
    ("q", "skus"),
    [
        ("молоко", ["2", "3", "1"]),  # what is there first, then its own shelf
        ("МОЛО", ["2", "3", "1"]),
        ("топленое", ["2"]),
        ("топлЁн мол", ["2"]),
        ("3,2%", ["1"]),
        ("косич", ["4"]),
        ("cola zero", ["5"]),
        ("молоко сыр", []),
        ("'; DROP TABLE product; --", []),
        ("\\", []),
        ("…", []),
    ],
)
async def test_goods_are_found_by_the_beginnings_of_their_words(chain, q, skus):
    conn, home = chain
    assert await replacements.search(conn, home, words_of(q), "milk", 20) == skus
    assert len(await replacements.search(conn, home, words_of(q), "milk", 1)) <= 1


async def test_another_chain_s_goods_are_not_found(chain):
    conn, (_, store) = chain
    assert await replacements.search(conn, (uuid.uuid4(), store), ["молоко"], "", 20) == []


async def test_a_search_reads_its_index_and_not_the_catalogue(chain):
    conn, (merchant, store) = chain
    await conn.execute(
        "INSERT INTO product (merchant_id, sku, name, vat)"
        " SELECT $1, 'n' || n, 'Товар номер ' || n, 'reduced' FROM generate_series(1, 20000) AS n",
        merchant,
    )
    await conn.execute("ANALYZE product")
    plan = await conn.fetch(
        "EXPLAIN " + replacements._SQL["search"], merchant, store, "'топлен':*", "", 20
    )
    assert "product_words_idx" in "\n".join(row[0] for row in plan)


async def test_questions_are_found_by_their_time_and_not_by_the_number_of_orders(chain):
    conn, _ = chain
    assert await replacements.due(conn, datetime.now(UTC), 10) == []
    plan = await conn.fetch("EXPLAIN " + replacements._SQL["due"], datetime.now(UTC), 10)
    assert "order_line_decide_idx" in "\n".join(row[0] for row in plan)


async def test_goods_that_were_retired_or_are_not_in_the_shop_are_known_as_such(chain):
    conn, home = chain
    known = await goods.by_sku(conn, *home, ["1", "2", "6"])
    said = {sku: (product.active, product.available) for sku, product in known.items()}
    assert said == {"1": (True, False), "2": (True, True), "6": (False, True)}
