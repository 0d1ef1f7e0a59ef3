"""A token endpoint that gives, refuses, or repeats our secrets."""

import pytest

from app.errors import RemoteBusy, RemoteUnavailable, Unauthorised
from app.marketplaces import oauth
from tests.marketplaces import patient
from tests.marketplaces.far import far, says

FORM = {"grant_type": "refresh_token", "client_secret": "canary-secret"}


async def asked(status, text="{}"):
    async with far(says(status, text.encode())) as side, patient.client() as http:
        return await oauth.ask(http, f"{side.url}/token", FORM)


async def test_a_token_comes_with_what_gets_the_next_one():
    answer = '{"access_token":"a","expires_in":3600,"refresh_token":"r2"}'
    token = await asked(200, answer)
    assert (token.value, token.seconds, token.kept) == ("a", 3540.0, "r2")


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_credentials_that_are_not_taken_are_no_fault_of_a_message(status):
    with pytest.raises(Unauthorised) as caught:
        await asked(status, "canary-secret is wrong")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_endpoint_in_trouble_is_asked_again_and_not_quoted(status):
    with pytest.raises(RemoteUnavailable) as caught:
        await asked(status, "canary-secret makes me fail")
    assert caught.value.ambiguous is False
    assert "canary" not in str(caught.value)


async def test_an_endpoint_that_asks_for_patience_has_not_failed():
    with pytest.raises(RemoteBusy):
        await asked(429)


@pytest.mark.parametrize("text", ["", "{}", '{"access_token":"a b"}', "<html>", "[]"])
async def test_an_answer_without_a_token_is_tried_again(text):
    with pytest.raises(RemoteUnavailable):
        await asked(200, text)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("", 240.0), (',"expires_in":null', 240.0), (',"expires_in":0', 240.0),
     (',"expires_in":-5', 240.0), (',"expires_in":"nan"', 240.0), (',"expires_in":40', 20.0),
     (',"expires_in":"3600"', 3540.0), (',"expires_in":1e300', oauth.LONGEST - oauth.EARLY)],
)  # fmt: skip
async def test_a_token_is_good_for_a_time_that_can_be_kept(said, seconds):
    token = await asked(200, f'{{"access_token":"a"{said}}}')
    assert token.seconds == seconds
