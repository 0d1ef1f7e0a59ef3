"""УПД through the real press and the store: called by its ИдФайл, refused by what is missing."""

import pytest

from app.actions import files
from app.actions.issue import issue
from app.errors import Unprintable
from tests.render.documents import BUYER, SELLER
from tests.render.upd_checks import read
from tests.stories import deliver_one

FIELDS = ("legal_name", "inn", "kpp", "address", "signer", "signer_post", "contract",
          "contract_date")  # fmt: skip


def said(party):
    """A party as the database keeps it."""
    return {name: getattr(party, name) for name in FIELDS}


async def know(hub, seller, buyer):
    """Who sells and who buys, and nothing of the shop; nobody had said so before."""
    async with hub.pools.picking.acquire() as conn:
        for table, name in (("merchant", "requisites"), ("account", "buyer")):
            await conn.execute(f"UPDATE {table} SET {name} = '{{}}'")
        await conn.execute("DELETE FROM party_version")
        await conn.execute("UPDATE merchant SET requisites = $1", seller)
        await conn.execute("UPDATE account SET buyer = $1", buyer)
        await conn.execute("UPDATE store SET requisites = '{}'")


@pytest.fixture
async def sale(api, hub):
    """The id of a sale."""
    await deliver_one(api, hub, "H1")
    await issue(hub)
    async with hub.pools.picking.acquire() as conn:
        return await conn.fetchval("SELECT id FROM document")


@pytest.mark.parametrize(("form", "function"), [("upd", "СЧФДОП"), ("upd_dop", "ДОП")])
async def test_the_file_is_called_by_what_stands_in_it(hub, sale, form, function):
    await know(hub, said(SELLER), said(BUYER))
    file = await files.document_file(hub, sale, form, "ru")
    root = read(await files.fetch(hub, file.sha256))
    assert file.name == f"{root.get('ИдФайл')}.xml"
    assert root.find("Документ").get("Функция") == function
    assert [each.get("РеквНаимДок") for each in root.iter("ОснПер")] == ["Договор", "Заказ"]
    assert await files.document_file(hub, sale, form, "ru") == file


async def test_without_requisites_there_is_no_file_and_all_is_named(hub, sale):
    await know(hub, {}, {})
    with pytest.raises(Unprintable) as refusal:
        await files.document_file(hub, sale, "upd", "ru")
    assert refusal.value.problem == "requisites"
    assert {"seller.inn", "seller.signer", "buyer.inn", "buyer.address"} <= set(
        refusal.value.missing
    )


async def test_the_demos_own_requisites_are_enough(hub, sale):
    file = await files.document_file(hub, sale, "upd", "ru")
    root = read(await files.fetch(hub, file.sha256))
    assert file.name.startswith("ON_NSCHFDOPPR_2BM-7800000027")
    assert root.findtext(".//ГрузОт/ОнЖе") is None
