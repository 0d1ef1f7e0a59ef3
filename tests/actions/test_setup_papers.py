"""Who sells and who buys comes with the set-up; what is wrong is named, what is unsaid stays."""

import pytest

from app.actions import setup
from app.db.documents import party
from app.domain.party import Party
from app.errors import SettingsInvalid
from app.sandbox.requisites import BUYER, SELLER
from tests.actions.test_setup import ADAPTERS, changed
from tests.conftest import SEAL

OTHER = {"legal_name": " ИП Образцов О. О. ", "inn": "500100732259", "phone": "  "}


async def kept(conn):
    """(merchant's, series, first store's, account's) as they are kept."""
    row = await conn.fetchrow(
        "SELECT merchant.requisites, series, store.requisites, account.buyer"
        "  FROM merchant JOIN store ON store.merchant_id = merchant.id"
        "  JOIN account ON account.merchant_id = merchant.id WHERE store.code = 'MSK-07'"
    )
    return tuple(row)


async def test_requisites_are_whole_when_they_are_said_and_stay_when_they_are_not(hub):
    async with hub.pools.picking.acquire() as conn:
        seller, series, shop, buyer = await kept(conn)
        assert (party(seller), party(buyer)) == (Party(**SELLER), Party(**BUYER))
        assert (series, shop["key"]) == ("СМ", "СК-MSK-07")
        said = changed(("requisites",), OTHER)
        said.document_series = "РН2"
        said.stores[0].requisites = said.accounts[0].buyer = type(said.requisites)()
        await setup.set_up(conn, SEAL, ADAPTERS, said)
        only = {"legal_name": "ИП Образцов О. О.", "inn": "500100732259"}
        assert await kept(conn) == (only, "РН2", {}, {})
        unsaid = setup.read(b'{"merchant": "%s"}' % said.merchant.encode())
        await setup.set_up(conn, SEAL, ADAPTERS, unsaid)
        assert await kept(conn) == (only, "РН2", {}, {})


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("requisites",), {"inn": "7700000017"}, "of the merchant: inn '7700000017' has a wrong"),
        (("stores", 0, "requisites"), {"kpp": "1"}, "requisites of store MSK-07: kpp '1' is not 9"),
        (("accounts", 0, "buyer"), {"bank_account": "4" * 20}, "buyer of account sm-demo: bank_a"),
    ],
)
async def test_a_mistake_says_whose_it_is_and_nothing_is_written(hub, path, value, said):
    async with hub.pools.picking.acquire() as conn:
        before = await kept(conn)
        with pytest.raises(SettingsInvalid, match=said):
            await setup.set_up(conn, SEAL, ADAPTERS, changed(path, value))
        assert await kept(conn) == before


async def test_all_mistakes_are_told_at_once(hub):
    what = changed(("requisites",), {"inn": "1", "ogrn": "2"})
    what.stores[1].requisites = type(what.requisites)(bik="3")
    async with hub.pools.picking.acquire() as conn:
        with pytest.raises(SettingsInvalid) as told:
            await setup.set_up(conn, SEAL, ADAPTERS, what)
    assert [row.split(":")[1].split()[0] for row in str(told.value).splitlines()] == [
        "inn", "ogrn", "bik"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("requisites",), {"inn": 7700000016}),
        (("requisites",), {"colour": "green"}),
        (("requisites",), {"legal_name": "a\nb"}),
        (("requisites",), {"legal_name": "a\x00"}),
        (("requisites",), {"address": "я" * 1001}),
        (("requisites",), None),
        (("document_series",), "СМ-1"),
        (("document_series",), "12345678901"),
        (("document_series",), "A\n"),
        (("accounts", 0, "buyer"), {"phone": "я" * 256}),
    ],
)
def test_what_no_paper_could_print_is_refused_with_its_place(path, value):
    with pytest.raises(SettingsInvalid, match=r"\$|unknown field"):
        changed(path, value)
