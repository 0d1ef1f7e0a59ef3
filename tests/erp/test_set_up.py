"""Destinations in a set-up file: checked before anything is written, kept when said again."""

import json

import pytest

from app.actions import setup
from app.errors import SettingsInvalid
from app.sandbox import demo
from tests.conftest import CREDENTIALS, SEAL, RecordingKuper
from tests.erp.town import SECRET, TOKEN

PUSH = {"code": "erp", "way": "http", "settings": {"url": "http://erp.local/in"},
        "secrets": {"signing": [SECRET]}}  # fmt: skip


async def set_up(pool, *destinations):
    whole = demo.description(CREDENTIALS) | {"destinations": list(destinations)}
    async with pool.acquire() as conn:
        what = setup.read(json.dumps(whole).encode())
        await setup.set_up(conn, SEAL, {"kuper": RecordingKuper()}, what)


async def rows(pool):
    return await pool.fetch("SELECT * FROM erp_destination WHERE removed_at IS NULL ORDER BY code")


async def test_destinations_are_written_and_said_again_they_are_the_same(pool):
    fetched = {"code": "domino", "way": "pull", "token": TOKEN, "form": "upd"}
    for _ in range(2):
        await set_up(pool, PUSH, fetched)
    one, other = await rows(pool)
    assert (one["code"], one["kinds"], one["token_hash"] is not None) == ("domino", ["sale"], True)
    assert other["kinds"] == ["correction", "return", "sale"]
    assert json.loads(SEAL.open(other["sealed"])) == {"signing": [SECRET]}
    # A file that says nothing of destinations takes none away.
    await set_up(pool)
    assert len(await rows(pool)) == 2


async def test_the_stand_in_of_the_demo_is_a_destination(pool):
    await set_up(pool, *demo.description(CREDENTIALS)["destinations"])
    (row,) = await rows(pool)
    assert (row["code"], row["way"], row["form"]) == ("demo-erp", "http", "json")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"way": "pigeon"}, "Invalid enum value"), ({"form": "papyrus"}, "no form 'papyrus'"),
     ({"form": "upd", "kinds": ["return"]}, "cannot be said as upd"),
     ({"way": "pull", "settings": {}, "secrets": {}}, "needs a token"),
     ({"token": "short"}, "length >= 24"), ({"code": "a b"}, "regex"),
     ({"secrets": {}}, "'signing' is missing"), ({"settings": {}}, "`url`"),
     ({"kinds": ["gift"]}, "Invalid enum value"), ({"language": "de"}, "Invalid enum value")],
)  # fmt: skip
async def test_a_mistake_is_named_and_nothing_is_written(pool, wrong, said):
    with pytest.raises(SettingsInvalid) as caught:
        await set_up(pool, PUSH | wrong)
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)
    assert await rows(pool) == []


async def test_the_same_code_twice_or_another_merchant_s_is_a_mistake(pool):
    with pytest.raises(SettingsInvalid):
        await set_up(pool, PUSH, PUSH)
    await set_up(pool, PUSH)
    whole = demo.description(CREDENTIALS) | {
        "merchant": "Другая", "destinations": [PUSH], "stores": [], "accounts": [], "pickers": [],
        "operators": [], "clients": [], "products": [], "telegram_people": [],
    }  # fmt: skip
    async with pool.acquire() as conn:
        with pytest.raises(SettingsInvalid):
            await setup.set_up(conn, SEAL, {}, setup.read(json.dumps(whole).encode()))
