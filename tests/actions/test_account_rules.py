"""How long a marketplace waits: what it publishes, unless somebody says otherwise."""

from dataclasses import replace

import pytest

from app.actions import accounts as acting
from app.actions import setup
from app.actions.account_story import story
from app.actions.accounts import NewAccount
from app.contract import Capabilities
from tests.actions.test_accounts import SECRETS, SETTINGS
from tests.conftest import DEMO, SEAL, RecordingKuper


class Hasty(RecordingKuper):
    """Takes an order away after three minutes and fifty seconds."""

    profile = replace(
        RecordingKuper.profile, capabilities=Capabilities(accept_within=230, answer_within=3)
    )


@pytest.fixture
async def conn(hub):
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        yield conn


async def rules_of(conn, hub, code):
    return (await story(conn, SEAL, hub.marketplaces, code)).rules


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, {"answer_seconds": 3, "accept_minutes": 3}),
        ({"accept_minutes": 2}, {"answer_seconds": 3, "accept_minutes": 2}),
        ({"answer_seconds": 9, "over_percent": 5},
         {"answer_seconds": 9, "accept_minutes": 3, "over_percent": 5}),
    ],
)  # fmt: skip
async def test_an_account_goes_by_what_its_marketplace_publishes_unless_told(hub, conn, said, kept):
    markets = {"kuper": Hasty()}
    new = NewAccount("kuper", "sm-2", SETTINGS, said, SECRETS)
    await acting.create(conn, SEAL, markets, new, "duty")
    assert await rules_of(conn, hub, "sm-2") == kept
    await acting.change(conn, SEAL, markets, "sm-2", who="duty", rules=said)
    assert await rules_of(conn, hub, "sm-2") == kept


async def test_a_description_of_a_merchant_does_the_same(hub, conn):
    await setup.set_up(conn, SEAL, {"kuper": Hasty()}, DEMO)
    rules = await rules_of(conn, hub, "sm-demo")
    assert (rules["answer_seconds"], rules["accept_minutes"]) == (3, 3)


async def test_one_that_takes_no_order_away_sets_no_time_for_it(hub, conn):
    assert "accept_minutes" not in await rules_of(conn, hub, "sm-demo")
