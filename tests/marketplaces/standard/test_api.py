"""Calls to a shop, what its answers mean, and what the stand-in shop does not put up with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.contract import KINDS, Message
from app.errors import RemoteRefused, RemoteUnavailable, SettingsInvalid, Unauthorised
from app.identifiers import new_id
from app.marketplaces.standard.api import Api
from app.marketplaces.tools import Tools
from tests.domain.build import uid
from tests.marketplaces import patient
from tests.marketplaces.far import far, says
from tests.marketplaces.meeting import meeting
from tests.marketplaces.standard.party import PARTY
from tests.marketplaces.test_conformance import plug_in

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
BODY = b'{"type":"order.ready","data":{"id":"1"}}'


def an_account(**settings):
    return replace(PARTY.account, settings=settings)


def a_message(*, unsure=False):
    return Message(new_id(), "ready", BODY, unsure, "t")


async def send(answer, message):
    async with far(answer) as shop, patient.client() as http:
        return await Api(Tools(http)).send(an_account(url=shop.url), message)


async def test_any_2xx_is_delivered_and_a_conflict_is_where_it_may_have_been():
    assert (await send(says(202), a_message())).outcome == "delivered"
    assert (await send(says(409), a_message(unsure=True))).outcome == "already_accepted"
    with pytest.raises(RemoteRefused):
        await send(says(409), a_message())


@pytest.mark.parametrize(
    ("status", "error"),
    [(301, RemoteRefused), (400, RemoteRefused), (401, Unauthorised), (410, RemoteRefused),
     (429, RemoteUnavailable), (502, RemoteUnavailable), (504, RemoteUnavailable)],
)  # fmt: skip
async def test_what_heals_is_tried_again_and_nothing_else(status, error):
    with pytest.raises(error):
        await send(says(status, Location="http://127.0.0.1:1/"), a_message())


async def test_it_is_told_when_to_come_again():
    with pytest.raises(RemoteUnavailable) as caught:
        await send(says(503, Retry_After="7"), a_message())
    assert (caught.value.after, caught.value.ambiguous) == (7.0, False)


async def test_a_message_with_an_id_of_another_kind_has_the_time_of_the_try():
    async with far(says(200)) as shop, patient.client() as http:
        api = Api(Tools(http), clock=NOW.timestamp)
        await api.send(an_account(url=shop.url), replace(a_message(), id=uid(1)))
    assert b'"timestamp":"2026-03-02T07:30:00+00:00"' in shop.body()


async def test_a_shop_that_does_not_know_the_new_token_yet_is_shown_the_former_one():
    async with patient.client() as http, far(says(401), says(200, b'{"orders":[]}')) as shop:
        account = an_account(orders_url=f"{shop.url}/list")
        account = replace(account, secrets={**account.secrets, "list_token": ("new", "old")})
        body = await Api(Tools(http)).orders(account, NOW, NOW, None)
        shown = [shop.headers(n)["authorization"] for n in range(2)]
        assert (body, shown) == (b'{"orders":[]}', ["Bearer new", "Bearer old"])
        shop.speaks = [says(403)]
        with pytest.raises(Unauthorised):
            await Api(Tools(http)).orders(account, NOW, NOW, None)


async def test_orders_are_asked_for_with_the_token_and_whatever_the_address_asks():
    async with far(says(200, b'{"orders":[]}')) as shop, patient.client() as http:
        api = Api(Tools(http))
        account = an_account(orders_url=f"{shop.url}/x?key=1")
        await api.orders(account, NOW, NOW + timedelta(hours=1), "a&b")
        assert shop.path().startswith("/x?key=1&changed_from=2026-03-02T07%3A30%3A00%2B00%3A00")
        assert shop.path().endswith("&cursor=a%26b")
        assert shop.headers()["authorization"] == "Bearer list-token-1"
        bare = replace(account, secrets={"signing": account.secrets["signing"]})
        await api.orders(bare, NOW, NOW, None)
        assert "authorization" not in shop.headers()


async def test_a_shop_without_a_list_is_not_one_without_orders():
    async with patient.client() as http:
        with pytest.raises(SettingsInvalid, match="orders_url"):
            await Api(Tools(http)).orders(an_account(), NOW, NOW, None)


async def test_a_connection_is_tried_with_what_there_is():
    async with far(says(200, b'{"orders":[]}')) as shop, patient.client() as http:
        api = Api(Tools(http))
        assert await api.probe(an_account(url=shop.url)) == "it takes what we sign"
        assert b'"type":"ping"' in shop.body()
        assert await api.probe(an_account(orders_url=shop.url)) == "it shows its orders"
        with pytest.raises(RemoteRefused, match="nothing to call"):
            await api.probe(an_account())


def test_a_shop_without_an_address_is_told_nothing():
    market = plug_in("standard")
    assert market.tells(an_account()) == frozenset()
    assert market.tells(an_account(url="http://x", tell=["ready"])) == {"ready"}
    assert market.tells(an_account(url="http://x", tell=list(KINDS))) == set(KINDS)


@pytest.fixture
async def met(pool, hub):
    async with meeting(pool, PARTY) as found:
        yield found


async def test_the_stand_in_takes_no_message_twice_none_that_is_old_and_none_of_a_stranger(met):
    ref = await met.place()
    entry = met.stall.book[ref]
    market = met.hub.marketplaces["standard"]
    account = await met.hub.accounts.by_code("market")
    message = replace(a_message(), kind="in_work", body=BODY.replace(b"ready", b"in_work"))
    message = replace(message, body=message.body.replace(b'"1"', f'"{ref}"'.encode()))
    told = len(entry.told)
    for _ in range(2):
        await market.send(account, message)
    assert len(entry.told) == told + 1
    async with patient.client() as http:
        late = Api(Tools(http), clock=NOW.timestamp)
        with pytest.raises(Unauthorised):
            await late.send(account, message)
        strange = replace(account, secrets=PARTY.account.secrets)
        with pytest.raises(Unauthorised):
            await Api(Tools(http)).send(strange, message)
    assert met.stall.refused == ["an old time stamp", "no signature of ours"]
