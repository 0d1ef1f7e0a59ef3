"""A hub is set up from one description, and a mistake in it is one line with its place."""

import json

import pytest

from app.actions import setup
from app.db import account_desk
from app.db.shops import ShopBook
from app.domain.quantity import Tolerance
from app.errors import SettingsInvalid
from app.sandbox import demo
from tests.conftest import CREDENTIALS, SEAL, RecordingKuper
from tests.stories import place

ADAPTERS = {"kuper": RecordingKuper()}


def changed(path, value):
    """The demo's description with one value replaced, decoded as a file would be."""
    description = json.loads(json.dumps(demo.description(CREDENTIALS)))
    place = description
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return setup.read(json.dumps(description).encode())


async def test_saying_it_twice_is_saying_it_once(hub):
    async with hub.pools.picking.acquire() as conn:
        before = await conn.fetchval("SELECT count(*) FROM product")
        await setup.set_up(conn, SEAL, ADAPTERS, changed(("merchant",), "Сеть «Пример»"))
        assert await conn.fetchval("SELECT count(*) FROM product") == before
        assert len(await account_desk.overview(conn)) == 1


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("accounts", 0, "adapter"), "amazon", "no adapter 'amazon'"),
        (("accounts", 0, "settings"), {"url": "https://x", "auth": "basic"}, "auth"),
        (("accounts", 0, "settings"), {"url": "https://x", "auth": "bearer"}, "token_url"),
        (("accounts", 0, "settings"), {"url": "https://x", "colour": 1}, "colour"),
        (("accounts", 0, "secrets"), {"inbound_token": "x" * 20}, "outbound_token"),
        (("accounts", 0, "stores"), {"101": "NOWHERE"}, "no store 'NOWHERE'"),
        (("pickers", 0, "store"), "NOWHERE", "no store 'NOWHERE'"),
        (("stores", 0, "timezone"), "Mars/Olympus", "Mars/Olympus"),
        (("accounts", 0, "rules"), {"sum_tolerance": -1}, "sum_tolerance"),
        (("accounts", 0, "rules"), {"sum_tolerance": 10**30}, "sum_tolerance"),
        (("accounts", 0, "rules"), {"delivery_by": "drone"}, "delivery_by"),
        (("accounts", 0, "rules"), {"delivery_vat": "22"}, "delivery_vat"),
        (("accounts", 0, "rules"), {"receipts": True}, "receipts"),
    ],
)
async def test_what_does_not_fit_together_is_named_and_nothing_is_written(hub, path, value, said):
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("DELETE FROM account_store")
        with pytest.raises(SettingsInvalid, match=said):
            await setup.set_up(conn, SEAL, ADAPTERS, changed(path, value))
        assert await conn.fetchval("SELECT count(*) FROM account_store") == 0


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("pickers", 0, "pin"), "1"),
        (("pickers", 0, "badge"), "BADGE-BADGE-1001"),
        (("pickers", 0, "name"), "  "),
        (("accounts", 0, "code"), "sm-demo\n"),
        (("products", 0, "vat"), "twenty"),
        (("merchant",), ""),
        (("accounts", 0, "code"), "../etc"),
        (("stores", 0, "code"), "a\x00b"),
        (("colour",), "green"),
    ],
)
def test_what_is_no_description_is_refused_with_its_place(path, value):
    with pytest.raises(SettingsInvalid, match=r"\$|unknown field"):
        changed(path, value)


def test_a_badge_as_printed_is_the_badge():
    assert changed(("pickers", 0, "badge"), "BADGE-1001").pickers[0].badge == "1001"


def test_secrets_stand_in_no_message():
    with pytest.raises(SettingsInvalid) as refusal:
        setup.read(b'{"merchant": "x", "operators": [{"login": "a", "password": "hunter2"}]}')
    assert "hunter2" not in str(refusal.value)


async def test_a_store_is_found_by_the_marketplaces_number_and_by_our_own_key(api, hub):
    await place(api, hub, "H1", storeID="102")
    await place(api, hub, "H2", storeID=None, storeImportKey="MSK-12")
    async with hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT count(DISTINCT store_id) FROM orders") == 1
        assert await conn.fetchval("SELECT count(*) FROM orders") == 2


async def test_a_store_may_ask_for_registered_handhelds_and_shifts(pool):
    what = changed(("stores", 0, "devices"), "registered")
    what.stores[0].shifts = "required"
    async with pool.acquire() as conn:
        await setup.set_up(conn, SEAL, ADAPTERS, what)
        said = await conn.fetchrow("SELECT devices, shifts FROM store WHERE code = 'MSK-07'")
        bosses = await conn.fetch("SELECT badge FROM picker WHERE role = 'supervisor'")
    assert tuple(said) == ("registered", "required")
    assert {row["badge"] for row in bosses} == {"1009", "1209", "3009"}


async def test_a_store_says_how_far_weights_may_be_off_and_whether_marks_are_checked(pool):
    what = changed(("stores", 0, "tolerances"), {"": {"hard_over": 50}, "fish": {"soft_over": 0}})
    async with pool.acquire() as conn:
        for _ in range(2):
            await setup.set_up(conn, SEAL, ADAPTERS, what)
        id_ = await conn.fetchval("SELECT id FROM store WHERE code = 'MSK-07'")
        shop = await ShopBook().get(conn, id_)
    assert shop.mark_check == "permissive"
    assert shop.tolerance("bread") == Tolerance(hard_over=50)
    assert shop.tolerance("fish") == Tolerance(soft_over=0)


def test_a_warning_beyond_the_refusal_is_a_mistake():
    with pytest.raises(SettingsInvalid, match="soft"):
        changed(("stores", 0, "tolerances"), {"": {"soft_over": 40}})
