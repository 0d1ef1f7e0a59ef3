"""The call to СМ, against a scripted far side: tokens, repeats, and what answers mean."""

import asyncio
import json

import pytest

from app.contract import Message
from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable, SettingsInvalid
from app.marketplaces.kuper.api import EARLY, Api
from tests.domain.build import uid
from tests.marketplaces import patient
from tests.marketplaces.accounts import kuper
from tests.marketplaces.far import far, hanging, says, silence

BEARER = {"inbound_token": ("in",), "client_id": ("our-id",), "client_secret": ("our&secret",)}


def message(*, unsure=False):
    return Message(uid(1), "in_work", b'{"event":{}}', unsure, "trace-0001")


def granted(token="t1", expires_in=3600):
    return says(200, json.dumps({"access_token": token, "expires_in": expires_in}).encode())


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def api(clock):
    async with patient.client() as http:
        yield Api(http, clock)


def account(side, path="/v1/notifications", **settings):
    return kuper(url=side.url + path, **settings)


def bearer(side, tokens):
    return kuper(
        secrets=BEARER, url=f"{side.url}/ofm/api/v1/notifications", auth="bearer",
        api_version=None, token_url=f"{tokens.url}/auth/token",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "version"), [("/v3/notifications", None), ("/v1/notifications", "3.0")]
)
async def test_the_older_generations_take_a_token_and_the_second_its_version(api, path, version):
    async with far(says(200)) as side:
        answer = await api.send(account(side, path, api_version=version), message())
        headers = side.headers()
        assert (side.path(), side.body()) == (path, b'{"event":{}}')
    assert (answer.outcome, answer.status) == ("delivered", 200)
    assert headers["client-token"] == "out-token"
    assert headers.get("api-version") == version
    assert headers["x-request-id"] == "trace-0001"
    assert headers["content-type"] == "application/json"
    assert "authorization" not in headers


async def test_the_newest_generation_takes_a_bearer_that_is_asked_for_once(api):
    async with far(says(200)) as side, far(granted()) as tokens:
        for _ in range(3):
            await api.send(bearer(side, tokens), message())
        assert side.headers()["authorization"] == "Bearer t1"
        assert "client-token" not in side.headers()
        assert tokens.path() == "/auth/token"
        assert tokens.body() == (
            b"grant_type=client_credentials&client_id=our-id&client_secret=our%26secret"
        )
        assert len(tokens.requests) == 1


async def test_a_bearer_is_renewed_before_it_ends(api, clock):
    async with far(says(200)) as side, far(granted("t1", 3600), granted("t2", 3600)) as tokens:
        to = bearer(side, tokens)
        await api.send(to, message())
        clock.now += 3600 - EARLY - 1
        await api.send(to, message())
        assert len(tokens.requests) == 1
        clock.now += 2
        await api.send(to, message())
        assert side.headers()["authorization"] == "Bearer t2"


async def test_a_bearer_that_is_refused_is_renewed_once(api):
    async with far(says(401), says(200)) as side, far(granted("t1"), granted("t2")) as tokens:
        await api.send(bearer(side, tokens), message())
        assert [side.headers(n)["authorization"] for n in (0, 1)] == ["Bearer t1", "Bearer t2"]


async def test_a_second_refusal_of_a_bearer_is_final(api):
    async with far(says(401)) as side, far(granted()) as tokens:
        with pytest.raises(RemoteRefused, match="401"):
            await api.send(bearer(side, tokens), message())
        assert (len(side.requests), len(tokens.requests)) == (2, 2)


async def test_a_static_token_that_is_refused_is_not_shown_twice(api):
    async with far(says(401)) as side:
        with pytest.raises(RemoteRefused, match="401"):
            await api.send(account(side), message())
        assert len(side.requests) == 1


async def test_a_new_client_secret_does_not_go_on_with_the_old_token(api):
    async with far(says(200)) as side, far(granted("t1"), granted("t2")) as tokens:
        await api.send(bearer(side, tokens), message())
        rotated = kuper(secrets=BEARER | {"client_secret": ("new", "our&secret")},
                        **bearer(side, tokens).settings)  # fmt: skip
        await api.send(rotated, message())
        assert side.headers()["authorization"] == "Bearer t2"


@pytest.mark.parametrize(
    "speak",
    [silence, says(500), says(429, Retry_After="9"), says(200, b"<html>"),
     says(200, b"{}"),
     says(200, b'{"access_token":5}'), says(200, b'{"access_token":""}'),
     says(200, b'{"access_token":"a\\nb"}'), says(200, '{"access_token":"токен"}'.encode())],
)  # fmt: skip
async def test_without_a_token_nothing_was_sent_so_nothing_is_unsure(api, speak):
    async with far(says(200)) as side, far(speak) as tokens:
        with pytest.raises(RemoteUnavailable) as caught:
            await api.send(bearer(side, tokens), message())
        assert not caught.value.ambiguous
        assert side.requests == []


async def test_a_token_that_never_comes_is_not_waited_for_and_nothing_is_unsure(clock):
    async with (
        far(says(200)) as side,
        far(hanging) as tokens,
        patient.client(patient.SHORT) as http,
    ):
        with pytest.raises(RemoteUnavailable) as caught:
            await Api(http, clock).send(bearer(side, tokens), message())
        assert not caught.value.ambiguous
        assert side.requests == []


async def test_a_token_may_come_with_its_life_as_text_or_without_it(api, clock):
    odd = says(200, b'{"access_token":"t1","expires_in":"3600","token_type":"Bearer"}')
    async with far(says(200)) as side, far(odd) as tokens:
        await api.send(bearer(side, tokens), message())
        await api.send(bearer(side, tokens), message())
        assert len(tokens.requests) == 1


async def test_wrong_client_credentials_are_final(api):
    async with far(says(200)) as side, far(says(401)) as tokens:
        with pytest.raises(RemoteRefused, match="401"):
            await api.send(bearer(side, tokens), message())


@pytest.mark.parametrize(
    ("status", "unsure", "outcome"),
    [(200, False, "delivered"), (202, False, "already_accepted"), (202, True, "already_accepted"),
     (422, True, "already_accepted")],
)  # fmt: skip
async def test_a_repeat_of_what_was_accepted_counts_as_delivered(api, status, unsure, outcome):
    async with far(says(status)) as side:
        answer = await api.send(account(side), message(unsure=unsure))
    assert (answer.outcome, answer.status) == (outcome, status)


@pytest.mark.parametrize(
    ("status", "unsure"),
    [(422, False), (405, False), (405, True), (400, True), (404, False), (301, False)],
)
async def test_any_other_no_is_final(api, status, unsure):
    async with far(says(status, b'{"errors":[]}')) as side:
        with pytest.raises(RemoteRefused, match=str(status)):
            await api.send(account(side), message(unsure=unsure))
        assert len(side.requests) == 1


@pytest.mark.parametrize(
    ("status", "raised"),
    [(429, RemoteBusy), (503, RemoteUnavailable), (500, RemoteUnavailable)],
)
async def test_busy_is_told_with_the_time_it_asks_for(api, status, raised):
    """Also when it is the token that nobody gives."""
    async with far(says(status, Retry_After="35")) as side:
        for asked in (account(side), bearer(side, side)):
            with pytest.raises(raised) as caught:
                await api.send(asked, message())
            assert (type(caught.value), caught.value.after) == (raised, 35.0)


async def test_accounts_never_share_a_token(api):
    async with far(says(200)) as side, far(granted("t1"), granted("t2")) as tokens:
        first = bearer(side, tokens)
        second = kuper(secrets=BEARER, **first.settings)
        object.__setattr__(second, "id", uid(77))
        await asyncio.gather(api.send(first, message()))
        await api.send(second, message())
        assert side.headers()["authorization"] == "Bearer t2"


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [({"auth": "password"}, None), ({"colour": "red"}, None), ({"url": 5}, None),
     ({"auth": "bearer"}, None), ({}, {"inbound_token": ("x",)}),
     ({"auth": "bearer", "token_url": "http://127.0.0.1/"}, {"client_id": ("x",)})],
)  # fmt: skip
async def test_settings_that_cannot_work_are_named_and_final(api, settings, secrets):
    with pytest.raises(SettingsInvalid, match="sm-test"):
        await api.send(kuper(secrets=secrets, **settings), message())


async def test_a_bearer_account_without_a_token_url_is_final(api):
    with pytest.raises(RemoteRefused, match="token_url"):
        await api.send(kuper(secrets=BEARER, auth="bearer"), message())
