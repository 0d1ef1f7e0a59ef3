"""What follows a sale and cannot be a document goes on once mended, and stops nothing else."""

import uuid

import pytest

from app.actions.issue import issue
from app.domain.after_sale_events import Wish
from app.domain.document import Kind
from tests.actions.after_sale import balanced, change, give_back, read
from tests.stories import deliver_one

#: So much that no total can hold it.
TOO_MUCH = 9_000_000_000_000_000_000


@pytest.fixture
async def conn(hub):
    async with hub.pools.picking.acquire() as connection:
        yield connection


async def test_a_change_that_cannot_be_right_stops_no_other_and_goes_on_once_mended(api, hub, conn):
    ids = [await deliver_one(api, hub, f"H{n}") for n in range(3)]
    await issue(hub)
    for order_id in ids:
        await give_back(hub, order_id, "300901", 1)
        await change(hub, "return", order_id, Wish("200101", grams=100))
    (spoilt, right) = await conn.fetchrow(
        "SELECT change_id, total FROM sale_change_line JOIN sale_change ON id = change_id"
        " WHERE order_id = $1 ORDER BY seq LIMIT 1", ids[1],
    )  # fmt: skip
    total = "UPDATE sale_change_line SET total = $2 WHERE change_id = $1"
    await conn.execute(total, spoilt, TOO_MUCH)
    assert await issue(hub) == 4
    waits = await conn.fetch(
        "SELECT id, broken FROM sale_change WHERE document_id IS NULL ORDER BY seq"
    )
    assert [row["broken"] for row in waits] == ["NumericValueOutOfRangeError", None]
    assert waits[0]["id"] == spoilt
    await conn.execute(total, spoilt, right)
    assert await issue(hub) == 2
    for order_id in ids:
        issued = await balanced(hub, order_id)
        assert [each.kind for each in issued] == [Kind.SALE, Kind.RETURN, Kind.RETURN]
    serials = await conn.fetch("SELECT serial FROM document WHERE kind = 'return' ORDER BY serial")
    assert [row["serial"] for row in serials] == [1, 2, 3, 4, 5, 6]
    assert await conn.fetchval("SELECT count(broken) FROM sale_change") == 0


async def test_a_receipt_that_cannot_be_right_stops_no_other(api, hub, conn):
    await conn.execute("""UPDATE account SET rules = rules || '{"receipts": "merchant"}'""")
    ids = [await deliver_one(api, hub, f"H{n}") for n in range(3)]
    line = "UPDATE order_line SET mark_uses = $2 WHERE order_id = $1"
    await conn.execute("UPDATE order_line SET marks = '{m}'")
    await conn.execute(line, ids[1], [{"code": "m", "part": "much"}])
    assert await issue(hub) == 3 + 2 + 2
    assert [each.kind for each in await read(hub, ids[1])] == [Kind.SALE]
    await conn.execute(line, ids[1], [{"code": "m", "part": 1000}])
    assert await issue(hub) == 2


async def test_changes_are_documents_in_the_order_in_which_they_were_said_by_whatever_clocks(
    api, hub, conn
):
    """Two machines' clocks differ: the id of the later change may be the smaller one."""
    order_id = await deliver_one(api, hub, "H1")
    await give_back(hub, order_id, "300901", 1)
    await give_back(hub, order_id, "300901", 2)
    early = uuid.UUID(int=1)
    async with conn.transaction():
        await conn.execute(
            "ALTER TABLE sale_change_line DROP CONSTRAINT sale_change_line_change_id_fkey"
        )
        await conn.execute(
            "WITH last AS (UPDATE sale_change SET id = $1"
            " WHERE seq = (SELECT max(seq) FROM sale_change) RETURNING 1)"
            " UPDATE sale_change_line SET change_id = $1"
            " WHERE change_id = (SELECT id FROM sale_change ORDER BY seq DESC LIMIT 1)", early,
        )  # fmt: skip
    await issue(hub)
    _, first, second = await balanced(hub, order_id)
    assert [each.lines[0].pieces for each in (first, second)] == [-1, -2]
