"""Master keys: one takes the place of another, and nothing at rest is lost or shown meanwhile."""

import pytest
from cryptography.fernet import Fernet

from app.db import keys
from app.db.accounts import AccountBook
from app.db.keys import PLACES, Resealed
from app.db.sealing import Seal, named_in
from app.errors import SettingsInvalid
from tests.conftest import MASTER_KEY, SEAL, TOKEN

NEW = Fernet.generate_key().decode()
#: As a release before key ids sealed it.
BARE = Fernet(MASTER_KEY).encrypt(b"an old secret")


@pytest.fixture
async def conn(hub):
    async with hub.pools.drains.acquire() as conn:
        yield conn


async def fill(conn):
    """A secret in every place that has some, one of them in the old form."""
    await conn.execute("UPDATE account_credential SET sealed = $1 WHERE kind = 'outbound_token'",
                       BARE)  # fmt: skip
    await conn.execute(
        "INSERT INTO erp_destination (id, merchant_id, code, way, form, kinds, sealed)"
        " SELECT gen_random_uuid(), id, 'x', 'http', 'json', '{sale}', $1 FROM merchant",
        SEAL.close("erp"),
    )
    await conn.execute(
        "INSERT INTO integrator (id, merchant_id, code, url, sealed)"
        " SELECT gen_random_uuid(), id, 'x', 'https://shop.example.com', $1 FROM merchant",
        SEAL.close('["whsec_"]'),
    )
    await conn.execute(
        "INSERT INTO account_token (account_id, name, sealed, kept)"
        " SELECT id, 'n', $1, $2 FROM account",
        SEAL.close("token"), SEAL.close("refresh"),
    )  # fmt: skip


def test_what_is_sealed_names_its_key_and_the_old_form_still_opens():
    seal = Seal(f"{NEW},{MASTER_KEY}")
    assert named_in(seal.close("x")) == seal.ids[0] != seal.ids[1]
    assert (named_in(BARE), seal.open(BARE), seal.key_of(BARE)) == ("", "an old secret",
                                                                    seal.ids[1])  # fmt: skip
    assert seal.open(SEAL.close("by the old key")) == "by the old key"


def test_neither_a_seal_nor_its_ids_show_a_key():
    seal = Seal(f"{NEW},{MASTER_KEY}")
    assert repr(seal) == f"Seal({seal.ids[0]}, {seal.ids[1]})"
    shown = repr(vars(seal)["ids"]) + repr(seal)
    assert not any(key[:6] in shown for key in (NEW, MASTER_KEY))
    assert Seal(NEW).ids == (seal.ids[0],)  # the same in whatever place it stands


@pytest.mark.parametrize(
    "sealed",
    [b"", b".", b"ffffffff.", b"\xff.\xff", BARE[:-1], b"x" + BARE],
    ids=["nothing", "a dot", "no text", "no ASCII", "cut off", "more before"],
)
def test_what_nobody_sealed_is_named_and_never_another_error(sealed):
    with pytest.raises(SettingsInvalid, match="HUB_MASTER_KEY"):
        SEAL.open(sealed)
    assert SEAL.key_of(sealed) is None


async def test_everything_is_sealed_anew_and_the_old_key_can_go(conn, hub):
    await fill(conn)
    both = Seal(f"{NEW},{MASTER_KEY}")
    before = await keys.count(conn, both)
    assert set(before) == set(PLACES)
    assert all(found[both.ids[1]] and not found[both.ids[0]] for found in before.values())
    done = await keys.reseal(conn, both, batch=1)
    assert done == Resealed(sum(found.total() for found in before.values()), 0)
    alone = Seal(NEW)
    after = await keys.count(conn, alone)
    assert all(set(found) == {alone.ids[0]} for found in after.values())
    account = await AccountBook(hub.pools.hooks, alone).by_code("sm-demo")
    assert account.secrets["inbound_token"] == (TOKEN["Client-Token"],)
    assert account.secrets["outbound_token"] == ("an old secret",)


async def test_a_second_time_there_is_nothing_left_to_do(conn):
    both = Seal(f"{NEW},{MASTER_KEY}")
    assert (await keys.reseal(conn, both)).done > 0
    assert await keys.reseal(conn, both) == Resealed(0, 0)


async def test_what_no_key_opens_is_counted_and_left_as_it_is(conn):
    await fill(conn)
    await conn.execute("UPDATE account_token SET kept = $1", Seal(NEW).close("of another hub"))
    found = await keys.count(conn, SEAL)
    assert found["refreshers"] == {keys.NOBODY: 1}
    assert (await keys.reseal(conn, SEAL)).lost == 1
    kept = await conn.fetchval("SELECT kept FROM account_token")
    assert Seal(NEW).open(kept) == "of another hub"


async def test_stopped_half_way_everything_opens_and_it_is_gone_on_with(conn, hub):
    """Both keys are there until all is done, so that a book with both reads either."""
    both = Seal(f"{NEW},{MASTER_KEY}")
    await conn.execute("UPDATE account_credential SET sealed = $1 WHERE kind = 'inbound_token'",
                       both.close("moved"))  # fmt: skip
    account = await AccountBook(hub.pools.hooks, both).by_code("sm-demo")
    assert account.secrets["inbound_token"] == ("moved",)
    assert account.secrets["outbound_token"]
    left = await conn.fetchval("SELECT count(*) FROM account_credential"
                               " WHERE kind <> 'inbound_token'")  # fmt: skip
    assert (await keys.reseal(conn, both)).done == left > 0
