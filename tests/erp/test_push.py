"""Posting to an ERP: signed so that the published receiver believes it, answers taken as meant."""

import base64
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app import signing
from app.domain.destination import Destination, Parcel, Way
from app.domain.document import Kind
from app.erp.push import HttpPush
from app.erp.shapes import check
from app.errors import (
    DestinationAmiss,
    RemoteBusy,
    RemoteRefused,
    RemoteUnavailable,
    SettingsInvalid,
)
from app.sandbox.erp.verify import verify
from tests.erp.town import PATIENT, SECRET
from tests.marketplaces.far import endless, far, hanging, says, silence

ID = UUID("0198c0de-0000-7000-8000-00000000beef")
OTHER = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()


def to(url, *signing_secrets, **secrets):
    return Destination(
        ID, ID, "erp", Way.HTTP, "json", "ru", frozenset({Kind.SALE}), {"url": url},
        secrets={"signing": signing_secrets or (SECRET,), **secrets},
    )  # fmt: skip


def parcel(body=b'[{"id": 1}]', **changes):
    plain = Parcel(
        ID, ID, "sale", "СМ26-000001", date(2026, 3, 2), "x.json", "application/json", body
    )
    return replace(plain, **changes)


async def post(url, what=None, limit=PATIENT, **how):
    async with httpx.AsyncClient(timeout=PATIENT) as http:
        return await HttpPush(http, limit=limit).hand(to(url, **how), what or parcel())


async def test_what_is_posted_is_the_file_and_the_published_library_believes_it():
    async with far(says(201, b'{"number": "A-1"}')) as side:
        receipt = await post(f"{side.url}/in?x=1")
        headers, body = side.headers(), side.body()
    assert (receipt.outcome, receipt.status, receipt.number) == ("sent", 201, "A-1")
    assert Webhook(SECRET).verify(body, headers) == json.loads(body) == [{"id": 1}]
    assert headers["webhook-id"] == f"doc_{ID.hex}"
    assert headers["content-type"] == "application/json"
    assert headers["x-document-number"] == "%D0%A1%D0%9C26-000001"
    assert (headers["x-document-id"], headers["x-document-kind"]) == (str(ID), "sale")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64),
       st.text(max_size=200))  # fmt: skip
def test_the_published_library_makes_the_same_signature(id_, text):
    now = datetime.now(UTC)
    ours = signing.headers(id_, int(now.timestamp()), text.encode(), [signing.key(SECRET)])
    assert ours["webhook-signature"] == Webhook(SECRET).sign(id_, now, text)


def test_the_signature_is_that_of_the_published_example():
    # https://github.com/standard-webhooks/standard-webhooks, the example of its libraries' tests.
    key = signing.key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signing.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [key]
    )
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_while_a_secret_replaces_another_the_receiver_may_know_either():
    async with far(says(200)) as side:
        async with httpx.AsyncClient(timeout=PATIENT) as http:
            await HttpPush(http, limit=PATIENT).hand(to(side.url, OTHER, SECRET), parcel())
        headers, body = side.headers(), side.body()
    for secret in (SECRET, OTHER):
        Webhook(secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(bytes(32)).decode()).verify(body, headers)


def test_the_stand_in_judges_as_the_published_library_does():
    now = datetime.now(UTC)
    good = signing.headers("doc_1", int(now.timestamp()), b"[]", [signing.key(SECRET)])
    old = signing.headers("doc_1", int(now.timestamp()) - 400, b"[]", [signing.key(SECRET)])
    cases = [(good, b"[]"), (good, b"[1]"), (old, b"[]"), ({}, b"[]"),
             (good | {"webhook-id": "doc_2"}, b"[]")]  # fmt: skip
    for headers, body in cases:
        try:
            Webhook(SECRET).verify(body, headers)
            believed = True
        except WebhookVerificationError:
            believed = False
        assert (verify(SECRET, headers, body, now.timestamp()) is None) == believed


@pytest.mark.parametrize(
    ("answer", "number"),
    [(b'{"number": "\xd0\x94\xd0\x9c-7"}', "ДМ-7"), (b'{"number": 7}', "7"), (b"", None),
     (b"taken", None), (b'["number"]', None), (b'{"number": ""}', None), (b"\xff\xfe", None),
     (b'{"number": "' + b"9" * 40_000 + b'"}', None)],
)  # fmt: skip
async def test_the_number_is_read_from_a_json_object_and_from_nothing_else(answer, number):
    async with far(says(200, answer)) as side:
        assert (await post(side.url)).number == number


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_every_2xx_means_that_it_is_taken(status):
    async with far(says(status, b"")) as side:
        assert (await post(side.url)).outcome == "sent"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RemoteRefused), (409, RemoteRefused), (413, RemoteRefused), (422, RemoteRefused),
     (401, DestinationAmiss), (403, DestinationAmiss), (404, DestinationAmiss),
     (410, DestinationAmiss), (302, DestinationAmiss),
     (408, RemoteUnavailable), (500, RemoteUnavailable), (502, RemoteUnavailable),
     (504, RemoteUnavailable), (429, RemoteBusy), (503, RemoteBusy)],
)  # fmt: skip
async def test_other_answers_are_told_apart(status, kind):
    async with far(says(status, b'{"error": "why"}', Retry_After="7")) as side:
        with pytest.raises(kind) as caught:
            await post(side.url)
    assert type(caught.value) is kind
    assert f"HTTP {status}" in str(caught.value)
    if kind is RemoteBusy:
        assert caught.value.after == 7


async def test_a_repeat_that_is_a_conflict_is_there_already():
    async with far(says(409, b'{"number": "A-1"}')) as side:
        receipt = await post(side.url, parcel(repeat=True))
    assert (receipt.outcome, receipt.number) == ("already_there", "A-1")


@pytest.mark.parametrize(("speak", "unsure"), [(silence, True), (hanging, True)])
async def test_no_answer_may_be_a_document_that_arrived(speak, unsure):
    async with far(speak) as side:
        with pytest.raises(RemoteUnavailable) as caught:
            await post(side.url, limit=0.3)
    assert caught.value.ambiguous is unsure


async def test_nobody_there_is_no_document_that_arrived():
    with pytest.raises(RemoteUnavailable) as caught:
        await post("http://127.0.0.1:1")
    assert not caught.value.ambiguous


async def test_of_an_endless_answer_the_beginning_is_enough():
    async with far(endless) as side:
        assert (await post(side.url)).outcome == "sent"


async def test_a_login_is_sent_where_the_erp_asks_for_one():
    async with far(says(200)) as side:
        await post(side.url, authorization=("Basic aHViOnNlY3JldA==",))
        assert side.headers()["authorization"] == "Basic aHViOnNlY3JldA=="


@pytest.mark.parametrize("login", ["Basic aHVi\nX: y", "Basic aHVi\r\n\r\n", "Basic\x00"])
async def test_a_login_that_no_header_can_say_is_no_document_s_fault_and_is_not_told(login):
    async with far(says(200)) as side:
        with pytest.raises(DestinationAmiss) as caught:
            await post(side.url, authorization=(login,))
        assert side.requests == []
    assert "Basic" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "secrets", "said"),
    [({"url": "http://erp.example.com/in"}, {}, "must be https"),
     ({"url": "ftp://erp.local"}, {}, "http(s)"),
     ({"url": "https://u:p@erp.example.com"}, {}, "without a login"),
     ({"url": "https://erp.example.com", "port": 1}, {}, "unknown field"),
     ({}, {}, "missing required field `url`"),
     ({"url": "https://e.example.com"}, {"signing": ()}, "'signing' is missing"),
     ({"url": "https://e.example.com"}, {"signing": ("whsec_c2hvcnQ=",)}, "24 to 64"),
     ({"url": "https://e.example.com"}, {"password": ("x",)}, "no secret 'password'"),
     ({"url": "https://e.example.com"}, {"authorization": ("Basic x ",)}, "without spaces"),
     ({"url": "https://e.example.com", "parallel": 99}, {}, "<= 16")],
)  # fmt: skip
def test_what_is_wrongly_set_up_is_named_and_no_secret_is_shown(settings, secrets, said):
    wrong = Destination(
        ID, ID, "erp", Way.HTTP, "json", "ru", frozenset({Kind.SALE}), settings,
        secrets={"signing": (SECRET,), **secrets},
    )  # fmt: skip
    with pytest.raises(SettingsInvalid) as caught:
        check(wrong)
    assert said in str(caught.value)
    assert "c2hvcnQ" not in str(caught.value)
    assert SECRET not in repr(wrong)
