"""What a worker remembers of accounts, and for how long."""

import pytest
from cryptography.fernet import Fernet

from app.db import accounts, goods
from app.db.accounts import ABSENT, FRESH, AccountBook
from app.db.sealing import Seal
from app.errors import SettingsInvalid
from tests.conftest import SEAL, TOKEN


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def book(hub, clock):
    return AccountBook(hub.pools.hooks, SEAL, clock)


async def change(hub, sql):
    async with hub.pools.drains.acquire() as conn:
        await conn.execute(sql)


async def test_an_account_is_found_by_its_code_and_by_its_id_with_its_secrets_open(book):
    account = await book.by_code("sm-demo")
    assert await book.by_id(account.id) == account
    assert account.secrets["inbound_token"] == (TOKEN["Client-Token"],)
    assert account.adapter == "kuper"
    assert TOKEN["Client-Token"] not in repr(account)


async def test_a_change_is_seen_after_a_few_seconds(book, hub, clock):
    assert (await book.by_code("sm-demo")).active
    await change(hub, "UPDATE account SET active = false")
    clock.now += FRESH - 0.01
    assert (await book.by_code("sm-demo")).active
    clock.now += 0.02
    assert not (await book.by_code("sm-demo")).active


async def test_a_new_account_is_not_taken_for_missing_for_long(book, hub, clock):
    assert await book.by_code("sm-new") is None
    await change(hub, "UPDATE account SET code = 'sm-new'")
    clock.now += ABSENT + 0.01
    assert (await book.by_code("sm-new")).code == "sm-new"


async def test_a_rotated_token_is_the_newest_and_the_old_one_is_good_until_it_ends(
    book, hub, clock
):
    async with hub.pools.drains.acquire() as conn:
        await conn.execute(
            "INSERT INTO account_credential (account_id, kind, version, sealed)"
            " SELECT id, 'inbound_token', 2, $1 FROM account",
            SEAL.close("new"),
        )
    account = await book.by_code("sm-demo")
    assert account.secrets["inbound_token"] == ("new", TOKEN["Client-Token"])
    await change(hub, "UPDATE account_credential SET valid_until = now() WHERE version = 1")
    clock.now += FRESH + 1
    assert (await book.by_code("sm-demo")).secrets["inbound_token"] == ("new",)


async def test_another_master_key_is_named_and_nothing_is_opened(hub):
    book = AccountBook(hub.pools.hooks, Seal(Fernet.generate_key().decode()))
    with pytest.raises(SettingsInvalid, match="HUB_MASTER_KEY"):
        await book.by_code("sm-demo")


async def test_a_flood_of_invented_names_does_not_stay_in_memory(book, clock):
    for n in range(50):
        await book.by_code(f"x{n}")
    book._known.update({f"y{n}": (0.0, None) for n in range(10_001)})
    await book.by_code("sm-demo")
    assert len(book._known) < 100


async def test_stores_and_goods_are_found_or_simply_not_there(hub):
    async with hub.pools.drains.acquire() as conn:
        account = await hub.accounts.by_code("sm-demo")
        assert (await accounts.store_of(conn, account.id, "101")).code == "MSK-07"
        assert await accounts.store_of(conn, account.id, "999") is None
        store = await accounts.store_of(conn, account.id, "101")
        known = await goods.by_sku(conn, account.merchant_id, store.id, ["200101", "nothing"])
        assert list(known) == ["200101"]
        assert await goods.by_sku(conn, account.merchant_id, store.id, []) == {}
