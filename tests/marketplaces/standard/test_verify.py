"""Signatures of Standard Webhooks: the published vectors, and what must not pass for one."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.contract import Call
from app.errors import Forged
from app.marketplaces.standard.verify import MOST, key_of, prove
from tests.marketplaces.standard.party import NEW, NOT_IT, OLD, signed

#: libraries/go/webhook_symmetric_test.go and webhook_asymmetric_test.go of the specification's own
#: repository; the public key is the one of the private key there.
AT = datetime.fromtimestamp(1614265330, UTC)
ID, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
SHARED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
SEED = "VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="
PUBLIC = "whpk_ZlN4eg7dSSqi0moX9hQUk3orrOouK3QVQSlJa248c/g="
ASYMMETRIC = (
    "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="
)


def call(signature, body=BODY, id_=ID, moment="1614265330"):
    headers = {"webhook-id": id_, "webhook-timestamp": moment, "webhook-signature": signature}
    return Call(headers, body)


def test_the_published_vectors_are_taken():
    prove(call(SHARED), [OLD], AT)
    prove(call(ASYMMETRIC), [PUBLIC], AT)


def test_the_public_key_is_that_of_the_published_private_one():
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(SEED))
    assert base64.b64encode(private.public_key().public_bytes_raw()).decode() == PUBLIC[5:]


@pytest.mark.parametrize(
    "listed",
    [
        f"{NOT_IT} {SHARED}",
        f"{SHARED} {NOT_IT}",
        f"v2,abc {NOT_IT} {ASYMMETRIC}",
        f"v1a,{SHARED[3:]} {SHARED}",
        f"  {SHARED}",
    ],
)
def test_one_right_signature_of_a_list_is_enough(listed):
    prove(call(listed), [NEW, OLD, PUBLIC], AT)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        SHARED[:-4],
        SHARED[3:],
        SHARED.replace("v1", "v2"),
        SHARED.replace("v1", "v1a"),
        ASYMMETRIC.replace("v1a", "v1"),
        ASYMMETRIC[:-8] + "AAAAAA==",
        "v1a,",
        f"{SHARED},{SHARED}",
        SHARED.replace(",", ";"),
        " ".join([NOT_IT] * MOST + [SHARED]),
    ],
)
def test_what_is_almost_a_signature_is_none(wrong):
    with pytest.raises(Forged, match="signature"):
        prove(call(wrong), [OLD, PUBLIC], AT)


@pytest.mark.parametrize(
    "changed",
    [
        call(SHARED, body=BODY + b" "),
        call(SHARED, id_=f"{ID}1"),
        call(SHARED, id_=""),
        call(SHARED, moment="1614265331"),
        call(SHARED, moment="01614265330"),
        call(SHARED, moment=""),
    ],
)
def test_id_time_and_body_are_all_signed(changed):
    with pytest.raises(Forged):
        prove(changed, [OLD], AT)


@pytest.mark.parametrize(("seconds", "word"), [(301, "stale"), (-301, "future")])
def test_a_signature_is_good_for_five_minutes_either_way(seconds, word):
    prove(call(SHARED), [OLD], AT + timedelta(seconds=seconds - 1 if seconds > 0 else seconds + 1))
    with pytest.raises(Forged, match=word):
        prove(call(SHARED), [OLD], AT + timedelta(seconds=seconds))


def test_a_time_that_is_signed_but_no_number_is_refused():
    given = signed(BODY, AT)
    text = given["webhook-timestamp"]
    with pytest.raises(Forged):
        prove(replace(call(""), headers={**given, "webhook-timestamp": f"{text}.0"}), [OLD], AT)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_AAAA", "whpk_AAAA", "whsk_" + SEED, "whsec_!" + "A" * 40, "я"]
)
def test_what_is_no_key_proves_nothing(secret):
    assert key_of(secret) is None
    with pytest.raises(Forged):
        prove(call(SHARED), [secret], AT)


def test_a_shared_secret_is_no_public_key_and_the_other_way_round():
    raw = base64.b64decode(PUBLIC[5:])
    as_shared = f"whsec_{base64.b64encode(raw).decode()}"
    given = signed(BODY, AT, secret=as_shared)
    with pytest.raises(Forged):  # who knows the public key cannot sign with it
        prove(Call(given, BODY), [PUBLIC], AT)
