"""Letters as a webhook: signed, posted once, and never to an address that was not set."""

import base64
import hashlib
import hmac
import json

import httpx
import pytest

from app.alarm.address import Hook
from app.alarm.webhook import Webhook
from app.errors import RemoteRefused, RemoteUnavailable
from app.signing import key as hook_key
from tests.alarm.letters import ID, a_letter
from tests.marketplaces.far import dead_port, endless, far, hanging, says, silence

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
KEY = hook_key(SECRET)
NOW = 1_772_450_400.7


async def post(url, letter=None, key=KEY, **how):
    async with httpx.AsyncClient(timeout=60) as http:
        way = Webhook(http, Hook(url, key), clock=lambda: NOW, **how)
        return await way.send(letter or a_letter())


def verified(side, n=-1):
    """The body, if the signature is what Standard Webhooks makes of it."""
    headers, body = side.headers(n), side.body(n)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{right}"
    return json.loads(body)


async def test_a_letter_is_posted_with_a_signature_its_receiver_can_check():
    async with far(says(204, b"")) as side:
        said = await post(f"{side.url}/alarm?key=1")
        told = verified(side)
    assert (said, side.path()) == ("HTTP 204", "/alarm?key=1")
    assert side.headers()["webhook-id"] == f"alarm_{ID.hex}"
    assert side.headers()["webhook-timestamp"] == "1772450400"
    assert told["type"] == "alarm.incidents"
    assert told["timestamp"] == "2026-03-02T11:20:00Z"
    assert told["data"]["subject"] == a_letter().subject
    assert told["data"]["began"] == []


def test_the_signature_is_that_of_the_published_example():
    # https://github.com/standard-webhooks/standard-webhooks, the example of its libraries' tests.
    key = hook_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    made = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert made == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_repeat_has_the_same_id():
    async with far(says(200)) as side:
        for _ in range(2):
            await post(side.url)
        assert side.headers(0)["webhook-id"] == side.headers(1)["webhook-id"]
        assert side.body(0) == side.body(1)


async def test_without_a_secret_it_is_not_signed():
    async with far(says(200)) as side:
        await post(side.url, key=b"")
        assert "webhook-signature" not in side.headers()
        assert "webhook-id" in side.headers()


@pytest.mark.parametrize(
    ("speak", "kind", "unsure", "after"),
    [
        (says(500), RemoteUnavailable, True, 0),
        (says(502), RemoteUnavailable, True, 0),
        (says(503, retry_after="120"), RemoteUnavailable, False, 120),
        (says(429, retry_after="99999999999"), RemoteUnavailable, False, 900),
        (says(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"), RemoteUnavailable, False, 0),
        (says(429, retry_after="Wed, 31 Dec 2098 07:28:00 GMT"), RemoteUnavailable, False, 900),
        (says(400), RemoteRefused, None, None),
        (says(404, b"secret-path"), RemoteRefused, None, None),
        (silence, RemoteUnavailable, True, 0),
        (hanging, RemoteUnavailable, True, 0),
    ],
)
async def test_what_comes_back_is_told_as_ours(speak, kind, unsure, after):
    limit = 0.5 if speak is hanging else 60.0
    async with far(speak) as side:
        with pytest.raises(kind) as raised:
            await post(f"{side.url}/secret-path", limit=limit)
    assert getattr(raised.value, "ambiguous", None) is unsure
    assert getattr(raised.value, "after", None) == after
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(status):
    async with far(says(200)) as elsewhere, far(says(status, location=elsewhere.url)) as side:
        with pytest.raises(RemoteRefused, match="another address"):
            await post(side.url)
        assert elsewhere.requests == []


async def test_an_answer_without_an_end_is_not_read():
    async with far(endless) as side:
        assert await post(side.url) == "HTTP 200"


async def test_nobody_listening_is_somebody_away():
    with pytest.raises(RemoteUnavailable) as raised:
        await post(f"http://127.0.0.1:{dead_port()}/secret")
    assert not raised.value.ambiguous
    assert "secret" not in str(raised.value)


async def test_names_hostile_to_json_arrive_as_they_are():
    name = 'a"}\r\n\u2028</script>🔴'
    async with far(says(200)) as side:
        await post(side.url, a_letter(subject=name, text=name))
        assert verified(side)["data"]["text"] == name
